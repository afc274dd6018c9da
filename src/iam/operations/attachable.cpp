#include "iam/operations/attachable.hpp"

#include "aws/arn.hpp"
#include "sts/task_policies.hpp"
#include "sts/wire_error.hpp"

namespace iam {

base::result<void> check_attachable(const operation_call& call, std::string_view policy_arn) {
    const auto parts = aws::arn::parse(policy_arn);
    if (!parts || parts->service != "iam")
        return sts::wire_error("InvalidInput", "ARN " + std::string(policy_arn) + " is not valid.");
    const managed_policy* found = call.now.policy_by_arn(policy_arn);
    const bool usable = found != nullptr && (found->account == call.account ||
                                             found->account == sts::managed_by_provider);
    if (!usable || sts::find_task_policy(call.now.partition(), policy_arn) != nullptr)
        return sts::wire_error("NoSuchEntity", "Policy " + std::string(policy_arn) +
                                                   " does not exist or is not attachable.");
    return {};
}

std::string_view name_of_policy(std::string_view policy_arn) {
    return policy_arn.substr(policy_arn.rfind('/') + 1);
}

std::string_view path_of_policy(std::string_view policy_arn) {
    const auto from = policy_arn.find('/');
    if (from == std::string_view::npos) return "/";
    return policy_arn.substr(from, policy_arn.rfind('/') + 1 - from);
}

}  // namespace iam
