// Examples of the RFCs, signed by others.
#include <string>

#include "jose/jwk.hpp"
#include "jose/jws.hpp"
#include "jose/jwt.hpp"
#include "support/catch.hpp"

namespace {

jose::jwk_set keys(const std::string& members) {
    return jose::read_jwk_set(R"({"keys":[{)" + members + "}]}").value();
}

// RFC 7520 §3.3
const std::string bilbo_rsa =
    R"("kty":"RSA","kid":"bilbo.baggins@hobbiton.example","use":"sig","n":")"
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_"
    "AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-"
    "oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-"
    "tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw"
    R"(","e":"AQAB")";

const std::string bilbo_payload =
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250by"
    "B0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUg"
    "eW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4";

void check_both_ways(const std::string& token, const jose::jwk_set& set) {
    const auto parsed = jose::parse_jws(token);
    REQUIRE(parsed.has_value());
    CHECK(jose::verify(*parsed, set));
    auto other = *parsed;
    other.signing_input.back() = other.signing_input.back() == 'A' ? 'B' : 'A';
    CHECK(jose::verify(other, set).error().kind == base::error_kind::denied);
    other = *parsed;
    other.signature.front() = char(other.signature.front() ^ 1);
    CHECK(jose::verify(other, set).error().kind == base::error_kind::denied);
    other = *parsed;
    other.signature += '\0';
    CHECK_FALSE(jose::verify(other, set));
}

}  // namespace

TEST_CASE("RFC 7515 A.3: ES256") {
    const auto set =
        keys(R"("kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
             R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")");
    const std::string token =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl"
        "LmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISl"
        "SApmWQxfKTUJqPP3-Kg6NU1Q";
    check_both_ways(token, set);
    const auto claimed = jose::read_claims(jose::parse_jws(token)->payload);
    REQUIRE(claimed.has_value());
    CHECK(claimed->issuer == "joe");
    CHECK(claimed->expires == base::wall_time(base::seconds(1300819380)));
    CHECK(claimed->all.at("http://example.com/is_root").as_bool());
}

TEST_CASE("RFC 7515 A.4: ES512") {
    check_both_ways(
        "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA."
        "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_"
        "7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_"
        "Jn",
        keys(R"("kty":"EC","crv":"P-521",)"
             R"("x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_)"
             R"(NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",)"
             R"("y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDl)"
             R"(y79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2")"));
}

TEST_CASE("RFC 7520 4.1: RS256") {
    check_both_ways(
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." +
            bilbo_payload +
            ".MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996iv"
            "p83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNC"
            "rUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2a"
            "Xic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg",
        keys(bilbo_rsa));
}

TEST_CASE("RFC 7520 4.2: PS384") {
    check_both_ways(
        "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." +
            bilbo_payload +
            ".cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHC"
            "dP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442"
            "ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP"
            "1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
        keys(bilbo_rsa));
}

TEST_CASE("RFC 8037 A.4: Ed25519") {
    check_both_ways(
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        keys(R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")"));
}

TEST_CASE("RFC 7517 A.1: of the example set only the key for signatures is used") {
    const auto set = jose::read_jwk_set(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
        R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc","kid":"1"},)"
        R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK)"
        R"(7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6C)"
        R"(f0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbIS)"
        R"(D08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa)"
        R"(pJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}]})");
    REQUIRE(set.has_value());
    REQUIRE(set->keys.size() == 1);
    CHECK(set->keys[0].kid == "2011-04-29");
    CHECK(set->keys[0].alg == jose::algorithm::rs256);
    CHECK(set->left_out == std::vector<std::string>{"key 1: a key that is not for signatures"});
}
