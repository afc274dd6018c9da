#include "helpers.hpp"

using namespace helpers;
using kind = policy::document_kind;

namespace {

const std::string allow =
    R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b")";

std::string resource(const std::string& text) {
    return statement(R"("Effect":"Allow","Action":"s3:ListBucket","Resource":")" + text + "\"");
}

std::string conditional(const std::string& block, const std::string& effect = "Allow") {
    return statement("\"Effect\":\"" + effect +
                     R"(","Action":"s3:ListBucket","Resource":"*","Condition":)" + block);
}

constexpr const char* legacy = "The policy failed legacy parsing";
constexpr const char* iam_path =
    "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, "
    "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
    "oidc-provider/, report/, access-report/.";

}  // namespace

TEST_CASE("A Resource that no ARN of IAM has is refused with the text of IAM") {
    const std::pair<const char*, std::string> rows[] = {
        {"bucket", "Resource bucket must be in ARN format or \"*\"."},
        {"a:bsdfdsafsad",
         "Partition \"bsdfdsafsad\" is not valid for resource \"arn:bsdfdsafsad:*:*:*:*\"."},
        {"aws:s3:::b", "Partition \"s3\" is not valid for resource \"arn:s3:::b:*\"."},
        {"x:aws:s3:::b", "Resource x:aws:s3:::b must be in ARN format or \"*\"."},
        {"arn::s3:::b", "Partition \"\" is not valid for resource \"arn::s3:::b\"."},
        {"arn:AWS:s3:::b", "Partition \"AWS\" is not valid for resource \"arn:AWS:s3:::b\"."},
        {"arn:aws", "Resource vendor must be fully qualified and cannot contain regexes."},
        {"arn:aws::::b", legacy},
        {"arn:aws::fdsasf", legacy},
        {"arn:aws:fdsasf", legacy},
        {"arn:aws:s3::b", legacy},
        {"arn:aws:iam:us-east-1::x",
         "IAM resource arn:aws:iam:us-east-1::x cannot contain region information."},
        {"arn:aws:s3:us-east-1::b",
         "Resource arn:aws:s3:us-east-1::b can not contain region information."},
        {"arn:aws:iam:::example_bucket", iam_path},
        {"arn:corp:iam::123456789012:thing/x", iam_path},
    };
    for (const auto& [text, what] : rows) {
        INFO(text);
        CHECK(refusal(resource(text)) == what);
        // Beside NotResource such a text would let everything through.
        CHECK(refusal(statement(R"("Effect":"Allow","Action":"s3:L","NotResource":")" +
                                std::string(text) + "\"")) == what);
    }
}

TEST_CASE("A Resource may name any partition word and every kind of resource") {
    for (const char* text :
         {"arn:aws:s3:::b", "arn:aws-cn:s3:::b", "arn:corp:s3:::b", "arn:*:s3:::b",
          "arn:aws:*:*:*:*", "arn:aws:iam::*:*", "arn:aws:iam::*:root", "arn:aws:iam::1:ro*/x",
          "arn:aws:iam::123456789012:role/x", "arn:aws:iam:::user/x",
          "arn:aws:iam::123456789012:${aws:PrincipalTag/kind}/x", "arn:aws:iam:*:*:role/x",
          "arn:aws:iam::123456789012:u2f/user/x", "arn:aws:iam::*:assumed-role/r/s",
          "arn:aws:s3:us-east-1:123456789012:accesspoint/x", "arn:aws:s3:*:*:accesspoint/*",
          "arn:aws:ec2:us-east-1:123456789012:instance/*"}) {
        INFO(text);
        CHECK(refusal(resource(text)).empty());
    }
}

TEST_CASE("A session policy names resources as an identity policy does") {
    for (const char* text : {"bucket", "arn:AWS:s3:::b", "arn:aws:s3::b", "arn:aws:iam:::b"}) {
        INFO(text);
        CHECK(refusal(resource(text), kind::session) == refusal(resource(text)));
        CHECK_FALSE(refusal(resource(text), kind::session).empty());
    }
    CHECK(refusal(resource("arn:aws:s3:::b"), kind::session).empty());
}

TEST_CASE("A Resource is of the partition that the policy is for") {
    const auto says = [](const char* text, std::string_view partition, kind what = kind::identity) {
        const auto parsed = policy::document::parse(resource(text), what, partition);
        CHECK(policy::document::check(resource(text), what, partition).empty() ==
              parsed.has_value());
        return parsed ? std::string() : parsed.error().message;
    };
    for (kind what : {kind::identity, kind::boundary, kind::session, kind::service_control}) {
        CHECK(says("arn:error:s3:::b", "aws", what) ==
              "Partition \"error\" is not valid for resource \"arn:error:s3:::b\".");
        CHECK(says("arn:aws:s3:::b", "aws", what).empty());
        CHECK(says("*", "aws", what).empty());
    }
    CHECK(says("arn:aws:s3:::b", "aws-cn") ==
          "Partition \"aws\" is not valid for resource \"arn:aws:s3:::b\".");
    CHECK(says("arn:corp:s3:::b", "corp").empty());
    CHECK(says("arn:*:s3:::b", "corp").empty());
    CHECK(says("arn:aws*:s3:::b", "aws-cn").empty());
    CHECK(says("arn:aws-*:s3:::b", "aws") ==
          "Partition \"aws-*\" is not valid for resource \"arn:aws-*:s3:::b\".");
    // Any of AWS's.
    CHECK(says("arn:aws-us-gov:s3:::b", policy::partitions_of_aws).empty());
    CHECK(says("arn:*:s3:::b", policy::partitions_of_aws).empty());
    CHECK_FALSE(says("arn:awsx:s3:::b", policy::partitions_of_aws).empty());
    CHECK_FALSE(says("arn:error:s3:::b", policy::partitions_of_aws).empty());
}

