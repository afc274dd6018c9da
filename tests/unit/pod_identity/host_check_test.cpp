#include "pod_identity/host_check.hpp"

#include "support/catch.hpp"

namespace {

std::string refusal(std::string_view host, std::vector<std::string> more = {},
                    std::string_view target = "/v1/credentials") {
    const http::field field{"Host", host};
    http::request request;
    request.method = "GET";
    request.target = target;
    request.fields = {&field, 1};
    return pod_identity::refuse_host(request, more).value_or("");
}

const std::string denied =
    "Access Denied. Called agent through invalid address, please use either "
    "[169.254.170.23 fd00:ec2::23] address not ";

}  // namespace

TEST_CASE("Ports and brackets are taken off as the agent does it") {
    using pod_identity::bare_host;
    CHECK(bare_host("169.254.170.23:80") == "169.254.170.23");
    CHECK(bare_host("[fd00:ec2::23]:80") == "fd00:ec2::23");
    CHECK(bare_host("[fd00:ec2::23]") == "fd00:ec2::23");
    CHECK(bare_host("fd00:ec2::23") == "fd00:ec2::23");
    CHECK(bare_host("a:b:c") == "a:b:c");
    CHECK(bare_host("host:") == "host");
    CHECK(bare_host("") == "");
    CHECK(bare_host("[]:80").empty());
}

TEST_CASE("The agent's own addresses are called, or those that the listener names") {
    CHECK(refusal("169.254.170.23").empty());
    CHECK(refusal("[fd00:ec2::23]:80").empty());
    CHECK(refusal("localhost") == denied + "localhost");
    CHECK(refusal("169.254.170.23.") == denied + "169.254.170.23.");
    CHECK(refusal("") == denied);
    CHECK(refusal("pods.internal:8080", {"pods.internal"}).empty());
    CHECK(refusal("x", {"a", "b"}) ==
          "Access Denied. Called agent through invalid address, please use either "
          "[169.254.170.23 fd00:ec2::23 a b] address not x");
    CHECK(refusal("169.254.170.23", {}, "http://evil.example/v1/credentials") ==
          denied + "evil.example");
    CHECK(refusal("evil.example", {}, "http://169.254.170.23/v1/credentials") ==
          denied + "evil.example");
}

TEST_CASE("No Host, or two of them, is no good Host") {
    http::request request;
    request.method = "GET";
    request.target = "/v1/credentials";
    CHECK(pod_identity::refuse_host(request, {}) == denied);
    const http::field two[] = {{"Host", "169.254.170.23"}, {"Host", "169.254.170.23"}};
    request.fields = two;
    CHECK(pod_identity::refuse_host(request, {}).has_value());
}
