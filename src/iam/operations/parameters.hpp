#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "iam/operation.hpp"
#include "sts/query/constraints.hpp"

namespace iam {

// Forms of parameters (IAM's service model): what does not fit is a ValidationError. Tags are read
// and checked as those of sessions are: sts/actions/session_request.hpp.

/// [\w+=,.@-]+, up to `most` characters.
void require_name(sts::constraints& c, const std::optional<std::string>& value,
                  std::string_view member, std::size_t most);
void check_name(sts::constraints& c, const std::optional<std::string>& value,
                std::string_view member, std::size_t most);
/// "/" or "/…/", up to 512 characters.
void check_path(sts::constraints& c, const std::optional<std::string>& value);
/// Starts with a slash.
void check_path_prefix(sts::constraints& c, const std::optional<std::string>& value);
/// 20 to 2048 characters.
void require_arn(sts::constraints& c, const std::optional<std::string>& value,
                 std::string_view member);

/// Keys that are reserved or repeated: InvalidInput. Too many: LimitExceeded.
base::result<void> check_new_tags(const sts::tag_list& tags);

/// arn:aws:iam::{account}:{rest}
std::string arn_below(const operation_call& call, std::string_view rest);

}  // namespace iam
