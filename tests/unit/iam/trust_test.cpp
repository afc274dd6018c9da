#include "encoding/percent.hpp"
#include "iam/trust_binding.hpp"
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string may_assume =
    document(R"({"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"})");

std::string shown_trust(estate& e, const std::string& name) {
    const answer got = e.call("GetRole", {{"RoleName", name}});
    return encoding::percent_decode(got.element("AssumeRolePolicyDocument")).value();
}

answer create(estate& e, const std::string& name, const std::string& text) {
    return e.call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", text}});
}

answer update(estate& e, const std::string& name, const std::string& text) {
    return e.call("UpdateAssumeRolePolicy", {{"RoleName", name}, {"PolicyDocument", text}});
}

std::string trusting(const std::string& who) {
    return trust(by_arn(who), "\"sts:AssumeRole\"");
}

void remove_user(estate& e, const std::string& name) {
    e.port.apply({iam::removal(iam::entity_kind::user, iam::key_of(account_a, name))});
}

unsigned assume(estate& e, const key_pair& by, const std::string& role) {
    return e
        .sts(by, "AssumeRole", {{"RoleArn", arn_in_a("role/" + role)}, {"RoleSessionName", "s1"}})
        .status;
}

}  // namespace

TEST_CASE("everybody whom a trust policy names must exist") {
    estate e;
    const auto refused = [&](const std::string& who) {
        const answer out = create(e, "r", trusting(who));
        return out.status == 400 ? out.code() + ": " + out.message() : "";
    };
    const auto text = [](const std::string& who) {
        return "MalformedPolicyDocument: Invalid principal in policy: \"AWS\":\"" + who + "\"";
    };
    for (const std::string& who :
         {arn_in_a("user/nobody"), arn_in_a("role/none"),
          std::string("arn:aws:iam::999999999999:root"), std::string("999999999999"),
          std::string("arn:aws-cn:iam::123456789012:root"),
          std::string("arn:aws:sts::999999999999:assumed-role/r/s"),
          std::string("AROARZPUZDIKAAAAAAAAA"), std::string("AIDARZPUZDIKAAAAAAAAA")}) {
        INFO(who);
        CHECK(refused(who) == text(who));
    }
    CHECK(e.port.current()->role_of(account_a, "r") == nullptr);

    e.add_user(account_a, "alice");
    for (const std::string& who :
         {arn_in_a("user/alice"), arn_in_a("root"), std::string(account_b), std::string("*"),
          "arn:aws:iam::" + std::string(account_b) + ":root"}) {
        INFO(who);
        CHECK(create(e, "r", trusting(who)).status == 200);
        e.call("DeleteRole", {{"RoleName", "r"}});
    }
    // Names ignore case, ARNs do not.
    CHECK(refused(arn_in_a("user/Alice")) == text(arn_in_a("user/Alice")));
    REQUIRE(create(e, "r", trusting(arn_in_a("root"))).status == 200);
    CHECK(update(e, "r", trusting(arn_in_a("role/none"))).message() ==
          "Invalid principal in policy: \"AWS\":\"" + arn_in_a("role/none") + "\"");
}

TEST_CASE("who is created later under a trusted name is somebody else") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {may_assume});
    REQUIRE(create(e, "r", trusting(arn_in_a("user/alice"))).status == 200);
    CHECK(assume(e, alice, "r") == 200);
    remove_user(e, "alice");
    const key_pair second = e.add_user(account_a, "alice", {may_assume});
    CHECK(assume(e, second, "r") == 403);
    // Stored once more, it means the one of today.
    CHECK(update(e, "r", trusting(arn_in_a("user/alice"))).status == 200);
    CHECK(assume(e, second, "r") == 200);
}

TEST_CASE("A57: a role that was deleted and created again is not the one that was trusted") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {may_assume});
    const auto make_caller = [&] {
        REQUIRE(create(e, "caller", trusting(arn_in_a("user/alice"))).status == 200);
        e.call("PutRolePolicy",
               {{"RoleName", "caller"}, {"PolicyName", "p"}, {"PolicyDocument", may_assume}});
    };
    const auto session = [&] {
        return e
            .sts(alice, "AssumeRole",
                 {{"RoleArn", arn_in_a("role/caller")}, {"RoleSessionName", "s1"}})
            .credentials();
    };
    make_caller();
    REQUIRE(create(e, "target", trusting(arn_in_a("role/caller"))).status == 200);
    CHECK(assume(e, session(), "target") == 200);
    const std::string id = e.call("GetRole", {{"RoleName", "caller"}}).element("RoleId");
    e.call("DeleteRolePolicy", {{"RoleName", "caller"}, {"PolicyName", "p"}});
    REQUIRE(e.call("DeleteRole", {{"RoleName", "caller"}}).status == 200);
    CHECK(shown_trust(e, "target") == trusting(id));
    make_caller();
    CHECK(assume(e, session(), "target") == 403);
    CHECK(shown_trust(e, "target") == trusting(id));
}

