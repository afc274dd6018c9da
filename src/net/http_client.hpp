#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "http/url.hpp"

namespace net {

struct client_options {
    std::string ca_file;             ///< PEM; trusted alone. Empty: what the system trusts
    base::milliseconds time{5'000};  ///< for everything: name look-up to the last byte
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 1024 * 1024;
    /// Asked a few times a second while waiting; true ends the exchange.
    std::function<bool()> cancelled;
};

struct client_answer {
    unsigned status = 0;
    std::string body;
};

/// One GET on a connection of its own. Blocks: for threads that may wait.
///
/// TLS 1.2 or later; the certificate and the host's name (or address) are always verified. Plain
/// http goes to loopback addresses only. Redirects are errors, proxies are not used, and an answer
/// that is cut short is an error, also in TLS without a closing alert. `bearer` is sent as
/// `Authorization: Bearer …` when it is not null.
///
/// Errors: error_kind::invalid for what cannot work (a plain URL to another host, a file of
/// authorities that is none, a bearer that is no header's value, a redirect);
/// error_kind::exhausted for an answer beyond a limit; error_kind::unavailable for the rest.
/// Messages name the host, never the bearer.
base::result<client_answer> get(const http::url& from, const base::secret* bearer,
                                const client_options& options, const base::clock& clock);

}  // namespace net
