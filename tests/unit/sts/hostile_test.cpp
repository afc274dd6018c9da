// What callers send who mean harm, or nothing at all.
#include "audit_record/record.hpp"
#include "fixture.hpp"

using namespace fixture;

TEST_CASE("What is nearly a token code stands neither in the answer nor in the record") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    for (const char* name : {"GetSessionToken", "AssumeRole"}) {
        const auto got = b.send(alice, {{"Action", name},
                                        {"Version", "2011-06-15"},
                                        {"SerialNumber", "arn:aws:iam::123456789012:mfa/alice"},
                                        {"TokenCode", " 739164"}});
        CHECK(got.code() == "ValidationError");
        CHECK(got.message().find("at 'tokenCode' failed to satisfy") != std::string::npos);
        CHECK_FALSE(got.has("739164"));
        const std::string line = audit_record::to_json_line(b.records.back(), "host");
        CHECK(line.find("tokenCode") != std::string::npos);
        CHECK(line.find("739164") == std::string::npos);
    }
}

TEST_CASE("A list that is too long is one violation, however long it is") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(R"({"AWS":"*"})"));
    pairs fields = bench::assume(role);
    for (int i = 1; i < 900; ++i)  // a hole of ten before each
        fields.emplace_back("TransitiveTagKeys.member." + std::to_string(11 * i), "a");
    const auto got = b.send(alice, fields);
    CHECK(got.code() == "ValidationError");
    // The holes among the first fifty, and the length.
    CHECK(got.message().starts_with("47 validation errors detected: "));
    CHECK(got.message().find("'[9889 members]'") != std::string::npos);
}

TEST_CASE("Of an endless User-Agent the start is recorded and compared") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const std::string long_agent = "agent/1 " + std::string(12'000, 'a');
    CHECK(b.send(alice, bench::identity(), {.user_agent = long_agent}).status == 200);
    CHECK(b.records.back().user_agent == long_agent.substr(0, 1024));
    b.send(key_pair{"AKIANOBODY0000000000", "x", ""}, bench::identity(),
           {.user_agent = long_agent});
    CHECK(b.records.back().user_agent == long_agent.substr(0, 1024));
}

TEST_CASE("A root's session whose task policy is gone can do nothing") {
    bench b;
    b.store->organization = sts::organization{std::string(account_a), {}, true, true};
    const auto alice = b.add_user(
        account_a, "alice",
        {R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"});
    const auto root =
        b.send(alice, {{"Action", "AssumeRoot"},
                       {"Version", "2011-06-15"},
                       {"TargetPrincipal", std::string(account_b)},
                       {"TaskPolicyArn.arn",
                        "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}})
            .credentials();
    const pairs ask{{"Action", "GetAccessKeyInfo"},
                    {"Version", "2011-06-15"},
                    {"AccessKeyId", "ASIARZPUZDIKAAAAAAAA"}};
    CHECK(b.send(root, ask).code() == "AccessDenied");
    b.store->policies.clear();
    CHECK(b.send(root, ask).code() == "InternalFailure");
}
