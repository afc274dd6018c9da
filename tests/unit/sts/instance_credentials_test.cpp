#include "fixture.hpp"
#include "sts/instance_role.hpp"

using namespace fixture;

namespace {

constexpr std::string_view service = "ec2.amazonaws.com";
constexpr std::string_view instance_id = "i-0123456789abcdef0";
const std::string own_session =
    "arn:aws:sts::123456789012:assumed-role/aws:ec2-instance/i-0123456789abcdef0";

struct machine {
    bench b;

    base::result<::aws::credentials> ask(std::string_view account = account_a,
                                         std::string_view id = instance_id,
                                         base::seconds duration = base::seconds(21600)) {
        if (!b.issuer) b.start();
        return b.issuer->instance_credentials_as_service(service, account, id, duration);
    }
    key_pair key() {
        const auto got = ask();
        REQUIRE(got.has_value());
        return {got->access_key_id, std::string(got->secret_access_key.reveal()),
                std::string(got->session_token.reveal())};
    }
};

}  // namespace

TEST_CASE("An instance's own credentials say which instance it is") {
    machine m;
    const auto got = m.ask();
    REQUIRE(got.has_value());
    CHECK(got->expiration == m.b.clock.now() + base::seconds(21600));
    CHECK(got->access_key_id.starts_with("ASIA"));
    const auto who = m.b.send(m.key(), bench::identity());
    CHECK(who.status == 200);
    CHECK(who.element("Arn") == own_session);
    CHECK(who.element("Account") == account_a);
    CHECK(who.element("UserId") ==
          sts::instance_role_id("aws", account_a) + ":" + std::string(instance_id));
    CHECK(sts::instance_role_id("aws", account_a) != sts::instance_role_id("aws", account_b));
}

TEST_CASE("They need no principal in the store, and end like every session") {
    machine m;
    const key_pair key = m.key();
    m.b.clock.advance(base::seconds(21599));
    CHECK(m.b.send(key, bench::identity()).status == 200);
    m.b.clock.advance(base::seconds(1));
    CHECK(m.b.send(key, bench::identity()).code() == "ExpiredToken");
}

TEST_CASE("They permit nothing: roles that trust the account or others are denied") {
    machine m;
    const auto delegated = m.b.add_role(account_a, "delegated", trust(root_of_a));
    const auto machines =
        m.b.add_role(account_a, "machines", trust(R"({"Service":"ec2.amazonaws.com"})"));
    const auto elsewhere = m.b.add_role(account_b, "elsewhere", trust(by_arn(own_session)));
    const std::string missing = "arn:aws:iam::123456789012:role/missing";
    const key_pair key = m.key();
    for (const auto& role : {delegated, machines, elsewhere, missing}) {
        INFO(role);
        const auto answer = m.b.send(key, bench::assume(role));
        CHECK(answer.status == 403);
        CHECK(answer.code() == "AccessDenied");
    }
    // Who names the session in a trust policy of the same account means it.
    const auto named = m.b.add_role(account_a, "named", trust(by_arn(own_session)));
    CHECK(m.b.send(key, bench::assume(named)).status == 200);
    const auto other = m.b.add_role(
        account_a, "other",
        trust(by_arn("arn:aws:sts::123456789012:assumed-role/aws:ec2-instance/i-0000")));
    CHECK(m.b.send(key, bench::assume(other)).code() == "AccessDenied");
}

TEST_CASE("An account, an id or a duration that is none is refused") {
    machine m;
    const auto refused = [&](const base::result<::aws::credentials>& got) {
        return !got.has_value() && got.error().code == "ValidationError";
    };
    CHECK(refused(m.ask("12345678901")));
    CHECK(refused(m.ask("12345678901a")));
    CHECK(refused(m.ask(account_a, "")));
    CHECK(refused(m.ask(account_a, "i-")));
    CHECK(refused(m.ask(account_a, "i-1/../x")));
    CHECK(refused(m.ask(account_a, "host")));
    CHECK(refused(m.ask(account_a, "i-" + std::string(63, '1'))));
    CHECK(refused(m.ask(account_a, instance_id, base::seconds(899))));
    CHECK(refused(m.ask(account_a, instance_id, base::seconds(43201))));
    CHECK(m.b.records.empty());
}

TEST_CASE("Their issue is on record, and without a record there are none") {
    machine m;
    const auto got = m.ask();
    REQUIRE(got.has_value());
    REQUIRE(m.b.records.size() == 1);
    const auto& record = m.b.records.front();
    CHECK(record.event_name == "AssumeRole");
    CHECK(record.account == account_a);
    CHECK(record.request_parameters.at("roleArn") ==
          "arn:aws:iam::123456789012:role/aws:ec2-instance");
    CHECK(record.request_parameters.at("roleSessionName").as_string() == instance_id);
    CHECK(record.response_elements.at("assumedRoleUser").as_object().at("arn").as_string() ==
          std::string_view(own_session));
    CHECK(record.response_elements.at("credentials").as_object().at("accessKeyId").as_string() ==
          std::string_view(got->access_key_id));
    m.b.audit_accepts = false;
    const auto refused = m.ask();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == "ServiceUnavailable");
}

TEST_CASE("Another partition or issuer does not know them") {
    machine m;
    const key_pair key = m.key();
    m.b.options.partition = "aws-cn";
    m.b.start();
    CHECK(m.b.send(key, bench::identity()).code() == "InvalidClientTokenId");
}
