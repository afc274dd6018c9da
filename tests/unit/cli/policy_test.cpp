#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

constexpr const char* config = R"(apiVersion: imdsd/v1
state_directory: /var/lib/test
listeners:
  - {name: sts, serve: sts, address: "127.0.0.1:1340"}
issuer:
  accounts:
    "123456789012":
      users:
        alice:
          tags: {team: red}
          policies:
            assume: {Version: "2012-10-17", Statement: [
              {Effect: Allow, Action: "sts:AssumeRole", Resource: "*"},
              {Sid: Logs, Effect: Allow, Action: "s3:Get*",
               Resource: "arn:aws:s3:::logs/${aws:username}/*"}]}
        bob: {}
      roles:
        reader:
          trust_policy: {Version: "2012-10-17", Statement: [
            {Effect: Allow, Principal: {AWS: "123456789012"}, Action: "sts:AssumeRole",
             Condition: {StringEquals: {"sts:ExternalId": x}}}]}
        vendor:
          trust_policy: {Version: "2012-10-17", Statement: [
            {Effect: Allow, Action: "sts:AssumeRole",
             Principal: {AWS: ["arn:aws:iam::123456789012:user/bob", "999988887777"]}}]}
)";

const std::string alice = "arn:aws:iam::123456789012:user/alice";
const std::string bob = "arn:aws:iam::123456789012:user/bob";
const std::string reader = "arn:aws:iam::123456789012:role/reader";
const std::string vendor = "arn:aws:iam::123456789012:role/vendor";

struct configured_rig : rig {
    configured_rig() {
        environment.files["/c.yaml"] = config;
        environment.variables["IMDSD_CONFIG"] = "/c.yaml";
    }
};

}  // namespace

TEST_CASE("Policies are checked with the place of everything that is wrong") {
    rig r;
    r.environment.files["/good.json"] =
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
    r.environment.files["/bad.json"] =
        "{\"Version\": \"2012-10-17\",\n"
        " \"Statement\": [\n"
        "  {\"Effect\": \"allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"},\n"
        "  {\"Effect\": \"Allow\", \"Action\": \"s3:*\",\n   \"Resource\": \"bucket\"}]}\n";
    r.environment.files["/broken.json"] = "{\n  \"Version\" 1}";
    CHECK(r.run({"policy", "check", "/good.json"}) == 0);
    CHECK(r.out == "/good.json: ok: 1 statement\n");
    CHECK(r.run({"policy", "check", "/bad.json", "/good.json"}) == 3);
    CHECK(contains(r.err, "/bad.json:3:14: Syntax errors in policy."));
    CHECK(contains(r.err, "/bad.json:5:16: Resource bucket must be in ARN format or \"*\"."));
    CHECK(contains(r.out, "/good.json: ok"));
    CHECK(r.run({"policy", "check", "/broken.json"}) == 3);
    CHECK(contains(r.err, "/broken.json:2:13: Syntax errors in policy."));
    CHECK(r.run({"policy", "check", "/none.json"}) == 3);
    CHECK(r.run({"policy", "check", "--kind", "trust", "/good.json"}) == 3);
    CHECK(r.run({"policy", "check", "-o", "json", "/bad.json"}) == 3);
    CHECK(contains(r.out, "\"line\":3,\"column\":14"));
    CHECK(r.run({"policy", "check", "--kind", "poem", "/good.json"}) == 2);
}

TEST_CASE("Resources are of the configuration's partition, or of one of AWS's") {
    rig r;
    const auto policy = [](const std::string& partition) {
        return R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:)" + partition +
               R"(:s3:::b"}})";
    };
    r.environment.files["/error.json"] = policy("error");
    r.environment.files["/cn.json"] = policy("aws-cn");
    CHECK(r.run({"policy", "check", "/error.json"}) == 3);
    CHECK(contains(r.err, "Partition \"error\" is not valid for resource \"arn:error:s3:::b\"."));
    CHECK(r.run({"policy", "check", "/cn.json"}) == 0);
    const auto simulate = [&](const std::string& caller, const std::string& file) {
        return r.run({"policy", "simulate", "--caller", caller, "--policy", file, "--action",
                      "s3:Get", "--resource", "arn:aws-cn:s3:::b"});
    };
    CHECK(simulate("arn:aws-cn:iam::123456789012:user/alice", "/cn.json") == 0);
    CHECK(simulate("arn:aws:iam::123456789012:user/alice", "/cn.json") == 3);
    CHECK(simulate("ec2.amazonaws.com", "/error.json") == 3);
    configured_rig here;
    here.environment.files["/cn.json"] = policy("aws-cn");
    CHECK(here.run({"policy", "check", "/cn.json"}) == 3);
    CHECK(contains(here.err, "Partition \"aws-cn\" is not valid"));
}

