#include <cstdint>
#include <string>

#include "policy/pattern.hpp"
#include "policy/unicode.hpp"
#include "support/catch.hpp"

namespace {

bool like(std::string_view pattern, std::string_view text) {
    return policy::glob(policy::compile_wildcards(pattern), text);
}

/// The definition, without any cleverness.
bool plainly(std::string_view p, std::string_view t) {
    if (p.empty()) return t.empty();
    if (p.front() == '*') {
        for (std::size_t skip = 0; skip <= t.size(); ++skip) {
            if (plainly(p.substr(1), t.substr(skip))) return true;
        }
        return false;
    }
    return !t.empty() && (p.front() == '?' || p.front() == t.front()) &&
           plainly(p.substr(1), t.substr(1));
}

}  // namespace

TEST_CASE("Wildcards match runs and single characters") {
    CHECK(like("*", ""));
    CHECK(like("*", "a:b/c"));
    CHECK(like("a*", "a"));
    CHECK_FALSE(like("a?", "a"));
    CHECK(like("arn:aws:iam::*:role/*", "arn:aws:iam::1:role/team/x"));
    CHECK_FALSE(like("role/team", "role/Team"));
    CHECK(like("**a**", "bab"));
    CHECK_FALSE(like("", "a"));
}

TEST_CASE("Matching agrees with its definition on all small cases") {
    constexpr std::string_view letters = "ab*?";
    for (unsigned n = 0; n < 4 * 4 * 4 * 4 * 4; ++n) {
        std::string p;
        for (unsigned rest = n; p.size() < 5; rest /= 4)
            p.push_back(letters[rest % 4]);
        for (unsigned m = 0; m < 64; ++m) {
            std::string t;
            for (unsigned bit = 0; bit < m % 7; ++bit)
                t.push_back((m >> (bit % 6)) & 1 ? 'b' : 'a');
            if (like(p, t) != plainly(p, t)) FAIL(p << " / " << t);
        }
    }
    SUCCEED();
}

TEST_CASE("Many stars do not take exponential time") {
    std::string p, t(2000, 'a');
    for (int i = 0; i < 500; ++i)
        p += "*a";
    CHECK_FALSE(like(p + "b", t));
    CHECK(like(p, t));
}

TEST_CASE("Actions match without regard to case") {
    const auto compiled = policy::compile_wildcards("sts:assume*");
    CHECK(policy::glob_ignoring_case(compiled, "STS:AssumeRole"));
    CHECK_FALSE(policy::glob_ignoring_case(compiled, "sts:TagSession"));
}

TEST_CASE("Bad variables are refused where variables count") {
    for (const char* text :
         {"${", "${}", "${aws:x", "${x}", "${aws:x,}", "${aws:x, 'y}", "${aws:${aws:y}}"}) {
        INFO(text);
        CHECK_FALSE(policy::pattern::parse(text, {true, true}).has_value());
        CHECK(policy::pattern::parse(text, {true, false}).has_value());
    }
}

TEST_CASE("UTF-8 is read strictly and measured in UTF-16 units") {
    CHECK(policy::utf16_length("a\xc3\xa9\xf0\x90\x90\x90") == 4);
    CHECK(policy::decode_utf8("\xc0\x80").size == 0);
    CHECK(policy::decode_utf8("\xed\xa0\x80").size == 0);
    CHECK(policy::decode_utf8("\xf4\x90\x80\x80").size == 0);
    CHECK(policy::decode_utf8("\xf0\x90\x90\x90").value == 0x10410);
    CHECK(policy::lower_case("\xf0\x90\x90\x90") == "\xf0\x90\x90\xb8");
}
