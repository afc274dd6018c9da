// No text breaks the policy reader; its problems are what parsing says; decisions and explanations
// agree; adding a denial never grants, and neither does taking a fact away (unless a statement asks
// for its absence); what a stored policy means does not depend on how strictly its
// literals were read; a policy of one kind grants nothing where another kind is asked for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "policy/authorize.hpp"
#include "policy/document.hpp"
#include "policy/evaluate.hpp"
#include "policy/explain.hpp"

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

policy::context make_facts() {
    policy::context facts;
    facts.set("aws:CurrentTime", "2026-11-22T08:09:10Z");
    facts.set("aws:EpochTime", "1795334950");
    facts.set("aws:SourceIp", "10.0.0.9");
    facts.set("aws:SecureTransport", "true");
    facts.set("aws:username", "alice");
    facts.set("aws:PrincipalArn", "arn:aws:iam::123456789012:user/alice");
    facts.set("aws:PrincipalTag/team", "a\xf0\x90\x90\x90*?");
    facts.set_many("aws:TagKeys", {"a", "b"});
    return facts;
}

policy::document make_denial() {
    return policy::document::parse(
               R"({"Statement":{"Effect":"Deny","Action":"sts:*","Resource":"*"}})",
               policy::document_kind::identity)
        .value();
}

/// "${key, 'default'}" somewhere: a fact that is gone is replaced.
bool has_default(const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
        return text.find("${") != std::string::npos && text.find(',') != std::string::npos;
    });
}

/// Whether a statement may come to hold because a fact is missing, as its author asked.
bool turns_without_a_fact(const policy::statement& s) {
    return has_default(s.resource_texts) ||
           std::any_of(s.conditions.begin(), s.conditions.end(), [](const policy::condition& c) {
               const std::string& o = c.operation();
               return o.find("Not") != std::string::npos ||
                      o.find("IfExists") != std::string::npos || o.starts_with("ForAllValues:") ||
                      o == "Null" || has_default(c.values());
           });
}

/// Whether losing facts can only lose grants: no statement denies, and each allowing one needs
/// them.
bool only_loses(const policy::document& d) {
    return std::none_of(d.statements().begin(), d.statements().end(),
                        [](const policy::statement& s) {
                            return !s.allow || s.not_resource || turns_without_a_fact(s);
                        });
}

/// One side's document in the middle of everything else: what holds for each question.
void check_question(const policy::document& identity, const policy::document& denial,
                    const policy::principal& by, const policy::context& facts) {
    using namespace policy;
    constexpr const char* role = "arn:aws:iam::123456789012:role/team/reader";
    const attached own[] = {{"own", &identity}};
    const attached with_denial[] = {{"own", &identity}, {"deny", &denial}};
    question q{"sts:AssumeRole", role, "123456789012", by, facts};
    q.identity = own;
    const authorization plain = authorize(q);
    const auto reports = explain(q);
    const bool any_allow = std::any_of(reports.begin(), reports.end(),
                                       [](const auto& r) { return r.allow && r.applies; });
    const bool any_deny = std::any_of(reports.begin(), reports.end(),
                                      [](const auto& r) { return !r.allow && r.applies; });
    // The explanation and the decision agree.
    expect((plain.outcome == effect::explicit_deny) == any_deny);
    expect(plain.allowed() == (any_allow && !any_deny));
    for (const auto& r : reports)
        expect(r.applies == r.why_not().empty());
    // A denial grants nothing, a boundary or session policy only takes away.
    question denied = q;
    denied.identity = with_denial;
    expect(authorize(denied).outcome == effect::explicit_deny);
    question bounded = q;
    bounded.boundary = own[0];
    expect(authorize(bounded).outcome == plain.outcome);
    bounded.boundary = attached{"gone", nullptr};
    expect(!authorize(bounded).allowed());
    question abroad = q;
    abroad.resource_account = "210987654321";
    expect(!authorize(abroad).allowed());
    // Facts taken away.
    if (!only_loses(identity)) return;
    for (std::size_t left_out = 0; left_out < facts.all().size(); ++left_out) {
        context fewer;
        for (std::size_t i = 0; i < facts.all().size(); ++i) {
            const context::attribute& a = facts.all()[i];
            if (i == left_out) continue;
            if (a.multivalued)
                fewer.set_many(a.key, a.values);
            else
                fewer.set(a.key, a.values.front());
        }
        question less{q.action, q.resource, q.resource_account, by, fewer};
        less.identity = own;
        expect(plain.allowed() || !authorize(less).allowed());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace policy;
    static const context facts = make_facts();
    static const principal alice{principal::type::user,
                                 "123456789012",
                                 "arn:aws:iam::123456789012:user/alice",
                                 {},
                                 "AIDAALICE",
                                 {}};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const request asked{"sts:AssumeRole", "arn:aws:iam::123456789012:role/team/reader"};

    const auto identity = document::parse(text, document_kind::identity);
    const auto session = document::parse(text, document_kind::session);
    const auto trust = document::parse(text, document_kind::trust);
    const auto resource = document::parse(text, document_kind::resource);
    // A document either has principals or has not.
    expect(!(identity && trust) && !(session && trust) && !(identity && resource));
    expect(document::check(text, document_kind::identity).empty() == identity.has_value());
    for (const auto* failed : {&identity, &session, &trust}) {
        if (!*failed) expect(failed->error().code == "MalformedPolicyDocument");
    }
    if (identity) {
        static const document denial = make_denial();
        check_question(*identity, denial, alice, facts);
        const decision d = evaluate(*identity, asked, facts);
        expect(d.outcome == effect::implicit_deny || d.statement < identity->statements().size());
        if (size <= session_policy_characters) {
            expect(session.has_value());
            expect(evaluate(*session, asked, facts).outcome == d.outcome);
        }
        expect(evaluate_trust(*identity, asked.action, alice, facts).outcome ==
               effect::implicit_deny);
    }
    if (trust) {
        const decision d = evaluate_trust(*trust, asked.action, alice, facts);
        expect((d.outcome == effect::allow) == (d.match != principal_match::none));
        expect(evaluate(*trust, asked, facts).outcome == effect::implicit_deny);
        // Nobody in particular is granted nothing but what everyone is.
        const decision nobody = evaluate_trust(*trust, asked.action, principal(), facts);
        expect(nobody.outcome != effect::allow || d.outcome != effect::implicit_deny);
    }
    return 0;
}
