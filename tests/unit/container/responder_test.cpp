#include "container/responder.hpp"

#include "container/describe.hpp"
#include "support/catch.hpp"

using namespace container;
using kind = outcome::kind;

namespace {

constexpr std::string_view json = "Content-Type: application/json\r\n";

struct rig {
    binding_identifiers own = identifier_mint("secret").mint("binding");
    credential_state credentials;
    http::rate_limiter limiter{agent_rate};
    base::wall_time now{base::milliseconds(1'000'000'000'000)};
    base::boot_time boot{};
    http::response answer;
    looked_up found;
    bool again = false;
    bool may_wait = false;
    description about;

    rig() {
        aws::credentials given;
        given.access_key_id = "ASIAEXAMPLE";
        given.secret_access_key = base::secret("s/+");
        given.session_token = base::secret("t==");
        given.expiration = now + std::chrono::hours(1);
        credentials = valid_state("arn:aws:iam::123456789012:role/r", given, false, 1);
        profile::role_profile p;
        p.name = "web";
        about = describe(p, own.endpoint_id);
    }

    outcome ask(std::string_view target, std::vector<http::field> fields = {}) {
        answer.clear();
        http::request request;
        request.method = "GET";
        request.target = target;
        request.fields = fields;
        const request_context context{own, credentials, limiter, "caller", "10.0.0.7:1234",
                                      now, boot};
        return respond(request, context, found, again, may_wait, answer);
    }

    void check_error(unsigned status, std::string_view body) {
        CHECK(answer.status == status);
        CHECK(answer.headers == json);
        CHECK(answer.body == body);
    }
};

}  // namespace

TEST_CASE("credentials by id and by token, to the byte") {
    rig r;
    const std::string document =
        R"({"RoleArn":"arn:aws:iam::123456789012:role/r","AccessKeyId":"ASIAEXAMPLE",)"
        R"("SecretAccessKey":"s/+","Token":"t==","Expiration":"2001-09-09T02:46:40Z"})";
    const std::string& id = r.own.credentials_id;
    for (const std::string& target : {"/v2/credentials/" + id, "/v1/credentials?id=" + id}) {
        CHECK(r.ask(target).what == kind::credentials_served);
        r.check_error(200, document);
    }
    CHECK(r.ask("/credentials", {{"Authorization", r.own.token.reveal()}}).what ==
          kind::credentials_served);
    CHECK(r.answer.body == document);
    CHECK(r.answer.more_headers ==
          "X-Rate-Limit-Duration: 1\r\nX-Rate-Limit-Limit: 40.00\r\n"
          "X-Rate-Limit-Request-Remote-Addr: 10.0.0.7:1234\r\n");
}

TEST_CASE("the alias members come only when asked for") {
    aws::credentials given;
    given.access_key_id = "ASIAEXAMPLE";
    const std::string with = credential_document("arn", given, true);
    CHECK(with.ends_with(R"(,"Code":"Success","AccessKeyID":"ASIAEXAMPLE"})"));
    CHECK(credential_document("arn", given, false).find("Code") == std::string::npos);
}

TEST_CASE("ids that are not the binding's own") {
    rig r;
    r.ask("/v2/credentials/");
    r.check_error(400,
                  R"({"code":"NoIdInRequest","message":"CredentialsV2Request: No Credential ID in )"
                  R"(the request","HTTPErrorCode":400})");
    r.ask("/v1/credentials");
    r.check_error(400,
                  R"({"code":"NoIdInRequest","message":"CredentialsV1Request: No Credential ID in )"
                  R"(the request","HTTPErrorCode":400})");
    const std::string others = identifier_mint("secret").mint("other").credentials_id;
    CHECK(r.ask("/v2/credentials/" + others).what == kind::unknown_id);
    r.check_error(400,
                  R"({"code":"InvalidIdInRequest","message":"CredentialsV2Request: Credentials )"
                  R"(not found","HTTPErrorCode":400})");
    // The endpoint's id opens no credentials, nor the credentials' id metadata.
    CHECK(r.ask("/v2/credentials/" + r.own.endpoint_id).what == kind::unknown_id);
    CHECK(r.ask("/v4/" + r.own.credentials_id).what == kind::unknown_id);
}

TEST_CASE("tokens that are not the binding's own") {
    rig r;
    const std::string token(r.own.token.reveal());
    for (const std::string& wrong :
         {std::string(), std::string("x"), token + "x", "Bearer " + token}) {
        CAPTURE(wrong);
        CHECK(r.ask("/credentials", {{"Authorization", wrong}}).what == kind::bad_token);
        CHECK(r.answer.status == 403);
        CHECK(r.answer.headers == "Content-Type: text/plain\r\n");
        CHECK(r.answer.body.find("ASIA") == std::string_view::npos);
    }
    CHECK(r.ask("/credentials").what == kind::bad_token);
    CHECK(r.answer.status == 403);
    CHECK(r.ask("/credentials", {{"Authorization", token}, {"authorization", token}}).what ==
          kind::bad_token);
    CHECK(r.answer.status == 400);
}

