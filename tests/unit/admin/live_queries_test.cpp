#include "admin/live_queries.hpp"

#include "support/catch.hpp"

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const base::wall_time noon{seconds(1'790'000'000)};

base::result<profile::lifecycle_event> event_of(std::string_view query) {
    const auto request = admin::parse_event_query(query);
    if (!request.has_value()) return request.error();
    return admin::to_event(*request, noon + base::milliseconds(900));
}

std::string flaw(std::string_view query) {
    const auto event = event_of(query);
    return event.has_value() ? "none" : event.error().message;
}

template <class Kind>
Kind what(std::string_view query) {
    const auto event = event_of(query);
    REQUIRE(event.has_value());
    REQUIRE(std::holds_alternative<Kind>(event->what));
    return std::get<Kind>(event->what);
}

}  // namespace

TEST_CASE("Events show at once, at a time or after a time; in whole seconds") {
    CHECK(event_of("kind=rebalance")->visible == noon);
    CHECK(event_of("kind=rebalance&in=10m")->visible == noon + minutes(10));
    CHECK(event_of("kind=rebalance&at=2026-09-21T15:00:00Z")->visible == noon + seconds(2800));
    CHECK(event_of("kind=rebalance&profile=app")->profile == "app");
    CHECK(event_of("kind=rebalance")->profile.empty());
    CHECK(flaw("kind=rebalance&at=2026-09-21T14:13:19Z") == "at lies in the past");
    CHECK(event_of("kind=rebalance&at=2026-09-21T14:13:20Z")->visible == noon);
    CHECK(flaw("kind=rebalance&at=2027-09-30T00:00:00Z") == "at: at most 366d ahead");
    CHECK(flaw("kind=rebalance&in=400d") == "in: at most 366d");
    CHECK(flaw("kind=rebalance&in=1m&at=2026-09-22T00:00:00Z") == "at and in exclude each other");
}

TEST_CASE("Spot notices come two minutes before, but at once for hibernation") {
    using profile::spot_action;
    using profile::spot_interruption;
    CHECK(what<spot_interruption>("kind=spot-interruption") ==
          spot_interruption{spot_action::terminate, noon + minutes(2)});
    CHECK(what<spot_interruption>("kind=spot-interruption&action=stop&in=1h") ==
          spot_interruption{spot_action::stop, noon + hours(1) + minutes(2)});
    CHECK(what<spot_interruption>("kind=spot-interruption&action=hibernate") ==
          spot_interruption{spot_action::hibernate, noon});
    CHECK(what<spot_interruption>("kind=spot-interruption&notice=30s") ==
          spot_interruption{spot_action::terminate, noon + seconds(30)});
    CHECK(flaw("kind=spot-interruption&action=explode") ==
          "action must be one of hibernate, stop, terminate, not 'explode'");
    CHECK(flaw("kind=spot-interruption&notice=2d") == "notice: at most 1d");
}

TEST_CASE("Maintenance has believable times when none are given") {
    using profile::maintenance_event;
    const auto usual = what<maintenance_event>("kind=maintenance&code=instance-retirement");
    CHECK(usual.not_before == noon + hours(7 * 24));
    CHECK(usual.not_after == usual.not_before + hours(2));
    CHECK_FALSE(usual.not_before_deadline);
    CHECK(usual.description == "The instance is running on degraded hardware");
    const auto given = what<maintenance_event>(
        "kind=maintenance&code=system-reboot&description=a%20b&not-before=2019-01-21T09:00:43Z&"
        "not-after=2019-01-21T09:17:23Z&not-before-deadline=2019-02-01T00:00:00Z");
    CHECK(given.description == "a b");
    CHECK(given.not_after - given.not_before == seconds(1000));
    CHECK(given.not_before_deadline);
    CHECK(flaw("kind=maintenance").find("code is missing") == 0);
    CHECK(flaw("kind=maintenance&code=reboot").find("code must be one of instance-reboot") == 0);
    CHECK(flaw("kind=maintenance&code=system-reboot&not-after=2019-01-21T09:17:23Z") ==
          "not-after lies before not-before");
}

TEST_CASE("Target states and keys") {
    CHECK(what<profile::autoscaling_target>("kind=autoscaling&state=Warmed%3AStopped") ==
          profile::autoscaling_target::warmed_stopped);
    CHECK(flaw("kind=autoscaling").find("state must be one of Detached") == 0);
    const auto key =
        what<profile::pushed_key>("kind=ssh-key&user=ec2-user&key=ssh-ed25519+AAAA+me%0Anext");
    CHECK(key.text == "ssh-ed25519 AAAA me\nnext");
    CHECK(flaw("kind=ssh-key&user=ec2-user") == "user and key are needed");
    CHECK(flaw("kind=ssh-key&user=a/b&key=a+b").find("user must be") == 0);
}

TEST_CASE("What does not belong to the kind, or is no value, is said") {
    CHECK(flaw("") == "kind is missing");
    CHECK(flaw("kind=explosion").find("kind must be one of spot-interruption") == 0);
    CHECK(flaw("kind=rebalance&action=stop") == "action does not belong to rebalance");
    CHECK(flaw("kind=autoscaling&state=Standby&notice=1m") ==
          "notice does not belong to autoscaling");
    CHECK(flaw("kind=rebalance&kind=rebalance") == "'kind' is given more than once");
    CHECK(flaw("kind=rebalance&when=now") == "unknown query name 'when'");
    CHECK(flaw("kind=rebalance&in=") == "a query name has no value");
    CHECK(flaw("kind=rebalance&in=10").find("in: not a duration") == 0);
    CHECK(flaw("kind=rebalance&at=now").find("at: not a time") == 0);
    CHECK(flaw("kind=rebalance&profile=a%00b") == "a query value holds control characters");
    CHECK(flaw("kind=rebalance&profile=a%0Ab") == "a query value holds control characters");
    CHECK(flaw("kind=ssh-key&key=" + std::string(9000, 'a')) == "a query value is too long");
}

TEST_CASE("Requests are read back as they were written") {
    for (const char* query :
         {"kind=rebalance", "kind=ssh-key&profile=app&user=me&key=ssh-rsa%20A%2B%2F%3D%20x%26y",
          "kind=spot-interruption&action=stop&in=1h30m&notice=2m",
          "kind=maintenance&code=system-reboot&description=%C3%A9&at=2026-09-22T00:00:00Z&"
          "not-before=2026-09-23T00:00:00Z"}) {
        const auto first = admin::parse_event_query(query);
        REQUIRE(first.has_value());
        const auto second = admin::parse_event_query(admin::format_event_query(*first));
        REQUIRE(second.has_value());
        CHECK(*first == *second);
    }
    CHECK(*admin::parse_event_id_query(admin::format_event_id_query("a b&c")) == "a b&c");
    CHECK_FALSE(admin::parse_event_id_query("").has_value());
    CHECK_FALSE(admin::parse_event_id_query("id=a&x=b").has_value());
}

TEST_CASE("Options are named as in EC2's API") {
    const auto request = admin::parse_options_query(
        "profile=app&http-tokens=optional&http-endpoint=disabled&hop-limit=64&"
        "http-protocol-ipv6=enabled&instance-metadata-tags=enabled");
    REQUIRE(request.has_value());
    CHECK(request->profile == "app");
    CHECK(request->change == profile::metadata_override{false, false, 64, true, true});
    const auto back = admin::parse_options_query(admin::format_options_query(*request));
    REQUIRE(back.has_value());
    CHECK(*back == *request);
    CHECK(admin::parse_options_query("")->change.empty());
    CHECK(admin::parse_options_query("reset=true")->reset);
    for (const char* bad : {"reset=yes", "reset=true&hop-limit=2", "hop-limit=0", "hop-limit=65",
                            "hop-limit=%2B1", "hop-limit=1x", "http-tokens=yes", "tags=enabled",
                            "hop-limit=1&hop-limit=2", "http-endpoint="})
        CHECK_FALSE(admin::parse_options_query(bad).has_value());
}
