#include "sts/authorization.hpp"

#include <boost/json/object.hpp>

#include "policy/authorize.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

using policy::effect;
using policy::policy_type;

boost::json::object shown(const policy::opinion& one) {
    boost::json::object out;
    out["effect"] = policy::to_string(one.outcome);
    if (auto by = one.by(); !by.empty()) out["statement"] = std::move(by);
    if (one.match != policy::principal_match::none)
        out["principal"] = policy::to_string(one.match);
    return out;
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

base::result<role_authorization> role_authorization::prepare(const caller& by,
                                                             const role_record* role,
                                                             std::string_view role_arn) {
    role_authorization out(by, role, role_arn);
    for (const named_policy& p : by.policies())
        out.identity_.push_back({p.name, &p.document});
    if (by.through && !by.through->policy.empty()) {
        auto parsed = policy::document::parse(by.through->policy, policy::document_kind::session);
        if (!parsed)
            return wire_error("InternalFailure", "A session carries a policy that is not readable");
        out.session_policy_ = std::move(*parsed);
    }
    return out;
}

base::result<void> role_authorization::allow(std::string_view action,
                                             const policy::context& facts) {
    const policy::attached session{{}, session_policy_ ? &*session_policy_ : nullptr};
    const bool narrowed = session_policy_.has_value();
    policy::question asked{action, role_arn_, {}, by_.principal, facts};
    asked.identity = identity_;
    if (narrowed) asked.session = policy::policy_list(&session, 1);
    asked.resource_must_allow = true;
    if (role_ != nullptr) {
        asked.resource_account = role_->account;
        asked.resource_policy = policy::attached{{}, &role_->trust};
        asked.delegation = by_.role == nullptr || by_.role->arn != role_->arn;
    }
    const policy::authorization decided = policy::authorize(asked);

    boost::json::object entry;
    entry["action"] = action;
    entry["allowed"] = decided.allowed();
    entry["decidedBy"] = policy::to_string(decided.decided_by);
    entry["trust"] = shown(decided.of(policy_type::resource));
    if (role_ == nullptr) entry["roleFound"] = false;
    if (by_.principal.kind != policy::principal::type::service)
        entry["identity"] = shown(decided.of(policy_type::identity));
    if (narrowed) entry["session"] = shown(decided.of(policy_type::session));
    trace_.push_back(std::move(entry));
    if (decided.allowed()) return {};

    // Only the caller's own denials are told: the role's side would tell whether it exists.
    for (const policy_type own :
         {policy_type::identity, policy_type::boundary, policy_type::session}) {
        if (decided.of(own).outcome != effect::explicit_deny) continue;
        return access_denied(by_, action, role_arn_,
                             std::string(" with an explicit deny in ") +
                                 (own == policy_type::identity ? "an " : "a ") +
                                 policy::to_string(own));
    }
    return access_denied(by_, action, role_arn_);
}

}  // namespace sts
