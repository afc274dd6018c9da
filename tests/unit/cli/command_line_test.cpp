#include "cli/command_line.hpp"

#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

cli::command_line parse(rig& r, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const cli::surroundings world{out, err, r.environment, r.clock, {}};
    return cli::parse_command_line(std::move(arguments), world);
}

}  // namespace

TEST_CASE("Help and version are answered on standard output with code 0") {
    rig r;
    CHECK(r.run({"--help"}) == 0);
    CHECK(contains(r.out, "explain"));
    CHECK(contains(r.out, "4  the daemon cannot be reached"));
    CHECK(r.err.empty());
    CHECK(r.run({"check", "--help"}) == 0);
    CHECK(contains(r.out, "FILE"));
    CHECK(r.run({"--version"}) == 0);
    CHECK(r.out == std::string("imdsd ") + IMDSD_VERSION + "\n");
    CHECK(r.run({"version"}) == 0);
    CHECK(r.out == std::string("imdsd ") + IMDSD_VERSION + "\n");
    CHECK(r.run({"version", "-o", "json"}) == 0);
    CHECK(contains(r.out, R"("apiVersion":"imdsd/v1")"));
    CHECK(r.run({"-o", "json", "version"}) == 0);
    CHECK(contains(r.out, R"("apiVersion")"));
}

TEST_CASE("Wrong usage is code 2 with the reason on standard error") {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"frobnicate"},
        {"status", "--frobnicate"},
        {"status", "extra"},
        {"status", "-o", "yaml"},
        {"status", "-o"},
        {"status", "whoami"},
        {"status", "--timeout", "5"},
        {"status", "--timeout", "11m"},
        {"status", "--timeout", "-1s"},
        {"explain"},
        {"explain", "--pid", "0"},
        {"explain", "--pid", "abc"},
        {"explain", "--pid", "-7"},
        {"explain", "--user", ""},
        {"explain", "--user", "a", "--user", "b"},
        {"explain", "--address", "10.0.0"},
        {"explain", "--address", "10.0.0.1", "--user", "postgres"},
        {"explain", "--unit", "a\nb"},
        {"serve", "--user", "a"},
        {"serve", "--socket", "/x"},
        {"version", "--config", "x"},
    };
    for (const auto& arguments : wrong) {
        rig r;
        std::string line;
        for (const auto& each : arguments)
            line += each + ' ';
        CAPTURE(line);
        CHECK(r.run(arguments) == 2);
        CHECK_FALSE(r.err.empty());
        CHECK(r.out.empty());
        CHECK(r.served.empty());
    }
}

TEST_CASE("A flag goes before the environment and the environment before nothing") {
    rig r;
    CHECK(parse(r, {"status"}).given.socket.empty());
    r.environment.variables = {{"IMDSD_SOCKET", "/env.sock"}, {"IMDSD_CONFIG", "/env.yaml"}};
    CHECK(parse(r, {"status"}).given.socket == "/env.sock");
    CHECK(parse(r, {"status"}).given.config == "/env.yaml");
    CHECK(parse(r, {"status", "--socket", "/flag.sock"}).given.socket == "/flag.sock");
    CHECK(parse(r, {"--socket=/flag.sock", "status"}).given.socket == "/flag.sock");
    CHECK(parse(r, {"serve", "--config", "/flag.yaml"}).given.config == "/flag.yaml");
}

TEST_CASE("Options reach their verb") {
    rig r;
    const auto read = parse(r, {"explain", "--user", "postgres", "--pid", "4711", "--unit",
                                "a.service", "--cgroup", "/system.slice/a.service", "--listener",
                                "imds", "--timeout", "1m30s", "-v", "-o", "json"});
    REQUIRE(read.chosen != nullptr);
    CHECK(read.chosen->name == "explain");
    CHECK(read.given.facts.user == "postgres");
    CHECK(read.given.facts.pid == 4711);
    CHECK(read.given.facts.unit == "a.service");
    CHECK(read.given.facts.cgroup == "/system.slice/a.service");
    CHECK(read.given.facts.listener == "imds");
    CHECK(read.given.timeout == base::seconds(90));
    CHECK(read.given.verbose);
    CHECK_FALSE(read.given.quiet);
    CHECK(read.given.output == cli::output_format::json);
    const auto remote = parse(r, {"explain", "--address", "fd00::1", "--interface", "veth0"});
    REQUIRE(remote.chosen != nullptr);
    CHECK(remote.given.facts.address == "fd00::1");
    CHECK(remote.given.facts.interface == "veth0");
}

TEST_CASE("The daemon's exit code is that of serve") {
    rig r;
    r.serve_returns = 3;
    CHECK(r.run({"serve", "--config", "/a.yaml", "-v"}) == 3);
    REQUIRE(r.served.size() == 1);
    CHECK(r.served[0].config == "/a.yaml");
    CHECK(r.served[0].verbose);
    CHECK_FALSE(r.served[0].quiet);
    r.serve_returns = 0;
    CHECK(r.run({"serve"}) == 0);
    CHECK(r.served[1].config == "/etc/imdsd/imdsd.yaml");
}

TEST_CASE("Data that cannot be written is a failure") {
    rig r;
    std::ostringstream out;
    std::ostringstream err;
    out.setstate(std::ios::badbit);
    const cli::surroundings world{out, err, r.environment, r.clock, {}};
    CHECK(cli::dispatch({"version"}, world) == cli::exit_code::failure);
    CHECK(contains(err.str(), "standard output"));
}
