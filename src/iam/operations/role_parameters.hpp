#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "iam/operation.hpp"
#include "sts/query/constraints.hpp"

namespace iam {

/// RoleName of operations that have nothing else to check.
base::result<std::string> read_role_name(operation_call& call);

/// Up to 1000 characters, none of them a control.
void check_role_description(sts::constraints& c, const std::optional<std::string>& value);
void check_policy_description(sts::constraints& c, const std::optional<std::string>& value);
/// 3600 to 43200 seconds.
void check_session_maximum(sts::constraints& c, const std::optional<std::int64_t>& value);

/// Gives `to` the trust policy. LimitExceeded when it is too long, MalformedPolicyDocument for all
/// else; see bind_trust_policy.
base::result<void> set_trust_policy(const operation_call& call, role& to, std::string text,
                                    const role* before);

}  // namespace iam
