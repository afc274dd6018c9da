// Cases of the specification by their ids, as tables. Those that need a request on the wire are in
// the protocol tests.
#include "helpers.hpp"
#include "policy/authorize.hpp"

using namespace helpers;
using policy::effect;
using kind = policy::document_kind;
using type = policy::principal::type;

namespace {

constexpr const char* role_arn = "arn:aws:iam::123456789012:role/team/reader";

policy::principal alice() {
    policy::principal p;
    p.kind = type::user;
    p.account = "123456789012";
    p.arn = "arn:aws:iam::123456789012:user/alice";
    p.unique_id = "AIDAALICEALICEALICE12";
    return p;
}
policy::principal session() {
    policy::principal p;
    p.kind = type::role_session;
    p.account = "123456789012";
    p.arn = "arn:aws:sts::123456789012:assumed-role/app/s1";
    p.role_arn = "arn:aws:iam::123456789012:role/app";
    p.unique_id = "AROAAPPAPPAPPAPPAPP12";
    return p;
}

struct setup {
    std::string trust_principal = R"({"AWS":"123456789012"})";
    std::string trust_condition = {};
    std::string identity = {};  ///< members of one statement
    std::string boundary = {};
    bool own_role = false;
    std::vector<std::pair<std::string, std::string>> facts = {};
};

const std::string can_assume = R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*")";
const std::string other = R"("Effect":"Allow","Action":"s3:*","Resource":"*")";

effect assume(const setup& s, const policy::principal& by) {
    std::string members =
        "\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":" + s.trust_principal;
    if (!s.trust_condition.empty()) members += ",\"Condition\":" + s.trust_condition;
    const auto trust = document(statement(members), kind::trust);
    policy::document identity, boundary;
    policy::context facts;
    for (const auto& [key, value] : s.facts)
        facts.set(key, value);
    policy::question q{"sts:AssumeRole", s.own_role ? std::string_view(by.role_arn) : role_arn,
                       "123456789012", by, facts};
    q.resource_must_allow = true;
    q.delegation = !s.own_role;
    q.resource_policy = policy::attached{{}, &trust};
    policy::attached own[1];
    if (!s.identity.empty()) {
        identity = document(statement(s.identity));
        own[0] = {"own", &identity};
        q.identity = own;
    }
    if (!s.boundary.empty()) {
        boundary = document(statement(s.boundary), kind::boundary);
        q.boundary = policy::attached{"b", &boundary};
    }
    return policy::authorize(q).outcome;
}

}  // namespace

TEST_CASE("AssumeRole cases that policies alone decide",
          "[A2][A3][A5][A27][A29][A53][A54][A56][A60][A61][A63][E28]") {
    struct row {
        const char* id;
        setup s;
        policy::principal by;
        effect outcome;
    };
    const std::string external = R"({"StringEquals":{"sts:ExternalId":"x"}})";
    const std::string by_name = R"({"StringEquals":{"sts:RoleSessionName":"${aws:username}"}})";
    const std::string by_address = R"({"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}})";
    const std::string names_alice = R"({"AWS":"arn:aws:iam::123456789012:user/alice"})";
    const std::string names_app = R"({"AWS":"arn:aws:iam::123456789012:role/app"})";
    const std::string account = R"({"AWS":"arn:aws:iam::123456789012:root"})";
    const std::string revoked =
        R"("Effect":"Deny","Action":"*","Resource":"*",
           "Condition":{"DateLessThan":{"aws:TokenIssueTime":"2030-01-01T00:00:00Z"}})";
    const row rows[] = {
        {"A2", {account}, alice(), effect::implicit_deny},
        {"A3", {account, {}, can_assume}, alice(), effect::allow},
        {"A5",
         {names_alice, {}, R"("Effect":"Deny","Action":"sts:*","Resource":"*")"},
         alice(),
         effect::explicit_deny},
        {"A27 without", {names_alice, external}, alice(), effect::implicit_deny},
        {"A27 other",
         {names_alice, external, {}, {}, false, {{"sts:ExternalId", "y"}}},
         alice(),
         effect::implicit_deny},
        {"A27 case",
         {names_alice, external, {}, {}, false, {{"sts:ExternalId", "X"}}},
         alice(),
         effect::implicit_deny},
        {"A27",
         {names_alice, external, {}, {}, false, {{"sts:ExternalId", "x"}}},
         alice(),
         effect::allow},
        {"A29",
         {names_alice, {}, {}, {}, false, {{"sts:ExternalId", "x"}}},
         alice(),
         effect::allow},
        {"A53",
         {names_alice,
          by_name,
          {},
          {},
          false,
          {{"aws:username", "alice"}, {"sts:RoleSessionName", "alice"}}},
         alice(),
         effect::allow},
        {"A53 other",
         {names_alice,
          by_name,
          {},
          {},
          false,
          {{"aws:username", "alice"}, {"sts:RoleSessionName", "bob"}}},
         alice(),
         effect::implicit_deny},
        {"A54",
         {names_alice, by_address, {}, {}, false, {{"aws:SourceIp", "10.0.0.1"}}},
         alice(),
         effect::implicit_deny},
        {"A56", {account, {}, can_assume, {}, true}, session(), effect::implicit_deny},
        {"A56 named", {names_app, {}, {}, {}, true}, session(), effect::allow},
        {"A60", {names_app, {}, {}, other}, session(), effect::implicit_deny},
        {"A61",
         {names_alice, R"({"NumericLessThan":{"sts:DurationSeconds":"3601"}})"},
         alice(),
         effect::implicit_deny},
        {"A63", {account, {}, revoked}, alice(), effect::implicit_deny},
        {"A63 session",
         {account, {}, revoked, {}, false, {{"aws:TokenIssueTime", "2026-01-01T00:00:00Z"}}},
         alice(),
         effect::explicit_deny},
        {"E28",
         {account,
          R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/app"}})",
          can_assume,
          {},
          false,
          {{"aws:PrincipalArn", "arn:aws:iam::123456789012:role/app"}}},
         session(),
         effect::allow},
        {"E28 session",
         {account,
          R"({"ArnEquals":{"aws:PrincipalArn":"arn:aws:sts::123456789012:assumed-role/app/s1"}})",
          can_assume,
          {},
          false,
          {{"aws:PrincipalArn", "arn:aws:iam::123456789012:role/app"}}},
         session(),
         effect::implicit_deny},
    };
    for (const row& r : rows) {
        INFO(r.id);
        CHECK(assume(r.s, r.by) == r.outcome);
    }
}

