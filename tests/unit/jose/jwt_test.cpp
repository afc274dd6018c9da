#include "jose/jwt.hpp"

#include "support/catch.hpp"

namespace {

constexpr base::wall_time now{base::seconds(1'800'000'000)};

jose::claims claims(const std::string& text) {
    return jose::read_claims(text).value();
}
std::string times(const std::string& text, const jose::time_rules& rules = {}) {
    const auto checked = jose::check_times(claims(text), now, rules);
    return checked ? "" : checked.error().message;
}
std::string at(std::int64_t seconds_from_now) {
    return std::to_string(1'800'000'000 + seconds_from_now);
}
const std::vector<std::string> ours{"pods.eks.amazonaws.com", "other"};

}  // namespace

TEST_CASE("Registered claims have their types") {
    for (const char* text : {"",
                             "[]",
                             "null",
                             "\"x\"",
                             R"({"iss":1})",
                             R"({"sub":[]})",
                             R"({"jti":{}})",
                             R"({"aud":1})",
                             R"({"aud":["a",1]})",
                             R"({"aud":{}})",
                             R"({"exp":"1800000000"})",
                             R"({"exp":null})",
                             R"({"exp":-1})",
                             R"({"exp":1e300})",
                             R"({"exp":253402300800})",
                             R"({"nbf":true})",
                             R"({"iat":[]})",
                             R"({"exp":1,"exp":1800000001})",
                             R"({"sub":"a","\u0073ub":"b"})",
                             R"({} {})"}) {
        CAPTURE(text);
        CHECK(jose::read_claims(text).has_error());
    }
    const auto read = claims(R"({"aud":["a","b"],"exp":1800000000.5,"x":{"y":1}})");
    CHECK(read.audience == std::vector<std::string>{"a", "b"});
    CHECK(read.expires == now + base::milliseconds(500));
    CHECK(read.all.at("x").as_object().at("y").as_int64() == 1);
    CHECK_FALSE(read.subject);
}

TEST_CASE("A token has an end, and it is exact") {
    CHECK(times("{}") == "token is missing required claim: exp claim is required");
    CHECK(times(R"({"exp":)" + at(1) + "}").empty());
    CHECK(times(R"({"exp":)" + at(0) + "}") == "token is expired");
    CHECK(times(R"({"exp":)" + at(-1) + "}") == "token is expired");
    CHECK(jose::check_times(claims(R"({"exp":)" + at(-1) + "}"), now, {}).error().kind ==
          base::error_kind::expired);
    CHECK(times(R"({"exp":)" + at(-9) + "}", {base::seconds(10), base::seconds(0)}).empty());
    CHECK(times(R"({"exp":)" + at(-10) + "}", {base::seconds(10), base::seconds(0)}) ==
          "token is expired");
    CHECK(times(R"({"exp":253402300799})").empty());
    CHECK(times(R"({"exp":0})") == "token is expired");
}

TEST_CASE("A token from the future is refused, but for the leeway") {
    const std::string exp = R"({"exp":)" + at(100);
    CHECK(times(exp + R"(,"nbf":)" + at(0) + "}").empty());
    CHECK(times(exp + R"(,"nbf":)" + at(1) + "}") == "token is not valid yet");
    CHECK(times(exp + R"(,"iat":)" + at(1) + "}") == "token used before issued");
    CHECK(times(exp + R"(,"nbf":)" + at(1) + R"(,"iat":)" + at(1) + "}") ==
          "token is not valid yet, token used before issued");
    const jose::time_rules lenient{base::seconds(0), base::seconds(30)};
    CHECK(times(exp + R"(,"nbf":)" + at(30) + R"(,"iat":)" + at(30) + "}", lenient).empty());
    CHECK(times(exp + R"(,"nbf":)" + at(31) + "}", lenient) == "token is not valid yet");
    // The leeway for the start does not lengthen the life.
    CHECK(times(R"({"exp":)" + at(0) + "}", lenient) == "token is expired");
}

TEST_CASE("Issuer and audience must be there and match byte for byte") {
    const auto parties = [](const std::string& text) {
        const auto checked = jose::check_parties(claims(text), "https://issuer.example", ours);
        return checked ? std::string() : checked.error().message;
    };
    const std::string iss = R"({"iss":"https://issuer.example")";
    CHECK(parties(iss + R"(,"aud":"pods.eks.amazonaws.com"})").empty());
    CHECK(parties(iss + R"(,"aud":["x","other"]})").empty());
    CHECK(parties(iss + "}") == "token has invalid audience");
    CHECK(parties(iss + R"(,"aud":[]})") == "token has invalid audience");
    CHECK(parties(iss + R"(,"aud":"Pods.eks.amazonaws.com"})") == "token has invalid audience");
    CHECK(parties(iss + R"(,"aud":"pods.eks.amazonaws.com "})") == "token has invalid audience");
    CHECK(parties(R"({"aud":"other"})") == "token has invalid issuer");
    CHECK(parties(R"({"iss":"https://issuer.example/","aud":"other"})") ==
          "token has invalid issuer");
    CHECK(parties(R"({"iss":"","aud":"other"})") == "token has invalid issuer");
    CHECK(jose::check_parties(claims(iss + R"(,"aud":""})"), "https://issuer.example", {})
              .has_error());
}
