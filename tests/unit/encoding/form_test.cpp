#include "encoding/form.hpp"

#include "encoding/percent.hpp"
#include "support/catch.hpp"

TEST_CASE("Percent encoding leaves only the unreserved set and writes upper-case hex") {
    CHECK(encoding::percent_encode("AZaz09-_.~") == "AZaz09-_.~");
    CHECK(encoding::percent_encode("a b/c+d=e%\xC3\xA9*'()") ==
          "a%20b%2Fc%2Bd%3De%25%C3%A9%2A%27%28%29");
    CHECK(encoding::percent_encode(std::string_view("\0", 1)) == "%00");
}

TEST_CASE("Percent decoding refuses a percent sign without two digits") {
    CHECK(encoding::percent_decode("a%2fb%2F+").value() == "a/b/+");
    CHECK(encoding::form_decode("a+b%2B").value() == "a b+");
    CHECK(encoding::percent_decode("%41").value() == "A");
    for (const char* text : {"%", "%4", "a%", "%zz", "%4g", "%g4", "%%41", "% 41", "%-1"}) {
        CAPTURE(text);
        CHECK_FALSE(encoding::percent_decode(text));
        CHECK_FALSE(encoding::form_decode(text));
    }
}

TEST_CASE("A form keeps order and repetition") {
    const auto fields =
        encoding::parse_form("b=1&a=2&b=3+4%26&&empty=&bare&=noname&x=a=b&").value();
    REQUIRE(fields.size() == 7);
    CHECK(fields[0].name == "b");
    CHECK(fields[0].value == "1");
    CHECK(fields[1].name == "a");
    CHECK(fields[2].name == "b");
    CHECK(fields[2].value == "3 4&");
    CHECK(fields[3].name == "empty");
    CHECK(fields[3].value.empty());
    CHECK(fields[4].name == "bare");
    CHECK(fields[4].value.empty());
    CHECK(fields[5].name.empty());
    CHECK(fields[5].value == "noname");
    CHECK(fields[6].value == "a=b");
    CHECK(encoding::parse_form("").value().empty());
    CHECK(encoding::parse_form("&&&").value().empty());
}

TEST_CASE("A form with a broken escape or too many fields is refused") {
    CHECK_FALSE(encoding::parse_form("a=%zz").has_value());
    CHECK_FALSE(encoding::parse_form("%=1").has_value());
    encoding::form_limits limits;
    limits.fields = 2;
    CHECK(encoding::parse_form("a&b", limits).has_value());
    const auto failure = encoding::parse_form("a&b&c", limits);
    REQUIRE_FALSE(failure.has_value());
    CHECK(failure.error().kind == base::error_kind::exhausted);
}
