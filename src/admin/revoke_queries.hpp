#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace admin {

/// Whose temporary credentials are to end before their time, or which access key.
struct revoke_request {
    enum class target {
        role,     ///< `subject`: its ARN; all sessions of it that were issued until `before`
        user,     ///< likewise, with the sessions that it made for itself and for others
        root,     ///< an account, or the ARN of its root
        session,  ///< the id that audit records show, 32 hexadecimal digits
        key,      ///< an access key id: ASIA… ends its session, AKIA… makes the key inactive
    };
    target what = target::role;
    std::string subject;
    std::optional<base::wall_time> before;  ///< role, user, root; none: now
    std::string reason;                     ///< for the record; may be empty
    bool operator==(const revoke_request&) const = default;
};
/// "role"
std::string_view to_string(revoke_request::target what);
std::optional<revoke_request::target> parse_revoke_target(std::string_view text);

/// "of=role&subject=arn%3A…&before=2026-11-28T09:00:00Z&reason=leaked". Unknown, missing, repeated
/// and malformed fields are errors that say which.
base::result<revoke_request> parse_revoke_query(std::string_view raw);
/// The inverse, for clients.
std::string format_revoke_query(const revoke_request& request);

}  // namespace admin
