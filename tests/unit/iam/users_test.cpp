#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string admin_arn = "arn:aws:iam::aws:policy/AdministratorAccess";

/// Everything of IAM, under a condition.
std::string allowing_if(const std::string& action, const std::string& condition) {
    return document(R"({"Effect":"Allow","Action":")" + action +
                    R"(","Resource":"*","Condition":)" + condition + "}");
}
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

}  // namespace

TEST_CASE("users: made, shown, listed") {
    estate e;
    const auto made = e.call("CreateUser", {{"UserName", "bob"},
                                            {"Path", "/team/"},
                                            {"PermissionsBoundary", admin_arn},
                                            {"Tags.member.1.Key", "Team"},
                                            {"Tags.member.1.Value", "red"}});
    REQUIRE(made.status == 200);
    CHECK(made.has("<CreateUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"));
    CHECK(made.element("Arn") == arn_in_a("user/team/bob"));
    CHECK(made.element("UserId").substr(0, 4) == "AIDA");
    CHECK(made.element("PermissionsBoundaryArn") == admin_arn);
    const auto& told = e.last_record();
    CHECK(told.event_source == "iam.amazonaws.com");
    CHECK(told.event_name == "CreateUser");
    CHECK_FALSE(told.read_only);
    CHECK(told.request_parameters.at("userName") == "bob");
    const auto& shown = told.response_elements.at("user").as_object();
    CHECK(shown.at("arn").as_string() == arn_in_a("user/team/bob"));
    CHECK(shown.at("tags").as_array().at(0).as_object().at("key") == "Team");
    CHECK(std::string(shown.at("createDate").as_string()).find(", 20") != std::string::npos);

    const auto got = e.call("GetUser", {{"UserName", "BOB"}});
    CHECK(got.element("UserId") == made.element("UserId"));
    CHECK(got.has("<Tags><member><Key>Team</Key><Value>red</Value></member></Tags>"));
    CHECK(e.last_record().response_elements.empty());
    CHECK(e.last_record().read_only);

    check_error(e.call("CreateUser", {{"UserName", "Bob"}}), 409, "EntityAlreadyExists",
                "User with name Bob already exists.");
    check_error(e.call("GetUser", {{"UserName", "eve"}}), 404, "NoSuchEntity",
                "The user with name eve cannot be found.");
    CHECK(e.last_record().error_code == "NoSuchEntity");
    CHECK(e.call("ListUsers", {{"PathPrefix", "/team"}}).has("<UserName>bob</UserName>"));
    CHECK_FALSE(e.call("ListUsers", {{"PathPrefix", "/other/"}}).has("bob"));
}

TEST_CASE("users: forms of parameters are checked before anything else") {
    estate e;
    const key_pair nobody = e.add_user(account_a, "nobody");
    const auto refused = [&](const std::string& action, const pairs& given,
                             const std::string& part) {
        const auto got = e.call(nobody, action, given);
        INFO(action << ": " << got.body);
        CHECK(got.status == 400);
        CHECK(got.code() == "ValidationError");
        CHECK(got.message().find(part) != std::string::npos);
    };
    refused("CreateUser", {}, "'userName' failed to satisfy constraint: Member must not be null");
    refused("CreateUser", {{"UserName", "a b"}}, "[\\w+=,.@-]+");
    refused("CreateUser", {{"UserName", std::string(65, 'a')}}, "less than or equal to 64");
    refused("CreateUser", {{"UserName", "a"}, {"Path", "team"}}, "'path'");
    refused("CreateUser", {{"UserName", "a"}, {"PermissionsBoundary", "arn"}},
            "'permissionsBoundary'");
    refused("UpdateUser", {{"UserName", "a"}, {"NewPath", "/x"}}, "'newPath'");
    refused("UpdateUser", {{"UserName", "a"}, {"NewUserName", "/"}}, "'newUserName'");
    refused("ListUsers", {{"PathPrefix", "x"}}, "'pathPrefix'");
    refused("ListUsers", {{"MaxItems", "0"}}, "'maxItems'");
    refused("ListUsers", {{"MaxItems", "1001"}}, "'maxItems'");
    refused("ListUsers", {{"Marker", "!"}}, "Invalid Marker");
    refused("UntagUser", {{"UserName", "a"}, {"TagKeys.member.1", ""}}, "'tagKeys.1.member'");
    refused("UpdateAccessKey",
            {{"UserName", "a"}, {"AccessKeyId", "AKIAABCDEFGHIJKLMNOP"}, {"Status", "active"}},
            "Member must satisfy enum value set: [Active, Inactive]");
    refused("DeleteAccessKey", {{"AccessKeyId", "short"}}, "'accessKeyId'");
    refused("ListAttachedUserPolicies", {{"UserName", "a"}, {"PathPrefix", "/a"}}, "'pathPrefix'");
    refused("PutUserPolicy", {{"UserName", "a"}, {"PolicyName", "p"}, {"PolicyDocument", ""}},
            "'policyDocument'");
    refused("CreateAccountAlias", {{"AccountAlias", "a--b"}}, "'accountAlias'");
    refused("ListVirtualMFADevices", {{"AssignmentStatus", "x"}}, "[Assigned, Unassigned, Any]");
    refused("GetAccountAuthorizationDetails", {{"Filter.member.1", "Users"}}, "'filter.1.member'");
}

