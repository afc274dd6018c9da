// The published conformance cases of SigV4 (38, for a service called "service"), in header and in
// query form: requests of these shapes with the signatures that are known for them.
#include <algorithm>
#include <cctype>

#include "base/time_text.hpp"
#include "encoding/percent.hpp"
#include "signed_request.hpp"
#include "support/catch.hpp"

using namespace sigv4_test;

#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

namespace {

constexpr auto standard = sigv4::dialect::standard;
constexpr auto unnormalized = sigv4::dialect::unnormalized;
constexpr const char* none = "";
constexpr const char* first = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
/// The token of the public documentation; in one case it is added behind the signature.
constexpr const char* example =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP"
    "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT"
    "7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlz"
    "m8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

struct vector {
    const char* id;
    const char* method;
    const char* path;
    const char* query;
    std::vector<std::pair<std::string, std::string>> fields;
    const char* body;
    sigv4::dialect how;
    const char* token;
    const char* header_signature;
    const char* query_signature;
    bool token_after = false;
};

const std::vector<vector>& vectors() {
    static const std::vector<vector> all = {
        {"S1",
         "GET",
         "/",
         "",
         {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}},
         "",
         standard,
         none,
         "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
         "3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97"},
        {"S2",
         "GET",
         "/",
         "",
         {{"My-Header1", "value1   value2      value3"}},
         "",
         standard,
         none,
         "cfd34249e4b1c8d6b91ef74165d41a32e5fab3306300901bb65a51a73575eefd",
         "e6f5def831211aca02987a44b96826706278c7bc078112ae0263659c5b2f2d56"},
        {"S3",
         "GET",
         "/",
         "",
         {{"My-Header1", "value4"},
          {"My-Header1", "value1"},
          {"My-Header1", "value3"},
          {"My-Header1", "value2"}},
         "",
         standard,
         none,
         "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
         "313720e71ca6202fdcfa9b20f88de01a4eb0638a83c833b1c184359a4eda864e"},
        {"S4",
         "GET",
         "/",
         "",
         {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}},
         "",
         standard,
         none,
         "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
         "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4"},
        {"S5",
         "GET",
         "/example/..",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S6",
         "GET",
         "/example/..",
         "",
         {},
         "",
         unnormalized,
         none,
         "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282",
         "cbcb213b928a077e43275df47b500f1dfaa864ab3f5a18f6b95f4ff0938167ee"},
        {"S7",
         "GET",
         "/example1/example2/../..",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S8",
         "GET",
         "/example1/example2/../..",
         "",
         {},
         "",
         unnormalized,
         none,
         "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b",
         "b45db0bfd1cf15003493b733e33aa208dd981bd0e63037a6ed953f71d2118a16"},
        {"S9",
         "GET",
         "//",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S10",
         "GET",
         "//",
         "",
         {},
         "",
         unnormalized,
         none,
         "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e",
         "b2a9542809db687769200f56a844a03f2bd0291d6eb90232d5101c6a579446cd"},
        {"S11",
         "GET",
         "/./",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S12",
         "GET",
         "/./",
         "",
         {},
         "",
         unnormalized,
         none,
         "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145",
         "a9b13e8f3484d9505bf1a6f347219f8f35b0fe8f128ceea597efc146a3dfe90c"},
        {"S13",
         "GET",
         "/./example",
         "",
         {},
         "",
         standard,
         none,
         "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
         "35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de"},
        {"S14",
         "GET",
         "/./example",
         "",
         {},
         "",
         unnormalized,
         none,
         "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff",
         "72b11f16d9530b18204bfb71f2d6ab085894c0ed8d352730a6e76234c58b5e10"},
        {"S15",
         "GET",
         "//example//",
         "",
         {},
         "",
         standard,
         none,
         "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
         "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082"},
        {"S16",
         "GET",
         "//example//",
         "",
         {},
         "",
         unnormalized,
         none,
         "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5",
         "822a5a9ba28072c5ab2bb4a6307d0c88276d40e49fec6b724c03fb4d4ba60fc2"},
        {"S17",
         "GET",
         "/example%20space/",
         "",
         {},
         "",
         standard,
         none,
         "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662",
         "dd3d3226934c3407b153002ddf956a52c5de1300d4c7031d2812d609fdc627f8"},
        {"S18",
         "GET",
         "/example%20space/",
         "",
         {},
         "",
         unnormalized,
         none,
         "446b817944c553435b35e813c261ff4e161fff982d1bacdef1c87f6785dd1662",
         "dd3d3226934c3407b153002ddf956a52c5de1300d4c7031d2812d609fdc627f8"},
        {"S19",
         "GET",
         "/" UNRESERVED,
         "",
         {},
         "",
         standard,
         none,
         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
         "95968482db1b9e0fadef6efc1bd24689f77c77d9ef56919c96a28cc92e0d6005"},
        {"S20",
         "GET",
         "/%E1%88%B4",
         "",
         {},
         "",
         standard,
         none,
         "697b34846207a3f72246f99d74ae1ee4fe54f44bb06730c58a0d339eb079596d",
         "50e93f9797874ce19a7ab240c1702e6ac4582fc51ebeb404909941f9207578e1"},
        {"S21",
         "GET",
         "/",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S22",
         "GET",
         "/",
         "Param1=value1",
         {},
         "",
         standard,
         none,
         "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
         "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de"},
        {"S23",
         "GET",
         "/",
         "",
         {},
         "",
         standard,
         none,
         "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
         "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
        {"S24",
         "GET",
         "/",
         "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
         {},
         "",
         standard,
         none,
         "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
         "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787"},
        {"S25",
         "GET",
         "/",
         "Param2=value2&Param1=value1",
         {},
         "",
         standard,
         none,
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
         "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5"},
        {"S26",
         "GET",
         "/",
         UNRESERVED "=" UNRESERVED,
         {},
         "",
         standard,
         none,
         "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
         "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf"},
        {"S27",
         "GET",
         "/",
         "%E1%88%B4=bar",
         {},
         "",
         standard,
         none,
         "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
         "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600"},
        {"S28",
         "GET",
         "/",
         "",
         {},
         "",
         standard,
         first,
         "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
         "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c"},
        {"S29",
         "POST",
         "/",
         "",
         {},
         "",
         standard,
         none,
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
         "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b"},
        {"S30",
         "POST",
         "/",
         "",
         {{"My-Header1", "value1"}},
         "",
         standard,
         none,
         "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
         "c09d07e0d55871f10f2a6d350d994acf6825a3cae70673d7def55616e6119dd7"},
        {"S31",
         "POST",
         "/",
         "",
         {{"My-Header1", "VALUE1"}},
         "",
         standard,
         none,
         "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
         "0698bc9e4f7f9139065ba2909c0e99da257e8e2a42492a097bcd46d792391fed"},
        {"S32",
         "POST",
         "/",
         "",
         {},
         "",
         standard,
         example,
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
         "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
         true},
        {"S33",
         "POST",
         "/",
         "",
         {},
         "",
         standard,
         example,
         "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
         "46c2e3c63c1dbe7d39f8ada16fe7f001c1f56c5791441565323677f96308871c"},
        {"S34",
         "POST",
         "/",
         "",
         {},
         "",
         standard,
         none,
         "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
         "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b"},
        {"S35",
         "POST",
         "/",
         "Param1=value1",
         {},
         "",
         standard,
         none,
         "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
         "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682"},
        {"S36",
         "POST",
         "/",
         "Param1=value1",
         {},
         "",
         standard,
         none,
         "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
         "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682"},
        {"S37",
         "POST",
         "/",
         "",
         {{"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Length", "13"}},
         "Param1=value1",
         standard,
         none,
         "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
         "89a40deed0f26f9461242825a082d2222717248abc7ab41f552ad84a94ad46e9"},
        {"S38",
         "POST",
         "/",
         "",
         {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
          {"Content-Length", "13"}},
         "Param1=value1",
         standard,
         none,
         "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
         "0dbeb9b026c7b6675f266b8427efec9b4fa8b1f6ef1477d717aea231106eab4d"},
    };
    return all;
}

