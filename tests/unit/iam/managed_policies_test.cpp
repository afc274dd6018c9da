#include "encoding/percent.hpp"
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string reads_only = document(R"({"Effect":"Allow","Action":"s3:Get*","Resource":"*"})");
const std::string by_ec2 = trust(R"({"Service":"ec2.amazonaws.com"})", "\"sts:AssumeRole\"");
const std::string provided = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";

pairs new_policy(const std::string& name, pairs more = {}) {
    pairs out{{"PolicyName", name}, {"PolicyDocument", reads_only}};
    out.insert(out.end(), more.begin(), more.end());
    return out;
}
pairs of(const std::string& arn, pairs more = {}) {
    more.insert(more.begin(), {"PolicyArn", arn});
    return more;
}
std::string version_text(int number) {
    return document(R"({"Effect":"Allow","Action":"s3:Get)" + std::to_string(number) +
                    R"(","Resource":"*"})");
}

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

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a managed policy is created, shown and deleted") {
    estate e;
    const answer made =
        e.call("CreatePolicy", new_policy("readers", {{"Path", "/team/"},
                                                      {"Description", "reads"},
                                                      {"Tags.member.1.Key", "k"},
                                                      {"Tags.member.1.Value", "v"}}));
    REQUIRE(made.status == 200);
    const std::string arn = arn_in_a("policy/team/readers");
    CHECK(made.element("Arn") == arn);
    CHECK(made.element("PolicyId").substr(0, 4) == "ANPA");
    CHECK(made.element("DefaultVersionId") == "v1");
    CHECK(made.element("AttachmentCount") == "0");
    CHECK(made.element("PermissionsBoundaryUsageCount") == "0");
    CHECK(made.element("IsAttachable") == "true");
    CHECK(e.last_record().request_parameters.at("policyDocument").as_string() == reads_only);
    const answer got = e.call("GetPolicy", of(arn));
    CHECK(got.element("PolicyId") == made.element("PolicyId"));
    CHECK(got.element("Description") == "reads");
    CHECK(got.has("<Key>k</Key><Value>v</Value>"));
    CHECK(got.element("UpdateDate") == base::iso8601(e.clock.now()));

    CHECK(e.call("DeletePolicy", of(arn)).status == 200);
    const answer gone = e.call("GetPolicy", of(arn));
    CHECK(gone.code() == "NoSuchEntity");
    CHECK(gone.message() == "Policy " + arn + " was not found.");
    for (const char* action :
         {"DeletePolicy", "ListPolicyVersions", "ListPolicyTags", "ListEntitiesForPolicy"})
        CHECK(e.call(action, of(arn)).code() == "NoSuchEntity");
}

TEST_CASE("what a managed policy must be") {
    estate e;
    REQUIRE(e.call("CreatePolicy", new_policy("taken")).status == 200);
    const answer again = e.call("CreatePolicy", new_policy("Taken", {{"Path", "/x/"}}));
    CHECK(again.status == 409);
    CHECK(again.code() == "EntityAlreadyExists");
    CHECK(again.message() ==
          "A policy called Taken already exists. Duplicate names are not allowed.");
    CHECK(e.call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", by_ec2}}).code() ==
          "MalformedPolicyDocument");
    CHECK(e.call("CreatePolicy", {{"PolicyName", "p"}}).code() == "ValidationError");
    CHECK(e.call("CreatePolicy", new_policy("p/q")).code() == "ValidationError");
    CHECK(e.call("CreatePolicy", new_policy("p", {{"Path", "/a//"}})).code() == "ValidationError");
    CHECK(e.call("CreatePolicy", new_policy("p", {{"Path", "/a!/"}})).code() == "ValidationError");
    const std::string big =
        document(R"({"Effect":"Allow","Action":"s3:Get","Resource":"arn:aws:s3:::)" +
                 std::string(6100, 'x') + "\"}");
    const answer full = e.call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", big}});
    CHECK(full.code() == "LimitExceeded");
    CHECK(full.message() == "Cannot exceed quota for PolicySize: 6144");
    CHECK(e.call("CreatePolicy",
                 {{"PolicyName", "p"}, {"PolicyDocument", reads_only + std::string(7000, ' ')}})
              .status == 200);
    const answer no_arn = e.call("GetPolicy", of("arn:aws:iam::123456789012:role/x"));
    CHECK(no_arn.code() == "InvalidInput");
    CHECK(e.call("GetPolicy", of("short")).code() == "ValidationError");
    CHECK(e.call("GetPolicy", of("no arn, but of a fair length")).code() == "InvalidInput");
}

