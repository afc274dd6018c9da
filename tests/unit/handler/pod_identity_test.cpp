// The pod identity face on a clock of its own: waiting for keys, and what is remembered.
#include <atomic>
#include <condition_variable>
#include <mutex>

#include "handler/pod_identity_service.hpp"
#include "support/catch.hpp"
#include "support/signing_key.hpp"
#include "unit/handler/worker_bench.hpp"

using namespace std::chrono_literals;
using waits = net::action::kind;

namespace {

/// A worker with one cluster, one association, and a caller that is bound.
class fixture : public handler_test::worker_bench<> {
public:
    fixture() : signer(support::signing_key::ec("P-256")) {
        service = std::make_unique<handler::pod_identity_service>(*worker);
        keeper = std::make_shared<net::key_keeper>(
            [this](const std::function<bool()>& cancelled) { return fetch(cancelled); },
            jose::refresh_rules{600s, 5s, 300s, 10s, 3600s}, clock,
            [this] {
                const std::lock_guard lock(guard_);
                ++changes_;
                news_.notify_all();
            });
        install(1);
    }
    ~fixture() { keeper->stop(); }

    void install(std::uint64_t generation, bool associated = true) {
        auto pods = std::make_shared<handler::pod_serving>();
        pod_identity::options options;
        options.clusters = {{"prod", "https://iss.example", {"pods.eks.amazonaws.com"}, {}}};
        if (associated) options.associations = {{0, "default", "app", 0, ""}};
        pods->table = pod_identity::association_table(options);
        pods->keys = {keeper};
        auto serving = std::make_shared<handler::serving>();
        serving->generation = generation;
        binding::rule rule;
        rule.uids = {5};
        rule.listeners = {"pods"};
        serving->rules = binding::rule_set({rule});
        profile::role_profile role;
        role.name = "app";
        role.granted_role.emplace();
        role.granted_role->arn = "arn:aws:iam::123456789012:role/app";
        role.granted_role->name = "app";
        role.granted_role->account = "123456789012";
        serving->profiles = {std::make_shared<const imds::metadata>(
            profile::resolve(role, profile::host_facts{}), clock.now())};
        serving->listeners.emplace("pods", handler::listener_policy{});
        serving->pods = std::move(pods);
        worker->install(serving, {});
        publish(generation);
    }
    void publish(std::uint64_t generation) {
        aws::credentials given;
        given.access_key_id = "ASIAEXAMPLE000000000";
        given.secret_access_key = base::secret("secret");
        given.session_token = base::secret("token");
        given.expiration = clock.now() + 3600s;
        handler::profile_state state;
        state.role = std::make_shared<const imds::credential_state>(imds::valid_state(
            worker->current()->profiles[0]->profile(),
            std::make_shared<const aws::credentials>(std::move(given)), clock.now(), 1));
        worker->publish(generation, 0, state);
    }

    void give_keys(std::string text) {
        std::unique_lock lock(guard_);
        given_ = std::move(text);
        const int before = changes_;
        news_.notify_all();
        REQUIRE(news_.wait_for(lock, 20s, [&] { return changes_ > before; }));
    }
    void wait_for_fetch(int number) {
        std::unique_lock lock(guard_);
        REQUIRE(news_.wait_for(lock, 20s, [&] { return fetches_ >= number; }));
    }
    int fetches() {
        const std::lock_guard lock(guard_);
        return fetches_;
    }

    std::string token(const std::string& kid = "k", base::seconds life = 3000s) {
        const auto now = std::chrono::floor<base::seconds>(clock.now()).time_since_epoch().count();
        return signer.token(
            "ES256", kid,
            R"({"iss":"https://iss.example","aud":"pods.eks.amazonaws.com","exp":)" +
                std::to_string(now + life.count()) +
                R"(,"sub":"system:serviceaccount:default:app"})");
    }

    waits ask(net::conversation& talk, const std::string& text) {
        const http::field fields[] = {{"Host", "169.254.170.23"}, {"Authorization", text}};
        http::request request;
        request.method = "GET";
        request.target = "/v1/credentials";
        request.fields = fields;
        answer.clear();
        return talk.respond(request, answer).what;
    }
    std::unique_ptr<net::conversation> open() { return service->open({-1, "pods", false}); }

    http::response answer;

private:
    base::result<std::string> fetch(const std::function<bool()>& cancelled) {
        std::unique_lock lock(guard_);
        ++fetches_;
        news_.notify_all();
        while (given_.empty()) {
            if (cancelled()) return base::unavailable("given up");
            news_.wait_for(lock, 1ms);
        }
        return std::exchange(given_, {});
    }

    std::mutex guard_;
    std::condition_variable news_;
    std::string given_;
    int fetches_ = 0;
    int changes_ = 0;

public:
    support::signing_key signer;
    std::unique_ptr<handler::pod_identity_service> service;
    std::shared_ptr<net::key_keeper> keeper;
};

}  // namespace

