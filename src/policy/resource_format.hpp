#pragma once

#include <string_view>

#include "base/error.hpp"

namespace policy {

inline constexpr const char* legacy_parsing = "The policy failed legacy parsing";

/// What IAM asks of a Resource or NotResource in a stored policy: "*" or an ARN of a partition, a
/// vendor and the fields that its vendor has. Errors are AWS's texts.
///
/// Any word passes for a partition, since the issuer may have one of its own.
base::result<void> check_resource_format(std::string_view text);

}  // namespace policy
