#include "encoding/percent.hpp"
#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string s3_only = document(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})");
const std::string admin_arn = "arn:aws:iam::aws:policy/AdministratorAccess";

std::size_t count(const answer& in, const std::string& text) {
    std::size_t out = 0;
    for (auto at = in.body.find(text); at != std::string::npos; at = in.body.find(text, at + 1))
        ++out;
    return out;
}

}  // namespace

TEST_CASE("account: the summary counts its own") {
    estate e;
    e.add_user(account_a, "bob");
    e.add_user(account_b, "theirs");
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", s3_only}});
    const auto got = e.call("GetAccountSummary");
    const auto says = [&](const std::string& key, const std::string& value) {
        INFO(key);
        CHECK(got.has("<entry><key>" + key + "</key><value>" + value + "</value></entry>"));
    };
    says("Users", "1");
    says("Groups", "1");
    says("Roles", "0");
    says("Policies", "1");
    says("PolicyVersionsInUse", "1");
    says("AccountAccessKeysPresent", "1");
    says("AccountMFAEnabled", "0");
    says("AccessKeysPerUserQuota", "2");
    says("UserPolicySizeQuota", "2048");
}

TEST_CASE("account: one alias, which is nobody else's") {
    estate e;
    CHECK(e.call("ListAccountAliases").has("<AccountAliases></AccountAliases>"));
    CHECK(e.call("CreateAccountAlias", {{"AccountAlias", "acme"}}).status == 200);
    CHECK(
        e.call("ListAccountAliases").has("<AccountAliases><member>acme</member></AccountAliases>"));
    CHECK(e.call("CreateAccountAlias", {{"AccountAlias", "acme-2"}}).status == 200);
    CHECK(e.call("ListAccountAliases").element("member") == "acme-2");
    iam::account other = *e.port.current()->account_of(account_b);
    other.alias = "theirs";
    e.port.apply({iam::put(other)});
    const auto taken = e.call("CreateAccountAlias", {{"AccountAlias", "theirs"}});
    CHECK(taken.status == 409);
    CHECK(taken.code() == "EntityAlreadyExists");
    CHECK(taken.message() == "The account alias theirs already exists.");
    const auto missing = e.call("DeleteAccountAlias", {{"AccountAlias", "acme"}});
    CHECK(missing.code() == "NoSuchEntity");
    CHECK(missing.message() == "The account alias acme cannot be found.");
    CHECK(e.call("DeleteAccountAlias", {{"AccountAlias", "acme-2"}}).status == 200);
    CHECK(e.call("ListAccountAliases").has("<AccountAliases></AccountAliases>"));
    // Its keys are still there.
    CHECK(e.sts(e.root, "GetCallerIdentity").status == 200);
}

