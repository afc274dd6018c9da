#pragma once

#include <string>
#include <string_view>

#include "iam/operation.hpp"

namespace iam {

/// A managed policy that can be attached to principals of the caller's account, or bound them:
/// its own, or one of the provider's but for those of single tasks. InvalidInput for what is no
/// ARN, else NoSuchEntity.
base::result<void> check_attachable(const operation_call& call, std::string_view policy_arn);
/// "readers" of "arn:aws:iam::123456789012:policy/team/readers".
std::string_view name_of_policy(std::string_view policy_arn);
/// "/team/".
std::string_view path_of_policy(std::string_view policy_arn);

}  // namespace iam
