#include "support/catch.hpp"
#include "unit/imds/fixture.hpp"

using namespace std::chrono_literals;

namespace {

constexpr std::string_view ttl = "X-aws-ec2-metadata-token-ttl-seconds";
constexpr std::string_view token_name = "X-aws-ec2-metadata-token";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A token PUT answers 200 only for a decimal life from 1 to 21600") {
    fixture f;
    for (const char* good : {"1", "60", "21600", "00060"}) {
        const auto r = f.ask("PUT", "/latest/api/token", {{ttl, good}});
        INFO(good);
        CHECK(r.status == 200);
        CHECK(r.body.size() == 56);
        CHECK(r.done.what == imds::outcome::kind::token_issued);
        CHECK_FALSE(has(r.headers, "Last-Modified"));
        CHECK(has(r.headers, std::string(ttl) + ": "));
    }
    for (const char* bad : {"", "0", "-1", "21601", "60.5", "+60", "0x3c", "abc",
                            "99999999999999999999", "6 0", "60s"}) {
        const auto r = f.ask("PUT", "/latest/api/token", {{ttl, bad}});
        INFO(bad);
        CHECK(r.status == 400);
        CHECK(r.body.size() == 341);
    }
    CHECK(f.ask("PUT", "/latest/api/token").status == 400);
    CHECK(f.ask("PUT", "/latest/api/token", {{ttl, "60"}, {ttl, "60"}}).status == 400);
}

TEST_CASE("A token PUT through a proxy is forbidden whatever the case of the name") {
    fixture f;
    for (const char* name : {"X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-FOR"}) {
        const auto r = f.ask("PUT", "/latest/api/token", {{ttl, "60"}, {name, ""}});
        CHECK(r.status == 403);
        CHECK(r.body.empty());
        CHECK(r.done.what == imds::outcome::kind::forwarded_refused);
    }
    CHECK(f.ask("PUT", "/latest/api/token", {{ttl, "60"}, {"Forwarded", "for=x"}}).status == 200);
}

TEST_CASE("PUT elsewhere is 403 and other methods on the token path are 405") {
    fixture f;
    for (const char* path : {"/2021-03-23/api/token", "/latest/api/token/",
                             "/latest/meta-data/instance-id", "/", "/latest/api/Token"}) {
        const auto r = f.ask("PUT", path, {{ttl, "60"}});
        INFO(path);
        CHECK(r.status == 403);
        CHECK(r.body.empty());
        CHECK(has(r.headers, "Content-Type: text/plain"));
    }
    for (const char* method : {"GET", "HEAD", "POST", "DELETE"}) {
        const auto r = f.ask(method, "/latest/api/token", {{ttl, "60"}});
        CHECK(r.status == 405);
        CHECK(r.reason == "Not Allowed");
        CHECK(has(r.headers, "Allow: OPTIONS, PUT\r\n"));
        CHECK(r.body.empty());
    }
    CHECK(f.ask("OPTIONS", "/latest/api/token").status == 200);
    CHECK(f.ask("PUT", "//latest//api/token", {{ttl, "60"}}).status == 200);
    CHECK(f.get("/latest/api").status == 404);
    CHECK(f.get("/latest/api/").status == 404);
    const auto post = f.ask("POST", "/latest/meta-data/instance-id");
    CHECK(post.status == 405);
    CHECK(has(post.headers, "Allow: GET, HEAD, OPTIONS"));
}

TEST_CASE("With tokens required every path without one is 401") {
    fixture f;
    f.profile.metadata.http_tokens_required = true;
    for (const char* path : {"/", "/latest/", "/latest/meta-data/instance-id", "/latest/nope",
                             "/latest/dynamic/instance-identity/document"}) {
        const auto r = f.get(path);
        INFO(path);
        CHECK(r.status == 401);
        CHECK(r.body.size() == 343);
        CHECK(has(r.headers, "text/html"));
        CHECK_FALSE(has(r.headers, "WWW-Authenticate"));
        CHECK(r.done.what == imds::outcome::kind::v1_refused);
    }
    const std::string token = f.token();
    CHECK(f.get("/latest/meta-data/instance-id", {{token_name, token}}).status == 200);
}

