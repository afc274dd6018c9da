#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string by_ec2 = trust(R"({"Service":"ec2.amazonaws.com"})", "\"sts:AssumeRole\"");
const std::string file = "/etc/imdsd/imdsd.yaml";

pairs profile(const std::string& name, pairs more = {}) {
    more.insert(more.begin(), {"InstanceProfileName", name});
    return more;
}

void make_role(estate& e, const std::string& name) {
    REQUIRE(
        e.call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", by_ec2}}).status ==
        200);
}

}  // namespace

TEST_CASE("an instance profile is created, filled, emptied and deleted") {
    estate e;
    make_role(e, "web");
    make_role(e, "other");
    const answer made = e.call("CreateInstanceProfile", profile("web", {{"Path", "/fleet/"}}));
    REQUIRE(made.status == 200);
    CHECK(made.element("Arn") == arn_in_a("instance-profile/fleet/web"));
    CHECK(made.element("InstanceProfileId").substr(0, 4) == "AIPA");
    CHECK(made.has("<Roles></Roles>"));
    CHECK(e.call("CreateInstanceProfile", profile("WEB")).message() ==
          "Instance Profile WEB already exists.");

    CHECK(e.call("AddRoleToInstanceProfile", profile("web", {{"RoleName", "WEB"}})).status == 200);
    const answer got = e.call("GetInstanceProfile", profile("web"));
    CHECK(got.element("RoleName") == "web");
    CHECK(got.has("<AssumeRolePolicyDocument>"));
    const answer second =
        e.call("AddRoleToInstanceProfile", profile("web", {{"RoleName", "other"}}));
    CHECK(second.code() == "LimitExceeded");
    CHECK(second.message() == "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");

    CHECK(e.call("ListInstanceProfilesForRole", {{"RoleName", "web"}})
              .element("InstanceProfileName") == "web");
    CHECK(e.call("ListInstanceProfilesForRole", {{"RoleName", "other"}})
              .has("<InstanceProfiles></InstanceProfiles>"));
    CHECK(e.call("ListInstanceProfilesForRole", {{"RoleName", "none"}}).code() == "NoSuchEntity");
    CHECK(e.call("DeleteRole", {{"RoleName", "web"}}).message() ==
          "Cannot delete entity, must remove roles from instance profile first.");
    CHECK(e.call("DeleteInstanceProfile", profile("web")).message() ==
          "Cannot delete entity, must remove roles from instance profile first.");

    const answer wrong =
        e.call("RemoveRoleFromInstanceProfile", profile("web", {{"RoleName", "other"}}));
    CHECK(wrong.code() == "NoSuchEntity");
    CHECK(wrong.message() == "The role with name other cannot be found.");
    CHECK(e.call("RemoveRoleFromInstanceProfile", profile("web", {{"RoleName", "web"}})).status ==
          200);
    CHECK(e.call("DeleteRole", {{"RoleName", "web"}}).status == 200);
    CHECK(e.call("DeleteInstanceProfile", profile("web")).status == 200);
    for (const char* action : {"GetInstanceProfile", "DeleteInstanceProfile"}) {
        const answer gone = e.call(action, profile("web"));
        CHECK(gone.code() == "NoSuchEntity");
        CHECK(gone.message() == "Instance Profile web cannot be found.");
    }
    for (const char* action : {"AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile"}) {
        CHECK(e.call(action, profile("web", {{"RoleName", "other"}})).code() == "NoSuchEntity");
        CHECK(e.call(action, profile("web")).code() == "ValidationError");
    }
    e.call("CreateInstanceProfile", profile("p"));
    CHECK(e.call("AddRoleToInstanceProfile", profile("p", {{"RoleName", "none"}})).message() ==
          "The role with name none cannot be found.");
    CHECK(e.call("CreateInstanceProfile", profile("a b")).code() == "ValidationError");
}

TEST_CASE("instance profiles are listed by path and in pages") {
    estate e;
    for (const char* name : {"c", "a", "b"})
        e.call("CreateInstanceProfile", profile(name, {{"Path", "/x/"}}));
    e.call("CreateInstanceProfile", profile("d"));
    const answer part = e.call("ListInstanceProfiles", {{"PathPrefix", "/x/"}, {"MaxItems", "2"}});
    CHECK(part.has("<InstanceProfileName>a</InstanceProfileName>"));
    CHECK(part.has("<InstanceProfileName>b</InstanceProfileName>"));
    CHECK_FALSE(part.has("<InstanceProfileName>c</InstanceProfileName>"));
    const answer rest =
        e.call("ListInstanceProfiles", {{"PathPrefix", "/x/"}, {"Marker", part.element("Marker")}});
    CHECK(rest.element("InstanceProfileName") == "c");
    CHECK(rest.element("IsTruncated") == "false");
    CHECK_FALSE(rest.has("<InstanceProfileName>d</InstanceProfileName>"));
}

