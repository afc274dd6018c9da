#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace http {

inline constexpr std::size_t longest_url = 2048;

/// An absolute http or https URL (RFC 3986) as a client needs it.
struct url {
    bool secure = true;  ///< https
    std::string host;    ///< a name or an IP literal; lower case, without brackets
    std::uint16_t port = 443;
    std::string target;  ///< path and query, as written; at least "/"

    /// "host" or "host:port" as in a Host field: the port only when it is not the scheme's, IPv6 in
    /// brackets.
    std::string authority() const;
};

/// Refused: other schemes, user information, fragments, anything but printable ASCII, hosts that
/// are neither IP literals nor names of letters, digits, '-' and '.'.
base::result<url> parse_url(std::string_view text);

}  // namespace http
