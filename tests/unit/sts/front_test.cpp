#include "fixture.hpp"
#include "sts/call_limiter.hpp"

using namespace fixture;

namespace {

const pairs root_session{{"Action", "AssumeRoot"}, {"Version", "2011-06-15"}};

/// A request of a browser page.
answer from_page(bench& b, std::string_view method, std::string_view origin, bool asks = true) {
    std::vector<http::field> fields{{"Host", "sts.example.test"}, {"Origin", origin}};
    if (asks) fields.push_back({"Access-Control-Request-Method", "POST"});
    http::request request;
    request.method = method;
    request.target = "/";
    request.fields = fields;
    return b.raw(request);
}

bool says(const answer& got, std::string_view header) {
    return got.headers.find(header) != std::string::npos;
}

}  // namespace

TEST_CASE("A principal that calls too often is throttled and nobody else") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto bob = b.add_user(account_a, "bob");
    b.options.limits.principal = {2, 3};
    for (int i = 0; i < 3; ++i)
        CHECK(b.send(alice, bench::identity()).status == 200);
    const auto refused = b.send(alice, bench::identity());
    CHECK(refused.status == 400);
    CHECK(refused.code() == "Throttling");
    CHECK(refused.message() == "Rate exceeded");
    CHECK(b.records.back().error_code == "Throttling");
    CHECK(b.send(bob, bench::identity()).status == 200);
    b.clock.advance(base::milliseconds(500));
    CHECK(b.send(alice, bench::identity()).status == 200);
    CHECK(b.send(alice, bench::identity()).code() == "Throttling");
}

TEST_CASE("The sessions of a role share its calls and a second role has its own") {
    bench b;
    b.options.limits.principal = {1, 2};
    const auto alice = b.add_user(account_a, "alice");
    const auto bob = b.add_user(account_a, "bob");
    const auto first = b.add_role(account_a, "first", trust(root_of_a), {.policies = {allow_all}});
    const auto session = [&](const key_pair& by, const char* name) {
        const auto got = b.send(by, bench::assume(first, {{"RoleSessionName", name}}));
        CHECK(got.code() == "AccessDenied");  // trusts the account; its users have no policies
        return got;
    };
    session(alice, "s1");
    const auto role = b.add_role(account_a, "open", trust(R"({"AWS":"*"})"));
    const auto one = b.send(bob, bench::assume(role, {{"RoleSessionName", "s1"}})).credentials();
    const auto two = b.send(bob, bench::assume(role, {{"RoleSessionName", "s2"}})).credentials();
    CHECK(b.send(one, bench::identity()).status == 200);
    CHECK(b.send(two, bench::identity()).status == 200);
    CHECK(b.send(one, bench::identity()).code() == "Throttling");
    CHECK(b.send(two, bench::identity()).code() == "Throttling");
}

TEST_CASE("An address that calls too often is throttled before any key is looked at") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    b.options.limits.address = {1, 2};
    CHECK(b.send(std::nullopt, bench::identity()).code() == "MissingAuthenticationToken");
    CHECK(b.send(key_pair{"AKIANOBODY0000000000", "x", {}}, bench::identity()).code() ==
          "InvalidClientTokenId");
    CHECK(b.send(alice, bench::identity()).code() == "Throttling");
    CHECK(b.send(key_pair{"AKIANOBODY0000000000", "x", {}}, bench::identity()).code() ==
          "Throttling");
    b.origin.source = base::ip_address::v4(0x0a00000a);
    CHECK(b.send(alice, bench::identity()).status == 200);
}

