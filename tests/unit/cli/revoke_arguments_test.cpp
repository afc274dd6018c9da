#include "cli/revoke_arguments.hpp"

#include "cli/command_line.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

cli::options parse(rig& r, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const cli::surroundings world{out, err, r.environment, r.clock, {}};
    const auto read = cli::parse_command_line(std::move(arguments), world);
    INFO(err.str());
    REQUIRE(read.chosen != nullptr);
    return read.given;
}

}  // namespace

TEST_CASE("Revocations become queries") {
    rig r;
    CHECK(parse(r, {"revoke", "list", "-o", "json"}).revoke.list);
    const auto role = parse(r, {"revoke", "role", "arn:aws:iam::123456789012:role/web", "--before",
                                "2026-11-22T08:09:10Z", "--reason", "it leaked"});
    CHECK_FALSE(role.revoke.list);
    CHECK(role.revoke.query ==
          "of=role&subject=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fweb&before="
          "2026-11-22T08%3A09%3A10Z&reason=it%20leaked");
    CHECK(parse(r, {"revoke", "key", "ASIAIOSFODNN7EXAMPLE"}).revoke.query ==
          "of=key&subject=ASIAIOSFODNN7EXAMPLE");
}

TEST_CASE("Revocations of nothing are wrong usage") {
    rig r;
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"revoke"},
             {"revoke", "role"},
             {"revoke", "everything"},
             {"revoke", "undo", "x"},
             {"revoke", "role", "x", "y"},
             {"revoke", "role", "x", "--before", "yesterday"},
             {"revoke", "session", "12"},
             {"revoke", "session", "0123456789abcdef0123456789abcdef", "--before",
              "2026-11-22T08:09:10Z"},
             {"revoke", "list", "x"}}) {
        CHECK(r.run(words) == 2);
        CHECK(r.out.empty());
    }
}

TEST_CASE("The issuer runs alone with the configuration that serve would take") {
    rig r;
    r.serve_returns = 3;
    CHECK(r.run({"issuer", "--config", "/a.yaml", "-q"}) == 3);
    r.environment.variables["IMDSD_CONFIG"] = "/b.yaml";
    r.serve_returns = 0;
    CHECK(r.run({"issuer"}) == 0);
    CHECK(r.run({"serve"}) == 0);
    REQUIRE(r.served.size() == 3);
    CHECK(r.served[0].config == "/a.yaml");
    CHECK(r.served[0].issuer_alone);
    CHECK(r.served[0].quiet);
    CHECK(r.served[1].config == "/b.yaml");
    CHECK_FALSE(r.served[2].issuer_alone);
}

TEST_CASE("The administrator's credentials are printed for credential_process") {
    rig r;
    r.environment.variables["HOME"] = "/home/me";
    r.environment.files["/a.yaml"] =
        "apiVersion: imdsd/v1\nlisteners: [{name: sts, serve: sts, address: '127.0.0.1:1340'}]\n";
    r.environment.files["/bad.yaml"] = "apiVersion: imdsd/v1\n";
    CHECK(r.run({"issuer", "admin-credentials", "--config", "/a.yaml"}) == 0);
    CHECK(r.out ==
          "{\"Version\":1,\"AccessKeyId\":\"AKIAIOSFODNN7EXAMPLE\",\"SecretAccessKey\":"
          "\"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"}\n");
    CHECK(r.err.empty());
    CHECK(r.served.empty());
    CHECK(r.run({"issuer", "admin-credentials", "--config", "/bad.yaml"}) == 3);
    CHECK(r.out.empty());
    CHECK(contains(r.err, "listeners"));
    r.has_administrator = false;
    CHECK(r.run({"issuer", "admin-credentials", "--config", "/a.yaml"}) == 5);
    CHECK(r.out.empty());
    CHECK(contains(r.err, "the state directory cannot be read"));
    CHECK(r.run({"issuer", "secrets"}) == 2);
}
