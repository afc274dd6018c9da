#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

std::string with_profile(const std::string& profile) {
    return "apiVersion: imdsd/v1\n"
           "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
           "profiles: {p: {" +
           profile +
           "}}\n"
           "bindings: [{user: self, profile: p}]\n";
}

}  // namespace

TEST_CASE("Compat switches are off by default, and mean what they say") {
    fake_environment files;
    const auto load = [&](const std::string& rest) {
        files.files["/imdsd.yaml"] =
            with_profile("metadata: {http_protocol_ipv6: disabled}") + rest;
        return config::load("/imdsd.yaml", files);
    };
    const auto off = load("").loaded;
    REQUIRE(off.has_value());
    CHECK_FALSE(off->compat.redirect_slashless_directories);
    CHECK_FALSE(off->compat.close_connections);
    CHECK_FALSE(off->compat.extended_credentials);
    CHECK_FALSE(off->profiles[0].metadata.http_protocol_ipv6_enabled);
    const auto on =
        load(
            "compat: {slashless_directories: redirect, connection: close, extended_credentials: "
            "true}\n")
            .loaded;
    REQUIRE(on.has_value());
    CHECK(on->compat.redirect_slashless_directories);
    CHECK(on->compat.close_connections);
    CHECK(on->profiles[0].metadata.extended_credentials);
}
