#include "policy/analysis.hpp"

#include <list>

#include "base/time_text.hpp"
#include "helpers.hpp"

using namespace helpers;
using policy::certainty;
using kind = policy::document_kind;
using type = policy::principal::type;

namespace {

/// Principals in account 123456789012, made one by one.
class builder {
public:
    builder() { all.accounts = {"123456789012", "111122223333"}; }

    policy::known_principal& user(const std::string& name, const std::string& identity = {},
                                  const std::string& account = "123456789012") {
        policy::known_principal p;
        p.who.kind = type::user;
        p.who.account = account;
        p.arn = p.who.arn = "arn:aws:iam::" + account + ":user/" + name;
        return add(std::move(p), identity);
    }
    policy::known_principal& role(const std::string& name, const std::string& trust,
                                  const std::string& identity = {}) {
        policy::known_principal p;
        p.who.kind = type::role_session;
        p.who.account = "123456789012";
        p.arn = p.who.role_arn = "arn:aws:iam::123456789012:role/" + name;
        p.who.arn = "arn:aws:sts::123456789012:assumed-role/" + name + "/*";
        texts_.push_back(document(trust, kind::trust));
        all.roles.push_back({all.principals.size(), &texts_.back(), {}});
        return add(std::move(p), identity);
    }
    const policy::document* text(const std::string& members, kind k = kind::identity) {
        texts_.push_back(document(statement(members), k));
        return &texts_.back();
    }

    /// "alice yes, bob conditional: …"
    std::string who(const std::string& role_name) const {
        const auto* role = all.find_role("arn:aws:iam::123456789012:role/" + role_name);
        REQUIRE(role != nullptr);
        return line(policy::who_can_assume(all, *role), false);
    }
    std::string what(const std::string& by) const {
        const auto list = policy::what_can_assume(all, by);
        REQUIRE(list.has_value());
        return line(*list, true);
    }
    std::string findings() const {
        std::string out;
        for (const policy::finding& f : policy::find_all(all))
            out += (out.empty() ? "" : ", ") + f.role.substr(f.role.rfind('/') + 1) + " " +
                   policy::to_string(f.what);
        return out;
    }

    policy::estate all;

private:
    policy::known_principal& add(policy::known_principal p, const std::string& identity) {
        if (!identity.empty()) p.identity.push_back({"own", text(identity)});
        all.principals.push_back(std::move(p));
        return all.principals.back();
    }
    static std::string line(const std::vector<policy::access>& list, bool roles) {
        std::string out;
        for (const policy::access& a : list) {
            const std::string& name = roles ? a.role : a.principal;
            out += (out.empty() ? "" : ", ") +
                   (a.defined || roles ? name.substr(name.rfind('/') + 1) : name) + " " +
                   policy::to_string(a.can);
            for (const std::string& c : a.conditions)
                out += " [" + c + "]";
        }
        return out;
    }

    std::list<policy::document> texts_;
};

std::string trust(const std::string& principal, const std::string& condition = {},
                  const std::string& more = {}) {
    return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole*",
              "Principal":)" +
           principal + (condition.empty() ? "" : ",\"Condition\":" + condition) + "}" + more + "]}";
}

const std::string account = R"({"AWS":"123456789012"})";
const std::string alice = R"({"AWS":"arn:aws:iam::123456789012:user/alice"})";
const std::string can = R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*")";

}  // namespace

TEST_CASE("An account in a trust admits those of its principals who are allowed themselves") {
    builder b;
    b.user("alice", can);
    b.user("bob");
    b.user("carol", R"("Effect":"Allow","Action":"sts:*",
        "Resource":"arn:aws:iam::123456789012:role/other")");
    b.user("dan", can).boundary = policy::attached{
        "b", b.text(R"("Effect":"Allow","Action":"s3:*","Resource":"*")", kind::boundary)};
    b.user("eve", can, "111122223333");
    b.role("r", trust(account), can);
    CHECK(b.who("r") == "alice yes");
    CHECK(b.what("arn:aws:iam::123456789012:user/alice") == "r yes");
    CHECK(b.what("arn:aws:iam::123456789012:user/bob").empty());
}

