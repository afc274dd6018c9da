#include "encoding/percent.hpp"
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string by_ec2 = trust(R"({"Service":"ec2.amazonaws.com"})", "\"sts:AssumeRole\"");
const std::string reads_only = document(R"({"Effect":"Allow","Action":"s3:Get*","Resource":"*"})");

pairs new_role(const std::string& name, pairs more = {}) {
    pairs out{{"RoleName", name}, {"AssumeRolePolicyDocument", by_ec2}};
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

std::string decoded(const std::string& text) {
    return encoding::percent_decode(text).value();
}

/// The text of every element of that name.
std::vector<std::string> all_of(const answer& from, const std::string& name) {
    std::vector<std::string> out;
    const std::string open = "<" + name + ">";
    for (auto at = from.body.find(open); at != std::string::npos;
         at = from.body.find(open, at + 1)) {
        const auto start = at + open.size();
        out.push_back(from.body.substr(start, from.body.find('<', start) - start));
    }
    return out;
}

std::string allowing(const std::string& action, const std::string& resource = "*",
                     const std::string& condition = {}) {
    return document(R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource +
                    "\"" + (condition.empty() ? "" : ",\"Condition\":" + condition) + "}");
}

}  // namespace

TEST_CASE("a role is created, shown, listed and deleted") {
    estate e;
    const answer made = e.call("CreateRole", new_role("deployer", {{"Path", "/ci/"},
                                                                   {"Description", "pushes"},
                                                                   {"MaxSessionDuration", "7200"},
                                                                   {"Tags.member.1.Key", "team"},
                                                                   {"Tags.member.1.Value", "a"}}));
    REQUIRE(made.status == 200);
    CHECK(made.has("<CreateRoleResult><Role>"));
    CHECK(made.element("Arn") == arn_in_a("role/ci/deployer"));
    CHECK(made.element("RoleId").substr(0, 4) == "AROA");
    CHECK(made.element("RoleId").size() == 21);
    CHECK(made.element("MaxSessionDuration") == "7200");
    CHECK(made.element("Description") == "pushes");
    CHECK(made.has("<Tags><member><Key>team</Key><Value>a</Value></member></Tags>"));
    CHECK(decoded(made.element("AssumeRolePolicyDocument")) == by_ec2);
    CHECK(made.element("AssumeRolePolicyDocument").find('"') == std::string::npos);

    const auto& told = e.last_record();
    CHECK(told.event_name == "CreateRole");
    CHECK(told.request_parameters.at("roleName") == "deployer");
    CHECK(told.request_parameters.at("assumeRolePolicyDocument").as_string() == by_ec2);
    CHECK(told.request_parameters.at("maxSessionDuration") == 7200);

    const answer got = e.call("GetRole", {{"RoleName", "DEPLOYER"}});
    CHECK(got.status == 200);
    CHECK(got.element("RoleName") == "deployer");
    CHECK(got.element("RoleId") == made.element("RoleId"));
    CHECK(got.has("<RoleLastUsed></RoleLastUsed>"));

    e.call("CreateRole", new_role("other"));
    CHECK(all_of(e.call("ListRoles"), "RoleName") == std::vector<std::string>{"deployer", "other"});
    CHECK(all_of(e.call("ListRoles", {{"PathPrefix", "/ci"}}), "RoleName") ==
          std::vector<std::string>{"deployer"});

    const answer deleted = e.call("DeleteRole", {{"RoleName", "deployer"}});
    CHECK(deleted.status == 200);
    CHECK_FALSE(deleted.has("DeleteRoleResult"));
    const answer gone = e.call("GetRole", {{"RoleName", "deployer"}});
    CHECK(gone.status == 404);
    CHECK(gone.code() == "NoSuchEntity");
    CHECK(gone.message() == "The role with name deployer cannot be found.");
}

TEST_CASE("roles are told page by page") {
    estate e;
    for (const char* name : {"e", "b", "d", "a", "c"})
        REQUIRE(e.call("CreateRole", new_role(name)).status == 200);
    std::vector<std::string> seen;
    pairs page{{"MaxItems", "2"}};
    for (int turns = 0; turns < 3; ++turns) {
        const answer part = e.call("ListRoles", page);
        for (const std::string& name : all_of(part, "RoleName"))
            seen.push_back(name);
        CHECK(part.element("IsTruncated") == (turns < 2 ? "true" : "false"));
        page = {{"MaxItems", "2"}, {"Marker", part.element("Marker")}};
    }
    CHECK(e.last_record().request_parameters.at("maxItems") == 2);
    CHECK(e.last_record().read_only);
    CHECK(seen == std::vector<std::string>{"a", "b", "c", "d", "e"});
    CHECK(e.call("ListRoles", {{"Marker", "!"}}).code() == "ValidationError");
    CHECK(e.call("ListRoles", {{"MaxItems", "0"}}).code() == "ValidationError");
}

