#include "policy/evaluate.hpp"

#include <algorithm>

namespace policy {

namespace {

bool action_applies(const statement& s, std::string_view action) {
    const bool listed = std::any_of(s.actions.begin(), s.actions.end(), [&](const std::string& a) {
        return glob_ignoring_case(a, action);
    });
    return listed != s.not_action;
}

bool resource_applies(const statement& s, std::string_view resource, const context& facts) {
    std::string scratch;
    const bool listed = std::any_of(s.resources.begin(), s.resources.end(), [&](const pattern& p) {
        const auto compiled = p.expand(facts, scratch);
        return compiled && glob(*compiled, resource);
    });
    return listed != s.not_resource;
}

bool conditions_apply(const statement& s, const context& facts) {
    verdict all = verdict::yes;
    for (const condition& c : s.conditions) {
        const verdict one = c.evaluate(facts);
        if (one == verdict::no) return false;
        if (one == verdict::unevaluable) all = one;
    }
    // Fail closed: what cannot be evaluated grants nothing and still denies.
    return all == verdict::yes || !s.allow;
}

principal_match best_match(const statement& s, const principal& caller) {
    principal_match best = principal_match::none;
    for (const principal_element& element : s.principals)
        best = std::max(best, element.matches(caller, !s.allow));
    return best;
}

}  // namespace

decision evaluate(const document& policy, const request& asked, const context& facts) {
    decision out;
    if (policy.kind() == document_kind::trust) return out;
    const auto& statements = policy.statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const statement& s = statements[i];
        if (s.allow && out.outcome == effect::allow) continue;
        if (!action_applies(s, asked.action) || !resource_applies(s, asked.resource, facts) ||
            !conditions_apply(s, facts))
            continue;
        out.statement = i;
        out.outcome = s.allow ? effect::allow : effect::explicit_deny;
        if (!s.allow) return out;
    }
    return out;
}

decision evaluate_trust(const document& policy, std::string_view action, const principal& caller,
                        const context& facts) {
    decision out;
    if (policy.kind() != document_kind::trust) return out;
    const auto& statements = policy.statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const statement& s = statements[i];
        const principal_match match = best_match(s, caller);
        if (match == principal_match::none || (s.allow && match <= out.match)) continue;
        if (!action_applies(s, action) || !conditions_apply(s, facts)) continue;
        out.statement = i;
        if (!s.allow) return {effect::explicit_deny, i, principal_match::none};
        out.outcome = effect::allow;
        out.match = match;
    }
    return out;
}

}  // namespace policy