TEST_CASE("Who is named needs no policy but a denial holds") {
    builder b;
    b.user("alice");
    b.role("r", trust(alice));
    b.role("s", trust(alice, {},
                      R"(,{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"*"}})"));
    CHECK(b.who("r") == "alice yes");
    CHECK(b.who("s").empty());
    CHECK(b.findings() == "s unused-trust");
    builder denied;
    denied.user("alice", R"("Effect":"Deny","Action":"sts:*","Resource":"*")");
    denied.role("r", trust(alice));
    CHECK(denied.who("r").empty());
}

TEST_CASE("What depends on the request is told and what is known is decided") {
    builder b;
    b.user("alice").tags.set("aws:PrincipalTag/team", "red");
    b.role("ext", trust(alice, R"({"StringEquals":{"sts:ExternalId":["x","y"]}})"));
    b.role("red", trust(alice, R"({"StringEquals":{"aws:PrincipalTag/team":"red"}})"));
    b.role("blue", trust(alice, R"({"StringEquals":{"aws:PrincipalTag/team":"blue"}})"));
    b.role("me", trust(alice, R"({"StringEquals":{"aws:username":"alice"}})"));
    b.role("net", trust(alice, {}, R"(,{"Effect":"Deny","Action":"sts:*","Principal":{"AWS":"*"},
        "Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}})"));
    CHECK(b.who("ext") == "alice conditional [sts:externalid StringEquals x or y]");
    CHECK(b.who("red") == "alice yes");
    CHECK(b.who("blue").empty());
    CHECK(b.who("me") == "alice yes");
    CHECK(b.who("net") == "alice conditional [unless aws:sourceip NotIpAddress 192.0.2.0/24]");
}

TEST_CASE("Sessions of a role and the role itself") {
    builder b;
    b.role("app", trust(R"({"Service":"ec2.amazonaws.com"})"), can);
    b.role("by-role", trust(R"({"AWS":"arn:aws:iam::123456789012:role/app"})"));
    b.role("by-session", trust(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/app/s1"})"));
    b.role("by-account", trust(account));
    b.role("self", trust(account), can);
    CHECK(b.who("by-role") == "app yes");
    CHECK(b.who("by-session") ==
          "app conditional [the session is arn:aws:sts::123456789012:assumed-role/app/s1]");
    CHECK(b.who("by-account") == "app yes, self yes");
    CHECK(b.who("self") == "app yes");
}

TEST_CASE("Those from elsewhere are listed and found") {
    builder b;
    b.role("svc", trust(R"({"Service":"ec2.amazonaws.com"})"));
    b.role("svc-ok", trust(R"({"Service":"ec2.amazonaws.com"})",
                           R"({"StringEquals":{"aws:SourceAccount":"123456789012"}})"));
    b.role("open", trust(R"({"AWS":"*"})"));
    b.role("vendor", trust(R"({"AWS":"999988887777"})"));
    b.role("vendor-net",
           trust(R"({"AWS":"999988887777"})", R"({"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}})"));
    b.role("vendor-ok",
           trust(R"({"AWS":"999988887777"})", R"({"StringEquals":{"sts:ExternalId":"x"}})"));
    b.role("oidc", trust(R"({"Federated":"arn:aws:iam::123456789012:oidc-provider/idp.example"})",
                         R"({"StringEquals":{"idp.example:aud":"a"}})"));
    b.role("saml", trust(R"({"Federated":"arn:aws:iam::123456789012:saml-provider/idp"})"));
    b.role("gone", trust(R"({"AWS":"arn:aws:iam::123456789012:user/nobody"})"));
    CHECK(b.who("svc") == "\"Service\":\"ec2.amazonaws.com\" yes");
    CHECK(b.who("vendor-ok") ==
          "\"AWS\":\"999988887777\" conditional [sts:externalid StringEquals x]");
    CHECK(b.who("gone").empty());
    CHECK(b.what("999988887777") ==
          "open yes, vendor yes, vendor-net conditional [aws:sourceip IpAddress 192.0.2.0/24], "
          "vendor-ok conditional [sts:externalid StringEquals x]");
    CHECK(b.what("ec2.amazonaws.com") ==
          "svc yes, svc-ok conditional [aws:sourceaccount StringEquals 123456789012]");
    CHECK(b.what("arn:aws:iam::123456789012:saml-provider/idp") == "saml yes");
    CHECK_FALSE(
        policy::what_can_assume(b.all, "arn:aws:iam::123456789012:user/nobody").has_value());
    CHECK_FALSE(policy::what_can_assume(b.all, "nonsense").has_value());
    CHECK(b.findings() ==
          "svc service-without-source, open public-access, vendor external-without-condition, "
          "vendor-net missing-external-id, vendor-ok external-access, oidc "
          "provider-without-subject, gone unknown-principal, gone unused-trust");
}

