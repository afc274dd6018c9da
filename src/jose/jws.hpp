#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "jose/algorithm.hpp"
#include "jose/jwk.hpp"

namespace jose {

inline constexpr std::size_t most_token_bytes = 16 * 1024;  ///< of a JWS in compact form
inline constexpr std::size_t most_header_bytes = 4 * 1024;  ///< of its header, decoded

/// A JWS in compact form (RFC 7515 §7.1), taken apart. Nothing in it may be believed before
/// `verify`.
struct jws {
    algorithm alg = algorithm::rs256;
    std::optional<std::string> kid;
    std::string signing_input;
    std::string payload;
    std::string signature;
};

/// Errors: too long; not three parts; not base64url without padding; a header that is no JSON
/// object, has a member twice, names no algorithm of ours, or has `crit` or `b64` (no extension is
/// understood here, and one that must be understood is to be refused, RFC 7515 §4.1.11). Keys and
/// addresses of keys in the header (`jwk`, `x5c`, `jku`, `x5u`) are never looked at. No message
/// quotes the text.
base::result<jws> parse_jws(std::string_view text);

/// error_kind::not_found when the set has no key for it (fetching the set again may help);
/// error_kind::denied when the signature is not that key's.
base::result<void> verify(const jws& signed_text, const jwk_set& keys);

}  // namespace jose
