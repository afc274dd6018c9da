#include "http/url.hpp"

#include "support/catch.hpp"

TEST_CASE("A URL is taken apart as a client needs it") {
    const auto plain = http::parse_url("https://Kubernetes.default.svc/openid/v1/jwks?a=b").value();
    CHECK(plain.secure);
    CHECK(plain.host == "kubernetes.default.svc");
    CHECK(plain.port == 443);
    CHECK(plain.target == "/openid/v1/jwks?a=b");
    CHECK(plain.authority() == "kubernetes.default.svc");
    const auto six = http::parse_url("http://[FD00::1]:8080").value();
    CHECK_FALSE(six.secure);
    CHECK(six.host == "fd00::1");
    CHECK(six.target == "/");
    CHECK(six.authority() == "[fd00::1]:8080");
    CHECK(http::parse_url("https://h:443/").value().authority() == "h");
    CHECK(http::parse_url("https://h:80/").value().authority() == "h:80");
    CHECK(http::parse_url("https://h?x").value().target == "/?x");
    CHECK(http::parse_url("https://h/a@b:c").value().target == "/a@b:c");
}

TEST_CASE("What is no such URL is refused") {
    for (const char* text : {"",
                             "https:",
                             "https://",
                             "HTTPS://h/",
                             "ftp://h/",
                             "//h/",
                             "https://u@h/",
                             "https://u:p@h/",
                             "https://h/#f",
                             "https://h/ ",
                             "https://h\t/",
                             "https://h:/",
                             "https://h:0/",
                             "https://h:65536/",
                             "https://h:+1/",
                             "https://[::1/",
                             "https://::1/",
                             "https://[h]/",
                             "https://[1.2.3.4]/",
                             "https://a..b/",
                             "https://.a/",
                             "https://a_b/",
                             "https://h%41/",
                             "https://h\\x/"}) {
        CAPTURE(text);
        CHECK(http::parse_url(text).has_error());
    }
    CHECK(http::parse_url("https://h/" + std::string(http::longest_url, 'a')).has_error());
    CHECK(http::parse_url("https://" + std::string(64, 'a') + "/").has_error());
}
