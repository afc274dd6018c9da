#include "fixture.hpp"

using namespace fixture;

namespace {

std::string line(const audit_record::record& r) {
    return audit_record::to_json_line(r, "host");
}

std::string text(const boost::json::value& v) {
    return std::string(v.as_string());
}

}  // namespace

TEST_CASE("L1 An AssumeRole is recorded in CloudTrail's shape", "[L1]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto got = b.send(alice, bench::assume(role, {{"DurationSeconds", "900"},
                                                        {"ExternalId", "x1"},
                                                        {"SourceIdentity", "bob"}}));
    REQUIRE(got.status == 200);
    REQUIRE(b.records.size() == 1);
    const auto& r = b.records.front();
    CHECK(r.event_name == "AssumeRole");
    CHECK(r.event_source == "sts.amazonaws.com");
    CHECK(r.region == "us-east-1");
    CHECK(r.source_address == "10.0.0.9");
    CHECK(r.request_id == got.element("RequestId"));
    CHECK(r.read_only);
    CHECK(r.error_code.empty());
    CHECK(r.user_identity.at("type") == "IAMUser");
    CHECK(text(r.user_identity.at("arn")) == alice_arn);
    CHECK(text(r.user_identity.at("accessKeyId")) == alice.id);
    CHECK(text(r.request_parameters.at("roleArn")) == role);
    CHECK(r.request_parameters.at("durationSeconds") == 900);
    CHECK(text(r.request_parameters.at("externalId")) == "x1");
    CHECK(text(r.response_elements.at("credentials").at("accessKeyId")) ==
          got.element("AccessKeyId"));
    CHECK(text(r.response_elements.at("credentials").at("expiration")) ==
          "Sep 21, 2026, 2:28:20 PM");
    CHECK(text(r.response_elements.at("sourceIdentity")) == "bob");
    CHECK(text(r.resources.at(0).at("ARN")) == role);
    CHECK(r.additional.at("decisions").as_array().size() == 2);
    CHECK(r.additional.contains("sessionId"));
}

TEST_CASE("L2 Across accounts there are two records of one event", "[L2]") {
    bench b;
    const auto bob = b.add_user(account_a, "bob", {allow_all});
    const auto role = b.add_role(account_b, "shared", trust(root_of_a));
    REQUIRE(b.send(bob, bench::assume(role)).status == 200);
    REQUIRE(b.records.size() == 2);
    const auto& theirs = b.records[0];
    const auto& ours = b.records[1];
    CHECK(theirs.account == account_b);
    CHECK(ours.account == account_a);
    CHECK(theirs.user_identity.at("type") == "AWSAccount");
    CHECK_FALSE(theirs.user_identity.contains("arn"));
    CHECK(ours.user_identity.at("type") == "IAMUser");
    CHECK_FALSE(ours.shared_event_id.empty());
    CHECK(theirs.shared_event_id == ours.shared_event_id);
    CHECK(theirs.event_id != ours.event_id);
}

TEST_CASE("L3 A denial is recorded with its reasons", "[L3]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {deny_all});
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    REQUIRE(b.send(alice, bench::assume(role)).status == 403);
    REQUIRE(b.records.size() == 1);
    const auto& r = b.records.front();
    CHECK(r.error_code == "AccessDenied");
    CHECK(r.error_message.find("explicit deny") != std::string::npos);
    CHECK(r.response_elements.empty());
    const auto& decision = r.additional.at("decisions").at(0);
    CHECK(decision.at("allowed") == false);
    CHECK(decision.at("trust").at("effect") == "allow");
    CHECK(text(decision.at("identity").at("statement")) == "p1/Statement[0]");
}

TEST_CASE("L7 A chained call shows its session and source identity", "[L7]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto next = b.add_role(account_a, "next", trust(by_arn(hub)));
    const auto session = b.send(alice, bench::assume(hub, {{"SourceIdentity", "bob"},
                                                           {"Tags.member.1.Key", "team"},
                                                           {"Tags.member.1.Value", "x"},
                                                           {"TransitiveTagKeys.member.1", "team"}}))
                             .credentials();
    REQUIRE(b.send(session, bench::assume(next)).status == 200);
    const auto& r = b.records.back();
    CHECK(r.user_identity.at("type") == "AssumedRole");
    CHECK(text(r.user_identity.at("principalId")) == "AROAhub:s1");
    const auto& context = r.user_identity.at("sessionContext");
    CHECK(text(context.at("sourceIdentity")) == "bob");
    CHECK(text(context.at("sessionIssuer").at("arn")) == hub);
    CHECK(text(context.at("attributes").at("mfaAuthenticated")) == "false");
    CHECK(text(r.request_parameters.at("incomingTransitiveTags").at("team")) == "x");
}

