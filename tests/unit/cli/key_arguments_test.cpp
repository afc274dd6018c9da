#include "cli/command_line.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

cli::keys_request parse(rig& r, std::vector<std::string> arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const cli::surroundings world{out, err, r.environment, r.clock, {}};
    const auto read = cli::parse_command_line(std::move(arguments), world);
    INFO(err.str());
    REQUIRE(read.chosen != nullptr);
    return read.given.keys;
}

}  // namespace

TEST_CASE("Changes of keys become requests") {
    using action = admin::key_request::action;
    rig r;
    CHECK(parse(r, {"keys", "list", "-o", "json"}).list);
    auto request = parse(r, {"keys", "rotate"});
    CHECK_FALSE(request.list);
    CHECK(request.change == admin::key_request{action::rotate, "", 0, false});
    request = parse(r, {"keys", "publish", "--purpose", "stored_secret"});
    CHECK(request.change == admin::key_request{action::publish, "stored_secret", 0, false});
    request = parse(r, {"keys", "activate", "4", "--force"});
    CHECK(request.change == admin::key_request{action::activate, "", 4, true});
    request = parse(r, {"keys", "retire", "4"});
    CHECK(request.change == admin::key_request{action::retire, "", 4, false});
    request = parse(r, {"keys", "revoke", "65535"});
    CHECK(request.change == admin::key_request{action::revoke, "", 65535, false});
}

TEST_CASE("Keys that are none are wrong usage") {
    rig r;
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"keys"},
                                               {"keys", "retire"},
                                               {"keys", "retire", "0"},
                                               {"keys", "retire", "65536"},
                                               {"keys", "retire", "one"},
                                               {"keys", "retire", "1", "2"},
                                               {"keys", "revoke", "1", "--force"},
                                               {"keys", "publish", "--force"},
                                               {"keys", "rotate", "1"},
                                               {"keys", "rotate", "--purpose", "audit"},
                                               {"keys", "list", "1"}}) {
        CHECK(r.run(words) == 2);
        CHECK(r.out.empty());
    }
    CHECK(r.run({"keys", "rotate", "--purpose", "audit"}) == 2);
    CHECK(contains(r.err, "authorization_message"));
}
