#include "crypto/openssl_check.hpp"

#include <cstdio>
#include <exception>

#include <openssl/err.h>

namespace crypto {

void openssl_failed(const char* call) noexcept {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    std::fprintf(stderr, "OpenSSL: %s failed: %s\n", call, reason ? reason : "unknown reason");
    std::terminate();
}

}  // namespace crypto
