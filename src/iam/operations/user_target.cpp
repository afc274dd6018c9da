#include "iam/operations/user_target.hpp"

#include "aws/arn.hpp"
#include "sts/wire_error.hpp"

namespace iam {

std::string user_target::arn(const operation_call& call) const {
    return root ? aws::root_arn(call.now.partition(), call.account) : call.now.arn_of(asked());
}

user_target find_user(const operation_call& call, std::string_view name) {
    user_target out;
    out.found = call.now.user_of(call.account, name);
    if (out.found != nullptr) return out;
    out.stand_in.account = call.account;
    out.stand_in.name = name;
    return out;
}

base::result<user_target> find_user_or_caller(const operation_call& call,
                                              const std::optional<std::string>& name) {
    if (name) return find_user(call, *name);
    const sts::caller& by = call.made.by;
    if (by.principal.kind == policy::principal::type::account_root) {
        user_target out;
        out.root = true;
        return out;
    }
    if (by.principal.kind == policy::principal::type::user && by.user != nullptr)
        return find_user(call, by.user->name);
    return sts::wire_error("ValidationError",
                           "Must specify userName when calling with non-User credentials");
}

operation_facts facts_of(const user& one) {
    operation_facts out;
    out.resource_tags = &one.tags;
    return out;
}

operation_facts facts_with_boundary(const user& one) {
    operation_facts out = facts_of(one);
    if (!one.boundary.empty()) out.more.emplace_back("iam:PermissionsBoundary", one.boundary);
    return out;
}

base::result<void> enter(operation_call& call, std::string_view action, const user_target& target,
                         const operation_facts& facts) {
    if (const auto may = authorize(call, action, target.arn(call), facts); !may) return may;
    if (target.found == nullptr && !target.root) return target.missing();
    return {};
}

base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                   const user_target& target, const operation_facts& facts) {
    if (const auto may = enter(call, action, target, facts); !may) return may;
    return check_not_of_file(target.asked(), "user");
}

}  // namespace iam