TEST_CASE("Only conditions that demand a value are worth something to the findings") {
    for (const char* lax :
         {R"({"StringEqualsIfExists":{"sts:ExternalId":"x"}})",
          R"({"StringNotEquals":{"sts:ExternalId":"x"}})", R"({"Null":{"sts:ExternalId":"true"}})",
          R"({"StringLike":{"sts:ExternalId":"*"}})",
          R"({"ForAllValues:StringEquals":{"sts:ExternalId":"x"}})"}) {
        INFO(lax);
        builder b;
        b.role("vendor", trust(R"({"AWS":"999988887777"})", lax));
        CHECK(b.findings() == "vendor missing-external-id");
    }
    builder b;
    b.role("any-source",
           trust(R"({"Service":"ec2.amazonaws.com"})", R"({"StringLike":{"aws:SourceArn":"*"}})"));
    b.role("maybe-source", trust(R"({"Service":"ec2.amazonaws.com"})",
                                 R"({"StringEqualsIfExists":{"aws:SourceAccount":"1"}})"));
    b.role("own-source", trust(R"({"Service":"ec2.amazonaws.com"})",
                               R"({"ArnLike":{"aws:SourceArn":"arn:aws:s3:::own-*"}})"));
    b.role("any-subject",
           trust(R"({"Federated":"arn:aws:iam::123456789012:oidc-provider/idp"})",
                 R"({"StringEquals":{"idp:aud":"a"},"StringLike":{"idp:sub":"*"}})"));
    CHECK(b.findings() ==
          "any-source service-without-source, maybe-source service-without-source, any-subject "
          "provider-without-subject");
}

TEST_CASE("One session of a role, and everyone in an account") {
    builder b;
    b.user("alice", R"("Effect":"Allow","Action":"sts:*","Resource":"*")");
    b.user("other", {}, "111122223333");
    b.role("ops", trust(R"({"AWS":"arn:aws:iam::123456789012:user/alice"})"),
           R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*")");
    b.role("named", trust(R"({"AWS":"arn:aws:sts::123456789012:assumed-role/ops/night"})"));
    b.role("open", trust(R"({"AWS":"123456789012"})"));
    CHECK(b.what("arn:aws:iam::123456789012:role/ops") ==
          "named conditional [the session is "
          "arn:aws:sts::123456789012:assumed-role/ops/night], open yes");
    CHECK(b.what("arn:aws:sts::123456789012:assumed-role/ops/night") == "named yes, open yes");
    CHECK(b.what("arn:aws:sts::123456789012:assumed-role/ops/day") == "open yes");
    CHECK_FALSE(policy::what_can_assume(b.all, "arn:aws:sts::123456789012:assumed-role/op/day"));
    CHECK_FALSE(policy::what_can_assume(b.all, "arn:aws:iam::123456789012:user/nobody"));
    CHECK(b.what("arn:aws:sts::123456789012:federated-user/bob").empty());
    for (const char* account : {"123456789012", "arn:aws:iam::123456789012:root"})
        CHECK(b.what(account) ==
              "ops yes, open yes, named conditional [the session is "
              "arn:aws:sts::123456789012:assumed-role/ops/night], open yes");
    CHECK(b.what("111122223333").empty());
    CHECK(policy::what_can_assume(b.all, "123456789012")->front().principal ==
          "arn:aws:iam::123456789012:user/alice");
}

