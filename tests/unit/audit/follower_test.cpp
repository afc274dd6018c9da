#include <filesystem>
#include <fstream>

#include "audit/line_reader.hpp"
#include "audit/log_follower.hpp"
#include "support/catch.hpp"
#include "unit/audit/temporary_directory.hpp"

using audit_test::put_text;
using audit_test::temporary_directory;
using strings = std::vector<std::string>;

namespace {

void append(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

}  // namespace

TEST_CASE("A splitter gives whole lines however the text comes") {
    const std::string text = "one\n\nthree\nrest";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        audit::line_splitter lines;
        strings got;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            lines.give(std::string_view(text).substr(at, piece));
            for (std::string_view line; lines.next(line);)
                got.emplace_back(line);
        }
        CHECK(got == strings{"one", "", "three"});
        CHECK(lines.rest() == "rest");
    }
}

TEST_CASE("The last lines of a log come from the files before it, too, and then what is new") {
    const temporary_directory dir;
    const std::string log = dir.file("log");
    put_text(dir.file("log.1"), "1\n2\n");
    put_text(dir.file("log.2"), "3\n4\n");
    put_text(log, "5\n6\n7");
    strings got;
    const auto take = [&](std::string_view line) { got.emplace_back(line); };
    auto follower = audit::log_follower::open(log, 3, take);
    REQUIRE(follower.has_value());
    CHECK(got == strings{"4", "5", "6"});
    got.clear();
    REQUIRE(follower->poll(take));
    CHECK(got.empty());
    append(log, "\n8\n");
    REQUIRE(follower->poll(take));
    CHECK(got == strings{"7", "8"});

    got.clear();
    append(log, "9\n");
    std::filesystem::rename(log, dir.file("log.3"));
    REQUIRE(follower->poll(take));
    put_text(dir.file("log.4"), "10\n");  // two rotations at once
    put_text(log, "11\n");
    REQUIRE(follower->poll(take));
    append(dir.file("log.3"), "late\n");
    append(log, "12\n");
    REQUIRE(follower->poll(take));
    CHECK(got == strings{"9", "10", "11", "late", "12"});

    got.clear();
    put_text(log, "anew\n");
    REQUIRE(follower->poll(take));
    CHECK(got == strings{"anew"});
}

TEST_CASE("Following begins with no line, or with all there are") {
    const temporary_directory dir;
    put_text(dir.file("log"), "1\n2\n");
    strings got;
    const auto take = [&](std::string_view line) { got.emplace_back(line); };
    REQUIRE(audit::log_follower::open(dir.file("log"), 0, take).has_value());
    CHECK(got.empty());
    REQUIRE(audit::log_follower::open(dir.file("log"), 1000, take).has_value());
    CHECK(got == strings{"1", "2"});
    CHECK(audit::log_follower::open(dir.file("none"), 1, take).has_error());
}