TEST_CASE("a managed policy has up to five versions") {
    estate e;
    e.call("CreatePolicy", new_policy("p"));
    const std::string arn = arn_in_a("policy/p");
    for (int i = 2; i <= 5; ++i) {
        const answer made =
            e.call("CreatePolicyVersion", of(arn, {{"PolicyDocument", version_text(i)}}));
        CHECK(made.element("VersionId") == "v" + std::to_string(i));
        CHECK(made.element("IsDefaultVersion") == "false");
    }
    const answer sixth =
        e.call("CreatePolicyVersion", of(arn, {{"PolicyDocument", version_text(6)}}));
    CHECK(sixth.status == 409);
    CHECK(sixth.code() == "LimitExceeded");
    CHECK(all_of(e.call("ListPolicyVersions", of(arn)), "VersionId") ==
          names{"v5", "v4", "v3", "v2", "v1"});
    const answer part = e.call("ListPolicyVersions", of(arn, {{"MaxItems", "4"}}));
    CHECK(part.element("IsTruncated") == "true");
    CHECK(all_of(e.call("ListPolicyVersions", of(arn, {{"Marker", part.element("Marker")}})),
                 "VersionId") == names{"v1"});

    const answer third = e.call("GetPolicyVersion", of(arn, {{"VersionId", "v3"}}));
    CHECK(encoding::percent_decode(third.element("Document")).value() == version_text(3));
    CHECK(e.call("SetDefaultPolicyVersion", of(arn, {{"VersionId", "v3"}})).status == 200);
    CHECK(e.call("GetPolicy", of(arn)).element("DefaultVersionId") == "v3");
    const answer in_force = e.call("DeletePolicyVersion", of(arn, {{"VersionId", "v3"}}));
    CHECK(in_force.code() == "DeleteConflict");
    CHECK(in_force.message() == "Cannot delete the default version of a policy.");
    const answer many = e.call("DeletePolicy", of(arn));
    CHECK(many.code() == "DeleteConflict");
    CHECK(many.has("more than one version"));
    for (const char* id : {"v1", "v5"})
        CHECK(e.call("DeletePolicyVersion", of(arn, {{"VersionId", id}})).status == 200);
    // Numbers are not given again.
    const answer next =
        e.call("CreatePolicyVersion",
               of(arn, {{"PolicyDocument", version_text(6)}, {"SetAsDefault", "true"}}));
    CHECK(next.element("VersionId") == "v6");
    CHECK(next.element("IsDefaultVersion") == "true");
    CHECK(e.call("GetPolicy", of(arn)).element("DefaultVersionId") == "v6");

    for (const char* action :
         {"GetPolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion"}) {
        INFO(action);
        for (const char* id : {"v5", "v99999999999", "v2.x"}) {
            const answer none = e.call(action, of(arn, {{"VersionId", id}}));
            CHECK(none.code() == "NoSuchEntity");
            CHECK(none.message() ==
                  "Policy " + arn + " version " + id + " does not exist or is not attachable.");
        }
        for (const char* id : {"v0", "5", "v", "v2x", ""})
            CHECK(e.call(action, of(arn, {{"VersionId", id}})).code() == "ValidationError");
        CHECK(e.call(action, of(arn)).code() == "ValidationError");
    }
    CHECK(e.call("CreatePolicyVersion", of(arn, {{"PolicyDocument", "{}"}})).code() ==
          "MalformedPolicyDocument");
    CHECK(e.call("CreatePolicyVersion",
                 of(arn, {{"PolicyDocument", reads_only}, {"SetAsDefault", "yes"}}))
              .code() == "MalformedInput");
}

