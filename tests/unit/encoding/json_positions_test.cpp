#include "encoding/json_positions.hpp"

#include "support/catch.hpp"

using encoding::json_failure;
using encoding::locate_json;
using path = std::vector<std::string>;

TEST_CASE("A path leads to where its value starts") {
    const std::string text =
        "{ \"a\" : 12,\n  \"b\\u0063\": [ \"x\", {\"d\": true} , -1.5e3, null ],\n"
        "  \"deep\": {\"er\": \"v\"} }";
    const auto at = [&](const path& p) { return text.substr(locate_json(text, p).value()); };
    CHECK(at({"a"}).starts_with("12,"));
    CHECK(at({"bc"}).starts_with("[ \"x\""));
    CHECK(at({"bc", "0"}).starts_with("\"x\""));
    CHECK(at({"bc", "1"}).starts_with("{\"d\""));
    CHECK(at({"bc", "1", "d"}).starts_with("true"));
    CHECK(at({"bc", "2"}).starts_with("-1.5e3"));
    CHECK(at({"bc", "3"}).starts_with("null"));
    CHECK(at({"deep", "er"}).starts_with("\"v\""));
    // What is missing is looked for where it should be.
    CHECK(at({"deep", "none", "d"}).starts_with("{\"er\""));
    CHECK(at({"none"}).starts_with("{ \"a\""));
    CHECK(at({}).starts_with("{ \"a\""));
    CHECK(locate_json(" \n[1]", {"0"}) == 3u);
    CHECK_FALSE(locate_json("{\"a\":", {"a"}).has_value());
}

TEST_CASE("What is not JSON is found at its first bad byte") {
    CHECK_FALSE(json_failure("{\"a\": [1, 2]}\n").has_value());
    CHECK(json_failure("{\"a\" 1}") == 5u);
    CHECK(json_failure("[1,]") == 3u);
    CHECK(json_failure("{\"a\": [1, 2]") == 12u);
    CHECK(json_failure("{} x") == 3u);
    CHECK(json_failure("") == 0u);
}

TEST_CASE("Offsets become lines and columns") {
    const std::string text = "ab\ncd\n\nx";
    CHECK(encoding::position_of(text, 0).line == 1);
    CHECK(encoding::position_of(text, 4).line == 2);
    CHECK(encoding::position_of(text, 4).column == 2);
    CHECK(encoding::position_of(text, 7).line == 4);
    CHECK(encoding::position_of(text, 99).column == 2);
}