TEST_CASE("Trusts that no request can meet any more are unused") {
    struct row {
        const char* condition;
        bool never;
    };
    // Now is 2026-11-28T12:00:00Z.
    const row rows[] = {
        {R"({"DateLessThan":{"aws:CurrentTime":"2026-11-28T12:00:00Z"}})", true},
        {R"({"DateLessThanEquals":{"aws:CurrentTime":"2026-11-28T12:00:00Z"}})", false},
        {R"({"DateLessThan":{"aws:CurrentTime":["2020-01-01","2030-01-01"]}})", false},
        {R"({"DateEquals":{"aws:CurrentTime":"2020-01-01"}})", true},
        {R"({"DateNotEquals":{"aws:CurrentTime":"2020-01-01"}})", false},
        {R"({"DateGreaterThan":{"aws:CurrentTime":"2030-01-01"}})", false},
        {R"({"NumericLessThan":{"aws:EpochTime":"1000000000"}})", true},
        {R"({"DateLessThanIfExists":{"aws:CurrentTime":"2020-01-01"}})", true},
        {R"({"DateLessThan":{"aws:CurrentTime":"2020-01-01"},)"
         R"("DateGreaterThan":{"aws:CurrentTime":"2019-01-01"}})",
         true},
        {R"({"DateLessThan":{"aws:CurrentTime":"2030-01-01"},)"
         R"("DateGreaterThan":{"aws:CurrentTime":"2031-01-01"}})",
         true},
        {R"({"DateLessThan":{"aws:CurrentTime":"2031-01-01"},)"
         R"("DateGreaterThan":{"aws:EpochTime":"2030-01-01"}})",
         false},
        {R"({"DateLessThan":{"aws:TokenIssueTime":"2020-01-01"}})", false},
        {R"({"StringEquals":{"sts:ExternalId":"a"},"StringNotEquals":{"sts:ExternalId":"a"}})",
         true},
        {R"({"StringEquals":{"sts:ExternalId":["a","b"]},"StringNotEquals":{"sts:ExternalId":"a"}})",
         false},
        {R"({"StringEquals":{"sts:ExternalId":"a"},"StringLike":{"sts:ExternalId":"b*"}})", true},
        {R"({"StringLike":{"sts:ExternalId":"a*"},"StringNotLike":{"sts:ExternalId":"a*"}})",
         false},
        {R"({"StringEquals":{"sts:ExternalId":"a"},"Null":{"sts:ExternalId":"true"}})", true},
        {R"({"StringEqualsIfExists":{"sts:ExternalId":"a"},"Null":{"sts:ExternalId":"true"}})",
         false},
        {R"({"StringLike":{"sts:ExternalId":"a*"},"Null":{"sts:ExternalId":"true"}})", true},
        {R"({"StringEquals":{"sts:ExternalId":"${aws:username}"},)"
         R"("StringNotEquals":{"sts:ExternalId":"a"}})",
         false},
        {R"({"Bool":{"aws:MultiFactorAuthPresent":"true"},)"
         R"("BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}})",
         true},
        {R"({"StringEquals":{"aws:TagKeys":"team"}})", true},
        {R"({"StringNotEquals":{"aws:TagKeys":"team"}})", false},
        {R"({"ForAnyValue:StringEquals":{"aws:TagKeys":"team"}})", false},
        {R"({"StringEquals":{"aws:TagKeys":[]}})", true},
    };
    for (const row& r : rows) {
        INFO(r.condition);
        builder b;
        b.all.now = base::parse_iso8601("2026-11-28T12:00:00Z").value();
        b.user("alice");
        b.role("r", statement(R"("Effect":"Allow","Action":"sts:AssumeRole","Principal":)"
                              R"({"AWS":"arn:aws:iam::123456789012:user/alice"},"Condition":)" +
                              std::string(r.condition)));
        CHECK(b.who("r").empty() == r.never);
        CHECK(b.findings() == (r.never ? "r unused-trust, r unused-trust" : ""));
        // Whoever says no time is told nothing about it.
        b.all.now.reset();
        if (std::string_view(r.condition).find("Time\"") != std::string_view::npos)
            CHECK_FALSE(b.who("r").empty());
    }
}

