#include "profile/fault.hpp"

#include "support/catch.hpp"

using profile::path_matches;

TEST_CASE("Patterns of paths: stars stay within a segment, two stars do not") {
    CHECK(path_matches("**", "/"));
    CHECK(path_matches("**", "/latest/meta-data/iam/"));
    CHECK(path_matches("/latest/meta-data/*", "/latest/meta-data/ami-id"));
    CHECK(path_matches("/latest/meta-data/*", "/latest/meta-data/"));
    CHECK_FALSE(path_matches("/latest/meta-data/?*", "/latest/meta-data/"));
    CHECK_FALSE(path_matches("/latest/meta-data/*", "/latest/meta-data/iam/info"));
    CHECK(path_matches("/latest/meta-data/**", "/latest/meta-data/iam/info"));
    CHECK(path_matches("/*/meta-data/iam/**/app", "/2021-03-23/meta-data/iam/x/y/app"));
    CHECK_FALSE(path_matches("/*/meta-data", "/a/b/meta-data"));
    CHECK(path_matches("/**/a?c", "/x/y/abc"));
    CHECK_FALSE(path_matches("/**/a?c", "/x/y/a/c"));
    CHECK(path_matches("*a*b*", "xaxxbx"));
    CHECK(path_matches("**/b/*c", "/a/b/b/xc"));
    CHECK(path_matches("***", "/a/b"));
    CHECK_FALSE(path_matches("", "/"));
    CHECK(path_matches("", ""));
    CHECK_FALSE(path_matches("/latest", "/latest/"));
}

TEST_CASE("A pattern of many stars costs no more than its length allows") {
    std::string glob, path(2000, 'a');
    for (int i = 0; i < 200; ++i)
        glob += "*a";
    CHECK_FALSE(path_matches(glob + "b", path));
    for (char& c : path)
        if ((&c - path.data()) % 3 == 0) c = '/';
    CHECK_FALSE(path_matches("**a*a**/a*/**a*b", path));
}

TEST_CASE("Faults are described by what they do") {
    profile::fault one;
    one.kind = profile::fault_kind::status;
    one.status = 503;
    one.method = "PUT";
    one.path = "/latest/api/token";
    one.delay = base::milliseconds(300);
    one.count = 2;
    one.probability = 0.25;
    CHECK(describe(one) ==
          "status 503 after 300 ms on PUT /latest/api/token, 2 times, probability 0.25");
    for (const auto name : profile::fault_kind_names())
        CHECK(to_string(*profile::fault_kind_of(name)) == name);
    CHECK_FALSE(profile::fault_kind_of("none"));
}
