#include <algorithm>

#include "iam/limits.hpp"
#include "iam/operations/policy_holder.hpp"
#include "iam/operations/shown.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

struct membership_input {
    explicit membership_input(operation_call& call)
        : group(call.given.text("GroupName")), user(call.given.text("UserName")) {
        sts::put(call.record.request_parameters, "groupName", group);
        sts::put(call.record.request_parameters, "userName", user);
    }
    base::result<void> check() const {
        sts::constraints c;
        require_name(c, group, "groupName", long_name_characters);
        require_name(c, user, "userName", long_name_characters);
        return c.check();
    }
    std::optional<std::string> group, user;
};

/// The group is the resource (Service Authorization Reference); the user is looked for only when it
/// may be changed.
operation_result add_user_to_group(operation_call& call) {
    const membership_input input(call);
    if (const auto done = input.check(); !done) return done.error();
    const policy_holder<group> to(call, *input.group);
    if (const auto may = to.enter_to_change(call, "iam:AddUserToGroup"); !may) return may.error();
    const user* found = call.now.user_of(call.account, *input.user);
    if (found == nullptr) return no_such("user", *input.user);
    if (const auto good = check_not_of_file(*found, "user"); !good) return good.error();
    operation_outcome out;
    // Once more is no change.
    if (is_member(*found, *to)) return out;
    if (found->groups.size() >= most_groups_of_user)
        return sts::wire_error("LimitExceeded", "Cannot exceed quota for GroupsPerUser: " +
                                                    std::to_string(most_groups_of_user));
    user made = *found;
    made.groups.push_back(to->name);
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result remove_user_from_group(operation_call& call) {
    const membership_input input(call);
    if (const auto done = input.check(); !done) return done.error();
    const policy_holder<group> from(call, *input.group);
    const auto may = from.enter_to_change(call, "iam:RemoveUserFromGroup");
    // One may be in a group that its file has ceased to define, and can do nothing until it is out.
    const bool left_over = !may && may.error().code == "NoSuchEntity";
    if (!may && !left_over) return may.error();
    const user* found = call.now.user_of(call.account, *input.user);
    if (found == nullptr) return no_such("user", *input.user);
    if (const auto good = check_not_of_file(*found, "user"); !good) return good.error();
    user made = *found;
    const std::string& name = from.asked().name;
    if (std::erase(made.groups, name) == 0) {
        if (left_over) return may.error();
        return sts::wire_error("NoSuchEntity",
                               "User " + found->name + " is not in group " + name + ".");
    }
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result list_groups_for_user(operation_call& call) {
    const auto name = call.given.text("UserName");
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::put(call.record.request_parameters, "userName", name);
    sts::constraints c;
    require_name(c, name, "userName", long_name_characters);
    if (const auto done = c.check(); !done) return done.error();
    const policy_holder<user> target(call, *name);
    if (const auto may = target.enter(call, "iam:ListGroupsForUser"); !may) return may.error();
    page_collector<const group*> found(*wanted);
    for (const std::string& each : target->groups) {
        if (const group* of = call.now.group_of(call.account, each)) found.offer(of->name, of);
    }
    operation_outcome out;
    add_list(out.answer, "Groups", found, [&](const group* each) {
        return sts::result_node::group("member", shown(*each, call.now));
    });
    return out;
}

constexpr operation_row rows[] = {
    writes("AddUserToGroup", add_user_to_group),
    writes("RemoveUserFromGroup", remove_user_from_group),
    reads("ListGroupsForUser", list_groups_for_user),
};

}  // namespace

std::span<const operation_row> group_membership_operations() {
    return rows;
}

}  // namespace iam
