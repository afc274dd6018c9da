#include "profile/lifecycle.hpp"

#include "support/catch.hpp"

using namespace profile;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const base::wall_time noon{seconds(1'790'000'000)};

lifecycle_event event(std::string id, base::wall_time visible, lifecycle_change what,
                      std::string profile = "") {
    return {std::move(id), std::move(profile), visible, std::move(what)};
}

maintenance_event reboot() {
    maintenance_event one;
    one.description = "scheduled reboot";
    one.not_before = noon + hours(24);
    one.not_after = noon + hours(26);
    return one;
}

}  // namespace

TEST_CASE("Nothing happens by itself") {
    CHECK(lifecycle_at({}, "app", noon) == lifecycle_state{});
    CHECK_FALSE(next_change({}, noon));
}

TEST_CASE("An event shows from its time on, to its profile or to all") {
    const std::vector<lifecycle_event> events{
        event("a", noon, spot_interruption{spot_action::stop, noon + minutes(2)}, "app"),
        event("b", noon + minutes(5), rebalance_recommendation{})};
    CHECK_FALSE(lifecycle_at(events, "app", noon - seconds(1)).spot);
    CHECK(lifecycle_at(events, "app", noon).spot->action == spot_action::stop);
    CHECK_FALSE(lifecycle_at(events, "other", noon).spot);
    CHECK_FALSE(lifecycle_at(events, "other", noon).rebalance);
    CHECK(lifecycle_at(events, "other", noon + minutes(5)).rebalance == noon + minutes(5));
    // A notice stays after its time has come.
    CHECK(lifecycle_at(events, "app", noon + hours(5)).spot);

    CHECK(next_change(events, noon - hours(1)) == noon);
    CHECK(next_change(events, noon) == noon + minutes(5));
    CHECK_FALSE(next_change(events, noon + minutes(5)));
}

TEST_CASE("Of several notices the one that came last holds, whatever the order in the list") {
    const std::vector<lifecycle_event> events{
        event("late", noon + minutes(2), spot_interruption{spot_action::terminate, noon}),
        event("early", noon, spot_interruption{spot_action::stop, noon}),
        event("same", noon, spot_interruption{spot_action::hibernate, noon}),
        event("in", noon, autoscaling_target::in_service),
        event("out", noon + minutes(1), autoscaling_target::terminated)};
    CHECK(lifecycle_at(events, "app", noon).spot->action == spot_action::hibernate);
    CHECK(lifecycle_at(events, "app", noon + minutes(2)).spot->action == spot_action::terminate);
    CHECK(lifecycle_at(events, "app", noon).autoscaling == autoscaling_target::in_service);
    CHECK(lifecycle_at(events, "app", noon + minutes(1)).autoscaling ==
          autoscaling_target::terminated);
}

TEST_CASE("V25: cancelled maintenance goes to the history, and out of it after a week") {
    std::vector<lifecycle_event> events{event("m", noon, reboot())};
    REQUIRE(lifecycle_at(events, "app", noon).scheduled.size() == 1);
    REQUIRE(cancel(events, "m", noon + minutes(1)));
    const auto state = lifecycle_at(events, "app", noon + minutes(1));
    CHECK(state.scheduled.empty());
    REQUIRE(state.history.size() == 1);
    CHECK(state.history[0].id == "m");
    CHECK(state.history[0].event.state == maintenance_state::canceled);
    CHECK_FALSE(cancel(events, "m", noon + minutes(2)));
    CHECK_FALSE(complete(events, "m", noon + minutes(2)));

    const auto gone = noon + minutes(1) + history_life;
    CHECK(next_change(events, noon + minutes(1)) == gone);
    CHECK(lifecycle_at(events, "app", gone - seconds(1)).history.size() == 1);
    CHECK(lifecycle_at(events, "app", gone).history.empty());
    forget_past(events, gone - seconds(1));
    CHECK(events.size() == 1);
    forget_past(events, gone);
    CHECK(events.empty());
}

TEST_CASE("Maintenance is completed once, when it shows; nothing else can be") {
    std::vector<lifecycle_event> events{event("m", noon, reboot()),
                                        event("s", noon, spot_interruption{})};
    CHECK_FALSE(complete(events, "m", noon - seconds(1)));
    CHECK_FALSE(complete(events, "s", noon));
    CHECK(complete(events, "none", noon).error().kind == base::error_kind::not_found);
    REQUIRE(complete(events, "m", noon));
    const auto state = lifecycle_at(events, "app", noon);
    CHECK(state.scheduled.empty());
    CHECK(state.history.at(0).event.state == maintenance_state::completed);
}

TEST_CASE("What was never seen is cancelled without a trace, and so are notices") {
    std::vector<lifecycle_event> events{event("m", noon + hours(1), reboot()),
                                        event("s", noon, spot_interruption{})};
    REQUIRE(cancel(events, "m", noon));
    REQUIRE(cancel(events, "s", noon));
    CHECK(events.empty());
    CHECK(cancel(events, "s", noon).error().kind == base::error_kind::not_found);
}

TEST_CASE("V42: a pushed key is there for sixty seconds, of several all of them") {
    std::vector<lifecycle_event> events{
        event("a", noon, pushed_key{"ec2-user", "ssh-ed25519 A a"}),
        event("b", noon + seconds(30), pushed_key{"ec2-user", "ssh-ed25519 B b"}),
        event("c", noon, pushed_key{"root", "ssh-ed25519 C c"})};
    const auto keys = [&](int second) {
        return lifecycle_at(events, "app", noon + seconds(second)).keys;
    };
    REQUIRE(keys(0).size() == 2);
    CHECK(keys(0)[0].pushed.text == "ssh-ed25519 A a");
    CHECK(keys(0)[0].expires == noon + seconds(60));
    REQUIRE(keys(30).size() == 3);
    CHECK(keys(30)[2].pushed.text == "ssh-ed25519 B b");
    CHECK(keys(59).size() == 3);
    REQUIRE(keys(60).size() == 1);
    CHECK(keys(60)[0].pushed.text == "ssh-ed25519 B b");
    CHECK(keys(90).empty());
    CHECK(next_change(events, noon + seconds(30)) == noon + seconds(60));
    forget_past(events, noon + seconds(60));
    CHECK(events.size() == 1);
}

TEST_CASE("Unfit events are refused") {
    CHECK(check(event("", noon, pushed_key{"ec2-user", "ssh-ed25519 A"})));
    for (const char* user : {"", "..", ".x", "a/b", "a b", "0day", "a\n", "-x"})
        CHECK_FALSE(check(event("", noon, pushed_key{user, "ssh-ed25519 A"})));
    CHECK_FALSE(check(event("", noon, pushed_key{std::string(33, 'a'), "ssh-ed25519 A"})));
    CHECK_FALSE(check(event("", noon, pushed_key{"u", ""})));
    CHECK_FALSE(check(event("", noon, pushed_key{"u", "nokey"})));
    CHECK_FALSE(check(event("", noon, pushed_key{"u", "ssh-ed25519 A \xfe"})));
    auto elsewhere = event("", noon, pushed_key{"u", "ssh-ed25519 A"});
    elsewhere.profile = "\xfe";
    CHECK_FALSE(check(elsewhere));
    CHECK_FALSE(check(event("", noon, pushed_key{"u", "ssh-ed25519 A\r\n"})));
    CHECK_FALSE(check(event("", noon, pushed_key{"u", std::string(most_key_text + 1, ' ')})));
    auto wrong = reboot();
    wrong.not_after = wrong.not_before - seconds(1);
    CHECK_FALSE(check(event("", noon, wrong)));
    wrong = reboot();
    wrong.not_before_deadline = wrong.not_before - seconds(1);
    CHECK_FALSE(check(event("", noon, wrong)));
    wrong = reboot();
    wrong.description = "two\nlines";
    CHECK_FALSE(check(event("", noon, wrong)));
    CHECK(check(event("", noon, reboot())));
}

TEST_CASE("Names and values are each other's inverse") {
    for (const auto name : spot_action_names())
        CHECK(to_string(*spot_action_of(name)) == name);
    for (const auto name : maintenance_code_names())
        CHECK(to_string(*maintenance_code_of(name)) == name);
    for (const auto name : autoscaling_target_names())
        CHECK(to_string(*autoscaling_target_of(name)) == name);
    CHECK(autoscaling_target_names().size() == 8);
    CHECK_FALSE(spot_action_of("Stop"));
}

TEST_CASE("Only what nobody can see any more is hidden") {
    std::vector<lifecycle_event> events{
        event("mine", noon, autoscaling_target::in_service, "app"),
        event("other kind", noon, rebalance_recommendation{}, "app"),
        event("all", noon + seconds(1), autoscaling_target::standby),
        event("work", noon, reboot()),
        event("more work", noon, reboot()),
        event("mine again", noon + seconds(2), autoscaling_target::terminated, "app"),
        event("to come", noon + hours(1), autoscaling_target::detached),
    };
    const auto before = lifecycle_at(events, "app", noon + minutes(1));
    const auto of_others = lifecycle_at(events, "web", noon + minutes(1));
    forget_hidden(events, noon + minutes(1));
    CHECK(lifecycle_at(events, "app", noon + minutes(1)) == before);
    CHECK(lifecycle_at(events, "web", noon + minutes(1)) == of_others);
    CHECK(events.size() == 6);
    CHECK(events.front().id == "other kind");
    // Of two at the same time the one that was added last holds.
    std::vector<lifecycle_event> equal{event("first", noon, rebalance_recommendation{}),
                                       event("second", noon, rebalance_recommendation{})};
    forget_hidden(equal, noon);
    REQUIRE(equal.size() == 1);
    CHECK(equal.front().id == "second");
}
