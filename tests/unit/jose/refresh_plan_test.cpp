#include "jose/refresh_plan.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace {

constexpr base::boot_time start{base::seconds(1000)};
constexpr jose::refresh_rules rules{600s, 5s, 300s, 10s, 3600s};

}  // namespace

TEST_CASE("Keys are read at the start, then again when it is time") {
    jose::refresh_plan plan(rules);
    CHECK(plan.due(start));
    CHECK_FALSE(plan.give_up(start));
    plan.begin(start);
    CHECK_FALSE(plan.due(start));
    CHECK(plan.next() == base::boot_time::max());
    plan.end(true, start + 1s);
    CHECK_FALSE(plan.give_up(start + 1s));
    CHECK(plan.next() == start + 601s);
    CHECK_FALSE(plan.due(start + 600s));
    CHECK(plan.due(start + 601s));
}

TEST_CASE("Failures are retried ever later, up to a bound, and the keys are kept up to a bound") {
    jose::refresh_plan plan(rules);
    plan.begin(start);
    plan.end(true, start);
    base::boot_time now = start + 600s;
    std::vector<base::milliseconds> waits;
    for (int i = 0; i < 40; ++i) {
        plan.begin(now);
        plan.end(false, now);
        base::boot_time next = now;
        while (!plan.due(next))
            next += 1s;
        waits.push_back(next - now);
        now = next;
    }
    CHECK(waits[0] == 5s);
    CHECK(waits[1] == 10s);
    CHECK(waits[5] == 160s);
    CHECK(waits[6] == 300s);
    CHECK(waits[39] == 300s);
    CHECK_FALSE(plan.give_up(start + 3599s));
    CHECK(plan.next() <= start + 3600s);
    CHECK(plan.give_up(start + 3600s));
    CHECK_FALSE(plan.give_up(start + 3600s));
    // Given up, nothing is due before the next try.
    CHECK(plan.next() == now);
    plan.begin(now);
    plan.end(true, now);
    CHECK_FALSE(plan.give_up(now));
    plan.begin(now);
    plan.end(false, now);
    CHECK(plan.due(now + 5s));
}

TEST_CASE("Unknown keys bring the next read forward once in a while, however many there are") {
    jose::refresh_plan plan(rules);
    plan.begin(start);
    CHECK(plan.ask(start + 20s));  // under way
    plan.end(true, start + 20s);
    CHECK(plan.ask(start + 21s));  // the last one began 21 s ago
    CHECK(plan.due(start + 21s));
    plan.begin(start + 21s);
    plan.end(true, start + 21s);
    for (auto at = start + 21s; at < start + 31s; at += 100ms)
        CHECK_FALSE(plan.ask(at));
    CHECK_FALSE(plan.due(start + 30s));
    CHECK(plan.ask(start + 31s));
    CHECK(plan.due(start + 31s));
}

TEST_CASE("Asking does not put off what is due, and a change of the source is read at once") {
    jose::refresh_plan plan(rules);
    plan.begin(start);
    plan.end(false, start);
    CHECK(plan.due(start + 5s));
    CHECK(plan.ask(start + 12s));
    CHECK(plan.due(start + 12s));
    plan.begin(start + 12s);
    plan.end(true, start + 12s);
    plan.restart();
    CHECK(plan.due(start + 12s));
    plan.begin(start + 12s);
    plan.restart();
    CHECK_FALSE(plan.due(start + 13s));
    plan.end(true, start + 13s);
    CHECK(plan.due(start + 13s));
}