TEST_CASE("users: denied and missing look alike to those who may not know") {
    estate e;
    e.add_user(account_a, "bob");
    const key_pair nobody = e.add_user(account_a, "nobody");
    for (const std::string action :
         {"GetUser", "DeleteUser", "UpdateUser", "ListUserTags", "ListUserPolicies",
          "ListAttachedUserPolicies", "ListGroupsForUser", "CreateAccessKey", "ListAccessKeys",
          "ListMFADevices", "ListSSHPublicKeys", "ListSigningCertificates", "GetLoginProfile",
          "DeleteLoginProfile", "ListServiceSpecificCredentials",
          "DeleteUserPermissionsBoundary"}) {
        INFO(action);
        const auto there = e.call(nobody, action, {{"UserName", "bob"}});
        const auto missing = e.call(nobody, action, {{"UserName", "eve"}});
        CHECK(there.status == 403);
        CHECK(missing.status == 403);
        check_error(there, 403, "AccessDenied",
                    "User: " + arn_in_a("user/nobody") + " is not authorized to perform: iam:" +
                        action + " on resource: " + arn_in_a("user/bob") +
                        " because no identity-based policy allows the iam:" + action + " action");
        std::string as_if = missing.message();
        as_if.replace(as_if.find("user/eve"), 8, "user/bob");
        CHECK(as_if == there.message());
    }
    for (const std::string action :
         {"GetAccountSummary", "ListAccountAliases", "ListUsers", "ListGroups",
          "ListVirtualMFADevices", "GetAccountAuthorizationDetails"}) {
        INFO(action);
        CHECK(e.call(nobody, action).code() == "AccessDenied");
    }
}

TEST_CASE("users: without a name, the caller is meant") {
    estate e;
    const key_pair bob =
        e.add_user(account_a, "bob", {allowing_on("iam:*", arn_in_a("user/${aws:username}"))});
    CHECK(e.call(bob, "GetUser").element("UserName") == "bob");
    CHECK(e.call(bob, "ListAccessKeys").element("AccessKeyId") == bob.id);
    const auto root = e.call("GetUser");
    CHECK(root.element("Arn") == arn_in_a("root"));
    CHECK(root.element("UserId") == account_a);

    iam::role made;
    made.account = account_a;
    made.name = "r";
    made.unique_id = "AROAAAAAAAAAAAAAAAAAA";
    made.trust_policy = trust(by_arn(arn_in_a("root")), "\"sts:AssumeRole\"");
    made.attached = {admin_arn};
    e.port.apply({iam::put(made)});
    const key_pair may_assume = e.add_user(account_a, "may", {allowing_on("sts:AssumeRole", "*")});
    const auto session = e.sts(may_assume, "AssumeRole",
                               {{"RoleArn", arn_in_a("role/r")}, {"RoleSessionName", "s1"}});
    REQUIRE(session.status == 200);
    for (const std::string action : {"GetUser", "CreateAccessKey", "ListAccessKeys"})
        check_error(e.call(session.credentials(), action), 400, "ValidationError",
                    "Must specify userName when calling with non-User credentials");
    CHECK(e.call(session.credentials(), "GetUser", {{"UserName", "bob"}}).status == 200);
}