TEST_CASE("A bad token is 401 even where none is needed") {
    fixture f;
    CHECK(f.get("/latest/meta-data/instance-id").status == 200);
    for (const char* bad : {"", "invalid"}) {
        const auto r = f.get("/latest/meta-data/instance-id", {{token_name, bad}});
        CHECK(r.status == 401);
        CHECK(r.done.what == imds::outcome::kind::bad_token);
    }
    const std::string token = f.token("60");
    CHECK(f.get("/latest/", {{token_name, token}}).status == 200);
    CHECK(f.get("/latest/", {{token_name, token}, {token_name, token}}).status == 400);
    f.boot += 60s;
    CHECK(f.get("/latest/", {{token_name, token}}).status == 401);
    f.reconnect();
    CHECK(f.get("/latest/", {{token_name, token}}).status == 401);
}

TEST_CASE("A token stolen by another caller is refused") {
    fixture f;
    const std::string token = f.token();
    f.subject = "u1001";
    f.reconnect();
    CHECK(f.get("/latest/", {{token_name, token}}).status == 401);
}

TEST_CASE("Every answer to a v2 request tells the token's remaining life") {
    fixture f;
    const std::string token = f.token("60");
    CHECK(has(f.get("/latest/", {{token_name, token}}).headers, std::string(ttl) + ": 60\r\n"));
    f.boot += 1500ms;
    CHECK(has(f.get("/latest/", {{token_name, token}, {ttl, "9"}}).headers,
              std::string(ttl) + ": 59\r\n"));
    const auto missing = f.get("/latest/nope", {{token_name, token}});
    CHECK(missing.status == 404);
    CHECK(has(missing.headers, std::string(ttl) + ": 59\r\n"));
    CHECK_FALSE(has(f.get("/latest/").headers, ttl));
    CHECK_FALSE(has(f.get("/latest/nope").headers, ttl));
}

TEST_CASE("A disabled endpoint is 403 for everything and its tokens live on") {
    fixture f;
    const std::string token = f.token();
    f.profile.metadata.http_endpoint_enabled = false;
    f.changed();
    CHECK(f.ask("PUT", "/latest/api/token").status == 403);
    CHECK(f.get("/latest/", {{token_name, token}}).status == 403);
    CHECK(f.get("/latest/").body.empty());
    f.profile.metadata.http_endpoint_enabled = true;
    f.changed();
    CHECK(f.get("/latest/", {{token_name, token}}).status == 200);
}

TEST_CASE("X-Forwarded-For on a GET is served unless the switch refuses it") {
    fixture f;
    CHECK(f.get("/latest/", {{"X-Forwarded-For", "1.2.3.4"}}).status == 200);
    f.options.refuse_forwarded_get = true;
    CHECK(f.get("/latest/", {{"X-Forwarded-For", "1.2.3.4"}}).status == 403);
}

TEST_CASE("Slashes do not matter and directories list without a final newline") {
    fixture f;
    CHECK(f.get("/latest").body == "dynamic\nmeta-data");
    CHECK(f.get("/latest/").body == "dynamic\nmeta-data");
    CHECK(f.get("/latest/meta-data").body == f.get("/latest/meta-data/").body);
    CHECK(f.get("/latest/meta-data/instance-id/").body == "i-1234567890abcdef0");
    CHECK(f.get("//latest//meta-data/placement/availability-zone/").body == "us-east-1a");
    CHECK(f.get("http://169.254.169.254/latest/meta-data/instance-id").body ==
          "i-1234567890abcdef0");
    CHECK(f.get("/latest/meta-data/instance-id?x=y").status == 200);
    CHECK(f.get("/latest/meta-data/instance-id/nope").status == 404);
    CHECK(f.get("/latest/meta-data/../user-data").status == 404);
    CHECK(f.get("/Latest/meta-data/").status == 404);
    CHECK(f.get("/latest/meta-data/iam%2Finfo").status == 404);
    CHECK(f.get("/latest/meta-data/iam/security-credentials/").body == "app-role");
    const std::string root = f.get("/").body;
    CHECK(root.substr(0, 15) == "1.0\n2007-01-19\n");
    CHECK(root.substr(root.size() - 7) == "\nlatest");
}

