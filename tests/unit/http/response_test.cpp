#include "http/response.hpp"

#include "support/catch.hpp"

namespace {

std::string written(const http::response& answer, bool keep, bool head, int version) {
    std::string out;
    http::write(answer, "Sun, 22 Nov 2026 08:09:10 GMT", keep, head, version, out);
    return out;
}

}  // namespace

TEST_CASE("An answer has its length and closes when told") {
    http::response answer;
    answer.headers = "Content-Type: text/plain\r\n";
    answer.server = "EC2ws";
    answer.body = "i-1";
    CHECK(written(answer, true, false, 11) ==
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
          "Date: Sun, 22 Nov 2026 08:09:10 GMT\r\nServer: EC2ws\r\n\r\ni-1");
    CHECK(written(answer, false, true, 11).find("Content-Length: 3\r\n") != std::string::npos);
    CHECK(written(answer, false, true, 11).rfind("Connection: close\r\n\r\n") != std::string::npos);
    CHECK(written(answer, true, false, 10).find("Connection: keep-alive") != std::string::npos);
}

TEST_CASE("A cleared answer keeps nothing of the one before") {
    http::response answer;
    answer.status = 405;
    answer.reason = "Not Allowed";
    answer.more_headers = "Allow: PUT\r\n";
    answer.own_body("secret");
    answer.clear();
    CHECK(written(answer, true, false, 11) ==
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: Sun, 22 Nov 2026 08:09:10 GMT\r\n\r\n");
}
