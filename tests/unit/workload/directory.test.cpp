#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "support/catch.hpp"
#include "support/manual_clock.hpp"
#include "workload/group_lookup.hpp"
#include "workload/threaded_directory.hpp"

using binding::caller;
using groups = std::vector<std::uint32_t>;

namespace {

caller local_caller(std::uint32_t uid, std::optional<std::uint64_t> cgroup = std::nullopt) {
    caller who;
    who.from = caller::origin::local;
    who.uid = uid;
    who.cgroup_id = cgroup;
    return who;
}

/// Answers that can be changed while a directory asks for them, and a count of the questions.
struct counted_sources {
    std::atomic<int> group_questions{0};
    std::atomic<int> path_questions{0};
    std::atomic<bool> fail{false};

    workload::directory_sources get() {
        return {[this](std::uint32_t uid) -> std::optional<groups> {
                    ++group_questions;
                    if (fail) return std::nullopt;
                    return groups{uid, uid + 1};
                },
                [this](std::uint64_t id) -> std::optional<std::string> {
                    ++path_questions;
                    if (fail) return std::nullopt;
                    return "/system.slice/u" + std::to_string(id) + ".service";
                }};
    }
};

/// Holds a source's thread until the test lets it go on.
struct gate {
    std::atomic<bool> entered{false};
    std::atomic<bool> open{false};

    void pass() {
        entered = true;
        entered.notify_all();
        open.wait(false);
    }
    void let_pass() {
        open = true;
        open.notify_all();
    }
};

caller look_up(workload::directory& directory, caller who, bool with_groups = true,
               bool with_cgroups = true) {
    std::promise<caller> answer;
    directory.look_up(std::move(who), with_groups, with_cgroups,
                      [&](caller found) { answer.set_value(std::move(found)); });
    return answer.get_future().get();
}

}  // namespace

TEST_CASE("A look-up fills groups and cgroup and units and the caches answer from then on") {
    support::manual_clock clock;
    counted_sources sources;
    workload::threaded_directory directory(sources.get(), clock, {});
    caller who = local_caller(1000, 77);
    CHECK_FALSE(directory.fill_cached(who, true, true));
    CHECK_FALSE(who.groups);

    const caller found = look_up(directory, who);
    CHECK(found.groups == groups{1000, 1001});
    CHECK(found.cgroup == "/system.slice/u77.service");
    CHECK(found.unit == "u77.service");
    CHECK_FALSE(found.user_unit);

    CHECK(directory.fill_cached(who, true, true));
    CHECK(who.groups == groups{1000, 1001});
    CHECK(who.unit == "u77.service");
    CHECK(sources.group_questions == 1);
    CHECK(sources.path_questions == 1);
}

TEST_CASE("Only what is wanted is looked up") {
    support::manual_clock clock;
    counted_sources sources;
    workload::threaded_directory directory(sources.get(), clock, {});
    const caller found = look_up(directory, local_caller(1, 5), false, true);
    CHECK_FALSE(found.groups);
    CHECK(found.cgroup);
    CHECK(sources.group_questions == 0);
}

TEST_CASE("Group lists are believed for their life only") {
    support::manual_clock clock;
    counted_sources sources;
    workload::threaded_directory directory(sources.get(), clock, {});
    look_up(directory, local_caller(1));
    clock.advance(base::seconds(59));
    caller who = local_caller(1);
    CHECK(directory.fill_cached(who, true, false));

    clock.advance(base::seconds(1));
    who = local_caller(1);
    CHECK_FALSE(directory.fill_cached(who, true, false));
    CHECK_FALSE(who.groups);

    sources.fail = true;
    CHECK_FALSE(look_up(directory, who).groups);
}

TEST_CASE("A miss is not looked up again before its life ends and then it is") {
    support::manual_clock clock;
    counted_sources sources;
    sources.fail = true;
    workload::threaded_directory directory(sources.get(), clock, {});
    const caller found = look_up(directory, local_caller(1, 9));
    CHECK_FALSE(found.cgroup);
    CHECK_FALSE(found.unit);
    caller who = local_caller(1, 9);
    CHECK(directory.fill_cached(who, true, true));
    CHECK_FALSE(who.cgroup);
    look_up(directory, who);
    CHECK(sources.path_questions == 1);

    clock.advance(base::seconds(1));
    sources.fail = false;
    CHECK_FALSE(directory.fill_cached(who, true, true));
    CHECK(look_up(directory, who).cgroup);
    CHECK(sources.path_questions == 2);
}

TEST_CASE("A user over the rate of walks gets no cgroup until the next second") {
    support::manual_clock clock;
    counted_sources sources;
    workload::threaded_directory directory(sources.get(), clock, {});
    for (std::uint64_t id = 10; id < 20; ++id)
        CHECK(look_up(directory, local_caller(1, id)).cgroup);
    const caller refused = look_up(directory, local_caller(1, 20));
    CHECK_FALSE(refused.cgroup);
    CHECK(refused.groups);
    CHECK(sources.path_questions == 10);
    CHECK(look_up(directory, local_caller(2, 21)).cgroup);

    clock.advance(base::seconds(1));
    CHECK(look_up(directory, local_caller(1, 20)).cgroup);
}

