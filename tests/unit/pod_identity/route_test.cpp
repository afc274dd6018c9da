#include "pod_identity/route.hpp"

#include "support/catch.hpp"

using kind = pod_identity::route::kind;

namespace {

pod_identity::route of(std::string_view target) {
    http::request request;
    request.method = "GET";
    request.target = target;
    return pod_identity::find_route(request);
}

}  // namespace

TEST_CASE("One path, and no other spelling of it") {
    CHECK(of("/v1/credentials").what == kind::credentials);
    CHECK(of("/v1/credentials?a=b").what == kind::credentials);
    CHECK(of("http://169.254.170.23/v1/credentials").what == kind::credentials);
    CHECK(of("/v1/cred%65ntials").what == kind::credentials);
    for (const char* target : {"/", "/v1/credentials/", "/V1/credentials", "/v1",
                               "/v1%2fcredentials", "/v1/credentials%00", "/v1/credentials%zz"}) {
        CAPTURE(target);
        CHECK(of(target).what == kind::not_found);
    }
    CHECK(of("*").what == kind::bad_request);
    CHECK(of("host:80").what == kind::bad_request);
}

TEST_CASE("A redirect stays on this server and says nothing that a header could not") {
    const auto moved = of("//evil.example/%0d%0aX:y?q");
    CHECK(moved.what == kind::moved);
    CHECK(moved.location == "/evil.example/%250d%250aX:y?q");
    CHECK(of("//v1/credentials").location == "/v1/credentials");
    CHECK(of("/v1//credentials?").location == "/v1/credentials");
}
