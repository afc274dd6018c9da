#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

std::string text(const std::string& issuer,
                 const std::string& listener = "{name: sts, serve: sts, address: '127.0.0.1:0'}") {
    return "apiVersion: imdsd/v1\nlisteners: [" + listener + "]\nissuer: {" + issuer + "}\n";
}

}  // namespace

TEST_CASE("The issuer's front is as strict as can be unless it is told otherwise") {
    const auto plain = loaded(text("region: eu-central-1")).issuer;
    CHECK(plain.limits.address.per_second == 3000);
    CHECK(plain.limits.principal.per_second == 600);
    CHECK_FALSE(plain.compat.fixed_presigned_window);
    CHECK_FALSE(plain.compat.unsigned_session_token);
    CHECK(plain.endpoints.empty());
    CHECK(plain.allowed_origins.empty());
    const auto told = loaded(text("region: eu-central-1, endpoints: {sts.example.com: global, "
                                  "sts.eu-west-1.example.com: eu-west-1}, allowed_origins: "
                                  "['https://app.example.com'], limits: {principal: "
                                  "{requests_per_second: 5}, address: {requests_per_second: 7, "
                                  "burst: 9}}, compat: {presigned_window: fixed, session_token: "
                                  "unsigned}, accounts: {'123456789012': {disabled_regions: "
                                  "[us-west-2]}}"))
                          .issuer;
    REQUIRE(told.endpoints.size() == 2);
    CHECK(told.endpoints[0].region.empty());
    CHECK(told.endpoints[1].host == "sts.eu-west-1.example.com");
    CHECK(told.endpoints[1].region == "eu-west-1");
    CHECK(told.allowed_origins == lines{"https://app.example.com"});
    CHECK(told.limits.principal.per_second == 5);
    CHECK(told.limits.principal.burst == 10);
    CHECK(told.limits.address.burst == 9);
    CHECK(told.compat.fixed_presigned_window);
    CHECK(told.compat.unsigned_session_token);
    REQUIRE(told.disabled_regions.size() == 1);
    CHECK(told.disabled_regions[0].account == "123456789012");
    CHECK(told.disabled_regions[0].region == "us-west-2");
}

TEST_CASE("An account's verification policy is a resource policy") {
    const auto policy = [](const std::string& principal) {
        return text(
            "accounts: {'123456789012': {verification_policy: {Statement: {Effect: Allow, " +
            principal + "Action: 'imdsd:VerifyCaller', Resource: '*'}}}}");
    };
    const auto told = loaded(policy("Principal: {AWS: '210987654321'}, ")).accounts;
    REQUIRE(told.size() == 1);
    CHECK(told[0].verification_policy.find("\"imdsd:VerifyCaller\"") != std::string::npos);
    const auto said = said_about(policy(""));
    REQUIRE(said.size() == 1);
    CHECK(said[0].find("'verification_policy': ") != std::string::npos);
}

TEST_CASE("What is wrong with the issuer's front is told where it is written") {
    const auto said = [](const std::string& issuer) {
        const auto all = said_about(text(issuer));
        REQUIRE(all.size() == 1);
        return all[0];
    };
    CHECK(said("endpoints: {'a:443': global}") == "3:22: 'a:443' is no host name (without a port)");
    CHECK(said("endpoints: {a: global, A: us-east-1}") ==
          "3:33: 'A' is there already (host names ignore case)");
    CHECK(said("endpoints: {a: world_wide}") ==
          "3:25: 'world_wide' is neither 'global' nor a region");
    CHECK(said("regions: [us-east-1], endpoints: {a: eu-west-1}") ==
          "3:47: 'regions' has no 'eu-west-1'");
    CHECK(said("allowed_origins: ['https://a.example/']").find("is no origin such as") !=
          std::string::npos);
    CHECK(said("limits: {principal: {burst: 5}}").find("requests_per_second") != std::string::npos);
    CHECK(said("compat: {presigned_window: lax}").find("strict") != std::string::npos);
    CHECK(said("accounts: {'123456789012': {disabled_regions: [us-east-1]}}")
              .find("the issuer's own region cannot be disabled") != std::string::npos);
    CHECK(said("accounts: {'123456789012': {disabled_regions: [Nowhere]}}")
              .find("is no region name") != std::string::npos);
}

TEST_CASE("A listener's certificate is checked when it is read") {
    fake_environment files;
    files.files["cert.pem"] = "not a certificate";
    files.files["key.pem"] = "not a key, which nobody may see";
    const auto tls = [&](const std::string& serve, const std::string& files_of_tls) {
        std::string all;
        for (const auto& line :
             said_about(text("region: us-east-1", "{name: a, serve: " + serve +
                                                      ", address: '127.0.0.1:0', tls: {" +
                                                      files_of_tls + "}}"),
                        files))
            all += line + "\n";
        return all;
    };
    const std::string both = "certificate: cert.pem, key: key.pem";
    CHECK(tls("sts", both).find("no PEM certificate is there") != std::string::npos);
    CHECK(tls("sts", both).find("nobody may see") == std::string::npos);
    CHECK(tls("imds", both).find("'tls' is for listeners that serve sts") != std::string::npos);
    CHECK(tls("sts", "certificate: cert.pem").find("'key'") != std::string::npos);
    CHECK(tls("sts", "certificate: nowhere.pem, key: key.pem").find("nowhere.pem") !=
          std::string::npos);
}