TEST_CASE("A57: a principal that is created again under its name is somebody else", "[A57]") {
    auto trust = document(statement(R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":
        {"AWS":["arn:aws:iam::123456789012:user/alice","arn:aws:iam::123456789012:role/app",
                "arn:aws:iam::123456789012:user/nobody"]})"),
                          kind::trust);
    const auto unknown = trust.bind([](std::string_view arn) -> std::optional<std::string> {
        if (arn == "arn:aws:iam::123456789012:user/alice") return "AIDAALICEALICEALICE12";
        if (arn == "arn:aws:iam::123456789012:role/app") return "AROAAPPAPPAPPAPPAPP12";
        return std::nullopt;
    });
    CHECK(unknown == texts{"arn:aws:iam::123456789012:user/nobody"});
    const auto asks = [&](const policy::principal& by) {
        return policy::evaluate_trust(trust, "sts:AssumeRole", by, {}).outcome;
    };
    CHECK(asks(alice()) == effect::allow);
    CHECK(asks(session()) == effect::allow);
    auto again = alice();
    again.unique_id = "AIDAALICEALICEALICE99";
    CHECK(asks(again) == effect::implicit_deny);
    auto role_again = session();
    role_again.unique_id = "AROAAPPAPPAPPAPPAPP99";
    CHECK(asks(role_again) == effect::implicit_deny);
    // A name that nobody had when the policy was stored matches nobody, whatever their id.
    auto nobody = alice();
    nobody.arn = "arn:aws:iam::123456789012:user/nobody";
    nobody.unique_id.clear();
    CHECK(asks(nobody) == effect::implicit_deny);
}

TEST_CASE("Provider ARNs are not bound to an incarnation") {
    auto trust = document(statement(R"("Effect":"Allow","Action":"sts:AssumeRoleWithSAML",
        "Principal":{"Federated":"arn:aws:iam::123456789012:saml-provider/idp"})"),
                          kind::trust);
    CHECK(trust.bind([](std::string_view) { return std::nullopt; }).empty());
    policy::principal by;
    by.kind = type::federated;
    by.provider = "arn:aws:iam::123456789012:saml-provider/idp";
    CHECK(policy::evaluate_trust(trust, "sts:AssumeRoleWithSAML", by, {}).outcome == effect::allow);
    CHECK(policy::evaluate_trust(trust, "sts:AssumeRole", by, {}).outcome == effect::implicit_deny);
}