TEST_CASE("what a new role must be") {
    estate e;
    const auto refused = [&](const pairs& given) {
        const answer out = e.call("CreateRole", given);
        return out.code() + ": " + out.message();
    };
    REQUIRE(e.call("CreateRole", new_role("taken")).status == 200);
    CHECK(refused(new_role("TAKEN")) ==
          "EntityAlreadyExists: Role with name TAKEN already exists.");
    CHECK(refused(new_role("r", {{"MaxSessionDuration", "3599"}})).find("maxSessionDuration") !=
          std::string::npos);
    CHECK(e.call("CreateRole", new_role("r", {{"MaxSessionDuration", "43201"}})).code() ==
          "ValidationError");
    CHECK(e.call("CreateRole", new_role("a b")).code() == "ValidationError");
    CHECK(e.call("CreateRole", new_role(std::string(65, 'a'))).code() == "ValidationError");
    CHECK(e.call("CreateRole", {{"RoleName", "r"}}).code() == "ValidationError");
    CHECK(e.call("CreateRole", new_role("r", {{"Path", "ci"}})).code() == "ValidationError");
    CHECK(e.call("CreateRole", new_role("r", {{"Description", std::string(1001, 'x')}})).code() ==
          "ValidationError");
    CHECK(refused(new_role("r", {{"Path", "/aws-service-role/ecs.amazonaws.com/"}})) ==
          "InvalidInput: Path prefix '/aws-service-role/' can only be used for AWS Service linked "
          "Roles");
    CHECK(e.call("CreateRole", new_role("r", {{"Path", "/aws-reserved/x/"}})).code() ==
          "InvalidInput");
    CHECK(e.call("CreateRole", new_role("AWSReservedSSO_x")).code() == "InvalidInput");
    CHECK(e.call("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", "{"}}).code() ==
          "MalformedPolicyDocument");
    CHECK(e.call("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", reads_only}})
              .code() == "MalformedPolicyDocument");
    CHECK(e.call("CreateRole", new_role("r", {{"PermissionsBoundary", arn_in_a("policy/none")}}))
              .code() == "NoSuchEntity");
    CHECK(e.call("CreateRole",
                 new_role("r", {{"Tags.member.1.Key", "aws:x"}, {"Tags.member.1.Value", ""}}))
              .code() == "InvalidInput");
    const std::string long_trust =
        trust(R"({"Service":")" + std::string(2048, 'a') + R"(.amazonaws.com"})");
    CHECK(refused({{"RoleName", "r"}, {"AssumeRolePolicyDocument", long_trust}}) ==
          "LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048");
    const std::string spacious = "   " + std::string(3000, ' ') + by_ec2;
    CHECK(e.call("CreateRole", {{"RoleName", "wide"}, {"AssumeRolePolicyDocument", spacious}})
              .status == 200);
    CHECK(decoded(e.call("GetRole", {{"RoleName", "wide"}}).element("AssumeRolePolicyDocument")) ==
          spacious);
    CHECK(e.port.current()->role_of(account_a, "r") == nullptr);
}

TEST_CASE("trust policies may speak of tags and source identities") {
    estate e;
    const std::string text =
        trust(R"({"Service":"ec2.amazonaws.com"})",
              R"(["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"])");
    CHECK(e.call("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", text}}).status ==
          200);
}

