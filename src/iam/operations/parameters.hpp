#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "iam/operation.hpp"
#include "sts/actions/session_request.hpp"
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
void check_path(sts::constraints& c, const std::optional<std::string>& value,
                std::string_view member = "path");
/// Starts with a slash.
void check_path_prefix(sts::constraints& c, const std::optional<std::string>& value);
/// 20 to 2048 characters.
void require_arn(sts::constraints& c, const std::optional<std::string>& value,
                 std::string_view member);

void check_arn(sts::constraints& c, const std::optional<std::string>& value,
               std::string_view member);
/// Starts and ends with a slash, as the paths of managed policies do.
void check_policy_path(sts::constraints& c, const std::optional<std::string>& value,
                       std::string_view member = "pathPrefix");
/// 1 to 131072 characters up to U+00FF.
void require_policy_document(sts::constraints& c, const std::optional<std::string>& value,
                             std::string_view member = "policyDocument");
/// 16 to 128 of [\w].
void require_access_key_id(sts::constraints& c, const std::optional<std::string>& value);
/// For members that are lists of tag keys.
base::result<sts::passed_texts> read_tag_keys(const sts::parameters& from);
void check_tag_keys(sts::constraints& c, const sts::passed_texts& keys);

/// Keys that are reserved or repeated: InvalidInput. Too many: LimitExceeded.
base::result<void> check_new_tags(const sts::tag_list& tags);

/// arn:aws:iam::{account}:{rest}
std::string arn_below(const operation_call& call, std::string_view rest);

}  // namespace iam
