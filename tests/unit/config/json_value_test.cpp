#include "config/json_value.hpp"

#include "support/catch.hpp"

namespace {

/// The JSON of a YAML text, or the first complaint.
std::string json(const std::string& yaml) {
    config::report out;
    const auto root = config::parse_tree(yaml, out.add_file("f"), out);
    const auto text = root ? config::json_of(*root, out) : std::nullopt;
    if (text && !out.failed()) return *text;
    return out.take().at(0).message;
}

}  // namespace

TEST_CASE("YAML values keep their types in JSON") {
    CHECK(json("a: 1") == R"({"a":1})");
    CHECK(json("a: '1'") == R"({"a":"1"})");
    CHECK(json("a: -1.50e+3") == R"({"a":-1.50e+3})");
    CHECK(json("a: true") == R"({"a":true})");
    CHECK(json("a: 'true'") == R"({"a":"true"})");
    CHECK(json("a: null") == R"({"a":null})");
    CHECK(json("a:") == R"({"a":null})");
    CHECK(json("a: ''") == R"({"a":""})");
    CHECK(json("[1, x, [], {}]") == R"([1,"x",[],{}])");
    CHECK(json("1: x") == R"({"1":"x"})");
    CHECK(json("a: \"q\\\"\\n\\u00e4\"") == "{\"a\":\"q\\\"\\n\xc3\xa4\"}");
    CHECK(json("a: |\n  x\n  1\n") == R"({"a":"x\n1\n"})");
    CHECK(json("a: |\n  1\n") == R"({"a":"1\n"})");
}

TEST_CASE("Text that only looks like a number is text") {
    for (const std::string word : {"2012-10-17", "10.0.0.0/8", "10.0.0.1", "2001:db8::1", "1.2.3",
                                   "arn:aws:s3:::a", "1d", "e5", ".", "1-2", "12:345", "0xg"}) {
        CAPTURE(word);
        CHECK(json("a: " + word) == "{\"a\":\"" + word + "\"}");
    }
}

TEST_CASE("What YAML versions read differently has to be quoted") {
    for (const std::string word : {"yes", "No", "ON", "off", "y", "True", "FALSE"}) {
        CAPTURE(word);
        CHECK(json("a: " + word).find("is a boolean to some") != std::string::npos);
    }
    for (const std::string word : {"012", "0x1F", "0o17", "0b11", "1_000", ".5", "1.", "+1", "-012",
                                   "1:30", ".inf", "-.INF", ".nan", "000000000000"}) {
        CAPTURE(word);
        CHECK(json("a: " + word).find("is a number to some") != std::string::npos);
    }
}