TEST_CASE("the version in force is the one that decides") {
    estate e;
    e.call("CreatePolicy",
           {{"PolicyName", "p"},
            {"PolicyDocument",
             document(R"({"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"})")}});
    const std::string arn = arn_in_a("policy/p");
    const key_pair alice = e.add_user(account_a, "alice");
    CHECK(e.call(alice, "ListRoles").code() == "AccessDenied");
    e.call("AttachUserPolicy", {{"UserName", "alice"}, {"PolicyArn", arn}});
    CHECK(e.call(alice, "ListRoles").status == 200);
    e.call("CreatePolicyVersion", of(arn, {{"PolicyDocument", reads_only}}));
    CHECK(e.call(alice, "ListRoles").status == 200);
    e.call("SetDefaultPolicyVersion", of(arn, {{"VersionId", "v2"}}));
    CHECK(e.call(alice, "ListRoles").code() == "AccessDenied");
}

TEST_CASE("managed policies are listed by scope, path and use") {
    estate e;
    e.call("CreatePolicy", new_policy("free"));
    e.call("CreatePolicy", new_policy("held", {{"Path", "/team/"}}));
    e.call("CreatePolicy", new_policy("fence"));
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument", by_ec2},
                          {"PermissionsBoundary", arn_in_a("policy/fence")}});
    for (const std::string& arn : {arn_in_a("policy/team/held"), provided})
        e.call("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn}});
    const auto listed = [&](const pairs& given) {
        return all_of(e.call("ListPolicies", given), "PolicyName");
    };
    CHECK(listed({{"Scope", "Local"}}) == names{"fence", "free", "held"});
    CHECK(listed({{"OnlyAttached", "true"}}) == names{"IAMReadOnlyAccess", "held"});
    CHECK(listed({{"OnlyAttached", "true"}, {"Scope", "AWS"}}) == names{"IAMReadOnlyAccess"});
    CHECK(listed({{"PolicyUsageFilter", "PermissionsBoundary"}}) == names{"fence"});
    CHECK(listed({{"PolicyUsageFilter", "PermissionsPolicy"}, {"Scope", "Local"}}) ==
          names{"held"});
    CHECK(listed({{"PathPrefix", "/team/"}}) == names{"held"});
    const names all = listed({{"MaxItems", "1000"}});
    CHECK(std::find(all.begin(), all.end(), "AdministratorAccess") != all.end());
    CHECK(std::find(all.begin(), all.end(), "free") != all.end());
    names paged;
    pairs page{{"MaxItems", "3"}};
    for (std::string more = "true"; more == "true";) {
        const answer part = e.call("ListPolicies", page);
        for (const std::string& name : all_of(part, "PolicyName"))
            paged.push_back(name);
        more = part.element("IsTruncated");
        page = {{"MaxItems", "3"}, {"Marker", part.element("Marker")}};
        REQUIRE(paged.size() <= all.size());
    }
    CHECK(paged == all);
    CHECK(e.call("ListPolicies", {{"Scope", "Mine"}}).code() == "ValidationError");
    CHECK(e.call("ListPolicies", {{"PolicyUsageFilter", "x"}}).code() == "ValidationError");
    CHECK(e.call("ListPolicies", {{"OnlyAttached", "1"}}).code() == "MalformedInput");
    CHECK(e.call("ListPolicies", {{"PathPrefix", "team"}}).code() == "ValidationError");
}

