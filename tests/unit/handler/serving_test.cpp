#include "handler/serving.hpp"

#include "support/catch.hpp"

namespace {

handler::listener_policy loopback() {
    handler::listener_policy policy;
    policy.hosts = {"127.0.0.1", "localhost", "fd00:ec2::254", "169.254.169.254"};
    return policy;
}

bool allowed(std::vector<http::field> fields, std::string_view target = "/") {
    http::request request;
    request.target = target;
    request.fields = fields;
    return handler::host_allowed(request, loopback());
}

bool browser(std::vector<http::field> fields) {
    http::request request;
    request.fields = fields;
    return handler::from_browser(request);
}

}  // namespace

TEST_CASE("Hosts on the list pass with any port and in any case") {
    for (const char* host :
         {"127.0.0.1", "127.0.0.1:1338", "LOCALHOST:80", "[fd00:ec2::254]", "[fd00:ec2::254]:80",
          "[FD00:0ec2:0:0::254]", "[fd00:ec2:0:0:0:0:0:254]:80", "169.254.169.254"}) {
        INFO(host);
        CHECK(allowed({{"host", host}}));
    }
    CHECK(allowed({}));
}

TEST_CASE("Any other name is refused however it is written") {
    for (const char* host : {"evil.example", "127.0.0.1.evil.example", "localhost.", "",
                             "127.0.0.1:", "user@127.0.0.1", "127.0.0.1, evil", "[::1]",
                             "0x7f000001", "127.1", "[fd00:ec2::255]", "[fd00:ec2::254%lo]",
                             "[fd00:ec2::254", "[:]", "[1:2:3]", "fd00:ec2::254"}) {
        INFO(host);
        CHECK_FALSE(allowed({{"Host", host}}));
    }
    CHECK_FALSE(allowed({{"Host", std::string(300, 'a')}}));
    CHECK_FALSE(allowed({{"Host", "127.0.0.1"}}, "http://evil.example/latest/"));
    CHECK(allowed({{"Host", "127.0.0.1"}}, "http://169.254.169.254/latest/"));
}

TEST_CASE("A browser is known by its fields") {
    CHECK(browser({{"origin", ""}}));
    CHECK(browser({{"Accept", "*/*"}, {"sec-fetch-MODE", "no-cors"}}));
    CHECK_FALSE(browser({{"Sec-Fetch", "x"}, {"Original", "x"}}));
}

TEST_CASE("A Referer is a browser's mark unless it is where a redirect of ours came from") {
    const auto from = [](const char* referer) {
        return browser({{"Host", "127.0.0.1:1338"}, {"referer", referer}});
    };
    for (const char* page : {"http://evil.example/", "", "about:client", "127.0.0.1:1338",
                             "http://127.0.0.1/", "http://127.0.0.1:13380/", "http://",
                             "http://x@127.0.0.1:1338/", "file://127.0.0.1:1338/"}) {
        CAPTURE(page);
        CHECK(from(page));
    }
    CHECK_FALSE(from("http://127.0.0.1:1338/latest/meta-data"));
    CHECK_FALSE(from("HTTPS://127.0.0.1:1338"));
    CHECK_FALSE(from("http://127.0.0.1:1338?x"));
    CHECK(browser({{"Referer", "http://127.0.0.1/"}}));
    CHECK(browser({{"Host", ""}, {"Referer", "http:///"}}));
}
