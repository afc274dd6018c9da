#include "sts/authorization.hpp"

#include "sts/wire_error.hpp"

namespace sts {

namespace {

using policy::effect;
using policy::policy_type;

constexpr std::string_view reserved_roles = "/aws-reserved/";
constexpr std::string_view service_linked_roles = "/aws-service-role/";
/// Roles of IAM Identity Center's permission sets: given out by its portal alone.
constexpr std::string_view permission_set_roles = "AWSReservedSSO_";

boost::json::object shown(const policy::opinion& one) {
    boost::json::object out;
    out["effect"] = policy::to_string(one.outcome);
    if (auto by = one.by(); !by.empty()) out["statement"] = std::move(by);
    if (one.match != policy::principal_match::none) out["principal"] = policy::to_string(one.match);
    return out;
}

/// Roles that only their service assumes, whatever else their trust policy says.
bool is_closed(const role_record& role, const policy::principal& caller) {
    if (role.path.starts_with(reserved_roles) || role.name.starts_with(permission_set_roles))
        return true;
    return role.path.starts_with(service_linked_roles) &&
           role.path != std::string(service_linked_roles) + caller.service + "/";
}

}  // namespace

base::error access_denied(const caller& by, std::string_view action, std::string_view resource,
                          std::string_view reason) {
    const std::string who = by.principal.kind == policy::principal::type::service
                                ? by.principal.service
                                : by.principal.arn;
    return wire_error("AccessDenied",
                      "User: " + who + " is not authorized to perform: " + std::string(action) +
                          " on resource: " + std::string(resource) + std::string(reason));
}

base::result<authorization_check> authorization_check::of_role(const call& made,
                                                               const role_record* role,
                                                               std::string_view role_arn,
                                                               std::string_view account) {
    auto out = of_resource(made, role_arn);
    if (!out) return out;
    out->resource_account_ = account;
    out->is_role_ = true;
    if (role != nullptr && !is_closed(*role, made.by.principal)) out->role_ = role;
    return out;
}

base::result<authorization_check> authorization_check::of_resource(const call& made,
                                                                   std::string_view resource) {
    auto policies = caller_policies::of(made);
    if (!policies) return policies.error();
    return authorization_check(made, std::move(*policies), resource);
}

base::result<void> authorization_check::allow(std::string_view action,
                                              const policy::context& facts) {
    const policy::authorization decided = decide(action, facts, role_);
    note(action, decided);
    if (decided.allowed()) return {};

    // What each account may know: its own policies, not those of the other.
    const std::string& own = made_.by.principal.account;
    if (role_ != nullptr && role_->account != own)
        seal(action, decided, facts, role_->account, authorization_side::resource);
    if (!outside_) {
        if (!own.empty())
            seal(action, decided, facts, own,
                 decided.cross_account ? authorization_side::caller : authorization_side::both);
        return denial(action, decided);
    }
    const policy::context outside = outside_();
    const policy::authorization told = decide(action, outside, nullptr);
    if (!own.empty() && resource_account_ == own)
        seal(action, decided, facts, own, authorization_side::both);
    else if (!own.empty())
        seal(action, told, outside, own, authorization_side::caller);
    return denial(action, told);
}

policy::authorization authorization_check::decide(std::string_view action,
                                                  const policy::context& facts,
                                                  const role_record* role) const {
    const caller& by = made_.by;
    policy::question asked{action, resource_, {}, by.principal, facts};
    policies_.fill(asked);
    asked.resource_must_allow = is_role_;
    asked.resource_account = resource_account_;
    if (resource_policy_ != nullptr) asked.resource_policy = policy::attached{{}, resource_policy_};
    if (role != nullptr) {
        asked.resource_policy = policy::attached{{}, &role->trust};
        asked.delegation = by.role == nullptr || by.role->arn != role->arn;
    }
    return policy::authorize(asked);
}

void authorization_check::note(std::string_view action, const policy::authorization& decided) {
    boost::json::object entry;
    entry["action"] = action;
    entry["allowed"] = decided.allowed();
    entry["decidedBy"] = policy::to_string(decided.decided_by);
    if (is_role_) entry["trust"] = shown(decided.of(policy_type::resource));
    if (is_role_ && role_ == nullptr) entry["roleFound"] = false;
    if (resource_policy_ != nullptr) entry["resource"] = shown(decided.of(policy_type::resource));
    if (made_.by.principal.kind != policy::principal::type::service)
        entry["identity"] = shown(decided.of(policy_type::identity));
    if (policies_.bounded()) entry["boundary"] = shown(decided.of(policy_type::boundary));
    if (policies_.narrowed()) entry["session"] = shown(decided.of(policy_type::session));
    trace_.push_back(std::move(entry));
}

void authorization_check::seal(std::string_view action, const policy::authorization& decided,
                               const policy::context& facts, const std::string& account,
                               authorization_side side) {
    const authorization_facts told{made_.by, action, resource_, decided, facts};
    messages_[account] =
        seal_authorization_message(authorization_message(told, side), account,
                                   made_.options.partition, made_.keys, made_.random, made_.now);
}

base::error authorization_check::denial(std::string_view action,
                                        const policy::authorization& decided) const {
    if (!is_role_)
        return access_denied(made_.by, action, resource_, policy::reason_clause(decided, action));
    // Only the caller's own denials are told: the role's side would tell whether it exists.
    for (const policy_type own :
         {policy_type::identity, policy_type::boundary, policy_type::session}) {
        if (decided.of(own).outcome != effect::explicit_deny) continue;
        return access_denied(made_.by, action, resource_,
                             std::string(" with an explicit deny in ") +
                                 (own == policy_type::identity ? "an " : "a ") +
                                 policy::to_string(own));
    }
    return access_denied(made_.by, action, resource_);
}

void authorization_check::tell(boost::json::object& additional) const {
    additional["decisions"] = trace_;
    if (!messages_.empty()) additional["encodedAuthorizationMessages"] = messages_;
}

}  // namespace sts