TEST_CASE("What is no call of any action counts for its address") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    b.options.limits.address = {1, 5};
    b.start();
    const pairs no_action{{"Version", "2011-06-15"}};
    const pairs unknown{{"Action", "Nope"}, {"Version", "2011-06-15"}};
    const pairs old{{"Action", "GetCallerIdentity"}, {"Version", "2010-01-01"}};
    CHECK(b.send(std::nullopt, no_action).code() == "MissingAction");
    CHECK(b.send(std::nullopt, unknown).code() == "InvalidAction");
    CHECK(b.send(std::nullopt, old).code() == "InvalidAction");
    CHECK(b.send(std::nullopt, {}, {.method = "PUT"}).code() == "MethodNotAllowed");
    CHECK(b.send(std::nullopt, unknown, {.content_type = "text/plain"}).code() == "MalformedInput");
    for (const pairs& more : {no_action, unknown, old, bench::identity()})
        CHECK(b.send(alice, more).code() == "Throttling");
    CHECK(b.send(std::nullopt, {}, {.method = "PUT"}).code() == "Throttling");
    b.origin.source = base::ip_address::v4(0x0a00000a);
    CHECK(b.send(alice, bench::identity()).status == 200);
}

TEST_CASE("A call that SigV4A signed counts for several") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto asymmetric = [&] {
        const std::string timestamp = base::iso8601_basic(b.clock.now());
        const std::string body = form(bench::identity());
        // A signature of the right form, which costs as much as a right one.
        const std::string authorization =
            "AWS4-ECDSA-P256-SHA256 Credential=" + alice.id + "/" + timestamp.substr(0, 8) +
            "/sts/aws4_request, SignedHeaders=host;x-amz-date;x-amz-region-set, "
            "Signature=3006020101020101";
        const std::vector<http::field> fields{{"Host", "sts.example.test"},
                                              {"X-Amz-Date", timestamp},
                                              {"X-Amz-Region-Set", "*"},
                                              {"Authorization", authorization}};
        http::request request;
        request.method = "POST";
        request.target = "/";
        request.body = body;
        request.fields = fields;
        return b.raw(request).code();
    };
    b.options.limits.address = {1, 20};
    b.start();
    CHECK(asymmetric() == "SignatureDoesNotMatch");
    CHECK(asymmetric() == "SignatureDoesNotMatch");
    CHECK(asymmetric() == "Throttling");
    b.clock.advance(base::milliseconds(3000));
    CHECK(b.send(alice, bench::identity()).status == 200);
    CHECK(asymmetric() == "Throttling");  // two of ten are left
    // A burst that is less than one of them still lets one through.
    b.options.limits.address = {1, 3};
    b.start();
    CHECK(asymmetric() == "SignatureDoesNotMatch");
    CHECK(b.send(alice, bench::identity()).code() == "Throttling");
    sts::call_limiter limiter;
    CHECK(limiter.take("k", base::boot_time(), {1, 3}, 10));
    CHECK_FALSE(limiter.take("k", base::boot_time(), {1, 3}));
}

TEST_CASE("Of an IPv6 client its network counts") {
    const auto key = [](const char* text) {
        return sts::limiter_key(sts::request_origin{base::ip_address::parse(text).value(), false});
    };
    CHECK(key("2001:db8:0:1::1") == key("2001:db8:0:1:ffff::2"));
    CHECK(key("2001:db8:0:1::1") != key("2001:db8:0:2::1"));
    CHECK(key("10.0.0.1") != key("10.0.0.2"));
    CHECK(sts::limiter_key(sts::request_origin{}).empty());
}

TEST_CASE("A flood of keys takes bounded memory and the busy ones are remembered") {
    sts::call_limiter limiter;
    const sts::call_rate rate{1, 1};
    base::boot_time now{};
    CHECK(limiter.take("busy", now, rate));
    for (std::size_t i = 0; i < 3 * sts::call_limiter::most_keys; ++i) {
        limiter.take("k" + std::to_string(i), now, rate);
        if (i % 1000 == 0) CHECK_FALSE(limiter.take("busy", now, rate));
    }
    CHECK(limiter.size() == sts::call_limiter::most_keys);
    // A clock that goes back gives nothing away.
    CHECK_FALSE(limiter.take("busy", now - base::milliseconds(5000), rate));
}

TEST_CASE("The daemon's own fetches are not throttled") {
    bench b;
    b.options.limits = {{1, 1}, {1, 1}};
    b.add_role(account_a, "reader", trust(R"({"Service":"ec2.amazonaws.com"})"));
    b.start();
    for (int i = 0; i < 5; ++i) {
        sts::assume_role_parameters p;
        p.role_arn = "arn:aws:iam::123456789012:role/reader";
        p.role_session_name = "s1";
        CHECK(b.issuer->assume_role_as_service("ec2.amazonaws.com", p).has_value());
    }
}

