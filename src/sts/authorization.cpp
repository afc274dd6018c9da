#include "sts/authorization.hpp"

#include <boost/json/object.hpp>

#include "policy/evaluate.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

using policy::effect;
using policy::principal_match;

/// One side's say, and the statement that said it.
struct opinion {
    effect outcome = effect::implicit_deny;
    principal_match match = principal_match::none;
    std::string by;
};

opinion of_identity(const caller& by, const policy::request& asked, const policy::context& facts) {
    opinion out;
    for (const named_policy& p : by.policies()) {
        const policy::decision d = policy::evaluate(p.document, asked, facts);
        if (d.outcome == effect::implicit_deny) continue;
        if (d.outcome == effect::allow && out.outcome == effect::allow) continue;
        out.outcome = d.outcome;
        out.by = p.name + "/" + p.document.label(d.statement);
        if (d.outcome == effect::explicit_deny) break;
    }
    return out;
}

opinion of_session(const std::optional<policy::document>& policy, const policy::request& asked,
                   const policy::context& facts) {
    opinion out;
    if (!policy) return {effect::allow, principal_match::none, {}};
    const policy::decision d = policy::evaluate(*policy, asked, facts);
    out.outcome = d.outcome;
    if (d.outcome != effect::implicit_deny) out.by = policy->label(d.statement);
    return out;
}

opinion of_trust(const caller& by, const role_record* role, std::string_view action,
                 const policy::context& facts) {
    opinion out;
    if (role == nullptr) return out;
    const policy::decision d = policy::evaluate_trust(role->trust, action, by.principal, facts);
    out.outcome = d.outcome;
    out.match = d.match;
    if (d.outcome != effect::implicit_deny) out.by = role->trust.label(d.statement);
    return out;
}

std::string_view name_of(effect outcome) {
    switch (outcome) {
        case effect::allow:
            return "allow";
        case effect::explicit_deny:
            return "explicitDeny";
        case effect::implicit_deny:
            break;
    }
    return "implicitDeny";
}

std::string_view name_of(principal_match match) {
    switch (match) {
        case principal_match::direct:
            return "caller";
        case principal_match::role:
            return "role";
        case principal_match::account:
            return "account";
        case principal_match::none:
            break;
    }
    return "none";
}

boost::json::object shown(const opinion& one) {
    boost::json::object out;
    out["effect"] = name_of(one.outcome);
    if (!one.by.empty()) out["statement"] = one.by;
    if (one.match != principal_match::none) out["principal"] = name_of(one.match);
    return out;
}

bool decide(const caller& by, const role_record* role, const opinion& trust,
            const opinion& identity, const opinion& session) {
    if (role == nullptr || trust.outcome != effect::allow) return false;
    if (by.principal.kind == policy::principal::type::service) return true;
    const bool identity_allows = identity.outcome == effect::allow;
    const bool session_allows = session.outcome == effect::allow;
    if (by.principal.account != role->account) return identity_allows && session_allows;
    // Since 2022 a role may assume itself only when its trust policy names it.
    const bool itself = by.role != nullptr && by.role->arn == role->arn;
    switch (trust.match) {
        case principal_match::direct:
            return true;
        case principal_match::role:
            return session_allows;
        case principal_match::account:
            return !itself && identity_allows && session_allows;
        case principal_match::none:
            break;
    }
    return false;
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
    const policy::request asked{action, role_arn_};
    const opinion identity = of_identity(by_, asked, facts);
    const opinion session = of_session(session_policy_, asked, facts);
    const opinion trust = of_trust(by_, role_, action, facts);
    const bool denied = identity.outcome == effect::explicit_deny ||
                        session.outcome == effect::explicit_deny ||
                        trust.outcome == effect::explicit_deny;
    const bool allowed = !denied && decide(by_, role_, trust, identity, session);

    boost::json::object entry;
    entry["action"] = action;
    entry["allowed"] = allowed;
    entry["trust"] = shown(trust);
    if (role_ == nullptr) entry["roleFound"] = false;
    if (by_.principal.kind != policy::principal::type::service) entry["identity"] = shown(identity);
    if (session_policy_) entry["session"] = shown(session);
    trace_.push_back(std::move(entry));
    if (allowed) return {};

    // Only the caller's own side is explained: the role's side would tell whether it exists.
    if (identity.outcome == effect::explicit_deny)
        return access_denied(by_, action, role_arn_,
                             " with an explicit deny in an identity-based policy");
    if (session.outcome == effect::explicit_deny)
        return access_denied(by_, action, role_arn_, " with an explicit deny in a session policy");
    return access_denied(by_, action, role_arn_);
}

}  // namespace sts