TEST_CASE("who holds a managed policy") {
    estate e;
    e.call("CreatePolicy", new_policy("p"));
    const std::string arn = arn_in_a("policy/p");
    e.add_user(account_a, "alice");
    e.add_user(account_a, "bob");
    e.add_user(account_b, "mallory");
    e.call("CreateGroup", {{"GroupName", "readers"}});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"Path", "/team/"},
                          {"AssumeRolePolicyDocument", by_ec2},
                          {"PermissionsBoundary", arn}});
    e.call("AttachUserPolicy", {{"UserName", "alice"}, {"PolicyArn", arn}});
    e.call("PutUserPermissionsBoundary", {{"UserName", "bob"}, {"PermissionsBoundary", arn}});
    e.call("AttachGroupPolicy", {{"GroupName", "readers"}, {"PolicyArn", arn}});
    e.call("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", arn}});
    const auto holders = [&](const pairs& more = {}) {
        const answer out = e.call("ListEntitiesForPolicy", of(arn, more));
        names all = all_of(out, "GroupName");
        for (const char* kind : {"UserName", "RoleName"}) {
            for (const std::string& name : all_of(out, kind))
                all.push_back(name);
        }
        return all;
    };
    CHECK(holders() == names{"readers", "alice", "bob", "r"});
    CHECK(holders({{"EntityFilter", "User"}}) == names{"alice", "bob"});
    CHECK(holders({{"EntityFilter", "Group"}}) == names{"readers"});
    CHECK(holders({{"EntityFilter", "Role"}}) == names{"r"});
    CHECK(holders({{"EntityFilter", "LocalManagedPolicy"}}).empty());
    CHECK(holders({{"PathPrefix", "/team/"}}) == names{"r"});
    CHECK(holders({{"PolicyUsageFilter", "PermissionsBoundary"}}) == names{"bob", "r"});
    CHECK(holders({{"PolicyUsageFilter", "PermissionsPolicy"}}) == names{"readers", "alice", "r"});
    names paged;
    pairs page{{"MaxItems", "1"}};
    for (int turns = 0; turns < 4; ++turns) {
        const answer part = e.call("ListEntitiesForPolicy", of(arn, page));
        for (const char* kind : {"GroupName", "UserName", "RoleName"}) {
            for (const std::string& name : all_of(part, kind))
                paged.push_back(name);
        }
        CHECK(part.element("IsTruncated") == (turns < 3 ? "true" : "false"));
        page = {{"MaxItems", "1"}, {"Marker", part.element("Marker")}};
    }
    CHECK(paged == names{"readers", "r", "alice", "bob"});
    CHECK(e.call("ListEntitiesForPolicy", of(arn, {{"EntityFilter", "Root"}})).code() ==
          "ValidationError");
    CHECK(e.call("ListEntitiesForPolicy", of(arn, {{"PathPrefix", "/x"}})).code() ==
          "ValidationError");
    const answer got = e.call("GetPolicy", of(arn));
    CHECK(got.element("AttachmentCount") == "3");
    CHECK(got.element("PermissionsBoundaryUsageCount") == "2");
    const answer held = e.call("DeletePolicy", of(arn));
    CHECK(held.code() == "DeleteConflict");
    CHECK(held.message() == "Cannot delete a policy attached to entities.");
}