TEST_CASE("a role is changed") {
    estate e;
    e.call("CreateRole", new_role("r"));
    const answer updated = e.call(
        "UpdateRole", {{"RoleName", "r"}, {"Description", "one"}, {"MaxSessionDuration", "43200"}});
    CHECK(updated.status == 200);
    // Clients look for this element.
    CHECK(updated.has("<UpdateRoleResult></UpdateRoleResult>"));
    CHECK(e.call("GetRole", {{"RoleName", "r"}}).element("MaxSessionDuration") == "43200");
    CHECK(e.call("GetRole", {{"RoleName", "r"}}).element("Description") == "one");
    e.call("UpdateRole", {{"RoleName", "r"}});
    CHECK(e.call("GetRole", {{"RoleName", "r"}}).element("MaxSessionDuration") == "43200");
    CHECK(e.call("UpdateRole", {{"RoleName", "r"}, {"MaxSessionDuration", "1"}}).code() ==
          "ValidationError");
    CHECK(e.call("UpdateRole", {{"RoleName", "none"}}).code() == "NoSuchEntity");

    const answer described =
        e.call("UpdateRoleDescription", {{"RoleName", "r"}, {"Description", "two"}});
    CHECK(described.element("Description") == "two");
    CHECK(e.call("UpdateRoleDescription", {{"RoleName", "r"}}).code() == "ValidationError");
    CHECK(e.call("UpdateRoleDescription", {{"RoleName", "n"}, {"Description", ""}}).code() ==
          "NoSuchEntity");

    const std::string other = trust(R"({"Service":"lambda.amazonaws.com"})", "\"sts:AssumeRole\"");
    CHECK(e.call("UpdateAssumeRolePolicy", {{"RoleName", "r"}, {"PolicyDocument", other}}).status ==
          200);
    CHECK(decoded(e.call("GetRole", {{"RoleName", "r"}}).element("AssumeRolePolicyDocument")) ==
          other);
    CHECK(e.call("UpdateAssumeRolePolicy", {{"RoleName", "r"}, {"PolicyDocument", "{}"}}).code() ==
          "MalformedPolicyDocument");
    CHECK(e.call("UpdateAssumeRolePolicy", {{"RoleName", "n"}, {"PolicyDocument", other}}).code() ==
          "NoSuchEntity");
}

TEST_CASE("a role's tags are added, replaced and removed") {
    estate e;
    e.call("CreateRole", new_role("r"));
    CHECK(e.call("TagRole", {{"RoleName", "r"},
                             {"Tags.member.1.Key", "b"},
                             {"Tags.member.1.Value", "1"},
                             {"Tags.member.2.Key", "a"},
                             {"Tags.member.2.Value", "2"}})
              .status == 200);
    e.call("TagRole",
           {{"RoleName", "r"}, {"Tags.member.1.Key", "A"}, {"Tags.member.1.Value", "3"}});
    const answer listed = e.call("ListRoleTags", {{"RoleName", "r"}});
    CHECK(all_of(listed, "Key") == std::vector<std::string>{"A", "b"});
    CHECK(all_of(listed, "Value") == std::vector<std::string>{"3", "1"});
    CHECK(e.call("UntagRole", {{"RoleName", "r"}, {"TagKeys.member.1", "A"}}).status == 200);
    CHECK(all_of(e.call("ListRoleTags", {{"RoleName", "r"}}), "Key") ==
          std::vector<std::string>{"b"});
    for (int i = 0; i < 49; ++i)
        REQUIRE(e.call("TagRole", {{"RoleName", "r"},
                                   {"Tags.member.1.Key", "k" + std::to_string(i)},
                                   {"Tags.member.1.Value", ""}})
                    .status == 200);
    CHECK(e.call("TagRole",
                 {{"RoleName", "r"}, {"Tags.member.1.Key", "more"}, {"Tags.member.1.Value", ""}})
              .code() == "LimitExceeded");
    for (const char* action : {"TagRole", "UntagRole", "ListRoleTags"}) {
        CHECK(e.call(action, {{"RoleName", "none"}}).code() == "NoSuchEntity");
        CHECK(e.call(action).code() == "ValidationError");
    }
}

TEST_CASE("a role holds inline policies") {
    estate e;
    e.call("CreateRole", new_role("r"));
    const pairs one{{"RoleName", "r"}, {"PolicyName", "p"}};
    pairs put = one;
    put.push_back({"PolicyDocument", reads_only});
    CHECK(e.call("PutRolePolicy", put).status == 200);
    const answer got = e.call("GetRolePolicy", one);
    CHECK(decoded(got.element("PolicyDocument")) == reads_only);
    CHECK(got.element("RoleName") == "r");
    CHECK(all_of(e.call("ListRolePolicies", {{"RoleName", "r"}}), "member") ==
          std::vector<std::string>{"p"});
    const answer kept = e.call("DeleteRole", {{"RoleName", "r"}});
    CHECK(kept.status == 409);
    CHECK(kept.code() == "DeleteConflict");
    CHECK(kept.message() == "Cannot delete entity, must delete policies first.");

    CHECK(e.call("PutRolePolicy",
                 {{"RoleName", "r"}, {"PolicyName", "p"}, {"PolicyDocument", by_ec2}})
              .code() == "MalformedPolicyDocument");
    const std::string big = allowing("s3:Get", "arn:aws:s3:::" + std::string(6000, 'x'));
    CHECK(e.call("PutRolePolicy", {{"RoleName", "r"}, {"PolicyName", "b"}, {"PolicyDocument", big}})
              .status == 200);
    const answer full =
        e.call("PutRolePolicy", {{"RoleName", "r"}, {"PolicyName", "c"}, {"PolicyDocument", big}});
    CHECK(full.code() == "LimitExceeded");
    CHECK(full.message() == "Maximum policy size of 10240 bytes exceeded for role r");

    CHECK(e.call("DeleteRolePolicy", one).status == 200);
    for (const char* action : {"GetRolePolicy", "DeleteRolePolicy"}) {
        const answer none = e.call(action, one);
        CHECK(none.code() == "NoSuchEntity");
        CHECK(none.message() == "The role policy with name p cannot be found.");
    }
}