TEST_CASE("L8 No record holds a secret or a token", "[L8]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto hub = b.add_role(account_a, "hub", trust(by_arn(alice_arn)));
    const auto next = b.add_role(account_a, "next", trust(by_arn(hub)));
    const auto first = b.send(alice, bench::assume(hub)).credentials();
    const auto second = b.send(first, bench::assume(next)).credentials();
    b.send(first, bench::assume(next, {{"SerialNumber", "GAHT12345678"}, {"TokenCode", "987654"}}));
    const auto bad = b.send(
        first, bench::assume(next, {{"SerialNumber", "GAHT12345678"}, {"TokenCode", "9876543"}}));
    CHECK(bad.message() ==
          "1 validation error detected: Value at 'tokenCode' failed to satisfy constraint: Member "
          "must have length less than or equal to 6");
    REQUIRE(b.records.size() == 4);
    for (const auto& r : b.records) {
        const std::string all = line(r);
        for (const auto& c : {alice, first, second}) {
            CHECK(all.find(c.secret) == std::string::npos);
            if (!c.token.empty()) CHECK(all.find(c.token.substr(0, 40)) == std::string::npos);
        }
        CHECK(all.find("987654") == std::string::npos);
    }
}

TEST_CASE("The record of a call over TLS says what was agreed on") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    b.send(alice, bench::identity());
    b.origin.tls_version = "TLSv1.3";
    b.origin.tls_cipher = "TLS_AES_128_GCM_SHA256";
    b.send(alice, bench::identity());
    b.send(std::nullopt, bench::identity());
    REQUIRE(b.records.size() == 3);
    CHECK(b.records[0].tls_details.empty());
    for (const std::size_t i : {1U, 2U}) {
        const auto& tls = b.records[i].tls_details;
        CHECK(text(tls.at("tlsVersion")) == "TLSv1.3");
        CHECK(text(tls.at("cipherSuite")) == "TLS_AES_128_GCM_SHA256");
        CHECK(text(tls.at("clientProvidedHostHeader")) == "sts.example.test");
    }
}

TEST_CASE("Every failure is recorded and unauthenticated ones once a minute") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    b.send(alice, bench::assume(role, {{"DurationSeconds", "x"}}));
    b.send(alice, bench::assume(role, {{"DurationSeconds", "1"}}));
    b.send(alice, bench::assume(role, {{"Policy", "{}"}}));
    REQUIRE(b.records.size() == 3);
    CHECK(b.records[0].error_code == "MalformedInput");
    CHECK(b.records[1].error_code == "ValidationException");
    CHECK(b.records[2].error_code == "MalformedPolicyDocumentException");
    b.send(std::nullopt, bench::assume(role));
    const key_pair forged{alice.id, "wrong", {}};
    for (int i = 0; i < 10; ++i)
        b.send(forged, bench::assume(role));
    REQUIRE(b.records.size() == 5);
    CHECK(b.records[3].error_code == "MissingAuthenticationToken");
    const auto& r = b.records[4];
    CHECK(r.error_code == "SignatureDoesNotMatch");
    CHECK(r.user_identity.at("type") == "Unknown");
    CHECK(text(r.additional.at("accessKeyIdHash")).size() == 16);
    CHECK(line(r).find(alice.id) == std::string::npos);
    b.clock.advance(std::chrono::seconds(61));
    b.send(forged, bench::assume(role));
    REQUIRE(b.records.size() == 6);
    CHECK(b.records[5].additional.at("suppressedRepeats") == 9);
}

TEST_CASE("Nothing is handed out when the record can not be kept") {
    bench b;
    const auto alice = b.add_user(account_a, "alice", {allow_all});
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto shared = b.add_role(account_b, "shared", trust(root_of_a));
    b.audit_accepts = false;
    for (const auto& arn : {role, shared, std::string("arn:aws:iam::123456789012:role/none")}) {
        const auto got = b.send(alice, bench::assume(arn));
        CHECK(got.status == 503);
        CHECK(got.code() == "ServiceUnavailable");
        CHECK(got.element("Type") == "Receiver");
        CHECK_FALSE(got.has("AccessKeyId"));
    }
    CHECK(b.send(alice, bench::identity()).status == 200);
}

TEST_CASE("The record of a huge request stays small") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const std::string huge(100'000, 'x');
    b.send(alice, bench::assume(huge, {{"Policy", huge}, {"ExternalId", huge}}));
    REQUIRE(b.records.size() == 1);
    CHECK(line(b.records.front()).size() < 20'000);
}
