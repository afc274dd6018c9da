#include "encoding/percent.hpp"
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string admin_arn = "arn:aws:iam::aws:policy/AdministratorAccess";
const std::string s3_only = document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");

std::string allowing_on(const std::string& action, const std::string& resource) {
    return document(R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource +
                    R"("})");
}

void check_error(const answer& got, unsigned status, const std::string& code,
                 const std::string& message) {
    CHECK(got.status == status);
    CHECK(got.code() == code);
    CHECK(got.message() == message);
}

/// A policy of that many characters without white space.
std::string policy_of(std::size_t size) {
    std::string out = allowing_on("s3:*", "arn:aws:s3:::");
    const auto at = out.find(":::") + 3;
    return out.insert(at, size - out.size(), 'x');
}

}  // namespace

TEST_CASE("groups: made, shown, renamed, deleted") {
    estate e;
    const auto made = e.call("CreateGroup", {{"GroupName", "devs"}, {"Path", "/team/"}});
    REQUIRE(made.status == 200);
    CHECK(made.element("Arn") == arn_in_a("group/team/devs"));
    CHECK(made.element("GroupId").substr(0, 4) == "AGPA");
    check_error(e.call("CreateGroup", {{"GroupName", "DEVS"}}), 409, "EntityAlreadyExists",
                "Group with name DEVS already exists.");
    const key_pair bob = e.add_user(account_a, "bob");
    e.add_user(account_a, "eve");
    CHECK(e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "bob"}}).status == 200);
    CHECK(e.call("AddUserToGroup", {{"GroupName", "Devs"}, {"UserName", "BOB"}}).status == 200);
    CHECK(e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "eve"}}).status == 200);
    CHECK(e.port.current()->user_of(account_a, "bob")->groups == std::vector<std::string>{"devs"});

    const auto page = e.call("GetGroup", {{"GroupName", "devs"}, {"MaxItems", "1"}});
    CHECK(page.element("GroupName") == "devs");
    CHECK(page.element("UserName") == "bob");
    CHECK(page.element("IsTruncated") == "true");
    const auto rest =
        e.call("GetGroup", {{"GroupName", "devs"}, {"Marker", page.element("Marker")}});
    CHECK(rest.element("UserName") == "eve");
    CHECK(e.call("ListGroupsForUser", {{"UserName", "bob"}}).element("GroupName") == "devs");
    CHECK(e.call("ListGroups", {{"PathPrefix", "/team/"}}).has("devs"));
    CHECK_FALSE(e.call("ListGroups", {{"PathPrefix", "/x/"}}).has("devs"));

    // What members may do goes on under the new name.
    e.call("PutGroupPolicy", {{"GroupName", "devs"},
                              {"PolicyName", "p"},
                              {"PolicyDocument", allowing_on("iam:GetUser", "*")}});
    CHECK(e.call(bob, "GetUser").status == 200);
    CHECK(e.call("UpdateGroup", {{"GroupName", "devs"}, {"NewGroupName", "makers"}}).status == 200);
    CHECK(e.call(bob, "GetUser").status == 200);
    CHECK(e.call("GetGroup", {{"GroupName", "devs"}}).status == 404);
    CHECK(e.call("GetGroup", {{"GroupName", "makers"}}).element("GroupId") ==
          made.element("GroupId"));
    CHECK(e.call("UpdateGroup", {{"GroupName", "makers"}, {"NewGroupName", "Makers"}}).status ==
          200);
    CHECK(e.call(bob, "GetUser").status == 200);
    CHECK(e.call("UpdateGroup", {{"GroupName", "makers"}, {"NewPath", "/"}}).status == 200);
    CHECK(e.call("GetGroup", {{"GroupName", "makers"}}).element("Arn") == arn_in_a("group/Makers"));
    e.call("CreateGroup", {{"GroupName", "other"}});
    check_error(e.call("UpdateGroup", {{"GroupName", "makers"}, {"NewGroupName", "OTHER"}}), 409,
                "EntityAlreadyExists", "Group with name OTHER already exists.");

    e.call("AttachGroupPolicy", {{"GroupName", "makers"}, {"PolicyArn", admin_arn}});
    const auto conflict = [&](const std::string& first) {
        check_error(e.call("DeleteGroup", {{"GroupName", "makers"}}), 409, "DeleteConflict",
                    "Cannot delete entity, must " + first + " first.");
    };
    conflict("remove users from group");
    for (const std::string name : {"bob", "eve"})
        CHECK(e.call("RemoveUserFromGroup", {{"GroupName", "makers"}, {"UserName", name}}).status ==
              200);
    check_error(e.call("RemoveUserFromGroup", {{"GroupName", "makers"}, {"UserName", "bob"}}), 404,
                "NoSuchEntity", "User bob is not in group Makers.");
    conflict("delete policies");
    e.call("DeleteGroupPolicy", {{"GroupName", "makers"}, {"PolicyName", "p"}});
    conflict("detach all policies");
    e.call("DetachGroupPolicy", {{"GroupName", "makers"}, {"PolicyArn", admin_arn}});
    CHECK(e.call("DeleteGroup", {{"GroupName", "makers"}}).status == 200);
    CHECK(e.call(bob, "GetUser").status == 403);
}