TEST_CASE("account: authorization details") {
    estate e;
    e.add_user(account_a, "bob", {s3_only}, {{"team", "red"}});
    e.add_user(account_b, "theirs");
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "bob"}});
    e.call("PutGroupPolicy",
           {{"GroupName", "devs"}, {"PolicyName", "gp"}, {"PolicyDocument", s3_only}});
    e.call("CreatePolicy", {{"PolicyName", "p"}, {"PolicyDocument", s3_only}});
    e.call("AttachUserPolicy", {{"UserName", "bob"}, {"PolicyArn", arn_in_a("policy/p")}});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument",
                           trust(R"({"Service":"ec2.amazonaws.com"})", "\"sts:AssumeRole\"")}});
    e.call("CreateInstanceProfile", {{"InstanceProfileName", "ip"}});
    e.call("AddRoleToInstanceProfile", {{"InstanceProfileName", "ip"}, {"RoleName", "r"}});
    const std::string text = encoding::percent_encode(s3_only);

    const auto all = e.call("GetAccountAuthorizationDetails");
    REQUIRE(all.status == 200);
    CHECK(all.has("<UserPolicyList><member><PolicyName>p1</PolicyName><PolicyDocument>" + text +
                  "</PolicyDocument></member></UserPolicyList><GroupList><member>devs</member>"
                  "</GroupList><AttachedManagedPolicies><member><PolicyName>p</PolicyName>"));
    CHECK(all.has("<Tags><member><Key>team</Key><Value>red</Value></member></Tags>"));
    CHECK(all.has("<GroupPolicyList><member><PolicyName>gp</PolicyName>"));
    CHECK(all.has("<InstanceProfileList><member>"));
    CHECK(all.has("<InstanceProfileName>ip</InstanceProfileName>"));
    CHECK(all.has("<AttachmentCount>1</AttachmentCount>"));
    CHECK(all.has("<PolicyVersionList><member><Document>" + text +
                  "</Document><VersionId>v1</VersionId><IsDefaultVersion>true"));
    CHECK(all.has(admin_arn));
    CHECK_FALSE(all.has("root-task"));
    CHECK_FALSE(all.has("theirs"));
    CHECK_FALSE(all.has(account_b));

    const auto users = e.call("GetAccountAuthorizationDetails", {{"Filter.member.1", "User"}});
    CHECK(users.has("<UserName>bob</UserName>"));
    CHECK(users.has("<GroupDetailList></GroupDetailList>"));
    CHECK(users.has("<RoleDetailList></RoleDetailList>"));
    CHECK(users.has("<Policies></Policies>"));
    const auto own =
        e.call("GetAccountAuthorizationDetails",
               {{"Filter.member.1", "LocalManagedPolicy"}, {"Filter.member.2", "Group"}});
    CHECK(own.has(arn_in_a("policy/p")));
    CHECK(own.has("<GroupName>devs</GroupName>"));
    CHECK_FALSE(own.has("<UserName>"));
    CHECK_FALSE(own.has(admin_arn));

    // Page by page: all of it, nothing twice.
    std::size_t users_seen = 0, groups_seen = 0, roles_seen = 0, policies_seen = 0;
    std::string marker;
    int pages = 0;
    do {
        pairs given{{"MaxItems", "1"}};
        if (!marker.empty()) given.emplace_back("Marker", marker);
        const auto page = e.call("GetAccountAuthorizationDetails", given);
        REQUIRE(page.status == 200);
        users_seen += count(page, "<UserId>");
        groups_seen += count(page, "<GroupId>");
        roles_seen += count(page, "<RolePolicyList>");
        policies_seen += count(page, "<PolicyId>");
        marker = page.element("Marker");
        REQUIRE(++pages < 20);
    } while (!marker.empty());
    CHECK(users_seen == 1);
    CHECK(groups_seen == 1);
    CHECK(roles_seen == 1);
    CHECK(policies_seen == count(all, "<PolicyId>"));
    CHECK(std::size_t(pages) == 3 + policies_seen);
}

TEST_CASE("account: authorization details come in pages of bounded size") {
    estate e;
    const std::string large = document(R"({"Effect":"Allow","Action":"s3:Get","Resource":")" +
                                       std::string(5'900, 'x') + R"("})");
    std::size_t made = 0;
    iam::changes all;
    for (; made < 60; ++made) {
        iam::managed_policy one;
        one.account = account_a;
        one.name = "p" + std::to_string(made);
        one.unique_id = "ANPA" + std::to_string(made);
        for (std::uint32_t number = 1; number <= 5; ++number)
            one.versions.push_back({number, large, e.clock.now()});
        all.push_back(iam::put(std::move(one)));
    }
    e.port.apply(all);
    std::size_t seen = 0, pages = 0;
    for (std::string marker; pages == 0 || !marker.empty(); ++pages) {
        pairs asked{{"Filter.member.1", "LocalManagedPolicy"}, {"MaxItems", "1000"}};
        if (!marker.empty()) asked.emplace_back("Marker", marker);
        const answer got = e.call("GetAccountAuthorizationDetails", asked);
        REQUIRE(got.status == 200);
        CHECK(got.body.size() < (4u << 20));
        for (auto at = got.body.find("<PolicyId>"); at != std::string::npos;
             at = got.body.find("<PolicyId>", at + 1))
            ++seen;
        marker = got.element("Marker");
    }
    CHECK(seen == made);
    CHECK(pages == 2);
}
