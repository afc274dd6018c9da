#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_parameters.hpp"
#include "iam/operations/policy_target.hpp"
#include "sts/audit.hpp"

namespace iam {

namespace {

using sts::result_node;

/// One that a policy is attached to, or bounds.
struct policy_holder {
    entity_kind kind;
    const named* one;
};

struct holder_filter {
    std::string arn, kind, prefix, usage;

    template <class Entity>
    bool takes(const Entity& one, std::string_view account, const std::string& boundary) const {
        if (one.account != account || !one.path.starts_with(prefix)) return false;
        const bool attached =
            std::find(one.attached.begin(), one.attached.end(), arn) != one.attached.end();
        return (attached && usage != "PermissionsBoundary") ||
               (boundary == arn && usage != "PermissionsPolicy");
    }
};

base::result<holder_filter> read_filter(operation_call& call) {
    static constexpr std::array<std::string_view, 5> kinds{
        "User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"};
    const auto arn = call.given.text("PolicyArn");
    const auto kind = call.given.text("EntityFilter");
    const auto prefix = call.given.text("PathPrefix");
    const auto usage = call.given.text("PolicyUsageFilter");
    sts::put(call.record.request_parameters, "policyArn", arn);
    sts::put(call.record.request_parameters, "entityFilter", kind);
    sts::put(call.record.request_parameters, "pathPrefix", prefix);
    sts::put(call.record.request_parameters, "policyUsageFilter", usage);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    c.choice(kind, "entityFilter", kinds);
    check_path(c, prefix, "pathPrefix");
    check_policy_usage(c, usage);
    if (const auto done = c.check(); !done) return done.error();
    return holder_filter{*arn, kind.value_or(""), prefix.value_or("/"), usage.value_or("")};
}

void collect(page_collector<policy_holder>& found, const operation_call& call,
             const holder_filter& filter) {
    const auto wants = [&](const char* kind) { return filter.kind.empty() || filter.kind == kind; };
    if (wants("Group"))
        call.now.for_each(entity_kind::group, [&](const entity& each) {
            const group& one = std::get<group>(each);
            if (filter.takes(one, call.account, {}))
                found.offer("group/" + one.name, {entity_kind::group, &one});
        });
    if (wants("User"))
        call.now.for_each(entity_kind::user, [&](const entity& each) {
            const user& one = std::get<user>(each);
            if (filter.takes(one, call.account, one.boundary))
                found.offer("user/" + one.name, {entity_kind::user, &one});
        });
    if (wants("Role"))
        call.now.for_each(entity_kind::role, [&](const entity& each) {
            const role& one = std::get<role>(each);
            if (filter.takes(one, call.account, one.boundary))
                found.offer("role/" + one.name, {entity_kind::role, &one});
        });
}

operation_result list_entities_for_policy(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto filter = read_filter(call);
    if (!filter) return filter.error();
    const auto target = enter(call, "iam:ListEntitiesForPolicy", filter->arn);
    if (!target) return target.error();
    // A page is one of all three kinds together.
    page_collector<policy_holder> found(*wanted);
    collect(found, call, *filter);
    std::vector<result_node> groups, users, roles;
    std::string last;
    for (const auto& [key, each] : found.items()) {
        last = key;
        const auto add = [&, &one = *each.one](std::vector<result_node>& to, const char* name,
                                               const char* id) {
            to.push_back(result_node::group("member", {result_node::text(name, one.name),
                                                       result_node::text(id, one.unique_id)}));
        };
        if (each.kind == entity_kind::group) add(groups, "GroupName", "GroupId");
        if (each.kind == entity_kind::user) add(users, "UserName", "UserId");
        if (each.kind == entity_kind::role) add(roles, "RoleName", "RoleId");
    }
    operation_outcome out;
    out.answer.push_back(result_node::list("PolicyGroups", std::move(groups)));
    out.answer.push_back(result_node::list("PolicyUsers", std::move(users)));
    out.answer.push_back(result_node::list("PolicyRoles", std::move(roles)));
    add_paging(out.answer, found.truncated(), last);
    return out;
}

constexpr operation_row rows[] = {
    reads("ListEntitiesForPolicy", list_entities_for_policy),
};

}  // namespace

std::span<const operation_row> policy_entity_operations() {
    return rows;
}

}  // namespace iam
