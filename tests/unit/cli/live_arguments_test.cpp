#include "cli/command_line.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

cli::live_request parse(rig& r, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const cli::surroundings world{out, err, r.environment, r.clock, {}};
    const auto read = cli::parse_command_line(std::move(arguments), world);
    INFO(err.str());
    REQUIRE(read.chosen != nullptr);
    return read.given.live_change;
}

}  // namespace

TEST_CASE("Events become the queries of the admin socket") {
    using kind = cli::live_request::kind;
    rig r;
    auto request = parse(r, {"event", "spot-interruption", "--action", "stop", "--in", "10m",
                             "--profile", "app", "-o", "json"});
    CHECK(request.what == kind::change);
    CHECK(request.query == "action=stop&in=10m&kind=spot-interruption&profile=app");
    request = parse(r, {"event", "ssh-key", "--user", "me", "--key", "ssh-rsa A+/= x&y"});
    CHECK(request.query == "key=ssh-rsa%20A%2B%2F%3D%20x%26y&kind=ssh-key&user=me");
    request = parse(r, {"event", "cancel", "rebalance-0a1b"});
    CHECK(request.what == kind::cancel);
    CHECK(request.query == "id=rebalance-0a1b");
    CHECK(parse(r, {"event", "complete", "x"}).what == kind::complete);
    CHECK(parse(r, {"event", "list"}).what == kind::show);
    CHECK(parse(r, {"event", "list", "--socket", "/x"}).query.empty());
}

TEST_CASE("A pushed key may come from a file") {
    rig r;
    r.environment.files["/k.pub"] = "ssh-ed25519 AAAA me\n";
    r.environment.files["/empty"] = "\n";
    CHECK(parse(r, {"event", "ssh-key", "--user", "me", "--key-file", "/k.pub"}).query ==
          "key=ssh-ed25519%20AAAA%20me&kind=ssh-key&user=me");
    CHECK(r.run({"event", "ssh-key", "--user", "me", "--key-file", "/none"}) == 2);
    CHECK(contains(r.err, "/none"));
    CHECK(r.run({"event", "ssh-key", "--user", "me", "--key-file", "/empty"}) == 2);
    CHECK(r.run({"event", "ssh-key", "--user", "me", "--key-file", "/k.pub", "--key", "a b"}) == 2);
}

TEST_CASE("Options are changed, reset or shown") {
    using kind = cli::live_request::kind;
    rig r;
    CHECK(parse(r, {"options"}).what == kind::show);
    CHECK(parse(r, {"options", "--profile", "app"}).query == "profile=app");
    const auto change = parse(r, {"options", "--http-tokens", "required", "--hop-limit", "2"});
    CHECK(change.what == kind::change);
    CHECK(change.query == "hop-limit=2&http-tokens=required");
    CHECK(parse(r, {"options", "--reset", "--profile", "app"}).query == "profile=app&reset=true");
}

TEST_CASE("What cannot be meant is wrong usage, before the daemon is asked") {
    const std::vector<std::vector<std::string>> wrong{
        {"event"},
        {"event", "explosion"},
        {"event", "cancel"},
        {"event", "rebalance", "--action", "stop"},
        {"event", "rebalance", "--profile", ""},
        {"event", "rebalance", "--in", ""},
        {"event", "rebalance", "--in", "soon"},
        {"event", "rebalance", "--at", "2001-01-01T00:00:00Z"},
        {"event", "maintenance"},
        {"event", "autoscaling", "--state", "inservice"},
        {"event", "ssh-key", "--user", "me"},
        {"options", "--profile", "", "--reset"},
        {"options", "--hop-limit", "65"},
        {"options", "--reset", "--hop-limit", "2"},
        {"options", "--http-tokens", "on"},
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
    }
}
