#include "handler/bound_caller.hpp"

#include <boost/asio/co_spawn.hpp>

#include "support/catch.hpp"
#include "unit/handler/worker_bench.hpp"

namespace {

/// Answers when the test says so, and only what was asked for.
struct slow_directory final : workload::directory {
    bool fill_cached(binding::caller&, bool, bool) override { return false; }
    void look_up(binding::caller who, bool groups, bool cgroups,
                 std::function<void(binding::caller)> done) override {
        if (groups) who.groups = {100};
        if (cgroups) who.cgroup = "/system.slice/app.service";
        answer = [who = std::move(who), done = std::move(done)] { done(who); };
    }
    std::function<void()> answer;
};

std::shared_ptr<const handler::serving> serving_of(std::uint64_t generation,
                                                   std::vector<binding::rule> rules) {
    auto made = std::make_shared<handler::serving>();
    made->generation = generation;
    made->rules = binding::rule_set(std::move(rules));
    return made;
}

}  // namespace

TEST_CASE("A configuration that asks for more facts gets them before it decides") {
    handler_test::worker_bench<slow_directory> bench;
    binding::rule by_group, by_cgroup, by_user;
    by_group.gids = {7};
    by_cgroup.cgroups = {"/system.slice/app.service"};
    by_cgroup.profile_index = 1;
    by_user.uids = {5};
    by_user.profile_index = 2;
    bench.worker->install(serving_of(1, {by_group}), {});
    handler::bound_caller caller(*bench.worker, {-1, "imds", false});
    REQUIRE(caller.facts_missing());
    const auto look_up = [&] {
        boost::asio::co_spawn(bench.context, caller.look_up(), [](std::exception_ptr) {});
    };
    look_up();
    bench.context.poll();
    // A reload while the groups are looked up: the new first rule is about the cgroup.
    bench.worker->install(serving_of(2, {by_cgroup, by_user}), {});
    bench.names.answer();
    bench.context.restart();
    bench.context.run();
    // Not by what is left when the cgroup is unknown.
    REQUIRE_FALSE(caller.follow_configuration());
    look_up();
    bench.context.restart();
    bench.context.poll();
    bench.names.answer();
    bench.context.run();
    REQUIRE(caller.follow_configuration());
    CHECK(caller.profile() == std::size_t(1));
}

TEST_CASE("A network caller is its address and the device that it comes by") {
    binding::caller who;
    who.from = binding::caller::origin::network;
    who.address = base::ip_address::parse("fe80::1").value();
    who.interface = "eth0";
    const std::string first(handler::subject_bytes(who).text());
    CHECK(handler::subject_bytes(who).text() == first);
    who.interface = "eth1";
    CHECK(handler::subject_bytes(who).text() != first);
    who.interface = "a23456789012345";
    const std::string longest(handler::subject_bytes(who).text());
    who.interface = "a23456789012346";
    CHECK(handler::subject_bytes(who).text() != longest);
    who.interface = "eth0";
    who.address = base::ip_address::parse("fe80::2").value();
    CHECK(handler::subject_bytes(who).text() != first);
}

TEST_CASE("A local caller is its uid, whatever else is known") {
    binding::caller who;
    who.from = binding::caller::origin::local;
    who.uid = 1000;
    const std::string first(handler::subject_bytes(who).text());
    who.interface = "lo";
    who.unit = "app.service";
    CHECK(handler::subject_bytes(who).text() == first);
    who.uid = 1001;
    CHECK(handler::subject_bytes(who).text() != first);
}
