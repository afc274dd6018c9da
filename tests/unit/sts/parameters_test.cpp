#include "sts/query/parameters.hpp"

#include "fixture.hpp"
#include "sts/query/constraints.hpp"

namespace {

sts::parameters given(std::string_view text) {
    auto parsed = sts::parameters::parse({}, text, true);
    REQUIRE(parsed.has_value());
    return std::move(*parsed);
}

std::string integer(std::string_view text) {
    const auto value = given("N=" + std::string(text)).integer("N");
    if (!value) return value.error().code;
    return *value ? std::to_string(**value) : "none";
}

std::string tags(std::string_view text) {
    const auto list = given(text).structures("Tags");
    if (!list) return list.error().code;
    std::string out;
    for (const auto& e : *list)
        out += e.text("Key").value_or("-") + "=" + e.text("Value").value_or("-") + ";";
    return out;
}

std::string keys(std::string_view text) {
    const auto list = given(text).scalars("L");
    if (!list) return list.error().code;
    std::string out;
    for (const auto& e : *list)
        out += e.text("").value_or("-") + ";";
    return out;
}

}  // namespace

TEST_CASE("P12 and P13 Integers take a sign and leading zeros and nothing else", "[P12][P13]") {
    CHECK(integer("900") == "900");
    CHECK(integer("0900") == "900");
    CHECK(integer("%2B900") == "900");
    CHECK(integer("-5") == "-5");
    CHECK(integer("000000000000000900") == "900");
    CHECK(integer("2147483647") == "2147483647");
    CHECK(integer("-2147483648") == "-2147483648");
    for (const char* bad : {"+900+", "%20900", "900%20", "900.0", "9e2", "2147483648", "", "-",
                            "0x10", "99999999999999999999", "-2147483649", "+900"}) {
        INFO(bad);
        CHECK(integer(bad) == "MalformedInput");
    }
    CHECK_FALSE(given("M=1").integer("N").value().has_value());
}

TEST_CASE("P16 An index with a leading zero is the same element", "[P16]") {
    CHECK(tags("Tags.member.01.Key=a&Tags.member.1.Value=b") == "a=b;");
    CHECK(tags("Tags.member.2.Key=c&Tags.member.2.Value=d&Tags.member.1.Key=a"
               "&Tags.member.1.Value=b") == "a=b;c=d;");
}

TEST_CASE("P17 Bad list indexes are malformed", "[P17]") {
    for (const char* bad : {"Tags.member.0.Key=a", "Tags.member.-1.Key=a", "Tags.member.1.1.Key=a",
                            "Tags.1.Key=a", "Tags.member=a", "Tags=a", "Tags.member..Key=a",
                            "Tags.member.99999999999999999999.Key=a"}) {
        INFO(bad);
        CHECK(tags(bad) == "MalformedInput");
    }
    CHECK(tags("Tags.member.1.Key=a&Tags.member.01.Key=b") == "InvalidParameterCombination");
    CHECK(keys("L.member.x=a") == "MalformedInput");
    CHECK(keys("L.member.1.x=a") == "MalformedInput");
}

TEST_CASE("Sparse lists keep their holes within the growth guard") {
    CHECK(tags("Tags.member.2.Key=a") == "-=-;a=-;");
    CHECK(keys("L.member.2=a") == "-;a;");
    CHECK(keys("L.member.11=a") == "-;-;-;-;-;-;-;-;-;-;a;");
    CHECK(keys("L.member.12=a") == "MalformedInput");
    CHECK(keys("L.member.1=x&L.member.12=a").size() > 12);
}

TEST_CASE("Empty lists and unknown members are harmless") {
    CHECK(tags("Tags=") == "");
    CHECK(tags("TagsX.member.1.Key=a") == "");
    CHECK(tags("Tags.other=a") == "");
    CHECK(tags("Tags.member.1.Key=a&Tags.member.1.Other=b") == "a=-;");
    CHECK(tags("Tags.member.first.Key=a") == "-=-;");
}

TEST_CASE("Character classes follow the service model") {
    using namespace sts;
    CHECK(all_in(name_characters, "aZ0_+=,.@-"));
    CHECK_FALSE(all_in(name_characters, "a b"));
    CHECK_FALSE(all_in(name_characters, "a:b"));
    CHECK_FALSE(all_in(name_characters, "\xc3\xa9"));
    CHECK(all_in(external_id_characters, "a:/-"));
    CHECK(all_in(tag_key_characters, "team name_.:/=+-@\xc3\xa9\xe6\xbc\xa2"));
    CHECK_FALSE(all_in(tag_key_characters, "a*"));
    CHECK_FALSE(all_in(tag_key_characters, "a\n"));
    CHECK_FALSE(all_in(tag_key_characters, "\xf0\x9f\x98\x80"));
    CHECK_FALSE(all_in(tag_key_characters, "\xe2\x82\xac"));
    CHECK(all_in(policy_characters, "{\n\t\"\xc3\xbf\"}"));
    CHECK_FALSE(all_in(policy_characters, "\xc4\x80"));
    CHECK(all_in(arn_characters, "arn:aws:x\xf0\x90\x90\x90"));
    CHECK_FALSE(all_in(arn_characters, std::string_view("a\0", 2)));
}
