#include <imdsd/verifier.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time_text.hpp"
#include "encoding/base64.hpp"
#include "http/request.hpp"
#include "sigv4/sigv4.hpp"
#include "support/catch.hpp"

namespace {

constexpr std::int64_t now = 1'790'000'000;
const std::string key_id = "ASIAEXAMPLEEXAMPLE00";
const std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const std::string token = "a/session+token==";

std::string timestamp(std::int64_t at = now) {
    return base::iso8601_basic(base::wall_time(base::seconds(at)));
}
sigv4::scope scope(const std::string& service = "orders") {
    return {timestamp().substr(0, 8), "eu-west-1", service};
}

/// A request that owns its text, signed.
struct message {
    std::string method = "POST", target = "/a/b?x=1", body = "hello";
    std::vector<std::pair<std::string, std::string>> fields{
        {"Host", "orders.example"}, {"X-Amz-Date", timestamp()}, {"X-Amz-Security-Token", token}};
    mutable std::vector<imdsd_header> headers;

    message& sign(const std::string& service = "orders") {
        std::vector<http::field> views;
        for (const auto& [name, value] : fields)
            views.push_back({name, value});
        http::request request;
        request.method = method;
        request.target = target;
        request.fields = views;
        request.body = body;
        auto value = sigv4::authorization(request, scope(service), timestamp(), key_id, secret,
                                          {"host", "x-amz-date", "x-amz-security-token"});
        REQUIRE(value.has_value());
        fields.emplace_back("Authorization", *value);
        return *this;
    }

    imdsd_request view() const {
        headers.clear();
        for (const auto& [name, value] : fields)
            headers.push_back({imdsd::text(name), imdsd::text(value)});
        return {imdsd::text(method), imdsd::text(target), headers.data(), headers.size(),
                imdsd::text(body)};
    }
};

imdsd::verifier make(const char* service = "orders") {
    imdsd_verifier_options options{};
    options.service = service;
    auto made = imdsd::make_verifier(options);
    REQUIRE(made.status == IMDSD_OK);
    return std::move(made.value);
}

imdsd::claim claim_of(const message& m) {
    const auto request = m.view();
    auto read = imdsd::read_claim(make(), request, now);
    INFO(read.error.message);
    REQUIRE(read.status == IMDSD_OK);
    return std::move(read.value);
}

std::string answer(const std::string& more = {}, std::int64_t expiration = now + 1000) {
    const auto key = sigv4::signing_key(secret, scope());
    return R"({"VerifyCallerResponse":{"VerifyCallerResult":{)"
           R"("Arn":"arn:aws:sts::123456789012:assumed-role/r/s","UserId":"AROA:s",)"
           R"("Account":"123456789012","AccessKeyId":")" +
           key_id + R"(","PrincipalType":"AssumedRole","SessionName":"s",)" +
           R"("Tags":[{"Key":"team","Value":"bl\u00fce"}],"Expiration":)" +
           std::to_string(expiration) + R"(,"SigningKey":{"Date":")" + scope().date +
           R"(","Region":"eu-west-1","Service":"orders","Key":")" +
           encoding::base64(crypto::as_text(key)) + R"("},"CacheSeconds":300)" + more +
           R"(},"ResponseMetadata":{"RequestId":"x"}}})";
}

imdsd::grant grant_of(const message& m, const std::string& text = answer()) {
    auto read = imdsd::read_grant(claim_of(m), 200, text, now);
    INFO(read.error.message);
    REQUIRE(read.status == IMDSD_OK);
    return std::move(read.value);
}

imdsd_status check(const message& m, const imdsd::grant& grant, std::int64_t when = now) {
    const auto request = m.view();
    return imdsd::check(make(), request, grant, when);
}

}  // namespace

TEST_CASE("A claim says whom to ask about") {
    const auto claim = claim_of(message().sign());
    CHECK(imdsd::view(imdsd_claim_access_key_id(claim.get())) == key_id);
    CHECK(imdsd::view(imdsd_claim_session_token(claim.get())) == token);
    CHECK(imdsd::view(imdsd_claim_date(claim.get())) == scope().date);
    CHECK(imdsd::view(imdsd_claim_region(claim.get())) == "eu-west-1");
    CHECK(imdsd::view(imdsd_claim_service(claim.get())) == "orders");
}

