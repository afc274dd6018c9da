#include "fixture.hpp"

using namespace fixture;

namespace {

const pairs no_action{{"Version", "2011-06-15"}};

bool is_uuid(const std::string& text) {
    return text.size() == 36 && text[8] == '-' && text[14] == '4';
}

}  // namespace

TEST_CASE("P2 A GET with everything in the query is answered", "[P2]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    CHECK(b.send(alice, bench::identity(), {.method = "GET"}).status == 200);
}

TEST_CASE("P3 and P26 Runs of slashes and path prefixes lead to the issuer", "[P3][P26]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    for (const char* path : {"//", "///", "/sts", "/sts/", "/prefix/deeper"}) {
        INFO(path);
        CHECK(b.send(alice, bench::identity(), {.target = path}).status == 200);
        CHECK(b.send(alice, bench::identity(), {.method = "GET", .target = path}).status == 200);
    }
}

TEST_CASE("The success envelope has the captured shape and headers") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto got = b.send(alice, bench::identity());
    CHECK(got.body.find("<GetCallerIdentityResponse "
                        "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  "
                        "<GetCallerIdentityResult>\n    <Arn>") == 0);
    CHECK(got.has("  <ResponseMetadata>\n    <RequestId>"));
    const std::string id = got.element("RequestId");
    CHECK(is_uuid(id));
    CHECK(got.headers ==
          "Content-Type: text/xml\r\nVary: accept-encoding\r\nx-amzn-RequestId: " + id + "\r\n");
    CHECK_FALSE(got.close);
}

TEST_CASE("P20 The error envelope has RequestId beside Error", "[P20]") {
    bench b;
    const auto got = b.send(std::nullopt, {{"Action", "Nope"}, {"Version", "2011-06-15"}});
    CHECK(got.status == 400);
    CHECK(got.close);
    CHECK(
        got.has("<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>"
                "\n    <Type>Sender</Type>\n    <Code>InvalidAction</Code>"));
    CHECK(got.has("  </Error>\n  <RequestId>" + got.element("RequestId") + "</RequestId>\n<"));
    CHECK(got.headers.find(got.element("RequestId")) != std::string::npos);
}

TEST_CASE("P4 JSON when the first acceptable type is JSON", "[P4]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto json = b.send(alice, bench::identity(), {.accept = "application/json"});
    CHECK(json.status == 200);
    CHECK(json.headers.find("Content-Type: application/json\r\n") == 0);
    CHECK(json.body.find(R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":{"Arn":)") ==
          0);
    CHECK(json.has(R"("ResponseMetadata":{"RequestId":")"));
    const auto format = [&](const char* accept) {
        const auto got = b.send(alice, bench::identity(), {.accept = accept});
        return got.body.front() == '{' ? "json" : "xml";
    };
    CHECK(format("Application/JSON; charset=utf-8") == std::string("json"));
    CHECK(format("application/json;q=0, text/xml") == std::string("xml"));
    CHECK(format("text/plain;q=0.0, application/json") == std::string("json"));
    CHECK(format("text/xml, application/json") == std::string("xml"));
    CHECK(format("*/*") == std::string("xml"));
    CHECK(format("application/jsonp") == std::string("xml"));
}

TEST_CASE("P5 Errors are JSON as well and have no outer key", "[P5]") {
    bench b;
    const auto got = b.send(std::nullopt, bench::identity(), {.accept = "application/json"});
    CHECK(got.status == 403);
    CHECK(got.body.find(R"({"Error":{"Code":"MissingAuthenticationToken","Message":"Request is )"
                        R"(missing Authentication Token","Type":"Sender"},"RequestId":")") == 0);
}

TEST_CASE("JSON writes Expiration as epoch seconds") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto got = b.send(alice, bench::assume(role), {.accept = "application/json"});
    INFO(got.body);
    CHECK(got.status == 200);
    CHECK(got.has("\"Expiration\":1790003600}"));
}

TEST_CASE("P7 and P8 Unknown actions and versions are named", "[P7][P8]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto says = [&](pairs fields) {
        const auto got = b.send(alice, fields);
        CHECK(got.status == 400);
        CHECK(got.code() == "InvalidAction");
        return got.message();
    };
    CHECK(says({{"Action", "Nope"}, {"Version", "2011-06-15"}}) ==
          "Could not find operation Nope for version 2011-06-15");
    CHECK(says({{"Action", "GetCallerIdentity"}, {"Version", "2010-01-01"}}) ==
          "Could not find operation GetCallerIdentity for version 2010-01-01");
    CHECK(says({{"Action", "GetCallerIdentity"}}) ==
          "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED");
    CHECK(says({{"Action", "GetServiceBearerToken"}, {"Version", "2011-06-15"}}) ==
          "Could not find operation GetServiceBearerToken for version 2011-06-15");
    CHECK(says({{"Action", "getcalleridentity"}, {"Version", "2011-06-15"}}) ==
          "Could not find operation getcalleridentity for version 2011-06-15");
}

