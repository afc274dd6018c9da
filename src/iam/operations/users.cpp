#include "aws/arn.hpp"
#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/attachable.hpp"
#include "iam/operations/list_below.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/shown.hpp"
#include "iam/operations/user_target.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

operation_result create_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto path = call.given.text("Path");
    const auto boundary = call.given.text("PermissionsBoundary");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "path", path);
    sts::put(call.record.request_parameters, "permissionsBoundary", boundary);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_name(c, name, "userName", name_characters);
    check_path(c, path);
    check_arn(c, boundary, "permissionsBoundary");
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();

    user made;
    made.account = call.account;
    made.path = path.value_or("/");
    made.name = *name;
    made.tags = sts::tags_of(*tags);
    made.boundary = boundary.value_or("");
    operation_facts facts = facts_with_boundary(made);
    facts.resource_tags = nullptr;
    facts.request_tags = &made.tags;
    if (const auto may = authorize(call, "iam:CreateUser", call.now.arn_of(made), facts); !may)
        return may.error();
    // As on AWS, who makes a user with tags must be allowed to tag it.
    if (!made.tags.empty()) {
        if (const auto may = authorize(call, "iam:TagUser", call.now.arn_of(made), facts); !may)
            return may.error();
    }
    if (const auto good = check_new_tags(made.tags); !good) return good.error();
    if (boundary) {
        if (const auto good = check_attachable(call, *boundary); !good) return good.error();
    }
    if (call.now.user_of(call.account, *name) != nullptr) return already_exists("User", *name);
    made.unique_id = aws::make_unique_id("AIDA", call.account, call.made.random);
    made.created = call.made.now;
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("User", shown_with_tags(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

/// A root has no name, and its id is its account.
std::vector<sts::result_node> shown_root(const operation_call& call) {
    std::vector<sts::result_node> out{
        sts::result_node::text("UserId", call.account),
        sts::result_node::text("Arn", aws::root_arn(call.now.partition(), call.account))};
    const account* known = call.now.account_of(call.account);
    if (known != nullptr) out.push_back(sts::result_node::time("CreateDate", known->created));
    return out;
}

operation_result get_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    check_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const auto target = find_user_or_caller(call, name);
    if (!target) return target.error();
    const auto may = enter(call, "iam:GetUser", *target, facts_of(target->asked()));
    if (!may) return may.error();
    operation_outcome out;
    out.answer.push_back(sts::result_node::group(
        "User", target->root ? shown_root(call) : shown_with_tags(*target->found, call.now)));
    return out;
}

operation_result list_users(operation_call& call) {
    return list_below<user>(call, {entity_kind::user, "iam:ListUsers", "user", "Users"},
                            [&](const user& one) { return shown(one, call.now); });
}

/// The id stays, so keys and trust policies go on to mean the same user. Its sessions end: they
/// name the old one.
operation_result update_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto path = call.given.text("NewPath");
    const auto new_name = call.given.text("NewUserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "newPath", path);
    sts::put(call.record.request_parameters, "newUserName", new_name);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    check_path(c, path, "newPath");
    check_name(c, new_name, "newUserName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    const operation_facts facts = facts_of(target.asked());
    if (const auto may = authorize(call, "iam:UpdateUser", target.arn(call), facts); !may)
        return may.error();
    user made = target.asked();
    if (path) made.path = *path;
    if (new_name) made.name = *new_name;
    // Permission is needed on both (API reference of UpdateUser).
    if (const auto may = authorize(call, "iam:UpdateUser", call.now.arn_of(made), facts); !may)
        return may.error();
    if (target.found == nullptr) return target.missing();
    if (const auto good = check_not_of_file(*target.found, "user"); !good) return good.error();
    const std::string before = key_of(*target.found), after = key_of(made);
    operation_outcome out;
    if (before != after) {
        if (call.now.user_of(call.account, made.name) != nullptr)
            return already_exists("User", made.name);
        out.changes.push_back(removal(entity_kind::user, before));
    }
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result delete_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    const auto may = enter_to_change(call, "iam:DeleteUser", target, facts_of(target.asked()));
    if (!may) return may.error();
    const user& one = *target.found;
    const char* first = !one.access_keys.empty() ? "delete access keys"
                        : !one.policies.empty()  ? "delete policies"
                        : !one.attached.empty()  ? "detach all policies"
                        : !one.groups.empty()    ? "remove users from group"
                                                 : nullptr;
    if (first != nullptr)
        return sts::wire_error("DeleteConflict",
                               "Cannot delete entity, must " + std::string(first) + " first.");
    operation_outcome out;
    out.changes.push_back(removal(entity_kind::user, key_of(one)));
    return out;
}

operation_result put_boundary(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto boundary = call.given.text("PermissionsBoundary");
    sts::put(call.record.request_parameters, "userName", name);
    sts::put(call.record.request_parameters, "permissionsBoundary", boundary);
    sts::constraints c;
    require_name(c, name, "userName", name_characters);
    require_arn(c, boundary, "permissionsBoundary");
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    // The condition is on the boundary that is to be, so that nobody can set any other.
    operation_facts facts = facts_of(target.asked());
    facts.more.emplace_back("iam:PermissionsBoundary", *boundary);
    const auto may = enter_to_change(call, "iam:PutUserPermissionsBoundary", target, facts);
    if (!may) return may.error();
    if (const auto good = check_attachable(call, *boundary); !good) return good.error();
    user made = *target.found;
    made.boundary = *boundary;
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result delete_boundary(operation_call& call) {
    const auto name = call.given.text("UserName");
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    require_name(c, name, "userName", name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const user_target target = find_user(call, *name);
    const auto may = enter_to_change(call, "iam:DeleteUserPermissionsBoundary", target,
                                     facts_with_boundary(target.asked()));
    if (!may) return may.error();
    if (target.found->boundary.empty())
        return sts::wire_error("NoSuchEntity",
                               "The user " + target.found->name + " has no permissions boundary.");
    user made = *target.found;
    made.boundary.clear();
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateUser", create_user),
    reads("GetUser", get_user),
    reads("ListUsers", list_users),
    writes("UpdateUser", update_user),
    writes("DeleteUser", delete_user),
    writes("PutUserPermissionsBoundary", put_boundary),
    writes("DeleteUserPermissionsBoundary", delete_boundary),
};

}  // namespace

std::span<const operation_row> user_operations() {
    return rows;
}

}  // namespace iam
