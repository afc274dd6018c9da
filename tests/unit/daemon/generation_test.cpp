#include "daemon/generation.hpp"

#include "support/catch.hpp"

using daemon_::ask_sources;
using source::credential_subject;

namespace {

/// Knows credentials of the instance itself, or does not.
class some_source final : public source::credential_source {
public:
    explicit some_source(bool knows) : knows_(knows) {}
    bool issues_instance_credentials() const override { return knows_; }
    base::result<aws::credentials> fetch(const source::credential_request&) override {
        return base::unavailable("not asked here");
    }

private:
    bool knows_;
};

profile::role_profile named(const char* name, bool with_role) {
    profile::role_profile p;
    p.name = name;
    p.instance.account = "123456789012";
    p.instance.instance_id = std::string("i-") + name;
    if (with_role) {
        p.granted_role = {"arn:aws:iam::123456789012:role/app", "app", "123456789012"};
        p.issue.source = "local";
    }
    return p;
}

config::configuration two_profiles() {
    config::configuration made;
    made.sources.push_back({"local", config::source_options::kind::core});
    made.profiles = {named("bare", false), named("app", true)};
    return made;
}

handler::serving serving_of(const config::configuration& configuration) {
    handler::serving made;
    for (const profile::role_profile& p : configuration.profiles)
        made.profiles.push_back(
            std::make_shared<const imds::metadata>(profile::resolve(p, {}), base::wall_time{}));
    return made;
}

}  // namespace

TEST_CASE("Instances have credentials of their own where the profile's source can") {
    config::configuration made = two_profiles();
    ask_sources(made, some_source(true));
    CHECK(made.profiles[0].instance_credentials);
    CHECK(made.profiles[1].instance_credentials);
    ask_sources(made, some_source(false));
    CHECK_FALSE(made.profiles[0].instance_credentials);
    CHECK_FALSE(made.profiles[1].instance_credentials);
    made.sources.clear();
    ask_sources(made, some_source(true));
    CHECK_FALSE(made.profiles[0].instance_credentials);
}

TEST_CASE("Roles are fetched first, then the instances' own") {
    config::configuration made = two_profiles();
    const auto core = std::make_shared<some_source>(true);
    ask_sources(made, *core);
    const auto serving = serving_of(made);
    const auto wanted = daemon_::make_assignments(serving, core);
    REQUIRE(wanted.list.size() == 3);
    REQUIRE(wanted.owners.size() == 3);
    CHECK(wanted.owners[0].profile == 1);
    CHECK(wanted.owners[0].subject == credential_subject::role);
    CHECK(wanted.list[0].request.role_arn == "arn:aws:iam::123456789012:role/app");
    CHECK(wanted.owners[1].profile == 0);
    CHECK(wanted.owners[1].subject == credential_subject::instance);
    CHECK(wanted.list[1].request.subject == credential_subject::instance);
    CHECK(wanted.list[1].request.account == "123456789012");
    CHECK(wanted.list[1].request.session_name == "i-bare");
    CHECK(wanted.list[1].request.duration == base::seconds(21600));
    CHECK(wanted.list[1].from == core);
    CHECK(wanted.owners[2].profile == 1);
    // What may be kept over a reload: the role's by its options, the instance's by what it names.
    CHECK(wanted.list[0].fingerprint != wanted.list[2].fingerprint);
    CHECK(wanted.list[1].fingerprint != wanted.list[2].fingerprint);

    ask_sources(made, some_source(false));
    CHECK(daemon_::make_assignments(serving_of(made), core).list.size() == 1);
}
