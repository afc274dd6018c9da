// No text breaks the policy reader; what a stored policy means does not depend on how strictly its
// literals were read; a policy of one kind grants nothing where another kind is asked for.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/document.hpp"
#include "policy/evaluate.hpp"

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
    // A document either has principals or has not.
    expect(!(identity && trust) && !(session && trust));
    for (const auto* failed : {&identity, &session, &trust}) {
        if (!*failed) expect(failed->error().code == "MalformedPolicyDocument");
    }
    if (identity) {
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
