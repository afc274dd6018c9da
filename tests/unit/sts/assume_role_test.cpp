#include "fixture.hpp"

using namespace fixture;

namespace {

const std::string denied_reader =
    "User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole on "
    "resource: arn:aws:iam::123456789012:role/reader";

/// A session of a role in account A that every user of A may assume.
key_pair session_of(bench& b, const key_pair& user, const std::string& role, pairs more = {}) {
    const auto got = b.send(user, bench::assume(role, std::move(more)));
    INFO(got.body);
    REQUIRE(got.status == 200);
    return got.credentials();
}

}  // namespace

TEST_CASE("A1 A trust that names the user is enough in one account") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto got = b.send(alice, bench::assume(role));
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.element("AccessKeyId").substr(0, 4) == "ASIA");
    CHECK(got.element("AccessKeyId").size() == 20);
    CHECK(got.element("SecretAccessKey").size() == 40);
    CHECK(got.element("Expiration") == "2026-09-21T15:13:20Z");
    CHECK(got.element("AssumedRoleId") == "AROAreader:s1");
    CHECK(got.element("SessionToken").size() < 400);
    CHECK_FALSE(got.has("PackedPolicySize"));
    CHECK_FALSE(got.has("SourceIdentity"));
}

TEST_CASE("A2 and A3 A trust in the account delegates to the caller's own policies", "[A2][A3]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto bob = b.add_user(account_a, "bob", {allow_all});
    const auto role = b.add_role(account_a, "reader", trust(root_of_a));
    const auto refused = b.send(alice, bench::assume(role));
    CHECK(refused.status == 403);
    CHECK(refused.code() == "AccessDenied");
    CHECK(refused.message() == denied_reader);
    CHECK(b.send(bob, bench::assume(role)).status == 200);
}

TEST_CASE("A4 and A13 A role that trusts someone else looks like one that does not exist",
          "[A13]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    b.add_role(account_a, "reader", trust(by_arn("arn:aws:iam::123456789012:user/bob")));
    const auto closed = b.send(alice, bench::assume("arn:aws:iam::123456789012:role/reader"));
    CHECK(closed.message() == denied_reader);
    for (const char* arn :
         {"arn:aws:iam::123456789012:role/nobody", "arn:aws:iam::999999999999:role/reader",
          "arn:aws-cn:iam::123456789012:role/reader", "arn:aws:iam::123456789012:user/alice",
          "arn:aws:s3:::bucket-name-here"}) {
        INFO(arn);
        const auto got = b.send(alice, bench::assume(arn));
        CHECK(got.status == 403);
        CHECK(got.code() == "AccessDenied");
        CHECK(got.message() == denied_reader.substr(0, denied_reader.rfind("arn:")) + arn);
    }
}

TEST_CASE("A5 An explicit denial in the caller's policy wins and says so", "[A5]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all, deny_all});
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto got = b.send(alice, bench::assume(role));
    CHECK(got.code() == "AccessDenied");
    CHECK(got.message() == denied_reader + " with an explicit deny in an identity-based policy");
}

TEST_CASE("An explicit denial in the trust policy wins and keeps quiet") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto role =
        b.add_role(account_a, "reader",
                   document(R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"},
                    {"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"})"));
    const auto got = b.send(alice, bench::assume(role));
    CHECK(got.message() == denied_reader);
}

TEST_CASE("A6 Everyone in the trust counts as the caller's name in one account") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn("*")));
    CHECK(b.send(alice, bench::assume(role)).status == 200);
}

TEST_CASE("A7 and A8 Across accounts both sides must allow", "[A8]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto bob = b.add_user(account_a, "bob", {allow_all});
    const auto named = b.add_role(account_b, "shared", trust(by_arn(alice_arn)));
    const auto open = b.add_role(account_b, "open", trust(root_of_a));
    const auto shut = b.add_role(account_b, "shut", trust(by_arn("999999999999")));
    CHECK(b.send(alice, bench::assume(named)).code() == "AccessDenied");
    CHECK(b.send(alice, bench::assume(open)).code() == "AccessDenied");
    CHECK(b.send(bob, bench::assume(open)).status == 200);
    CHECK(b.send(bob, bench::assume(shut)).code() == "AccessDenied");
}

TEST_CASE("A11 and A12 Path and name are compared in exact case and the path is dropped",
          "[A11][A12]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    b.add_role(account_a, "long", trust(by_arn(alice_arn)), {.path = "/team/"});
    const auto status = [&](const char* tail) {
        return b.send(alice, bench::assume(std::string("arn:aws:iam::123456789012:role/") + tail))
            .status;
    };
    CHECK(status("team/long") == 200);
    CHECK(status("team/LONG") == 403);
    CHECK(status("Team/long") == 403);
    CHECK(status("long") == 403);
}

