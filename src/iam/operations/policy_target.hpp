#pragma once

#include <string>
#include <string_view>

#include "iam/operation.hpp"

namespace iam {

/// The managed policy that an operation is about: of the caller's account, or the provider's.
struct policy_target {
    const managed_policy* found = nullptr;
    std::string arn;

    /// NoSuchEntity.
    base::error missing() const;
};

/// Parameter PolicyArn, for operations that have nothing else to check.
base::result<std::string> read_policy_arn(operation_call& call);

/// The common way into an operation on one managed policy: authorised, and found. InvalidInput for
/// what is no policy's ARN; AccessDenied for one of another account, whether it exists or not.
base::result<policy_target> enter(operation_call& call, std::string_view action,
                                  const std::string& arn, operation_facts facts = {});
/// The same, of one that the API may change.
base::result<policy_target> enter_to_change(operation_call& call, std::string_view action,
                                            const std::string& arn, operation_facts facts = {});

/// LimitExceeded for a text that is too long, MalformedPolicyDocument for one that is no policy.
base::result<void> check_managed_policy(std::string_view text);

}  // namespace iam
