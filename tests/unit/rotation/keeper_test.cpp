#include "rotation/keeper.hpp"

#include <cmath>

#include "support/catch.hpp"
#include "support/manual_clock.hpp"

namespace {

using namespace std::chrono_literals;
using rotation::phase;

aws::credentials issued(base::wall_time expiration, const std::string& id = "ASIA1") {
    aws::credentials c;
    c.access_key_id = id;
    c.secret_access_key = base::secret("secret");
    c.session_token = base::secret("token");
    c.expiration = expiration;
    return c;
}

/// A keeper, its time and an issuer that answers at once.
struct scene {
    support::manual_clock clock;
    double jitter = 0.5;
    rotation::keeper keeper{[this] { return jitter; }};
    int fetches = 0;

    bool poll() { return keeper.poll(clock.now(), clock.boot_now()); }
    void good(base::milliseconds life) {
        ++fetches;
        keeper.fetched(issued(clock.now() + life, "ASIA" + std::to_string(fetches)), clock.now(),
                       clock.boot_now());
    }
    void bad(base::error e) {
        ++fetches;
        keeper.fetched(std::move(e), clock.now(), clock.boot_now());
    }
    phase state() const { return keeper.current()->state; }
    base::milliseconds left() const {
        return keeper.current()->credentials->expiration - clock.now();
    }
};

}  // namespace

TEST_CASE("A new keeper waits and asks for one fetch at a time") {
    scene s;
    CHECK(s.state() == phase::waiting);
    CHECK(s.poll());
    CHECK_FALSE(s.poll());
    s.clock.advance(10min);
    CHECK_FALSE(s.poll());
    CHECK(s.state() == phase::waiting);
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK(s.keeper.current()->serial == 1);
    CHECK(s.keeper.current()->last_updated == s.clock.now());
    CHECK(s.keeper.current()->credentials->access_key_id == "ASIA1");
    CHECK_FALSE(s.poll());
}

TEST_CASE("No minute of a day shows less than 20 minutes while the issuer answers", "[I06]") {
    for (const base::milliseconds life : {1h, 6h, 12h}) {
        for (const double jitter : {0.0, 0.5, 0.999}) {
            scene s;
            s.jitter = jitter;
            REQUIRE(s.poll());
            s.good(life);
            base::milliseconds least = life;
            for (int minute = 0; minute < 24 * 60; ++minute) {
                s.clock.advance(1min);
                // As a client sees it that asks just before the renewal ends.
                least = std::min(least, s.left());
                if (s.poll()) {
                    CHECK(s.state() == phase::renewing);
                    s.good(life);
                }
            }
            CHECK(least >= 20min);
            const auto most = static_cast<int>(24h / (life / 2)) + 1;
            CHECK(s.fetches <= most);
            CHECK(s.keeper.current()->serial == static_cast<std::uint64_t>(s.fetches));
        }
    }
}

TEST_CASE("The deadline says when the renewal is due") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    const auto deadline = s.keeper.next_wall();
    REQUIRE(deadline);
    CHECK_FALSE(s.keeper.next_boot());
    CHECK(s.keeper.current()->next_try == *deadline);
    CHECK_FALSE(s.keeper.poll(*deadline - 1ms, s.clock.boot_now()));
    CHECK(s.keeper.poll(*deadline, s.clock.boot_now()));
    CHECK(s.keeper.next_wall() == s.keeper.current()->credentials->expiration);
}

TEST_CASE("Jitter only makes a renewal earlier") {
    base::wall_time previous = base::wall_time::max();
    for (const double jitter : {0.0, 0.3, 0.6, 0.9}) {
        scene s;
        s.jitter = jitter;
        REQUIRE(s.poll());
        s.good(12h);
        CHECK(*s.keeper.next_wall() < previous);
        previous = *s.keeper.next_wall();
    }
}

TEST_CASE("An outage keeps the last good set until it expires and never longer") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    const auto good = s.keeper.current()->credentials;
    const base::wall_time expiration = good->expiration;
    int tries = 0;
    bool was_stale = false;
    for (int second = 0; second < 3 * 3600; ++second) {
        s.clock.advance(1s);
        if (s.poll()) {
            s.bad(base::unavailable("no route to the issuer"));
            ++tries;
        }
        if (s.clock.now() < expiration) {
            REQUIRE(s.keeper.current()->credentials == good);
            was_stale = was_stale || s.state() == phase::stale;
        } else {
            REQUIRE_FALSE(s.keeper.current()->credentials);
            REQUIRE(s.state() == phase::failed);
            REQUIRE_FALSE(s.keeper.current()->denied);
        }
    }
    CHECK(was_stale);
    CHECK(s.keeper.current()->failure == "no route to the issuer");
    CHECK(s.keeper.current()->serial == 1);
    CHECK(tries > 100);  // at least every minute of 2.5 hours
    CHECK(tries < 300);

    // and back
    s.clock.advance(60s);
    REQUIRE(s.poll());
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK(s.keeper.current()->serial == 2);
    CHECK(s.keeper.current()->failures == 0);
    CHECK(s.keeper.current()->failure.empty());
}

