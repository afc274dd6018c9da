#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "sts/query/constraints.hpp"

namespace iam {

/// "PermissionsPolicy" or "PermissionsBoundary".
void check_policy_usage(sts::constraints& c, const std::optional<std::string>& value);
/// "true" or "false", absent: false. MalformedInput for anything else.
base::result<bool> read_flag(const std::optional<std::string>& value, std::string_view member);

}  // namespace iam
