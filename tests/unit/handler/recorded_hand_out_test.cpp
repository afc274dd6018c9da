#include "handler/recorded_hand_out.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/audit/scripted_output.hpp"

using audit_test::script;
using handler::recorded_hand_out;
using mood = audit_test::script::mood;
using verdict = handler::recorded_hand_out::verdict;

namespace {

using namespace std::chrono_literals;

struct fixture {
    explicit fixture(audit::options o = {}) {
        o.first_retry = o.longest_retry = 1ms;
        o.closing_time = 50ms;
        log = audit::journal::write_to(std::make_unique<audit_test::scripted_output>(by), o, "h");
        ledger.emplace(*log, clock, random);
    }
    ~fixture() { by->be(mood::takes); }

    audit::ticket allow(const char* key = "ASIA1") {
        return ledger->allow({who, "u1", "p", "", "", "", "/", ""}, key, clock.now() + 1h, "2");
    }
    verdict ask(const char* key = "ASIA1") { return one.ask(*log, allow(key)); }
    /// As the session does.
    void wait() {
        boost::asio::io_context context;
        auto task = one.wait(*log);
        boost::asio::co_spawn(context, std::move(task), boost::asio::detached);
        context.run();
    }

    std::shared_ptr<script> by = std::make_shared<script>();
    support::manual_clock clock;
    support::counting_random random;
    binding::caller who;
    std::unique_ptr<audit::journal> log;
    std::optional<handler::hand_out_ledger> ledger;
    recorded_hand_out one;
};

}  // namespace

TEST_CASE("A hand-out waits until its record is durable") {
    fixture f;
    f.by->be(mood::hangs);
    CHECK(f.ask() == verdict::wait);
    CHECK(f.one.wants_wait());
    CHECK_FALSE(f.one.take_resumed());
    f.by->be(mood::takes);
    f.wait();
    CHECK_FALSE(f.one.wants_wait());
    CHECK(f.one.take_resumed());
    CHECK_FALSE(f.one.take_resumed());
    CHECK(f.ask() == verdict::go);
    // Recorded once; other connections do not wait any more.
    CHECK(f.ask() == verdict::go);
    CHECK(f.log->status().written == 1);
}

TEST_CASE("A second connection waits for the record that the first one made") {
    fixture f;
    f.by->be(mood::hangs);
    CHECK(f.ask() == verdict::wait);
    recorded_hand_out other;
    CHECK(other.ask(*f.log, f.allow()) == verdict::wait);
    f.by->be(mood::takes);
    REQUIRE(f.log->flush(10s));
    CHECK(other.ask(*f.log, f.allow()) == verdict::go);
    CHECK(f.log->status().written == 1);
}

TEST_CASE("A hand-out whose record is lost is refused until it is not") {
    fixture f;
    f.by->be(mood::hangs);
    CHECK(f.ask() == verdict::wait);
    f.by->be(mood::fails);
    f.wait();
    CHECK(f.ask() == verdict::refused);
    f.by->be(mood::takes);
    REQUIRE(f.log->flush(10s));
    CHECK(f.ask() == verdict::go);
}

TEST_CASE("A hand-out does not wait for a sink that hangs more than once") {
    audit::options soon;
    soon.longest_wait = 1ms;
    SECTION("it is refused") {
        fixture f(soon);
        f.by->be(mood::hangs);
        CHECK(f.ask() == verdict::wait);
        f.wait();
        CHECK(f.ask() == verdict::refused);
    }
    SECTION("or allowed") {
        soon.on_failure = audit::options::failure_mode::allow;
        fixture f(soon);
        f.by->be(mood::hangs);
        CHECK(f.ask() == verdict::wait);
        f.wait();
        CHECK(f.ask() == verdict::go);
    }
    SECTION("but for another key it waits anew") {
        fixture f(soon);
        f.by->be(mood::hangs);
        CHECK(f.ask() == verdict::wait);
        f.wait();
        CHECK(f.ask("ASIA2") == verdict::wait);
    }
}
