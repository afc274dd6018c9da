#include "iam/operations/role_target.hpp"

#include "sts/wire_error.hpp"

namespace iam {

namespace {

constexpr std::string_view permission_set_roles = "AWSReservedSSO_";
constexpr std::string_view service_linked_roles = "/aws-service-role/";
constexpr std::string_view reserved_roles = "/aws-reserved/";

bool is_reserved(const role& one) {
    return one.path.starts_with(service_linked_roles) || one.path.starts_with(reserved_roles) ||
           one.name.starts_with(permission_set_roles);
}

}  // namespace

base::result<void> check_not_reserved(const role& made) {
    if (made.path.starts_with(service_linked_roles))
        return sts::wire_error("InvalidInput",
                               "Path prefix '/aws-service-role/' can only be used for AWS Service "
                               "linked Roles");
    if (is_reserved(made))
        return sts::wire_error("InvalidInput",
                               "Path prefix '/aws-reserved/' and role names that start with "
                               "'AWSReservedSSO_' can only be used by AWS");
    return {};
}

role_target find_role(const operation_call& call, std::string_view name) {
    role_target out;
    out.found = call.now.role_of(call.account, name);
    if (out.found != nullptr) return out;
    out.stand_in.account = call.account;
    out.stand_in.name = name;
    return out;
}

operation_facts facts_of(const role& one) {
    operation_facts out;
    out.resource_tags = &one.tags;
    return out;
}

operation_facts facts_with_boundary(const role& one) {
    operation_facts out = facts_of(one);
    if (!one.boundary.empty()) out.more.emplace_back("iam:PermissionsBoundary", one.boundary);
    return out;
}

base::result<void> enter(operation_call& call, std::string_view action, const role_target& target,
                         const operation_facts& facts) {
    const auto may = authorize(call, action, call.now.arn_of(target.asked()), facts);
    if (!may) return may;
    if (target.found == nullptr) return no_such("role", target.stand_in.name);
    return {};
}

base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                   const role_target& target, const operation_facts& facts) {
    if (const auto may = enter(call, action, target, facts); !may) return may;
    return check_changeable(*target.found);
}

base::result<void> check_changeable(const role& one) {
    if (const auto good = check_not_of_file(one, "role"); !good) return good;
    if (is_reserved(one))
        return sts::wire_error("UnmodifiableEntity",
                               "Cannot perform the operation on the protected role '" + one.name +
                                   "' - this role is only modifiable by AWS");
    return {};
}

}  // namespace iam
