#include "rotation/wake_timers.hpp"

#include <time.h>

#include "rotation/rotator.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "unit/rotation/scripted_source.hpp"

namespace {

using namespace std::chrono_literals;

/// The kernel's clocks, as timers see them.
class kernel_clock final : public base::clock {
public:
    base::wall_time now() const override { return base::wall_time(read(CLOCK_REALTIME)); }
    base::boot_time boot_now() const override { return base::boot_time(read(CLOCK_BOOTTIME)); }

private:
    static base::milliseconds read(clockid_t id) {
        timespec t{};
        ::clock_gettime(id, &t);
        return base::milliseconds(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
    }
};

}  // namespace

TEST_CASE("A wall deadline and a boot deadline both wake") {
    const kernel_clock clock;
    boost::asio::io_context control(1);
    int due = 0;
    rotation::wake_timers timers(
        control, [&] { ++due; }, [] {});
    timers.arm(clock.now() + 5ms, {});
    while (due == 0) {
        REQUIRE(control.run_one_for(10s) == 1);
    }
    timers.arm({}, clock.boot_now() + 5ms);
    while (due == 1) {
        REQUIRE(control.run_one_for(10s) == 1);
    }
    CHECK(due == 2);
}

TEST_CASE("A deadline in the past wakes at once and one far away does not") {
    const kernel_clock clock;
    boost::asio::io_context control(1);
    int due = 0;
    rotation::wake_timers timers(
        control, [&] { ++due; }, [] {});
    timers.arm(base::wall_time{}, {});
    REQUIRE(control.run_one_for(10s) == 1);
    CHECK(due == 1);
    timers.arm(clock.now() + 1h, clock.boot_now() + 1h);
    control.poll();
    CHECK(due == 1);
}

TEST_CASE("Destroyed timers call nothing and leave the context without work") {
    boost::asio::io_context control(1);
    {
        rotation::wake_timers timers(
            control, [] { FAIL("called"); }, [] { FAIL("called"); });
        timers.arm(base::wall_time{}, base::boot_time{});
    }
    CHECK(control.run_for(10s) <= 2);
    CHECK(control.stopped());
}

TEST_CASE("A rotator with its own timers retries by itself") {
    const kernel_clock clock;
    support::counting_random random;
    boost::asio::io_context control(1);
    const auto issuer = std::make_shared<rotation_test::scripted_source>(clock);
    issuer->fail(base::unavailable("down"));
    std::shared_ptr<const rotation::snapshot> last;
    rotation::rotator rotator(control, clock, random, {},
                              [&](std::size_t, auto snapshot) { last = snapshot; });
    rotation::assignment a;
    a.profile = a.fingerprint = a.request.role_arn = "a";
    a.from = issuer;
    std::vector<rotation::assignment> list;
    list.push_back(a);
    rotator.assign(std::move(list));
    while (last->state != rotation::phase::failed) {
        REQUIRE(control.run_one_for(10s) == 1);
    }
    issuer->fail(std::nullopt);
    while (last->state != rotation::phase::fresh) {
        REQUIRE(control.run_one_for(10s) == 1);
    }
    CHECK(issuer->calls() == 2);
    rotator.stop();
    control.run_for(10s);
    CHECK(control.stopped());
}
