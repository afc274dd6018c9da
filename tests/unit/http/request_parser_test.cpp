#include "http/request_parser.hpp"

#include "support/catch.hpp"

namespace {

using state = http::request_parser::state;

/// Feeds a request in pieces of `step` bytes the way a session does, and returns how it ended.
struct outcome {
    state status = state::need_more;
    std::size_t consumed = 0;
    unsigned failure = 0;
    std::string method, target, body, token;
    bool keep_alive = false;
};

outcome parse(const std::string& text, std::size_t step, http::request_limits limits = {}) {
    http::request_parser parser(limits, true);
    outcome out;
    std::string buffer;
    buffer.reserve(text.size() + 1);
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size() && out.status == state::need_more; at += step) {
        buffer += text.substr(at, step);
        // A header block must stay in one piece; body bytes may be consumed one by one.
        const auto progress = parser.feed(std::string_view(buffer).substr(begin));
        begin += progress.consumed;
        out.status = progress.status;
    }
    out.consumed = begin;
    out.failure = parser.failure_status();
    if (out.status == state::complete) {
        const http::request& r = parser.current();
        out.method = r.method;
        out.target = r.target;
        out.body = r.body;
        out.keep_alive = r.keep_alive;
        if (const auto* f = r.find("x-token")) out.token = f->value;
    }
    return out;
}

unsigned failure_of(const std::string& text, http::request_limits limits = {}) {
    return parse(text, text.size(), limits).failure;
}

}  // namespace

TEST_CASE("A request is the same however the bytes arrive") {
    const std::string text =
        "PUT /latest/api/token HTTP/1.1\r\nHost: a\r\nX-Token:  v \t\r\nContent-Length: "
        "5\r\n\r\nhello";
    for (const std::size_t step : {std::size_t(1), std::size_t(2), std::size_t(7), text.size()}) {
        INFO(step);
        const outcome out = parse(text, step);
        REQUIRE(out.status == state::complete);
        CHECK(out.method == "PUT");
        CHECK(out.target == "/latest/api/token");
        CHECK(out.token == "v");
        CHECK(out.body == "hello");
        CHECK(out.consumed == text.size());
        CHECK(out.keep_alive);
    }
}

TEST_CASE("A chunked body is put together and ends where it ends") {
    const std::string request =
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    const outcome out = parse(request + "GET", 1000);
    REQUIRE(out.status == state::complete);
    CHECK(out.body == "abcde");
    CHECK(out.consumed == request.size());
}

TEST_CASE("A chunked body may come byte by byte and its trailer is ignored") {
    const std::string request =
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Token: trailer\r\n\r\n";
    for (const std::size_t step :
         {std::size_t(1), std::size_t(2), std::size_t(3), request.size()}) {
        INFO(step);
        const outcome out = parse(request, step);
        REQUIRE(out.status == state::complete);
        CHECK(out.body == "abc");
        CHECK(out.token.empty());
        CHECK(out.consumed == request.size());
    }
}

TEST_CASE("Pipelined requests are taken one by one") {
    http::request_parser parser({}, false);
    const std::string first = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string both = first + "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
    auto progress = parser.feed(both);
    REQUIRE(progress.status == state::complete);
    CHECK(parser.current().target == "/a");
    CHECK(progress.consumed == first.size());
    parser.reset();
    progress = parser.feed(std::string_view(both).substr(first.size()));
    REQUIRE(progress.status == state::complete);
    CHECK(parser.current().target == "/b");
}

TEST_CASE("Connection handling follows version and fields") {
    CHECK_FALSE(parse("GET / HTTP/1.0\r\n\r\n", 100).keep_alive);
    CHECK(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 100).keep_alive);
    CHECK_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 100).keep_alive);
}

TEST_CASE("Empty lines before the request line are skipped") {
    CHECK(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 3).status == state::complete);
}

TEST_CASE("Empty lines are done with when they come: they take no room") {
    http::request_parser parser({}, false);
    for (int i = 0; i < 3; ++i) {
        const auto progress = parser.feed("\r\n\r\n\r");
        CHECK(progress.status == state::need_more);
        CHECK(progress.consumed == 4);
        CHECK(parser.feed("\r\n").consumed == 2);
    }
    const std::string request = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    CHECK(parser.feed("\r\n" + request.substr(0, 10)).consumed == 2);
    const auto progress = parser.feed(request);
    REQUIRE(progress.status == state::complete);
    CHECK(progress.consumed == request.size());
    CHECK(parser.current().target == "/a");
}