TEST_CASE("one who is gone is shown by id, and all else as it was given") {
    estate e;
    e.add_user(account_a, "alice");
    e.add_user(account_a, "bob");
    const std::string alice = arn_in_a("user/alice");
    const auto with = [&](const std::string& first, const std::string& second) {
        return "\t{ \"Version\" : \"2012-10-17\",\n \"Statement\" : [ {\"Effect\":\"Allow\",\r\n"
               "\"Principal\" : { \"Service\": \"ec2.amazonaws.com\", \"AWS\" : [ \"" +
               first + "\" , \"" + arn_in_a("user/bob") +
               "\" ] },\"Action\":\"sts:AssumeRole\"}, {\"Sid\":\"x\\u0041\",\"Effect\":\"Deny\","
               "\"Principal\":{\"AWS\":\"" +
               second +
               "\"},\"Action\":\"sts:AssumeRole\",\"Condition\":{\"ArnLike\":"
               "{\"aws:PrincipalArn\":\"" +
               alice + "\"}}}] }\n";
    };
    const std::string given = with(alice, alice);
    REQUIRE(create(e, "r", given).status == 200);
    CHECK(shown_trust(e, "r") == given);
    const std::string id = e.port.current()->user_of(account_a, "alice")->unique_id;
    remove_user(e, "alice");
    CHECK(shown_trust(e, "r") == with(id, id));
    CHECK(e.call("ListRoles").has(encoding::percent_encode(id)));

    SECTION("it can be stored as it is shown") {
        CHECK(update(e, "r", with(id, id)).status == 200);
        CHECK(shown_trust(e, "r") == with(id, id));
        CHECK(update(e, "r", with(id, id)).status == 200);
        // But not in a policy where it has never stood.
        CHECK(create(e, "s", trusting(id)).message() ==
              "Invalid principal in policy: \"AWS\":\"" + id + "\"");
        CHECK(update(e, "r", trusting(arn_in_a("root"))).status == 200);
        CHECK(update(e, "r", trusting(id)).code() == "MalformedPolicyDocument");
    }
    SECTION("written with escapes") {
        e.add_user(account_a, "alice");
        std::string escaped = given;
        const std::string slashed = "arn:aws:iam::123456789012:user\\/alice";
        escaped.replace(escaped.find(alice), alice.size(), slashed);
        REQUIRE(update(e, "r", escaped).status == 200);
        CHECK(shown_trust(e, "r") == escaped);
        const std::string second = e.port.current()->user_of(account_a, "alice")->unique_id;
        remove_user(e, "alice");
        CHECK(shown_trust(e, "r") == with(second, second));
    }
}

TEST_CASE("one may be trusted by id") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {may_assume});
    const std::string id = e.port.current()->user_of(account_a, "alice")->unique_id;
    REQUIRE(create(e, "r", trusting(id)).status == 200);
    CHECK(shown_trust(e, "r") == trusting(id));
    CHECK(assume(e, alice, "r") == 200);
    remove_user(e, "alice");
    CHECK(shown_trust(e, "r") == trusting(id));
    CHECK(update(e, "r", trusting(id)).status == 200);
    CHECK(assume(e, e.add_user(account_a, "alice", {may_assume}), "r") == 403);
}

TEST_CASE("a statement that stands alone is read as well") {
    estate e;
    e.add_user(account_a, "alice");
    const std::string alice = arn_in_a("user/alice");
    const auto with = [](const std::string& who) {
        return R"({"Statement":{"Effect":"Allow","Principal":{"AWS":")" + who +
               R"("},"Action":"sts:AssumeRole"}})";
    };
    REQUIRE(create(e, "r", with(alice)).status == 200);
    const std::string id = e.port.current()->user_of(account_a, "alice")->unique_id;
    remove_user(e, "alice");
    CHECK(shown_trust(e, "r") == with(id));
}