TEST_CASE("An endpoint takes signatures of its own region only") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    b.options.default_region = "eu-central-1";
    const auto says_for = [&](const char* region) {
        const auto got = b.send(alice, bench::identity(), {.region = region});
        return got.status == 200 ? "ok" : got.message();
    };
    CHECK(says_for("us-west-2") == "ok");
    b.options.endpoints = {{"STS.example.test", "eu-west-1"}, {"other.example.test", ""}};
    b.start();
    CHECK(says_for("eu-west-1") == "ok");
    CHECK(says_for("us-west-2") ==
          "Credential should be scoped to a valid region, not 'us-west-2'. ");
    b.options.endpoints = {{"sts.example.test", ""}};
    b.issuer->replace({b.options, b.store, b.ring});
    CHECK(says_for("eu-central-1") == "ok");
    CHECK(says_for("eu-west-1") ==
          "Credential should be scoped to a valid region, not 'eu-west-1'. ");
}

TEST_CASE("G24 The global endpoint does not have the actions of regional ones", "[G24]") {
    bench b;
    const auto root = b.add_root(account_a);
    b.options.endpoints = {{"sts.example.test", ""}};
    const auto got = b.send(root, root_session);
    CHECK(got.status == 400);
    CHECK(got.code() == "InvalidAction");
    CHECK(got.message() == "Could not find operation AssumeRoot for version 2011-06-15");
}

TEST_CASE("An account's disabled region refuses its callers and no one else's") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto eve = b.add_user(account_b, "eve");
    b.options.disabled_regions = {{std::string(account_a), "eu-west-1"}};
    const auto got = b.send(alice, bench::identity(), {.region = "eu-west-1"});
    CHECK(got.status == 403);
    CHECK(got.code() == "RegionDisabledException");
    CHECK(got.message().find("STS is not activated in this region for account:123456789012") == 0);
    CHECK(b.send(alice, bench::identity(), {.region = "us-east-1"}).status == 200);
    CHECK(b.send(eve, bench::identity(), {.region = "eu-west-1"}).status == 200);
    // Who cannot sign for the account does not learn what it has switched off.
    auto forger = alice;
    forger.secret = "guessed";
    CHECK(b.send(forger, bench::identity(), {.region = "eu-west-1"}).code() ==
          "SignatureDoesNotMatch");
}

TEST_CASE("S61 A presigned request lives as long as it says unless compat says otherwise",
          "[S61]") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    // Signed by botocore's algorithm elsewhere; here the window alone is of interest.
    const std::string stamp = base::iso8601_basic(b.clock.now());
    const std::string target =
        "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=" +
        alice.id + "%2F" + stamp.substr(0, 8) +
        "%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=" + stamp +
        "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + std::string(64, '0');
    const auto outcome = [&] {
        const std::vector<http::field> fields{{"Host", "sts.example.test"}};
        http::request request;
        request.method = "GET";
        request.target = target;
        request.fields = fields;
        return b.raw(request).message().substr(0, 21);
    };
    b.start();
    b.clock.advance(std::chrono::minutes(5));
    CHECK(outcome() == "Signature expired: 20");
    b.options.compat.fixed_presigned_window = true;
    b.issuer->replace({b.options, b.store, b.ring});
    CHECK(outcome() == "The request signature");
    b.clock.advance(std::chrono::minutes(11));
    CHECK(outcome() == "Signature expired: 20");
}

TEST_CASE("A session token that was not signed is for compat only") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    const auto role = b.add_role(account_a, "reader", trust(by_arn(alice_arn)));
    const auto session = b.send(alice, bench::assume(role)).credentials();
    CHECK(b.send(session, bench::identity(), {.sign_token = false}).code() ==
          "SignatureDoesNotMatch");
    b.options.compat.unsigned_session_token = true;
    b.issuer->replace({b.options, b.store, b.ring});
    CHECK(b.send(session, bench::identity(), {.sign_token = false}).status == 200);
    CHECK(b.send(session, bench::identity()).status == 200);
    // It is still the token that makes the key.
    auto other = session;
    other.token.back() = other.token.back() == 'A' ? 'B' : 'A';
    CHECK(b.send(other, bench::identity(), {.sign_token = false}).code() == "InvalidClientTokenId");
}

