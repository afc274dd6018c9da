#include <array>
#include <utility>

#include "aws/identifiers.hpp"
#include "iam/limits.hpp"
#include "iam/operation.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_parameters.hpp"
#include "iam/operations/policy_target.hpp"
#include "iam/operations/role_parameters.hpp"
#include "iam/operations/shown_roles.hpp"
#include "iam/operations/tags.hpp"
#include "sts/actions/session_request.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

operation_result stored(managed_policy made) {
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

base::result<managed_policy> read_new_policy(operation_call& call) {
    const auto name = call.given.text("PolicyName");
    const auto path = call.given.text("Path");
    const auto text = call.given.text("PolicyDocument");
    const auto description = call.given.text("Description");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    boost::json::object& told = call.record.request_parameters;
    sts::put(told, "policyName", name);
    sts::put(told, "path", path);
    sts::put(told, "policyDocument", text);
    sts::put(told, "description", description);
    sts::put_tags(told, *tags);
    sts::constraints c;
    require_name(c, name, "policyName", long_name_characters);
    check_policy_path(c, path, "path");
    require_policy_document(c, text);
    check_policy_description(c, description);
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    managed_policy out;
    out.account = call.account;
    out.path = path.value_or("/");
    out.name = *name;
    out.tags = sts::tags_of(*tags);
    out.description = description.value_or("");
    out.created = out.updated = call.made.now;
    out.versions.push_back({1, *text, call.made.now});
    return out;
}

operation_result create_policy(operation_call& call) {
    auto made = read_new_policy(call);
    if (!made) return made.error();
    const operation_facts facts{nullptr, &made->tags};
    const std::string arn = call.now.arn_of(*made);
    if (const auto may = authorize(call, "iam:CreatePolicy", arn, facts); !may) return may.error();
    if (!made->tags.empty()) {
        if (const auto may = authorize(call, "iam:TagPolicy", arn, facts); !may) return may.error();
    }
    if (const auto good = check_new_tags(made->tags); !good) return good.error();
    if (call.now.policy_of(call.account, made->name) != nullptr)
        return sts::wire_error(
            "EntityAlreadyExists",
            "A policy called " + made->name + " already exists. Duplicate names are not allowed.");
    if (const auto good = check_managed_policy(made->versions.front().document); !good)
        return good.error();
    made->unique_id = aws::make_unique_id("ANPA", call.account, call.made.random);
    operation_outcome out;
    out.answer.push_back(
        sts::result_node::group("Policy", shown_with_tags(*made, call.now, call.account)));
    out.changes.push_back(put(std::move(*made)));
    return out;
}

operation_result get_policy(operation_call& call) {
    const auto arn = read_policy_arn(call);
    if (!arn) return arn.error();
    const auto target = enter(call, "iam:GetPolicy", *arn);
    if (!target) return target.error();
    operation_outcome out;
    out.answer.push_back(
        sts::result_node::group("Policy", shown_with_tags(*target->found, call.now, call.account)));
    return out;
}

/// Which policies a list is to have.
struct policy_filter {
    std::string scope, usage, prefix;
    bool attached = false;

    bool takes(const operation_call& call, const managed_policy& one) const {
        const bool own = one.account == call.account;
        const bool of_provider = one.account == sts::managed_by_provider;
        if (!(own && scope != "AWS") && !(of_provider && scope != "Local")) return false;
        if (!one.path.starts_with(prefix)) return false;
        if (!attached && usage.empty()) return true;
        const use_count uses = call.now.uses_of_policy(call.account, call.now.arn_of(one));
        if (usage == "PermissionsBoundary") return uses.boundary > 0;
        return uses.attached > 0;
    }
};

base::result<policy_filter> read_policy_filter(operation_call& call) {
    static constexpr std::array<std::string_view, 3> scopes{"All", "AWS", "Local"};
    const auto scope = call.given.text("Scope");
    const auto attached = call.given.text("OnlyAttached");
    const auto prefix = call.given.text("PathPrefix");
    const auto usage = call.given.text("PolicyUsageFilter");
    sts::put(call.record.request_parameters, "scope", scope);
    sts::put(call.record.request_parameters, "onlyAttached", attached);
    sts::put(call.record.request_parameters, "pathPrefix", prefix);
    sts::put(call.record.request_parameters, "policyUsageFilter", usage);
    sts::constraints c;
    c.choice(scope, "scope", scopes);
    check_policy_path(c, prefix, "pathPrefix");
    check_policy_usage(c, usage);
    if (const auto done = c.check(); !done) return done.error();
    const auto only_attached = read_flag(attached, "OnlyAttached");
    if (!only_attached) return only_attached.error();
    return policy_filter{scope.value_or("All"), usage.value_or(""), prefix.value_or("/"),
                         *only_attached};
}

operation_result list_policies(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto filter = read_policy_filter(call);
    if (!filter) return filter.error();
    // So AWS names what these permissions are on.
    if (const auto may = authorize(call, "iam:ListPolicies", "policy path " + filter->prefix); !may)
        return may.error();
    page_collector<const managed_policy*> found(*wanted);
    call.now.for_each(entity_kind::managed_policy, [&](const entity& one) {
        const auto& each = std::get<managed_policy>(one);
        // The provider's may have the name of one of the account's own.
        if (filter->takes(call, each)) found.offer(each.name + "/" + each.account, &each);
    });
    operation_outcome out;
    add_list(out.answer, "Policies", found, [&](const managed_policy* each) {
        return sts::result_node::group("member", shown(*each, call.now, call.account));
    });
    return out;
}

operation_result delete_policy(operation_call& call) {
    const auto arn = read_policy_arn(call);
    if (!arn) return arn.error();
    const auto target = enter_to_change(call, "iam:DeletePolicy", *arn);
    if (!target) return target.error();
    const use_count uses = call.now.uses_of_policy(call.account, *arn);
    if (uses.attached > 0 || uses.boundary > 0)
        return sts::wire_error("DeleteConflict", "Cannot delete a policy attached to entities.");
    if (target->found->versions.size() > 1)
        return sts::wire_error("DeleteConflict",
                               "This policy has more than one version. Before you delete a policy, "
                               "you must delete the policy's versions. The default version is "
                               "deleted with the policy.");
    operation_outcome out;
    out.changes.push_back(removal(entity_kind::managed_policy, key_of(*target->found)));
    return out;
}

operation_result tag_policy(operation_call& call) {
    const auto arn = call.given.text("PolicyArn");
    const auto tags = sts::read_tags(call.given);
    if (!tags) return tags.error();
    sts::put(call.record.request_parameters, "policyArn", arn);
    sts::put_tags(call.record.request_parameters, *tags);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    sts::check_model(c, *tags);
    if (const auto done = c.check(); !done) return done.error();
    const sts::tag_list added = sts::tags_of(*tags);
    const auto target = enter_to_change(call, "iam:TagPolicy", *arn, {nullptr, &added});
    if (!target) return target.error();
    managed_policy made = *target->found;
    if (const auto good = add_tags(made.tags, added); !good) return good.error();
    return stored(std::move(made));
}

operation_result untag_policy(operation_call& call) {
    const auto arn = call.given.text("PolicyArn");
    const auto keys = read_tag_keys(call.given);
    if (!keys) return keys.error();
    sts::put(call.record.request_parameters, "policyArn", arn);
    put_tag_keys(call.record.request_parameters, *keys);
    sts::constraints c;
    require_arn(c, arn, "policyArn");
    check_tag_keys(c, *keys);
    if (const auto done = c.check(); !done) return done.error();
    std::vector<std::string> gone;
    for (const auto& key : *keys)
        gone.push_back(*key);
    operation_facts facts;
    facts.tag_keys = &gone;
    const auto target = enter_to_change(call, "iam:UntagPolicy", *arn, std::move(facts));
    if (!target) return target.error();
    managed_policy made = *target->found;
    remove_tags(made.tags, gone);
    return stored(std::move(made));
}

operation_result list_policy_tags(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    const auto arn = read_policy_arn(call);
    if (!arn) return arn.error();
    const auto target = enter(call, "iam:ListPolicyTags", *arn);
    if (!target) return target.error();
    operation_outcome out;
    add_tag_page(out.answer, target->found->tags, *wanted);
    return out;
}

constexpr operation_row rows[] = {
    writes("CreatePolicy", create_policy),     reads("GetPolicy", get_policy),
    reads("ListPolicies", list_policies),      writes("DeletePolicy", delete_policy),
    writes("TagPolicy", tag_policy),           writes("UntagPolicy", untag_policy),
    reads("ListPolicyTags", list_policy_tags),
};

}  // namespace

std::span<const operation_row> managed_policy_operations() {
    return rows;
}

}  // namespace iam