TEST_CASE("users: a new name or path keeps the id and what refers to it") {
    estate e;
    const key_pair bob = e.add_user(account_a, "bob");
    e.add_user(account_a, "eve");
    const std::string id = e.call("GetUser", {{"UserName", "bob"}}).element("UserId");
    const auto renamed = e.call(
        "UpdateUser", {{"UserName", "bob"}, {"NewUserName", "robert"}, {"NewPath", "/staff/"}});
    REQUIRE(renamed.status == 200);
    CHECK_FALSE(renamed.has("UpdateUserResult"));
    CHECK(e.call("GetUser", {{"UserName", "bob"}}).status == 404);
    const auto got = e.call("GetUser", {{"UserName", "robert"}});
    CHECK(got.element("UserId") == id);
    CHECK(got.element("Arn") == arn_in_a("user/staff/robert"));
    CHECK(e.sts(bob, "GetCallerIdentity").element("Arn") == arn_in_a("user/staff/robert"));
    CHECK(e.port.current()->arn_of_id(id) == arn_in_a("user/staff/robert"));
    check_error(e.call("UpdateUser", {{"UserName", "robert"}, {"NewUserName", "EVE"}}), 409,
                "EntityAlreadyExists", "User with name EVE already exists.");
    // Only the case of its name.
    CHECK(e.call("UpdateUser", {{"UserName", "robert"}, {"NewUserName", "Robert"}}).status == 200);
    CHECK(e.call("GetUser", {{"UserName", "robert"}}).element("UserName") == "Robert");
    CHECK(e.port.current()->arn_of_id(id) == arn_in_a("user/staff/Robert"));
    check_error(e.call("UpdateUser", {{"UserName", "none"}, {"NewPath", "/"}}), 404, "NoSuchEntity",
                "The user with name none cannot be found.");
}

TEST_CASE("users: both names need permission to rename") {
    estate e;
    e.add_user(account_a, "dev-a");
    const key_pair by =
        e.add_user(account_a, "by", {allowing_on("iam:UpdateUser", arn_in_a("user/dev-*"))});
    CHECK(e.call(by, "UpdateUser", {{"UserName", "dev-a"}, {"NewUserName", "dev-b"}}).status ==
          200);
    CHECK(e.last_record().additional.at("decisions").as_array().size() == 2);
    CHECK(e.call(by, "UpdateUser", {{"UserName", "dev-b"}, {"NewUserName", "admin"}}).code() ==
          "AccessDenied");
    CHECK(e.call(by, "UpdateUser", {{"UserName", "by"}, {"NewUserName", "dev-c"}}).code() ==
          "AccessDenied");
}

TEST_CASE("users: deleted only when nothing hangs on them") {
    estate e;
    e.call("CreateUser", {{"UserName", "bob"}});
    const auto key = e.call("CreateAccessKey", {{"UserName", "bob"}});
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.call("AddUserToGroup", {{"UserName", "bob"}, {"GroupName", "devs"}});
    e.call("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", admin_arn}});
    e.call(
        "PutUserPolicy",
        {{"UserName", "bob"}, {"PolicyName", "p"}, {"PolicyDocument", allowing_on("s3:*", "*")}});
    const auto conflict = [&](const std::string& first) {
        check_error(e.call("DeleteUser", {{"UserName", "bob"}}), 409, "DeleteConflict",
                    "Cannot delete entity, must " + first + " first.");
    };
    conflict("delete access keys");
    e.call("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", key.element("AccessKeyId")}});
    conflict("delete policies");
    e.call("DeleteUserPolicy", {{"UserName", "bob"}, {"PolicyName", "p"}});
    conflict("detach all policies");
    e.call("DetachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", admin_arn}});
    conflict("remove users from group");
    e.call("RemoveUserFromGroup", {{"UserName", "bob"}, {"GroupName", "devs"}});
    const auto gone = e.call("DeleteUser", {{"UserName", "bob"}});
    CHECK(gone.status == 200);
    CHECK_FALSE(gone.has("DeleteUserResult"));
    CHECK(e.call("DeleteUser", {{"UserName", "bob"}}).status == 404);
}