TEST_CASE("who fills an instance profile must be allowed to pass the role to EC2") {
    estate e;
    make_role(e, "web");
    make_role(e, "admin");
    e.call("CreateInstanceProfile", profile("p"));
    const std::string adds =
        document(R"({"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"})");
    const auto passes = [](const std::string& service) {
        return document(
            R"({"Effect":"Allow","Action":"iam:PassRole","Resource":")" + arn_in_a("role/web") +
            R"(","Condition":{"StringEquals":{"iam:PassedToService":")" + service + "\"}}}");
    };
    const key_pair none = e.add_user(account_a, "none", {adds});
    const key_pair lambda = e.add_user(account_a, "lambda", {adds, passes("lambda.amazonaws.com")});
    const key_pair ec2 = e.add_user(account_a, "ec2", {adds, passes("ec2.amazonaws.com")});
    const answer refused =
        e.call(none, "AddRoleToInstanceProfile", profile("p", {{"RoleName", "web"}}));
    CHECK(refused.code() == "AccessDenied");
    CHECK(refused.has("is not authorized to perform: iam:PassRole on resource: " +
                      arn_in_a("role/web")));
    CHECK(e.call(lambda, "AddRoleToInstanceProfile", profile("p", {{"RoleName", "web"}})).code() ==
          "AccessDenied");
    CHECK(e.call(ec2, "AddRoleToInstanceProfile", profile("p", {{"RoleName", "admin"}})).code() ==
          "AccessDenied");
    CHECK(e.call(ec2, "AddRoleToInstanceProfile", profile("p", {{"RoleName", "web"}})).status ==
          200);
}

TEST_CASE("an instance profile's tags decide and are changed") {
    estate e;
    e.call("CreateInstanceProfile",
           profile("p", {{"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "x"}}));
    e.call("CreateInstanceProfile", profile("q"));
    const key_pair dev =
        e.add_user(account_a, "dev",
                   {document(R"({"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":)"
                             R"({"StringEquals":{"aws:ResourceTag/team":"x"}}})")});
    CHECK(e.call(dev, "GetInstanceProfile", profile("p")).status == 200);
    CHECK(e.call(dev, "GetInstanceProfile", profile("q")).code() == "AccessDenied");
    CHECK(e.call(dev, "TagInstanceProfile",
                 profile("p", {{"Tags.member.1.Key", "stage"}, {"Tags.member.1.Value", "1"}}))
              .status == 200);
    CHECK(e.call("GetInstanceProfile", profile("p")).has("<Key>stage</Key><Value>1</Value>"));
    CHECK(e.call("UntagInstanceProfile", profile("p", {{"TagKeys.member.1", "team"}})).status ==
          200);
    const answer tags = e.call("ListInstanceProfileTags", profile("p"));
    CHECK(tags.element("Key") == "stage");
    CHECK_FALSE(tags.has("team"));
    for (const char* action :
         {"TagInstanceProfile", "UntagInstanceProfile", "ListInstanceProfileTags"})
        CHECK(e.call(action, profile("none")).code() == "NoSuchEntity");
}

TEST_CASE("a file's instance profile is not changed, but a file's role may be held") {
    estate e;
    make_role(e, "web");
    iam::role of_file = *e.port.current()->role_of(account_a, "web");
    of_file.owned_by = file;
    e.port.apply({iam::put(of_file)});
    e.call("CreateInstanceProfile", profile("p"));
    CHECK(e.call("AddRoleToInstanceProfile", profile("p", {{"RoleName", "web"}})).status == 200);

    iam::instance_profile theirs = *e.port.current()->instance_profile_of(account_a, "p");
    theirs.owned_by = file;
    e.port.apply({iam::put(theirs)});
    const std::vector<std::pair<const char*, pairs>> calls{
        {"DeleteInstanceProfile", {}},
        {"AddRoleToInstanceProfile", {{"RoleName", "web"}}},
        {"RemoveRoleFromInstanceProfile", {{"RoleName", "web"}}},
        {"TagInstanceProfile", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}},
        {"UntagInstanceProfile", {{"TagKeys.member.1", "k"}}},
    };
    for (const auto& [action, more] : calls) {
        INFO(action);
        const answer out = e.call(action, profile("p", more));
        CHECK(out.code() == "UnmodifiableEntity");
        CHECK(out.has(file));
    }
}