TEST_CASE("the provider's policies are everyone's to read and nobody's to change") {
    estate e;
    const key_pair b = e.add_account("333333333333");
    CHECK(e.call("GetPolicy", of(provided)).element("PolicyName") == "IAMReadOnlyAccess");
    CHECK(e.call("GetPolicyVersion", of(provided, {{"VersionId", "v1"}})).status == 200);
    CHECK(e.call("ListPolicyVersions", of(provided)).element("VersionId") == "v1");
    CHECK(e.call("GetPolicy", of("arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"))
              .element("IsAttachable") == "false");
    // Uses in one account are nothing to others.
    e.call("CreateRole", {{"RoleName", "r"}, {"AssumeRolePolicyDocument", by_ec2}});
    e.call("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", provided}});
    CHECK(e.call("GetPolicy", of(provided)).element("AttachmentCount") == "1");
    CHECK(e.call(b, "GetPolicy", of(provided)).element("AttachmentCount") == "0");
    CHECK_FALSE(e.call(b, "ListEntitiesForPolicy", of(provided)).has("<RoleName>"));
    const std::vector<std::pair<const char*, pairs>> calls{
        {"DeletePolicy", {}},
        {"CreatePolicyVersion", {{"PolicyDocument", reads_only}}},
        {"SetDefaultPolicyVersion", {{"VersionId", "v1"}}},
        {"DeletePolicyVersion", {{"VersionId", "v1"}}},
        {"TagPolicy", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}},
        {"UntagPolicy", {{"TagKeys.member.1", "k"}}},
    };
    for (const auto& [action, more] : calls) {
        INFO(action);
        CHECK(e.call(action, of(provided, more)).code() == "AccessDenied");
    }
    SECTION("nor is a file's policy changed") {
        e.call("CreatePolicy", new_policy("p"));
        iam::managed_policy theirs = *e.port.current()->policy_of(account_a, "p");
        theirs.owned_by = "/etc/imdsd/imdsd.yaml";
        e.port.apply({iam::put(theirs)});
        for (const auto& [action, more] : calls) {
            INFO(action);
            const answer out = e.call(action, of(arn_in_a("policy/p"), more));
            CHECK(out.code() == "UnmodifiableEntity");
            CHECK(out.has("/etc/imdsd/imdsd.yaml"));
        }
    }
}

TEST_CASE("policies of another account are not to be had, there or not") {
    estate e;
    e.call("CreatePolicy", new_policy("p"));
    const key_pair b = e.add_account("333333333333");
    for (const char* name : {"p", "none"}) {
        const std::string arn = arn_in_a(std::string("policy/") + name);
        const answer out = e.call(b, "GetPolicy", of(arn));
        CHECK(out.code() == "AccessDenied");
        CHECK(out.message().find(arn) != std::string::npos);
        CHECK(e.call(b, "DeletePolicy", of(arn)).code() == "AccessDenied");
    }
    CHECK(e.port.current()->policy_of(account_a, "p") != nullptr);
    const std::string all = e.call(b, "ListPolicies", {{"MaxItems", "1000"}}).body;
    CHECK(all.find(arn_in_a("policy/p")) == std::string::npos);
}

TEST_CASE("a managed policy's tags decide and are changed") {
    estate e;
    e.call("CreatePolicy",
           new_policy("p", {{"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "x"}}));
    e.call("CreatePolicy", new_policy("q"));
    const key_pair dev =
        e.add_user(account_a, "dev",
                   {document(R"({"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":)"
                             R"({"StringEquals":{"aws:ResourceTag/team":"x"}}})")});
    CHECK(e.call(dev, "GetPolicy", of(arn_in_a("policy/p"))).status == 200);
    CHECK(e.call(dev, "GetPolicy", of(arn_in_a("policy/q"))).code() == "AccessDenied");
    CHECK(e.call(dev, "ListPolicies").message().find("on resource: policy path / ") !=
          std::string::npos);
    const std::string arn = arn_in_a("policy/p");
    CHECK(e.call("TagPolicy", of(arn, {{"Tags.member.1.Key", "a"}, {"Tags.member.1.Value", "1"}}))
              .status == 200);
    CHECK(all_of(e.call("ListPolicyTags", of(arn)), "Key") == names{"a", "team"});
    CHECK(e.call("UntagPolicy", of(arn, {{"TagKeys.member.1", "team"}})).status == 200);
    CHECK(all_of(e.call("ListPolicyTags", of(arn)), "Key") == names{"a"});
    const key_pair maker =
        e.add_user(account_a, "maker",
                   {document(R"({"Effect":"Allow","Action":"iam:CreatePolicy","Resource":"*"})")});
    CHECK(e.call(maker, "CreatePolicy", new_policy("m")).status == 200);
    CHECK(e.call(maker, "CreatePolicy",
                 new_policy("n", {{"Tags.member.1.Key", "k"}, {"Tags.member.1.Value", "v"}}))
              .has("iam:TagPolicy"));
}
