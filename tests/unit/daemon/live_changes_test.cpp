#include "daemon/live_changes.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"

using namespace profile;
using daemon_::live_changes;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

class rig {
public:
    rig() {
        std::string name = std::filesystem::temp_directory_path() / "live-changes-XXXXXX";
        REQUIRE(::mkdtemp(name.data()));
        folder_ = name;
    }
    ~rig() { std::filesystem::remove_all(folder_); }

    std::string path() const { return folder_ / "live-changes.json"; }
    live_changes open() {
        auto opened = live_changes::open(path(), clock, random);
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }
    lifecycle_event at(base::wall_time visible, lifecycle_change what, std::string profile = "") {
        return {"", std::move(profile), visible, std::move(what)};
    }

    support::manual_clock clock;
    support::counting_random random;

private:
    std::filesystem::path folder_;
};

role_profile named(const char* name) {
    role_profile p;
    p.name = name;
    return p;
}

}  // namespace

TEST_CASE("What was changed is there after a restart; nothing is written before") {
    rig r;
    {
        live_changes changes = r.open();
        CHECK_FALSE(std::filesystem::exists(r.path()));
        const auto added = changes.add(r.at(r.clock.now(), rebalance_recommendation{}, "app"));
        REQUIRE(added.has_value());
        CHECK(added->id.starts_with("rebalance-"));
        metadata_override change;
        change.hop_limit = 9;
        REQUIRE(changes.change_options({"app", "other"}, change));
        REQUIRE(changes.reset_options("other"));
    }
    const live_changes again = r.open();
    CHECK(again.state().events.size() == 1);
    CHECK(again.lifecycle_of("app").rebalance);
    CHECK_FALSE(again.lifecycle_of("other").rebalance);
    CHECK(again.options_of(named("app")).hop_limit == 9);
    CHECK(again.options_of(named("other")).hop_limit == 1);
    CHECK(again.apply(named("app")).metadata.hop_limit == 9);
    CHECK(again.apply(named("app")).lifecycle.rebalance);
    live_changes reset = r.open();
    REQUIRE(reset.reset_options(""));
    CHECK(r.open().state().options.empty());
}

TEST_CASE("A change that cannot be kept is the host's fault, not the caller's") {
    rig r;
    live_changes changes = r.open();
    const auto made = changes.add(r.at(r.clock.now() + minutes(1), spot_interruption{}));
    REQUIRE(made.has_value());
    std::filesystem::remove_all(std::filesystem::path(r.path()).parent_path());
    const auto unavailable = [](const auto& outcome) {
        return outcome.has_error() && outcome.error().kind == base::error_kind::unavailable;
    };
    CHECK(unavailable(changes.add(r.at(r.clock.now(), rebalance_recommendation{}))));
    CHECK(unavailable(changes.cancel(made->id)));
    metadata_override change;
    change.hop_limit = 9;
    CHECK(unavailable(changes.change_options({"app"}, change)));
    CHECK(unavailable(changes.reset_options("")));
    // What did not last did not happen.
    CHECK(changes.state().events.size() == 1);
    CHECK(changes.cancel("no-such-event").error().kind != base::error_kind::unavailable);
}

TEST_CASE("Maintenance gets an id of EC2's form, every event one of its own") {
    rig r;
    live_changes changes = r.open();
    maintenance_event event;
    event.description = "x";
    event.not_before = event.not_after = r.clock.now();
    const auto first = changes.add(r.at(r.clock.now(), event));
    const auto second = changes.add(r.at(r.clock.now(), event));
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->id.size() == std::string("instance-event-0d59937288b749b32").size());
    CHECK(first->id.starts_with("instance-event-"));
    CHECK(first->id != second->id);
    REQUIRE(changes.complete(first->id));
    REQUIRE(changes.cancel(second->id));
    CHECK(r.open().lifecycle_of("any").history.size() == 2);
}

