// The examples of Amazon S3's API reference ("Signature Calculations … for the Authorization
// Header", "… Using Query Parameters", "… Transferring Payload in Multiple Chunks").

#include "signed_request.hpp"
#include "support/catch.hpp"

using namespace sigv4_test;

namespace {

constexpr std::string_view s3_secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view empty_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const sigv4::rules s3_rules{"s3", {}, base::seconds(15 * 60), sigv4::dialect::s3};

base::wall_time midnight() {
    return base::parse_iso8601_basic("20130524T000000Z").value();
}

/// "good", "bad", or "Code: message".
std::string outcome_of(const message& m, base::wall_time now = midnight(),
                       const sigv4::rules& rules = s3_rules) {
    return m.with_request([&](const http::request& request) {
        const auto claim = sigv4::read_claim(request, now, rules);
        if (!claim) return claim.error().code + ": " + claim.error().message;
        const auto same = sigv4::matches(request, *claim, s3_secret);
        if (!same) return same.error().code + ": " + same.error().message;
        return std::string(*same ? "good" : "bad");
    });
}

message example(std::string target, std::string signed_headers, std::string signature,
                std::string_view hash = empty_hash) {
    message m;
    m.method = "GET";
    m.target = std::move(target);
    m.fields = {{"Host", "examplebucket.s3.amazonaws.com"},
                {"x-amz-content-sha256", std::string(hash)},
                {"x-amz-date", "20130524T000000Z"},
                {"Authorization",
                 "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/"
                 "aws4_request,SignedHeaders=" +
                     signed_headers + ",Signature=" + signature}};
    m.body.clear();
    return m;
}

message get_object() {
    message m = example("/test.txt", "host;range;x-amz-content-sha256;x-amz-date",
                        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    m.add("Range", "bytes=0-9");
    return m;
}

message presigned_object(std::string expires = "86400") {
    message m;
    m.method = "GET";
    m.target =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F"
        "20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" +
        (expires.empty() ? "" : "&X-Amz-Expires=" + expires) +
        "&X-Amz-SignedHeaders=host&X-Amz-Signature="
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    m.fields = {{"Host", "examplebucket.s3.amazonaws.com"}};
    m.body.clear();
    return m;
}

}  // namespace

TEST_CASE("S3: an object is fetched") {
    CHECK(outcome_of(get_object()) == "good");
    message other = get_object();
    other.target = "/test.txT";
    CHECK(outcome_of(other) == "bad");
}

TEST_CASE("S3: a body is signed by its hash, a key is encoded once") {
    message m =
        example("/test$file.text", "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
                "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072");
    m.method = "PUT";
    m.body = "Welcome to Amazon S3.";
    m.add("Date", "Fri, 24 May 2013 00:00:00 GMT");
    m.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    CHECK(outcome_of(m) == "good");
    m.target = "/test%24file.text";
    CHECK(outcome_of(m) == "good");
    m.body += '!';
    CHECK(outcome_of(m).starts_with("SignatureDoesNotMatch: "));
}

TEST_CASE("S3: sub-resources and listings") {
    CHECK(outcome_of(example("/?lifecycle", "host;x-amz-content-sha256;x-amz-date",
                             "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")) ==
          "good");
    CHECK(outcome_of(example("/?max-keys=2&prefix=J", "host;x-amz-content-sha256;x-amz-date",
                             "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")) ==
          "good");
}

TEST_CASE("S3: a presigned request lives for its X-Amz-Expires") {
    using std::chrono::hours;
    using std::chrono::seconds;
    CHECK(outcome_of(presigned_object()) == "good");
    CHECK(outcome_of(presigned_object(), midnight() + hours(24)) == "good");
    CHECK(outcome_of(presigned_object(), midnight() + hours(24) + seconds(1))
              .starts_with("SignatureDoesNotMatch: Signature expired"));
    CHECK(outcome_of(presigned_object("86401")) == "bad");
    CHECK(outcome_of(presigned_object("")).starts_with("IncompleteSignature: "));
}

TEST_CASE("S3: the words for a body that is not signed stand for themselves") {
    message m = example("/examplebucket/chunkObject.txt",
                        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                        "x-amz-decoded-content-length;x-amz-storage-class",
                        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
                        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    m.method = "PUT";
    m.fields[0].second = "s3.amazonaws.com";
    m.add("Content-Encoding", "aws-chunked");
    m.add("Content-Length", "66824");
    m.add("x-amz-decoded-content-length", "66560");
    m.add("x-amz-storage-class", "REDUCED_REDUNDANCY");
    m.body = "any";
    CHECK(outcome_of(m) == "good");
    *m.find("x-amz-content-sha256") = "UNSIGNED-PAYLOAD";
    CHECK(outcome_of(m) == "bad");
    *m.find("x-amz-content-sha256") = "STREAMING-SOMETHING-ELSE";
    CHECK(outcome_of(m).starts_with("SignatureDoesNotMatch: "));
}

TEST_CASE("S3: what the signature says of the body has to be said") {
    message m = get_object();
    m.remove("x-amz-content-sha256");
    CHECK(outcome_of(m) ==
          "InvalidRequest: Missing required header for this request: x-amz-content-sha256");
}

TEST_CASE("S3: dot segments and runs of slashes are part of a key") {
    const auto canonical = [](std::string target, sigv4::dialect how) {
        message m = get_object();
        m.target = std::move(target);
        return m.with_request([&](const http::request& request) {
            auto rules = s3_rules;
            rules.how_canonical = how;
            const auto claim = sigv4::read_claim(request, midnight(), rules).value();
            const auto text = sigv4::canonical_request(request, claim).value();
            return text.substr(4, text.find('\n', 4) - 4);
        });
    };
    CHECK(canonical("/a//./b%20c/../d%2Fe/", sigv4::dialect::s3) == "/a//./b%20c/../d%2Fe/");
    CHECK(canonical("/a+b(c)", sigv4::dialect::s3) == "/a%2Bb%28c%29");
    CHECK(canonical("/a//./b%20c/../d/", sigv4::dialect::standard) == "/a/d/");
    CHECK(canonical("/b%20c", sigv4::dialect::standard) == "/b%2520c");
}

TEST_CASE("S3's words are nothing to other services") {
    message m = get_object();
    *m.find("x-amz-content-sha256") = "UNSIGNED-PAYLOAD";
    const sigv4::rules standard{"s3", {}, base::seconds(15 * 60), sigv4::dialect::standard};
    CHECK(outcome_of(m, midnight(), standard).starts_with("SignatureDoesNotMatch: The provided"));
}
