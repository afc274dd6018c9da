#include "encoding/base64.hpp"
#include "signed_request.hpp"
#include "support/catch.hpp"

using namespace sigv4_test;

namespace {

std::string canonical_hash(const message& m) {
    return m.with_request([&](const http::request& request) {
        const auto claim = sigv4::read_claim(request, signing_time(), {}).value();
        const auto text = sigv4::canonical_request(request, claim).value();
        return encoding::hex(crypto::as_text(crypto::sha256(text)));
    });
}

std::string hex(const crypto::digest256& digest) {
    return encoding::hex(crypto::as_text(digest));
}

message presigned(std::string rest) {
    message m;
    m.method = "GET";
    m.target =
        "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%2F20240517%2Fus-east-1%2Fsts%2Faws4_request"
        "&X-Amz-Date=20240517T123456Z" +
        std::move(rest);
    m.fields = {{"host", "sts.example.test"}};
    m.body.clear();
    return m;
}

}  // namespace

TEST_CASE("The signing key is that of the known chain") {
    CHECK(hex(sigv4::signing_key(secret_key, {"20240517", "us-east-1", "sts"})) ==
          "05fe1496f9b6cd812234def392b931a4d30ca612a8098305890e47e458ea6f86");
    CHECK(hex(sigv4::signing_key(secret_key, {"20150830", "us-east-1", "iam"})) ==
          "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST_CASE("V1 a form post with long-term keys") {
    message m;
    m.add("Authorization",
          authorization_value("content-type;host;x-amz-date",
                              "d1a2d1a8cac61ea403bb0a6b7257d08d57f74f5e0c6465d73e2a3dc4225a330f"));
    CHECK(canonical_hash(m) == "27bb1024ec77f5e153abffcbb947cb75c85cc2c736c3961499cc58dd67d87897");
    CHECK(m.verifies());
    CHECK_FALSE(m.verifies("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEZ"));
    const auto claim = m.claim().value();
    CHECK(claim.how == sigv4::claim::form::header);
    CHECK(claim.access_key_id == "AKIDEXAMPLE");
    CHECK(claim.credential_scope.region == "us-east-1");
    CHECK(claim.timestamp == timestamp);
    CHECK_FALSE(claim.session_token.has_value());
}

TEST_CASE("V2 a form post with a session token") {
    message m;
    m.add("X-Amz-Security-Token", "SESSIONTOKEN/with+special==");
    m.add("Authorization",
          authorization_value("content-type;host;x-amz-date;x-amz-security-token",
                              "fb310c9800c8be066f60e1505b09974c5615ba48d6b883573a8e6910a383d666"));
    CHECK(canonical_hash(m) == "8bb6cfe9da327cc3e028d2fd9161694c76633516ee9e647b69460a55bca81efa");
    CHECK(m.verifies());
    CHECK(m.claim().value().session_token == "SESSIONTOKEN/with+special==");
    CHECK(m.claim().value().session_token_signed);
}

TEST_CASE("V3 a host with a port and another region", "[S67]") {
    message m;
    *m.find("host") = "127.0.0.1:8443";
    m.add("Authorization",
          authorization_value("content-type;host;x-amz-date",
                              "fddb0c265744d02c334b9a0c089727ec16a9ddeb1e368b1f2e6531c827df79d8",
                              "eu-west-1"));
    CHECK(canonical_hash(m) == "c2d84d1c2ed74b751c6d892ce29a5de9af6c00ed50237986840105368608e77a");
    CHECK(m.verifies());
}

TEST_CASE("V4 a presigned request") {
    const message m = presigned(
        "&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=5779c0be0528d3d4ea7bbba9158b8f1284316799a3e0c0c4719e73b12996f5c3");
    CHECK(m.verifies());
    CHECK_FALSE(m.verifies("another"));
    const auto claim = m.claim().value();
    CHECK(claim.how == sigv4::claim::form::presigned);
    CHECK(claim.expires == base::seconds(900));
}

TEST_CASE("V5 a presigned request with a session token") {
    const message m = presigned(
        "&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
        "&X-Amz-Security-Token=SESSIONTOKEN%2Fwith%2Bspecial%3D%3D"
        "&X-Amz-Signature=521af5764db175f0524feea4aaf99455d0d0140f2ccf2ee201ea6c7b8311e0ea");
    CHECK(m.verifies());
    CHECK(m.claim().value().session_token == "SESSIONTOKEN/with+special==");
}

TEST_CASE("V6 a presigned request with a signed header of its own", "[S63]") {
    message m = presigned(
        "&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"
        "&X-Amz-Signature=ec0df15e0e7cc794491743eb02ee8c5864521dfbcfa025e6e4e98d10422de7e7");
    m.add("x-k8s-aws-id", "cluster-1");
    CHECK(m.verifies());
    *m.find("x-k8s-aws-id") = "cluster-2";
    CHECK_FALSE(m.verifies());
    m.remove("x-k8s-aws-id");
    CHECK(m.outcome().starts_with("SignatureDoesNotMatch: The request signature"));
}

TEST_CASE("The order of the parameters of a presigned request does not matter") {
    message m = presigned("");
    m.target =
        "/?X-Amz-Signature=5779c0be0528d3d4ea7bbba9158b8f1284316799a3e0c0c4719e73b12996f5c3"
        "&X-Amz-SignedHeaders=host&Version=2011-06-15&X-Amz-Expires=900"
        "&X-Amz-Credential=AKIDEXAMPLE/20240517/us-east-1/sts/aws4_request"
        "&X-Amz-Date=20240517T123456Z&X-Amz-Algorithm=AWS4-HMAC-SHA256&Action=GetCallerIdentity";
    CHECK(m.verifies());
}

TEST_CASE("Requests signed by botocore verify") {
    struct vector {
        const char* method;
        const char* target;
        std::vector<std::pair<std::string, std::string>> fields;
        const char* body;
        const char* signed_headers;
        const char* signature;
    };
    const vector vectors[] = {{"GET",
                               "/",
                               {},
                               "",
                               "host;x-amz-date",
                               "8d75354905818bf0dddda356d63b4495b78fbb9814b5bd10dbaa26464c61bd7b"},
                              {"GET",
                               "/?b=2&a=1&a=0&A=3&aa=x",
                               {},
                               "",
                               "host;x-amz-date",
                               "d99028a5d3fc448b596c74455736a67e8f8b634a470322a26d2d5f7dd544d248"},
                              {"GET",
                               "/?a=%2F%2B%20-._~&%C3%A9=%C3%A9&empty=&z=a%3Db%26c",
                               {},
                               "",
                               "host;x-amz-date",
                               "c7bad48ad89284e24321a73653d26133f40ffa229efa7e56eab3bddd03a07f81"},
                              {"GET",
                               "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
                               {},
                               "",
                               "host;x-amz-date",
                               "9b63320093d6c12e7c7fff6abb71ece58a201b6e8cfd16c6e4c42e2ad0337bbd"},
                              {"GET",
                               "/?a-=1&a=2&a.=3&a%20=4",
                               {},
                               "",
                               "host;x-amz-date",
                               "649f6417370535a9cafd29c07ba5e2525f9c7678adee66310e71a138c70eaa91"},
                              {"GET",
                               "//",
                               {},
                               "",
                               "host;x-amz-date",
                               "8d75354905818bf0dddda356d63b4495b78fbb9814b5bd10dbaa26464c61bd7b"},
                              {"GET",
                               "/sts/",
                               {},
                               "",
                               "host;x-amz-date",
                               "02fc69cb29ef737652944f84ce60469b12c47355a31f319f93a4f1ac1031e75e"},
                              {"GET",
                               "/a/./b/../c",
                               {},
                               "",
                               "host;x-amz-date",
                               "fa62204dfce7c9c5b26bcacc052327d6c81927a850e5af86c494fbf3450b9cb5"},
                              {"GET",
                               "/a//b///",
                               {},
                               "",
                               "host;x-amz-date",
                               "19915300267b5ab03ef34786eab4c1cc0fb5f6e260313686edf5252bed51dd02"},
                              {"GET",
                               "/../x",
                               {},
                               "",
                               "host;x-amz-date",
                               "5c1b54abed486a797b0be42a6f205dcbb397b5148a82fb9dce0269fe88c0456e"},
                              {"GET",
                               "/a%20b/%E1%88%B4",
                               {},
                               "",
                               "host;x-amz-date",
                               "a2d9efd6d5e6ed8eafb85aea7d5c822faa8124368f5b857d3574030934c90142"},
                              {"GET",
                               "/a~b/-._~",
                               {},
                               "",
                               "host;x-amz-date",
                               "7a6d5b6574bbd319fb59294c1efa28567b7df4a34601b4247a54c675766e5ac9"},
                              {"POST",
                               "/",
                               {{"My-Header1", "  a   b   c  "}, {"My-Header2", "\"a   b\""}},
                               "x=1",
                               "host;my-header1;my-header2;x-amz-date",
                               "8f19ea6db0200636060b760ffc8516b2d0ff33c92aec03600abc7749149c813b"},
                              {"POST",
                               "/",
                               {{"Amz-Sdk-Request", "attempt=1; max=3"},
                                {"Accept", "*/*"},
                                {"X-Amz-User-Agent", "aws-sdk-js/3.0"}},
                               "Action=AssumeRole&Tags=",
                               "accept;amz-sdk-request;host;x-amz-date;x-amz-user-agent",
                               "6c5248e264e4cd7fd2e688e4ebfa8241b642c86482404ba1b3117131e23a2517"},
                              {"PUT",
                               "/x?Param1=value1",
                               {{"zoo", "1"}, {"a-b", "2"}, {"a", "3"}},
                               "\xC3\xA9",
                               "a;a-b;host;x-amz-date;zoo",
                               "7f5941fec0809c018718036720d7f3cf81488445bf19719f23ebff98e3915152"}};
    for (const vector& v : vectors) {
        CAPTURE(v.method, v.target);
        message m;
        m.method = v.method;
        m.target = v.target;
        m.body = v.body;
        m.remove("content-type");
        for (const auto& field : v.fields) {
            m.fields.push_back(field);
        }
        m.add("authorization", authorization_value(v.signed_headers, v.signature));
        CHECK(m.outcome() == "matches");
        // The client side of this module signs alike.
        message again = m;
        again.sign();
        CHECK(*again.find("authorization") == *m.find("authorization"));
    }
}
