#include <map>
#include <set>

#include "iam/operations/attachable.hpp"
#include "iam/operations/parameters.hpp"
#include "iam/operations/policy_text.hpp"
#include "iam/operations/shown.hpp"
#include "iam/operations/shown_roles.hpp"
#include "sts/audit.hpp"
#include "sts/task_policies.hpp"

namespace iam {

namespace {

using sts::result_node;

constexpr std::string_view filters[] = {"User", "Role", "Group", "LocalManagedPolicy",
                                        "AWSManagedPolicy"};

result_node shown_inline(std::string_view name, const sts::policy_list& policies) {
    std::vector<result_node> out;
    for (const auto& [policy_name, text] : policies)
        out.push_back(result_node::group("member", {result_node::text("PolicyName", policy_name),
                                                    shown_policy("PolicyDocument", text)}));
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
        std::vector<result_node> out = shown_with_tags(one, now_);
        out.push_back(shown_inline("UserPolicyList", one.policies));
        std::vector<result_node> groups;
        for (const std::string& name : one.groups)
            groups.push_back(result_node::text("member", name));
        out.push_back(result_node::list("GroupList", std::move(groups)));
        out.push_back(shown_attached(one.attached));
        return result_node::group("member", std::move(out));
    }

    result_node shown_group(const group& one) const {
        std::vector<result_node> out = shown(one, now_);
        out.push_back(shown_inline("GroupPolicyList", one.policies));
        out.push_back(shown_attached(one.attached));
        return result_node::group("member", std::move(out));
    }

    result_node shown_role(const role& one) const {
        std::vector<result_node> out = shown_detail(one, now_, call_.usage);
        std::vector<result_node> profiles;
        const auto [first, last] = profiles_.equal_range(one.name);
        for (auto each = first; each != last; ++each)
            profiles.push_back(result_node::group("member", shown(*each->second, now_)));
        out.push_back(result_node::list("InstanceProfileList", std::move(profiles)));
        out.push_back(shown_inline("RolePolicyList", one.policies));
        out.push_back(shown_attached(one.attached));
        return result_node::group("member", std::move(out));
    }

    result_node shown_managed(const managed_policy& one) const {
        std::vector<result_node> out = shown_detail(one, now_, call_.account);
        std::vector<result_node> versions;
        for (const policy_version& each : one.versions) {
            const bool in_force = each.number == one.default_version;
            versions.push_back(result_node::group(
                "member", {shown_policy("Document", each.document),
                           result_node::text("VersionId", "v" + std::to_string(each.number)),
                           result_node::text("IsDefaultVersion", in_force ? "true" : "false"),
                           result_node::time("CreateDate", each.created)}));
        }
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

    const operation_call& call_;
    const directory& now_;
    std::set<std::string_view> wanted_;                                          ///< empty: all
    std::multimap<std::string, const instance_profile*, std::less<>> profiles_;  ///< by role
};

std::size_t bytes_of_documents(const entity& one) {
    std::size_t out = 0;
    const auto add_inline = [&](const auto& holder) {
        for (const auto& [name, text] : holder.policies)
            out += text.size();
    };
    if (const auto* each = std::get_if<user>(&one)) add_inline(*each);
    if (const auto* each = std::get_if<group>(&one)) add_inline(*each);
    if (const auto* each = std::get_if<role>(&one)) {
        add_inline(*each);
        out += each->trust_policy.size();
    }
    if (const auto* each = std::get_if<managed_policy>(&one)) {
        for (const policy_version& version : each->versions)
            out += version.document.size();
    }
    return out;
}

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
    // As on AWS, a page may hold less than was asked for: a thousand policies of five versions
    // would be a hundred megabytes.
    constexpr std::size_t most_document_bytes = 1u << 20;
    std::size_t document_bytes = 0;
    bool truncated = found.truncated();
    std::string last;
    for (const auto& [key, one] : found.items()) {
        if (document_bytes > most_document_bytes) {
            truncated = true;
            break;
        }
        document_bytes += bytes_of_documents(*one);
        last = key;
        if (const auto* each = std::get_if<user>(one)) users.push_back(details.shown_user(*each));
        if (const auto* each = std::get_if<group>(one))
            groups.push_back(details.shown_group(*each));
        if (const auto* each = std::get_if<role>(one)) roles.push_back(details.shown_role(*each));
        if (const auto* each = std::get_if<managed_policy>(one))
            policies.push_back(details.shown_managed(*each));
    }
    operation_outcome out;
    out.answer.push_back(result_node::list("UserDetailList", std::move(users)));
    out.answer.push_back(result_node::list("GroupDetailList", std::move(groups)));
    out.answer.push_back(result_node::list("RoleDetailList", std::move(roles)));
    out.answer.push_back(result_node::list("Policies", std::move(policies)));
    add_paging(out.answer, truncated, last);
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
