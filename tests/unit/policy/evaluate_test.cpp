#include "helpers.hpp"

using namespace helpers;
using policy::effect;
using policy::principal_match;

namespace {

effect says(const std::string& statements, std::string_view action, std::string_view resource,
            const policy::context& facts = {}) {
    const auto policy = document(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}");
    return policy::evaluate(policy, {action, resource}, facts).outcome;
}

constexpr const char* object = "arn:aws:s3:::bucket/home/alice/x";

policy::principal user() {
    return {policy::principal::type::user,
            "123456789012",
            "arn:aws:iam::123456789012:user/alice",
            {},
            "AIDAALICEALICEALICE12",
            {}};
}
policy::principal session() {
    return {policy::principal::type::role_session,
            "123456789012",
            "arn:aws:sts::123456789012:assumed-role/r/s",
            "arn:aws:iam::123456789012:role/team/r",
            "AROAROLEROLEROLEROLE1",
            {}};
}
policy::principal service() {
    policy::principal out;
    out.kind = policy::principal::type::service;
    out.service = "ec2.amazonaws.com";
    return out;
}

policy::decision trusts(const std::string& principal, const policy::principal& caller,
                        const std::string& effect_name = "Allow") {
    const auto policy = document(R"({"Statement":{"Effect":")" + effect_name + R"(","Principal":)" +
                                     principal + R"(,"Action":"sts:AssumeRole"}})",
                                 policy::document_kind::trust);
    return policy::evaluate_trust(policy, "sts:AssumeRole", caller, {});
}

}  // namespace

TEST_CASE("An explicit denial wins whatever the order") {
    const std::string allow = R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})";
    const std::string deny = R"({"Effect":"Deny","Action":"s3:GetObject","Resource":"*"})";
    CHECK(says(allow + "," + deny, "s3:GetObject", object) == effect::explicit_deny);
    CHECK(says(deny + "," + allow, "s3:GetObject", object) == effect::explicit_deny);
    CHECK(says(deny + "," + allow, "s3:PutObject", object) == effect::allow);
    CHECK(says(allow, "ec2:RunInstances", object) == effect::implicit_deny);
}

