#include "daemon/issuer_alone.hpp"

#include "support/catch.hpp"

namespace {

using kind = config::listener::kind;

config::configuration with(std::vector<kind> kinds) {
    config::configuration made;
    for (const kind one : kinds) {
        config::listener& listener = made.listeners.emplace_back();
        listener.name = config::to_string(one);
        listener.serves = one;
    }
    made.profiles.emplace_back().name = "app";
    made.bindings.emplace_back();
    made.sources.push_back({"local", config::source_options::kind::core});
    made.workers = 8;
    made.container_engine_socket = "/run/docker.sock";
    made.issuer.default_region = "eu-west-1";
    made.accounts.emplace_back().id = "123456789012";
    return made;
}

}  // namespace

TEST_CASE("An issuer alone has nothing but what is the issuer's") {
    auto made =
        with({kind::imds, kind::sts, kind::container, kind::health, kind::pod_identity, kind::sts});
    REQUIRE(daemon_::keep_issuer_alone(made).has_value());
    REQUIRE(made.listeners.size() == 3);
    CHECK(made.listeners[0].serves == kind::sts);
    CHECK(made.listeners[1].serves == kind::health);
    CHECK(made.profiles.empty());
    CHECK(made.bindings.empty());
    CHECK(made.sources.empty());
    CHECK(made.container_engine_socket.empty());
    CHECK(made.accounts.size() == 1);
    CHECK(made.issuer.default_region == "eu-west-1");
}

TEST_CASE("Without a listener that serves sts there is no issuer to run") {
    auto made = with({kind::imds, kind::health});
    const auto kept = daemon_::keep_issuer_alone(made);
    REQUIRE(kept.has_error());
    CHECK(kept.error().message.find("no listener has 'serve: sts'") != std::string::npos);
}