TEST_CASE("users: 2,500 of them in pages") {
    estate e;
    iam::changes all;
    for (int i = 0; i < 2500; ++i) {
        iam::user one;
        one.account = i % 50 == 0 ? account_b : account_a;
        one.name = "user" + std::to_string(i);
        one.unique_id = "AIDA" + std::to_string(i);
        all.push_back(iam::put(one));
    }
    e.port.apply(all);
    std::vector<std::string> names;
    std::string marker;
    int pages = 0;
    do {
        pairs given{{"MaxItems", "1000"}};
        if (!marker.empty()) given.emplace_back("Marker", marker);
        const auto got = e.call("ListUsers", given);
        REQUIRE(got.status == 200);
        for (auto at = got.body.find("<UserName>"); at != std::string::npos;
             at = got.body.find("<UserName>", at + 1))
            names.push_back(got.body.substr(at + 10, got.body.find('<', at + 10) - at - 10));
        marker = got.element("Marker");
        CHECK((got.element("IsTruncated") == "true") == !marker.empty());
        ++pages;
    } while (!marker.empty());
    CHECK(pages == 3);
    CHECK(names.size() == 2450);
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    const auto hundred = e.call("ListUsers");
    CHECK(hundred.element("IsTruncated") == "true");
}

TEST_CASE("users: tags") {
    estate e;
    e.call("CreateUser", {{"UserName", "bob"}});
    const auto tag = [&](const std::string& key, const std::string& value) {
        return e.call(
            "TagUser",
            {{"UserName", "bob"}, {"Tags.member.1.Key", key}, {"Tags.member.1.Value", value}});
    };
    CHECK(tag("Team", "red").status == 200);
    CHECK(tag("team", "blue").status == 200);
    CHECK(e.call("ListUserTags", {{"UserName", "bob"}})
              .has("<Tags><member><Key>team</Key><Value>blue</Value></member></Tags>"
                   "<IsTruncated>false</IsTruncated>"));
    CHECK(tag("aws:x", "y").code() == "InvalidInput");
    CHECK(e.call("TagUser", {{"UserName", "bob"},
                             {"Tags.member.1.Key", "A"},
                             {"Tags.member.1.Value", ""},
                             {"Tags.member.2.Key", "a"},
                             {"Tags.member.2.Value", ""}})
              .code() == "InvalidInput");
    for (int i = 0; i < 49; ++i)
        REQUIRE(tag("k" + std::to_string(i), "").status == 200);
    check_error(tag("one-more", ""), 409, "LimitExceeded",
                "The number of tags has reached the maximum limit.");
    CHECK(tag("K7", "changed").status == 200);
    CHECK(
        e.call("UntagUser",
               {{"UserName", "bob"}, {"TagKeys.member.1", "TEAM"}, {"TagKeys.member.2", "unknown"}})
            .status == 200);
    CHECK(e.last_record().request_parameters.at("tagKeys").as_array().size() == 2);
    CHECK_FALSE(e.call("ListUserTags", {{"UserName", "bob"}}).has("blue"));
    const auto page = e.call("ListUserTags", {{"UserName", "bob"}, {"MaxItems", "2"}});
    CHECK(page.element("IsTruncated") == "true");
}

