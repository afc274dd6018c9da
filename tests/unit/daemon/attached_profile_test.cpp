#include "daemon/attached_profile.hpp"

#include "daemon/generation.hpp"
#include "support/catch.hpp"
#include "support/counting_random.hpp"
#include "support/manual_clock.hpp"
#include "unit/daemon/memory_estate.hpp"

namespace {

iam::instance_profile servers(const char* role, const char* path = "/fleet/") {
    auto one = daemon_test::named<iam::instance_profile>("servers", "AIPASERVERS", path);
    one.role = role;
    return one;
}

profile::role_profile configured(const char* path = "") {
    profile::role_profile made;
    made.name = "app";
    made.issue.source = "local";
    made.instance_profile.emplace();
    made.instance_profile->partition = "aws";
    made.instance_profile->account = daemon_test::account_id;
    made.instance_profile->name = "servers";
    made.instance_profile->path = path;
    return made;
}

profile::role_profile attached(const profile::role_profile& to,
                               const daemon_test::memory_estate& estate) {
    profile::role_profile made = to;
    daemon_::attach_instance_profile(made, *estate.current());
    return made;
}

}  // namespace

TEST_CASE("A profile has the role of its instance profile") {
    auto estate = daemon_test::small_estate();
    estate.put(servers("web"));
    for (const char* path : {"", "/fleet/"}) {
        const auto made = attached(configured(path), estate);
        REQUIRE(made.granted_role.has_value());
        CHECK(made.granted_role->arn == "arn:aws:iam::123456789012:role/team/web");
        CHECK(made.granted_role->name == "web");
        CHECK(made.instance_profile_name == "servers");
        CHECK(made.instance_profile->arn ==
              "arn:aws:iam::123456789012:instance-profile/fleet/servers");
        CHECK(made.instance_profile->unique_id == "AIPASERVERS");
        CHECK(made.instance_profile->problem.empty());
    }
}

TEST_CASE("Why an instance profile gives no role is told") {
    auto estate = daemon_test::small_estate();
    auto made = attached(configured(), estate);
    CHECK_FALSE(made.granted_role.has_value());
    CHECK(made.instance_profile_name.empty());
    CHECK(made.instance_profile->arn.empty());
    CHECK(made.instance_profile->problem ==
          "account 123456789012 has no instance profile 'servers'");
    estate.put(servers(""));
    made = attached(configured(), estate);
    CHECK_FALSE(made.granted_role.has_value());
    CHECK(made.instance_profile_name == "servers");
    CHECK(made.instance_profile->problem ==
          "instance profile arn:aws:iam::123456789012:instance-profile/fleet/servers contains no "
          "role");
    CHECK(attached(configured("/other/"), estate).instance_profile->problem ==
          "account 123456789012 has no instance profile '/other/servers'");
    auto shouted = configured();
    shouted.instance_profile->name = "SERVERS";
    CHECK(attached(shouted, estate).instance_profile->arn.empty());
    estate.put(servers("gone"));
    CHECK(attached(configured(), estate).instance_profile->problem.find("'gone', is gone") !=
          std::string::npos);
}

TEST_CASE("Place and account of an instance stay when its role comes and goes") {
    auto estate = daemon_test::small_estate();
    const auto without = profile::resolve(attached(configured(), estate), {});
    estate.put(servers("web"));
    const auto with = profile::resolve(attached(configured(), estate), {});
    CHECK(with.instance.account == daemon_test::account_id);
    CHECK(without.instance.account == daemon_test::account_id);
    CHECK(without.instance.partition == "aws");
    auto corp = configured();
    corp.instance_profile->partition = "corp";
    CHECK(profile::resolve(corp, {}).instance.partition == "corp");
}

TEST_CASE("A changed estate changes the profiles that it concerns and no others") {
    support::manual_clock clock;
    support::counting_random random;
    const auto changes = daemon_::live_changes::open("/nonexistent/changes", clock, random);
    REQUIRE(changes.has_value());
    config::configuration configuration;
    configuration.profiles.emplace_back().name = "plain";
    configuration.profiles.push_back(configured());
    auto estate = daemon_test::small_estate();
    std::shared_ptr<const handler::serving> running = daemon_::make_serving(
        configuration, *changes, *estate.current(), {}, {}, nullptr, nullptr, 7, clock.now());
    const auto follow = [&] {
        auto next = daemon_::follow_changes(*running, configuration, *changes, *estate.current(),
                                            {}, clock.now());
        if (next) running = next;
        return next != nullptr;
    };
    const auto roles = [&] { return daemon_::make_assignments(*running, nullptr).list; };
    CHECK_FALSE(follow());
    CHECK(roles().empty());

    clock.advance(std::chrono::hours(1));
    estate.put(servers("web"));
    const auto plain = running->profiles[0];
    REQUIRE(follow());
    CHECK(running->generation == 7);
    CHECK(running->profiles[0] == plain);
    CHECK(running->profiles[1]->since() == clock.now());
    REQUIRE(roles().size() == 1);
    CHECK(roles()[0].request.role_arn == "arn:aws:iam::123456789012:role/team/web");
    const std::string fingerprint = roles()[0].fingerprint;

    estate.put(daemon_test::named<iam::group>("g", "AGPAG"));
    CHECK_FALSE(follow());

    estate.put(daemon_test::role("db", "AROADB"));
    estate.put(servers("db"));
    REQUIRE(follow());
    CHECK(roles()[0].request.role_arn == "arn:aws:iam::123456789012:role/db");
    CHECK(roles()[0].fingerprint != fingerprint);

    estate.remove(iam::entity_kind::instance_profile,
                  iam::key_of(daemon_test::account_id, "servers"));
    REQUIRE(follow());
    CHECK(roles().empty());
}