TEST_CASE("Every listed entry of every version answers") {
    fixture f;
    f.profile.instance.user_data = std::string("\0binary", 7);
    f.profile.instance_credentials = true;
    const auto issued = std::make_shared<const aws::credentials>(f.issued());
    f.credentials = imds::valid_state(f.profile, issued, f.now, 1);
    f.instance_credentials = imds::valid_instance_state(f.profile, issued, f.now, 1);
    const imds::signed_identity identity{"document", "signature", "pkcs7", "rsa2048"};
    f.identity = &identity;
    std::size_t leaves = 0;
    const std::function<void(const std::string&, int)> crawl = [&](const std::string& path,
                                                                   int depth) {
        REQUIRE(depth < 12);
        const auto r = f.get(path);
        INFO(path);
        REQUIRE(r.status == 200);
        if (path.back() != '/') {
            ++leaves;
            return;
        }
        std::size_t at = 0;
        while (at < r.body.size()) {
            const auto end = std::min(r.body.find('\n', at), r.body.size());
            std::string entry = r.body.substr(at, end - at);
            at = end + 1;
            if (const auto key = entry.find('='); key != entry.npos)
                entry = entry.substr(0, key) + '/';
            crawl(path + entry, depth + 1);
        }
    };
    for (imds::version_index v = 0; v < imds::version_count(); ++v) {
        const std::string root = "/" + std::string(imds::version_name(v)) + "/";
        for (const char* top : {"meta-data/", "dynamic/"}) {
            if (f.get(root + top).status == 200) crawl(root + top, 0);
        }
    }
    CHECK(leaves > 500);
    CHECK(f.get("/2008-02-01/dynamic/").status == 404);
    CHECK(f.get("/2008-02-01/meta-data/mac").status == 404);
    CHECK(f.get("/2011-01-01/meta-data/mac").status == 200);
    CHECK(f.get("/2020-01-01/meta-data/").status == 404);
    CHECK(f.get("/latest/user-data").body.size() == 7);
    CHECK(has(f.get("/latest/user-data").headers, "application/octet-stream"));
}

TEST_CASE("What an instance does not have is neither listed nor answered") {
    fixture f;
    f.profile.granted_role.reset();
    f.profile.instance_profile_name.clear();
    f.profile.instance.primary().public_ipv4s.clear();
    f.profile.instance.primary().public_hostname.clear();
    f.profile.instance.public_keys.clear();
    const std::string listing = f.get("/latest/meta-data/").body;
    for (const char* path : {"iam", "iam/info", "iam/security-credentials/", "public-keys/",
                             "public-ipv4", "public-hostname", "tags/", "spot/instance-action",
                             "iam/security-credentials-extended/"}) {
        INFO(path);
        CHECK(f.get("/latest/meta-data/" + std::string(path)).status == 404);
        CHECK_FALSE(has("\n" + listing, "\n" + std::string(path)));
    }
    CHECK(f.get("/latest/user-data").status == 404);
}

TEST_CASE("Public keys list by number and name and end with a newline") {
    fixture f;
    CHECK(f.get("/latest/meta-data/public-keys/").body == "0=my-key");
    CHECK(f.get("/latest/meta-data/public-keys/0").body == "openssh-key");
    CHECK(f.get("/latest/meta-data/public-keys/0/openssh-key").body == "ssh-ed25519 AAAA my-key\n");
    CHECK(f.get("/latest/meta-data/public-keys/0=my-key").status == 404);
}

TEST_CASE("Tags are shown only when they are switched on and in versions that know them") {
    fixture f;
    f.profile.instance.tags = {{"Name", "web 1"}, {"empty", ""}};
    CHECK(f.get("/latest/meta-data/tags/").status == 404);
    f.profile.metadata.instance_metadata_tags = true;
    f.changed();
    CHECK(f.get("/latest/meta-data/tags/").body == "instance/");
    CHECK(f.get("/latest/meta-data/tags/instance").body == "Name\nempty");
    CHECK(f.get("/latest/meta-data/tags/instance/Name").body == "web 1");
    CHECK(f.get("/latest/meta-data/tags/instance/empty").status == 200);
    CHECK(f.get("/latest/meta-data/tags/instance/name").status == 404);
    CHECK(f.get("/2020-10-27/meta-data/tags/instance/Name").status == 404);
}

