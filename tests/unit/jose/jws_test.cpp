#include "jose/jws.hpp"

#include "support/catch.hpp"
#include "support/signing_key.hpp"

using support::signing_key;

namespace {

const signing_key& rsa() {
    static const signing_key key = signing_key::rsa(2048);
    return key;
}
const signing_key& p256() {
    static const signing_key key = signing_key::ec("P-256");
    return key;
}
jose::jwk_set set_of(const std::string& text) {
    return jose::read_jwk_set(text).value();
}
base::result<void> verdict(const std::string& token, const jose::jwk_set& keys) {
    const auto parsed = jose::parse_jws(token);
    if (!parsed) return parsed.error();
    return jose::verify(*parsed, keys);
}
std::string encoded(std::string_view text) {
    return encoding::base64url(text, false);
}
std::string failure(const std::string& text) {
    const auto parsed = jose::parse_jws(text);
    return parsed ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("Every algorithm verifies what another implementation signed, with its key alone") {
    struct family {
        signing_key key;
        signing_key other;
        std::vector<std::string> algorithms;
    };
    const std::vector<family> families{
        {rsa(), signing_key::rsa(2048), {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}},
        {p256(), signing_key::ec("P-256"), {"ES256"}},
        {signing_key::ec("P-384"), signing_key::ec("P-384"), {"ES384"}},
        {signing_key::ec("P-521"), signing_key::ec("P-521"), {"ES512"}},
        {signing_key::ed25519(), signing_key::ed25519(), {"EdDSA"}},
    };
    for (const family& f : families) {
        const auto keys = set_of(f.key.key_set("k"));
        for (const std::string& alg : f.algorithms) {
            CAPTURE(alg);
            CHECK(verdict(f.key.token(alg, "k", "{}"), keys));
            CHECK(verdict(f.other.token(alg, "k", "{}"), keys).error().kind ==
                  base::error_kind::denied);
            // The signature of one algorithm is none of another, whatever the header says.
            for (const std::string& claimed : f.algorithms) {
                if (claimed == alg) continue;
                const std::string header = R"({"alg":")" + claimed + R"(","kid":"k"})";
                CHECK_FALSE(verdict(f.key.token_of(alg, header, "{}"), keys));
            }
        }
    }
}

TEST_CASE("PSS signatures with another salt length than the hash's are refused") {
    signing_key key = rsa();
    const auto keys = set_of(key.key_set("k"));
    for (const int salt : {0, 20, 64}) {
        key.pss_salt = salt;
        CHECK_FALSE(verdict(key.token("PS256", "k", "{}"), keys));
    }
    key.pss_salt = 32;
    CHECK(verdict(key.token("PS256", "k", "{}"), keys));
}

TEST_CASE("`none` and the HMAC family do not exist") {
    const std::string body = encoded("{}");
    for (const char* alg : {"none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "rs256",
                            "RS1", "ES256K", "Ed25519", "RSA-OAEP", "dir"}) {
        CAPTURE(alg);
        const std::string header = encoded(R"({"alg":")" + std::string(alg) + "\"}");
        CHECK(failure(header + "." + body + ".") ==
              "token is unverifiable: signing method (alg) is unavailable");
        CHECK(failure(header + "." + body + ".c2ln") ==
              "token is unverifiable: signing method (alg) is unavailable");
    }
    for (const char* header : {"{}", R"({"alg":null})", R"({"alg":["RS256"]})", R"({"alg":1})"}) {
        CHECK(failure(encoded(header) + "." + body + ".c2ln") ==
              "token is unverifiable: signing method (alg) is unspecified");
    }
}

TEST_CASE("The algorithm must fit the key's type, its curve, and the key's own alg") {
    const auto p256_keys = set_of(p256().key_set("k"));
    const std::string forged = encoded(R"({"alg":"ES384","kid":"k"})") + "." + encoded("{}") + "." +
                               encoded(std::string(96, 'x'));
    CHECK(verdict(forged, p256_keys).error().kind == base::error_kind::not_found);
    CHECK(verdict(rsa().token("RS256", "k", "{}"), p256_keys).error().kind ==
          base::error_kind::not_found);
    const auto only_384 = set_of(rsa().key_set("k", R"(,"alg":"RS384")"));
    CHECK(verdict(rsa().token("RS384", "k", "{}"), only_384));
    CHECK(verdict(rsa().token("RS256", "k", "{}"), only_384).error().kind ==
          base::error_kind::not_found);
    CHECK(verdict(rsa().token("PS384", "k", "{}"), only_384).error().kind ==
          base::error_kind::not_found);
}

TEST_CASE("ECDSA signatures are r and s, not DER, and neither is zero") {
    const auto keys = set_of(p256().key_set("k"));
    const std::string head = encoded(R"({"alg":"ES256","kid":"k"})") + "." + encoded("{}") + ".";
    CHECK_FALSE(verdict(head + encoded(std::string(64, '\0')), keys));
    CHECK_FALSE(verdict(head, keys));
    const std::string good = p256().token("ES256", "k", "{}");
    const std::string raw = jose::parse_jws(good)->signature;
    REQUIRE(raw.size() == 64);
    CHECK(verdict(good, keys));
    CHECK_FALSE(verdict(head + encoded(raw.substr(0, 63)), keys));
    CHECK_FALSE(verdict(head + encoded('\0' + raw), keys));
    CHECK_FALSE(verdict(
        head + encoded("\x30\x44\x02\x20" + raw.substr(0, 32) + "\x02\x20" + raw.substr(32)),
        keys));
}

TEST_CASE("A token that names a key gets that key; one that names none gets the only one") {
    const signing_key second = signing_key::ec("P-256");
    const auto both = set_of(R"({"keys":[{)" + p256().members() + R"(,"kid":"a"},{)" +
                             second.members() + R"(,"kid":"b"}]})");
    CHECK(verdict(p256().token("ES256", "a", "{}"), both));
    CHECK(verdict(second.token("ES256", "b", "{}"), both));
    // Another key's id, however good the signature.
    CHECK(verdict(second.token("ES256", "a", "{}"), both).error().kind == base::error_kind::denied);
    CHECK(verdict(p256().token("ES256", "c", "{}"), both).error().kind ==
          base::error_kind::not_found);
    CHECK(verdict(p256().token("ES256", "A", "{}"), both).error().kind ==
          base::error_kind::not_found);
    const std::string nameless = p256().token_of("ES256", R"({"alg":"ES256"})", "{}");
    CHECK(verdict(nameless, both).error().kind == base::error_kind::not_found);
    CHECK(verdict(nameless, set_of(p256().key_set("a"))));
    CHECK_FALSE(verdict(nameless, set_of(second.key_set("a"))));
    // A key without id is not one for tokens that name a key.
    CHECK(
        verdict(p256().token("ES256", "", "{}"), set_of(R"({"keys":[{)" + p256().members() + "}]}"))
            .error()
            .kind == base::error_kind::not_found);
    for (const char* kid : {"1", "null", "[]", R"({"a":"b"})"}) {
        CHECK(failure(encoded(R"({"alg":"ES256","kid":)" + std::string(kid) + "}") + ".e30.c2ln") ==
              "token is malformed: its key id (kid) is no text of a usual length");
    }
}

TEST_CASE("Keys that the token brings along, and addresses of keys, count for nothing") {
    const signing_key attacker = signing_key::ec("P-256");
    const auto keys = set_of(p256().key_set("k"));
    for (const std::string& more :
         {R"("jwk":{)" + attacker.members() + "}", std::string(R"("jku":"https://evil.example/")"),
          std::string(R"("x5u":"https://evil.example/")"), std::string(R"("x5c":["MIIB"])")}) {
        const std::string header = R"({"alg":"ES256","kid":"k",)" + more + "}";
        CHECK(verdict(attacker.token_of("ES256", header, "{}"), keys).error().kind ==
              base::error_kind::denied);
        CHECK(verdict(p256().token_of("ES256", header, "{}"), keys));
    }
}

TEST_CASE("Extensions that must be understood are refused") {
    for (const char* more :
         {R"("crit":["exp"])", R"("crit":[])", R"("crit":["b64"],"b64":false)", R"("b64":false)"}) {
        const std::string header = R"({"alg":"ES256","kid":"k",)" + std::string(more) + "}";
        CHECK(failure(p256().token_of("ES256", header, "{}")) ==
              "token is unverifiable: it needs an extension that is not known here");
    }
}

TEST_CASE("A header says everything once") {
    CHECK(failure(p256().token_of("ES256", R"({"alg":"none","alg":"ES256","kid":"k"})", "{}"))
              .find("duplicate") != std::string::npos);
    CHECK(failure(p256().token_of("ES256", R"({"alg":"ES256","kid":"a","kid":"k"})", "{}"))
              .find("duplicate") != std::string::npos);
    CHECK(failure(p256().token_of("ES256", R"({"alg":"ES256","\u006bid":"a","kid":"k"})", "{}"))
              .find("duplicate") != std::string::npos);
}

TEST_CASE("The compact form is three parts of base64url, in their one form") {
    const std::string good = p256().token("ES256", "k", "{}");
    const auto keys = set_of(p256().key_set("k"));
    REQUIRE(verdict(good, keys));
    CHECK(failure("") == "token is malformed: token contains an invalid number of segments");
    CHECK(failure("a.b") == "token is malformed: token contains an invalid number of segments");
    CHECK(failure(good + ".x") ==
          "token is malformed: token contains an invalid number of segments");
    CHECK(failure(good + "=").find("padding") != std::string::npos);
    CHECK_FALSE(failure(good + "\n").empty());
    CHECK_FALSE(failure(" " + good).empty());
    CHECK_FALSE(failure("Bearer " + good).empty());
    // The last character of 64 bytes carries four unused bits: only one of sixteen texts is right.
    std::size_t accepted = 0;
    for (const char c :
         std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")) {
        std::string other = good;
        other.back() = c;
        if (verdict(other, keys)) ++accepted;
    }
    CHECK(accepted == 1);
    CHECK(failure("W10.e30.c2ln") == "token is malformed: could not JSON decode header: no object");
    CHECK(failure(std::string(jose::most_token_bytes + 1, 'a')).find("longer") !=
          std::string::npos);
    const std::string big_header =
        R"({"alg":"ES256","x":")" + std::string(jose::most_header_bytes, 'x') + "\"}";
    CHECK(failure(encoded(big_header) + ".e30.c2ln").find("longer") != std::string::npos);
}