TEST_CASE("credentials that are not there") {
    rig r;
    const std::string target = "/v2/credentials/" + r.own.credentials_id;
    const std::string uninitialized =
        R"({"code":"CredentialsUninitialized","message":"CredentialsV2Request: Credentials )"
        R"(uninitialized for ID","HTTPErrorCode":503})";
    r.credentials = {};
    r.may_wait = true;
    CHECK(r.ask(target).what == kind::credentials_pending);
    r.may_wait = false;
    CHECK(r.ask(target).what == kind::answered);
    r.check_error(503, uninitialized);

    r.may_wait = true;
    r.credentials.retrying = true;
    CHECK(r.ask(target).what == kind::answered);
    r.check_error(503, uninitialized);

    r.credentials = denied_state("AccessDenied: no\r\nX: y");
    CHECK(r.ask(target).what == kind::role_denied);
    CHECK(r.answer.status == 403);
    CHECK(r.answer.body == "refused: the issuer denies the role: AccessDenied: no  X: y\n");

    r.credentials = {};
    r.credentials.now = credential_state::status::none;
    CHECK(r.ask(target).what == kind::answered);
    CHECK(r.answer.status == 400);
}

TEST_CASE("expired credentials are never served") {
    rig r;
    r.now = r.credentials.expires;
    CHECK(r.ask("/v2/credentials/" + r.own.credentials_id).what == kind::answered);
    CHECK(r.answer.status == 503);
}

TEST_CASE("unknown endpoints, in the agent's words") {
    rig r;
    const std::string container =
        "unable to get container ID from request: unable to get docker ID from v3 endpoint ID: "
        "bad\"";
    const std::string task =
        "unable to get task arn from request: unable to get task Arn from v3 endpoint ID: bad\"";
    const auto check = [&](std::string_view target, unsigned status, const std::string& body) {
        CAPTURE(target);
        CHECK(r.ask(target).what == kind::unknown_id);
        r.check_error(status, body);
    };
    check("/v4/bad", 404, "\"V4 container metadata handler: " + container);
    check("/v3/bad", 500, "\"V3 container metadata handler: " + container);
    check("/v4/bad/task", 404, "\"V4 task metadata handler: " + task);
    check("/v3/bad/taskWithTags", 500, "\"V3 task metadata handler: " + task);
    check("/v4/bad/stats", 404, "\"V4 container stats handler: " + task);
    check("/v4/bad/task/stats", 404, "\"V4 task stats handler: " + task);
    check("/v4/bad/associations/x", 400,
          "\"V4 container associations handler: unable to get container id from request: unable to "
          "get docker ID from v3 endpoint ID: bad\"");
    CHECK(r.ask("/v4/a%3Cb").what == kind::unknown_id);
    CHECK(r.answer.body.ends_with("ID: a\\u003cb\""));
}

TEST_CASE("metadata is asked for once it is needed") {
    rig r;
    const std::string base = "/v4/" + r.own.endpoint_id;
    CHECK(r.ask(base).what == kind::needs_description);
    CHECK(r.ask(base + "/task").what == kind::needs_description);
    r.found.described = &r.about;
    CHECK(r.ask(base).what == kind::answered);
    CHECK(r.answer.status == 200);
    CHECK(r.ask(base + "/task").what == kind::answered);
    CHECK(r.answer.body.find("\"FaultInjectionEnabled\":false") != std::string_view::npos);
    CHECK(r.ask(base + "/stats").what == kind::needs_own_statistics);
    CHECK(r.ask(base + "/task/stats").what == kind::needs_task_statistics);

    const std::string own = r.about.task.containers[0].docker_id;
    const statistics measured{{own, "{\"read\":1}"}, {"other", "{}"}};
    r.found.measured = &measured;
    r.ask(base + "/stats");
    r.check_error(200, "{\"read\":1}");
    r.ask(base + "/task/stats");
    r.check_error(200, "{\"" + own + "\":{\"read\":1},\"other\":{}}");

    r.found.measured = nullptr;
    r.ask(base + "/stats");
    r.check_error(500, "\"Unable to get container stats for: " + own + "\"");
    r.found.described = nullptr;
    r.ask(base);
    r.check_error(500, "\"failed to get container metadata\"");
    r.ask(base + "/task");
    r.check_error(500, "\"failed to get task metadata\"");
}

TEST_CASE("what Go's server answers by itself") {
    rig r;
    r.ask("/nope");
    CHECK(r.answer.status == 404);
    CHECK(r.answer.body == "404 page not found\n");
    CHECK(r.answer.headers ==
          "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n");
    r.ask("//v2//credentials/x?id=1");
    CHECK(r.answer.status == 301);
    CHECK(r.answer.body.empty());
    CHECK(r.answer.more_headers == "Location: /v2/credentials/x?id=1\r\n");
    r.ask("/%zz");
    CHECK(r.answer.status == 400);
    CHECK(r.answer.body == "400 Bad Request");
    CHECK(r.answer.close);
    r.ask("*");
    CHECK(r.answer.status == 400);
}

TEST_CASE("beyond the rate there is 429") {
    rig r;
    for (int i = 0; i < 60; ++i)
        CHECK(r.ask("/nope").what == kind::answered);
    CHECK(r.ask("/nope", {{"X-Forwarded-For", "192.0.2.1"}}).what == kind::rate_limited);
    CHECK(r.answer.status == 429);
    CHECK(r.answer.headers == "Content-Type: text/plain; charset=utf-8\r\n");
    CHECK(r.answer.body == "You have reached maximum request limit.");
    CHECK(r.answer.more_headers ==
          "X-Rate-Limit-Duration: 1\r\nX-Rate-Limit-Limit: 40.00\r\n"
          "X-Rate-Limit-Request-Forwarded-For: 192.0.2.1\r\n"
          "X-Rate-Limit-Request-Remote-Addr: 10.0.0.7:1234\r\n");
    // What was waited for is not counted twice; redirects are not counted at all.
    r.again = true;
    CHECK(r.ask("/nope").what == kind::answered);
    r.again = false;
    CHECK(r.ask("//nope").what == kind::answered);
    r.boot += std::chrono::seconds(1);
    CHECK(r.ask("/nope").what == kind::answered);
}
