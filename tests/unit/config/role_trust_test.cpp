#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

/// Of a profile with these fields besides its role, and a role with this trust policy: what is said
/// about it, without its place.
lines said(const std::string& fields, const std::string& statements) {
    fake_environment from;
    from.files["trust.json"] = "{\"Version\":\"2012-10-17\",\"Statement\":[" + statements + "]}";
    lines all = said_about(
        "apiVersion: imdsd/v1\n"
        "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
        "bindings: [{user: self, profile: p}]\n"
        "sources: {local: {type: core}}\n"
        "issuer: {accounts: {'123456789012': {roles: {r: {tags: {env: prod}, trust_policy: "
        "{file: trust.json}}}}}}\n"
        "profiles:\n"
        "  p:\n"
        "    role: arn:aws:iam::123456789012:role/r\n"
        "    source: local\n" +
            (fields.empty() ? "" : "    " + fields + "\n"),
        from);
    for (std::string& line : all)
        line.erase(0, line.find(": ") + 2);
    return all;
}

std::string allow(const std::string& actions, const std::string& more = "",
                  const std::string& principal = R"({"Service":"ec2.amazonaws.com"})") {
    return R"({"Effect":"Allow","Principal":)" + principal + R"(,"Action":)" + actions + more + "}";
}
std::string only_if(const std::string& condition) {
    return ",\"Condition\":{" + condition + "}";
}

lines warning(const std::string& field, const std::string& action) {
    return {"warning: profile 'p': the issuer will refuse its role: for '" + field +
            "' the trust policy of 'r' must allow ec2.amazonaws.com to do " + action};
}

const std::string assume = R"("sts:AssumeRole")";
const lines nothing;

}  // namespace

TEST_CASE("A role that does not trust the daemon's principal is warned of") {
    CHECK(said("", allow(assume)) == nothing);
    CHECK(said("", allow(R"("sts:*")")) == nothing);
    const lines refused = warning("role", "sts:AssumeRole");
    CHECK(said("", allow(assume, "", R"({"Service":"lambda.amazonaws.com"})")) == refused);
    CHECK(said("", allow(assume, "", R"({"AWS":"123456789012"})")) == refused);
    CHECK(said("", allow(R"("sts:TagSession")")) == refused);
    CHECK(
        said(
            "",
            allow(assume) + "," +
                R"({"Effect":"Deny","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"})") ==
        refused);
    // One warning: the rest follows from it.
    CHECK(said("tags: {a: b}", allow(assume, "", R"({"Service":"lambda.amazonaws.com"})")) ==
          refused);
}

TEST_CASE("What the profile sends along needs its own permission") {
    CHECK(said("tags: {a: b}", allow(assume)) == warning("tags", "sts:TagSession"));
    CHECK(said("tags: {a: b}", allow(R"(["sts:AssumeRole","sts:TagSession"])")) == nothing);
    CHECK(said("source_identity: me", allow(assume)) ==
          warning("source_identity", "sts:SetSourceIdentity"));
    CHECK(said("source_identity: me", allow(R"(["sts:AssumeRole","sts:SetSourceIdentity"])")) ==
          nothing);
    CHECK(
        said(
            "tags: {a: b}",
            allow(R"("sts:*")") + "," +
                R"({"Effect":"Deny","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:TagSession"})") ==
        warning("tags", "sts:TagSession"));
}

TEST_CASE("Conditions on what is known are judged, others are left to the issuer") {
    const auto with = [](const std::string& fields, const std::string& condition) {
        return said(fields, allow(R"("sts:*")", only_if(condition)));
    };
    const lines refused = warning("role", "sts:AssumeRole");
    const std::string id = R"("StringEquals":{"sts:ExternalId":"x1"})";
    CHECK(with("", id) == refused);
    CHECK(with("external_id: x2", id) == refused);
    CHECK(with("external_id: x1", id) == nothing);
    const std::string tag = R"("StringEquals":{"aws:RequestTag/team":"${aws:ResourceTag/env}"})";
    CHECK(with("tags: {team: prod}", tag) == nothing);
    CHECK(with("tags: {team: test}", tag) == refused);
    CHECK(with("", R"("StringEquals":{"aws:SourceAccount":"123456789012"})") == nothing);
    CHECK(with("", R"("StringEquals":{"aws:SourceAccount":"123456789013"})") == refused);
    CHECK(with("", R"("StringEquals":{"aws:PrincipalOrgID":"o-1"})") == refused);
    for (const std::string later :
         {R"("DateLessThan":{"aws:CurrentTime":"2001-01-01T00:00:00Z"})",
          R"("StringLike":{"sts:RoleSessionName":"never*"})",
          R"("ArnLike":{"aws:SourceArn":"arn:aws:ec2:*:*:instance/i-0"})",
          R"("StringEquals":{"aws:SourceAccount":"${sts:RoleSessionName}"})"}) {
        CAPTURE(later);
        CHECK(with("", later) == nothing);
        CHECK(
            said(
                "",
                allow(assume) +
                    R"(,{"Effect":"Deny","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:*")" +
                    only_if(later) + "}") == nothing);
    }
    // Known not to hold besides what is open.
    CHECK(
        with(
            "",
            R"("StringLike":{"sts:RoleSessionName":"i-*"},"StringEquals":{"sts:ExternalId":"x"})") ==
        refused);
}
