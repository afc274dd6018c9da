// A caller whose rights, key, session or self is gone between a call's arrival and its change.
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

std::string allowing(const std::string& action) {
    return document(R"({"Effect":"Allow","Action":")" + action + R"(","Resource":"*"})");
}

template <class Change>
void change_user(estate& e, const std::string& name, Change&& change) {
    iam::user made = *e.port.current()->user_of(account_a, name);
    change(made);
    e.port.apply({iam::put(std::move(made))});
}

void check_refused(const answer& got, const std::string& code, const estate& e) {
    CHECK(got.code() == code);
    CHECK(e.port.current()->user_of(account_a, "made") == nullptr);
    CHECK(e.last_record().error_code == code);
}

const pairs new_user{{"UserName", "made"}};

}  // namespace

TEST_CASE("a change is allowed by the policies of the estate that it changes") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("iam:*")});
    SECTION("the policy is gone") {
        e.port.between = [&] {
            change_user(e, "alice", [](iam::user& one) { one.policies.clear(); });
        };
        check_refused(e.call(alice, "CreateUser", new_user), "AccessDenied", e);
    }
    SECTION("a boundary has come") {
        e.port.between = [&] {
            change_user(e, "alice", [](iam::user& one) {
                one.boundary = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
            });
        };
        check_refused(e.call(alice, "CreateUser", new_user), "AccessDenied", e);
    }
    SECTION("the key is switched off") {
        e.port.between = [&] {
            change_user(e, "alice", [](iam::user& one) { one.access_keys[0].active = false; });
        };
        check_refused(e.call(alice, "CreateUser", new_user), "InvalidClientTokenId", e);
    }
    SECTION("the user is somebody else by now") {
        e.port.between = [&] {
            change_user(e, "alice", [](iam::user& one) { one.unique_id = "AIDASOMEBODYELSE"; });
        };
        check_refused(e.call(alice, "CreateUser", new_user), "InvalidClientTokenId", e);
    }
    SECTION("the user has another name by now") {
        e.port.between = [&] {
            iam::user made = *e.port.current()->user_of(account_a, "alice");
            made.name = "alicia";
            e.port.apply({iam::removal(iam::entity_kind::user, iam::key_of(account_a, "alice")),
                          iam::put(std::move(made))});
        };
        CHECK(e.call(alice, "CreateUser", new_user).status == 200);
    }
}

TEST_CASE("a change by a session that is revoked meanwhile is not made") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("sts:AssumeRole")});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument",
                           trust(by_arn(arn_in_a("user/alice")), "\"sts:AssumeRole\"")}});
    e.call("PutRolePolicy",
           {{"RoleName", "r"}, {"PolicyName", "all"}, {"PolicyDocument", allowing("iam:*")}});
    const key_pair session =
        e.sts(alice, "AssumeRole", {{"RoleArn", arn_in_a("role/r")}, {"RoleSessionName", "s1"}})
            .credentials();
    SECTION("not revoked") {
        e.port.between = [] {};
        CHECK(e.call(session, "CreateUser", new_user).status == 200);
    }
    SECTION("revoked") {
        e.port.between = [&] {
            iam::revocation one;
            one.kind = iam::revocation::type::temporary_key;
            one.subject = session.id;
            e.port.apply({iam::put(one)});
        };
        check_refused(e.call(session, "CreateUser", new_user), "InvalidClientTokenId", e);
    }
    SECTION("the role is gone") {
        e.port.between = [&] {
            e.port.apply({iam::removal(iam::entity_kind::role, iam::key_of(account_a, "r"))});
        };
        check_refused(e.call(session, "CreateUser", new_user), "InvalidClientTokenId", e);
    }
}

TEST_CASE("who has a managed policy that is gone, or cannot be read any more, may do nothing") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("iam:*")});
    const std::string arn = arn_in_a("policy/no-users");
    REQUIRE(e.call("CreatePolicy",
                   {{"PolicyName", "no-users"},
                    {"PolicyDocument",
                     document(R"({"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"})")}})
                .status == 200);
    REQUIRE(e.call("AttachUserPolicy", {{"UserName", "alice"}, {"PolicyArn", arn}}).status == 200);
    CHECK(e.call(alice, "CreateUser", new_user).code() == "AccessDenied");
    SECTION("gone, as when a file does not define it any more") {
        e.port.apply(
            {iam::removal(iam::entity_kind::managed_policy, iam::key_of(account_a, "no-users"))});
    }
    SECTION("not readable") {
        iam::managed_policy made = *e.port.current()->policy_of(account_a, "no-users");
        made.versions[0].document = "{";
        e.port.apply({iam::put(std::move(made))});
    }
    check_refused(e.call(alice, "CreateUser", new_user), "InternalFailure", e);
    // The way out.
    REQUIRE(e.call("DetachUserPolicy", {{"UserName", "alice"}, {"PolicyArn", arn}}).status == 200);
    CHECK(e.call(alice, "CreateUser", new_user).status == 200);
}

TEST_CASE("who is in a group that is gone can be taken out of it, and is in no later one") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("iam:*")});
    change_user(e, "alice", [](iam::user& one) { one.groups = {"gone"}; });
    CHECK(e.call(alice, "CreateUser", new_user).code() == "InternalFailure");
    CHECK(e.call("CreateGroup", {{"GroupName", "gone"}}).code() == "EntityAlreadyExists");
    CHECK(e.call("RemoveUserFromGroup", {{"UserName", "alice"}, {"GroupName", "other"}}).code() ==
          "NoSuchEntity");
    REQUIRE(e.call("RemoveUserFromGroup", {{"UserName", "alice"}, {"GroupName", "gone"}}).status ==
            200);
    CHECK(e.call(alice, "CreateUser", new_user).status == 200);
    CHECK(e.call("CreateGroup", {{"GroupName", "gone"}}).status == 200);
}