TEST_CASE("The first caller waits for the keys, a while") {
    fixture f;
    const auto talk = f.open();
    CHECK(f.ask(*talk, f.token()) == waits::wait);
    f.clock.advance(399ms);
    CHECK(f.ask(*talk, f.token()) == waits::wait);
    f.clock.advance(1ms);
    CHECK(f.ask(*talk, f.token()) == waits::send);
    CHECK(f.answer.status == 503);
    CHECK(f.answer.more_headers == "Retry-After: 1\r\n");
    CHECK(f.ask(*talk, f.token()) == waits::wait);  // the next request waits anew
    f.give_keys(f.signer.key_set("k"));
    CHECK(f.ask(*talk, f.token()) == waits::send);
    CHECK(f.answer.status == 200);
    CHECK(f.count.requests == 2u);
}

TEST_CASE("A key that is not known is fetched while the caller waits, once") {
    fixture f;
    f.wait_for_fetch(1);
    f.give_keys(f.signer.key_set("k"));
    const auto talk = f.open();
    // Too soon after the last read: no.
    CHECK(f.ask(*talk, f.token("new")) == waits::send);
    CHECK(f.answer.status == 400);
    CHECK(f.fetches() == 1);
    f.clock.advance(10s);
    CHECK(f.ask(*talk, f.token("new")) == waits::wait);
    f.wait_for_fetch(2);
    CHECK(f.ask(*talk, f.token("new")) == waits::wait);
    f.give_keys(f.signer.key_set("new"));
    CHECK(f.ask(*talk, f.token("new")) == waits::send);
    CHECK(f.answer.status == 200);
    // Made-up names do not bring another read, nor a wait.
    for (const char* kid : {"a", "b", "c"}) {
        CHECK(f.ask(*talk, f.token(kid)) == waits::send);
        CHECK(f.answer.status == 400);
    }
    CHECK(f.fetches() == 2);
}

TEST_CASE("A key that the new set lacks, too, ends the wait") {
    fixture f;
    f.wait_for_fetch(1);
    f.give_keys(f.signer.key_set("k"));
    f.clock.advance(10s);
    const auto talk = f.open();
    CHECK(f.ask(*talk, f.token("new")) == waits::wait);
    f.wait_for_fetch(2);
    f.give_keys(f.signer.key_set("k"));
    CHECK(f.ask(*talk, f.token("new")) == waits::send);
    CHECK(f.answer.status == 400);
}

TEST_CASE("What was verified holds for its time, its keys and its configuration") {
    fixture f;
    f.give_keys(f.signer.key_set("k"));
    const auto talk = f.open();
    const std::string text = f.token("k", 100s);
    for (int i = 0; i < 2; ++i) {
        CHECK(f.ask(*talk, text) == waits::send);
        CHECK(f.answer.status == 200);
    }
    SECTION("time") {
        f.clock.advance(100s);
        f.ask(*talk, text);
        CHECK(f.answer.status == 400);
        CHECK(f.answer.body ==
              "Service account token failed basic claim validations: token is expired\n");
    }
    SECTION("keys") {
        f.keeper->reload();
        f.wait_for_fetch(2);
        f.give_keys(support::signing_key::ec("P-256").key_set("k"));
        f.ask(*talk, text);
        CHECK(f.answer.status == 400);
    }
    SECTION("configuration") {
        f.install(2, false);
        f.ask(*talk, text);
        CHECK(f.answer.status == 404);
    }
}

TEST_CASE("Credentials that are not there yet are waited for, expired ones are not served") {
    fixture f;
    f.give_keys(f.signer.key_set("k"));
    const auto talk = f.open();
    f.worker->publish(1, 0, {});
    CHECK(f.ask(*talk, f.token()) == waits::wait);
    f.publish(1);
    CHECK(f.ask(*talk, f.token()) == waits::send);
    CHECK(f.answer.status == 200);
    f.clock.advance(3600s);
    CHECK(f.ask(*talk, f.token()) == waits::send);
    CHECK(f.answer.status == 503);
    handler::profile_state refused;
    refused.role = std::make_shared<const imds::credential_state>(
        imds::denied_state("no such role", f.clock.now(), f.clock.now()));
    f.worker->publish(1, 0, refused);
    CHECK(f.ask(*talk, f.token()) == waits::send);
    CHECK(f.answer.status == 400);
    CHECK(f.answer.body.find("(AccessDeniedException)") != std::string_view::npos);
}

TEST_CASE("Credentials that are about to end are not handed out") {
    fixture f;
    f.give_keys(f.signer.key_set("k"));
    const auto talk = f.open();
    const std::string token = f.token("k", 4000s);
    f.clock.advance(3584s);
    REQUIRE(f.ask(*talk, token) == waits::send);
    CHECK(f.answer.status == 200);
    f.clock.advance(1s);
    REQUIRE(f.ask(*talk, token) == waits::send);
    CHECK(f.answer.status == 503);
}