TEST_CASE(
    "A burst of connections from one new cgroup costs one walk and all of them get its path") {
    support::manual_clock clock;
    gate slow;
    std::atomic<int> walks{0};
    workload::directory_sources sources;
    sources.path = [&](std::uint64_t) -> std::optional<std::string> {
        slow.pass();
        ++walks;
        return "/system.slice/a.service";
    };
    workload::threaded_directory directory(sources, clock, {});
    constexpr int burst = 30;
    std::atomic<int> left{burst};
    std::atomic<int> with_unit{0};
    std::promise<void> all;
    for (int i = 0; i < burst; ++i)
        directory.look_up(local_caller(1, 5), false, true, [&](const caller& who) {
            with_unit += who.unit == "a.service" ? 1 : 0;
            if (--left == 0) all.set_value();
        });
    slow.let_pass();
    all.get_future().wait();
    CHECK(with_unit == burst);
    CHECK(walks == 1);
}

TEST_CASE("Network and unknown callers have nothing to look up") {
    support::manual_clock clock;
    counted_sources sources;
    workload::threaded_directory directory(sources.get(), clock, {});
    caller who = local_caller(1, 5);
    who.from = caller::origin::unknown;
    CHECK(directory.fill_cached(who, true, true));
    who.from = caller::origin::network;
    CHECK(directory.fill_cached(who, true, true));
    CHECK_FALSE(look_up(directory, who).groups);
    CHECK(sources.group_questions == 0);
}

TEST_CASE("The caches keep their bounds by dropping what was unused for longest") {
    support::manual_clock clock;
    counted_sources sources;
    workload::directory_options options;
    options.cached_cgroups = 2;
    workload::threaded_directory directory(sources.get(), clock, options);
    look_up(directory, local_caller(1, 10));
    look_up(directory, local_caller(1, 11));
    caller first = local_caller(1, 10);
    CHECK(directory.fill_cached(first, false, true));
    look_up(directory, local_caller(1, 12));
    caller second = local_caller(1, 11);
    CHECK_FALSE(directory.fill_cached(second, false, true));
    first = local_caller(1, 10);
    CHECK(directory.fill_cached(first, false, true));
}

TEST_CASE("Beyond the queue's limit a look-up ends at once without facts") {
    support::manual_clock clock;
    gate slow;
    workload::directory_sources sources;
    sources.groups = [&](std::uint32_t uid) -> std::optional<groups> {
        slow.pass();
        return groups{uid};
    };
    workload::directory_options options;
    options.waiting = 1;
    std::atomic<int> with_groups{0};
    bool refused = false;
    {
        workload::threaded_directory directory(sources, clock, options);
        const auto count = [&](const caller& who) { with_groups += who.groups ? 1 : 0; };
        directory.look_up(local_caller(1), true, false, count);
        slow.entered.wait(false);
        directory.look_up(local_caller(2), true, false, count);
        directory.look_up(local_caller(3), true, false,
                          [&](const caller& who) { refused = !who.groups; });
        CHECK(refused);
        slow.let_pass();
        caller second = local_caller(2);
        while (!directory.fill_cached(second, true, false))
            std::this_thread::yield();
    }
    CHECK(with_groups == 2);
}

TEST_CASE("Destroying a directory ends every waiting look-up") {
    support::manual_clock clock;
    gate slow;
    workload::directory_sources sources;
    sources.path = [&](std::uint64_t) -> std::optional<std::string> {
        slow.pass();
        return "/one";
    };
    std::vector<std::optional<std::string>> seen;
    std::thread release;
    {
        workload::threaded_directory directory(sources, clock, {});
        const auto note = [&](const caller& who) { seen.push_back(who.cgroup); };
        for (std::uint64_t id = 5; id < 8; ++id)
            directory.look_up(local_caller(1, id), false, true, note);
        slow.entered.wait(false);
        release = std::thread([&] { slow.let_pass(); });
    }
    release.join();
    REQUIRE(seen.size() == 3);
    CHECK(seen[0] == "/one");
}

TEST_CASE("The groups of the user running the tests are those of the name service") {
    const auto found = workload::groups_of(0);
    REQUIRE(found);
    CHECK(std::find(found->begin(), found->end(), 0u) != found->end());
    CHECK_FALSE(workload::groups_of(3'999'999'123u));
}

TEST_CASE("A directory over the real sources resolves the superuser") {
    support::manual_clock clock;
    const auto directory = workload::make_directory("", clock);
    const caller found = look_up(*directory, local_caller(0, 5));
    CHECK(found.groups);
    CHECK_FALSE(found.cgroup);
}