TEST_CASE("A date that can not be read fails the legacy parsing") {
    for (const char* block :
         {R"({"DateGreaterThan":{"aws:CurrentTime":"sdfdsf"}})",
          R"({"DateLessThan":{"a":"sdfdsf"}})",
          R"({"ForAnyValue:DateLessThanIfExists":{"aws:CurrentTime":["2026-01-01","01T"]}})"}) {
        INFO(block);
        CHECK(refusal(conditional(block)).find(legacy) == 0);
    }
    CHECK(refusal(conditional(R"({"DateGreaterThan":{"aws:CurrentTime":"sdfdsf"}})"), kind::session)
              .empty());
    CHECK(refusal(conditional(R"({"DateGreaterThan":{"aws:x":"2016-12-13t2:00:00.593194+23"}})"))
              .empty());
    CHECK(refusal(conditional(R"({"Date":{"aws:CurrentTime":"sdfdsf"}})")).find("Syntax") == 0);
}

TEST_CASE("Conditions without a safe meaning stay refused in every kind of policy") {
    for (const char* block :
         {R"({"StringEqualsIfExists":{"a":"x"}})", R"({"StringNotEquals":{"a":"x"}})",
          R"({"DateGreaterThan":{"a":[]}})", R"({"DateGreaterThan":{}})", R"({"a":{}})",
          R"({"a":"b"})", "[]", R"({"a":{"aws:x":[]}})"}) {
        INFO(block);
        CHECK_FALSE(refusal(conditional(block)).empty());
        CHECK_FALSE(refusal(conditional(block), kind::session).empty());
    }
}

TEST_CASE("A condition with no values is taken and never allows") {
    policy::context facts;
    facts.set("aws:userid", "AIDAEXAMPLE");
    using policy::effect;
    for (kind k : {kind::identity, kind::session}) {
        const auto says = [&](const char* operation, const char* effect) {
            return policy::evaluate(document(conditional("{\"" + std::string(operation) +
                                                             "\":{\"aws:userid\":[]}}",
                                                         effect),
                                             k),
                                    {"s3:ListBucket", "arn:aws:s3:::b"}, facts)
                .outcome;
        };
        for (const char* operation : {"StringEquals", "StringNotEquals", "StringLikeIfExists"}) {
            INFO(operation);
            CHECK(says(operation, "Allow") == effect::implicit_deny);
        }
        CHECK(says("StringEquals", "Deny") == effect::implicit_deny);
        CHECK(says("StringNotEquals", "Deny") == effect::explicit_deny);
    }
}

TEST_CASE("Of several errors the one is told that IAM checks first") {
    const std::pair<std::string, const char*> rows[] = {
        {R"({"Statement":[{"Sid":"a",)" + allow + R"(},{"Sid":"a","Effect":"Allow"}]})",
         "Statement IDs (SID) in a single policy must be unique."},
        {R"({"Statement":[{"Sid":"a","Effect":"Allow"},{"Sid":"a",)" + allow + "}]}",
         "Statement IDs (SID) in a single policy must be unique."},
        {R"({"Statement":[{"Sid":"a","Effect":"Allow"},{"Sid":"a",)" + allow + R"(,"Extra":1}]})",
         "Syntax errors in policy."},
        {statement(R"("Effect":"Allow","Action":"s:3:X","Resource":"sdfsadf")"),
         "Resource sdfsadf must be in ARN format or \"*\"."},
        {statement(R"("Effect":"Allow","Action":"s3:X","Resource":["arn:aws:s3::b","sdfsadf"])"),
         "Resource sdfsadf must be in ARN format or \"*\"."},
        {statement(R"("Effect":"Allow","Resource":"sdfsadf")"),
         "Policy statement must contain actions."},
        {statement(R"("Effect":"Allow","Resource":"arn:aws:s3::b")"), legacy},
        {statement(R"("Effect":"Allow","Resource":"*","Condition":{"DateGreaterThan":{"a":{}}})"),
         "Syntax errors in policy."},
        {statement(R"("Effect":"Allow","Action":"s:3:X")"),
         "Actions/Condition can contain only one colon."},
        {statement(R"("Effect":"Deny")"), "Policy statement must contain actions."},
    };
    for (const auto& [text, what] : rows) {
        INFO(text);
        CHECK(refusal(text).find(what) == 0);
    }
    const auto wrong = policy::document::check(rows[0].first, kind::identity);
    REQUIRE(wrong.size() == 1);
    CHECK(wrong[0].path == texts{"Statement", "1", "Sid"});
}