TEST_CASE("Retries back off from a second to a minute on the boot clock") {
    scene s;
    s.jitter = 0.999;
    base::milliseconds previous = 0ms;
    for (int i = 0; i < 12; ++i) {
        REQUIRE(s.poll());
        s.bad(base::unavailable("down"));
        CHECK(s.state() == phase::failed);
        REQUIRE(s.keeper.next_boot());
        const base::milliseconds wait = *s.keeper.next_boot() - s.clock.boot_now();
        CHECK(wait >= previous);
        CHECK(wait <= 60s);
        previous = wait;
        s.clock.advance(wait - 1ms);
        CHECK_FALSE(s.poll());
        s.clock.advance(1ms);
    }
    CHECK(previous > 50s);
    CHECK(s.keeper.current()->failures == 12);
}

TEST_CASE("A step of the wall clock does not hurry or delay a retry") {
    scene s;
    REQUIRE(s.poll());
    s.bad(base::unavailable("down"));
    s.clock.step_wall(10h);
    CHECK_FALSE(s.poll());
    s.clock.step_wall(-20h);
    CHECK_FALSE(s.poll());
    s.clock.advance(1s);
    CHECK(s.poll());
}

TEST_CASE("Denied shows only when nothing valid is left and is tried again") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.advance(50min);
    REQUIRE(s.poll());
    s.bad({base::error_kind::denied, "not authorized", "AccessDenied"});
    CHECK(s.state() == phase::stale);
    CHECK_FALSE(s.keeper.current()->denied);
    CHECK(s.keeper.current()->failure == "AccessDenied: not authorized");
    s.clock.advance(1s);
    REQUIRE(s.poll());
    s.bad(base::denied("still not"));
    s.clock.advance(10min);
    s.poll();
    CHECK(s.state() == phase::failed);
    CHECK(s.keeper.current()->denied);
    CHECK_FALSE(s.keeper.current()->credentials);
    s.bad(base::unavailable("down"));
    CHECK_FALSE(s.keeper.current()->denied);
    s.clock.advance(1min);
    REQUIRE(s.poll());
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK_FALSE(s.keeper.current()->denied);
}

TEST_CASE("The wall clock stepping forward renews at once") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.step_wall(40min);
    CHECK(s.poll());
    CHECK(s.state() == phase::renewing);
    CHECK(s.keeper.current()->credentials);
}

TEST_CASE("A step or a sleep past the expiry drops the set and fetches at once") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.advance(8h);
    CHECK(s.poll());
    CHECK_FALSE(s.keeper.current()->credentials);
    CHECK(s.state() == phase::waiting);
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK(s.keeper.current()->serial == 2);
}

TEST_CASE("A set issued in the future is renewed at once but a small correction is not a step") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.step_wall(-2s);
    CHECK_FALSE(s.poll());
    s.clock.step_wall(-5h);
    CHECK(s.poll());
    CHECK(s.state() == phase::renewing);
    s.good(1h);
    CHECK_FALSE(s.poll());
    CHECK(s.left() == 1h);
}

TEST_CASE("A set that expires while a fetch hangs is not served") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.advance(50min);
    REQUIRE(s.poll());
    s.clock.advance(10min);
    CHECK_FALSE(s.poll());
    CHECK_FALSE(s.keeper.current()->credentials);
    s.bad(base::unavailable("timed out"));
    CHECK(s.state() == phase::failed);
}

TEST_CASE("A failure reported after the expiry drops the set without another poll") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.advance(50min);
    REQUIRE(s.poll());
    s.clock.advance(10min);
    s.bad(base::unavailable("timed out"));
    CHECK(s.state() == phase::failed);
    CHECK_FALSE(s.keeper.current()->credentials);
}

