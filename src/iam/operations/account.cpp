#include "iam/limits.hpp"
#include "iam/operations/parameters.hpp"
#include "policy/document.hpp"
#include "sts/audit.hpp"
#include "sts/wire_error.hpp"

namespace iam {

namespace {

using sts::result_node;

/// What an account holds. Other kinds of things that AWS counts do not exist here.
struct holdings {
    std::size_t users = 0, groups = 0, roles = 0, policies = 0, policy_versions = 0, profiles = 0;
};

template <class Entity, class Call>
void for_each_of(const operation_call& call, entity_kind kind, Call&& each) {
    call.now.for_each(kind, [&](const entity& one) {
        const Entity& candidate = std::get<Entity>(one);
        if (candidate.account == call.account) each(candidate);
    });
}

holdings count_holdings(const operation_call& call) {
    holdings out;
    for_each_of<user>(call, entity_kind::user, [&](const user&) { ++out.users; });
    for_each_of<group>(call, entity_kind::group, [&](const group&) { ++out.groups; });
    for_each_of<role>(call, entity_kind::role, [&](const role&) { ++out.roles; });
    for_each_of<managed_policy>(call, entity_kind::managed_policy, [&](const managed_policy& one) {
        ++out.policies;
        out.policy_versions += one.versions.size();
    });
    for_each_of<instance_profile>(call, entity_kind::instance_profile,
                                  [&](const instance_profile&) { ++out.profiles; });
    return out;
}

/// Quotas are told where there are such: how many users, groups, roles and policies an account may
/// have is not limited.
operation_result get_account_summary(operation_call& call) {
    if (const auto may = authorize(call, "iam:GetAccountSummary", "*"); !may) return may.error();
    const holdings held = count_holdings(call);
    const account* root = call.now.account_of(call.account);
    const bool has_keys = root != nullptr && !root->root_access_keys.empty();
    const std::pair<std::string_view, std::size_t> summary[] = {
        {"Users", held.users},
        {"Groups", held.groups},
        {"Roles", held.roles},
        {"Policies", held.policies},
        {"PolicyVersionsInUse", held.policy_versions},
        {"InstanceProfiles", held.profiles},
        {"Providers", 0},
        {"ServerCertificates", 0},
        {"MFADevices", 0},
        {"MFADevicesInUse", 0},
        {"AccountMFAEnabled", 0},
        {"AccountAccessKeysPresent", has_keys ? 1 : 0},
        {"AccountSigningCertificatesPresent", 0},
        {"AccountPasswordPresent", 0},
        {"AccessKeysPerUserQuota", most_access_keys},
        {"GroupsPerUserQuota", most_groups_of_user},
        {"AttachedPoliciesPerUserQuota", most_attached_policies},
        {"AttachedPoliciesPerGroupQuota", most_attached_policies},
        {"AttachedPoliciesPerRoleQuota", most_attached_policies},
        {"UserPolicySizeQuota", user_policy_characters},
        {"GroupPolicySizeQuota", group_policy_characters},
        {"RolePolicySizeQuota", policy::identity_policy_characters},
        {"AssumeRolePolicySizeQuota", policy::trust_policy_characters},
        {"PolicySizeQuota", policy::boundary_policy_characters},
        {"VersionsPerPolicyQuota", most_policy_versions},
        {"GlobalEndpointTokenVersion", 2},  // sessions are good in all regions
    };
    std::vector<result_node> entries;
    for (const auto& [key, value] : summary)
        entries.push_back(result_node::group(
            "entry", {result_node::text("key", key),
                      result_node::number("value", static_cast<long long>(value))}));
    operation_outcome out;
    out.answer.push_back(result_node::list("SummaryMap", std::move(entries)));
    return out;
}

bool is_alias_character(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}
const sts::character_class alias_characters{is_alias_character,
                                            "^[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?$"};
const sts::character_class no_alias{[](char32_t) { return false; }, alias_characters.pattern};

base::result<std::string> read_alias(operation_call& call) {
    const auto alias = call.given.text("AccountAlias");
    sts::put(call.record.request_parameters, "accountAlias", alias);
    sts::constraints c;
    c.required(alias, "accountAlias");
    const bool formed = !alias || (!alias->starts_with('-') && !alias->ends_with('-') &&
                                   alias->find("--") == std::string::npos);
    c.text(alias, "accountAlias", {3, 63}, formed ? &alias_characters : &no_alias);
    if (const auto done = c.check(); !done) return done.error();
    return *alias;
}

/// Of all accounts: they share the names. A new one takes the place of an account's earlier one.
operation_result create_account_alias(operation_call& call) {
    const auto alias = read_alias(call);
    if (!alias) return alias.error();
    if (const auto may = authorize(call, "iam:CreateAccountAlias", "*"); !may) return may.error();
    bool taken = false;
    call.now.for_each(entity_kind::account, [&](const entity& one) {
        taken = taken || std::get<account>(one).alias == *alias;
    });
    if (taken)
        return sts::wire_error("EntityAlreadyExists",
                               "The account alias " + *alias + " already exists.");
    account made;
    made.id = call.account;
    if (const account* known = call.now.account_of(call.account)) made = *known;
    made.alias = *alias;
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result delete_account_alias(operation_call& call) {
    const auto alias = read_alias(call);
    if (!alias) return alias.error();
    if (const auto may = authorize(call, "iam:DeleteAccountAlias", "*"); !may) return may.error();
    const account* known = call.now.account_of(call.account);
    if (known == nullptr || known->alias != *alias)
        return sts::wire_error("NoSuchEntity", "The account alias " + *alias + " cannot be found.");
    account made = *known;
    made.alias.clear();
    operation_outcome out;
    out.changes.push_back(put(std::move(made)));
    return out;
}

operation_result list_account_aliases(operation_call& call) {
    const auto wanted = read_page(call);
    if (!wanted) return wanted.error();
    if (const auto may = authorize(call, "iam:ListAccountAliases", "*"); !may) return may.error();
    page_collector<std::string_view> found(*wanted);
    const account* known = call.now.account_of(call.account);
    if (known != nullptr && !known->alias.empty()) found.offer(known->alias, known->alias);
    operation_outcome out;
    add_list(out.answer, "AccountAliases", found,
             [](std::string_view alias) { return result_node::text("member", alias); });
    return out;
}

constexpr operation_row rows[] = {
    reads("GetAccountSummary", get_account_summary),
    writes("CreateAccountAlias", create_account_alias),
    writes("DeleteAccountAlias", delete_account_alias),
    reads("ListAccountAliases", list_account_aliases),
};

}  // namespace

std::span<const operation_row> account_operations() {
    return rows;
}

}  // namespace iam
