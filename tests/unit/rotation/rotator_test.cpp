#include "rotation/rotator.hpp"

#include <functional>
#include <optional>
#include <thread>

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/rotation/scripted_source.hpp"

namespace {

using namespace std::chrono_literals;
using rotation::phase;

struct scene {
    support::manual_clock clock;
    support::counting_random random;
    boost::asio::io_context control{1};
    std::shared_ptr<rotation_test::scripted_source> issuer =
        std::make_shared<rotation_test::scripted_source>(clock);
    std::vector<std::shared_ptr<const rotation::snapshot>> seen;  // last one of each index
    int published = 0;
    std::optional<rotation::rotator> rotator;

    explicit scene(std::size_t profiles = 1, unsigned threads = 2) {
        rotation::rotator_options options;
        options.fetch_threads = threads;
        options.timers = false;
        seen.resize(profiles);
        rotator.emplace(control, clock, random, options,
                        [this](std::size_t i, std::shared_ptr<const rotation::snapshot> s) {
                            ++published;
                            seen.at(i) = std::move(s);
                        });
    }

    rotation::assignment assignment(const std::string& name, base::seconds life = 1h) {
        rotation::assignment a;
        a.profile = name;
        a.fingerprint = "print of " + name;
        a.request.role_arn = name;
        a.request.duration = life;
        a.from = issuer;
        return a;
    }

    void assign(const std::vector<std::string>& names) {
        std::vector<rotation::assignment> list;
        for (const std::string& n : names) {
            list.push_back(assignment(n));
        }
        seen.resize(names.size());
        rotator->assign(std::move(list));
    }

    /// Runs the control thread's handlers until something is so.
    void until(const std::function<bool()>& is_so) {
        const auto give_up = std::chrono::steady_clock::now() + 30s;
        while (!is_so()) {
            if (std::chrono::steady_clock::now() > give_up) FAIL("it did not come about");
            control.restart();
            control.poll();
            std::this_thread::yield();
        }
    }
    bool all(phase p) const {
        return std::all_of(seen.begin(), seen.end(),
                           [p](const auto& s) { return s && s->state == p; });
    }
};

}  // namespace

TEST_CASE("Every index gets a snapshot at once and credentials when they come") {
    scene s(2);
    s.issuer->hold(true);
    s.assign({"a", "b"});
    CHECK(s.all(phase::waiting));
    s.issuer->hold(false);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.seen[0]->credentials->session_token.reveal() == "a");
    CHECK(s.seen[1]->credentials->session_token.reveal() == "b");
    CHECK(s.issuer->calls() == 2);
    CHECK(s.published == 4);
}

TEST_CASE("One fetch per profile is under way whatever wakes the rotator") {
    scene s(1, 4);
    s.issuer->hold(true);
    s.assign({"a"});
    s.issuer->wait_for_calls(1);
    for (int i = 0; i < 50; ++i) {
        s.clock.advance(1min);
        s.rotator->wake();
    }
    s.issuer->hold(false);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.issuer->calls() == 1);
    CHECK(s.issuer->most_inside() == 1);
}

TEST_CASE("A renewal leaves the old set in service until the new one is there") {
    scene s;
    s.assign({"a"});
    s.until([&] { return s.all(phase::fresh); });
    const auto first = s.seen[0]->credentials;
    s.issuer->hold(true);
    s.clock.advance(40min);
    s.rotator->wake();
    CHECK(s.seen[0]->state == phase::renewing);
    CHECK(s.seen[0]->credentials == first);
    s.issuer->hold(false);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.seen[0]->serial == 2);
    CHECK(s.seen[0]->credentials != first);
}

TEST_CASE("An outage is published and ends by itself") {
    scene s;
    s.assign({"a"});
    s.until([&] { return s.all(phase::fresh); });
    s.issuer->fail(base::unavailable("down"));
    s.clock.advance(40min);
    s.rotator->wake();
    s.until([&] { return s.all(phase::stale); });
    CHECK(s.seen[0]->failure == "down");
    s.clock.advance(30min);
    s.rotator->wake();
    CHECK(s.all(phase::failed));
    CHECK_FALSE(s.seen[0]->credentials);
    s.until([&] { return s.seen[0]->failures == 2; });
    s.issuer->fail(std::nullopt);
    s.clock.advance(1min);
    s.rotator->wake();
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.seen[0]->serial == 2);
}

TEST_CASE("A source that throws or is missing is a failure like any other") {
    scene s;
    s.issuer->throw_errors(true);
    s.assign({"a"});
    s.until([&] { return s.all(phase::failed); });
    CHECK(s.seen[0]->failure.find("scripted") != std::string::npos);

    scene none;
    rotation::assignment a = none.assignment("a");
    a.from = nullptr;
    std::vector<rotation::assignment> list;
    list.push_back(std::move(a));
    none.rotator->assign(std::move(list));
    none.until([&] { return none.all(phase::failed); });
}

TEST_CASE("A reload keeps the credentials of profiles whose fingerprint is unchanged") {
    scene s;
    s.assign({"a", "b"});
    s.until([&] { return s.all(phase::fresh); });
    const auto a = s.seen[0]->credentials;
    s.assign({"new", "a"});
    CHECK(s.seen[1]->credentials == a);
    CHECK(s.seen[0]->state == phase::waiting);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.issuer->calls_of("a") == 1);
    CHECK(s.issuer->calls_of("new") == 1);
    const auto status = s.rotator->status();
    REQUIRE(status.size() == 2);
    CHECK(status[0].first == "new");
    CHECK(status[1].second == s.seen[1]);
}

