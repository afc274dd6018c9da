#include "admin/client.hpp"

#include "scripted_server.hpp"
#include "support/catch.hpp"
#include "support/manual_clock.hpp"

using admin_test::scripted_server;

namespace {

admin::client_options to(const std::string& path) {
    admin::client_options options;
    options.socket = path;
    return options;
}

scripted_server::script answer_with(std::string text) {
    return [text = std::move(text)](int fd) { scripted_server::send(fd, text); };
}

}  // namespace

TEST_CASE("A call sends one request and returns status and body") {
    const support::manual_clock clock;
    scripted_server server(
        answer_with("HTTP/1.1 403 Forbidden\r\nContent-Length: 13\r\n\r\n{\"error\":\"x\"}extra"));
    const auto answer = admin::call(to(server.path()), clock, "GET", "/v1/explain?user=a");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 403);
    CHECK(answer->body == "{\"error\":\"x\"}");
    CHECK(server.request().starts_with("GET /v1/explain?user=a HTTP/1.1\r\nHost: localhost\r\n"));
    CHECK(server.request().find("Connection: close\r\n") != std::string::npos);
    CHECK(server.request().find("Content-Length") == std::string::npos);
}

TEST_CASE("A POST call has an empty body") {
    const support::manual_clock clock;
    scripted_server server(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const auto answer = admin::call(to(server.path()), clock, "POST", "/v1/reload");
    REQUIRE(answer.has_value());
    CHECK(answer->body.empty());
    CHECK(server.request().find("Content-Length: 0\r\n") != std::string::npos);
}

TEST_CASE("Answers come in pieces and chunked and until the end of the connection as well") {
    const support::manual_clock clock;
    const std::vector<std::string> texts{
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nabcde",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    };
    for (const std::string& text : texts) {
        CAPTURE(text);
        scripted_server server([&text](int fd) {
            for (const char c : text)
                scripted_server::send(fd, std::string_view(&c, 1));
        });
        const auto answer = admin::call(to(server.path()), clock, "GET", "/v1/status");
        REQUIRE(answer.has_value());
        CHECK(answer->body == "abcde");
    }
}

TEST_CASE("A daemon that is not there is told apart from one that answers badly") {
    const support::manual_clock clock;
    const auto nobody = admin::call(to("/nonexistent/admin.sock"), clock, "GET", "/livez");
    REQUIRE(nobody.has_error());
    CHECK(nobody.error().code == admin::unreachable);
    CHECK(nobody.error().kind == base::error_kind::unavailable);

    scripted_server silent([](int) {});
    const auto hung_up = admin::call(to(silent.path()), clock, "GET", "/livez");
    REQUIRE(hung_up.has_error());
    CHECK(hung_up.error().code == admin::unreachable);

    for (const std::string& text : std::vector<std::string>{
             "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}",
             "HTTP/1.1 200 OK\r\nContent-Le"}) {
        CAPTURE(text);
        scripted_server server(answer_with(text));
        const auto answer = admin::call(to(server.path()), clock, "GET", "/livez");
        REQUIRE(answer.has_error());
        CHECK(answer.error().code.empty());
    }
}

TEST_CASE("An answer beyond the limits is refused") {
    const support::manual_clock clock;
    admin::client_options options;
    options.body_bytes = 1000;
    options.header_bytes = 1000;
    for (const std::string& text : std::vector<std::string>{
             "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'),
             "HTTP/1.1 200 OK\r\n\r\n" + std::string(5000, 'x'),
             "HTTP/1.1 200 OK\r\nX: " + std::string(2000, 'x') + "\r\n\r\n"}) {
        scripted_server server(answer_with(text));
        options.socket = server.path();
        CHECK(admin::call(options, clock, "GET", "/livez").has_error());
    }
}

TEST_CASE("A silent server and a trickling one both run into the time limit") {
    support::manual_clock clock;
    scripted_server silent([](int fd) { scripted_server::wait_for_hang_up(fd); });
    auto options = to(silent.path());
    options.time = base::milliseconds(30);
    const auto nothing = admin::call(options, clock, "GET", "/livez");
    REQUIRE(nothing.has_error());
    CHECK(nothing.error().code == admin::unreachable);

    scripted_server trickling([&clock](int fd) {
        scripted_server::send(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        clock.advance(base::seconds(6));
        scripted_server::send(fd, "x");
        scripted_server::wait_for_hang_up(fd);
    });
    const auto slow = admin::call(to(trickling.path()), clock, "GET", "/livez");
    REQUIRE(slow.has_error());
    CHECK(slow.error().code == admin::unreachable);
}

TEST_CASE("A target that would break the request line is not sent") {
    const support::manual_clock clock;
    for (const std::string& target :
         std::vector<std::string>{"", "v1", "/a b", "/a\r\nX: y", std::string("/a\0b", 4)}) {
        const auto answer = admin::call(to("/nonexistent"), clock, "GET", target);
        REQUIRE(answer.has_error());
        CHECK(answer.error().kind == base::error_kind::invalid);
    }
    const auto longest = admin::call(to("/" + std::string(200, 'x')), clock, "GET", "/livez");
    REQUIRE(longest.has_error());
    CHECK(longest.error().kind == base::error_kind::invalid);
}
