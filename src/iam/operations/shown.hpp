#pragma once

#include <string>
#include <vector>

#include "iam/directory.hpp"
#include "sts/query/answer.hpp"

namespace iam {

// Entities as answers show them (IAM's service model).

std::vector<sts::result_node> shown(const user& one, const directory& among);
/// With Tags, and the boundary: as Get operations show it.
std::vector<sts::result_node> shown_with_tags(const user& one, const directory& among);
std::vector<sts::result_node> shown(const group& one, const directory& among);
sts::result_node shown_boundary(const std::string& arn);
sts::result_node shown_tags(const sts::tag_list& tags);

}  // namespace iam
