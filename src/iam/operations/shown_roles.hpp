#pragma once

#include <vector>

#include "iam/directory.hpp"
#include "iam/key_usage.hpp"
#include "sts/query/answer.hpp"

namespace iam {

// Roles, instance profiles and managed policies as answers show them (IAM's service model).

/// As lists show it: without boundary, tags and last use.
std::vector<sts::result_node> shown(const role& one, const directory& among);
/// With the boundary and tags; `uses` null: without RoleLastUsed.
std::vector<sts::result_node> shown_with_tags(const role& one, const directory& among,
                                              const key_usage* uses = nullptr);
/// RoleDetail and ManagedPolicyDetail, which lack some of that: no description and no duration of a
/// role, no tags of a policy.
std::vector<sts::result_node> shown_detail(const role& one, const directory& among,
                                           const key_usage* uses);
std::vector<sts::result_node> shown_detail(const managed_policy& one, const directory& among,
                                           std::string_view account);

std::vector<sts::result_node> shown(const instance_profile& one, const directory& among);
std::vector<sts::result_node> shown_with_tags(const instance_profile& one, const directory& among);

/// `account`: whose use of it is counted.
std::vector<sts::result_node> shown(const managed_policy& one, const directory& among,
                                    std::string_view account);
/// With the description, too.
std::vector<sts::result_node> shown_with_tags(const managed_policy& one, const directory& among,
                                              std::string_view account);

}  // namespace iam