TEST_CASE("Principal and Condition are judged in the same statement") {
    // Two statements that only together would let alice in.
    const auto trust = document(R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"210987654321"},
         "Condition":{"StringEquals":{"sts:ExternalId":"x"}}},
        {"Effect":"Allow","Action":"sts:AssumeRole",
         "Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"},
         "Condition":{"StringEquals":{"sts:ExternalId":"y"}}}]})",
                                kind::trust);
    policy::context facts;
    facts.set("sts:ExternalId", "x");
    CHECK(policy::evaluate_trust(trust, "sts:AssumeRole", alice(), facts).outcome ==
          effect::implicit_deny);
    facts.set("sts:ExternalId", "y");
    CHECK(policy::evaluate_trust(trust, "sts:AssumeRole", alice(), facts).outcome == effect::allow);
}

TEST_CASE("NotPrincipal spares only whom it names in full") {
    const auto with = [](const std::string& list, const policy::principal& by) {
        const auto d = document(statement(R"("Effect":"Deny","Action":"s3:*","Resource":"*",
            "NotPrincipal":{"AWS":)" + list +
                                          "}"),
                                kind::resource);
        return policy::evaluate_resource(d, {"s3:GetObject", "arn:aws:s3:::b/x"}, by, {}).outcome;
    };
    const std::string user = R"("arn:aws:iam::123456789012:user/alice")";
    const std::string root = R"("arn:aws:iam::123456789012:root")";
    const std::string role = R"("arn:aws:iam::123456789012:role/app")";
    const std::string one = R"("arn:aws:sts::123456789012:assumed-role/app/s1")";
    CHECK(with("[" + user + "," + root + "]", alice()) == effect::implicit_deny);
    CHECK(with(user, alice()) == effect::explicit_deny);
    CHECK(with(root, alice()) == effect::explicit_deny);
    CHECK(with("[" + one + "," + role + "," + root + "]", session()) == effect::implicit_deny);
    CHECK(with("[" + role + "," + root + "]", session()) == effect::explicit_deny);
    CHECK(with("[" + user + "," + root + "]", policy::principal()) == effect::explicit_deny);
    CHECK(with("\"*\"", alice()) == effect::implicit_deny);
    CHECK(refusal(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*",
        "NotPrincipal":{"AWS":"*"})"),
                  kind::resource)
              .find("Syntax errors in policy.") == 0);
}

TEST_CASE("Resource policies have a principal and a resource of every form") {
    const auto takes = [](const std::string& principal) {
        return refusal(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*","Principal":)" +
                                 principal),
                       kind::resource)
            .empty();
    };
    CHECK(takes("\"*\""));
    CHECK(takes(R"({"AWS":"*"})"));
    CHECK(takes(R"({"Service":["s3.amazonaws.com","ec2.amazonaws.com"]})"));
    CHECK(takes(R"({"Federated":"cognito-identity.amazonaws.com"})"));
    CHECK(takes(R"({"CanonicalUser":")" + std::string(64, 'a') + "\"}"));
    CHECK_FALSE(takes(R"({"CanonicalUser":"x"})"));
    CHECK_FALSE(takes("\"alice\""));
    CHECK_FALSE(takes(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/app"})"));
    CHECK_FALSE(takes(R"({"AWS":"arn:aws:sts::123456789012:federated-user/"})"));
    CHECK(refusal(statement(R"("Effect":"Allow","Action":"s3:*","Principal":"*")"),
                  kind::resource) == "Policy statement must contain resources.");
    CHECK(refusal(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*")"),
                  kind::resource) == "Missing required field Principal");
}

TEST_CASE("Problems are found one per statement, each with its place") {
    const auto wrong = policy::document::check(R"({"Version":"2012-10-17","Statement":[
        {"Effect":"allow","Action":"s3:*","Resource":"*"},
        {"Effect":"Allow","Action":"s3:*","Resource":"*"},
        {"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*",
         "Condition":{"Bool":{"aws:SecureTransport":"maybe"}}}]})",
                                               kind::identity);
    REQUIRE(wrong.size() == 2);
    CHECK(wrong[0].path == texts{"Statement", "0", "Effect"});
    CHECK(wrong[1].path == texts{"Statement", "2", "Condition", "Bool", "aws:SecureTransport"});
    CHECK(policy::document::check("{", kind::identity).size() == 1);
}

TEST_CASE("Condition keys have a vendor and stand once under an operator") {
    CHECK(refusal(statement(other + R"(,"Condition":{"Bool":{"SecureTransport":"true"}})"))
              .find("Actions/Conditions must be prefaced by a vendor") == 0);
    CHECK_FALSE(refusal(statement(other + R"(,"Condition":{"StringEquals":
        {"aws:username":"a","AWS:UserName":"b"}})"))
                    .empty());
}