TEST_CASE("A14 to A17 Bad parameters are validation errors with AWS's texts",
          "[A14][A15][A16][A17][A19][A31][A52]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto says = [&](const std::string& arn, pairs more) {
        const auto got = b.send(alice, bench::assume(arn, std::move(more)));
        INFO(got.body);
        CHECK(got.status == 400);
        CHECK(got.code() == "ValidationError");
        return got.message();
    };
    const std::string good = "arn:aws:iam::123456789012:role/reader";
    CHECK(says("nonsense-but-longer-than-20", {}) == "nonsense-but-longer-than-20 is invalid");
    CHECK(says("arn::iam::123456789012:role/x", {}) == "arn::iam::123456789012:role/x is invalid");
    CHECK(says("arn:aws:iam:xxxxxxxxxxxxx", {}) == "arn:aws:iam:xxxxxxxxxxxxx is invalid");
    CHECK(says("arn:aws:iam::123456789012:", {}) == "arn:aws:iam::123456789012: is invalid");
    CHECK(says("arn:aws:iam::1:role", {}) ==
          "1 validation error detected: Value 'arn:aws:iam::1:role' at 'roleArn' failed to satisfy "
          "constraint: Member must have length greater than or equal to 20");
    CHECK(says(good, {{"RoleSessionName", "a"}}) ==
          "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy "
          "constraint: Member must have length greater than or equal to 2");
    CHECK(says(good, {{"RoleSessionName", "has space"}}) ==
          "1 validation error detected: Value 'has space' at 'roleSessionName' failed to satisfy "
          "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*");
    CHECK(says(good, {{"RoleSessionName", std::string(65, 'a')}})
              .find("Member must have length less than or equal to 64") != std::string::npos);
    CHECK(says(good, {{"DurationSeconds", "899"}, {"SourceIdentity", "aws:x"}}) ==
          "2 validation errors detected: Value '899' at 'durationSeconds' failed to satisfy "
          "constraint: Member must have value greater than or equal to 900; Value 'aws:x' at "
          "'sourceIdentity' failed to satisfy constraint: Member must satisfy regular expression "
          "pattern: [\\w+=,.@-]*");
    CHECK(says(good, {{"DurationSeconds", "43201"}})
              .find("Member must have value less than or equal to 43200") != std::string::npos);
    CHECK(says(good, {{"Policy", ""}}).find("at 'policy'") != std::string::npos);
    CHECK(says(good, {{"Policy", std::string(2049, ' ')}}).find("equal to 2048") !=
          std::string::npos);
    CHECK(says(good, {{"Tags.member.2.Key", "a"}})
              .find("3 validation errors detected: Value null at 'tags.1.member.key' failed to "
                    "satisfy constraint: Member must not be null") == 0);
    CHECK(says(good, {{"ExternalId", "a b"}}).find("'externalId'") != std::string::npos);
}

TEST_CASE("P22 A missing session name is reported as null", "[P22]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto got = b.send(alice, {{"Action", "AssumeRole"},
                                    {"Version", "2011-06-15"},
                                    {"RoleArn", "arn:aws:iam::123456789012:role/reader"}});
    CHECK(got.message() ==
          "1 validation error detected: Value null at 'roleSessionName' failed to satisfy "
          "constraint: Member must not be null");
}

