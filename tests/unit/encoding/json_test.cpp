#include "encoding/json.hpp"

#include "encoding/utf8.hpp"
#include "support/catch.hpp"

TEST_CASE("JSON values survive parsing and writing") {
    const std::string text =
        R"({"a":[1,-2,18446744073709551615,true,false,null,"x"],"b":{"c":"\u00e9\n","":0}})";
    const auto value = encoding::parse_json(text).value();
    CHECK(value.at("a").as_array().size() == 7);
    CHECK(value.at("b").at("c").as_string() == "\xC3\xA9\n");
    CHECK(encoding::parse_json(encoding::json_text(value)).value() == value);
    CHECK(encoding::parse_json(" 1 ").value().as_int64() == 1);
}

TEST_CASE("JSON refuses duplicate member names at every depth") {
    for (const char* text :
         {R"({"a":1,"a":1})", R"({"a":1,"b":{},"\u0061":2})", R"([{"x":{"k":1,"j":2,"k":3}}])",
          R"({"":0,"":0})", R"({"a":{"b":1,"b":2},"c":1})"}) {
        CAPTURE(text);
        const auto failure = encoding::parse_json(text);
        REQUIRE_FALSE(failure.has_value());
        CHECK(failure.error().message.find("duplicate member name") != std::string::npos);
    }
    // Equal names in different objects are no duplicates, nor are names that differ in case.
    CHECK(encoding::parse_json(R"({"a":{"a":{"a":1}},"b":{"a":1},"A":[{"a":1},{"a":2}]})")
              .has_value());
}

TEST_CASE("JSON refuses what RFC 8259 does not allow") {
    for (const char* text : {"",
                             " ",
                             "{",
                             "[1,]",
                             "{\"a\":1,}",
                             "{a:1}",
                             "'a'",
                             "01",
                             "+1",
                             ".5",
                             "1.",
                             "nul",
                             "NaN",
                             "[1] 2",
                             "{}{}",
                             "{} x",
                             "/* c */ 1",
                             "\"\t\"",
                             "\"\\x\"",
                             "\"\\ud800\"",
                             "\"\\udc00x\"",
                             "\"\xFF\"",
                             "\"\xC0\x80\"",
                             "\"\xED\xA0\x80\"",
                             "\xEF\xBB\xBF{}",
                             "1e999",
                             "[1 2]",
                             "\"a"}) {
        CAPTURE(text);
        CHECK_FALSE(encoding::parse_json(text).has_value());
    }
    CHECK_FALSE(encoding::parse_json(std::string_view("1\0", 2)).has_value());
}

TEST_CASE("JSON obeys its limits of depth and size") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(encoding::parse_json(nested(32)).has_value());
    CHECK_FALSE(encoding::parse_json(nested(33)).has_value());
    CHECK_FALSE(encoding::parse_json(nested(100'000)).has_value());
    encoding::json_limits limits;
    limits.bytes = 4;
    CHECK(encoding::parse_json("1234", limits).has_value());
    const auto failure = encoding::parse_json("12345", limits);
    REQUIRE_FALSE(failure.has_value());
    CHECK(failure.error().kind == base::error_kind::exhausted);
}

TEST_CASE("JSON errors name the byte") {
    const auto failure = encoding::parse_json(R"({"a": x})");
    REQUIRE_FALSE(failure.has_value());
    CHECK(failure.error().kind == base::error_kind::invalid);
    CHECK(failure.error().message.find("at byte 6") != std::string::npos);
}

TEST_CASE("Quoted JSON is valid JSON whatever the bytes are") {
    CHECK(encoding::json_quoted("a\"b\\c\n\r\t\b\f\x01\x1F/") ==
          R"("a\"b\\c\n\r\t\b\f\u0001\u001f/")");
    std::string all;
    for (int c = 0; c < 256; ++c) {
        all += static_cast<char>(c);
    }
    const auto back = encoding::parse_json(encoding::json_quoted(all));
    REQUIRE(back.has_value());
    CHECK(std::string_view(back->as_string()).substr(0, 128) == all.substr(0, 128));
    CHECK(encoding::is_utf8(encoding::json_text(boost::json::value(all))));
    CHECK(encoding::parse_json(encoding::json_text(boost::json::value(all))).has_value());
}

TEST_CASE("UTF-8 knows the edges of the well-formed sequences") {
    for (const char* good : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                             "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
        CHECK(encoding::is_utf8(good));
    }
    for (const char* bad :
         {"\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3", "\xE2\x82", "\xE2\x82x"}) {
        CHECK_FALSE(encoding::is_utf8(bad));
    }
    CHECK(encoding::scrub_utf8("a\xE2\x82x") == "a\xEF\xBF\xBD\xEF\xBF\xBDx");
}
