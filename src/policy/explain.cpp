#include "policy/explain.hpp"

namespace policy {

namespace {

std::string list_of(const std::vector<std::string>& values) {
    std::string out = "[";
    for (const std::string& value : values) {
        if (out.size() > 1) out += ", ";
        out += value;
    }
    return out + "]";
}

condition_report report(const condition& c, const context& facts) {
    condition_report out{c.operation(), c.key(), c.values(), false, {}, c.evaluate(facts)};
    if (const context::attribute* found = facts.find(c.key())) {
        out.present = true;
        out.got = found->values;
    }
    return out;
}

void add(policy_type type, const attached& from, const question& q,
         std::vector<statement_report>& out) {
    if (from.text == nullptr) return;
    const document_kind kind = from.text->kind();
    const auto& statements = from.text->statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const statement& s = statements[i];
        statement_report one;
        one.type = type;
        one.policy = from.name;
        one.statement = from.text->label(i);
        one.allow = s.allow;
        if (has_principals(kind))
            one.principal_matches = principal_applies(s, q.caller) != principal_match::none;
        one.action_matches = action_applies(s, q.action);
        if (kind != document_kind::trust)
            one.resource_matches = resource_applies(s, q.resource, q.facts);
        for (const condition& c : s.conditions)
            one.conditions.push_back(report(c, q.facts));
        const verdict all = conditions_hold(s, q.facts);
        one.applies = one.principal_matches && one.action_matches && one.resource_matches &&
                      (all == verdict::yes || (all == verdict::unevaluable && !s.allow));
        out.push_back(std::move(one));
    }
}

}  // namespace

std::string text_of(const condition_report& one) {
    return one.operation + " " + one.key + " " + list_of(one.wanted) + ", the request has " +
           (one.present ? list_of(one.got) : std::string("none"));
}

std::string statement_report::why_not() const {
    if (applies) return {};
    if (!principal_matches) return "the caller is not among its principals";
    if (!action_matches) return "the action does not match";
    if (!resource_matches) return "the resource does not match";
    for (const condition_report& c : conditions) {
        if (c.outcome == verdict::no) return "condition failed: " + text_of(c);
        if (c.outcome == verdict::unevaluable)
            return "condition cannot be evaluated: " + text_of(c);
    }
    return {};
}

std::vector<statement_report> explain(const question& q) {
    std::vector<statement_report> out;
    using kind = principal::type;
    const bool outsider = q.caller.kind == kind::service || q.caller.kind == kind::federated ||
                          q.caller.kind == kind::anonymous;
    const auto all = [&](policy_type type, policy_list policies) {
        for (const attached& one : policies)
            add(type, one, q, out);
    };
    if (!outsider) {
        for (const policy_list& level : q.service_control)
            all(policy_type::service_control, level);
    }
    for (const policy_list& level : q.resource_control)
        all(policy_type::resource_control, level);
    if (q.resource_policy) add(policy_type::resource, *q.resource_policy, q, out);
    if (outsider) return out;
    all(policy_type::identity, q.identity);
    if (q.boundary) add(policy_type::boundary, *q.boundary, q, out);
    if (q.session) all(policy_type::session, *q.session);
    return out;
}

}  // namespace policy