TEST_CASE("A19 to A21 Durations are bounded by the role", "[A20][A21]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto reader = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto lasting =
        b.add_role(account_a, "lasting", trust(by_arn(alice_arn)), {.most = base::seconds(43'200)});
    const auto send = [&](const std::string& role, const char* seconds) {
        return b.send(alice, bench::assume(role, {{"DurationSeconds", seconds}}));
    };
    const auto over = send(reader, "7200");
    CHECK(over.status == 400);
    CHECK(over.code() == "ValidationError");
    CHECK(over.message() ==
          "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    CHECK(send(reader, "%2B900").code() == "MalformedInput");
    CHECK(send(reader, "+900").element("Expiration") == "2026-09-21T14:28:20Z");
    CHECK(send(lasting, "43200").status == 200);
}

TEST_CASE("A22 A session started from a session lasts an hour at most", "[A22]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto lasting =
        b.add_role(account_a, "lasting", trust(by_arn(hub)), {.most = base::seconds(43'200)});
    const auto session = session_of(b, alice, hub);
    const auto over = b.send(session, bench::assume(lasting, {{"DurationSeconds", "3601"}}));
    CHECK(over.code() == "ValidationError");
    CHECK(over.message() ==
          "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
          "role chaining.");
    CHECK(b.send(session, bench::assume(lasting, {{"DurationSeconds", "3600"}})).status == 200);
}

TEST_CASE("A25 Root keys assume nothing but know who they are", "[A25]") {
    bench b;
    const auto root = b.add_root(account_a);
    const auto role = b.add_role(account_a, "reader", trust(root_of_a));
    const auto got = b.send(root, bench::assume(role));
    CHECK(got.status == 403);
    CHECK(got.message() == "Roles may not be assumed by root accounts.");
    const auto who = b.send(root, bench::identity());
    CHECK(who.element("Arn") == "arn:aws:iam::123456789012:root");
    CHECK(who.element("UserId") == account_a);
}

TEST_CASE("A27 and A29 ExternalId is a condition and otherwise ignored", "[A27][A29]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader",
                                 trust(by_arn(alice_arn), "\"sts:AssumeRole\"",
                                       R"({"StringEquals":{"sts:ExternalId":"x1"}})"));
    const auto plain = b.add_role(account_a, "plain", trust(by_arn(alice_arn)));
    CHECK(b.send(alice, bench::assume(role)).code() == "AccessDenied");
    CHECK(b.send(alice, bench::assume(role, {{"ExternalId", "X1"}})).code() == "AccessDenied");
    CHECK(b.send(alice, bench::assume(role, {{"ExternalId", "x1"}})).status == 200);
    CHECK(b.send(alice, bench::assume(plain, {{"ExternalId", "x1"}})).status == 200);
}

TEST_CASE("A30 to A35 Session policies are checked and counted", "[A30][A35][E29]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto bad = b.send(alice, bench::assume(role, {{"Policy", R"({"temp":true})"}}));
    CHECK(bad.status == 400);
    CHECK(bad.code() == "MalformedPolicyDocument");
    const auto good = b.send(alice, bench::assume(role, {{"Policy", allow_all}}));
    CHECK(good.status == 200);
    CHECK(good.element("PackedPolicySize") == "5");
    const std::string garbage = document(
        R"({"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{"IpAddress":{"aws:SourceIp":"garbage"}}})");
    CHECK(b.send(alice, bench::assume(role, {{"Policy", garbage}})).status == 200);
}

TEST_CASE("A34 A session policy limits what a chained caller may assume", "[A34]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub =
        b.add_role(account_a, "hub", trust(by_arn(alice_arn)), {.policies = {allow_all}});
    const auto by_role = b.add_role(account_a, "byrole", trust(by_arn(hub)));
    const auto by_account = b.add_role(account_a, "byaccount", trust(root_of_a));
    const auto by_session = b.add_role(
        account_a, "bysession", trust(by_arn("arn:aws:sts::123456789012:assumed-role/hub/s1")));
    const auto plain = session_of(b, alice, hub);
    const auto narrow =
        session_of(b, alice, hub,
                   {{"Policy", document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})")}});
    const auto denying = session_of(b, alice, hub, {{"Policy", deny_all}});
    for (const auto& role : {by_role, by_account, by_session})
        CHECK(b.send(plain, bench::assume(role)).status == 200);
    CHECK(b.send(narrow, bench::assume(by_role)).code() == "AccessDenied");
    CHECK(b.send(narrow, bench::assume(by_account)).code() == "AccessDenied");
    CHECK(b.send(narrow, bench::assume(by_session)).status == 200);
    CHECK(b.send(denying, bench::assume(by_session))
              .message()
              .ends_with("on resource: " + by_session +
                         " with an explicit deny in a session policy"));
}

TEST_CASE("A chained caller in another account needs its role's policies and its session policy") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub =
        b.add_role(account_a, "hub", trust(by_arn(alice_arn)), {.policies = {allow_all}});
    const auto poor = b.add_role(account_a, "poor", trust(by_arn(alice_arn)));
    const auto shared =
        b.add_role(account_b, "shared", trust(R"({"AWS":["arn:aws:iam::123456789012:role/hub",
                         "arn:aws:iam::123456789012:role/poor"]})"));
    CHECK(b.send(session_of(b, alice, hub), bench::assume(shared)).status == 200);
    CHECK(b.send(session_of(b, alice, poor), bench::assume(shared)).code() == "AccessDenied");
    const std::string s3 = document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
    CHECK(b.send(session_of(b, alice, hub, {{"Policy", s3}}), bench::assume(shared)).code() ==
          "AccessDenied");
}

TEST_CASE("A53 and A54 Conditions see the session name and the address", "[A53][A54]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto own =
        b.add_role(account_a, "own",
                   trust(by_arn(alice_arn), "\"sts:AssumeRole\"",
                         R"({"StringEquals":{"sts:RoleSessionName":"${aws:username}"}})"));
    CHECK(b.send(alice, bench::assume(own, {{"RoleSessionName", "alice"}})).status == 200);
    CHECK(b.send(alice, bench::assume(own, {{"RoleSessionName", "bob"}})).status == 403);
    const auto near = b.add_role(account_a, "near",
                                 trust(by_arn(alice_arn), "\"sts:AssumeRole\"",
                                       R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/24"}})"));
    CHECK(b.send(alice, bench::assume(near)).status == 200);
    b.origin.source = base::ip_address::v4(0xc0000201);
    CHECK(b.send(alice, bench::assume(near)).status == 403);
    b.origin.source.reset();
    CHECK(b.send(alice, bench::assume(near)).status == 403);
}

TEST_CASE("A56 A role assumes itself only when its trust names it", "[A56]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto closed =
        b.add_role(account_a, "closed", trust(root_of_a), {.policies = {allow_all}});
    const auto open =
        b.add_role(account_a, "open",
                   trust(R"({"AWS":["123456789012","arn:aws:iam::123456789012:role/open"]})"),
                   {.policies = {allow_all}});
    CHECK(b.send(session_of(b, alice, closed), bench::assume(closed)).code() == "AccessDenied");
    CHECK(b.send(session_of(b, alice, open), bench::assume(open)).status == 200);
    CHECK(b.send(session_of(b, alice, open), bench::assume(closed)).status == 200);
}

TEST_CASE("A61 There is no sts:DurationSeconds for AssumeRole", "[A61]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader",
                                 trust(by_arn(alice_arn), "\"sts:AssumeRole\"",
                                       R"({"NumericLessThan":{"sts:DurationSeconds":"4000"}})"));
    CHECK(b.send(alice, bench::assume(role, {{"DurationSeconds", "900"}})).status == 403);
}

TEST_CASE("A63 Long-term keys have no token issue time and sessions have", "[A63]") {
    bench b;
    const std::string revoke = document(R"({"Effect":"Deny","Action":"*","Resource":"*",
                     "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-10-01T00:00:00Z"}}})");
    const auto alice = b.add_user(account_a, "alice", {allow_all, revoke});
    const auto hub =
        b.add_role(account_a, "hub", trust(root_of_a), {.policies = {allow_all, revoke}});
    const auto target = b.add_role(account_a, "target", trust(by_arn(hub)));
    const auto old = b.send(alice, bench::assume(hub));
    REQUIRE(old.status == 200);
    CHECK(b.send(old.credentials(), bench::assume(target)).code() == "AccessDenied");
    CHECK(b.send(old.credentials(), bench::identity()).status == 200);
    b.clock.advance(std::chrono::hours(24 * 30));
    const auto fresh = session_of(b, alice, hub);
    CHECK(b.send(fresh, bench::assume(target)).status == 200);
}

