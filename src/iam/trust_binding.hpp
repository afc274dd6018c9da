#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "iam/directory.hpp"

namespace iam {

/// Users and roles by ARN, with their unique ids: see role::trusted_ids.
using bound_principals = std::vector<std::pair<std::string, std::string>>;

/// Who stands behind the users and roles that a trust policy names.
struct trust_binding {
    bound_principals known;
    std::vector<std::string> unknown;  ///< ARNs that nobody has
};
/// Of a document that is valid; of any other: nothing.
trust_binding trusted_ids_of(std::string_view trust_policy, const directory& among);

/// Of a document that the API is to store; `before`: the role as it is, null for a new one. As on
/// AWS, everybody whom it names must exist: MalformedPolicyDocument "Invalid principal in policy:
/// "AWS":"arn:…"" for the first one who does not, and whatever is wrong with the document itself.
/// A unique id must be somebody's, or have stood in the role's trust policy before (as one who is
/// gone is shown there: see shown_trust_policy).
base::result<bound_principals> bind_trust_policy(std::string_view text, const directory& among,
                                                 const role* before);

/// As it was given, but a user or role whose ARN does not stand for the same one any more is shown
/// by its unique id (IAM User Guide, "AWS JSON policy elements: Principal").
std::string shown_trust_policy(const role& one, const directory& among);

}  // namespace iam
