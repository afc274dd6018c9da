#include <utility>

#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/attachable.hpp"
#include "iam/operations/list_below.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/role_parameters.hpp"
#include "iam/operations/role_target.hpp"
#include "iam/operations/shown_roles.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

/// Parameters of CreateRole, which pass the service model.
struct new_role {
    role made;
    bool has_boundary = false;
};

base::result<new_role> read_new_role(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto path = call.given.text("Path");
    const auto trust = call.given.text("AssumeRolePolicyDocument");
    const auto description = call.given.text("Description");
    const auto boundary = call.given.text("PermissionsBoundary");
    const auto longest = call.given.integer("MaxSessionDuration");
    if (!longest) return longest.error();
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    boost::json::object& told = call.record.request_parameters;
    sts::put(told, "roleName", name);
    sts::put(told, "path", path);
    sts::put(told, "assumeRolePolicyDocument", trust);
    sts::put(told, "description", description);
    sts::put(told, "permissionsBoundary", boundary);
    sts::put(told, "maxSessionDuration", *longest);
    sts::put_tags(told, *tags);
    sts::constraints c;
    check_path(c, path);
    require_name(c, name, "roleName", name_characters);
    require_policy_document(c, trust, "assumeRolePolicyDocument");
    check_role_description(c, description);
    check_session_maximum(c, *longest);
    check_arn(c, boundary, "permissionsBoundary");
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    new_role out;
    out.made.account = call.account;
    out.made.path = path.value_or("/");
    out.made.name = *name;
    out.made.tags = sts::tags_of(*tags);
    out.made.description = description.value_or("");
    out.made.trust_policy = *trust;
    out.made.boundary = boundary.value_or("");
    out.made.max_session_duration = base::seconds(longest->value_or(3600));
    out.has_boundary = boundary.has_value();
    return out;
}

/// With tags, to set those as well (service authorization reference).
base::result<void> may_create(operation_call& call, const role& made) {
    operation_facts facts = facts_with_boundary(made);
    facts.resource_tags = nullptr;
    facts.request_tags = &made.tags;
    const std::string arn = call.now.arn_of(made);
    if (const auto may = authorize(call, "iam:CreateRole", arn, facts); !may) return may;
    if (made.tags.empty()) return {};
    return authorize(call, "iam:TagRole", arn, facts);
}

operation_result create_role(operation_call& call) {
    auto given = read_new_role(call);
    if (!given) return given.error();
    role& made = given->made;
    if (const auto may = may_create(call, made); !may) return may.error();
    if (const auto good = check_not_reserved(made); !good) return good.error();
    if (const auto good = check_new_tags(made.tags); !good) return good.error();
    if (call.now.role_of(call.account, made.name) != nullptr)
        return already_exists("Role", made.name);
    if (const auto good = set_trust_policy(call, made, made.trust_policy, nullptr); !good)
        return good.error();
    if (given->has_boundary) {
        if (const auto good = check_attachable(call, made.boundary); !good) return good.error();
    }
    made.unique_id = aws::make_unique_id("AROA", call.account, call.made.random);
    made.created = call.made.now;
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("Role", shown_with_tags(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result get_role(operation_call& call) {
    const auto name = read_role_name(call);
    if (!name) return name.error();
    const role_target target = find_role(call, *name);
    const auto may = enter(call, "iam:GetRole", target, facts_of(target.asked()));
    if (!may) return may.error();
    operation_outcome out;
    out.answer.push_back(
        sts::result_node::group("Role", shown_with_tags(*target.found, call.now, call.usage)));
    return out;
}

operation_result list_roles(operation_call& call) {
    return list_below<role>(call, {entity_kind::role, "iam:ListRoles", "role", "Roles"},
                            [&](const role& one) { return shown(one, call.now); });
}

bool is_in_instance_profile(const operation_call& call, const role& one) {
    bool found = false;
    call.now.for_each(entity_kind::instance_profile, [&](const entity& each) {
        const auto& profile = std::get<instance_profile>(each);
        found = found || (profile.account == one.account && profile.role == one.name);
    });
    return found;
}

operation_result delete_role(operation_call& call) {
    const auto name = read_role_name(call);
    if (!name) return name.error();
    const role_target target = find_role(call, *name);
    const auto may = enter_to_change(call, "iam:DeleteRole", target, facts_of(target.asked()));
    if (!may) return may.error();
    const role& one = *target.found;
    const char* first = is_in_instance_profile(call, one) ? "remove roles from instance profile"
                        : !one.attached.empty()           ? "detach all policies"
                        : !one.policies.empty()           ? "delete policies"
                                                          : nullptr;
    if (first != nullptr)
        return sts::wire_error("DeleteConflict",
                               "Cannot delete entity, must " + std::string(first) + " first.");
    operation_outcome out;
    out.changes.push_back(removal(entity_kind::role, key_of(one)));
    return out;
}

operation_result list_instance_profiles_for_role(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto name = read_role_name(call);
    if (!name) return name.error();
    const role_target target = find_role(call, *name);
    const auto may =
        enter(call, "iam:ListInstanceProfilesForRole", target, facts_of(target.asked()));
    if (!may) return may.error();
    page_collector<const instance_profile*> found(*wanted);
    call.now.for_each(entity_kind::instance_profile, [&](const entity& one) {
        const auto& each = std::get<instance_profile>(one);
        if (each.account == call.account && each.role == target.found->name)
            found.offer(each.name, &each);
    });
    operation_outcome out;
    add_list(out.answer, "InstanceProfiles", found, [&](const instance_profile* each) {
        return sts::result_node::group("member", shown(*each, call.now));
    });
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateRole", create_role),
    reads("GetRole", get_role),
    reads("ListRoles", list_roles),
    writes("DeleteRole", delete_role),
    reads("ListInstanceProfilesForRole", list_instance_profiles_for_role),
};

}  // namespace

std::span<const operation_row> role_operations() {
    return rows;
}

}  // namespace iam
