#include "policy/authorize.hpp"

namespace policy {

namespace {

using kind = principal::type;

bool is_outsider(kind caller) {
    return caller == kind::service || caller == kind::federated || caller == kind::anonymous;
}

/// Takes one document's decision into the sum of its type. True once it can not change any more.
bool add(opinion& sum, const attached& from, const decision& said) {
    if (said.outcome == effect::implicit_deny) return false;
    const bool better = said.outcome == effect::explicit_deny ||
                        sum.outcome == effect::implicit_deny || said.match > sum.match;
    if (better) {
        sum.outcome = said.outcome;
        sum.policy = from.name;
        sum.text = from.text;
        sum.statement = said.statement;
        sum.match = said.match;
    }
    return said.outcome == effect::explicit_deny;
}

/// One of the policies must allow.
opinion any_of(policy_list policies, const question& q) {
    opinion sum;
    sum.present = true;
    for (const attached& one : policies) {
        if (one.text == nullptr) continue;
        if (add(sum, one, evaluate(*one.text, {q.action, q.resource}, q.facts))) break;
    }
    return sum;
}

opinion any_resource_policy(policy_list policies, const question& q) {
    opinion sum;
    sum.present = true;
    for (const attached& one : policies) {
        if (one.text == nullptr) continue;
        const request asked{q.action, q.resource};
        if (add(sum, one, evaluate_resource(*one.text, asked, q.caller, q.facts))) break;
    }
    return sum;
}

/// Every level must allow; a denial on any level is one.
template <class Ask>
opinion every_level(std::span<const policy_list> levels, Ask ask) {
    opinion sum;
    bool blocked = false;
    for (const policy_list& level : levels) {
        opinion one = ask(level);
        if (one.outcome == effect::explicit_deny) return one;
        if (one.outcome == effect::implicit_deny) blocked = true;
        sum = one;
    }
    sum.present = !levels.empty();
    if (blocked) {
        sum = {};
        sum.present = true;
    }
    return sum;
}

void ask_all(const question& q, authorization& out) {
    const auto of = [&](policy_type type) -> opinion& { return out.opinions[std::size_t(type)]; };
    const bool outsider = is_outsider(q.caller.kind);
    if (!outsider) {
        of(policy_type::service_control) =
            every_level(q.service_control, [&](policy_list level) { return any_of(level, q); });
        of(policy_type::identity) = any_of(q.identity, q);
        if (q.boundary) of(policy_type::boundary) = any_of({&*q.boundary, 1}, q);
        if (q.session) of(policy_type::session) = any_of(*q.session, q);
    }
    of(policy_type::resource_control) = every_level(
        q.resource_control, [&](policy_list level) { return any_resource_policy(level, q); });
    if (q.resource_policy)
        of(policy_type::resource) = any_resource_policy({&*q.resource_policy, 1}, q);

    opinion& identity = of(policy_type::identity);
    if (q.caller.kind == kind::account_root && identity.outcome == effect::implicit_deny)
        identity.outcome = effect::allow;
}

struct verdict_by {
    bool allow;
    policy_type by;
};

/// Boundary and session policies only take away.
verdict_by limits(const question& q, const authorization& out, policy_type granted_by) {
    if (q.boundary && out.of(policy_type::boundary).outcome != effect::allow)
        return {false, policy_type::boundary};
    const bool narrowed = q.session.has_value();
    if (narrowed && out.of(policy_type::session).outcome != effect::allow)
        return {false, policy_type::session};
    if (!narrowed && q.caller.kind == kind::federated_user) return {false, policy_type::session};
    return {true, granted_by};
}

verdict_by callers_side(const question& q, const authorization& out) {
    if (out.of(policy_type::identity).outcome != effect::allow)
        return {false, policy_type::identity};
    return limits(q, out, policy_type::identity);
}

verdict_by decide(const question& q, const authorization& out) {
    const opinion& resource = out.of(policy_type::resource);
    const bool granted = resource.outcome == effect::allow;
    if (is_outsider(q.caller.kind)) return {granted, policy_type::resource};
    if (out.cross_account) {
        if (!granted) return {false, policy_type::resource};
        return callers_side(q, out);
    }
    const principal_match match = granted ? resource.match : principal_match::none;
    if (match == principal_match::direct) return {true, policy_type::resource};
    if (match == principal_match::role) {
        // The caller's own policies may still allow what the resource's grant already does.
        return limits(q, out, policy_type::resource);
    }
    const bool delegated = match == principal_match::account && q.delegation;
    if (q.resource_must_allow && !delegated) return {false, policy_type::resource};
    return callers_side(q, out);
}

}  // namespace

const char* to_string(policy_type type) {
    switch (type) {
        case policy_type::service_control:
            return "service control policy";
        case policy_type::resource_control:
            return "resource control policy";
        case policy_type::resource:
            return "resource-based policy";
        case policy_type::identity:
            return "identity-based policy";
        case policy_type::boundary:
            return "permissions boundary";
        case policy_type::session:
            return "session policy";
    }
    return "policy";
}

std::string opinion::by() const {
    if (text == nullptr) return {};
    return policy.empty() ? text->label(statement)
                          : std::string(policy) + "/" + text->label(statement);
}

authorization authorize(const question& q) {
    authorization out;
    out.cross_account = !q.resource_account.empty() && q.resource_account != q.caller.account &&
                        !is_outsider(q.caller.kind);
    ask_all(q, out);
    for (std::size_t i = 0; i < policy_types; ++i) {
        if (out.opinions[i].outcome != effect::explicit_deny) continue;
        out.outcome = effect::explicit_deny;
        out.decided_by = policy_type(i);
        return out;
    }
    for (const policy_type type : {policy_type::service_control, policy_type::resource_control}) {
        if (!out.of(type).present || out.of(type).outcome == effect::allow) continue;
        out.decided_by = type;
        return out;
    }
    const verdict_by last = decide(q, out);
    out.outcome = last.allow ? effect::allow : effect::implicit_deny;
    out.decided_by = last.by;
    return out;
}

std::string reason_clause(const authorization& decided, std::string_view action) {
    const policy_type by = decided.decided_by;
    const bool theirs = by == policy_type::resource || by == policy_type::resource_control;
    if (decided.allowed() || (theirs && decided.cross_account)) return {};
    if (decided.outcome == effect::explicit_deny) {
        const char* article = by == policy_type::identity ? " an " : " a ";
        return std::string(" with an explicit deny in") + article + to_string(by);
    }
    return std::string(" because no ") + to_string(by) + " allows the " + std::string(action) +
           " action";
}

}  // namespace policy
