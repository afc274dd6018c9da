#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "fixture.hpp"

using namespace fixture;

namespace {

const std::string may_verify = document(
    R"({"Effect":"Allow","Action":"imdsd:VerifyCaller","Resource":"arn:aws:imdsd:*:123456789012:scope/s3"})");
const std::string read_a =
    document(R"({"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::a/*"})");

/// The service "gateway", and the user "alice" whom it verifies.
struct setting : bench {
    key_pair gateway, alice;
    setting() {
        gateway = add_user(account_a, "gateway", {may_verify});
        alice = add_user(account_a, "alice", {read_a}, {{"team", "blue"}});
    }

    std::string today() { return base::iso8601_basic(clock.now()).substr(0, 8); }

    pairs about(const key_pair& whom, pairs more = {}, const std::string& service = "s3") {
        pairs out{{"Action", "VerifyCaller"}, {"Version", "imdsd/v1"}, {"AccessKeyId", whom.id},
                  {"Date", today()},          {"Region", "us-east-1"}, {"Service", service}};
        if (!whom.token.empty()) out.push_back({"SessionToken", whom.token});
        for (auto& one : more) {
            std::erase_if(out, [&](const auto& here) { return here.first == one.first; });
            out.push_back(std::move(one));
        }
        return out;
    }

    std::string key_of(const key_pair& whom, const std::string& service = "s3") {
        return encoding::base64(
            crypto::as_text(sigv4::signing_key(whom.secret, {today(), "us-east-1", service})));
    }
};

void refused(const answer& got, unsigned status, const std::string& code,
             const std::string& text = {}) {
    INFO(got.body);
    CHECK(got.status == status);
    CHECK(got.code() == code);
    CHECK(got.message().find(text) != std::string::npos);
    CHECK(!got.has("SigningKey"));
}

}  // namespace

TEST_CASE("A verifier gets the identity behind a key and the key of one scope") {
    setting s;
    const answer got = s.send(s.gateway, s.about(s.alice));
    INFO(got.body);
    REQUIRE(got.status == 200);
    CHECK(got.element("Arn") == alice_arn);
    CHECK(got.element("Account") == account_a);
    CHECK(got.element("UserId") == "AIDAalice");
    CHECK(got.element("PrincipalType") == "User");
    CHECK(got.has("<Key>team</Key>"));
    CHECK(got.has("<Key>" + s.key_of(s.alice) + "</Key>"));
    CHECK(got.element("CacheSeconds") == "300");
    CHECK(!got.has("Expiration"));
    CHECK(!got.has("Decision"));
    CHECK(!got.has(s.alice.secret));
}

TEST_CASE("Of a session it tells the session, its tags and its end") {
    setting s;
    const std::string role = s.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto session = s.send(s.alice, bench::assume(role, {{"SourceIdentity", "alice"},
                                                              {"Tags.member.1.Key", "team"},
                                                              {"Tags.member.1.Value", "red"}}))
                             .credentials();
    const answer got = s.send(s.gateway, s.about(session));
    INFO(got.body);
    REQUIRE(got.status == 200);
    CHECK(got.element("Arn") == "arn:aws:sts::123456789012:assumed-role/reader/s1");
    CHECK(got.element("RoleArn") == role);
    CHECK(got.element("SessionName") == "s1");
    CHECK(got.element("SourceIdentity") == "alice");
    CHECK(got.has("<Value>red</Value>"));
    CHECK(got.has("<Key>" + s.key_of(session) + "</Key>"));
    CHECK(got.element("Expiration") == base::iso8601(s.clock.now() + base::seconds(3600)));

    s.clock.advance(base::seconds(3500));
    CHECK(s.send(s.gateway, s.about(session)).element("CacheSeconds") == "100");
    s.clock.advance(base::seconds(100));
    refused(s.send(s.gateway, s.about(session)), 403, "ExpiredCaller");
}

TEST_CASE("Only who is allowed to, for the service and region it is allowed") {
    setting s;
    const answer other = s.send(s.gateway, s.about(s.alice, {}, "dynamodb"));
    refused(other, 403, "AccessDenied",
            "is not authorized to perform: imdsd:VerifyCaller on resource: "
            "arn:aws:imdsd:us-east-1:123456789012:scope/dynamodb");
    refused(s.send(s.alice, s.about(s.alice)), 403, "AccessDenied");
    refused(s.send(std::nullopt, s.about(s.alice)), 403, "MissingAuthenticationToken");
    // A root may do everything in its account.
    CHECK(s.send(s.add_root(account_a), s.about(s.alice)).status == 200);
}

TEST_CASE("Nobody gets a key that the issuer itself would take") {
    setting s;
    const key_pair root = s.add_root(account_a);
    for (const std::string service : {"sts", "iam"})
        refused(s.send(root, s.about(s.alice, {}, service)), 400, "ValidationError", service);
}

TEST_CASE("Not for days to come, nor for those of which nothing is valid any more") {
    setting s;
    const auto on = [&](int days) {
        const auto time = s.clock.now() + base::seconds(days * 86400);
        return s.send(s.gateway,
                      s.about(s.alice, {{"Date", base::iso8601_basic(time).substr(0, 8)}}));
    };
    CHECK(on(0).status == 200);
    CHECK(on(-7).status == 200);
    refused(on(-9), 400, "ValidationError", "seven days");
    refused(on(2), 400, "ValidationError", "future");
    refused(s.send(s.gateway, s.about(s.alice, {{"Date", "yesterday"}})), 400, "ValidationError");
}

TEST_CASE("An unknown key, a wrong token and another account's caller look the same") {
    setting s;
    const key_pair eve = s.add_user(account_b, "eve");
    key_pair stray = s.alice, unknown = s.alice, inactive = s.alice;
    stray.token = "stray";
    unknown.id = "AKIA0000000000000000";
    const std::string text = "The caller's access key id or session token is not valid";
    for (const key_pair& whom : {eve, stray, unknown}) {
        const answer got = s.send(s.gateway, s.about(whom));
        refused(got, 403, "UnknownCaller", text);
    }
    // To one who may verify nobody, too.
    for (const key_pair& whom : {eve, stray, unknown, s.alice})
        refused(s.send(s.alice, s.about(whom)), 403, "AccessDenied", "123456789012:scope/s3");
    // A root of another account has no say here.
    refused(s.send(s.add_root(account_b), s.about(s.alice)), 403, "UnknownCaller");
}

TEST_CASE("An account may let another's service verify its callers") {
    setting s;
    const key_pair eve = s.add_user(account_b, "eve");
    s.store->verification[std::string(account_b)] = bench::parse(
        document(
            R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/gateway"},)"
            R"("Action":"imdsd:VerifyCaller","Resource":"arn:aws:imdsd:*:*:scope/s3"})"),
        policy::document_kind::resource);
    // Its own policies must allow it as well.
    refused(s.send(s.gateway, s.about(eve)), 403, "UnknownCaller");
    const key_pair wide = s.add_user(
        account_a, "wide", {document(R"({"Effect":"Allow","Action":"imdsd:*","Resource":"*"})")});
    refused(s.send(wide, s.about(eve)), 403, "UnknownCaller");
    s.store->verification[std::string(account_b)] = bench::parse(
        document(R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/wide"},)"
                 R"("Action":"imdsd:VerifyCaller","Resource":"arn:aws:imdsd:*:*:scope/s3"})"),
        policy::document_kind::resource);
    const answer got = s.send(wide, s.about(eve));
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.element("Account") == account_b);
    refused(s.send(wide, s.about(eve, {}, "sqs")), 403, "UnknownCaller");
}

TEST_CASE("A decision by the caller's policies, when the service asks for one") {
    setting s;
    const auto decided = [&](const std::string& action, const std::string& resource,
                             pairs more = {}) {
        more.push_back({"ActionName", action});
        more.push_back({"ResourceArn", resource});
        const answer got = s.send(s.gateway, s.about(s.alice, std::move(more)));
        INFO(got.body);
        CHECK(got.status == 200);
        return got.element("EvalDecision");
    };
    CHECK(decided("s3:GetObject", "arn:aws:s3:::a/b") == "allowed");
    CHECK(decided("s3:PutObject", "arn:aws:s3:::a/b") == "implicitDeny");
    // Of another account: it has to allow as well.
    CHECK(decided("s3:GetObject", "arn:aws:s3:::a/b", {{"ResourceOwner", "210987654321"}}) ==
          "implicitDeny");
    const std::string bucket =
        document(R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},)"
                 R"("Action":"s3:*","Resource":"arn:aws:s3:::a/*"})");
    CHECK(decided("s3:GetObject", "arn:aws:s3:::a/b",
                  {{"ResourceOwner", "210987654321"}, {"ResourcePolicy", bucket}}) == "allowed");
    const std::string deny = document(
        R"({"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::a/*"})");
    CHECK(decided("s3:GetObject", "arn:aws:s3:::a/b", {{"ResourcePolicy", deny}}) ==
          "explicitDeny");
}

TEST_CASE("Conditions see the service's context, and nothing of the verify call") {
    setting s;
    const key_pair bob = s.add_user(
        account_a, "bob",
        {document(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{)"
                  R"("IpAddress":{"aws:SourceIp":"192.0.2.0/24"},)"
                  R"("ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]},)"
                  R"("StringEquals":{"s3:prefix":"x","aws:username":"bob"}}})")});
    const pairs asked{{"ActionName", "s3:GetObject"}, {"ResourceArn", "*"}};
    const auto entry = [](int n, const std::string& key, const std::string& kind,
                          const std::vector<std::string>& values) {
        const std::string at = "ContextEntries.member." + std::to_string(n) + ".";
        pairs out{{at + "ContextKeyName", key}, {at + "ContextKeyType", kind}};
        for (std::size_t i = 0; i < values.size(); ++i)
            out.push_back({at + "ContextKeyValues.member." + std::to_string(i + 1), values[i]});
        return out;
    };
    const auto with = [&](std::vector<pairs> entries) {
        pairs out = asked;
        for (const pairs& one : entries)
            out.insert(out.end(), one.begin(), one.end());
        return s.send(s.gateway, s.about(bob, std::move(out)));
    };
    const auto ip = entry(1, "aws:SourceIp", "ip", {"192.0.2.7"});
    const auto prefix = entry(2, "s3:prefix", "string", {"x"});
    const auto tags = entry(3, "aws:TagKeys", "stringList", {"a", "b"});
    CHECK(with({ip, prefix, tags}).element("EvalDecision") == "allowed");
    // The verify call came from 10.0.0.9, which says nothing about bob.
    CHECK(with({prefix}).element("EvalDecision") == "");
    s.origin.source = base::ip_address::v4(0xc0000207);
    const auto alone = entry(1, "s3:prefix", "string", {"x"});
    CHECK(with({alone}).element("EvalDecision") == "implicitDeny");

    refused(with({entry(1, "aws:PrincipalTag/team", "string", {"x"})}), 400, "ValidationError",
            "not for a service to say");
    refused(with({entry(1, "AWS:userid", "string", {"x"})}), 400, "ValidationError");
    refused(with({entry(1, "s3:prefix", "text", {"x"})}), 400, "ValidationError", "ContextKeyType");
    refused(with({entry(1, "s3:prefix", "string", {"x", "y"})}), 400, "ValidationError",
            "exactly one value");
    refused(with({entry(1, "s3:prefix", "string", {"x"}), entry(2, "S3:Prefix", "string", {"x"})}),
            400, "ValidationError", "twice");
}

TEST_CASE("Nothing that is sent is ignored") {
    setting s;
    const auto with = [&](pairs more) { return s.send(s.gateway, s.about(s.alice, more)); };
    refused(with({{"Extra", "1"}}), 400, "ValidationError", "no parameter 'Extra'");
    refused(with({{"ResourceArn", "*"}}), 400, "InvalidParameterCombination", "ActionName");
    refused(with({{"ActionName", "s3:Get*"}, {"ResourceArn", "*"}}), 400, "ValidationError",
            "without wildcards");
    refused(with({{"ActionName", "s3:GetObject"}}), 400, "ValidationError", "ResourceArn");
    refused(with({{"ActionName", "s3:GetObject"}, {"ResourceArn", "a"}}), 400, "ValidationError");
    refused(with({{"ActionName", "sqs:SendMessage"},
                  {"ResourceArn", "arn:aws:sqs:us-east-1:123456789012:q"},
                  {"ResourceOwner", "210987654321"}}),
            400, "InvalidParameterCombination", "ResourceOwner");
    refused(with({{"ActionName", "s3:GetObject"}, {"ResourceArn", "*"}, {"ResourcePolicy", "{}"}}),
            400, "MalformedPolicyDocument");
    refused(with({{"Service", "S3"}}), 400, "ValidationError", "service");
    refused(with({{"Region", "no region"}}), 400, "ValidationError", "Region");
    refused(with({{"Version", "2011-06-15"}}), 400, "InvalidAction");
    refused(s.send(s.gateway, {{"Action", "GetCallerIdentity"}, {"Version", "imdsd/v1"}}), 400,
            "InvalidAction");
}

TEST_CASE("Every verification is on record, without anything secret, or does not happen") {
    setting s;
    const answer got = s.send(s.gateway, s.about(s.alice, {{"ActionName", "s3:GetObject"},
                                                           {"ResourceArn", "arn:aws:s3:::a/b"}}));
    REQUIRE(got.status == 200);
    REQUIRE(s.records.size() == 1);
    const std::string line = audit_record::to_json_line(s.records.back(), "host");
    INFO(line);
    for (const std::string& shown :
         {std::string("\"eventName\":\"VerifyCaller\""),
          std::string("\"eventSource\":\"sts.imdsd\""), s.alice.id, alice_arn,
          std::string("\"evalDecision\":\"allowed\""), std::string("user/gateway")})
        CHECK(line.find(shown) != std::string::npos);
    CHECK(line.find(s.key_of(s.alice)) == std::string::npos);

    s.send(s.alice, s.about(s.alice));
    CHECK(s.records.back().error_code == "AccessDenied");
    s.audit_accepts = false;
    refused(s.send(s.gateway, s.about(s.alice)), 503, "ServiceUnavailable");
}

TEST_CASE("Verify calls count against the verifier's own limit") {
    setting s;
    s.options.limits.principal = {1, 2};
    s.start();
    CHECK(s.send(s.gateway, s.about(s.alice)).status == 200);
    CHECK(s.send(s.gateway, s.about(s.alice)).status == 200);
    refused(s.send(s.gateway, s.about(s.alice)), 400, "Throttling", "Rate exceeded");
    CHECK(s.send(s.alice, bench::identity()).status == 200);
}

TEST_CASE("As JSON, times are numbers and tags an array") {
    setting s;
    wire how;
    how.accept = "application/json";
    const answer got = s.send(s.gateway, s.about(s.alice), how);
    INFO(got.body);
    CHECK(got.has(R"({"VerifyCallerResponse":{"VerifyCallerResult":{"Arn":")"));
    CHECK(got.has(R"("Tags":[{"Key":"team","Value":"blue"}])"));
    CHECK(got.has(R"("SigningKey":{"Date":")" + s.today() +
                  R"(","Region":"us-east-1","Service":"s3","Key":")" + s.key_of(s.alice) + "\"}"));
}
