#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.hpp"

namespace policy {

/// What counts towards the quotas of IAM: characters (UTF-16 units) but white space.
std::size_t counted_characters(std::string_view json);

/// How much all inline policies of one identity may have together (IAM and STS quotas).
struct inline_quota {
    std::string_view of;  ///< kind of identity
    std::size_t characters;
};
inline constexpr inline_quota user_inline_quota{"user", 2'048};
inline constexpr inline_quota group_inline_quota{"group", 5'120};
inline constexpr inline_quota role_inline_quota{"role", 10'240};

/// `characters`: the sum over the identity's inline policies. Failure: `code` "LimitExceeded", with
/// IAM's text.
base::result<void> check_inline_quota(const inline_quota& allowed, std::string_view name,
                                      std::size_t characters);

}  // namespace policy
