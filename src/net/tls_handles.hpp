#pragma once

#include <string>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/owned.hpp"

namespace net {

/// What the two sides of TLS share, for this module's own source files.
using tls_context_handle = base::owned<SSL_CTX, SSL_CTX_free>;
using tls_session_handle = base::owned<SSL, SSL_free>;

/// The last of the errors in the thread's queue, which is empty after this.
inline std::string openssl_text() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return reason ? reason : "unknown reason";
}

}  // namespace net