TEST_CASE("Time brings scheduled events and takes keys away") {
    rig r;
    live_changes changes = r.open();
    const auto start = r.clock.now();
    REQUIRE(changes.add(r.at(start + minutes(10), spot_interruption{})).has_value());
    REQUIRE(changes.add(r.at(start, pushed_key{"me", "ssh-ed25519 A"})).has_value());
    CHECK(changes.next_change() == start + seconds(60));
    CHECK(changes.lifecycle_of("app").keys.size() == 1);
    r.clock.advance(seconds(60));
    CHECK(changes.lifecycle_of("app").keys.empty());
    CHECK(changes.next_change() == start + minutes(10));
    CHECK_FALSE(changes.lifecycle_of("app").spot);
    // A clock step counts as time: events have dates.
    r.clock.step_wall(minutes(9));
    CHECK(changes.lifecycle_of("app").spot);
    CHECK_FALSE(changes.next_change());
    // The key is not even in the file after the next change.
    REQUIRE(changes.add(r.at(r.clock.now(), rebalance_recommendation{})).has_value());
    CHECK(r.open().state().events.size() == 2);
}

TEST_CASE("A change that cannot be written down is refused and not in force") {
    rig r;
    live_changes changes = r.open();
    std::filesystem::create_directory(r.path());  // rename(2) cannot replace it
    CHECK_FALSE(changes.add(r.at(r.clock.now(), rebalance_recommendation{})).has_value());
    CHECK(changes.state() == live_state{});
    metadata_override change;
    change.http_endpoint_enabled = false;
    CHECK_FALSE(changes.change_options({"app"}, change));
    CHECK(changes.options_of(named("app")).http_endpoint_enabled);
}

TEST_CASE("A damaged file is an error that names it") {
    rig r;
    REQUIRE(r.open().add(r.at(r.clock.now(), rebalance_recommendation{})).has_value());
    std::ofstream(r.path(), std::ios::app) << "more";
    const auto opened = live_changes::open(r.path(), r.clock, r.random);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().message.find(r.path()) == 0);
    std::filesystem::permissions(r.path(), std::filesystem::perms(0644));
    CHECK_FALSE(live_changes::open(r.path(), r.clock, r.random).has_value());
}

TEST_CASE("There is a limit to the number of events") {
    rig r;
    live_state full;
    for (std::size_t i = 0; i < most_lifecycle_events; ++i) {
        full.events.push_back({"e" + std::to_string(i), "p" + std::to_string(i), r.clock.now(),
                               rebalance_recommendation{}});
    }
    {
        std::ofstream(r.path()) << serialise(full);
        std::filesystem::permissions(r.path(), std::filesystem::perms(0600));
    }
    live_changes changes = r.open();
    const auto one_more = changes.add(r.at(r.clock.now(), rebalance_recommendation{}));
    REQUIRE_FALSE(one_more.has_value());
    CHECK(one_more.error().kind == base::error_kind::exhausted);
    REQUIRE(changes.cancel("e7"));
    CHECK(changes.add(r.at(r.clock.now(), rebalance_recommendation{})).has_value());
}

TEST_CASE("Changing a state again and again never ends in a full list") {
    rig r;
    live_state full;
    for (std::size_t i = 0; i < most_lifecycle_events; ++i) {
        full.events.push_back(
            {"e" + std::to_string(i), "", r.clock.now(), autoscaling_target::in_service});
    }
    {
        std::ofstream(r.path()) << serialise(full);
        std::filesystem::permissions(r.path(), std::filesystem::perms(0600));
    }
    live_changes changes = r.open();
    REQUIRE(changes.add(r.at(r.clock.now(), autoscaling_target::standby, "app")).has_value());
    CHECK(changes.state().events.size() == 2);
    CHECK(changes.lifecycle_of("app").autoscaling == autoscaling_target::standby);
    CHECK(changes.lifecycle_of("other").autoscaling == autoscaling_target::in_service);
}