TEST_CASE("A reload tries again at once what had failed") {
    scene s;
    s.issuer->fail(base::denied("the role does not trust this host"));
    s.assign({"a"});
    s.until([&] { return s.all(phase::failed); });
    CHECK(s.seen[0]->denied);
    s.issuer->fail(std::nullopt);
    s.rotator->wake();
    CHECK(s.issuer->calls() == 1);
    s.assign({"a"});
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.issuer->calls() == 2);
}

TEST_CASE("A renamed profile with equal issue options keeps its credentials") {
    scene s;
    s.assign({"a"});
    s.until([&] { return s.all(phase::fresh); });
    const auto a = s.seen[0]->credentials;
    std::vector<rotation::assignment> list;
    list.push_back(s.assignment("z"));
    list.back().fingerprint = "print of a";
    s.rotator->assign(std::move(list));
    CHECK(s.seen[0]->credentials == a);
    CHECK(s.rotator->status()[0].first == "z");
}

TEST_CASE("Profiles with the same fingerprint do not take each other's place") {
    scene s(2);
    const auto twins = [&s] {
        std::vector<rotation::assignment> list;
        for (const char* name : {"a", "b"}) {
            list.push_back(s.assignment(name));
            list.back().fingerprint = "twin";
        }
        return list;
    };
    s.rotator->assign(twins());
    s.until([&] { return s.all(phase::fresh); });
    const auto first = s.seen;
    auto swapped = twins();
    std::swap(swapped[0], swapped[1]);
    s.rotator->assign(std::move(swapped));
    CHECK(s.seen[0]->credentials == first[1]->credentials);
    CHECK(s.seen[1]->credentials == first[0]->credentials);
    CHECK(s.issuer->calls() == 2);
}

TEST_CASE("A reload keeps a fetch under way and drops the result for a profile that is gone") {
    scene s(2);
    s.issuer->hold(true);
    s.assign({"kept", "gone"});
    s.issuer->wait_for_calls(2);
    s.assign({"other", "kept"});
    s.issuer->hold(false);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.seen[0]->credentials->session_token.reveal() == "other");
    CHECK(s.seen[1]->credentials->session_token.reveal() == "kept");
    CHECK(s.issuer->calls_of("kept") == 1);
}

TEST_CASE("After stop nothing is published though a fetch was under way") {
    scene s;
    s.issuer->hold(true);
    s.assign({"a"});
    s.issuer->wait_for_calls(1);
    const int before = s.published;
    s.issuer->hold(false);
    s.rotator->stop();
    s.control.restart();
    s.control.poll();
    s.rotator->wake();
    CHECK(s.published == before);
    s.rotator.reset();
    s.control.restart();
    CHECK(s.control.poll() == 0);
}

TEST_CASE("Results that arrive after the rotator is gone are harmless") {
    scene s(8);
    s.assign({"a", "b", "c", "d", "e", "f", "g", "h"});
    s.issuer->wait_for_calls(1);
    s.rotator.reset();
    s.control.restart();
    s.control.poll();
    CHECK(s.published == 8);
}

TEST_CASE("Fetches that have not begun are skipped by stop") {
    scene s(100, 1);
    s.issuer->hold(true);
    std::vector<std::string> names;
    for (int i = 0; i < 100; ++i) {
        names.push_back(std::to_string(i));
    }
    s.assign(names);
    s.issuer->wait_for_calls(1);
    std::thread release([&] { s.issuer->hold(false); });
    s.rotator->stop();
    release.join();
    CHECK(s.published == 100);
}

// Sanitizers multiply the time of every step; what they look for shows with fewer profiles as well.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t many = 1'000;
#else
constexpr std::size_t many = 10'000;
#endif

TEST_CASE("Thousands of profiles are served and their renewals are spread") {
    constexpr std::size_t count = many;
    scene s(count);
    std::vector<rotation::assignment> list;
    for (std::size_t i = 0; i < count; ++i) {
        list.push_back(s.assignment(std::to_string(i), 6h));
    }
    s.rotator->assign(std::move(list));
    s.until([&] { return s.published == 2 * count; });
    CHECK(s.all(phase::fresh));
    int most = 0, before = s.issuer->calls();
    while (s.issuer->calls_of("0") < 2 || s.issuer->calls() < static_cast<int>(2 * count)) {
        s.clock.advance(1min);
        s.rotator->wake();
        const auto busy = std::count_if(s.seen.begin(), s.seen.end(),
                                        [](const auto& x) { return x->state == phase::renewing; });
        s.until([&] { return s.all(phase::fresh); });
        most = std::max(most, static_cast<int>(busy));
        REQUIRE(s.clock.now() < support::manual_clock().now() + 5h);
    }
    CHECK(s.issuer->calls() - before == static_cast<int>(count));
    CHECK(most < static_cast<int>(count) / 10);
}

TEST_CASE("A renewed profile gives up what it holds and gets another set at once") {
    scene s(2);
    s.assign({"a", "b"});
    s.until([&] { return s.all(phase::fresh); });
    const auto other = s.seen[1];
    s.issuer->hold(true);
    s.rotator->renew(0);
    CHECK(s.seen[0]->state == phase::waiting);
    CHECK_FALSE(s.seen[0]->credentials);
    s.issuer->wait_for_calls(3);
    // Another revocation while the fetch is under way: what it brings is dead already.
    s.rotator->renew(0);
    s.issuer->hold(false);
    s.until([&] { return s.all(phase::fresh); });
    CHECK(s.issuer->calls() == 4);
    CHECK(s.seen[0]->serial == 2);
    CHECK(s.seen[1] == other);
}