TEST_CASE("MFA facts are absent for long-term keys and false for sessions") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const std::string no_mfa = R"({"Bool":{"aws:MultiFactorAuthPresent":"false"}})";
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto role = b.add_role(account_a, "reader",
                                 trust(R"({"AWS":["arn:aws:iam::123456789012:user/alice",
                         "arn:aws:iam::123456789012:role/hub"]})",
                                       "\"sts:AssumeRole\"", no_mfa));
    CHECK(b.send(alice, bench::assume(role)).status == 403);
    CHECK(b.send(session_of(b, alice, hub), bench::assume(role)).status == 200);
}

TEST_CASE("E28 aws:PrincipalArn of a session is its role", "[E28]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)), {.path = "/x/"});
    const auto role = b.add_role(account_a, "reader",
                                 trust(by_arn("*"), "\"sts:AssumeRole\"",
                                       R"({"ArnEquals":{"aws:PrincipalArn":")" + hub + "\"}}"));
    CHECK(b.send(session_of(b, alice, hub), bench::assume(role)).status == 200);
    CHECK(b.send(alice, bench::assume(role)).status == 403);
}

TEST_CASE("What is not supported is refused and never ignored", "[A32][M6]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto send = [&](pairs more) {
        return b.send(alice, bench::assume(role, std::move(more)));
    };
    const std::string serial = "arn:aws:iam::123456789012:mfa/alice";
    CHECK(send({{"SerialNumber", serial}}).message() ==
          "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass "
          "code. ");
    CHECK(send({{"TokenCode", "123456"}}).code() == "AccessDenied");
    CHECK(send({{"SerialNumber", serial}, {"TokenCode", "123456"}}).code() == "AccessDenied");
    CHECK(send({{"SerialNumber", serial}, {"TokenCode", "12345"}}).code() == "ValidationError");
    const auto arns = send({{"PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"}});
    CHECK(arns.code() == "ValidationError");
    CHECK(arns.message().find("ReadOnlyAccess does not exist") != std::string::npos);
    pairs eleven;
    for (int i = 1; i <= 11; ++i)
        eleven.push_back({"PolicyArns.member." + std::to_string(i) + ".arn",
                          "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    CHECK(send(eleven).message().find("at 'policyArns'") != std::string::npos);
    CHECK(send({{"ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::aws:contextProvider/x"},
                {"ProvidedContexts.member.1.ContextAssertion", "assertion"}})
              .code() == "ValidationError");
}