TEST_CASE("What is not signed, or not for this service, never comes to a claim") {
    const auto status = [](const message& m, const char* service = "orders",
                           std::int64_t when = now) {
        const auto request = m.view();
        const auto read = imdsd::read_claim(make(service), request, when);
        CHECK((read.status == IMDSD_OK) == (read.value != nullptr));
        return read.status;
    };
    const message good = message().sign();
    CHECK(status(message()) == IMDSD_NOT_SIGNED);
    message empty = good;
    empty.fields.back().second = "AWS4-HMAC-SHA256";
    CHECK(status(empty) == IMDSD_MALFORMED);
    CHECK(status(good, "payments") == IMDSD_MISMATCH);
    CHECK(status(good, "orders", now + 901) == IMDSD_EXPIRED);
    CHECK(status(good, "orders", now - 901) == IMDSD_MISMATCH);
    message twice = good;
    twice.fields.push_back(twice.fields.back());
    CHECK(status(twice) == IMDSD_MALFORMED);
}

TEST_CASE("A grant's key verifies its caller's requests and no others") {
    const message good = message().sign();
    const imdsd::grant grant = grant_of(good);
    CHECK(check(good, grant) == IMDSD_OK);
    message changed = good;
    changed.body = "hellO";
    CHECK(check(changed, grant) == IMDSD_MISMATCH);
    changed = good;
    changed.target = "/a/b?x=2";
    CHECK(check(changed, grant) == IMDSD_MISMATCH);
    message other_token;
    other_token.fields[2].second = "another";
    CHECK(check(other_token.sign(), grant) == IMDSD_OTHER_CALLER);
    CHECK(check(good, grant, now + 299) == IMDSD_OK);
    CHECK(check(good, grant, now + 300) == IMDSD_STALE);
    CHECK(check(good, grant_of(good, answer("", now + 10)), now + 10) == IMDSD_EXPIRED);
}

TEST_CASE("A grant has the identity, and a decision when there is one") {
    const message good = message().sign();
    const imdsd::grant grant = grant_of(good);
    CHECK(imdsd::view(imdsd_grant_arn(grant.get())) ==
          "arn:aws:sts::123456789012:assumed-role/r/s");
    CHECK(imdsd::view(imdsd_grant_account(grant.get())) == "123456789012");
    CHECK(imdsd::view(imdsd_grant_source_identity(grant.get())).empty());
    REQUIRE(imdsd_grant_tag_count(grant.get()) == 1);
    CHECK(imdsd::view(imdsd_grant_tag_value(grant.get(), 0)) ==
          "bl\xc3\xbc"
          "e");
    CHECK(imdsd::view(imdsd_grant_tag_value(grant.get(), 1)).empty());
    CHECK(imdsd_grant_expiration(grant.get()) == now + 1000);
    CHECK(imdsd_grant_good_until(grant.get()) == now + 300);
    CHECK(imdsd_grant_decision(grant.get()) == IMDSD_DECISION_NONE);
    const auto decided = [&](const std::string& said) {
        return imdsd_grant_decision(
            grant_of(good, answer(R"(,"Decision":{"EvalDecision":")" + said + "\"}")).get());
    };
    CHECK(decided("allowed") == IMDSD_DECISION_ALLOWED);
    CHECK(decided("implicitDeny") == IMDSD_DECISION_IMPLICIT_DENY);
    CHECK(decided("explicitDeny") == IMDSD_DECISION_EXPLICIT_DENY);
}

