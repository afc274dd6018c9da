#include "fixture.hpp"
#include "support/catch.hpp"

namespace {

const std::string extended = "/latest/meta-data/iam/security-credentials-extended/";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("P05: a slashless directory is listed, or redirected on request") {
    fixture f;
    CHECK(f.get("/latest/meta-data").status == 200);
    f.options.redirect_slashless_directories = true;
    const auto reply = f.get("/latest/meta-data", {{"Host", "169.254.169.254"}});
    CHECK(reply.status == 301);
    CHECK(reply.body.empty());
    CHECK(has(reply.headers, "Location: http://169.254.169.254/latest/meta-data/\r\n"));
    CHECK(has(f.get("/latest/meta-data").headers,
              "Location: http://169.254.169.254/latest/meta-data/\r\n"));
    CHECK(has(f.get("http://[fd00:ec2::254]/latest/dynamic").headers,
              "Location: http://[fd00:ec2::254]/latest/dynamic/\r\n"));
    for (const char* path : {"/", "/latest", "/latest/", "/1.0", "/latest/meta-data/",
                             "/latest/meta-data/instance-id", "/latest/meta-data/instance-id/"})
        CHECK(f.get(path).status == 200);
    f.profile.metadata.http_tokens_required = true;
    f.changed();
    CHECK(f.get("/latest/meta-data").status == 401);
}

TEST_CASE("I16, I17: the extended document is there only when asked for") {
    fixture f;
    auto issued = std::make_shared<aws::credentials>(f.issued());
    f.credentials = imds::valid_state(f.profile, issued, f.now, 1);
    CHECK(f.get(extended).status == 404);
    CHECK(f.get(extended + "app-role").status == 404);
    f.profile.metadata.extended_credentials = true;
    f.credentials = imds::valid_state(f.profile, issued, f.now, 1);
    f.changed();
    CHECK(f.get(extended).body == "app-role");
    const auto reply = f.get(extended + "app-role");
    CHECK(reply.done.what == imds::outcome::kind::credentials_served);
    CHECK(has(reply.body, "\"AccountId\" : \"123456789012\"\n}"));
    CHECK_FALSE(
        has(f.get("/latest/meta-data/iam/security-credentials/app-role").body, "AccountId"));
    f.profile.granted_role.reset();
    f.changed();
    CHECK(f.get(extended).status == 404);
}

TEST_CASE("Without IPv6, callers over IPv6 meet a disabled endpoint") {
    fixture f;
    f.over_ipv6 = true;
    CHECK(f.get("/latest/meta-data/instance-id").status == 200);
    f.profile.metadata.http_protocol_ipv6_enabled = false;
    f.changed();
    const auto reply = f.get("/latest/meta-data/instance-id");
    CHECK(reply.status == 403);
    CHECK(reply.body.empty());
    CHECK(f.token().empty());
    f.over_ipv6 = false;
    CHECK(f.get("/latest/meta-data/instance-id").status == 200);
}