TEST_CASE("Denials by the time hold or are over") {
    builder b;
    b.all.now = base::parse_iso8601("2026-11-28T12:00:00Z").value();
    b.user("alice");
    const auto denying = [](const std::string& condition) {
        return R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
               R"("Principal":{"AWS":"arn:aws:iam::123456789012:user/alice"}},)"
               R"({"Effect":"Deny","Action":"sts:*","Principal":{"AWS":"*"},"Condition":)" +
               condition + "}]}";
    };
    b.role("over", denying(R"({"DateLessThan":{"aws:CurrentTime":"2026-01-01"}})"));
    b.role("closed", denying(R"({"DateGreaterThan":{"aws:CurrentTime":"2026-01-01"}})"));
    b.role("closing", denying(R"({"DateGreaterThan":{"aws:CurrentTime":"2027-01-01"}})"));
    CHECK(b.who("over") == "alice yes");
    CHECK(b.who("closed").empty());
    CHECK(b.who("closing") ==
          "alice conditional [unless aws:currenttime DateGreaterThan 2027-01-01]");
    CHECK(b.findings() == "closed unused-trust");
}

TEST_CASE("Identity providers of accounts that are not defined are found") {
    builder b;
    const auto federated = [](const std::string& provider, const std::string& action,
                              const std::string& condition) {
        return statement(R"("Effect":"Allow","Action":"sts:)" + action +
                         R"(","Principal":{"Federated":")" + provider + R"("},"Condition":)" +
                         condition);
    };
    const std::string oidc = R"({"StringEquals":{"idp.example:aud":"a","idp.example:sub":"b"}})";
    const std::string saml = R"({"StringEquals":{"SAML:aud":"https://x"}})";
    b.role("ours",
           federated("arn:aws:iam::123456789012:saml-provider/Corp", "AssumeRoleWithSAML", saml));
    b.role("saml",
           federated("arn:aws:iam::999988887777:saml-provider/Corp", "AssumeRoleWithSAML", saml));
    b.role("oidc", federated("arn:aws:iam::999988887777:oidc-provider/idp.example",
                             "AssumeRoleWithWebIdentity", oidc));
    b.role("google", federated("accounts.google.com", "AssumeRoleWithWebIdentity",
                               R"({"StringEquals":{"accounts.google.com:aud":"a",)"
                               R"("accounts.google.com:sub":"b"}})"));
    CHECK(b.findings() == "saml unknown-provider, oidc unknown-provider");
}

TEST_CASE("A trust in everyone that keeps strangers out is not one in everyone") {
    builder b;
    b.user("alice", R"("Effect":"Allow","Action":"sts:AssumeRole","Resource":"*")");
    b.role("own",
           trust(R"({"AWS":"*"})", R"({"StringEquals":{"aws:PrincipalAccount":"123456789012"}})"));
    b.role("denied", R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"},
        {"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*","Condition":
            {"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}}}]})");
    b.role("lax", trust(R"({"AWS":"*"})",
                        R"({"StringNotEquals":{"aws:PrincipalAccount":"111122223333"}})"));
    CHECK(b.findings() == "lax external-access");
}

TEST_CASE("A role elsewhere can do what its account is trusted with") {
    builder b;
    b.role("open", trust(R"({"AWS":"arn:aws:iam::999988887777:root"})"));
    b.role("one-session", trust(R"({"AWS":"arn:aws:sts::999988887777:assumed-role/ops/night"})"));
    b.role("by-arn", trust(R"({"AWS":"999988887777"})", R"({"ArnLike":{
        "aws:PrincipalArn":"arn:aws:iam::999988887777:role/team/*"}})"));
    CHECK(b.what("arn:aws:iam::999988887777:role/ops") ==
          "open yes, one-session conditional [the session is "
          "arn:aws:sts::999988887777:assumed-role/ops/night]");
    CHECK(b.what("arn:aws:iam::999988887777:role/team/ops").find("by-arn yes") !=
          std::string::npos);
    // Of which role that is a session, with its path, nobody here knows.
    CHECK(b.what("arn:aws:sts::999988887777:assumed-role/ops/night") ==
          "open yes, one-session yes, by-arn conditional [aws:principalarn ArnLike "
          "arn:aws:iam::999988887777:role/team/*]");
}

TEST_CASE("Accounts elsewhere are of the partition that they are named with, or of the roles'") {
    builder b;
    auto& role = b.role("open", trust(R"({"AWS":"arn:aws-cn:iam::999988887777:root"})"));
    role.arn = role.who.role_arn = "arn:aws-cn:iam::123456789012:role/open";
    CHECK(b.what("arn:aws-cn:iam::999988887777:root") == "open yes");
    CHECK(b.what("999988887777") == "open yes");
    CHECK(b.what("arn:aws:iam::999988887777:root").empty());
}