TEST_CASE("Unusable credentials are a failure and replace nothing") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    const auto good = s.keeper.current()->credentials;
    s.clock.advance(50min);
    const base::wall_time now = s.clock.now();
    std::vector<aws::credentials> unusable;
    unusable.push_back(issued(now - 1s));
    unusable.push_back(issued(now));
    unusable.push_back(issued(now + 59s));
    unusable.push_back(issued(now + 1h, ""));
    unusable.push_back(issued(now + 1h));
    unusable.back().secret_access_key = {};
    unusable.push_back(issued(now + 1h));
    unusable.back().session_token = {};
    for (aws::credentials& c : unusable) {
        REQUIRE(s.poll());
        s.keeper.fetched(std::move(c), now, s.clock.boot_now());
        CHECK(s.state() == phase::stale);
        CHECK(s.keeper.current()->credentials == good);
        CHECK_FALSE(s.keeper.current()->failure.empty());
        s.clock.advance(1min);
    }
}

TEST_CASE("Renewal follows the real expiry and not the wish") {
    scene s;
    REQUIRE(s.poll());
    s.good(36h);
    s.clock.advance(12h);
    CHECK_FALSE(s.poll());
    CHECK(*s.keeper.next_wall() > s.clock.now());
    s.clock.advance(24h - 30min);
    CHECK(s.poll());
    s.good(90s);  // short, but good for a client that asks now
    CHECK(s.state() == phase::fresh);
    CHECK(*s.keeper.next_wall() <= s.clock.now() + 45s);
    CHECK(*s.keeper.next_wall() >= s.clock.now() + 10s);
}

TEST_CASE("An adopted set is served and renewed by its own dates") {
    scene first;
    REQUIRE(first.poll());
    first.good(1h);
    scene second;
    second.keeper.adopt(*first.keeper.current());
    CHECK(second.state() == phase::fresh);
    CHECK(second.keeper.current()->serial == 1);
    CHECK_FALSE(second.poll());
    second.clock.advance(40min);
    CHECK(second.poll());
    second.good(1h);
    CHECK(second.keeper.current()->serial == 2);
}

TEST_CASE("An adopted set that has expired is dropped by the first poll") {
    scene first;
    REQUIRE(first.poll());
    first.good(1h);
    scene second;
    second.clock.advance(2h);
    second.keeper.adopt(*first.keeper.current());
    CHECK(second.poll());
    CHECK(second.state() == phase::waiting);
    CHECK_FALSE(second.keeper.current()->credentials);
}

TEST_CASE("A result nobody asked for changes nothing") {
    scene s;
    s.good(1h);
    CHECK(s.state() == phase::waiting);
    CHECK(s.keeper.current()->serial == 0);
}

TEST_CASE("A retry can be hurried but not while a fetch is under way and not when all is well") {
    scene s;
    REQUIRE(s.poll());
    s.keeper.retry_now();
    CHECK_FALSE(s.poll());
    s.bad(base::unavailable("down"));
    CHECK_FALSE(s.poll());
    s.keeper.retry_now();
    CHECK(s.poll());
    s.good(1h);
    s.keeper.retry_now();
    CHECK_FALSE(s.poll());
}

TEST_CASE("Every phase has a name") {
    CHECK(std::string(rotation::to_string(phase::waiting)) == "waiting");
    CHECK(std::string(rotation::to_string(phase::fresh)) == "fresh");
    CHECK(std::string(rotation::to_string(phase::renewing)) == "renewing");
    CHECK(std::string(rotation::to_string(phase::stale)) == "stale");
    CHECK(std::string(rotation::to_string(phase::failed)) == "failed");
}

TEST_CASE("What is discarded is served no more, and another set is due at once") {
    scene s;
    REQUIRE(s.poll());
    s.good(1h);
    s.clock.advance(10min);
    s.keeper.discard();
    CHECK(s.state() == phase::waiting);
    CHECK_FALSE(s.keeper.current()->credentials);
    CHECK(s.keeper.next_boot().has_value());
    REQUIRE(s.poll());
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK(s.keeper.current()->serial == 2);
}

TEST_CASE("A fetch that was under way when the set was discarded brings nothing") {
    scene s;
    REQUIRE(s.poll());
    s.keeper.discard();
    CHECK_FALSE(s.poll());
    s.good(1h);
    CHECK(s.state() == phase::waiting);
    CHECK_FALSE(s.keeper.current()->credentials);
    REQUIRE(s.poll());
    s.good(1h);
    CHECK(s.state() == phase::fresh);
    CHECK(s.keeper.current()->credentials->access_key_id == "ASIA2");
}

TEST_CASE("Discarding does not wait for the retry of an earlier failure") {
    scene s;
    REQUIRE(s.poll());
    s.bad(base::unavailable("away"));
    CHECK_FALSE(s.poll());
    s.keeper.discard();
    CHECK(s.poll());
}