TEST_CASE("groups: who is missing, and how many groups a user may have") {
    estate e;
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.add_user(account_a, "bob");
    check_error(e.call("AddUserToGroup", {{"GroupName", "none"}, {"UserName", "bob"}}), 404,
                "NoSuchEntity", "The group with name none cannot be found.");
    check_error(e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "eve"}}), 404,
                "NoSuchEntity", "The user with name eve cannot be found.");
    for (const std::string action : {"GetGroup", "DeleteGroup", "UpdateGroup", "ListGroupPolicies",
                                     "ListAttachedGroupPolicies"})
        check_error(e.call(action, {{"GroupName", "none"}}), 404, "NoSuchEntity",
                    "The group with name none cannot be found.");
    for (int i = 0; i < 10; ++i) {
        const std::string name = "g" + std::to_string(i);
        e.call("CreateGroup", {{"GroupName", name}});
        CHECK(e.call("AddUserToGroup", {{"GroupName", name}, {"UserName", "bob"}}).status == 200);
    }
    check_error(e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "bob"}}), 409,
                "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10");
    const key_pair by =
        e.add_user(account_a, "by", {allowing_on("iam:AddUserToGroup", arn_in_a("group/devs"))});
    CHECK(e.call(by, "AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "by"}}).status == 200);
    CHECK(e.call(by, "AddUserToGroup", {{"GroupName", "g1"}, {"UserName", "by"}}).status == 403);
}

TEST_CASE("groups: of a file, and with members of a file") {
    estate e;
    iam::group one;
    one.account = account_a;
    one.name = "ops";
    one.unique_id = "AGPAOPS";
    one.owned_by = "/etc/imdsd/imdsd.yaml";
    e.call("CreateGroup", {{"GroupName", "devs"}});
    iam::user member;
    member.account = account_a;
    member.name = "carol";
    member.unique_id = "AIDACAROL";
    member.groups = {"devs"};
    member.owned_by = "/etc/imdsd/imdsd.yaml";
    e.port.apply({iam::put(one), iam::put(member)});
    e.add_user(account_a, "bob");
    const std::vector<std::pair<std::string, pairs>> all{
        {"DeleteGroup", {}},
        {"UpdateGroup", {{"NewPath", "/x/"}}},
        {"PutGroupPolicy", {{"PolicyName", "p"}, {"PolicyDocument", s3_only}}},
        {"DeleteGroupPolicy", {{"PolicyName", "p"}}},
        {"AttachGroupPolicy", {{"PolicyArn", admin_arn}}},
        {"DetachGroupPolicy", {{"PolicyArn", admin_arn}}},
        {"AddUserToGroup", {{"UserName", "bob"}}},
        {"RemoveUserFromGroup", {{"UserName", "bob"}}}};
    for (const auto& [action, more] : all) {
        INFO(action);
        pairs given = more;
        given.emplace_back("GroupName", "ops");
        check_error(
            e.call(action, given), 400, "UnmodifiableEntity",
            "The group ops is defined by /etc/imdsd/imdsd.yaml and cannot be changed by this API.");
    }
    const auto renamed = e.call("UpdateGroup", {{"GroupName", "devs"}, {"NewGroupName", "makers"}});
    CHECK(renamed.code() == "UnmodifiableEntity");
    CHECK(renamed.message().find("user carol") != std::string::npos);
    CHECK(e.call("GetGroup", {{"GroupName", "devs"}}).element("UserName") == "carol");
}

TEST_CASE("inline policies come back as they were given") {
    estate e;
    e.add_user(account_a, "bob");
    e.call("CreateGroup", {{"GroupName", "devs"}});
    const std::string text =
        "{ \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Sid\":\"A\",\t"
        "\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::"
        "a b+~/*\"}}\n";
    for (const std::string kind : {"User", "Group"}) {
        INFO(kind);
        const std::string holder = kind + "Name", of = kind == "User" ? "bob" : "devs";
        const auto act = [&](const std::string& verb, pairs more) {
            more.emplace_back(holder, of);
            return e.call(verb + kind + (verb == "List" ? "Policies" : "Policy"), more);
        };
        REQUIRE(act("Put", {{"PolicyName", "z"}, {"PolicyDocument", text}}).status == 200);
        CHECK(e.last_record().request_parameters.at("policyName") == "z");
        REQUIRE(act("Put", {{"PolicyName", "a"}, {"PolicyDocument", s3_only}}).status == 200);
        const auto got = act("Get", {{"PolicyName", "z"}});
        CHECK(got.element(holder) == of);
        CHECK(got.element("PolicyDocument") == encoding::percent_encode(text));
        CHECK(got.has("a%20b%2B~%2F%2A"));
        CHECK(act("List", {})
                  .has("<PolicyNames><member>a</member><member>z</member></PolicyNames>"
                       "<IsTruncated>false</IsTruncated>"));
        CHECK(act("List", {{"MaxItems", "1"}}).element("IsTruncated") == "true");
        CHECK(act("Put", {{"PolicyName", "z"}, {"PolicyDocument", s3_only}}).status == 200);
        CHECK(act("Get", {{"PolicyName", "z"}}).element("PolicyDocument") ==
              encoding::percent_encode(s3_only));
        CHECK(act("Delete", {{"PolicyName", "z"}}).status == 200);
        const std::string missing = kind == "User"
                                        ? "The user policy with name z cannot be found."
                                        : "The group policy with name z cannot be found.";
        check_error(act("Get", {{"PolicyName", "z"}}), 404, "NoSuchEntity", missing);
        check_error(act("Delete", {{"PolicyName", "z"}}), 404, "NoSuchEntity", missing);
        const auto wrong = act("Put", {{"PolicyName", "z"}, {"PolicyDocument", "{}"}});
        CHECK(wrong.status == 400);
        CHECK(wrong.code() == "MalformedPolicyDocument");
        CHECK(act("Put",
                  {{"PolicyName", "z"}, {"PolicyDocument", trust("\"*\"", "\"sts:AssumeRole\"")}})
                  .code() == "MalformedPolicyDocument");
    }
}

TEST_CASE("inline policies: all of a holder's together have a size") {
    estate e;
    e.add_user(account_a, "bob");
    e.call("CreateGroup", {{"GroupName", "devs"}});
    const auto put = [&](const std::string& kind, const std::string& of, const std::string& name,
                         const std::string& text) {
        return e.call("Put" + kind + "Policy",
                      {{kind + "Name", of}, {"PolicyName", name}, {"PolicyDocument", text}});
    };
    CHECK(put("User", "bob", "a", policy_of(1000)).status == 200);
    CHECK(put("User", "bob", "b", policy_of(1048) + std::string(500, ' ')).status == 200);
    check_error(put("User", "bob", "b", policy_of(1049)), 409, "LimitExceeded",
                "Maximum policy size of 2048 bytes exceeded for user bob");
    CHECK(put("User", "bob", "a", policy_of(999)).status == 200);
    CHECK(put("User", "bob", "b", policy_of(1049)).status == 200);
    CHECK(put("Group", "devs", "a", policy_of(5120)).status == 200);
    check_error(put("Group", "devs", "b", policy_of(120)), 409, "LimitExceeded",
                "Maximum policy size of 5120 bytes exceeded for group devs");
    check_error(put("User", "bob", "c", policy_of(20'000)), 409, "LimitExceeded",
                "Maximum policy size of 2048 bytes exceeded for user bob");
}

TEST_CASE("managed policies are attached and detached") {
    estate e;
    e.add_user(account_a, "bob");
    e.call("CreateGroup", {{"GroupName", "devs"}});
    for (int i = 0; i < 20; ++i)
        e.call("CreatePolicy", {{"PolicyName", "p" + std::to_string(i)},
                                {"Path", i == 3 ? "/team/" : "/"},
                                {"PolicyDocument", s3_only}});
    for (const std::string kind : {"User", "Group"}) {
        INFO(kind);
        const auto act = [&](const std::string& action, pairs more) {
            more.emplace_back(kind + "Name", kind == "User" ? "bob" : "devs");
            return e.call(action, more);
        };
        const auto attach = [&](const std::string& arn) {
            return act("Attach" + kind + "Policy", {{"PolicyArn", arn}});
        };
        const auto detach = [&](const std::string& arn) {
            return act("Detach" + kind + "Policy", {{"PolicyArn", arn}});
        };
        CHECK(attach(admin_arn).status == 200);
        CHECK(attach(admin_arn).status == 200);
        CHECK(attach(arn_in_a("policy/team/p3")).status == 200);
        CHECK(e.port.current()->uses_of_policy(account_a, arn_in_a("policy/team/p3")).attached ==
              (kind == "User" ? 1u : 2u));
        const auto listed = act("ListAttached" + kind + "Policies", {});
        CHECK(
            listed.has("<AttachedPolicies><member><PolicyName>AdministratorAccess</PolicyName>"
                       "<PolicyArn>" +
                       admin_arn + "</PolicyArn></member><member>"));
        const auto team = act("ListAttached" + kind + "Policies", {{"PathPrefix", "/team/"}});
        CHECK(team.element("PolicyName") == "p3");
        CHECK_FALSE(team.has("Administrator"));
        const auto page = act("ListAttached" + kind + "Policies", {{"MaxItems", "1"}});
        CHECK(act("ListAttached" + kind + "Policies", {{"Marker", page.element("Marker")}})
                  .element("PolicyName") == "p3");
        for (const std::string& arn :
             {arn_in_a("policy/none"), arn_in_a("policy/p3"), arn_in_a("role/admin"),
              std::string("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")})
            check_error(attach(arn), 404, "NoSuchEntity",
                        "Policy " + arn + " does not exist or is not attachable.");
        CHECK(attach("no-arn-at-all-but-long").code() == "InvalidInput");
        for (int i = 0; i < 20; ++i) {
            if (i == 3) continue;
            const auto done = attach(arn_in_a("policy/p" + std::to_string(i)));
            if (i < 19) {
                CHECK(done.status == 200);
            } else {
                check_error(done, 409, "LimitExceeded",
                            "Cannot exceed quota for PoliciesPer" + kind + ": 20");
            }
        }
        CHECK(detach(admin_arn).status == 200);
        check_error(detach(admin_arn), 404, "NoSuchEntity",
                    "Policy " + admin_arn + " was not found.");
    }
}

TEST_CASE("managed policies: who may attach which") {
    estate e;
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", s3_only}});
    const key_pair by = e.add_user(
        account_a, "by",
        {document(R"({"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"ArnLike":
                     {"iam:PolicyARN":"arn:aws:iam::123456789012:policy/*"}}})")});
    for (const std::string kind : {"User", "Group"}) {
        const auto act = [&](const std::string& verb, const std::string& arn) {
            return e.call(by, verb + kind + "Policy",
                          {{kind + "Name", kind == "User" ? "by" : "devs"}, {"PolicyArn", arn}});
        };
        CHECK(act("Attach", arn_in_a("policy/p")).status == 200);
        CHECK(act("Attach", admin_arn).status == 403);
        CHECK(act("Detach", admin_arn).status == 403);
        CHECK(act("Detach", arn_in_a("policy/p")).status == 200);
    }
}
