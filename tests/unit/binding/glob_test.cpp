#include "binding/rules.hpp"
#include "support/catch.hpp"

using binding::glob_matches;

TEST_CASE("Globs are anchored and their wildcards stay within a component") {
    CHECK(glob_matches("backup.service", "backup.service"));
    CHECK_FALSE(glob_matches("backup.service", "my-backup.service"));
    CHECK_FALSE(glob_matches("backup.service", "backup.service2"));
    CHECK_FALSE(glob_matches("backup", "backup.service"));
    CHECK(glob_matches("*", "backup.service"));
    CHECK(glob_matches("backup@*.service", "backup@a.service"));
    CHECK(glob_matches("backup@*.service", "backup@.service"));
    CHECK(glob_matches("b?ckup.service", "backup.service"));
    CHECK_FALSE(glob_matches("backup?.service", "backup.service"));
    CHECK(glob_matches("*a*b*c*", "xxaxxbxxcxx"));
    CHECK_FALSE(glob_matches("*a*b*c*", "xxaxxcxxbxx"));
    CHECK(glob_matches("a**b", "ab"));
    CHECK(glob_matches("*.service", "x.service.service"));
}

TEST_CASE("Globs do not cross slashes") {
    CHECK(glob_matches("/system.slice/*.service", "/system.slice/a.service"));
    CHECK_FALSE(glob_matches("/system.slice/*.service", "/system.slice/a/b.service"));
    CHECK_FALSE(glob_matches("/*.service", "/system.slice/a.service"));
    CHECK_FALSE(glob_matches("*", "a/b"));
    CHECK_FALSE(glob_matches("*", "/"));
    CHECK_FALSE(glob_matches("a?b", "a/b"));
    CHECK_FALSE(glob_matches("/a*", "/a/"));
    CHECK(glob_matches("/a*/b*", "/ax/by"));
    CHECK_FALSE(glob_matches("/a*/b", "/a/x/b"));
    CHECK(glob_matches("/*/*", "//"));
}

TEST_CASE("Everything else in a glob is literal") {
    CHECK(glob_matches(R"(a\x2db*.mount)", R"(a\x2dbc.mount)"));
    CHECK_FALSE(glob_matches("[ab].service", "a.service"));
    CHECK(glob_matches("[ab].service", "[ab].service"));
    CHECK_FALSE(glob_matches("", "a"));
    CHECK(glob_matches("", ""));
    CHECK(glob_matches("*", ""));
    CHECK_FALSE(glob_matches("?", ""));
}

TEST_CASE("A hostile glob costs no exponential time") {
    std::string pattern;
    for (int i = 0; i < 60; ++i)
        pattern += "*a";
    CHECK_FALSE(glob_matches(pattern + "b", std::string(5000, 'a')));
}
