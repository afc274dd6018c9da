#include "daemon/generation.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

using std::chrono::hours;

TEST_CASE("Metadata is made anew when it differs, and when the clock was set back before it") {
    support::manual_clock clock;
    support::counting_random random;
    const auto changes = daemon_::live_changes::open("/nonexistent/changes", clock, random);
    REQUIRE(changes.has_value());
    const auto estate = iam::directory::empty("aws");
    config::configuration configuration;
    configuration.profiles.emplace_back().name = "app";
    const auto running = daemon_::make_serving(configuration, *changes, *estate, {}, {}, nullptr,
                                               nullptr, 7, clock.now());
    const auto follow = [&] {
        return daemon_::follow_changes(*running, configuration, *changes, *estate, {}, clock.now());
    };
    CHECK_FALSE(follow());
    clock.advance(hours(1));
    CHECK_FALSE(follow());
    clock.step_wall(-hours(2));
    const auto next = follow();
    REQUIRE(next);
    CHECK(next->generation == 7);
    CHECK(next->profiles[0]->since() == clock.now());
}