TEST_CASE("managed policies are attached to a role") {
    estate e;
    e.call("CreateRole", new_role("r"));
    const std::string provided = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    const pairs one{{"RoleName", "r"}, {"PolicyArn", provided}};
    CHECK(e.call("AttachRolePolicy", one).status == 200);
    CHECK(e.call("AttachRolePolicy", one).status == 200);
    CHECK(all_of(e.call("ListAttachedRolePolicies", {{"RoleName", "r"}}), "PolicyArn") ==
          std::vector<std::string>{provided});
    CHECK(e.call("DeleteRole", {{"RoleName", "r"}}).message() ==
          "Cannot delete entity, must detach all policies first.");
    CHECK(e.call("DetachRolePolicy", one).status == 200);
    const answer none = e.call("DetachRolePolicy", one);
    CHECK(none.code() == "NoSuchEntity");
    CHECK(none.message() == "Policy " + provided + " was not found.");
    CHECK(e.call("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn_in_a("policy/none")}})
              .message() ==
          "Policy " + arn_in_a("policy/none") + " does not exist or is not attachable.");
    for (int i = 0; i < 21; ++i) {
        const std::string name = "p" + std::to_string(i);
        e.call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", reads_only}});
        const answer attached = e.call(
            "AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn_in_a("policy/" + name)}});
        CHECK(attached.status == (i < 20 ? 200 : 409));
        if (i == 20) CHECK(attached.message() == "Cannot exceed quota for PoliciesPerRole: 20");
    }
}

TEST_CASE("a role has a permissions boundary") {
    estate e;
    e.call("CreatePolicy", {{"PolicyName", "fence"}, {"PolicyDocument", reads_only}});
    const std::string fence = arn_in_a("policy/fence");
    CHECK(e.call("CreateRole", new_role("r", {{"PermissionsBoundary", fence}}))
              .element("PermissionsBoundaryArn") == fence);
    CHECK(e.call("GetRole", {{"RoleName", "r"}}).element("PermissionsBoundaryType") == "Policy");
    CHECK(e.call("GetPolicy", {{"PolicyArn", fence}}).element("PermissionsBoundaryUsageCount") ==
          "1");
    CHECK(e.call("DeleteRolePermissionsBoundary", {{"RoleName", "r"}}).status == 200);
    CHECK(e.call("DeleteRolePermissionsBoundary", {{"RoleName", "r"}}).code() == "NoSuchEntity");
    CHECK(e.call("PutRolePermissionsBoundary", {{"RoleName", "r"}, {"PermissionsBoundary", fence}})
              .status == 200);
    CHECK(e.call("PutRolePermissionsBoundary",
                 {{"RoleName", "r"}, {"PermissionsBoundary", arn_in_a("policy/none")}})
              .code() == "NoSuchEntity");
}

TEST_CASE("operations on roles need permission for that role and those facts") {
    estate e;
    e.call("CreatePolicy", {{"PolicyName", "fence"}, {"PolicyDocument", reads_only}});
    const std::string fence = arn_in_a("policy/fence");
    const std::string reads_iam = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

    SECTION("the resource") {
        const key_pair dev =
            e.add_user(account_a, "dev", {allowing("iam:*", arn_in_a("role/dev/*"))});
        CHECK(e.call(dev, "CreateRole", new_role("a", {{"Path", "/dev/"}})).status == 200);
        const answer refused = e.call(dev, "CreateRole", new_role("b"));
        CHECK(refused.status == 403);
        CHECK(refused.code() == "AccessDenied");
        CHECK(refused.message() == "User: " + arn_in_a("user/dev") +
                                       " is not authorized to perform: iam:CreateRole on "
                                       "resource: " +
                                       arn_in_a("role/b") +
                                       " because no identity-based policy allows the "
                                       "iam:CreateRole action");
        // Who may not know is not told that there is none.
        CHECK(e.call(dev, "GetRole", {{"RoleName", "none"}}).code() == "AccessDenied");
        CHECK(e.call(dev, "ListRoles").code() == "AccessDenied");
        CHECK(e.call(dev, "ListRoles", {{"PathPrefix", "/dev/"}}).status == 200);
    }
    SECTION("the boundary") {
        const key_pair dev = e.add_user(
            account_a, "dev",
            {allowing("iam:*", "*",
                      R"({"StringEquals":{"iam:PermissionsBoundary":")" + fence + "\"}}")});
        CHECK(e.call(dev, "CreateRole", new_role("a")).code() == "AccessDenied");
        CHECK(e.call(dev, "CreateRole", new_role("a", {{"PermissionsBoundary", fence}})).status ==
              200);
        CHECK(
            e.call(dev, "AttachRolePolicy", {{"RoleName", "a"}, {"PolicyArn", reads_iam}}).status ==
            200);
        CHECK(e.call(dev, "PutRolePermissionsBoundary",
                     {{"RoleName", "a"}, {"PermissionsBoundary", reads_iam}})
                  .code() == "AccessDenied");
        e.call("CreateRole", new_role("free"));
        CHECK(e.call(dev, "AttachRolePolicy", {{"RoleName", "free"}, {"PolicyArn", reads_iam}})
                  .code() == "AccessDenied");
    }
    SECTION("the policy") {
        e.call("CreateRole", new_role("a"));
        const key_pair dev =
            e.add_user(account_a, "dev",
                       {allowing("iam:*RolePolicy", "*",
                                 R"({"ArnEquals":{"iam:PolicyARN":")" + reads_iam + "\"}}")});
        CHECK(e.call(dev, "AttachRolePolicy", {{"RoleName", "a"}, {"PolicyArn", fence}}).code() ==
              "AccessDenied");
        CHECK(
            e.call(dev, "AttachRolePolicy", {{"RoleName", "a"}, {"PolicyArn", reads_iam}}).status ==
            200);
        CHECK(
            e.call(dev, "DetachRolePolicy", {{"RoleName", "a"}, {"PolicyArn", reads_iam}}).status ==
            200);
    }
    SECTION("tags") {
        e.call("CreateRole",
               new_role("a", {{"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "x"}}));
        e.call("CreateRole", new_role("b"));
        const key_pair dev = e.add_user(
            account_a, "dev",
            {allowing("iam:GetRole", "*", R"({"StringEquals":{"iam:ResourceTag/team":"x"}})"),
             allowing("iam:TagRole", "*",
                      R"({"ForAllValues:StringEquals":{"aws:TagKeys":["stage"]},)"
                      R"("StringEquals":{"aws:ResourceTag/team":"x"}})")});
        CHECK(e.call(dev, "GetRole", {{"RoleName", "a"}}).status == 200);
        CHECK(e.call(dev, "GetRole", {{"RoleName", "b"}}).code() == "AccessDenied");
        CHECK(
            e.call(
                 dev, "TagRole",
                 {{"RoleName", "a"}, {"Tags.member.1.Key", "stage"}, {"Tags.member.1.Value", "1"}})
                .status == 200);
        CHECK(
            e.call(dev, "TagRole",
                   {{"RoleName", "a"}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "y"}})
                .code() == "AccessDenied");
    }
    SECTION("tags of a new role need permission of their own") {
        const key_pair dev = e.add_user(account_a, "dev", {allowing("iam:CreateRole")});
        CHECK(e.call(dev, "CreateRole", new_role("a")).status == 200);
        const answer refused =
            e.call(dev, "CreateRole",
                   new_role("b", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}));
        CHECK(refused.code() == "AccessDenied");
        CHECK(refused.has("iam:TagRole"));
    }
}

TEST_CASE("a role that a file defines or a service owns is not changed") {
    estate e;
    e.call("CreateRole", new_role("r"));
    iam::role theirs = *e.port.current()->role_of(account_a, "r");
    SECTION("a file's") {
        theirs.owned_by = "/etc/imdsd/imdsd.yaml";
    }
    SECTION("a service's") {
        e.port.apply({iam::removal(iam::entity_kind::role, iam::key_of(theirs))});
        theirs.path = "/aws-service-role/ecs.amazonaws.com/";
    }
    e.port.apply({iam::put(theirs)});
    const std::string provided = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    const std::vector<std::pair<const char*, pairs>> calls{
        {"UpdateRole", {}},
        {"UpdateRoleDescription", {{"Description", "x"}}},
        {"DeleteRole", {}},
        {"UpdateAssumeRolePolicy", {{"PolicyDocument", by_ec2}}},
        {"TagRole", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}},
        {"UntagRole", {{"TagKeys.member.1", "k"}}},
        {"PutRolePolicy", {{"PolicyName", "p"}, {"PolicyDocument", reads_only}}},
        {"DeleteRolePolicy", {{"PolicyName", "p"}}},
        {"AttachRolePolicy", {{"PolicyArn", provided}}},
        {"DetachRolePolicy", {{"PolicyArn", provided}}},
        {"PutRolePermissionsBoundary", {{"PermissionsBoundary", provided}}},
        {"DeleteRolePermissionsBoundary", {}},
    };
    for (const auto& [action, more] : calls) {
        pairs given{{"RoleName", "r"}};
        given.insert(given.end(), more.begin(), more.end());
        const answer out = e.call(action, given);
        INFO(action);
        CHECK(out.code() == "UnmodifiableEntity");
        if (!theirs.owned_by.empty()) CHECK(out.has("/etc/imdsd/imdsd.yaml"));
    }
}

TEST_CASE("a role is known to have been used") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("sts:AssumeRole")});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument",
                           trust(by_arn(arn_in_a("user/alice")), "\"sts:AssumeRole\"")}});
    const answer session =
        e.sts(alice, "AssumeRole", {{"RoleArn", arn_in_a("role/r")}, {"RoleSessionName", "s1"}});
    REQUIRE(session.status == 200);
    CHECK(e.call("GetRole", {{"RoleName", "r"}}).has("<RoleLastUsed></RoleLastUsed>"));
    REQUIRE(e.sts(session.credentials(), "GetCallerIdentity").status == 200);
    const answer used = e.call("GetRole", {{"RoleName", "r"}});
    CHECK(used.has("<RoleLastUsed><LastUsedDate>" + base::iso8601(e.clock.now()) +
                   "</LastUsedDate><Region>us-east-1</Region></RoleLastUsed>"));
}

