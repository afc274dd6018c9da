#include <atomic>
#include <thread>
#include <vector>

#include "audit/journal.hpp"
#include "support/catch.hpp"
#include "unit/audit/scripted_output.hpp"

using audit::journal;
using audit_test::script;
using fate = audit::journal::fate;

namespace {

using namespace std::chrono_literals;

audit_record::record event(const std::string& id) {
    audit_record::record r;
    r.event_id = id;
    return r;
}

struct bench {
    explicit bench(audit::options o = {}) {
        o.first_retry = o.longest_retry = 1h;
        o.closing_time = 50ms;
        log =
            journal::write_to(std::make_unique<audit_test::scripted_output>(by), std::move(o), "h");
    }
    ~bench() { by->be(script::mood::takes); }

    std::shared_ptr<script> by = std::make_shared<script>();
    std::unique_ptr<journal> log;
};

void until(const std::function<bool()>& is_so) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!is_so()) {
        if (std::chrono::steady_clock::now() > give_up) FAIL("it did not come about");
        std::this_thread::yield();
    }
}

}  // namespace

TEST_CASE("A record is kept when it and all before it are on the output") {
    bench b;
    b.by->be(script::mood::hangs);
    const audit::ticket first = b.log->record(event("a"));
    b.by->await_writer();
    const audit::ticket second = b.log->record(event("b"));
    CHECK(second > first);
    CHECK(b.log->fate_of(first) == fate::pending);
    CHECK(b.log->fate_of(second) == fate::pending);
    b.by->be(script::mood::takes);
    CHECK(b.log->wait(second));
    CHECK(b.log->fate_of(first) == fate::kept);
    CHECK(b.log->fate_of(0) == fate::failed);
}

TEST_CASE("All that comes during a write is written together") {
    bench b;
    b.by->be(script::mood::hangs);
    b.log->record(event("first"));
    b.by->await_writer();
    audit::ticket last = 0;
    for (int i = 0; i < 100; ++i)
        last = b.log->record(event(std::to_string(i)));
    b.by->be(script::mood::takes);
    CHECK(b.log->wait(last));
    CHECK(b.by->writes() == 2);
}

TEST_CASE("Who waits is told once, in order, and of a failure at once") {
    bench b;
    b.by->be(script::mood::hangs);
    const audit::ticket one = b.log->record(event("a"));
    std::atomic<int> kept = 0, failed = 0;
    const auto tell = [&](bool was) { ++(was ? kept : failed); };
    b.log->when_settled(one, tell);
    b.log->when_settled(one, tell);
    CHECK(kept + failed == 0);
    b.by->be(script::mood::fails);
    until([&] { return failed == 2; });
    CHECK(b.log->fate_of(one) == fate::failed);
    CHECK_FALSE(b.log->wait(one));
    b.log->when_settled(one, tell);
    CHECK(failed == 3);
    // The next try writes it after all; nobody is told again.
    b.by->be(script::mood::takes);
    b.log->reopen();
    REQUIRE(b.log->flush(10s));
    CHECK(b.log->fate_of(one) == fate::kept);
    b.log->when_settled(one, tell);
    CHECK(kept == 1);
    CHECK(failed == 3);
}

TEST_CASE("With allow nobody is held back by an output that fails") {
    audit::options o;
    o.on_failure = audit::options::failure_mode::allow;
    o.longest_wait = 1ms;
    bench b(o);
    b.by->be(script::mood::hangs);
    const audit::ticket one = b.log->record(event("a"));
    CHECK(b.log->wait(one));  // hangs
    CHECK(b.log->verdict_of_silence());
    b.by->be(script::mood::fails);
    until([&] { return !b.log->status().healthy; });
    CHECK(b.log->fate_of(one) == fate::kept);
    CHECK(b.log->wait(b.log->record(event("b"))));
}

TEST_CASE("An output that hangs is a failed one after a time") {
    audit::options o;
    o.longest_wait = 1ms;
    bench b(o);
    b.by->be(script::mood::hangs);
    const audit::ticket one = b.log->record(event("a"));
    CHECK_FALSE(b.log->wait(one));
    CHECK_FALSE(b.log->verdict_of_silence());
}

TEST_CASE("What was waited for is settled when the journal ends") {
    std::atomic<int> told = 0;
    {
        bench b;
        b.by->be(script::mood::fails);
        b.log->record(event("a"));
        until([&] { return !b.log->status().healthy; });
        b.by->be(script::mood::hangs);
        b.log->reopen();
        b.by->await_writer();
        b.by->be(script::mood::takes);
        b.log->when_settled(b.log->record(event("b")), [&](bool) { ++told; });
    }
    CHECK(told == 1);
}

TEST_CASE("Without an output there is nothing to wait for") {
    audit::options o;
    o.output = "none";
    const auto log = std::move(*journal::open(o, "h"));
    CHECK(log->wait(log->record(event("a"))));
}

TEST_CASE("Threads that record and wait all come through") {
    bench b;
    std::atomic<int> lost = 0;
    std::vector<std::thread> callers;
    for (int t = 0; t < 6; ++t) {
        callers.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                lost += !b.log->wait(b.log->record(event("x")));
        });
    }
    for (std::thread& one : callers)
        one.join();
    CHECK(lost == 0);
    CHECK(b.log->status().written == 1200);
}