TEST_CASE("A simulation uses the configuration's principals and roles") {
    configured_rig r;
    const auto ask = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"policy", "simulate", "--principal", alice});
        return r.run(std::move(more));
    };
    CHECK(ask({"--action", "s3:GetObject", "--resource", "arn:aws:s3:::logs/alice/1"}) == 0);
    CHECK(contains(r.out, "allow by identity-based policy assume/Logs"));
    CHECK(ask({"--action", "s3:GetObject", "--resource", "arn:aws:s3:::logs/bob/1"}) == 5);
    CHECK(ask({"--action", "sts:AssumeRole", "--resource", reader}) == 5);
    CHECK(contains(r.out, "implicitDeny by resource-based policy"));
    CHECK(ask({"--action", "sts:AssumeRole", "--resource", reader, "--context",
               "sts:ExternalId=x"}) == 0);
    CHECK(r.run({"policy", "simulate", "--caller", bob, "--action", "sts:AssumeRole", "--resource",
                 vendor}) == 0);
    CHECK(ask({"--action", "sts:getCallerIdentity", "--action", "sts:GetSessionToken"}) == 0);
    CHECK(contains(r.out, "sts:GetSessionToken: no permission is needed"));
    CHECK(ask({"--action", "sts:GetFederationToken"}) == 5);
    CHECK(r.run({"policy", "simulate", "--principal", alice + "x", "--action", "s3:X"}) == 1);
    CHECK(r.run({"policy", "simulate", "--action", "s3:X"}) == 2);
    CHECK(r.run({"policy", "simulate", "--principal", alice}) == 2);
    CHECK(ask({"--action", "s3:X", "--context", "novalue"}) == 2);
    CHECK(ask({"--action", "s3:X", "--policy", "/p.json"}) == 2);
}

TEST_CASE("A simulation needs no configuration when policies come from files") {
    rig r;
    r.environment.files["/own.json"] =
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})";
    r.environment.files["/narrow.json"] =
        R"({"Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*",
            "Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}}})";
    const auto ask = [&](const std::string& flag, const std::string& action) {
        return r.run({"policy", "simulate", "--caller", bob, "--policy", "/own.json", flag,
                      "/narrow.json", "--action", action, "--context-member", "aws:TagKeys=a",
                      "--context-member", "aws:TagKeys=b"});
    };
    CHECK(ask("--boundary", "s3:GetObject") == 0);
    CHECK(ask("--boundary", "s3:PutObject") == 5);
    CHECK(contains(r.out, "implicitDeny by permissions boundary"));
    CHECK(ask("--session-policy", "s3:PutObject") == 5);
    CHECK(r.run({"policy", "simulate", "--caller", "nonsense", "--action", "s3:X"}) == 2);
    r.environment.files["/own.json"] = "{}";
    CHECK(ask("--boundary", "s3:GetObject") == 3);
    CHECK(contains(r.err, "/own.json:1:1: "));
}

TEST_CASE("An explanation tells of every statement") {
    configured_rig r;
    CHECK(r.run({"policy", "explain", "--principal", alice, "--action", "sts:AssumeRole",
                 "--resource", reader}) == 5);
    CHECK(
        contains(r.out, "condition failed: StringEquals sts:externalid [x], the request has none"));
    CHECK(contains(r.out, "identity-based policy assume/Statement[0] (Allow): applies"));
    CHECK(contains(r.out, "identity-based policy assume/Logs (Allow): the action does not match"));
    CHECK(r.run({"policy", "explain", "--principal", alice, "--action", "sts:AssumeRole",
                 "--resource", reader, "-o", "json"}) == 5);
    CHECK(contains(r.out, "\"operator\":\"StringEquals\",\"key\":\"sts:externalid\""));
}

TEST_CASE("Who can assume what, and what is wrong with it") {
    configured_rig r;
    CHECK(r.run({"policy", "who-can-assume", reader}) == 0);
    CHECK(contains(r.out, alice));
    CHECK(contains(r.out, "sts:externalid StringEquals x"));
    CHECK_FALSE(contains(r.out, bob));
    CHECK(r.run({"policy", "who-can-assume", vendor, "-o", "json"}) == 0);
    CHECK(contains(r.out, "\"principal\":\"" + bob + "\""));
    CHECK(contains(r.out, "\"defined\":false"));
    CHECK(r.run({"policy", "who-can-assume", bob}) == 1);
    CHECK(r.run({"policy", "what-can-assume", bob}) == 0);
    CHECK(contains(r.out, vendor));
    CHECK_FALSE(contains(r.out, reader));
    CHECK(r.run({"policy", "what-can-assume", "999988887777"}) == 0);
    CHECK(contains(r.out, vendor));
    CHECK(r.run({"policy", "what-can-assume", "nonsense"}) == 1);
    CHECK(r.run({"policy", "what-can-assume", "123456789012"}) == 0);
    CHECK(contains(r.out, "PRINCIPAL"));
    CHECK(contains(r.out, alice));
    CHECK(contains(r.out, bob));
    CHECK(r.run({"policy", "what-can-assume", "arn:aws:sts::123456789012:assumed-role/vendor/s"}) ==
          0);
    CHECK(r.out == "no roles\n");
    CHECK(r.run({"policy", "what-can-assume", "arn:aws:sts::123456789012:assumed-role/none/s"}) ==
          1);
    CHECK(r.run({"policy", "findings"}) == 1);
    CHECK(contains(r.out, vendor + ": Statement[0]: external-without-condition"));
    CHECK(r.run({"policy", "findings", "-o", "json"}) == 1);
    CHECK(contains(r.out, "\"finding\":\"external-without-condition\""));
    CHECK(r.run({"policy", "findings", "--config", "/none.yaml"}) == 3);
    CHECK(r.run({"policy"}) == 2);
}

TEST_CASE("A trust that has run out is unused") {
    configured_rig r;
    std::string& text = r.environment.files["/c.yaml"];
    const std::string id = "StringEquals: {\"sts:ExternalId\": x}";
    text.replace(text.find(id), id.size(), "DateLessThan: {\"aws:CurrentTime\": \"2001-01-01\"}");
    CHECK(r.run({"policy", "findings"}) == 1);
    CHECK(contains(r.out, reader + ": Statement[0]: unused-trust: no request can meet"));
    CHECK(contains(r.out, reader + ": unused-trust: nobody can assume this role"));
}