std::string outcome(const message& m, const vector& v, bool lax) {
    return m.with_request([&](const http::request& request) {
        sigv4::rules rules;
        rules.service = "service";
        rules.how_canonical = v.how;
        rules.unsigned_session_token = lax;
        const auto now = base::parse_iso8601_basic("20150830T123600Z").value();
        const auto claim = sigv4::read_claim(request, now, rules);
        if (!claim) return claim.error().code + ": " + claim.error().message;
        const auto same = sigv4::matches(request, *claim, secret_key);
        if (!same) return same.error().code + ": " + same.error().message;
        return std::string(*same ? "matches" : "differs");
    });
}

message bare(const vector& v) {
    message m;
    m.method = v.method;
    m.target = v.path;
    m.fields = v.fields;
    m.fields.emplace_back("Host", "example.amazonaws.com");
    m.body = v.body;
    return m;
}

std::string names_of(const message& m, std::string_view but) {
    std::vector<std::string> names;
    for (const auto& [name, value] : m.fields) {
        if (name == but) continue;
        names.push_back(name);
        for (char& c : names.back())
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::string out;
    for (const auto& name : names)
        out += (out.empty() ? "" : ";") + name;
    return out;
}

message by_header(const vector& v, const char* signature) {
    message m = bare(v);
    if (*v.query) m.target += std::string("?") + v.query;
    if (!m.body.empty())
        m.add("X-Amz-Content-Sha256",
              "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e");
    m.add("X-Amz-Date", "20150830T123600Z");
    if (*v.token) m.add("X-Amz-Security-Token", v.token);
    const std::string names = names_of(m, v.token_after ? "X-Amz-Security-Token" : "");
    m.add("Authorization",
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=" +
              names + ", Signature=" + signature);
    return m;
}

message by_query(const vector& v, const char* signature) {
    message m = bare(v);
    m.target += "?" + std::string(v.query) + (*v.query ? "&" : "") +
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2F"
                "us-east-1%2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&"
                "X-Amz-SignedHeaders=" +
                encoding::percent_encode(names_of(m, "")) + "&X-Amz-Expires=3600";
    if (*v.token) m.target += "&X-Amz-Security-Token=" + encoding::percent_encode(v.token);
    m.target += std::string("&X-Amz-Signature=") + signature;
    return m;
}

}  // namespace

