#include "profile/live_state.hpp"

#include "support/catch.hpp"

using namespace profile;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

live_state example() {
    const base::wall_time noon{seconds(1'790'000'000)};
    maintenance_event open;
    open.code = maintenance_code::instance_retirement;
    open.description = "old \"hardware\" \xc3\xa9";
    open.not_before = noon + hours(1);
    open.not_after = noon + hours(2);
    open.not_before_deadline = noon + hours(3);
    maintenance_event closed = open;
    closed.not_before_deadline.reset();
    closed.state = maintenance_state::completed;
    closed.closed = noon + hours(4);
    live_state state;
    state.events = {
        {"a", "app", noon, spot_interruption{spot_action::hibernate, noon}},
        {"b", "", noon, rebalance_recommendation{}},
        {"c", "", noon, open},
        {"d", "app", noon, closed},
        {"e", "", noon, autoscaling_target::warmed_stopped},
        {"f", "", noon, pushed_key{"ec2-user", "ssh-ed25519 AAAA me\nssh-rsa BBBB you"}},
    };
    state.options["app"].http_tokens_required = false;
    state.options["app"].hop_limit = 64;
    state.options["all"] = {true, true, 1, false, true};
    return state;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("What is kept is what comes back") {
    const auto back = parse_live_state(serialise(example()));
    REQUIRE(back.has_value());
    CHECK(*back == example());
    const auto none = parse_live_state(serialise({}));
    REQUIRE(none.has_value());
    CHECK(*none == live_state{});
}

TEST_CASE("A file that is not whole, or says what could not have been set, is an error") {
    const std::string good = serialise(example());
    for (std::size_t size = 0; size < good.size() - 1; size += 7)
        CHECK_FALSE(parse_live_state(good.substr(0, size)).has_value());
    for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
             {"\"format\":1", "\"format\":2"},
             {"\"format\":1", "\"format\":\"1\""},
             {"\"id\":\"a\"", "\"id\":\"b\""},
             {"\"id\":\"a\"", "\"id\":\"\""},
             {"\"id\":\"a\"", "\"id\":7"},
             {"\"id\":\"a\"", "\"more\":1,\"id\":\"a\""},
             {"\"kind\":\"rebalance\"", "\"kind\":\"rebalancing\""},
             {"hibernate", "sleep"},
             {"Warmed:Stopped", "Stopped"},
             {"2026-", "2026/"},
             {"ec2-user", "../ec2-user"},
             {"\"hop_limit\":64", "\"hop_limit\":65"},
             {"\"hop_limit\":64", "\"hop_limit\":\"64\""},
             {"optional", "maybe"},
             {"\"options\":", "\"optoins\":"},
             {"\"events\":[", "\"events\":{},\"e\":["},
         }) {
        INFO(what << " -> " << with);
        CHECK_FALSE(parse_live_state(replaced(good, what, with)).has_value());
    }
}

TEST_CASE("Errors name the event") {
    const auto bad = parse_live_state(replaced(serialise(example()), "hibernate", "sleep"));
    REQUIRE_FALSE(bad.has_value());
    CHECK(bad.error().message == "event 1 has an unknown 'action'");
}

TEST_CASE("Options at run time go before the configuration, a later one before an earlier") {
    metadata_options configured;
    configured.hop_limit = 3;
    metadata_override first;
    CHECK(first.empty());
    CHECK(first.over(configured) == configured);
    first.http_tokens_required = false;
    first.hop_limit = 5;
    metadata_override second;
    second.hop_limit = 6;
    second.http_endpoint_enabled = false;
    first.merge(second);
    const metadata_options now = first.over(configured);
    CHECK_FALSE(now.http_tokens_required);
    CHECK_FALSE(now.http_endpoint_enabled);
    CHECK(now.hop_limit == 6);
    CHECK(now.http_protocol_ipv6_enabled);
}
