// What the core issuer does in a second on one core, without a network:
//   issuer_bench [seconds]
// prints signed AssumeRole calls, session tokens opened, GetCallerIdentity calls made with session
// credentials, VerifyCaller calls about them, with a decision and without, and what it takes to
// refuse a SigV4A signature.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/time_text.hpp"
#include "encoding/percent.hpp"
#include "host/system_clock.hpp"
#include "host/system_random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "iam/file_entities.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/issuer.hpp"
#include "sts/session/session_token.hpp"

namespace {

constexpr const char* key_id = "AKIARZPUZDIKAAAAAAAA";
constexpr const char* secret_text = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr const char* role_arn = "arn:aws:iam::123456789012:role/team/reader";

std::vector<sts::account_definition> accounts() {
    sts::user_definition alice;
    alice.name = "alice";
    alice.access_keys.push_back({key_id, base::secret(secret_text), true});
    alice.policies.emplace_back(
        "assume",
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Resource":"arn:aws:iam::123456789012:role/team/*"},
            {"Effect":"Allow","Action":"imdsd:VerifyCaller",
            "Resource":"arn:aws:imdsd:*:123456789012:scope/s3"}]})");
    sts::role_definition reader;
    reader.name = "reader";
    reader.path = "/team/";
    reader.trust_policy =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"bench"}}}]})";
    sts::account_definition account;
    account.id = "123456789012";
    account.users.push_back(std::move(alice));
    account.roles.push_back(std::move(reader));
    std::vector<sts::account_definition> all;
    all.push_back(std::move(account));
    return all;
}

/// A signed POST and what its views point to.
struct signed_call {
    std::string body, timestamp, authorization, token;
    std::vector<http::field> fields;
    http::request request;

    signed_call(std::string text, const std::string& id, std::string_view secret,
                std::string session_token)
        : body(std::move(text)), token(std::move(session_token)) {
        timestamp = base::iso8601_basic(host::system_clock().now());
        fields = {{"Host", "127.0.0.1:1340"},
                  {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                  {"X-Amz-Date", timestamp},
                  {"User-Agent", "issuer_bench"}};
        std::vector<std::string> names{"content-type", "host", "x-amz-date"};
        if (!token.empty()) {
            fields.push_back({"X-Amz-Security-Token", token});
            names.push_back("x-amz-security-token");
        }
        request.method = "POST";
        request.target = "/";
        request.body = body;
        request.fields = fields;
        authorization = sigv4::authorization(request, {timestamp.substr(0, 8), "us-east-1", "sts"},
                                             timestamp, id, secret, names)
                            .value();
        fields.push_back({"Authorization", authorization});
        request.fields = fields;
    }
    signed_call(const signed_call&) = delete;
    signed_call& operator=(const signed_call&) = delete;
};

std::string between(std::string_view text, std::string_view open, std::string_view close) {
    const auto start = text.find(open);
    if (start == std::string_view::npos) return {};
    const auto from = start + open.size();
    return std::string(text.substr(from, text.find(close, from) - from));
}

template <class Work>
void measure(const char* name, double seconds, Work work) {
    using steady = std::chrono::steady_clock;
    const auto start = steady::now();
    std::size_t count = 0;
    double passed = 0;
    while (passed < seconds) {
        for (int i = 0; i < 50; ++i)
            work();
        count += 50;
        passed = std::chrono::duration<double>(steady::now() - start).count();
    }
    std::printf("%-32s %10.0f per second\n", name, double(count) / passed);
}

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "issuer_bench: %s\n", what);
    std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 2.0;
    host::system_clock clock;
    host::system_random random;
    const auto ring = std::make_shared<sts::key_ring>(sts::key_ring::generate(random, clock.now()));
    const auto store = iam::directory_of(accounts(), "aws", iam::seeded_identities(*ring)).value();
    sts::issuer_options options;
    constexpr unsigned without_end = 1'000'000'000;  // what is measured is not the limiter
    options.limits = {{without_end, without_end}, {without_end, without_end}};
    sts::issuer issuer(options, store, ring, clock, random,
                       [](audit_record::record) { return true; });

    const signed_call assume(
        std::string("Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&ExternalId=bench"
                    "&RoleArn=") +
            role_arn,
        key_id, secret_text, {});
    http::response answer;
    issuer.respond(assume.request, {}, answer);
    require(answer.status == 200, "AssumeRole failed");
    const std::string session_key = between(answer.body, "<AccessKeyId>", "<");
    const std::string session_secret = between(answer.body, "<SecretAccessKey>", "<");
    const std::string token = between(answer.body, "<SessionToken>", "<");
    std::printf("session token  %zu characters\n", token.size());

    measure("AssumeRole, signed", seconds, [&] {
        issuer.respond(assume.request, {}, answer);
        require(answer.status == 200, "AssumeRole failed");
    });
    measure("session token opened", seconds, [&] {
        require(sts::open_session(token, session_key, "aws", *ring, clock.now()).has_value(),
                "the token does not open");
    });
    const signed_call identity("Action=GetCallerIdentity&Version=2011-06-15", session_key,
                               session_secret, token);
    measure("GetCallerIdentity by a session", seconds, [&] {
        issuer.respond(identity.request, {}, answer);
        require(answer.status == 200, "GetCallerIdentity failed");
    });

    const std::string about =
        "Action=VerifyCaller&Version=imdsd%2Fv1&Region=us-east-1&Service=s3"
        "&Date=" +
        identity.timestamp.substr(0, 8) + "&AccessKeyId=" + session_key +
        "&SessionToken=" + encoding::percent_encode(token);
    const signed_call verify(about, key_id, secret_text, {});
    const signed_call decide(about +
                                 "&ActionName=s3%3AGetObject&ResourceArn=arn%3Aaws%3As3"
                                 "%3A%3A%3Ab%2Fo",
                             key_id, secret_text, {});
    for (const auto& [name, call] : {std::pair("VerifyCaller about a session", &verify),
                                     std::pair("VerifyCaller with a decision", &decide)}) {
        measure(name, seconds, [&] {
            issuer.respond(call->request, {}, answer);
            require(answer.status == 200, "VerifyCaller failed");
        });
    }

    // Signatures of the two kinds that are of the right form and wrong: what only verifying costs.
    for (const auto& [name, credential, signature] :
         {std::tuple("wrong SigV4 signature",
                     std::string("AWS4-HMAC-SHA256 Credential=") + key_id + "/" +
                         identity.timestamp.substr(0, 8) + "/us-east-1/sts/aws4_request",
                     std::string(64, 'a')),
          std::tuple("wrong SigV4A signature",
                     std::string("AWS4-ECDSA-P256-SHA256 Credential=") + key_id + "/" +
                         identity.timestamp.substr(0, 8) + "/sts/aws4_request",
                     std::string("3006020101020101"))}) {
        const std::string authorization = credential +
                                          ", SignedHeaders=host;x-amz-date;x-amz-region-set"
                                          ", Signature=" +
                                          signature;
        std::vector<http::field> fields{{"Host", "127.0.0.1:1340"},
                                        {"X-Amz-Date", identity.timestamp},
                                        {"X-Amz-Region-Set", "*"},
                                        {"Authorization", authorization}};
        http::request request = identity.request;
        request.fields = fields;
        measure(name, seconds, [&] {
            issuer.respond(request, {}, answer);
            require(answer.status == 403, "a wrong signature was taken");
        });
    }
    return 0;
}
