#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operations/list_below.hpp"
#include "iam/operations/policy_holder.hpp"
#include "iam/operations/shown.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

/// Members are known by the group's name. Those of a group that its file has ceased to define must
/// not find themselves in another one.
base::result<void> check_name_is_free(const operation_call& call, const group& made) {
    if (call.now.group_of(call.account, made.name) != nullptr)
        return already_exists("Group", made.name);
    const user* left_over = nullptr;
    for_each_member(call, made, [&](const user& each) { left_over = &each; });
    if (left_over == nullptr) return {};
    return sts::wire_error("EntityAlreadyExists",
                           "Group with name " + made.name + " is gone, but has members, such as " +
                               left_over->name + ": remove them from it first.");
}

operation_result create_group(operation_call& call) {
    const auto name = call.given.text("GroupName");
    const auto path = call.given.text("Path");
    sts::put(call.record.request_parameters, "groupName", name);
    sts::put(call.record.request_parameters, "path", path);
    sts::constraints c;
    require_name(c, name, "groupName", long_name_characters);
    check_path(c, path);
    if (const auto done = c.check(); !done) return done.error();
    group made;
    made.account = call.account;
    made.path = path.value_or("/");
    made.name = *name;
    if (const auto may = authorize(call, "iam:CreateGroup", call.now.arn_of(made)); !may)
        return may.error();
    if (const auto good = check_name_is_free(call, made); !good) return good.error();
    made.unique_id = aws::make_unique_id("AGPA", call.account, call.made.random);
    made.created = call.made.now;
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("Group", shown(made, call.now)));
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result get_group(operation_call& call) {
    const auto name = call.given.text("GroupName");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "groupName", name);
    sts::constraints c;
    require_name(c, name, "groupName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<group> target(call, *name);
    if (const auto may = target.enter(call, "iam:GetGroup"); !may) return may.error();
    page_collector<const user*> found(*wanted);
    for_each_member(call, *target, [&](const user& each) { found.offer(each.name, &each); });
    operation_outcome out;
    out.answer.push_back(sts::result_node::group("Group", shown(*target, call.now)));
    add_list(out.answer, "Users", found, [&](const user* each) {
        return sts::result_node::group("member", shown(*each, call.now));
    });
    return out;
}

operation_result list_groups(operation_call& call) {
    return list_below<group>(call, {entity_kind::group, "iam:ListGroups", "group", "Groups"},
                             [&](const group& one) { return shown(one, call.now); });
}

/// Members refer to a group by its name, so a new one is theirs, too.
base::result<void> rename_at_members(const operation_call& call, const group& before,
                                     const std::string& name, changes& out) {
    base::result<void> good;
    for_each_member(call, before, [&](const user& each) {
        if (!good) return;
        good = check_not_of_file(each, "user");
        user made = each;
        for (std::string& one : made.groups) {
            if (one == before.name) one = name;
        }
        out.push_back(put(std::move(made)));
    });
    return good;
}

operation_result update_group(operation_call& call) {
    const auto name = call.given.text("GroupName");
    const auto path = call.given.text("NewPath");
    const auto new_name = call.given.text("NewGroupName");
    sts::put(call.record.request_parameters, "groupName", name);
    sts::put(call.record.request_parameters, "newPath", path);
    sts::put(call.record.request_parameters, "newGroupName", new_name);
    sts::constraints c;
    require_name(c, name, "groupName", long_name_characters);
    check_path(c, path, "newPath");
    check_name(c, new_name, "newGroupName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<group> target(call, *name);
    const auto may = target.enter_to_change(call, "iam:UpdateGroup");
    if (!may && may.error().code == "AccessDenied") return may.error();
    group made = target.asked();
    if (path) made.path = *path;
    if (new_name) made.name = *new_name;
    // Permission is needed on both (API reference of UpdateGroup).
    if (const auto both = authorize(call, "iam:UpdateGroup", call.now.arn_of(made)); !both)
        return both.error();
    if (!may) return may.error();
    const std::string before = key_of(*target), after = key_of(made);
    operation_outcome out;
    if (before != after) {
        if (const auto good = check_name_is_free(call, made); !good) return good.error();
        out.changes.push_back(removal(entity_kind::group, before));
    }
    if (made.name != target->name) {
        const auto good = rename_at_members(call, *target, made.name, out.changes);
        if (!good) return good.error();
    }
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result delete_group(operation_call& call) {
    const auto name = call.given.text("GroupName");
    sts::put(call.record.request_parameters, "groupName", name);
    sts::constraints c;
    require_name(c, name, "groupName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<group> target(call, *name);
    if (const auto may = target.enter_to_change(call, "iam:DeleteGroup"); !may) return may.error();
    bool has_members = false;
    for_each_member(call, *target, [&](const user&) { has_members = true; });
    const char* first = has_members                 ? "remove users from group"
                        : !target->policies.empty() ? "delete policies"
                        : !target->attached.empty() ? "detach all policies"
                                                    : nullptr;
    if (first != nullptr)
        return sts::wire_error("DeleteConflict",
                               "Cannot delete entity, must " + std::string(first) + " first.");
    operation_outcome out;
    out.changes.push_back(removal(entity_kind::group, key_of(*target)));
    return out;
}

constexpr operation_row rows[] = {
    writes("CreateGroup", create_group), reads("GetGroup", get_group),
    reads("ListGroups", list_groups),    writes("UpdateGroup", update_group),
    writes("DeleteGroup", delete_group),
};

}  // namespace

std::span<const operation_row> group_operations() {
    return rows;
}

}  // namespace iam
