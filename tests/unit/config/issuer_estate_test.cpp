#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

/// The text before it is 61 columns wide.
std::string text(const std::string& account) {
    return "apiVersion: imdsd/v1\nlisteners: [{name: sts, serve: sts, address: '127.0.0.1:0'}]\n"
           "issuer: {accounts: {'123456789012': {" +
           account + "}}}\n";
}

const std::string trust =
    "trust_policy: {Statement: {Effect: Allow, Principal: {Service: ec2.amazonaws.com}, "
    "Action: 'sts:AssumeRole'}}";

std::string said(const std::string& account) {
    const auto all = said_about(text(account));
    REQUIRE(all.size() == 1);
    return all[0];
}

}  // namespace

TEST_CASE("Groups, members and instance profiles of an account are read") {
    const auto accounts =
        loaded(text("managed_policies: {readers: {Statement: {Effect: Allow, Action: '*', "
                    "Resource: '*'}}}, groups: {ops: {path: /team/, managed_policies: [readers, "
                    "'arn:aws:iam::aws:policy/AdministratorAccess'], policies: {own: {Statement: "
                    "{Effect: Deny, Action: '*', Resource: '*'}}}}, empty: {}}, users: {alice: "
                    "{groups: [empty, ops]}, bob: {groups: ops, managed_policies: "
                    "'arn:aws:iam::aws:policy/IAMReadOnlyAccess'}}, roles: {web: {" +
                    trust +
                    "}}, instance_profiles: {web: {path: /servers/, role: web, tags: {team: "
                    "storage}}, bare: {}}"))
            .accounts;
    REQUIRE(accounts.size() == 1);
    const auto& one = accounts[0];
    REQUIRE(one.groups.size() == 2);
    CHECK(one.groups[0].name == "ops");
    CHECK(one.groups[0].path == "/team/");
    CHECK(one.groups[0].managed_policies ==
          lines{"readers", "arn:aws:iam::aws:policy/AdministratorAccess"});
    CHECK(one.groups[0].policies.size() == 1);
    CHECK(one.users[0].groups == lines{"empty", "ops"});
    CHECK(one.users[1].groups == lines{"ops"});
    CHECK(one.users[1].managed_policies.size() == 1);
    REQUIRE(one.instance_profiles.size() == 2);
    CHECK(one.instance_profiles[0].name == "web");
    CHECK(one.instance_profiles[0].path == "/servers/");
    CHECK(one.instance_profiles[0].role == "web");
    CHECK(one.instance_profiles[0].tags == sts::tag_list{{"team", "storage"}});
    CHECK(one.instance_profiles[1].role.empty());
}

TEST_CASE("An account names only what it has") {
    CHECK(said("groups: {ops: {}}, users: {a: {groups: [opps]}}") ==
          "3:78: account 123456789012 has no group 'opps'; did you mean 'ops'?");
    CHECK(said("groups: {ops: {}}, users: {a: {groups: [ops, ops]}}") ==
          "3:83: the group 'ops' is named twice");
    CHECK(said("groups: {ops: {}, OPS: {}}") ==
          "3:56: 'groups' has the name 'OPS' already (names ignore case)");
    CHECK(said("groups: {'a b': {}}") ==
          "3:47: names of groups are 1 to 128 letters, digits and _+=,.@-");
    CHECK(said("users: {a: {}, A: {}}").find("names ignore case") != std::string::npos);
    CHECK(said("instance_profiles: {a: {role: web}}") ==
          "3:68: account 123456789012 has no role 'web'");
    CHECK(said("instance_profiles: {a: {roles: web}}").find("did you mean 'role'?") !=
          std::string::npos);
    CHECK(said("groups: {a: {managed_policies: AdministratorAccess}}") ==
          "3:69: account 123456789012 has no managed policy 'AdministratorAccess'; the provider's "
          "policy is 'arn:aws:iam::aws:policy/AdministratorAccess'");
    CHECK(said("groups: {a: {managed_policies: 'arn:aws:iam::aws:policy/AdministratorAcces'}}")
              .find("did you mean 'arn:aws:iam::aws:policy/AdministratorAccess'?") !=
          std::string::npos);
    // Those are for AssumeRoot alone.
    CHECK(said("groups: {a: {managed_policies: "
               "'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials'}}")
              .find("has no managed policy") != std::string::npos);
    std::string groups, names;
    for (int i = 0; i < 11; ++i) {
        groups += "g" + std::to_string(i) + ": {}, ";
        names += "g" + std::to_string(i) + ", ";
    }
    CHECK(said("groups: {" + groups + "}, users: {a: {groups: [" + names + "]}}")
              .find("a user is in at most 10 groups") != std::string::npos);
}

TEST_CASE("The first account is one of 12 digits") {
    const auto issuer = [](const std::string& what) {
        return "apiVersion: imdsd/v1\nlisteners: [{name: sts, serve: sts, address: "
               "'127.0.0.1:0'}]\nissuer: {" +
               what + "}\n";
    };
    CHECK(loaded(issuer("region: us-east-1")).first_account.empty());
    CHECK(loaded(issuer("account: '012345678901'")).first_account == "012345678901");
    CHECK(said_about(issuer("account: 12345")) ==
          lines{"3:19: an account is a number of 12 digits, not '12345'"});
    CHECK(said_about(issuer("account: '012345678901', organization: {management_account: "
                            "'012345678901'}"))
              .empty());
}

TEST_CASE("Who runs an issuer alone binds nobody and is not told so") {
    const std::string begin = "apiVersion: imdsd/v1\nlisteners:\n";
    const std::string sts = "  - {name: sts, serve: sts, address: '127.0.0.1:1340'}\n";
    const std::string health = "  - {name: health, serve: health, address: '127.0.0.1:1341'}\n";
    const std::string imds = "  - {name: imds, serve: imds, address: '127.0.0.1:1338'}\n";
    CHECK(said_about(begin + sts + health).empty());
    CHECK(said_about(begin + sts + imds).size() == 1);
}
