// One connection to the container protocols while the configuration changes under it.
#include <optional>

#include <boost/asio/co_spawn.hpp>

#include "handler/container_service.hpp"
#include "support/catch.hpp"
#include "unit/handler/worker_bench.hpp"

using namespace std::chrono_literals;
using waits = net::action::kind;

namespace {

/// A worker and a caller that some of its bindings match.
class fixture : public handler_test::worker_bench<> {
public:
    fixture() : service(std::make_unique<handler::container_service>(*worker, nullptr)) {}

    /// So many profiles with a binding each, of which the last one is the caller's.
    void install(std::uint64_t generation, std::size_t profiles) {
        auto serving = std::make_shared<handler::serving>();
        serving->generation = generation;
        auto identifiers = std::make_shared<std::vector<container::binding_identifiers>>();
        std::vector<binding::rule> rules(profiles);
        for (std::size_t i = 0; i < profiles; ++i) {
            rules[i].uids = {std::uint32_t(i + 1 == profiles ? 5 : 1000 + i)};
            rules[i].profile_index = i;
            rules[i].profile = "p" + std::to_string(i);
            rules[i].shown = {"user=" + std::to_string(rules[i].uids[0])};
            identifiers->push_back(mint_.mint(binding::identity_of(rules[i])));
            profile::role_profile one;
            one.name = rules[i].profile;
            serving->profiles.push_back(std::make_shared<const imds::metadata>(
                profile::resolve(one, profile::host_facts{}), clock.now()));
        }
        own_id = identifiers->back().endpoint_id;
        serving->rules = binding::rule_set(std::move(rules));
        serving->identifiers = std::move(identifiers);
        handler::listener_policy policy;
        policy.hosts = {"169.254.170.2"};
        serving->listeners.emplace("tasks", std::move(policy));
        worker->install(std::move(serving), {});
    }

    waits ask(net::conversation& talk, const std::string& target) {
        const http::field fields[] = {{"Host", "169.254.170.2"}};
        http::request request;
        request.method = "GET";
        request.target = target;
        request.fields = fields;
        answer.clear();
        return talk.respond(request, answer).what;
    }

    /// What a session does between two calls of `respond`.
    void wait(net::conversation& talk) {
        std::exception_ptr thrown;
        bool done = false;
        boost::asio::co_spawn(context, talk.wait(), [&](std::exception_ptr what) {
            thrown = what;
            done = true;
        });
        context.restart();
        context.run();
        REQUIRE(done);
        REQUIRE_FALSE(thrown);
    }

    std::unique_ptr<net::conversation> open() { return service->open({-1, "tasks", false}); }

    http::response answer;
    std::string own_id;
    std::unique_ptr<handler::container_service> service;

private:
    container::identifier_mint mint_{"secret"};
};

}  // namespace

TEST_CASE("Task metadata is told to a caller with the id of its binding") {
    fixture f;
    f.install(1, 3);
    const auto talk = f.open();
    const std::string target = "/v4/" + f.own_id;
    REQUIRE(f.ask(*talk, target) == waits::wait);
    f.wait(*talk);
    REQUIRE(f.ask(*talk, target) == waits::send);
    CHECK(f.answer.status == 200);
    CHECK(f.answer.body.find("\"Name\":\"p2\"") != std::string_view::npos);
}

TEST_CASE("A reload between a request and its wait leaves nothing of the old configuration") {
    fixture f;
    f.install(1, 40);
    const auto talk = f.open();
    const std::string target = "/v4/" + f.own_id;
    REQUIRE(f.ask(*talk, target) == waits::wait);
    // A client that takes its earlier answers slowly keeps the session from waiting at once.
    f.install(2, 1);
    f.wait(*talk);
    REQUIRE(f.ask(*talk, target) == waits::send);
    CHECK(f.answer.status == 404);  // another binding has another id
    const std::string now = "/v4/" + f.own_id;
    REQUIRE(f.ask(*talk, now) == waits::wait);
    f.wait(*talk);
    REQUIRE(f.ask(*talk, now) == waits::send);
    CHECK(f.answer.body.find("\"Name\":\"p0\"") != std::string_view::npos);
}
