#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "sts/call.hpp"
#include "sts/query/answer.hpp"
#include "sts/query/constraints.hpp"
#include "sts/query/parameters.hpp"

namespace sts {

/// What the actions that make sessions have in common: tags and session policies, first as they
/// came in, with nothing checked but the lexical form.
struct passed_tag {
    std::optional<std::string> key, value;
};
using passed_texts = std::vector<std::optional<std::string>>;

/// Failure: MalformedInput.
base::result<std::vector<passed_tag>> read_tags(const parameters& from);
base::result<passed_texts> read_policy_arns(const parameters& from);

/// The service model's constraints.
void check_model(constraints& c, const std::vector<passed_tag>& tags);
void check_model(constraints& c, const std::optional<std::string>& policy,
                 const passed_texts& policy_arns);

/// After the model was checked.
tag_list tags_of(const std::vector<passed_tag>& passed);
/// InvalidParameterValue: keys that differ in case only.
base::result<void> check_distinct_keys(const tag_list& tags);
/// The same, and for keys that are reserved.
base::result<void> check_tag_keys(const tag_list& tags);

struct session_policies {
    std::string text;               ///< JSON without white space; empty: none
    std::vector<std::string> arns;  ///< of managed policies that exist
};
/// MalformedPolicyDocument; ValidationError for managed policies that are neither of `account` nor
/// the provider's, and for more plain text than all session policies may have together.
base::result<session_policies> read_session_policies(const call& made,
                                                     const std::optional<std::string>& policy,
                                                     const passed_texts& policy_arns,
                                                     const std::string& account);

/// SerialNumber and TokenCode of a caller. There are no devices here, so every serial number is
/// one that the caller does not have. Failure: AccessDenied.
base::result<void> check_mfa(const std::optional<std::string>& serial_number,
                             const std::optional<std::string>& token_code);
void check_mfa_model(constraints& c, const std::optional<std::string>& serial_number,
                     const std::optional<std::string>& token_code);

/// The Credentials element.
result_node shown(const aws::credentials& credentials);

}  // namespace sts