TEST_CASE("users: conditions on tags of the request and of the user") {
    estate e;
    e.add_user(account_a, "red", {}, {{"team", "red"}});
    e.add_user(account_a, "blue", {}, {{"team", "blue"}});
    const key_pair by = e.add_user(
        account_a, "by",
        {allowing_if("iam:DeleteUser", R"({"StringEquals":{"iam:ResourceTag/team":"red"}})"),
         allowing_if("iam:GetUser", R"({"StringEquals":{"aws:ResourceTag/team":"red"}})"),
         allowing_if("iam:TagUser", R"({"StringEquals":{"aws:RequestTag/team":"red"}})"),
         allowing_if("iam:CreateUser", R"({"StringEquals":{"aws:RequestTag/team":"red"}})"),
         allowing_if("iam:UntagUser",
                     R"({"ForAllValues:StringEquals":{"aws:TagKeys":["note"]}})")});
    CHECK(e.call(by, "GetUser", {{"UserName", "red"}}).status == 200);
    CHECK(e.call(by, "GetUser", {{"UserName", "blue"}}).status == 403);
    CHECK(e.call(by, "DeleteUser", {{"UserName", "red"}}).code() == "DeleteConflict");
    CHECK(e.call(by, "DeleteUser", {{"UserName", "blue"}}).code() == "AccessDenied");
    const auto made = [&](const std::string& name, const std::string& team) {
        return e.call(
            by, "CreateUser",
            {{"UserName", name}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", team}});
    };
    CHECK(made("a", "red").status == 200);
    CHECK(made("b", "blue").status == 403);
    CHECK(e.call(by, "CreateUser", {{"UserName", "c"}}).status == 403);
    CHECK(e.call(by, "UntagUser", {{"UserName", "red"}, {"TagKeys.member.1", "note"}}).status ==
          200);
    CHECK(e.call(by, "UntagUser", {{"UserName", "red"}, {"TagKeys.member.1", "team"}}).status ==
          403);
}

TEST_CASE("users: a tagged user needs permission to tag") {
    estate e;
    const key_pair by = e.add_user(account_a, "by", {allowing_on("iam:CreateUser", "*")});
    CHECK(e.call(by, "CreateUser", {{"UserName", "a"}}).status == 200);
    const auto tagged =
        e.call(by, "CreateUser",
               {{"UserName", "b"}, {"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}});
    CHECK(tagged.status == 403);
    CHECK(tagged.message().find("iam:TagUser") != std::string::npos);
}

TEST_CASE("users: boundaries, and delegation bound by them") {
    estate e;
    e.call("CreatePolicy", {{"PolicyName", "fence"}, {"PolicyDocument", allowing_on("s3:*", "*")}});
    const std::string fence = arn_in_a("policy/fence");
    e.call("CreateUser", {{"UserName", "bob"}});
    check_error(e.call("DeleteUserPermissionsBoundary", {{"UserName", "bob"}}), 404, "NoSuchEntity",
                "The user bob has no permissions boundary.");
    const auto set = [&](const key_pair& by, const std::string& arn) {
        return e.call(by, "PutUserPermissionsBoundary",
                      {{"UserName", "bob"}, {"PermissionsBoundary", arn}});
    };
    CHECK(set(e.root, fence).status == 200);
    CHECK(e.call("GetUser", {{"UserName", "bob"}}).element("PermissionsBoundaryArn") == fence);
    CHECK(e.port.current()->uses_of_policy(account_a, fence).boundary == 1);
    for (const std::string& arn :
         {arn_in_a("policy/none"), std::string("arn:aws:iam::210987654321:policy/theirs"),
          std::string("arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials")})
        check_error(set(e.root, arn), 404, "NoSuchEntity",
                    "Policy " + arn + " does not exist or is not attachable.");
    check_error(set(e.root, "not-an-arn-but-long-enough"), 400, "InvalidInput",
                "ARN not-an-arn-but-long-enough is not valid.");

    const std::string if_fenced =
        R"({"StringEquals":{"iam:PermissionsBoundary":")" + fence + R"("}})";
    const key_pair by = e.add_user(account_a, "by", {allowing_if("iam:*", if_fenced)});
    CHECK(e.call(by, "CreateUser", {{"UserName", "x"}}).status == 403);
    CHECK(e.call(by, "CreateUser", {{"UserName", "x"}, {"PermissionsBoundary", fence}}).status ==
          200);
    CHECK(set(by, fence).status == 200);
    CHECK(set(by, admin_arn).status == 403);
    CHECK(e.call(by, "AttachUserPolicy", {{"UserName", "x"}, {"PolicyArn", admin_arn}}).status ==
          200);
    CHECK(e.call(by, "AttachUserPolicy", {{"UserName", "by"}, {"PolicyArn", admin_arn}}).status ==
          403);
    CHECK(
        e.call(
             by, "PutUserPolicy",
             {{"UserName", "x"}, {"PolicyName", "p"}, {"PolicyDocument", allowing_on("s3:*", "*")}})
            .status == 200);
    CHECK(e.call("DeleteUserPermissionsBoundary", {{"UserName", "bob"}}).status == 200);
    CHECK(e.call(by, "PutUserPolicy",
                 {{"UserName", "bob"},
                  {"PolicyName", "p"},
                  {"PolicyDocument", allowing_on("s3:*", "*")}})
              .status == 403);
}

TEST_CASE("users: what a file defines is left alone, and says which file") {
    estate e;
    iam::user one;
    one.account = account_a;
    one.name = "carol";
    one.unique_id = "AIDACAROL";
    one.owned_by = "/etc/imdsd/imdsd.yaml";
    e.port.apply({iam::put(one)});
    e.call("CreateGroup", {{"GroupName", "devs"}});
    const std::string says =
        "The user carol is defined by /etc/imdsd/imdsd.yaml and cannot be changed by this API.";
    const std::string doc = allowing_on("s3:*", "*");
    const std::vector<std::pair<std::string, pairs>> all{
        {"DeleteUser", {}},
        {"UpdateUser", {{"NewPath", "/x/"}}},
        {"CreateAccessKey", {}},
        {"TagUser", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}},
        {"UntagUser", {{"TagKeys.member.1", "k"}}},
        {"PutUserPolicy", {{"PolicyName", "p"}, {"PolicyDocument", doc}}},
        {"DeleteUserPolicy", {{"PolicyName", "p"}}},
        {"AttachUserPolicy", {{"PolicyArn", admin_arn}}},
        {"DetachUserPolicy", {{"PolicyArn", admin_arn}}},
        {"PutUserPermissionsBoundary", {{"PermissionsBoundary", admin_arn}}},
        {"DeleteUserPermissionsBoundary", {}},
        {"AddUserToGroup", {{"GroupName", "devs"}}},
        {"RemoveUserFromGroup", {{"GroupName", "devs"}}}};
    for (const auto& [action, more] : all) {
        INFO(action);
        pairs given = more;
        given.emplace_back("UserName", "carol");
        check_error(e.call(action, given), 400, "UnmodifiableEntity", says);
    }
}

TEST_CASE("users: a change that is decided twice is made once") {
    estate e;
    e.port.conflicts = 2;
    REQUIRE(e.call("CreateUser", {{"UserName", "bob"}}).status == 200);
    CHECK(e.last_record().request_parameters.size() == 1);
    CHECK(e.last_record().additional.at("decisions").as_array().size() == 1);
    e.port.conflicts = 1;
    REQUIRE(e.call("CreateAccessKey", {{"UserName", "bob"}}).status == 200);
    CHECK(e.port.current()->user_of(account_a, "bob")->access_keys.size() == 1);
    e.port.failure = base::unavailable("secret place: disk full");
    const auto failed = e.call("DeleteUser", {{"UserName", "bob"}});
    CHECK(failed.status == 409);  // its key: decided before anything is stored
    const auto lost = e.call("CreateUser", {{"UserName", "eve"}});
    CHECK(lost.status == 503);
    CHECK(lost.code() == "ServiceUnavailable");
    CHECK_FALSE(lost.has("disk"));
    CHECK(e.last_record().response_elements.empty());
}

TEST_CASE("users: nothing is changed that cannot be recorded") {
    estate e;
    e.log_is_full = true;
    const answer refused = e.call("CreateUser", {{"UserName", "bob"}});
    CHECK(refused.status == 503);
    CHECK(refused.code() == "ServiceUnavailable");
    CHECK(e.port.current()->user_of(account_a, "bob") == nullptr);
    e.log_is_full = false;
    CHECK(e.call("CreateUser", {{"UserName", "bob"}}).status == 200);
}
