#include "fake_environment.hpp"
#include "support/catch.hpp"
#include "support/rsa_key.hpp"

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

TEST_CASE("The signer of EC2 Instance Connect comes from files") {
    fake_environment files;
    files.files["/imdsd.yaml"] = with_profile(
        "instance_connect: {signer_certificate: signer.pem, signer_ocsp: {0A1B: response.der}}");
    files.files["/signer.pem"] = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    files.files["/response.der"] = std::string("\x30\x03\x0a\x01\x00", 5);
    const auto result = config::load("/imdsd.yaml", files);
    REQUIRE(result.loaded.has_value());
    const auto& connect = result.loaded->profiles.at(0).connect;
    CHECK(connect.signer_certificate == files.files["/signer.pem"]);
    REQUIRE(connect.signer_ocsp.size() == 1);
    CHECK(connect.signer_ocsp[0] == std::pair<std::string, std::string>{"0A1B", "MAMKAQA="});
    CHECK_FALSE(connect.signer_key);
    files.files["/imdsd.yaml"] =
        with_profile("instance_connect: {signer_certificate: signer.pem, signer_key: signer.key}");
    CHECK_FALSE(config::load("/imdsd.yaml", files).loaded.has_value());
    files.files["/signer.key"] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    CHECK_FALSE(config::load("/imdsd.yaml", files).loaded.has_value());
    files.files["/signer.key"] = support::new_rsa_key();
    CHECK(config::load("/imdsd.yaml", files).loaded.has_value());
    files.files["/signer.pem"] = "a key";
    CHECK_FALSE(config::load("/imdsd.yaml", files).loaded.has_value());
    files.files.erase("/signer.pem");
    CHECK_FALSE(config::load("/imdsd.yaml", files).loaded.has_value());
}
