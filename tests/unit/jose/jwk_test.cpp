#include "jose/jwk.hpp"

#include "support/catch.hpp"
#include "support/signing_key.hpp"

using support::signing_key;

namespace {

/// Why the only key of a set is not used; empty when it is.
std::string refusal(const std::string& members) {
    const auto set = jose::read_jwk_set(R"({"keys":[{)" + members + "}]}");
    return set ? "" : set.error().message;
}

const std::string& rsa() {
    static const std::string members = signing_key::rsa(2048).members();
    return members;
}
const std::string& p256() {
    static const std::string members = signing_key::ec("P-256").members();
    return members;
}

std::string rsa_of(const std::string& modulus, const std::string& exponent) {
    return R"("kty":"RSA","n":")" + encoding::base64url(modulus, false) + R"(","e":")" +
           encoding::base64url(exponent, false) + '"';
}

bool mentions(const std::string& text, const char* what) {
    return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("RSA keys below 2048 bits, and those above 8192, are refused") {
    CHECK(refusal(rsa()).empty());
    CHECK(mentions(refusal(signing_key::rsa(1024).members()), "an RSA key of 1024 bits"));
    CHECK(mentions(refusal(signing_key::rsa(2040).members()), "an RSA key of 2040 bits"));
    CHECK(mentions(refusal(rsa_of(std::string(2048, '\xff'), "\x01\x00\x01")), "RSA key"));
}

TEST_CASE("RSA exponents that make signatures worthless or slow are refused") {
    const std::string modulus(256, '\xff');
    CHECK(refusal(rsa_of(modulus, "\x03")).empty());
    CHECK(mentions(refusal(rsa_of(modulus, "\x01")), "exponent"));
    CHECK(mentions(refusal(rsa_of(modulus, "\x04")), "exponent"));
    CHECK(mentions(refusal(rsa_of(modulus, "\x01\xff\xff\xff\xff")), "exponent"));
    CHECK(mentions(refusal(rsa_of(modulus, "")), "shortest form"));
    CHECK(mentions(refusal(rsa_of(modulus, std::string("\0\x03", 2))), "shortest form"));
    CHECK(mentions(refusal(rsa_of('\0' + modulus, "\x03")), "shortest form"));
    CHECK(mentions(refusal(rsa_of(std::string(255, '\xff') + "\xfe", "\x03")), "even"));
}

TEST_CASE("Points off their curve, and coordinates of another size, are refused") {
    const auto ec = [](const char* curve, const std::string& x, const std::string& y) {
        return R"("kty":"EC","crv":")" + std::string(curve) + R"(","x":")" +
               encoding::base64url(x, false) + R"(","y":")" + encoding::base64url(y, false) + '"';
    };
    CHECK(mentions(refusal(ec("P-256", std::string(32, '\1'), std::string(32, '\1'))), "curve"));
    CHECK(mentions(refusal(ec("P-256", std::string(32, '\0'), std::string(32, '\0'))), "curve"));
    CHECK(mentions(refusal(ec("P-256", std::string(31, '\1'), std::string(32, '\1'))), "size"));
    CHECK(mentions(refusal(ec("P-384", std::string(32, '\1'), std::string(32, '\1'))), "size"));
    CHECK(mentions(refusal(ec("secp256k1", std::string(32, '\1'), std::string(32, '\1'))),
                   "not used for signatures"));
    CHECK(mentions(refusal(R"("kty":"OKP","crv":"Ed25519","x":"AAAA")"), "32 bytes"));
    CHECK(mentions(refusal(R"("kty":"OKP","crv":"X25519","x":"AAAA")"), "not used"));
}

TEST_CASE("Keys for other purposes, secret keys and private keys are left out") {
    CHECK(refusal(rsa() + R"(,"use":"sig","key_ops":["verify"],"alg":"RS256")").empty());
    CHECK(mentions(refusal(rsa() + R"(,"use":"enc")"), "not for signatures"));
    CHECK(mentions(refusal(rsa() + R"(,"use":1)"), "no string"));
    CHECK(mentions(refusal(rsa() + R"(,"key_ops":["encrypt"])"), "checking signatures"));
    CHECK(mentions(refusal(rsa() + R"(,"key_ops":["sign"])"), "checking signatures"));
    CHECK(mentions(refusal(rsa() + R"(,"key_ops":[])"), "checking signatures"));
    CHECK(mentions(refusal(rsa() + R"(,"key_ops":"verify")"), "no list"));
    CHECK(mentions(refusal(R"("kty":"oct","k":"c2VjcmV0")"), "not a public key"));
    CHECK(mentions(refusal(R"("kty":"oct","kid":"client")"), "not used for signatures"));
    CHECK(mentions(refusal(p256() + R"(,"d":"AAAA")"), "not a public key"));
    CHECK(mentions(refusal(rsa() + R"(,"alg":"HS256")"), "algorithm"));
    CHECK(mentions(refusal(rsa() + R"(,"alg":"none")"), "algorithm"));
    CHECK(mentions(refusal(rsa() + R"(,"alg":"ES256")"), "does not fit"));
    CHECK(mentions(refusal(p256() + R"(,"alg":"ES384")"), "does not fit"));
    CHECK(mentions(refusal(p256() + R"(,"kid":7)"), "no string"));
    CHECK(mentions(refusal(p256() + R"(,"kid":")" + std::string(257, 'k') + '"'), "too long"));
}

TEST_CASE("Numbers are base64url without padding") {
    const auto x = [](const std::string& text) {
        return R"("kty":"OKP","crv":"Ed25519","x":")" + text + '"';
    };
    const std::string point = encoding::base64url(std::string(32, '\7'), false);
    CHECK(refusal(x(point)).empty());
    CHECK(mentions(refusal(x(point + "=")), "padding"));
    CHECK(mentions(refusal(x(point.substr(1) + "+")), "alphabet"));
    CHECK(mentions(refusal(x(" " + point)), "alphabet"));
}

TEST_CASE("What is no key set is an error, and so is one of which nothing can be used") {
    for (const char* text : {"", "{}", "[]", "null", R"({"keys":{}})", R"({"keys":[1]})",
                             R"({"keys":[]})", R"({"keys":[],"keys":[]})", R"({"keys":[]} x)"}) {
        CAPTURE(text);
        CHECK(jose::read_jwk_set(text).has_error());
    }
    std::string many = R"({"keys":[)";
    for (std::size_t i = 0; i <= jose::most_keys; ++i)
        many += (i ? ",{" : "{") + p256() + "}";
    CHECK(jose::read_jwk_set(many + "]}").error().kind == base::error_kind::exhausted);
    CHECK(jose::read_jwk_set(std::string(jose::most_key_set_bytes + 1, ' ')).error().kind ==
          base::error_kind::exhausted);
}

TEST_CASE("Of keys with the same id and type the first counts; a member twice is an error") {
    const signing_key other = signing_key::ec("P-256");
    const auto set =
        jose::read_jwk_set(R"({"keys":[{)" + p256() + R"(,"kid":"k"},{)" + other.members() +
                           R"(,"kid":"k"},{)" + rsa() + R"(,"kid":"k"}]})");
    REQUIRE(set.has_value());
    CHECK(set->keys.size() == 2);
    CHECK(set->left_out ==
          std::vector<std::string>{"key 2: an earlier key has the same kid and type"});
    CHECK(mentions(refusal(p256() + R"(,"kid":"a","kid":"b")"), "duplicate"));
}
