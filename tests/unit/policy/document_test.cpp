#include "helpers.hpp"

using namespace helpers;
using kind = policy::document_kind;

namespace {

const std::string allow = R"("Effect":"Allow","Action":"s3:*","Resource":"*")";
const std::string trust_members =
    R"("Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole")";

}  // namespace

TEST_CASE("Ordinary documents are taken") {
    CHECK(refusal(statement(allow)).empty());
    CHECK(refusal(R"({"Statement":{)" + allow + "}}").empty());
    CHECK(refusal(R"({"Version":"2008-10-17","Id":"x","Statement":[{)" + allow + "}]}").empty());
    CHECK(refusal(statement(allow), kind::session).empty());
    CHECK(refusal(statement(trust_members), kind::trust).empty());
    CHECK(refusal(statement(allow + R"(,"Condition":{})")).empty());
    CHECK(refusal(statement(allow + R"(,"Condition":{"Bool":{"aws:SecureTransport":true},
                                        "NumericLessThan":{"aws:x":[1,2.5]}})"))
              .empty());
}

TEST_CASE("Malformed documents are refused with the texts of IAM", "[E21]") {
    const auto says = [](const std::string& text, const std::string& what, kind k) {
        INFO(text);
        INFO(refusal(text, k));
        CHECK(refusal(text, k).find(what) == 0);
    };
    const std::string syntax = "Syntax errors in policy.";
    says(R"({"temp":true})", syntax, kind::identity);
    says("", syntax, kind::identity);
    says("[]", syntax, kind::identity);
    says(R"({"Version":"2012-10-17"})", syntax, kind::identity);
    says(R"({"Version":"2012-10-17","Statement":[]})", syntax, kind::identity);
    says(R"({"Version":"2012-10-17","statement":[]})", syntax, kind::identity);
    says(R"({"Version":"2011-01-01","Statement":[]})",
         "Policy document must be version 2012-10-17 or greater.", kind::identity);
    says(statement(allow + R"(,"Extra":1)"), syntax, kind::identity);
    for (const char* effect : {"allow", "ALLOW", "denY", "deny", "Allow ", ""})
        says(statement(R"("Effect":")" + std::string(effect) +
                       R"(","Action":"s3:*","Resource":"*")"),
             syntax, kind::identity);
    says(statement(R"("Action":"s3:*","Resource":"*")"), syntax, kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","Action":"s3:*","Resource":"*")"), syntax,
         kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","NotAction":"s3:*","Resource":"*")"), syntax,
         kind::identity);
    says(statement(R"("Effect":"Allow","Action":[],"Resource":"*")"),
         "Policy statement must contain actions.", kind::identity);
    says(statement(R"("Effect":"Allow","Resource":"*")"), "Policy statement must contain actions.",
         kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*")"),
         "Policy statement must contain resources.", kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3","Resource":"*")"),
         "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
         kind::identity);
    says(statement(R"("Effect":"Allow","Action":"a:b:c","Resource":"*")"),
         "Actions/Condition can contain only one colon.", kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s 3:x","Resource":"*")"),
         "Vendor s 3 is not valid", kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"bucket")"),
         "Resource bucket must be in ARN format or \"*\".", kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3")"),
         "The policy failed legacy parsing", kind::identity);
    says(statement(R"("Sid":"a-b",)" + allow), "Statement IDs (SID) must be alpha-numeric.",
         kind::identity);
    says(R"({"Version":"2012-10-17","Statement":[{"Sid":"a",)" + allow + R"(},{"Sid":"a",)" +
             allow + "}]}",
         "Statement IDs (SID) in a single policy must be unique.", kind::identity);
    says(statement(allow + R"(,"Principal":{"AWS":"*"})"),
         "Policy document should not specify a principal.", kind::identity);
    says(statement(allow + R"(,"Condition":{"StringEqual":{"aws:x":"y"}})"), syntax,
         kind::identity);
    says(statement(allow + R"(,"Condition":{"StringEqual":{"aws:x":"y"}})"), syntax, kind::session);
    says(statement(allow + R"(,"Condition":{"StringEquals":{}})"), syntax, kind::identity);
    says(statement(allow + R"(,"Condition":{"StringEquals":{"aws:x":{"y":1}}})"), syntax,
         kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a/${aws:x")"),
         syntax, kind::identity);
    says(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:${aws:x}::a")"),
         syntax, kind::identity);
}

