#include <algorithm>

#include "policy/analysis.hpp"
#include "policy/assuming_action.hpp"
#include "policy/outlook.hpp"

namespace policy {

namespace {

using element_type = principal_element::type;

/// Whether only requests with the right value of its key meet the condition: not those without the
/// key (IfExists, negations, ForAllValues), nor those with any other value ("*").
bool demands(const condition& c) {
    if (c.evaluate({}) != verdict::no) return false;
    for (const char* other : {"another-value", "arn:aws:s3:::another-bucket", "100000000001"}) {
        context facts;
        facts.set(c.key(), other);
        if (c.evaluate(facts) != verdict::no) return false;
    }
    return true;
}

bool demands(const statement& s, std::initializer_list<std::string_view> keys) {
    return std::any_of(s.conditions.begin(), s.conditions.end(), [&](const condition& c) {
        return std::find(keys.begin(), keys.end(), c.key()) != keys.end() && demands(c);
    });
}

bool demands_suffix(const statement& s, std::string_view suffix) {
    return std::any_of(s.conditions.begin(), s.conditions.end(),
                       [&](const condition& c) { return c.key().ends_with(suffix) && demands(c); });
}

/// A user of an account that nobody has heard of: account ids begin at 100000000000.
context stranger() {
    context facts;
    facts.set("aws:PrincipalAccount", "000000000000");
    facts.set("aws:PrincipalArn", "arn:aws:iam::000000000000:user/stranger");
    facts.set("aws:PrincipalType", "User");
    return facts;
}

bool names_everyone(const statement& s) {
    return std::any_of(s.principals.begin(), s.principals.end(), [](const principal_element& e) {
        return e.kind() == element_type::everyone || e.kind() == element_type::anyone;
    });
}

/// Strangers meet none of its Allow statements for everyone: by its own condition on who calls, or
/// by a Deny.
bool keeps_strangers_out(const document& trust, const statement& allowing) {
    const context facts = stranger();
    for (const condition& c : allowing.conditions) {
        if (facts.find(c.key()) != nullptr && c.evaluate(facts) == verdict::no) return true;
    }
    return std::any_of(
        trust.statements().begin(), trust.statements().end(), [&](const statement& s) {
            return !s.allow && names_everyone(s) && action_applies(s, "sts:AssumeRole") &&
                   std::all_of(s.conditions.begin(), s.conditions.end(), [&](const condition& c) {
                       return facts.find(c.key()) != nullptr && c.evaluate(facts) == verdict::yes;
                   });
        });
}

class finder {
public:
    finder(const estate& all, std::vector<finding>& out) : all_(all), out_(out) {}

    void look_at(const known_role& role) {
        role_ = &role;
        const auto& statements = role.trust->statements();
        for (std::size_t i = 0; i < statements.size(); ++i) {
            if (!statements[i].allow) continue;
            if (can_never_hold(statements[i], all_.now)) {
                add(finding::kind::unused_trust, role.trust->label(i), {},
                    "no request can meet its conditions any more");
                continue;
            }
            for (const principal_element& e : statements[i].principals)
                look_at(i, e);
        }
        if (who_can_assume(all_, role).empty())
            add(finding::kind::unused_trust, {}, {}, "nobody can assume this role");
    }

private:
    void add(finding::kind what, std::string at, std::string who, std::string message) {
        out_.push_back({what, all_.principals[role_->principal].arn, std::move(at), std::move(who),
                        std::move(message)});
    }

    void look_at(std::size_t index, const principal_element& e) {
        using k = finding::kind;
        const statement& s = role_->trust->statements()[index];
        const std::string at = role_->trust->label(index);
        const std::string who = e.text();
        switch (e.kind()) {
            case element_type::everyone:
            case element_type::anyone:
                if (keeps_strangers_out(*role_->trust, s)) return;
                if (s.conditions.empty())
                    add(k::public_access, at, who,
                        "everyone, in any account, can assume this role");
                else
                    add(k::external_access, at, who, "everyone who meets its conditions");
                return;
            case element_type::service:
                if (!demands(s, {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid",
                                 "aws:sourceorgpaths"}))
                    add(k::service_source, at, who,
                        "the service can be made to act for someone else: add a condition on "
                        "aws:SourceArn or aws:SourceAccount");
                return;
            case element_type::federated:
                // The providers of large sites, which AWS has built in, have no account.
                if (!e.account().empty() && !all_.accounts.contains(e.account()))
                    add(k::unknown_provider, at, who,
                        "account " + std::string(e.account()) +
                            " is not defined here, and so is no identity provider of it");
                if (std::string_view(assuming_action(e)) == "sts:AssumeRoleWithWebIdentity" &&
                    (!demands_suffix(s, ":sub") || !demands_suffix(s, ":aud")))
                    add(k::provider_subject, at, who,
                        "any token of this provider will do: add conditions on its :aud and :sub");
                return;
            case element_type::canonical_user:
                return;
            case element_type::unique_id:
                for (const known_principal& p : all_.principals) {
                    if (p.who.unique_id == e.value()) return;
                }
                add(k::unknown_principal, at, who, "no user or role that is defined has this id");
                return;
            case element_type::session:
            case element_type::account:
            case element_type::user:
            case element_type::role:
                break;
        }
        const std::string account(e.account());
        if (all_.accounts.contains(account)) {
            const bool named = e.kind() == element_type::user || e.kind() == element_type::role;
            if (named && all_.find(e.value()) == nullptr)
                add(k::unknown_principal, at, who, "no such user or role is defined");
            return;
        }
        if (s.conditions.empty()) {
            add(k::external_unconditional, at, who,
                "account " + account + " is not defined here and needs to meet no condition");
        } else if (!demands(s, {"sts:externalid"})) {
            add(k::missing_external_id, at, who,
                "account " + account +
                    " is not defined here: a third party should be held to an sts:ExternalId");
        } else {
            add(k::external_access, at, who, "account " + account + ", with an external id");
        }
    }

    const estate& all_;
    std::vector<finding>& out_;
    const known_role* role_ = nullptr;
};

}  // namespace

const char* to_string(finding::kind what) {
    switch (what) {
        case finding::kind::public_access:
            return "public-access";
        case finding::kind::external_unconditional:
            return "external-without-condition";
        case finding::kind::missing_external_id:
            return "missing-external-id";
        case finding::kind::external_access:
            return "external-access";
        case finding::kind::service_source:
            return "service-without-source";
        case finding::kind::provider_subject:
            return "provider-without-subject";
        case finding::kind::unknown_principal:
            return "unknown-principal";
        case finding::kind::unknown_provider:
            return "unknown-provider";
        case finding::kind::unused_trust:
            return "unused-trust";
    }
    return "";
}

bool is_problem(finding::kind what) {
    return what != finding::kind::external_access;
}

std::vector<finding> find_all(const estate& all) {
    std::vector<finding> out;
    finder look(all, out);
    for (const known_role& role : all.roles)
        look.look_at(role);
    return out;
}

}  // namespace policy