TEST_CASE("older sessions of a role are revoked by a policy") {
    estate e;
    const key_pair alice = e.add_user(account_a, "alice", {allowing("sts:AssumeRole")});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument",
                           trust(by_arn(arn_in_a("user/alice")), "\"sts:AssumeRole\"")}});
    e.call(
        "PutRolePolicy",
        {{"RoleName", "r"}, {"PolicyName", "work"}, {"PolicyDocument", allowing("iam:ListRoles")}});
    const pairs assume{{"RoleArn", arn_in_a("role/r")}, {"RoleSessionName", "s1"}};
    const key_pair before = e.sts(alice, "AssumeRole", assume).credentials();
    CHECK(e.call(before, "ListRoles").status == 200);
    e.clock.advance(base::seconds(10));
    // What the console's "Revoke active sessions" puts there.
    const std::string revoke =
        document(R"({"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":)"
                 R"({"aws:TokenIssueTime":")" +
                 base::iso8601(e.clock.now()) + "\"}}}");
    REQUIRE(e.call("PutRolePolicy", {{"RoleName", "r"},
                                     {"PolicyName", "AWSRevokeOlderSessions"},
                                     {"PolicyDocument", revoke}})
                .status == 200);
    const answer refused = e.call(before, "ListRoles");
    CHECK(refused.code() == "AccessDenied");
    CHECK(refused.has("with an explicit deny in an identity-based policy"));
    CHECK(e.sts(before, "GetCallerIdentity").status == 200);
    const key_pair after = e.sts(alice, "AssumeRole", assume).credentials();
    CHECK(e.call(after, "ListRoles").status == 200);
}

TEST_CASE("a change is decided again when another replica was faster") {
    estate e;
    e.port.conflicts = 3;
    CHECK(e.call("CreateRole", new_role("r")).status == 200);
    CHECK(e.port.conflicts == 0);
    CHECK(e.last_record().request_parameters.at("roleName") == "r");
    e.port.failure = base::error{base::error_kind::unavailable, "disk full", {}};
    const answer failed = e.call("CreateRole", new_role("s"));
    CHECK(failed.status == 503);
    CHECK_FALSE(failed.has("disk full"));
}