TEST_CASE("P9 No action is a clear 400 and so is a bare GET", "[P9]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    CHECK(b.send(alice, no_action).code() == "MissingAction");
    const auto bare = b.send(std::nullopt, {}, {.method = "GET"});
    CHECK(bare.status == 400);
    CHECK(bare.code() == "MissingAction");
}

TEST_CASE("Only GET and POST exist and a body must be a form") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    for (const char* method : {"PUT", "HEAD", "DELETE", "OPTIONS", "get"}) {
        const auto got = b.send(alice, bench::identity(), {.method = method});
        CHECK(got.status == 405);
        CHECK(got.headers.find("Allow: GET, POST\r\n") != std::string::npos);
    }
    const auto json =
        b.send(alice, bench::identity(), {.content_type = "application/x-amz-json-1.1"});
    CHECK(json.status == 400);
    CHECK(json.code() == "MalformedInput");
    CHECK(b.send(alice, bench::identity(), {.content_type = "application/x-www-form-urlencoded"})
              .status == 200);
    CHECK(b.send(alice, bench::identity(), {.content_type = ""}).status == 200);
}

TEST_CASE("P23 A body over the limit is 413", "[P23]") {
    bench b;
    b.options.body_bytes = 100;
    const auto alice = b.add_user(account_a, "alice");
    CHECK(b.send(alice, bench::identity()).status == 200);
    auto fields = bench::identity();
    fields.push_back({"Padding", std::string(100, 'x')});
    const auto got = b.send(alice, fields);
    CHECK(got.status == 413);
    CHECK(got.code() == "RequestEntityTooLarge");
    CHECK(got.close);
}

TEST_CASE("A parameter with two values is refused and an identical repeat is not") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    auto fields = bench::identity();
    fields.push_back({"Version", "2011-06-15"});
    CHECK(b.send(alice, fields).status == 200);
    fields.push_back({"Action", "AssumeRole"});
    CHECK(b.send(alice, fields).code() == "InvalidParameterCombination");
    CHECK(b.send(std::nullopt, fields).code() == "MalformedQueryString");
    // In the query and in the body.
    const auto both = b.send(alice, bench::identity(), {.target = "/?Action=AssumeRole"});
    CHECK(both.code() == "InvalidParameterCombination");
    CHECK(b.send(alice, bench::identity(), {.target = "/?Action=GetCallerIdentity"}).status == 200);
}

TEST_CASE("Broken encodings are refused before anything else") {
    bench b;
    http::request request;
    request.method = "POST";
    request.target = "/";
    for (const char* body : {"Action=%zz", "Action=%ff&Version=2011-06-15"}) {
        request.body = body;
        const auto got = b.raw(request);
        CHECK(got.status == 400);
        CHECK(got.code() == "MalformedQueryString");
    }
}

TEST_CASE("P27 A fault inside is InternalFailure from the receiver", "[P27]") {
    bench b;
    class broken final : public sts::principal_store {
        sts::managed_policy find_managed_policy(std::string_view) const override { return nullptr; }
        bool is_revoked(const sts::session_claim&) const override { return false; }
        bool has_account(std::string_view) const override { return false; }
        const sts::organization* find_organization() const override { return nullptr; }
        std::shared_ptr<const sts::access_key_record> find_access_key(
            std::string_view) const override {
            throw std::runtime_error("the secret password");
        }
        std::shared_ptr<const sts::role_record> find_role(std::string_view, std::string_view,
                                                          std::string_view) const override {
            return nullptr;
        }
        std::shared_ptr<const sts::user_record> find_user(std::string_view,
                                                          std::string_view) const override {
            return nullptr;
        }
    };
    const auto alice = b.add_user(account_a, "alice");
    b.start().replace_principals(std::make_shared<broken>());
    const auto got = b.send(alice, bench::identity());
    CHECK(got.status == 500);
    CHECK(got.code() == "InternalFailure");
    CHECK(got.element("Type") == "Receiver");
    CHECK_FALSE(got.has("password"));
}

TEST_CASE("Markup in a message is escaped") {
    bench b;
    const auto got = b.send(std::nullopt, {{"Action", "<&\"'>"}, {"Version", "2011-06-15"}});
    CHECK(got.has("Could not find operation &lt;&amp;"));
    CHECK_FALSE(got.has("<&"));
}
