#include "fixture.hpp"

using namespace fixture;

namespace {

struct machine_room {
    bench b;

    base::result<::aws::credentials> assume(const std::string& role,
                                            sts::assume_role_parameters more = {}) {
        if (!b.issuer) b.start();
        more.role_arn = role;
        if (more.role_session_name.empty()) more.role_session_name = "i-0123456789abcdef0";
        return b.issuer->assume_role_as_service("ec2.amazonaws.com", more);
    }
    std::string code(const std::string& role, sts::assume_role_parameters more = {}) {
        const auto got = assume(role, std::move(more));
        return got ? "" : got.error().code;
    }
};

const std::string ec2 = R"({"Service":"ec2.amazonaws.com"})";

}  // namespace

TEST_CASE("The daemon assumes a role that trusts the service") {
    machine_room m;
    const auto role = m.b.add_role(account_a, "machine", trust(ec2));
    const auto got = m.assume(role);
    REQUIRE(got.has_value());
    CHECK(got->expiration == m.b.clock.now() + base::seconds(3600));
    const auto who =
        m.b.send(key_pair{got->access_key_id, std::string(got->secret_access_key.reveal()),
                          std::string(got->session_token.reveal())},
                 bench::identity());
    CHECK(who.element("Arn") ==
          "arn:aws:sts::123456789012:assumed-role/machine/i-0123456789abcdef0");
}

TEST_CASE("The daemon is denied a role that does not trust it") {
    machine_room m;
    const auto users = m.b.add_role(account_a, "users", trust(root_of_a));
    const auto everyone = m.b.add_role(account_a, "everyone", trust(by_arn("*")));
    const auto lambda =
        m.b.add_role(account_a, "lambda", trust(R"({"Service":"lambda.amazonaws.com"})"));
    for (const auto& role :
         {users, everyone, lambda, std::string("arn:aws:iam::123456789012:role/no")}) {
        INFO(role);
        const auto got = m.assume(role);
        REQUIRE_FALSE(got.has_value());
        CHECK(got.error().code == "AccessDenied");
        CHECK(got.error().kind == base::error_kind::denied);
        CHECK(got.error().message ==
              "User: ec2.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " +
                  role);
    }
}

TEST_CASE("Confused-deputy conditions see the account and the instance") {
    machine_room m;
    const auto role = m.b.add_role(account_a, "machine",
                                   trust(ec2, "\"sts:AssumeRole\"",
                                         R"({"StringEquals":{"aws:SourceAccount":"123456789012"},
                  "ArnLike":{"aws:SourceArn":"arn:aws:ec2:us-east-1:123456789012:instance/i-*"}})"));
    CHECK(m.code(role) == "");
    sts::assume_role_parameters other;
    other.role_session_name = "custom-name";
    CHECK(m.code(role, other) == "AccessDenied");
}

TEST_CASE("The daemon is held to the same rules as everyone") {
    machine_room m;
    const auto role = m.b.add_role(account_a, "machine", trust(ec2, "\"sts:AssumeRole\""));
    sts::assume_role_parameters p;
    p.duration = base::seconds(7200);
    CHECK(m.code(role, p) == "ValidationError");
    p.duration = base::seconds(60);
    CHECK(m.code(role, p) == "ValidationError");
    p = {};
    p.role_session_name = "has space";
    CHECK(m.code(role, p) == "ValidationError");
    p = {};
    p.policy = "{}";
    CHECK(m.code(role, p) == "MalformedPolicyDocument");
    p = {};
    p.tags = {{"team", "x"}};
    CHECK(m.code(role, p) == "AccessDenied");
    p = {};
    p.source_identity = "bob";
    CHECK(m.code(role, p) == "AccessDenied");
    p = {};
    p.policy = allow_all;
    p.duration = base::seconds(900);
    CHECK(m.code(role, p) == "");
}

TEST_CASE("The daemon's calls are audited as a service's") {
    machine_room m;
    const auto role = m.b.add_role(account_a, "machine", trust(ec2));
    REQUIRE(m.code(role) == "");
    REQUIRE(m.b.records.size() == 1);
    const auto& r = m.b.records.front();
    CHECK(r.user_identity.at("type") == "AWSService");
    CHECK(r.user_identity.at("invokedBy") == "ec2.amazonaws.com");
    CHECK(r.source_address == "ec2.amazonaws.com");
    CHECK(r.account == account_a);
    CHECK(r.error_code.empty());
    m.b.audit_accepts = false;
    const auto refused = m.assume(role);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "ServiceUnavailable");
    CHECK(refused.error().kind == base::error_kind::unavailable);
}
