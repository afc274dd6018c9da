#include "policy/evaluate.hpp"

#include <algorithm>

namespace policy {

namespace {

principal_match best_match(const statement& s, const principal& caller) {
    principal_match best = principal_match::none;
    for (const principal_element& element : s.principals)
        best = std::max(best, element.matches(caller, !s.allow));
    return best;
}

/// A caller is several principals at once (a session, its role, its account), and is spared only
/// when all of them are listed (IAM User Guide, NotPrincipal with Deny).
bool excepted(const statement& s, const principal& caller) {
    bool account = false, role = false, self = false;
    for (const principal_element& element : s.principals) {
        using type = principal_element::type;
        if (element.kind() == type::everyone || element.kind() == type::anyone) return true;
        switch (element.matches(caller, false)) {
            case principal_match::account:
                account = true;
                break;
            case principal_match::role:
                role = true;
                break;
            case principal_match::direct:
                self = true;
                break;
            case principal_match::none:
                break;
        }
    }
    switch (caller.kind) {
        case principal::type::account_root:
            return account;
        case principal::type::user:
        case principal::type::federated_user:
            return account && self;
        case principal::type::role_session:
            return account && role && self;
        case principal::type::service:
        case principal::type::federated:
            return self;
        case principal::type::anonymous:
            break;
    }
    return false;
}

/// Fail closed: what cannot be evaluated grants nothing and still denies.
bool conditions_apply(const statement& s, const context& facts) {
    const verdict all = conditions_hold(s, facts);
    return all == verdict::yes || (all == verdict::unevaluable && !s.allow);
}

}  // namespace

const char* to_string(effect outcome) {
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

bool action_applies(const statement& s, std::string_view action) {
    const bool listed = std::any_of(s.actions.begin(), s.actions.end(), [&](const std::string& a) {
        return glob_ignoring_case(a, action);
    });
    return listed != s.not_action;
}

bool resource_applies(const statement& s, std::string_view resource, const context& facts) {
    std::string scratch;
    return resource_applies(s, resource, facts, scratch);
}

bool resource_applies(const statement& s, std::string_view resource, const context& facts,
                      std::string& scratch) {
    const bool listed = std::any_of(s.resources.begin(), s.resources.end(), [&](const pattern& p) {
        const auto compiled = p.expand(facts, scratch);
        return compiled && glob(*compiled, resource);
    });
    return listed != s.not_resource;
}

principal_match principal_applies(const statement& s, const principal& caller) {
    if (!s.not_principal) return best_match(s, caller);
    return excepted(s, caller) ? principal_match::none : principal_match::direct;
}

verdict conditions_hold(const statement& s, const context& facts) {
    verdict all = verdict::yes;
    for (const condition& c : s.conditions) {
        const verdict one = c.evaluate(facts);
        if (one == verdict::no) return one;
        if (one == verdict::unevaluable) all = one;
    }
    return all;
}

decision evaluate(const document& policy, const request& asked, const context& facts) {
    decision out;
    if (has_principals(policy.kind())) return out;
    std::string scratch;  // one for all statements
    const auto& statements = policy.statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const statement& s = statements[i];
        if (s.allow && out.outcome == effect::allow) continue;
        if (!action_applies(s, asked.action) ||
            !resource_applies(s, asked.resource, facts, scratch) || !conditions_apply(s, facts))
            continue;
        out.statement = i;
        out.outcome = s.allow ? effect::allow : effect::explicit_deny;
        if (!s.allow) return out;
    }
    return out;
}

decision evaluate_resource(const document& policy, const request& asked, const principal& caller,
                           const context& facts) {
    decision out;
    if (!has_principals(policy.kind())) return out;
    std::string scratch;
    const bool any_resource = policy.kind() == document_kind::trust;
    const auto& statements = policy.statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const statement& s = statements[i];
        const principal_match match = principal_applies(s, caller);
        if (match == principal_match::none || (s.allow && match <= out.match)) continue;
        if (!action_applies(s, asked.action) ||
            (!any_resource && !resource_applies(s, asked.resource, facts, scratch)) ||
            !conditions_apply(s, facts))
            continue;
        if (!s.allow) return {effect::explicit_deny, i, principal_match::none};
        out = {effect::allow, i, match};
    }
    return out;
}

decision evaluate_trust(const document& policy, std::string_view action, const principal& caller,
                        const context& facts) {
    if (policy.kind() != document_kind::trust) return {};
    return evaluate_resource(policy, {action, {}}, caller, facts);
}

}  // namespace policy
