#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace profile {

/// What goes wrong on purpose, for people who test their own software.
enum class fault_kind {
    delay,              ///< the right answer, `delay` later
    drop,               ///< no answer; the connection stays open
    reset,              ///< the connection is reset
    status,             ///< `status` instead of the answer
    unavailable,        ///< 503, with `retry_after` when that is set
    unauthorized_once,  ///< 401 for one request
    truncate,           ///< the connection ends after `bytes` of the body
    truncate_document,  ///< a whole answer whose body is the first `bytes` of the right one
    empty,              ///< the right answer's status, an empty body
    html,               ///< a page of HTML with status 200
    expired_document,   ///< credentials whose Expiration is `age` ago
    expiring_document,  ///< credentials whose Expiration is `age` ahead
    no_ttl_header,      ///< the token answer without its TTL header
    extra_newline,      ///< the right body and a newline
};
std::string_view to_string(fault_kind kind);
std::vector<std::string_view> fault_kind_names();
std::optional<fault_kind> fault_kind_of(std::string_view name);

struct fault {
    fault_kind kind = fault_kind::delay;
    std::string path = "**";      ///< glob: `*` and `?` stay within a segment, `**` does not
    std::string method;           ///< empty: any
    base::milliseconds delay{0};  ///< before the answer, whatever the kind is
    unsigned status = 0;
    std::optional<base::seconds> retry_after;
    std::optional<std::size_t> bytes;  ///< none: half the body
    base::seconds age{60};
    std::optional<std::uint32_t> count;  ///< how many times; none: always
    double probability = 1;

    bool operator==(const fault&) const = default;
};

/// More requests than this are answered with 503, or late.
struct throttle {
    std::uint32_t requests_per_second = 0;
    std::uint32_t burst = 0;
    bool late = false;  ///< the surplus waits for its turn instead

    bool operator==(const throttle&) const = default;
};

inline constexpr base::seconds longest_fault_delay{300};
inline constexpr std::size_t most_faults = 100;

/// True when the glob fits all of the path.
bool path_matches(std::string_view glob, std::string_view path);

/// "drop on GET /latest/meta-data/**, 3 times": for the log and for status.
std::string describe(const fault& what);
std::string describe(const throttle& what);

}  // namespace profile