TEST_CASE("Actions ignore case and resources do not") {
    const std::string s =
        R"({"Effect":"Allow","Action":"S3:get*","Resource":"arn:aws:s3:::bucket/Home/*"})";
    CHECK(says(s, "s3:GetObject", "arn:aws:s3:::bucket/Home/x") == effect::allow);
    CHECK(says(s, "s3:GetObject", "arn:aws:s3:::bucket/home/x") == effect::implicit_deny);
}

TEST_CASE("An action with white space inside never matches and its negation always does", "[E22]") {
    CHECK(says(R"({"Effect":"Allow","Action":"s3: GetObject","Resource":"*"})", "s3:GetObject",
               object) == effect::implicit_deny);
    CHECK(says(R"({"Effect":"Allow","NotAction":"s3: GetObject","Resource":"*"})", "s3:GetObject",
               object) == effect::allow);
}

TEST_CASE("NotAction and NotResource mean none of the list") {
    const std::string s =
        R"({"Effect":"Allow","NotAction":["iam:*","s3:Put*"],"NotResource":"arn:aws:s3:::x/*"})";
    CHECK(says(s, "s3:GetObject", object) == effect::allow);
    CHECK(says(s, "s3:PutObject", object) == effect::implicit_deny);
    CHECK(says(s, "s3:GetObject", "arn:aws:s3:::x/y") == effect::implicit_deny);
}

TEST_CASE("A variable in a resource is literal text and a missing one matches nothing",
          "[E16][E18]") {
    const std::string s =
        R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bucket/home/${aws:username}/*"})";
    policy::context facts;
    CHECK(says(s, "s3:GetObject", object, facts) == effect::implicit_deny);
    facts.set("aws:username", "alice");
    CHECK(says(s, "s3:GetObject", object, facts) == effect::allow);
    facts.set("aws:username", "*");
    CHECK(says(s, "s3:GetObject", object, facts) == effect::implicit_deny);
    CHECK(says(R"({"Effect":"Allow","Action":"s3:*",
                   "Resource":"arn:aws:s3:::bucket/home/${aws:none, 'alice'}/*"})",
               "s3:GetObject", object) == effect::allow);
}

TEST_CASE("All operators and keys of a condition must hold", "[E6]") {
    const std::string s = R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{
        "StringEquals":{"aws:a":"1","aws:b":"2"},"Bool":{"aws:c":"true"}}})";
    policy::context facts;
    facts.set("aws:a", "1");
    facts.set("aws:b", "2");
    CHECK(says(s, "s3:X", object, facts) == effect::implicit_deny);
    facts.set("aws:c", "true");
    CHECK(says(s, "s3:X", object, facts) == effect::allow);
    facts.set("aws:b", "3");
    CHECK(says(s, "s3:X", object, facts) == effect::implicit_deny);
}

TEST_CASE("A trust policy says how directly it names the caller") {
    CHECK(trusts(R"({"AWS":"*"})", user()).match == principal_match::direct);
    CHECK(trusts(R"({"AWS":"123456789012"})", user()).match == principal_match::account);
    CHECK(trusts(R"({"AWS":"arn:aws:iam::123456789012:root"})", session()).match ==
          principal_match::account);
    CHECK(trusts(R"({"AWS":"arn:aws-cn:iam::123456789012:root"})", user()).outcome ==
          effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"210987654321"})", user()).outcome == effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"arn:aws:iam::123456789012:user/alice"})", user()).match ==
          principal_match::direct);
    CHECK(trusts(R"({"AWS":"arn:aws:iam::123456789012:user/Alice"})", user()).outcome ==
          effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"arn:aws:iam::123456789012:role/team/r"})", session()).match ==
          principal_match::role);
    CHECK(trusts(R"({"AWS":"arn:aws:iam::123456789012:role/r"})", session()).outcome ==
          effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/r/s"})", session()).match ==
          principal_match::direct);
    CHECK(
        trusts(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/r/other"})", session()).outcome ==
        effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"AROAROLEROLEROLEROLE1"})", session()).match == principal_match::role);
    CHECK(trusts(R"({"AWS":"AIDAALICEALICEALICE12"})", user()).match == principal_match::direct);
    CHECK(trusts(R"({"AWS":["123456789012","arn:aws:iam::123456789012:user/alice"]})", user())
              .match == principal_match::direct);
}

TEST_CASE("Services are trusted by name only and denied by everyone") {
    CHECK(trusts(R"({"Service":"ec2.amazonaws.com"})", service()).outcome == effect::allow);
    CHECK(trusts(R"({"Service":"lambda.amazonaws.com"})", service()).outcome ==
          effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"*"})", service()).outcome == effect::implicit_deny);
    CHECK(trusts(R"({"AWS":"*"})", service(), "Deny").outcome == effect::explicit_deny);
    CHECK(trusts(R"({"Service":"ec2.amazonaws.com"})", user()).outcome == effect::implicit_deny);
    CHECK(trusts(R"({"Federated":"accounts.google.com"})", user()).outcome ==
          effect::implicit_deny);
}

TEST_CASE("A document of the wrong kind decides nothing") {
    const auto trust = document(statement(R"("Effect":"Allow","Principal":{"AWS":"*"},
                                             "Action":"sts:AssumeRole")"),
                                policy::document_kind::trust);
    CHECK(policy::evaluate(trust, {"sts:AssumeRole", object}, {}).outcome == effect::implicit_deny);
    const auto identity =
        document(statement(R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*")"));
    CHECK(policy::evaluate_trust(identity, "sts:AssumeRole", user(), {}).outcome ==
          effect::implicit_deny);
    CHECK(policy::evaluate_trust(policy::document(), "sts:AssumeRole", user(), {}).outcome ==
          effect::implicit_deny);
}
