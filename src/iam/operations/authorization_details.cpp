#include <map>
#include <set>

#include "encoding/percent.hpp"
#include "iam/operations/attachable.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/shown.hpp"
#include "iam/trust_binding.hpp"
#include "sts/audit.hpp"
#include "sts/task_policies.hpp"

namespace iam {

namespace {

using sts::result_node;

constexpr std::string_view filters[] = {"User", "Role", "Group", "LocalManagedPolicy",
                                        "AWSManagedPolicy"};

std::string version_id(std::uint32_t number) {
    return "v" + std::to_string(number);
}

result_node shown_inline(std::string_view name, const sts::policy_list& policies) {
    std::vector<result_node> out;
    for (const auto& [policy_name, text] : policies)
        out.push_back(result_node::group(
            "member", {result_node::text("PolicyName", policy_name),
                       result_node::text("PolicyDocument", encoding::percent_encode(text))}));
    return result_node::list(name, std::move(out));
}

result_node shown_attached(const std::vector<std::string>& arns) {
    std::vector<result_node> out;
    for (const std::string& arn : arns)
        out.push_back(
            result_node::group("member", {result_node::text("PolicyName", name_of_policy(arn)),
                                          result_node::text("PolicyArn", arn)}));
    return result_node::list("AttachedManagedPolicies", std::move(out));
}

/// Everything that has policies in one account, and what refers to what.
class account_details {
public:
    account_details(const operation_call& call, std::set<std::string_view> wanted)
        : call_(call), now_(call.now), wanted_(std::move(wanted)) {
        if (wants("Role")) collect_profiles();
    }

    /// All kinds in one order: a page may end anywhere.
    void offer_to(page_collector<const entity*>& page) const {
        offer<user>(page, entity_kind::user, "User");
        offer<group>(page, entity_kind::group, "Group");
        offer<role>(page, entity_kind::role, "Role");
        now_.for_each(entity_kind::managed_policy, [&](const entity& one) {
            const managed_policy& each = std::get<managed_policy>(one);
            const bool own = each.account == call_.account;
            const bool of_provider =
                each.account == sts::managed_by_provider && each.path != sts::task_policy_path;
            if ((own && wants("LocalManagedPolicy")) || (of_provider && wants("AWSManagedPolicy")))
                page.offer(key(entity_kind::managed_policy, each.name + " " + each.account), &one);
        });
    }

    result_node shown_user(const user& one) const {
        std::vector<result_node> out = shown(one, now_);
        out.push_back(shown_inline("UserPolicyList", one.policies));
        std::vector<result_node> groups;
        for (const std::string& name : one.groups)
            groups.push_back(result_node::text("member", name));
        out.push_back(result_node::list("GroupList", std::move(groups)));
        out.push_back(shown_attached(one.attached));
        add_boundary_and_tags(out, one.boundary, one.tags);
        return result_node::group("member", std::move(out));
    }

    result_node shown_group(const group& one) const {
        std::vector<result_node> out = shown(one, now_);
        out.push_back(shown_inline("GroupPolicyList", one.policies));
        out.push_back(shown_attached(one.attached));
        return result_node::group("member", std::move(out));
    }

    result_node shown_role(const role& one) const {
        std::vector<result_node> out = role_facts(one);
        std::vector<result_node> profiles;
        const auto [first, last] = profiles_.equal_range(one.name);
        for (auto each = first; each != last; ++each)
            profiles.push_back(shown_profile(*each->second, one));
        out.push_back(result_node::list("InstanceProfileList", std::move(profiles)));
        out.push_back(shown_inline("RolePolicyList", one.policies));
        out.push_back(shown_attached(one.attached));
        add_boundary_and_tags(out, one.boundary, one.tags);
        std::vector<result_node> used;
        if (const auto last_use =
                call_.usage == nullptr ? std::nullopt : call_.usage->of(one.unique_id)) {
            used.push_back(result_node::time("LastUsedDate", last_use->at));
            used.push_back(result_node::text("Region", last_use->region));
        }
        out.push_back(result_node::group("RoleLastUsed", std::move(used)));
        return result_node::group("member", std::move(out));
    }

    result_node shown_policy(const managed_policy& one) const {
        const std::string arn = now_.arn_of(one);
        const use_count uses = now_.uses_of_policy(call_.account, arn);
        std::vector<result_node> versions;
        for (const policy_version& each : one.versions)
            versions.push_back(result_node::group(
                "member", {result_node::text("Document", encoding::percent_encode(each.document)),
                           result_node::text("VersionId", version_id(each.number)),
                           result_node::text("IsDefaultVersion",
                                             each.number == one.default_version ? "true" : "false"),
                           result_node::time("CreateDate", each.created)}));
        std::vector<result_node> out{
            result_node::text("PolicyName", one.name),
            result_node::text("PolicyId", one.unique_id),
            result_node::text("Arn", arn),
            result_node::text("Path", one.path),
            result_node::text("DefaultVersionId", version_id(one.default_version)),
            result_node::number("AttachmentCount", static_cast<long long>(uses.attached)),
            result_node::number("PermissionsBoundaryUsageCount",
                                static_cast<long long>(uses.boundary)),
            result_node::text("IsAttachable", "true")};
        if (!one.description.empty())
            out.push_back(result_node::text("Description", one.description));
        out.push_back(result_node::time("CreateDate", one.created));
        out.push_back(result_node::time("UpdateDate", one.updated));
        out.push_back(result_node::list("PolicyVersionList", std::move(versions)));
        return result_node::group("member", std::move(out));
    }

private:
    bool wants(std::string_view filter) const {
        return wanted_.empty() || wanted_.find(filter) != wanted_.end();
    }