TEST_CASE("Trust policies have their own rules", "[E27]") {
    const auto says = [](const std::string& members, const std::string& what) {
        INFO(members);
        INFO(refusal(statement(members), kind::trust));
        CHECK(refusal(statement(members), kind::trust).find(what) == 0);
    };
    const std::string who = R"("Effect":"Allow","Principal":)";
    const std::string what = R"(,"Action":"sts:AssumeRole")";
    says(trust_members + R"(,"Resource":"*")", "Has prohibited field Resource.");
    says(R"("Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole")",
         "Has prohibited field NotPrincipal.");
    says(R"("Effect":"Allow","Action":"sts:AssumeRole")", "Missing required field Principal");
    says(who + "\"*\"" + what, "Invalid principal in policy");
    says(who + "{}" + what, "Invalid principal in policy");
    says(who + R"({"AWS":"arn:aws:iam::123456789012:user/a*"})" + what,
         "Invalid principal in policy: \"AWS\":");
    says(who + R"({"AWS":"12345"})" + what, "Invalid principal in policy");
    says(who + R"({"AWS":"arn:aws:iam::123456789012:group/x"})" + what,
         "Invalid principal in policy");
    says(who + R"({"Service":"*"})" + what, "Invalid principal in policy");
    says(who + R"({"Federated":"arn:aws:iam::123456789012:role/x"})" + what,
         "Invalid principal in policy");
    says(who + R"({"CanonicalUser":"x"})" + what, "Invalid principal in policy");
    says(who + R"({"AWS":"*"},"Action":"s3:GetObject")", "Trust Policy statement actions can only");
    says(who + R"({"AWS":"*"},"Action":"*")", "Actions/Conditions must be prefaced");

    for (const char* principal :
         {R"({"AWS":"*"})", R"({"AWS":["123456789012","arn:aws:iam::123456789012:root"]})",
          R"({"AWS":"arn:aws:sts::123456789012:assumed-role/r/s"})",
          R"({"AWS":"AROAEXAMPLEEXAMPLE000"})", R"({"Service":"ec2.amazonaws.com"})",
          R"({"Federated":"accounts.google.com"})",
          R"({"Federated":"arn:aws:iam::123456789012:oidc-provider/idp.example/realm"})"}) {
        INFO(principal);
        CHECK(refusal(statement(who + principal + what), kind::trust).empty());
    }
    CHECK(refusal(statement(who + R"({"AWS":"*"},"Action":"sts:*")"), kind::trust).empty());
}

TEST_CASE("Session policies may hold literals that mean nothing and they never match", "[E29]") {
    const std::string members = allow + R"(,"Condition":{"IpAddress":{"aws:SourceIp":"garbage"}})";
    CHECK_FALSE(refusal(statement(members)).empty());
    const auto policy = document(statement(members), kind::session);
    policy::context facts;
    facts.set("aws:SourceIp", "10.0.0.9");
    CHECK(policy::evaluate(policy, {"s3:GetObject", "arn:aws:s3:::a"}, facts).outcome ==
          policy::effect::implicit_deny);
    const auto denying =
        document(statement(R"("Effect":"Deny","Action":"s3:*","Resource":"*","Condition":
                     {"IpAddress":{"aws:SourceIp":"garbage"}})"),
                 kind::session);
    CHECK(policy::evaluate(denying, {"s3:GetObject", "arn:aws:s3:::a"}, facts).outcome ==
          policy::effect::explicit_deny);
}

TEST_CASE("White space does not count towards the size of a policy") {
    const std::string text = statement(allow);
    CHECK(refusal(text + std::string(50'000, ' ')).empty());
    std::string long_one = R"({"Version":"2012-10-17","Statement":[)";
    while (long_one.size() < policy::identity_policy_characters)
        long_one += "{" + allow + "},";
    CHECK_FALSE(refusal(long_one + "{" + allow + "}]}").empty());
}

TEST_CASE("A statement is called by its Sid or its place") {
    const auto policy =
        document(R"({"Statement":[{)" + allow + R"(},{"Sid":"Second",)" + allow + "}]}");
    CHECK(policy.label(0) == "Statement[0]");
    CHECK(policy.label(1) == "Second");
}
