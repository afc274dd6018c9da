#include "fixture.hpp"

using namespace fixture;

TEST_CASE("GetCallerIdentity names a user") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto got = b.send(alice, bench::identity());
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.element("Arn") == alice_arn);
    CHECK(got.element("UserId") == "AIDAalice");
    CHECK(got.element("Account") == account_a);
}

TEST_CASE("A role session says who it is, without the role's path", "[G23][A12]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "long", trust(by_arn(alice_arn)), {.path = "/team/"});
    const auto got = b.send(alice, bench::assume(role));
    INFO(got.body);
    REQUIRE(got.status == 200);
    CHECK(got.element("AssumedRoleUser").find("assumed-role/long/s1") != std::string::npos);
    const auto who = b.send(got.credentials(), bench::identity());
    INFO(who.body);
    CHECK(who.status == 200);
    CHECK(who.element("Arn") == "arn:aws:sts::123456789012:assumed-role/long/s1");
    CHECK(who.element("UserId") == "AROAlong:s1");
    CHECK(who.element("Account") == account_a);
}
