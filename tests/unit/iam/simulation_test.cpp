#include "unit/iam/fixture.hpp"

using namespace iam_fixture;

namespace {

const std::string reader = document(
    R"({"Sid":"Read","Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::${aws:username}/*"})");
const std::string with_condition = document(
    R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":
       {"aws:PrincipalTag/Team":"red"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}})");
const std::string deny_delete =
    document(R"({"Effect":"Deny","Action":"s3:Delete*","Resource":"*"})");

std::string allowing_on(const std::string& action, const std::string& resource) {
    return document(R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource +
                    R"("})");
}

pairs ask(const std::string& action, pairs more = {}) {
    more.emplace_back("ActionNames.member.1", action);
    return more;
}

std::size_t count_of(const std::string& text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
        ++found;
    return found;
}

}  // namespace

TEST_CASE("simulation: policies by themselves") {
    estate e;
    const auto custom = [&](const std::string& text, const std::string& action, pairs more = {}) {
        more.emplace_back("PolicyInputList.member.1", text);
        return e.call("SimulateCustomPolicy", ask(action, std::move(more)));
    };
    const auto allowed = custom(allowing_on("s3:*", "*"), "s3:GetObject");
    REQUIRE(allowed.status == 200);
    CHECK(allowed.element("EvalActionName") == "s3:GetObject");
    CHECK(allowed.element("EvalResourceName") == "*");
    CHECK(allowed.element("EvalDecision") == "allowed");
    CHECK(allowed.element("SourcePolicyId") == "PolicyInputList.1");
    CHECK(allowed.has("<StartPosition><Line>1</Line><Column>38</Column></StartPosition>"));
    const std::string text = allowing_on("s3:*", "*");
    CHECK(allowed.has("<EndPosition><Line>1</Line><Column>" + std::to_string(text.size() - 1) +
                      "</Column></EndPosition>"));
    CHECK(custom(allowing_on("s3:*", "*"), "ec2:RunInstances").element("EvalDecision") ==
          "implicitDeny");
    CHECK(custom(deny_delete, "s3:DeleteObject").element("EvalDecision") == "explicitDeny");

    const auto missing = custom(with_condition, "s3:GetObject");
    CHECK(missing.element("EvalDecision") == "implicitDeny");
    CHECK(
        missing.has("<MissingContextValues><member>aws:multifactorauthpresent</member><member>"
                    "aws:principaltag/team</member></MissingContextValues>"));
    const pairs entries{{"ContextEntries.member.1.ContextKeyName", "aws:PrincipalTag/Team"},
                        {"ContextEntries.member.1.ContextKeyType", "string"},
                        {"ContextEntries.member.1.ContextKeyValues.member.1", "red"},
                        {"ContextEntries.member.2.ContextKeyName", "aws:MultiFactorAuthPresent"},
                        {"ContextEntries.member.2.ContextKeyType", "boolean"},
                        {"ContextEntries.member.2.ContextKeyValues.member.1", "true"}};
    CHECK(custom(with_condition, "s3:GetObject", entries).element("EvalDecision") == "allowed");

    const auto bounded =
        custom(allowing_on("s3:*", "*"), "s3:PutObject",
               {{"PermissionsBoundaryPolicyInputList.member.1", allowing_on("s3:Get*", "*")}});
    CHECK(bounded.element("EvalDecision") == "implicitDeny");
    CHECK(bounded.element("AllowedByPermissionsBoundary") == "false");

    const std::string of_bucket = document(
        R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/bob"},
            "Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"})");
    e.add_user(account_a, "bob");
    const auto guarded = custom(deny_delete, "s3:GetObject",
                                {{"ResourcePolicy", of_bucket},
                                 {"CallerArn", arn_in_a("user/bob")},
                                 {"ResourceArns.member.1", "arn:aws:s3:::b/x"}});
    CHECK(guarded.element("EvalDecision") == "allowed");
    CHECK(guarded.element("SourcePolicyType") == "resource");
}

TEST_CASE("simulation: what users, groups and roles may do") {
    estate e;
    e.add_user(account_a, "bob", {reader});
    e.call("CreateGroup", {{"GroupName", "devs"}});
    e.call("PutGroupPolicy",
           {{"GroupName", "devs"}, {"PolicyName", "no"}, {"PolicyDocument", deny_delete}});
    e.call("AddUserToGroup", {{"GroupName", "devs"}, {"UserName", "bob"}});
    e.call("CreateRole", {{"RoleName", "r"},
                          {"AssumeRolePolicyDocument",
                           trust(R"({"Service":"ec2.amazonaws.com"})", "\"sts:AssumeRole\"")}});
    e.call("AttachRolePolicy",
           {{"RoleName", "r"}, {"PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"}});
    const auto principal = [&](const std::string& who, const std::string& action, pairs more = {}) {
        more.emplace_back("PolicySourceArn", arn_in_a(who));
        return e.call("SimulatePrincipalPolicy", ask(action, std::move(more)));
    };
    const auto own = principal("user/bob", "s3:GetObject",
                               {{"ResourceArns.member.1", "arn:aws:s3:::bob/a"},
                                {"ResourceArns.member.2", "arn:aws:s3:::eve/a"}});
    CHECK(
        own.has("<EvalResourceName>arn:aws:s3:::bob/a</EvalResourceName>"
                "<EvalDecision>allowed</EvalDecision>"));
    CHECK(
        own.has("<EvalResourceName>arn:aws:s3:::eve/a</EvalResourceName>"
                "<EvalDecision>implicitDeny</EvalDecision>"));
    CHECK(own.element("SourcePolicyId") == "user/bob/p1");
    CHECK(own.element("SourcePolicyType") == "user");
    const auto denied = principal("user/bob", "s3:DeleteObject",
                                  {{"PolicyInputList.member.1", allowing_on("s3:*", "*")}});
    CHECK(denied.element("EvalDecision") == "explicitDeny");
    CHECK(denied.has("<SourcePolicyType>group</SourcePolicyType>"));
    CHECK(principal("group/devs", "s3:GetObject").element("EvalDecision") == "implicitDeny");
    const auto admin = principal("role/r", "ec2:RunInstances");
    CHECK(admin.element("EvalDecision") == "allowed");
    CHECK(admin.element("SourcePolicyType") == "aws-managed");

    e.call("PutUserPermissionsBoundary",
           {{"UserName", "bob"}, {"PermissionsBoundary", "arn:aws:iam::aws:policy/IAMFullAccess"}});
    CHECK(principal("user/bob", "s3:GetObject", {{"ResourceArns.member.1", "arn:aws:s3:::bob/a"}})
              .element("AllowedByPermissionsBoundary") == "false");

    // Page by page, through the resources of each action.
    const pairs two{{"ActionNames.member.2", "s3:PutObject"},
                    {"ResourceArns.member.1", "arn:aws:s3:::a"},
                    {"ResourceArns.member.2", "arn:aws:s3:::b"},
                    {"MaxItems", "3"}};
    const auto page = principal("user/bob", "s3:GetObject", two);
    CHECK(page.element("IsTruncated") == "true");
    pairs rest = two;
    rest.emplace_back("Marker", page.element("Marker"));
    const auto last = principal("user/bob", "s3:GetObject", rest);
    CHECK(last.element("EvalActionName") == "s3:PutObject");
    CHECK(last.element("EvalResourceName") == "arn:aws:s3:::b");
    CHECK(last.element("IsTruncated") == "false");

    const auto missing = principal("user/none", "s3:GetObject");
    CHECK(missing.code() == "NoSuchEntity");
    CHECK(principal("policy/x", "s3:GetObject").code() == "InvalidInput");
    CHECK(e.call("SimulatePrincipalPolicy",
                 ask("s3:GetObject", {{"PolicySourceArn", "arn:aws:iam::210987654321:user/x"}}))
              .code() == "NoSuchEntity");
    const key_pair by = e.add_user(
        account_a, "by", {allowing_on("iam:SimulatePrincipalPolicy", arn_in_a("user/by"))});
    CHECK(e.call(by, "SimulatePrincipalPolicy",
                 ask("s3:GetObject", {{"PolicySourceArn", arn_in_a("user/by")}}))
              .status == 200);
    for (const std::string who : {"user/bob", "user/none"})
        CHECK(e.call(by, "SimulatePrincipalPolicy",
                     ask("s3:GetObject", {{"PolicySourceArn", arn_in_a(who)}}))
                  .code() == "AccessDenied");
}

TEST_CASE("simulation: what cannot be simulated is refused") {
    estate e;
    const std::string good = allowing_on("s3:*", "*");
    const auto refused = [&](const pairs& given, const std::string& code) {
        const auto got = e.call("SimulateCustomPolicy", given);
        INFO(got.body);
        CHECK(got.status == 400);
        CHECK(got.code() == code);
    };
    const pairs base{{"PolicyInputList.member.1", good}};
    refused(ask("s3:GetObject"), "ValidationError");
    refused(base, "ValidationError");
    refused(ask("s3:GetObject", {{"PolicyInputList.member.1", "{}"}}), "InvalidInput");
    const auto with = [&](pairs more) {
        more.emplace_back("PolicyInputList.member.1", good);
        return ask("s3:GetObject", std::move(more));
    };
    refused(ask("s3:Get*", base), "InvalidInput");
    refused(ask("GetObject", base), "InvalidInput");
    refused(with({{"ResourceHandlingOption", "EC2-VPC-InstanceStore"}}), "InvalidInput");
    refused(with({{"ResourcePolicy", good}}), "InvalidInput");
    refused(with({{"CallerArn", arn_in_a("role/r")}}), "InvalidInput");
    refused(with({{"ResourceOwner", "someone"}}), "InvalidInput");
    refused(with({{"PermissionsBoundaryPolicyInputList.member.1", good},
                  {"PermissionsBoundaryPolicyInputList.member.2", good}}),
            "InvalidInput");
    refused(with({{"ContextEntries.member.1.ContextKeyName", "aws:x"},
                  {"ContextEntries.member.1.ContextKeyType", "string"}}),
            "InvalidInput");
    refused(with({{"ContextEntries.member.1.ContextKeyName", "aws:x"},
                  {"ContextEntries.member.1.ContextKeyType", "text"},
                  {"ContextEntries.member.1.ContextKeyValues.member.1", "v"}}),
            "ValidationError");
    refused(with({{"ContextEntries.member.1.ContextKeyName", "aws:x"},
                  {"ContextEntries.member.1.ContextKeyType", "string"},
                  {"ContextEntries.member.1.ContextKeyValues.member.1", "v"},
                  {"ContextEntries.member.1.ContextKeyValues.member.2", "w"}}),
            "InvalidInput");
    refused(with({{"Marker", "OTk"}}), "ValidationError");
}

TEST_CASE("simulation: the context keys that policies use") {
    estate e;
    e.add_user(account_a, "bob", {reader});
    const auto custom =
        e.call("GetContextKeysForCustomPolicy", {{"PolicyInputList.member.1", with_condition}});
    CHECK(
        custom.has("<ContextKeyNames><member>aws:multifactorauthpresent</member><member>"
                   "aws:principaltag/team</member></ContextKeyNames>"));
    CHECK(e.call("GetContextKeysForCustomPolicy").code() == "ValidationError");
    const auto principal = e.call(
        "GetContextKeysForPrincipalPolicy",
        {{"PolicySourceArn", arn_in_a("user/bob")}, {"PolicyInputList.member.1", with_condition}});
    CHECK(principal.has("<member>aws:username</member>"));
    CHECK(principal.has("<member>aws:principaltag/team</member>"));
    CHECK(e.call("GetContextKeysForPrincipalPolicy", {{"PolicySourceArn", arn_in_a("user/x")}})
              .code() == "NoSuchEntity");
}

TEST_CASE("simulation: a page ends when its answer or its work has grown large") {
    estate e;
    std::string statements;
    for (int i = 0; i < 200; ++i)
        statements +=
            std::string(i == 0 ? "" : ",") + R"({"Effect":"Allow","Action":"*","Resource":"*"})";
    pairs asked{{"MaxItems", "1000"}};
    for (int i = 1; i <= 10; ++i)
        asked.emplace_back("PolicyInputList.member." + std::to_string(i), document(statements));
    for (int i = 1; i <= 9; ++i)
        asked.emplace_back("ActionNames.member." + std::to_string(i), "s3:GetObject");
    std::size_t seen = 0, pages = 0;
    for (std::string marker; pages == 0 || !marker.empty(); ++pages) {
        pairs page = asked;
        if (!marker.empty()) page.emplace_back("Marker", marker);
        const answer got = e.call("SimulateCustomPolicy", page);
        REQUIRE(got.status == 200);
        // Each result has all statements.
        CHECK(count_of(got.body, "<EvalDecision>") <= 2);
        CHECK(count_of(got.body, "<EvalDecision>allowed") > 0);
        CHECK(got.has("<StartPosition><Line>1</Line><Column>38</Column></StartPosition>"));
        CHECK(got.body.size() < (2u << 20));
        seen += count_of(got.body, "<EvalDecision>");
        marker = got.element("Marker");
    }
    CHECK(seen == 9);
    CHECK(pages == 5);
    asked.emplace_back("ContextEntries.member.1.ContextKeyName", "aws:UserAgent");
    asked.emplace_back("ContextEntries.member.1.ContextKeyType", "string");
    asked.emplace_back("ContextEntries.member.1.ContextKeyValues.member.1",
                       std::string(100'000, 'a'));
    const answer refused = e.call("SimulateCustomPolicy", asked);
    CHECK(refused.code() == "InvalidInput");
    CHECK(refused.has("too large to be simulated"));
}

TEST_CASE("simulation: statements are found where they stand") {
    estate e;
    const std::string text =
        "{\"Version\":\"2012-10-17\",\"Statement\": [\n"
        "{\"Effect\":\"Deny\",\"Action\":\"s3:Put*\",\"Resource\":\"*\"} ,\n"
        "  {\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}\n]}";
    const answer got =
        e.call("SimulateCustomPolicy", ask("s3:GetObject", {{"PolicyInputList.member.1", text}}));
    CHECK(got.has("<StartPosition><Line>3</Line><Column>3</Column></StartPosition>"));
    const answer both =
        e.call("SimulateCustomPolicy", ask("s3:PutObject", {{"PolicyInputList.member.1", text}}));
    CHECK(both.has("<StartPosition><Line>2</Line><Column>1</Column></StartPosition>"));
    const std::string alone =
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
    const answer one =
        e.call("SimulateCustomPolicy", ask("s3:GetObject", {{"PolicyInputList.member.1", alone}}));
    CHECK(one.has("<StartPosition><Line>1</Line><Column>37</Column></StartPosition>"));
    CHECK(one.has("<EndPosition><Line>1</Line><Column>" + std::to_string(alone.size()) +
                  "</Column></EndPosition>"));
}
