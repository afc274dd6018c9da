#pragma once

#include <string_view>

#include "base/error.hpp"

namespace policy {

inline constexpr const char* legacy_parsing = "The policy failed legacy parsing";

/// Instead of the partition that a policy is for.
inline constexpr std::string_view any_partition = "*";
inline constexpr std::string_view partitions_of_aws = "aws*";  ///< aws, aws-cn, aws-us-gov, …

/// What IAM asks of a Resource or NotResource in a stored policy: "*" or an ARN of a partition, a
/// vendor and the fields that its vendor has. Errors are AWS's texts.
///
/// `partition` is that of the issuer, which may have one of its own: every ARN must be of it, be it
/// by a wildcard. See `any_partition` and `partitions_of_aws`.
base::result<void> check_resource_format(std::string_view text, std::string_view partition);

}  // namespace policy