TEST_CASE("A credential document has EC2's bytes") {
    fixture f;
    f.credentials = imds::valid_state(
        f.profile, std::make_shared<const aws::credentials>(f.issued()), f.now, 1);
    const auto r = f.get("/latest/meta-data/iam/security-credentials/app-role");
    CHECK(r.done.what == imds::outcome::kind::credentials_served);
    CHECK(r.body ==
          "{\n  \"Code\" : \"Success\",\n  \"LastUpdated\" : \"2026-09-21T14:13:20Z\",\n"
          "  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"ASIARZPUZDIKAAAAAAAA\",\n"
          "  \"SecretAccessKey\" : \"ssssssssssssssssssssssssssssssssssssssss\",\n"
          "  \"Token\" : \"token/+==\",\n  \"Expiration\" : \"2026-09-21T15:13:20Z\"\n}");
    CHECK(has(r.headers, "Last-Modified: Mon, 21 Sep 2026 14:13:20 GMT"));
    CHECK(f.get("/latest/meta-data/iam/security-credentials/other").status == 404);
    CHECK(
        has(f.get("/latest/meta-data/iam/info").body,
            "\"InstanceProfileArn\" : \"arn:aws:iam::123456789012:instance-profile/app-profile\""));
}

TEST_CASE("An instance profile of the issuer's is shown with the ARN and id that it has there") {
    fixture f;
    profile::attached_instance_profile attached;
    attached.account = "123456789012";
    attached.name = "web";
    attached.arn = "arn:aws:iam::123456789012:instance-profile/fleet/web";
    attached.unique_id = "AIPARZPUZDIKAAAAAAAAA";
    f.profile.instance_profile = attached;
    f.profile.instance_profile_name = "web";
    f.changed();
    const auto shown = f.get("/latest/meta-data/iam/info");
    CHECK(has(shown.body, "\"InstanceProfileArn\" : \"" + attached.arn + "\""));
    CHECK(has(shown.body, "\"InstanceProfileId\" : \"" + attached.unique_id + "\""));
}

TEST_CASE("Credentials are never served at or after their expiry") {
    fixture f;
    f.credentials = imds::valid_state(
        f.profile, std::make_shared<const aws::credentials>(f.issued()), f.now, 1);
    f.now += std::chrono::hours(1) - 1ms;
    CHECK(f.get("/latest/meta-data/iam/security-credentials/app-role").status == 200);
    f.now += 1ms;
    const auto r = f.get("/latest/meta-data/iam/security-credentials/app-role");
    CHECK(r.status == 503);
    CHECK(has(r.headers, "Retry-After: "));
    CHECK_FALSE(has(r.body, "ASIA"));
}

TEST_CASE("Without credentials a caller waits or is told what is wrong") {
    fixture f;
    const char* path = "/latest/meta-data/iam/security-credentials/app-role";
    f.wait = true;
    CHECK(f.get(path).done.what == imds::outcome::kind::pending);
    f.wait = false;
    CHECK(f.get(path).status == 503);
    f.credentials.now = imds::credential_state::status::failed;
    f.credentials.next_try = f.now + 7s;
    const auto failed = f.get(path);
    CHECK(failed.status == 503);
    CHECK(has(failed.headers, "Retry-After: 7\r\n"));
    f.credentials = imds::denied_state("the role's trust policy does not allow it", f.now, f.now);
    const auto denied = f.get(path);
    CHECK(denied.status == 200);
    CHECK(denied.done.what == imds::outcome::kind::role_denied);
    CHECK(has(denied.body, "\"Code\" : \"AssumeRoleUnauthorizedAccess\""));
    CHECK_FALSE(has(denied.body, "AccessKeyId"));
    CHECK(f.get("/latest/meta-data/iam/security-credentials/").body == "app-role");
}

TEST_CASE("The identity document has its fifteen keys in order") {
    fixture f;
    CHECK(
        f.get("/latest/dynamic/instance-identity/document").body ==
        "{\n  \"accountId\" : \"123456789012\",\n  \"architecture\" : \"x86_64\",\n"
        "  \"availabilityZone\" : \"us-east-1a\",\n  \"billingProducts\" : null,\n"
        "  \"devpayProductCodes\" : null,\n  \"marketplaceProductCodes\" : null,\n"
        "  \"imageId\" : \"ami-0abcdef1234567890\",\n  \"instanceId\" : \"i-1234567890abcdef0\",\n"
        "  \"instanceType\" : \"m5.large\",\n  \"kernelId\" : null,\n"
        "  \"pendingTime\" : \"2026-09-21T13:56:40Z\",\n  \"privateIp\" : \"10.0.1.17\",\n"
        "  \"ramdiskId\" : null,\n  \"region\" : \"us-east-1\",\n  \"version\" : "
        "\"2017-09-30\"\n}");
    CHECK(f.get("/latest/dynamic/").body == "instance-identity/");
}
