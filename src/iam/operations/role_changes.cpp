#include <utility>

#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/attachable.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/role_parameters.hpp"
#include "iam/operations/role_target.hpp"
#include "iam/operations/shown_roles.hpp"
#include "iam/operations/tags.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

operation_result stored(role made) {
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result update_role(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto description = call.given.text("Description");
    const auto longest = call.given.integer("MaxSessionDuration");
    if (!longest) return longest.error();
    sts::put(call.record.request_parameters, "roleName", name);
    sts::put(call.record.request_parameters, "description", description);
    sts::put(call.record.request_parameters, "maxSessionDuration", *longest);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    check_role_description(c, description);
    check_session_maximum(c, *longest);
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    const auto may = enter_to_change(call, "iam:UpdateRole", target, facts_of(target.asked()));
    if (!may) return may.error();
    role made = *target.found;
    if (description) made.description = *description;
    if (*longest) made.max_session_duration = base::seconds(**longest);
    operation_outcome out;
    out.answer.push_back(sts::result_node::nothing());
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result update_role_description(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto description = call.given.text("Description");
    sts::put(call.record.request_parameters, "roleName", name);
    sts::put(call.record.request_parameters, "description", description);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    c.required(description, "description");
    check_role_description(c, description);
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    const auto may =
        enter_to_change(call, "iam:UpdateRoleDescription", target, facts_of(target.asked()));
    if (!may) return may.error();
    role made = *target.found;
    made.description = *description;
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("Role", shown_with_tags(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result update_assume_role_policy(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto text = call.given.text("PolicyDocument");
    sts::put(call.record.request_parameters, "roleName", name);
    sts::put(call.record.request_parameters, "policyDocument", text);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    require_policy_document(c, text);
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    const auto may =
        enter_to_change(call, "iam:UpdateAssumeRolePolicy", target, facts_of(target.asked()));
    if (!may) return may.error();
    role made = *target.found;
    if (const auto good = set_trust_policy(call, made, *text, target.found); !good)
        return good.error();
    return stored(std::move(made));
}

operation_result put_boundary(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto boundary = call.given.text("PermissionsBoundary");
    sts::put(call.record.request_parameters, "roleName", name);
    sts::put(call.record.request_parameters, "permissionsBoundary", boundary);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    require_arn(c, boundary, "permissionsBoundary");
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    // The condition is on the boundary that is to be, so that nobody can set any other.
    operation_facts facts = facts_of(target.asked());
    facts.more.emplace_back("iam:PermissionsBoundary", *boundary);
    const auto may = enter_to_change(call, "iam:PutRolePermissionsBoundary", target, facts);
    if (!may) return may.error();
    if (const auto good = check_attachable(call, *boundary); !good) return good.error();
    role made = *target.found;
    made.boundary = *boundary;
    return stored(std::move(made));
}

operation_result delete_boundary(operation_call& call) {
    const auto name = read_role_name(call);
    if (!name) return name.error();
    const role_target target = find_role(call, *name);
    const auto may = enter_to_change(call, "iam:DeleteRolePermissionsBoundary", target,
                                     facts_with_boundary(target.asked()));
    if (!may) return may.error();
    if (target.found->boundary.empty())
        return sts::wire_error("NoSuchEntity",
                               "The role " + target.found->name + " has no permissions boundary.");
    role made = *target.found;
    made.boundary.clear();
    return stored(std::move(made));
}

operation_result tag_role(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "roleName", name);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    const sts::tag_list added = sts::tags_of(*tags);
    operation_facts facts = facts_of(target.asked());
    facts.request_tags = &added;
    if (const auto may = enter_to_change(call, "iam:TagRole", target, facts); !may)
        return may.error();
    role made = *target.found;
    if (const auto good = add_tags(made.tags, added); !good) return good.error();
    return stored(std::move(made));
}

operation_result untag_role(operation_call& call) {
    const auto name = call.given.text("RoleName");
    const auto keys = read_tag_keys(call.given);
    if (!keys) return keys.error();
    sts::put(call.record.request_parameters, "roleName", name);
    put_tag_keys(call.record.request_parameters, *keys);
    sts::constraints c;
    require_name(c, name, "roleName", name_characters);
    check_tag_keys(c, *keys);
    if (const auto done = c.check(); !done) return done.error();
    const role_target target = find_role(call, *name);
    std::vector<std::string> gone;
    for (const auto& key : *keys)
        gone.push_back(*key);
    operation_facts facts = facts_of(target.asked());
    facts.tag_keys = &gone;
    if (const auto may = enter_to_change(call, "iam:UntagRole", target, facts); !may)
        return may.error();
    role made = *target.found;
    remove_tags(made.tags, gone);
    return stored(std::move(made));
}

operation_result list_role_tags(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto name = read_role_name(call);
    if (!name) return name.error();
    const role_target target = find_role(call, *name);
    const auto may = enter(call, "iam:ListRoleTags", target, facts_of(target.asked()));
    if (!may) return may.error();
    operation_outcome out;
    add_tag_page(out.answer, target.found->tags, *wanted);
    return out;
}

constexpr operation_row rows[] = {
    writes("UpdateRole", update_role),
    writes("UpdateRoleDescription", update_role_description),
    writes("UpdateAssumeRolePolicy", update_assume_role_policy),
    writes("PutRolePermissionsBoundary", put_boundary),
    writes("DeleteRolePermissionsBoundary", delete_boundary),
    writes("TagRole", tag_role),
    writes("UntagRole", untag_role),
    reads("ListRoleTags", list_role_tags),
};

}  // namespace

std::span<const operation_row> role_change_operations() {
    return rows;
}

}  // namespace iam
