#include "iam/operations/policy_target.hpp"

#include "aws/arn.hpp"
#include "iam/limits.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_text.hpp"
#include "policy/document.hpp"
#include "sts/audit.hpp"
#include "sts/authorization.hpp"
#include "sts/wire_error.hpp"

namespace iam {

base::error policy_target::missing() const {
    return sts::wire_error("NoSuchEntity", "Policy " + arn + " was not found.");
}

base::result<std::string> read_policy_arn(operation_call& call) {
    const auto arn = call.given.text("PolicyArn");
    sts::put(call.record.request_parameters, "policyArn", arn);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    if (const auto done = c.check(); !done) return done.error();
    return *arn;
}

base::result<policy_target> enter(operation_call& call, std::string_view action,
                                  const std::string& arn, operation_facts facts) {
    const auto parts = aws::arn::parse(arn);
    if (!parts || parts->service != "iam" || !parts->region.empty() ||
        !parts->resource.starts_with("policy/"))
        return sts::wire_error("InvalidInput", "ARN " + arn + " is not valid.");
    policy_target out{call.now.policy_by_arn(arn), arn};
    if (out.found != nullptr && out.found->account == call.account)
        facts.resource_tags = &out.found->tags;
    if (const auto may = authorize(call, action, arn, facts); !may) return may.error();
    // Managed policies have no resource policies that would let others in.
    if (parts->account != call.account && parts->account != sts::managed_by_provider)
        return sts::access_denied(
            call.made.by, action, arn,
            " because no resource-based policy allows the " + std::string(action) + " action");
    if (out.found == nullptr) return out.missing();
    return out;
}

base::result<policy_target> enter_to_change(operation_call& call, std::string_view action,
                                            const std::string& arn, operation_facts facts) {
    auto out = enter(call, action, arn, std::move(facts));
    if (!out) return out;
    if (const auto good = check_not_of_file(*out->found, "policy"); !good) return good.error();
    return out;
}

base::result<void> check_managed_policy(std::string_view text) {
    if (policy_size(text) > managed_policy_characters)
        return sts::wire_error("LimitExceeded", "Cannot exceed quota for PolicySize: " +
                                                    std::to_string(managed_policy_characters));
    const auto parsed = policy::document::parse(text, policy::document_kind::boundary);
    if (!parsed) return parsed.error();
    return {};
}

}  // namespace iam
