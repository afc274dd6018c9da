#include "policy/analysis.hpp"

#include <algorithm>

#include "aws/arn.hpp"
#include "policy/assuming_action.hpp"
#include "policy/outlook.hpp"

namespace policy {

namespace {

using kind = principal::type;
using element_type = principal_element::type;

/// How sure something is, and on what it depends.
struct judged {
    certainty sure = certainty::no;
    std::vector<std::string> depends;
    std::string by;
};

judged both(judged a, const judged& b) {
    a.sure = std::min(a.sure, b.sure);
    a.depends.insert(a.depends.end(), b.depends.begin(), b.depends.end());
    return a;
}

/// The surer one; of two that depend on something, the one that depends on less.
judged better(judged a, judged b) {
    if (b.sure > a.sure) return b;
    const bool less = b.sure == a.sure && b.sure != certainty::no;
    if (less && b.depends.size() < a.depends.size()) return b;
    return a;
}

/// What is known before there is a request.
struct standpoint {
    const principal& caller;
    context facts;
    /// Prefixes and keys, lower case, of which every value that there is stands in `facts`.
    std::vector<std::string> settled;
    bool session_unknown = false;  ///< a role's session whose name is open
    std::optional<base::wall_time> now{};

    bool knows(const std::string& key) const {
        if (facts.find(key) != nullptr) return true;
        return std::any_of(settled.begin(), settled.end(), [&](const std::string& s) {
            return s.ends_with('/') ? key.starts_with(s) : key == s;
        });
    }
};

standpoint stand(const principal& caller, const context& tags, const known_role* target,
                 std::string_view target_account) {
    standpoint out{caller, tags, {}, false};
    const bool service = caller.kind == kind::service;
    const bool session = caller.kind == kind::role_session;
    out.facts.set("aws:PrincipalIsAWSService", service ? "true" : "false");
    out.facts.set("aws:ResourceAccount", target_account);
    out.settled = {"aws:principalarn", "aws:principalaccount", "aws:username", "aws:resourcetag/",
                   "iam:resourcetag/"};
    if (service) {
        out.facts.set("aws:PrincipalServiceName", caller.service);
    } else if (!caller.account.empty() && caller.kind != kind::federated) {
        out.facts.set("aws:PrincipalAccount", caller.account);
    }
    // Of a session that only its ARN tells of, the role's path is not known.
    const std::string& own = session ? caller.role_arn : caller.arn;
    if ((caller.kind == kind::user || session) && !own.empty())
        out.facts.set("aws:PrincipalArn", own);
    if (caller.kind == kind::user) {
        const auto slash = caller.arn.rfind('/');
        if (slash != std::string::npos)
            out.facts.set("aws:username", std::string_view(caller.arn).substr(slash + 1));
        out.facts.set("aws:PrincipalType", "User");
    }
    if (session) out.facts.set("aws:PrincipalType", "AssumedRole");
    // Tags of a session can come with it.
    if (!session) out.settled.push_back("aws:principaltag/");
    if (target != nullptr) {
        for (const context::attribute& tag : target->tags.all())
            out.facts.set(tag.key, tag.values.front());
    }
    return out;
}

/// Someone of whom nothing is known but what a Principal element says.
standpoint outside(const principal& caller, const known_role& target,
                   std::string_view target_account) {
    standpoint out = stand(caller, {}, &target, target_account);
    const bool whole_account = caller.kind == kind::account_root || caller.kind == kind::anonymous;
    out.settled = {"aws:resourcetag/", "iam:resourcetag/"};
    // An account stands for everyone in it, a role for its sessions.
    if (whole_account || !caller.role_arn.empty()) out.session_unknown = true;
    return out;
}

std::string condition_text(const condition& c) {
    std::string out = c.key() + " " + c.operation() + " ";
    const auto& values = c.values();
    if (values.empty()) return out + "no value";
    for (std::size_t i = 0; i < values.size(); ++i)
        out += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + values[i];
    return out;
}

/// All conditions of a statement.
judged conditions(const statement& s, const standpoint& from) {
    judged out{certainty::yes, {}, {}};
    if (can_never_hold(s, from.now)) return {};
    for (const condition& c : s.conditions) {
        if (c.values().empty() && s.allow) return {};  // never holds
        std::vector<std::string> keys{c.key()};
        c.add_variable_keys(keys);
        const bool known = std::all_of(keys.begin(), keys.end(),
                                       [&](const std::string& k) { return from.knows(k); });
        if (!known && from.now && holds_from_now_on(c, s.allow, *from.now)) continue;
        if (!known) {
            out.sure = std::min(out.sure, certainty::conditional);
            out.depends.push_back(condition_text(c));
            continue;
        }
        const verdict v = c.evaluate(from.facts);
        if (v == verdict::no || (v == verdict::unevaluable && s.allow)) return {};
    }
    return out;
}

judged resources(const statement& s, std::string_view resource, const standpoint& from) {
    for (const pattern& p : s.resources) {
        std::vector<std::string> keys;
        p.add_variable_keys(keys);
        for (const std::string& key : keys) {
            if (!from.knows(key))
                return {certainty::conditional, {"the resource fits by " + key}, {}};
        }
    }
    return {resource_applies(s, resource, from.facts) ? certainty::yes : certainty::no, {}, {}};
}

/// Sums up statements of one effect.
template <class Each>
judged sum(const document& text, bool allow, Each each) {
    judged out;
    for (std::size_t i = 0; i < text.statements().size(); ++i) {
        const statement& s = text.statements()[i];
        if (s.allow != allow) continue;
        judged one = each(s);
        if (one.sure == certainty::no) continue;
        one.by = text.label(i);
        out = better(std::move(out), std::move(one));
    }
    return out;
}

judged in_policies(policy_list policies, bool allow, const request& asked, const standpoint& from) {
    judged out;
    for (const attached& one : policies) {
        if (one.text == nullptr) continue;
        out = better(std::move(out), sum(*one.text, allow, [&](const statement& s) -> judged {
                         if (!action_applies(s, asked.action)) return {};
                         const judged fits = resources(s, asked.resource, from);
                         if (fits.sure == certainty::no) return {};
                         return both(conditions(s, from), fits);
                     }));
    }
    return out;
}

/// How a statement names the caller; a session whose name is open may be the one that is named.
struct naming {
    principal_match match = principal_match::none;
    std::string depends;
};

std::string role_session_prefix(const principal& caller) {
    // arn:p:sts::account:assumed-role/name/session: all but the session
    const auto slash = caller.arn.rfind('/');
    return slash == std::string::npos ? std::string() : caller.arn.substr(0, slash + 1);
}

std::vector<naming> namings(const statement& s, const standpoint& from) {
    std::vector<naming> out;
    if (s.not_principal) {
        if (const auto match = principal_applies(s, from.caller); match != principal_match::none)
            out.push_back({match, {}});
        return out;
    }
    for (const principal_element& e : s.principals) {
        const auto match = e.matches(from.caller, !s.allow);
        if (match != principal_match::none) {
            out.push_back({match, {}});
        } else if (from.session_unknown && e.kind() == element_type::session &&
                   from.caller.kind == kind::role_session &&
                   e.value().starts_with(role_session_prefix(from.caller))) {
            out.push_back({principal_match::direct, "the session is " + e.value()});
        } else if (from.session_unknown && from.caller.kind == kind::account_root &&
                   e.kind() != element_type::account && e.account() == from.caller.account) {
            out.push_back({principal_match::direct, "the caller is " + e.value()});
        }
    }
    return out;
}

judged in_trust(const document& trust, bool allow, principal_match at, std::string_view action,
                const standpoint& from) {
    return sum(trust, allow, [&](const statement& s) -> judged {
        judged best;
        if (!action_applies(s, action)) return best;
        for (const naming& n : namings(s, from)) {
            if (allow && n.match != at) continue;
            judged one = conditions(s, from);
            if (!n.depends.empty())
                one = both(std::move(one), {certainty::conditional, {n.depends}, {}});
            best = better(std::move(best), std::move(one));
        }
        return best;
    });
}

/// Everything that stands in the way, as "unless …". False: it always does.
bool denials(judged denied, judged& into) {
    if (denied.sure == certainty::yes) return false;
    if (denied.sure == certainty::no) return true;
    std::string all = "unless ";
    for (std::size_t i = 0; i < denied.depends.size(); ++i)
        all += (i == 0 ? "" : " and ") + denied.depends[i];
    into.depends.push_back(std::move(all));
    into.sure = std::min(into.sure, certainty::conditional);
    return true;
}

/// Denials of a document, each on its own: one that holds for certain, or all that may.
template <class Each>
std::vector<judged> every_denial(const document& text, Each each) {
    std::vector<judged> out;
    for (const statement& s : text.statements()) {
        if (s.allow) continue;
        judged one = each(s);
        if (one.sure != certainty::no) out.push_back(std::move(one));
    }
    return out;
}

const std::string& arn_of(const estate& all, const known_role& role) {
    return all.principals[role.principal].arn;
}
const std::string& account_of(const estate& all, const known_role& role) {
    return all.principals[role.principal].who.account;
}

/// The trust's side alone, by the three ways to be named.
struct trust_side {
    judged direct, role, account;
};

trust_side ask_trust(const known_role& role, std::string_view action, const standpoint& from) {
    const auto at = [&](principal_match m) { return in_trust(*role.trust, true, m, action, from); };
    return {at(principal_match::direct), at(principal_match::role), at(principal_match::account)};
}

bool apply_trust_denials(const known_role& role, std::string_view action, const standpoint& from,
                         judged& into) {
    for (judged& one : every_denial(*role.trust, [&](const statement& s) -> judged {
             if (!action_applies(s, action)) return {};
             judged best;
             for (const naming& n : namings(s, from)) {
                 judged hit = conditions(s, from);
                 if (!n.depends.empty())
                     hit = both(std::move(hit), {certainty::conditional, {n.depends}, {}});
                 best = better(std::move(best), std::move(hit));
             }
             return best;
         })) {
        if (!denials(std::move(one), into)) return false;
    }
    return true;
}

bool apply_denials(policy_list policies, const request& asked, const standpoint& from,
                   judged& into) {
    for (const attached& p : policies) {
        if (p.text == nullptr) continue;
        for (judged& one : every_denial(*p.text, [&](const statement& s) -> judged {
                 if (!action_applies(s, asked.action)) return {};
                 const judged fits = resources(s, asked.resource, from);
                 if (fits.sure == certainty::no) return {};
                 return both(conditions(s, from), fits);
             })) {
            if (!denials(std::move(one), into)) return false;
        }
    }
    return true;
}

std::optional<access> judge(const estate& all, const known_role& role, const known_principal& by) {
    constexpr std::string_view action = "sts:AssumeRole";
    const std::string& arn = arn_of(all, role);
    standpoint from = stand(by.who, by.tags, &role, account_of(all, role));
    from.session_unknown = by.who.kind == kind::role_session && by.who.arn.ends_with("/*");
    from.now = all.now;
    const request asked{action, arn};
    const trust_side trust = ask_trust(role, action, from);

    judged boundary{certainty::yes, {}, {}};
    const policy_list limits = by.boundary ? policy_list(&*by.boundary, 1) : policy_list();
    if (by.boundary) boundary = in_policies(limits, true, asked, from);
    const judged own = both(in_policies(by.identity, true, asked, from), boundary);

    judged can;
    if (by.who.account == account_of(all, role)) {
        can = better(trust.direct, both(trust.role, boundary));
        // A role that assumes itself must be named by its trust.
        if (by.arn != arn) can = better(std::move(can), both(trust.account, own));
    } else {
        judged named = better(trust.direct, better(trust.role, trust.account));
        can = both(std::move(named), own);
    }
    if (can.sure == certainty::no) return std::nullopt;
    if (!apply_trust_denials(role, action, from, can) ||
        !apply_denials(by.identity, asked, from, can) || !apply_denials(limits, asked, from, can))
        return std::nullopt;
    return access{by.arn, arn, std::string(action), true, can.sure, can.depends, can.by};
}

std::string_view partition_of(std::string_view arn) {
    const std::string_view rest = arn.substr(std::string_view("arn:").size());
    return rest.substr(0, rest.find(':'));
}

/// Some session of a role.
std::string session_arn(const std::string& role_arn) {
    const auto parsed = aws::parse_role_arn(role_arn);
    if (!parsed) return {};
    return aws::assumed_role_arn(parsed->partition, parsed->account, parsed->name, "*");
}

/// `partition`: of those who do not say theirs.
principal as_caller(const principal_element& e, std::string_view partition) {
    principal out;
    out.account = e.account();
    switch (e.kind()) {
        case element_type::everyone:
        case element_type::anyone:
        case element_type::canonical_user:
            break;
        case element_type::account:
            out.kind = kind::account_root;
            if (!e.partition().empty()) partition = e.partition();
            out.arn = "arn:" + std::string(partition) + ":iam::" + e.value() + ":root";
            break;
        case element_type::user:
            out.kind = kind::user;
            out.arn = e.value();
            break;
        case element_type::role:
            out.kind = kind::role_session;
            out.role_arn = e.value();
            out.arn = session_arn(e.value());
            break;
        case element_type::session:
            out.arn = e.value();
            out.kind = e.value().find(":federated-user/") != std::string::npos
                           ? kind::federated_user
                           : kind::role_session;
            break;
        case element_type::unique_id:
            out.kind = e.value().starts_with("AROA") ? kind::role_session : kind::user;
            out.unique_id = e.value();
            break;
        case element_type::federated:
            out.kind = kind::federated;
            out.provider = e.value();
            break;
        case element_type::service:
            out.kind = kind::service;
            out.service = e.value();
            break;
    }
    return out;
}

/// Whether an element speaks of someone who is not defined (and may exist).
bool is_external(const estate& all, const principal_element& e) {
    switch (e.kind()) {
        case element_type::everyone:
        case element_type::anyone:
        case element_type::service:
        case element_type::federated:
            return true;
        case element_type::canonical_user:
        case element_type::unique_id:
            return false;
        default:
            return !all.accounts.contains(e.account());
    }
}

std::optional<access> judge_outside(const estate& all, const known_role& role, std::size_t index,
                                    const principal_element& e) {
    const statement& s = role.trust->statements()[index];
    const std::string action = assuming_action(e);
    if (!s.allow || !action_applies(s, action)) return std::nullopt;
    const principal caller = as_caller(e, partition_of(arn_of(all, role)));
    // "Roles may not be assumed" by those whom a user vouches for (STS).
    if (caller.kind == kind::federated_user) return std::nullopt;
    standpoint from = outside(caller, role, account_of(all, role));
    from.now = all.now;
    judged can = conditions(s, from);
    if (can.sure == certainty::no) return std::nullopt;
    if (!apply_trust_denials(role, action, from, can)) return std::nullopt;
    return access{e.text(),    arn_of(all, role),       action, false, can.sure,
                  can.depends, role.trust->label(index)};
}

void add_outside(const estate& all, const known_role& role, std::vector<access>& out) {
    const auto& statements = role.trust->statements();
    for (std::size_t i = 0; i < statements.size(); ++i) {
        for (const principal_element& e : statements[i].principals) {
            if (!is_external(all, e)) continue;
            if (auto one = judge_outside(all, role, i, e)) out.push_back(std::move(*one));
        }
    }
}

/// Of our accounts: everyone in one, or a single session.
std::optional<std::vector<access>> what_insiders_can(const estate& all,
                                                     const principal_element& by) {
    std::vector<access> out;
    const bool session = by.kind() == element_type::session;
    if (!session && by.kind() != element_type::account) return std::nullopt;
    // A federated user may not assume roles.
    if (session && by.value().find(":federated-user/") != std::string::npos) return out;
    bool known = !session;
    for (const known_principal& one : all.principals) {
        if (one.who.account != by.account()) continue;
        known_principal caller = one;
        if (session) {
            if (one.who.kind != kind::role_session ||
                !by.value().starts_with(role_session_prefix(one.who)))
                continue;
            known = true;
            caller.who.arn = by.value();
        }
        for (access& found : what_can_assume(all, caller)) {
            if (session) found.principal = by.value();
            out.push_back(std::move(found));
        }
    }
    if (!known) return std::nullopt;
    return out;
}

}  // namespace

const char* to_string(certainty c) {
    switch (c) {
        case certainty::yes:
            return "yes";
        case certainty::conditional:
            return "conditional";
        case certainty::no:
            break;
    }
    return "no";
}

const known_principal* estate::find(std::string_view arn) const {
    for (const known_principal& p : principals) {
        if (p.arn == arn) return &p;
    }
    return nullptr;
}

const known_role* estate::find_role(std::string_view arn) const {
    for (const known_role& r : roles) {
        if (principals[r.principal].arn == arn) return &r;
    }
    return nullptr;
}

std::vector<access> who_can_assume(const estate& all, const known_role& role) {
    std::vector<access> out;
    for (const known_principal& by : all.principals) {
        if (auto one = judge(all, role, by)) out.push_back(std::move(*one));
    }
    add_outside(all, role, out);
    return out;
}

std::vector<access> what_can_assume(const estate& all, const known_principal& by) {
    std::vector<access> out;
    for (const known_role& role : all.roles) {
        if (auto one = judge(all, role, by)) out.push_back(std::move(*one));
    }
    return out;
}

std::optional<std::vector<access>> what_can_assume(const estate& all, std::string_view by) {
    if (const known_principal* defined = all.find(by)) return what_can_assume(all, *defined);
    std::optional<principal_element> element;
    for (const char* key : {"AWS", "Service", "Federated"}) {
        auto parsed = principal_element::parse(key, by);
        if (!parsed) continue;
        element = std::move(*parsed);
        break;
    }
    if (!element) return std::nullopt;
    if (!is_external(all, *element)) return what_insiders_can(all, *element);

    std::vector<access> out;
    const std::string action = assuming_action(*element);
    for (const known_role& role : all.roles) {
        const principal caller = as_caller(*element, partition_of(arn_of(all, role)));
        if (caller.kind == kind::federated_user) continue;
        standpoint from = outside(caller, role, account_of(all, role));
        from.now = all.now;
        const trust_side trust = ask_trust(role, action, from);
        judged can = better(trust.direct, better(trust.role, trust.account));
        if (can.sure == certainty::no || !apply_trust_denials(role, action, from, can)) continue;
        out.push_back(
            {std::string(by), arn_of(all, role), action, false, can.sure, can.depends, can.by});
    }
    return out;
}

}  // namespace policy
