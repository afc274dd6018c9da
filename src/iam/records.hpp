#pragma once

#include <memory>
#include <string>

#include "iam/entities.hpp"
#include "sts/ports.hpp"

namespace iam {

class directory;

/// Entities as the issuer decides with them: policies parsed and bound. Null when a policy cannot
/// be read, which only a damaged store or an older version of the grammar can bring about: it might
/// deny, so whatever has it counts as gone.
std::shared_ptr<const sts::user_record> make_record(const user& one, std::string arn);
std::shared_ptr<const sts::group_record> make_record(const group& one, std::string arn);
std::shared_ptr<const sts::role_record> make_record(const role& one, std::string arn);
std::shared_ptr<const sts::managed_policy_record> make_record(const managed_policy& one,
                                                              std::string arn);
std::shared_ptr<const policy::document> make_verification_policy(const account& one,
                                                                 const directory& among);

}  // namespace iam
