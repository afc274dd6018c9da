#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sts/definitions.hpp"

namespace iam {

// IAM User Guide, "IAM and AWS STS quotas".
inline constexpr std::size_t most_tags = 50;
inline constexpr std::size_t tag_key_characters = 128;
inline constexpr std::size_t tag_value_characters = 256;
inline constexpr std::size_t most_attached_policies = 20;
inline constexpr std::size_t most_groups_of_user = 10;
inline constexpr std::size_t most_access_keys = 2;
inline constexpr std::size_t most_policy_versions = 5;
inline constexpr std::size_t user_policy_characters = 2048;    ///< all inline policies together
inline constexpr std::size_t group_policy_characters = 5120;   ///< all inline policies together
inline constexpr std::size_t role_policy_characters = 10'240;  ///< all inline policies together
/// `policy` itself takes longer ones, as AWS does where this quota was raised.
inline constexpr std::size_t trust_policy_characters = 2048;
inline constexpr std::size_t managed_policy_characters = 6144;
inline constexpr std::size_t name_characters = 64;        ///< users, roles
inline constexpr std::size_t long_name_characters = 128;  ///< groups, policies, instance profiles
inline constexpr base::seconds shortest_role_maximum{3600};
inline constexpr base::seconds longest_role_maximum{43'200};

/// 1 to `most` of [\w+=,.@-].
bool is_name(std::string_view text, std::size_t most);

/// Counts, lengths, reserved and repeated keys (which ignore case).
base::result<void> check_tags(const sts::tag_list& tags);

}  // namespace iam
