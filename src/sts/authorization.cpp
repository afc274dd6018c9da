#include "sts/authorization.hpp"

#include "policy/authorize.hpp"
#include "sts/authorization_message.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

using policy::effect;
using policy::policy_type;

constexpr std::string_view reserved_roles = "/aws-reserved/";
constexpr std::string_view service_linked_roles = "/aws-service-role/";

boost::json::object shown(const policy::opinion& one) {
    boost::json::object out;
    out["effect"] = policy::to_string(one.outcome);
    if (auto by = one.by(); !by.empty()) out["statement"] = std::move(by);
    if (one.match != policy::principal_match::none) out["principal"] = policy::to_string(one.match);
    return out;
}

/// Roles that only their service assumes, whatever else their trust policy says.
bool is_closed(const role_record& role, const policy::principal& caller) {
    if (role.path.starts_with(reserved_roles)) return true;
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
    const caller& by = made_.by;
    policy::question asked{action, resource_, {}, by.principal, facts};
    policies_.fill(asked);
    asked.resource_must_allow = is_role_;
    asked.resource_account = resource_account_;
    if (resource_policy_ != nullptr) asked.resource_policy = policy::attached{{}, resource_policy_};
    if (role_ != nullptr) {
        asked.resource_policy = policy::attached{{}, &role_->trust};
        asked.delegation = by.role == nullptr || by.role->arn != role_->arn;
    }
    const policy::authorization decided = policy::authorize(asked);
    note(action, decided, facts);
    if (decided.allowed()) return {};
    return denial(action, decided);
}

void authorization_check::note(std::string_view action, const policy::authorization& decided,
                               const policy::context& facts) {
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
    if (decided.allowed()) return;

    const std::string& own = made_.by.principal.account;
    const authorization_facts told{made_.by, action, resource_, decided, facts};
    const auto seal = [&](const std::string& account, authorization_side side) {
        messages_[account] = seal_authorization_message(authorization_message(told, side), account,
                                                        made_.options.partition, made_.keys,
                                                        made_.random, made_.now);
    };
    // What each account may know: its own policies, not those of the other.
    if (!own.empty())
        seal(own, decided.cross_account ? authorization_side::caller : authorization_side::both);
    if (role_ != nullptr && role_->account != own)
        seal(role_->account, authorization_side::resource);
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
