#include "policy/explain.hpp"

#include "helpers.hpp"

using namespace helpers;

TEST_CASE("An explanation says which part of which statement failed and on what value") {
    const auto identity = document(R"({"Version":"2012-10-17","Statement":[
        {"Sid":"Other","Effect":"Allow","Action":"ec2:*","Resource":"*"},
        {"Sid":"Elsewhere","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::y/*"},
        {"Sid":"Net","Effect":"Allow","Action":"s3:*","Resource":"*",
         "Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}},
        {"Sid":"Mfa","Effect":"Deny","Action":"s3:*","Resource":"*",
         "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]})");
    const auto resource = document(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*",
        "Principal":{"AWS":"210987654321"})"),
                                   policy::document_kind::resource);
    policy::principal by;
    by.kind = policy::principal::type::user;
    by.account = "123456789012";
    by.arn = "arn:aws:iam::123456789012:user/alice";
    policy::context facts;
    facts.set("aws:SourceIp", "10.0.0.1");
    const policy::attached own[] = {{"own", &identity}};
    policy::question q{"s3:GetObject", "arn:aws:s3:::x/1", "123456789012", by, facts};
    q.identity = own;
    q.resource_policy = policy::attached{{}, &resource};
    const auto all = policy::explain(q);
    REQUIRE(all.size() == 5);
    CHECK(all[0].type == policy::policy_type::resource);
    CHECK(all[0].why_not() == "the caller is not among its principals");
    CHECK(all[1].statement == "Other");
    CHECK(all[1].why_not() == "the action does not match");
    CHECK(all[2].why_not() == "the resource does not match");
    CHECK(all[3].why_not() ==
          "condition failed: IpAddress aws:sourceip [192.0.2.0/24], the request has [10.0.0.1]");
    CHECK(all[4].why_not() ==
          "condition failed: Bool aws:multifactorauthpresent [false], the request has none");
    CHECK_FALSE(all[4].allow);
    facts.set("aws:SourceIp", "192.0.2.7");
    CHECK(policy::explain(q)[3].applies);
    CHECK(policy::explain(q)[3].why_not().empty());
}
