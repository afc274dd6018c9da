#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace jose {

inline constexpr std::size_t most_audiences = 32;

/// The claims of a JWT (RFC 7519 §4.1).
struct claims {
    std::optional<std::string> issuer;       ///< iss
    std::optional<std::string> subject;      ///< sub
    std::optional<std::string> id;           ///< jti
    std::vector<std::string> audience;       ///< aud, a text or a list of them; empty when absent
    std::optional<base::wall_time> expires;  ///< exp
    std::optional<base::wall_time> not_before;  ///< nbf
    std::optional<base::wall_time> issued;      ///< iat
    boost::json::object all;                    ///< these and any others
};

/// Errors: no JSON object; a member twice; a registered claim of the wrong type; a time before 1970
/// or after 9999.
base::result<claims> read_claims(std::string_view payload);

struct time_rules {
    base::seconds expiry_leeway{0};  ///< accepted for so long after `exp`
    base::seconds start_leeway{0};   ///< `nbf` and `iat` may lie so far ahead: clocks differ
};

/// `exp` must be there and ahead; `nbf` and `iat` must have passed when they are there.
/// error_kind::expired for the first, else error_kind::denied; all that is wrong is named.
base::result<void> check_times(const claims& claimed, base::wall_time now, const time_rules& rules);

/// `iss` must be that issuer, byte for byte, and `aud` must name one of the audiences. A token
/// without audience is for nobody.
base::result<void> check_parties(const claims& claimed, std::string_view issuer,
                                 std::span<const std::string> audiences);

}  // namespace jose