TEST_CASE("The published cases of SigV4 verify, and with another digit do not",
          "[S1][S2][S3][S4][S5][S6][S7][S8][S9][S10]"
          "[S11][S12][S13][S14][S15][S16][S17][S18][S19][S20]"
          "[S21][S22][S23][S24][S25][S26][S27][S28][S29][S30]"
          "[S31][S32][S33][S34][S35][S36][S37][S38]") {
    REQUIRE(vectors().size() == 38);
    for (const vector& v : vectors()) {
        for (const bool in_header : {true, false}) {
            const char* signature = in_header ? v.header_signature : v.query_signature;
            const auto made = in_header ? by_header : by_query;
            INFO(v.id << (in_header ? " header" : " query"));
            CHECK(outcome(made(v, signature), v, v.token_after) == "matches");
            std::string other = signature;
            other[17] = other[17] == '0' ? '1' : '0';
            CHECK(outcome(made(v, other.c_str()), v, v.token_after) == "differs");
            // A token that anyone may have added is taken on request only.
            if (v.token_after) CHECK(outcome(made(v, signature), v, false) != "matches");
        }
    }
}

TEST_CASE("A target with a blank or UTF-8 in it is no target", "[S17][S20][S27]") {
    for (const char* target : {"/example space/", "/\xe1\x88\xb4", "/?\xe1\x88\xb4=bar"}) {
        message m;
        m.sign();
        m.target = target;
        INFO(target);
        CHECK(m.outcome() == "IncompleteSignature: The request target is malformed.");
    }
}
