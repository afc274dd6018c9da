#include "http/target.hpp"

#include "support/catch.hpp"

namespace {

/// Segments joined by '|', or "-" when the path is unroutable.
std::string segments(std::string_view path) {
    http::path_segments out;
    http::split_path(path, out);
    if (out.unroutable) return "-";
    std::string text;
    for (std::size_t i = 0; i < out.size; ++i)
        text += std::string(out.segment[i]) + '|';
    return text;
}

}  // namespace

TEST_CASE("A path is cut at raw slashes and decoded once") {
    CHECK(segments("/") == "");
    CHECK(segments("/latest/meta-data/") == "latest|meta-data|");
    CHECK(segments("//latest///meta-data") == "latest|meta-data|");
    CHECK(segments("/a%62c") == "abc|");
    CHECK(segments("/%2562") == "%62|");
    CHECK(segments("/x/%41/%42") == "x|A|B|");
}

TEST_CASE("What could leave the tree or change its shape names nothing") {
    for (const char* path : {"/a/../b", "/a/./b", "/a/%2e%2e/b", "/a/%2E/b", "/a%2Fb", "/a%2fb",
                             "/a%00", "/a%", "/a%4", "/a%zz"}) {
        INFO(path);
        CHECK(segments(path) == "-");
    }
    std::string deep;
    for (int i = 0; i < 17; ++i)
        deep += "/x";
    CHECK(segments(deep) == "-");
}

TEST_CASE("Targets come in origin form and absolute form") {
    CHECK(http::split_target("/a?b=c")->path == "/a");
    CHECK(http::split_target("/a?b=c")->query == "b=c");
    const auto absolute = http::split_target("http://169.254.169.254/latest/?x");
    REQUIRE(absolute.has_value());
    CHECK(absolute->authority == "169.254.169.254");
    CHECK(absolute->path == "/latest/");
    CHECK(http::split_target("HTTP://host:80")->path == "/");
    for (const char* bad : {"", "*", "host:80", "ftp://x/", "/a b", "/a#b", "http:///x", "/\x80"}) {
        INFO(bad);
        CHECK_FALSE(http::split_target(bad).has_value());
    }
}

TEST_CASE("Host fields are taken apart") {
    CHECK(http::split_host("127.0.0.1:1338")->host == "127.0.0.1");
    CHECK(http::split_host("127.0.0.1:1338")->port == "1338");
    CHECK(http::split_host("[fd00:ec2::254]")->host == "fd00:ec2::254");
    CHECK(http::split_host("[::1]:80")->port == "80");
    for (const char* bad : {"", ":80", "[::1", "a:", "a:b", "[::1]x", "a:123456"}) {
        INFO(bad);
        CHECK_FALSE(http::split_host(bad).has_value());
    }
}
