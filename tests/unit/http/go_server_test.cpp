#include "http/go_server.hpp"

#include "support/catch.hpp"

TEST_CASE("Paths are cleaned as Go cleans them") {
    using http::go::clean_path;
    CHECK(clean_path("/") == "/");
    CHECK(clean_path("//") == "/");
    CHECK(clean_path("/a/b") == "/a/b");
    CHECK(clean_path("/a/b/") == "/a/b/");
    CHECK(clean_path("//a///b//") == "/a/b/");
    CHECK(clean_path("/a/./b/.") == "/a/b");
    CHECK(clean_path("/a/../b") == "/b");
    CHECK(clean_path("/../../b") == "/b");
    CHECK(clean_path("/a/..") == "/");
    CHECK(clean_path("/a/b/..") == "/a");
    CHECK(clean_path("/...") == "/...");
}

TEST_CASE("Paths are escaped as Go escapes them") {
    CHECK(http::go::escape_path("/a-_.~$&+,:;=@b/") == "/a-_.~$&+,:;=@b/");
    CHECK(http::go::escape_path("/a b%\"?#\xC3\xA9") == "/a%20b%25%22%3F%23%C3%A9");
}

TEST_CASE("What is not there, and what cannot be parsed") {
    http::response answer;
    http::go::answer_not_found(answer);
    CHECK(answer.status == 404);
    CHECK(answer.body == "404 page not found\n");
    CHECK(answer.headers ==
          "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n");
    answer.clear();
    answer.status = 431;
    http::go::answer_unparsed(answer);
    CHECK(answer.body == "431 Request Header Fields Too Large");
    CHECK(answer.headers == "Content-Type: text/plain; charset=utf-8\r\n");
}
