#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "iam/directory.hpp"

namespace iam {

/// Who stands behind the users and roles that a trust policy names.
struct trust_binding {
    std::vector<std::pair<std::string, std::string>> known;  ///< ARN and unique id
    std::vector<std::string> unknown;                        ///< ARNs that nobody has
};
/// Of a document that is valid; of any other: nothing.
trust_binding trusted_ids_of(std::string_view trust_policy, const directory& among);

}  // namespace iam