TEST_CASE("Malformed requests get the status that says what is wrong") {
    CHECK(failure_of("GET / HTTP/1.1\r\n\r\n") == 400);                           // no Host
    CHECK(failure_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);     // two
    CHECK(failure_of("GET / HTTP/1.1\nHost: a\n\n") == 400);                      // bare LF
    CHECK(failure_of("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n") == 400);  // folded
    CHECK(failure_of("GET / HTTP/1.1\r\nHost : a\r\n\r\n") == 400);
    CHECK(failure_of("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n") != 0);
    CHECK(failure_of("nonsense\r\n\r\n") == 400);
    CHECK(failure_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
    CHECK(failure_of("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n") == 400);
    CHECK(failure_of("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n") ==
          501);
    CHECK(failure_of("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(failure_of("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n") == 400);
    CHECK(failure_of("PUT / HTTP/1.1\r\nHost: a\r\nExpect: rain\r\n\r\n") == 417);
}

TEST_CASE("Every size has its limit and its status") {
    http::request_limits limits;
    limits.header_bytes = 512;
    limits.target_bytes = 64;
    limits.fields = 4;
    limits.body_bytes = 10;
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
    CHECK(failure_of("GET /" + std::string(64, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits) ==
          414);
    CHECK(failure_of("GET /" + std::string(4000, 'a'), limits) == 414);
    CHECK(failure_of(head + "A: " + std::string(600, 'a'), limits) == 431);
    CHECK(failure_of(head + "A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n", limits) == 431);
    CHECK(failure_of(head + "Content-Length: 11\r\n\r\n", limits) == 413);
    CHECK(failure_of(head + "Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n3\r\nabc\r\n",
                     limits) == 413);
    CHECK(failure_of(head + "Transfer-Encoding: chunked\r\n\r\nff\r\n", limits) == 413);
}

TEST_CASE("What was read of a request that fails is known") {
    http::request_limits limits;
    limits.target_bytes = 64;
    limits.body_bytes = 10;
    limits.fields = 4;
    limits.header_bytes = 512;
    const auto accept = [&](const std::string& text) {
        http::request_parser parser(limits, true);
        if (parser.feed(text).status != state::failed) return std::string("not refused");
        const http::field* found = parser.current().find("accept");
        return found == nullptr ? std::string() : std::string(found->value);
    };
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\n";
    CHECK(accept("GET /" + std::string(64, 'a') + " HTTP/1.1\r\nHost: a\r\nAccept: x/y\r\n\r\n") ==
          "x/y");
    CHECK(accept(head + "Content-Length: 11\r\n\r\n") == "x/y");
    CHECK(accept(head + "Transfer-Encoding: chunked\r\n\r\nff\r\n") == "x/y");
    CHECK(accept(head + "Transfer-Encoding: gzip\r\n\r\n") == "x/y");
    CHECK(accept(head + "Host: b\r\n\r\n") == "x/y");
    CHECK(accept(head + "A: 1\r\nB: 1\r\nC: 1\r\n\r\n") == "x/y");
    CHECK(accept(head + "A B: 1\r\n\r\n") == "x/y");
    CHECK(accept("GET / HTTP/1.1\r\nA B: 1\r\nAccept: x/y\r\n\r\n").empty());
    CHECK(accept("GET /" + std::string(600, 'a')).empty());
    CHECK(accept(head + "A: " + std::string(600, 'a')).empty());

    // Nothing of it is left for the next request.
    http::request_parser parser(limits, true);
    CHECK(parser.feed(head + "Content-Length: 11\r\n\r\n").status == state::failed);
    parser.reset();
    CHECK(parser.current().find("accept") == nullptr);
}

TEST_CASE("A client that expects 100 is noticed once unless that is refused") {
    const std::string text =
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    http::request_parser parser({}, false);
    CHECK(parser.feed(text).status == state::need_more);
    CHECK(parser.header_complete());
    CHECK(parser.take_expect_continue());
    CHECK_FALSE(parser.take_expect_continue());
    CHECK(parser.feed("ok").status == state::complete);
    http::request_limits strict;
    strict.refuse_expect = true;
    CHECK(failure_of(text, strict) == 417);
}

TEST_CASE("Empty lines before a request are skipped, and not kept, and end somewhere") {
    http::request_parser parser({}, false);
    for (int i = 0; i < 16; ++i) {
        const auto progress = parser.feed("\r\n");
        REQUIRE(progress.status == state::need_more);
        REQUIRE(progress.consumed == 2);
    }
    SECTION("the request may follow") {
        CHECK(parser.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n").status == state::complete);
    }
    SECTION("one more is too many") {
        CHECK(parser.feed("\r\n").status == state::failed);
        CHECK(parser.failure_status() == 400);
    }
}

TEST_CASE("A version that is none of ours is told from a line that has no version") {
    CHECK(failure_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == 505);
    CHECK(failure_of("PRI * HTTP/2.0\r\n\r\n") == 505);
    CHECK(failure_of("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(failure_of("GET / http/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(failure_of("GET / HTTP/1.1\rX: y\r\nHost: a\r\n\r\n") == 400);
    CHECK(failure_of("GET / HTTP/11\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("A folded line is refused wherever it is and however it arrives") {
    for (const std::string text : {"GET / HTTP/1.1\r\nHost: a\r\nX-Token:\r\n v\r\n\r\n",
                                   "GET / HTTP/1.1\r\nHost: a\r\nX-Token: u\r\n\tv\r\n\r\n",
                                   "GET / HTTP/1.1\r\n Host: a\r\n\r\n"}) {
        for (const std::size_t step : {std::size_t(1), text.size()}) {
            INFO(text << step);
            CHECK(parse(text, step).failure == 400);
        }
    }
}