TEST_CASE("An answer that is not to this call grants nothing") {
    const imdsd::claim claim = claim_of(message().sign());
    const auto status = [&](const std::string& text, int http_status = 200) {
        const auto read = imdsd::read_grant(claim, http_status, text, now);
        CHECK((read.status == IMDSD_OK) == (read.value != nullptr));
        return read.status;
    };
    const auto with = [](std::string from, const std::string& to) {
        std::string text = answer();
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    CHECK(status(answer()) == IMDSD_OK);
    CHECK(status(with(key_id, "ASIAANOTHERANOTHER00")) == IMDSD_UNAVAILABLE);
    CHECK(status(with("eu-west-1", "us-east-1")) == IMDSD_UNAVAILABLE);
    CHECK(status(with("\"orders\"", "\"payments\"")) == IMDSD_UNAVAILABLE);
    CHECK(status(with("\"CacheSeconds\":300", "\"CacheSeconds\":-1")) == IMDSD_UNAVAILABLE);
    CHECK(status(with("\"Expiration\"", "\"Ends\"")) == IMDSD_UNAVAILABLE);
    CHECK(status(with("\"},\"CacheSeconds\"", "A\"},\"CacheSeconds\"")) == IMDSD_UNAVAILABLE);
    CHECK(status(answer(R"(,"Decision":{"EvalDecision":"yes"})")) == IMDSD_UNAVAILABLE);
    CHECK(status(answer("", now)) == IMDSD_EXPIRED);
    CHECK(status("") == IMDSD_UNAVAILABLE);
    CHECK(status("<ErrorResponse/>", 403) == IMDSD_UNAVAILABLE);
    const auto error = [](const std::string& code) {
        return R"({"Error":{"Code":")" + code + R"(","Message":"m","Type":"Sender"}})";
    };
    CHECK(status(error("UnknownCaller"), 403) == IMDSD_UNKNOWN_CALLER);
    CHECK(status(error("ExpiredCaller"), 403) == IMDSD_EXPIRED);
    CHECK(status(error("AccessDenied"), 403) == IMDSD_REFUSED);
    // The service's own credentials, not the caller's.
    CHECK(status(error("InvalidClientTokenId"), 403) == IMDSD_REFUSED);
    CHECK(status(error("Throttling"), 400) == IMDSD_UNAVAILABLE);
    CHECK(status(error("ServiceUnavailable"), 503) == IMDSD_UNAVAILABLE);
}

TEST_CASE("The call to the issuer is signed by the service, and complete") {
    const imdsd::claim claim = claim_of(message().sign());
    const char* values[] = {"192.0.2.7"};
    const imdsd_context_entry context[] = {{"aws:SourceIp", "ip", values, 1}};
    imdsd_call_options options{};
    options.host = "sts.example:8443";
    options.access_key_id = "AKIASERVICESERVICE00";
    options.secret_access_key = secret.c_str();
    options.session_token = "service-token";
    options.action = "orders:Get";
    options.resource = "*";
    options.context = context;
    options.context_count = 1;
    const auto call = imdsd::make_call(claim, options, now);
    INFO(call.error.message);
    REQUIRE(call.status == IMDSD_OK);
    std::vector<http::field> fields;
    for (std::size_t i = 0; i < imdsd_call_header_count(call.value.get()); ++i) {
        const imdsd_header* header = imdsd_call_header(call.value.get(), i);
        fields.push_back({imdsd::view(header->name), imdsd::view(header->value)});
    }
    CHECK(imdsd_call_header(call.value.get(), fields.size()) == nullptr);
    http::request request;
    request.method = "POST";
    request.target = "/";
    request.fields = fields;
    request.body = imdsd::view(imdsd_call_body(call.value.get()));
    const auto read = sigv4::read_claim(request, base::wall_time(base::seconds(now)), {});
    REQUIRE(read.has_value());
    CHECK(read->session_token == "service-token");
    CHECK(sigv4::matches(request, *read, secret).value());
    for (const char* part :
         {"Action=VerifyCaller&Version=imdsd%2Fv1", "SessionToken=a%2Fsession%2Btoken%3D%3D",
          "ActionName=orders%3AGet", "ContextEntries.member.1.ContextKeyValues.member.1=192.0.2.7"})
        CHECK(request.body.find(part) != std::string_view::npos);

    options.host = "a b";
    CHECK(imdsd::make_call(claim, options, now).status == IMDSD_BAD_ARGUMENT);
    options.host = "sts.example";
    options.action = nullptr;
    CHECK(imdsd::make_call(claim, options, now).status == IMDSD_BAD_ARGUMENT);
}

TEST_CASE("Arguments that cannot be are refused, and null is freed") {
    imdsd_error error{};
    imdsd_verifier* out = nullptr;
    CHECK(imdsd_verifier_new(nullptr, &out, &error) == IMDSD_BAD_ARGUMENT);
    imdsd_verifier_options options{};
    options.service = "orders";
    CHECK(imdsd_verifier_new(&options, &out, &error) == IMDSD_BAD_ARGUMENT);  // no size
    const auto refused = [&](auto change) {
        imdsd_verifier_options changed{};
        changed.service = "orders";
        change(changed);
        CHECK(imdsd::make_verifier(changed).status == IMDSD_BAD_ARGUMENT);
    };
    refused([](auto& o) { o.service = nullptr; });
    refused([](auto& o) { o.service = "Orders"; });
    refused([](auto& o) { o.region = "no region"; });
    refused([](auto& o) { o.clock_skew_seconds = 901; });
    refused([](auto& o) { o.dialect = 9; });
    const auto verifier = make();
    imdsd_request request{};
    CHECK(imdsd::read_claim(verifier, request, now).status == IMDSD_MALFORMED);
    request.header_count = 1;
    CHECK(imdsd::read_claim(verifier, request, now).status == IMDSD_BAD_ARGUMENT);
    CHECK(imdsd::read_claim(verifier, message().sign().view(), -1).status == IMDSD_BAD_ARGUMENT);
    imdsd_verifier_free(nullptr);
    imdsd_claim_free(nullptr);
    imdsd_call_free(nullptr);
    imdsd_grant_free(nullptr);
    CHECK(imdsd::view(imdsd_grant_arn(nullptr)).empty());
    CHECK(imdsd_verifier_check(nullptr, nullptr, nullptr, now, nullptr) == IMDSD_BAD_ARGUMENT);
    CHECK(std::string_view(imdsd_status_text(IMDSD_MISMATCH)) == "signature mismatch");
}
