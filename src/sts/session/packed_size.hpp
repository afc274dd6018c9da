#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "sts/session/session_token.hpp"

namespace sts {

/// Budgets of what a session may carry. AWS packs both into one space whose layout is not public;
/// these reproduce its known points: nine tags of 250 characters are 498 %, a policy of 2048
/// characters just fits.
inline constexpr std::size_t packed_tag_bytes = 461;
inline constexpr std::size_t packed_policy_bytes = 2048;

/// PackedPolicySize in percent, rounded up; PackedPolicyTooLarge above 100.
base::result<int> packed_size(const std::vector<session_tag>& tags, std::string_view policy,
                              const std::vector<std::string>& policy_arns = {});

/// JSON text without the white space between its tokens.
std::string without_white_space(std::string_view json);

}  // namespace sts