TEST_CASE("Pages of allowed origins may call and read the answers") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    CHECK(from_page(b, "OPTIONS", "https://app.example.com").status == 405);
    CHECK_FALSE(says(b.send(alice, bench::identity()), "Access-Control"));
    b.options.allowed_origins = {"https://app.example.com"};
    b.start();
    const auto granted = from_page(b, "OPTIONS", "https://app.example.com");
    CHECK(granted.status == 200);
    CHECK(says(granted, "Access-Control-Allow-Origin: https://app.example.com\r\n"));
    CHECK(says(granted, "Access-Control-Allow-Methods: GET, POST\r\n"));
    CHECK(says(granted,
               "Access-Control-Allow-Headers: authorization, content-type, x-amz-date, "
               "x-amz-security-token"));
    CHECK(says(granted, "Vary: origin\r\n"));
    const auto refused = from_page(b, "OPTIONS", "https://app.example.com.evil.example");
    CHECK(refused.status == 403);
    CHECK_FALSE(says(refused, "Access-Control"));
    CHECK(from_page(b, "OPTIONS", "https://app.example.com", false).status == 405);
    const auto failed = from_page(b, "POST", "https://app.example.com");
    CHECK(failed.code() == "MissingAction");
    CHECK(says(failed, "Access-Control-Allow-Origin: https://app.example.com\r\n"));
    CHECK(says(failed, "Access-Control-Expose-Headers: x-amzn-requestid\r\n"));
    CHECK_FALSE(says(from_page(b, "POST", "https://evil.example"), "Access-Control"));
    b.options.allowed_origins = {"*"};
    b.issuer->replace({b.options, b.store, b.ring});
    CHECK(says(from_page(b, "POST", "null"), "Access-Control-Allow-Origin: *\r\n"));
}

TEST_CASE("Names that differ in letter case only are refused") {
    bench b;
    const auto alice = b.add_user(account_a, "alice");
    auto fields = bench::identity();
    fields.push_back({"action", "AssumeRole"});
    CHECK(b.send(alice, fields).code() == "InvalidParameterCombination");
    CHECK(b.send(std::nullopt, fields).code() == "MalformedQueryString");
    fields.back() = {"ACTION", "GetCallerIdentity"};
    CHECK(b.send(alice, fields).code() == "InvalidParameterCombination");
    fields.back() = {"Action", "GetCallerIdentity"};
    CHECK(b.send(alice, fields).status == 200);
}

TEST_CASE("P23 What is no request by HTTP's rules is refused in STS's own form", "[P23]") {
    bench b;
    b.start();
    const auto refusal = [&](unsigned status, const char* reason, std::string_view accept = {}) {
        const http::field field{"Accept", accept};
        http::request read;
        if (!accept.empty()) read.fields = {&field, 1};
        http::response response;
        response.status = status;
        response.own_body(reason);
        b.issuer->refuse(read, response);
        return answer{response.status, std::string(response.headers) + response.more_headers,
                      std::string(response.body), response.close};
    };
    const auto large = refusal(413, "too large");
    CHECK(large.status == 413);
    CHECK(large.code() == "RequestEntityTooLarge");
    CHECK(large.message() == "too large");
    CHECK(says(large, "x-amzn-RequestId: " + large.element("RequestId")));
    const auto json = refusal(413, "too large", "application/json");
    CHECK(json.status == 413);
    CHECK(says(json, "Content-Type: application/json"));
    CHECK(json.has(R"({"Error":{"Code":"RequestEntityTooLarge","Message":"too large")"));
    CHECK(says(refusal(413, "too large", "text/html"), "Content-Type: text/xml"));
    CHECK(refusal(408, "").code() == "RequestTimeout");
    CHECK(refusal(431, "x").status == 431);
    CHECK(refusal(400, "x").code() == "MalformedHttpRequestException");
}
