#pragma once

#include <string_view>

namespace net {

/// What a TLS handshake agreed on, by OpenSSL's names ("TLSv1.3", "TLS_AES_128_GCM_SHA256"), which
/// live as long as the program.
struct tls_details {
    std::string_view version;
    std::string_view cipher;
};

}  // namespace net