    static std::string key(entity_kind kind, std::string_view name) {
        return std::to_string(int(kind)) + std::string(name);
    }

    template <class Entity>
    void offer(page_collector<const entity*>& page, entity_kind kind,
               std::string_view filter) const {
        if (!wants(filter)) return;
        now_.for_each(kind, [&](const entity& one) {
            const Entity& each = std::get<Entity>(one);
            if (each.account == call_.account) page.offer(key(kind, each.name), &one);
        });
    }

    void collect_profiles() {
        now_.for_each(entity_kind::instance_profile, [&](const entity& one) {
            const instance_profile& each = std::get<instance_profile>(one);
            if (each.account == call_.account && !each.role.empty())
                profiles_.emplace(each.role, &each);
        });
    }

    std::vector<result_node> role_facts(const role& one) const {
        return {result_node::text("Path", one.path),
                result_node::text("RoleName", one.name),
                result_node::text("RoleId", one.unique_id),
                result_node::text("Arn", now_.arn_of(one)),
                result_node::time("CreateDate", one.created),
                result_node::text("AssumeRolePolicyDocument",
                                  encoding::percent_encode(shown_trust_policy(one, now_)))};
    }

    result_node shown_profile(const instance_profile& one, const role& of) const {
        return result_node::group(
            "member", {result_node::text("Path", one.path),
                       result_node::text("InstanceProfileName", one.name),
                       result_node::text("InstanceProfileId", one.unique_id),
                       result_node::text("Arn", now_.arn_of(one)),
                       result_node::time("CreateDate", one.created),
                       result_node::list("Roles", {result_node::group("member", role_facts(of))})});
    }

    static void add_boundary_and_tags(std::vector<result_node>& out, const std::string& boundary,
                                      const sts::tag_list& tags) {
        if (!boundary.empty()) out.push_back(shown_boundary(boundary));
        if (!tags.empty()) out.push_back(shown_tags(tags));
    }

    const operation_call& call_;
    const directory& now_;
    std::set<std::string_view> wanted_;                                          ///< empty: all
    std::multimap<std::string, const instance_profile*, std::less<>> profiles_;  ///< by role
};

operation_result get_account_authorization_details(operation_call& call) {
    const auto given = call.given.scalars("Filter");
    if (!given) return given.error();
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    sts::constraints c;
    std::set<std::string_view> kinds;
    const std::size_t looked_at = c.count(given->size(), "filter", std::size(filters));
    for (std::size_t i = 0; i < looked_at; ++i) {
        const auto one = (*given)[i].text("");
        const std::string member = "filter." + std::to_string(i + 1) + ".member";
        c.required(one, member);
        c.choice(one, member, filters);
        for (const std::string_view known : filters) {
            if (one == known) kinds.insert(known);
        }
    }
    if (const auto done = c.check(); !done) return done.error();
    boost::json::array told(kinds.begin(), kinds.end());
    if (!told.empty()) call.record.request_parameters["filter"] = std::move(told);
    if (const auto may = authorize(call, "iam:GetAccountAuthorizationDetails", "*"); !may)
        return may.error();

    const account_details details(call, std::move(kinds));
    page_collector<const entity*> found(*wanted);
    details.offer_to(found);
    std::vector<result_node> users, groups, roles, policies;
    std::string last;
    for (const auto& [key, one] : found.items()) {
        last = key;
        if (const auto* each = std::get_if<user>(one)) users.push_back(details.shown_user(*each));
        if (const auto* each = std::get_if<group>(one))
            groups.push_back(details.shown_group(*each));
        if (const auto* each = std::get_if<role>(one)) roles.push_back(details.shown_role(*each));
        if (const auto* each = std::get_if<managed_policy>(one))
            policies.push_back(details.shown_policy(*each));
    }
    operation_outcome out;
    out.answer.push_back(result_node::list("UserDetailList", std::move(users)));
    out.answer.push_back(result_node::list("GroupDetailList", std::move(groups)));
    out.answer.push_back(result_node::list("RoleDetailList", std::move(roles)));
    out.answer.push_back(result_node::list("Policies", std::move(policies)));
    add_paging(out.answer, found.truncated(), last);
    return out;
}

constexpr operation_row rows[] = {
    reads("GetAccountAuthorizationDetails", get_account_authorization_details),
};

}  // namespace

std::span<const operation_row> authorization_detail_operations() {
    return rows;
}

}  // namespace iam
