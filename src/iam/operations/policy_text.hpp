#pragma once

#include <cstddef>
#include <string_view>

#include "sts/query/answer.hpp"

namespace iam {

/// Characters of a policy as IAM's quotas count them: without white space.
std::size_t policy_size(std::string_view text);

/// A policy in an answer: its text, percent-encoded as RFC 3986 has it.
sts::result_node shown_policy(std::string_view name, std::string_view text);

}  // namespace iam
