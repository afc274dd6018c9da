#pragma once

#include <string_view>
#include <vector>

#include "iam/entities.hpp"

namespace iam {

/// The policies that every account can attach without making them (IAM User Guide, "AWS managed
/// policies"): those for administration, and the task policies of AssumeRoot. Their account is
/// "aws".
std::vector<managed_policy> provider_policies();

inline constexpr std::string_view administrator_access = "AdministratorAccess";

}  // namespace iam
