#include "admin/router.hpp"

#include "encoding/json.hpp"
#include "fake_daemon.hpp"
#include "support/catch.hpp"

using admin_test::fake_daemon;

namespace {

struct rig {
    fake_daemon daemon;
    std::vector<admin::event> events;
    admin::identified_peer peer;
    http::response answer;

    rig() {
        peer.who.uid = 990;
        peer.who.gid = 990;
        peer.who.pid = 4711;
    }

    unsigned ask(std::string_view method, std::string_view target,
                 std::vector<http::field> fields = {{"Host", "localhost"}},
                 std::string_view body = {}, int version = 11) {
        admin::options chosen;
        chosen.allowed.own_uid = 990;
        chosen.allowed.group = 500;
        chosen.report = [this](const admin::event& e) { events.push_back(e); };
        const admin::router routes(daemon, chosen);
        http::request request;
        request.method = method;
        request.target = target;
        request.fields = fields;
        request.body = body;
        request.version = version;
        answer.clear();
        routes.respond(peer, request, answer);
        return answer.status;
    }

    std::string error_code() const {
        const auto body = encoding::parse_json(answer.body);
        if (!body || !body->is_object() || !body->get_object().contains("error")) return {};
        return std::string(body->at("error").at("code").as_string());
    }
};

}  // namespace

TEST_CASE("Operations reach the daemon and its answer is the body") {
    rig r;
    CHECK(r.ask("GET", "/v1/status") == 200);
    CHECK(r.answer.body == R"({"version":"1"})");
    CHECK(r.answer.headers.find("application/json") != std::string_view::npos);
    CHECK(r.answer.headers.find("no-store") != std::string_view::npos);
    CHECK(r.ask("GET", "/v1/whoami") == 200);
    REQUIRE(r.daemon.peers.size() == 1);
    CHECK(r.daemon.peers[0].uid == 990);
    CHECK(r.daemon.peers[0].pid == 4711);
    CHECK(r.ask("POST", "/v1/explain?user=alice&pid=3") == 200);
    CHECK(r.ask("GET", "/v1/explain?unit=a.service") == 200);
    REQUIRE(r.daemon.queries.size() == 2);
    CHECK(r.daemon.queries[0].user == "alice");
    CHECK(r.daemon.queries[1].unit == "a.service");
    CHECK(r.ask("POST", "/v1/reload") == 200);
}

TEST_CASE("Anyone may ask for his own environment, operators for any") {
    rig r;
    CHECK(r.ask("GET", "/v1/env/of?profile=web") == 200);
    REQUIRE(r.daemon.environments.size() == 1);
    CHECK(r.daemon.environments[0].profile == "web");
    CHECK(r.events.size() == 1);
    CHECK(r.ask("GET", "/v1/env/of") == 400);
    CHECK(r.ask("GET", "/v1/env?profile=web") == 400);
    r.peer.who = {1234, 1234, 1};
    CHECK(r.ask("GET", "/v1/env/of?profile=web") == 403);
    CHECK(r.daemon.environments.size() == 1);
    CHECK(r.ask("GET", "/v1/env") == 200);
    CHECK(r.daemon.peers.back().uid == 1234);
}

TEST_CASE("A configuration that does not load is an answer of its own") {
    rig r;
    r.daemon.reload_ok = false;
    CHECK(r.ask("POST", "/v1/reload") == 422);
    CHECK(r.answer.body == R"({"ok":false})");
}

TEST_CASE("Readiness is told to anyone as numbers and never as names") {
    rig r;
    r.peer.who.uid = 1000;
    CHECK(r.ask("GET", "/livez") == 200);
    CHECK(r.ask("GET", "/readyz") == 200);
    CHECK(r.answer.body == R"({"ready":true})");
    r.daemon.is_ready = false;
    CHECK(r.ask("GET", "/readyz") == 503);
    r.daemon.status_answer = boost::json::object{
        {"listeners", boost::json::array{1, 2}},
        {"profiles", boost::json::array{boost::json::object{{"name", "hush"}, {"state", "fresh"}},
                                        boost::json::object{{"state", "failed"}}}}};
    CHECK(r.ask("GET", "/readyz?verbose") == 503);
    CHECK(r.answer.body == R"({"ready":false,"listeners":2,"profiles":2,"profiles_usable":1})");
    CHECK(r.ask("GET", "/readyz?verbos") == 400);
}

TEST_CASE("What is for operators is refused to others before the daemon is asked") {
    rig r;
    r.peer.who.uid = 1000;
    r.peer.who.gid = 1000;
    CHECK(r.ask("GET", "/v1/status") == 403);
    CHECK(r.error_code() == "NotAnOperator");
    CHECK(r.ask("GET", "/v1/explain?user=root") == 403);
    CHECK(r.ask("POST", "/v1/reload") == 403);
    CHECK(r.daemon.calls == 0);
    REQUIRE(r.events.size() == 3);
    CHECK_FALSE(r.events[0].allowed);
    CHECK(r.events[2].what == admin::operation::reload);
    CHECK(r.events[2].who.who.uid == 1000);
    r.peer.groups = {500};
    CHECK(r.ask("GET", "/v1/status") == 200);
}

TEST_CASE("Whoami shows the bindings that were looked at to operators only") {
    rig r;
    CHECK(r.ask("GET", "/v1/whoami") == 200);
    CHECK(r.answer.body == R"({"allowed":true,"steps":["rule 1: user=other"]})");
    r.peer.who.uid = 1000;
    CHECK(r.ask("GET", "/v1/whoami") == 200);
    CHECK(r.answer.body == R"({"allowed":true})");
}

TEST_CASE("Audited operations are reported with their outcome and others are not") {
    rig r;
    r.ask("GET", "/v1/status");
    r.ask("GET", "/v1/whoami");
    r.ask("GET", "/livez");
    CHECK(r.events.empty());
    r.daemon.reload_ok = false;
    r.ask("POST", "/v1/reload");
    r.ask("GET", "/v1/explain?user=a");
    REQUIRE(r.events.size() == 2);
    CHECK(r.events[0].allowed);
    CHECK(r.events[0].status == 422);
    CHECK(r.events[1].what == admin::operation::explain);
}

TEST_CASE("Bad queries and bodies are 400 and do not reach the daemon") {
    rig r;
    CHECK(r.ask("GET", "/v1/status?x=1") == 400);
    CHECK(r.ask("GET", "/v1/whoami?user=root") == 400);
    CHECK(r.ask("POST", "/v1/reload?now") == 400);
    CHECK(r.ask("GET", "/v1/explain") == 400);
    CHECK(r.ask("GET", "/v1/explain?usr=a") == 400);
    CHECK(r.error_code() == "BadQuery");
    CHECK(r.ask("POST", "/v1/explain?user=a", {{"Host", "localhost"}}, "user=b") == 400);
    CHECK(r.error_code() == "BodyNotExpected");
    CHECK(r.daemon.calls == 0);
}

TEST_CASE("Unknown paths are 404 and wrong methods 405 with Allow") {
    rig r;
    CHECK(r.ask("GET", "/v1/nothing") == 404);
    CHECK(r.error_code() == "NotFound");
    CHECK(r.ask("GET", "/v1/reload") == 405);
    CHECK(r.answer.more_headers == "Allow: POST\r\n");
    CHECK(r.ask("DELETE", "/v1/status") == 405);
    CHECK(r.ask("OPTIONS", "*") == 400);
    CHECK(r.ask("GET", "http://localhost/v1/status") == 400);
    CHECK(r.daemon.calls == 0);
}

TEST_CASE("Headers that browsers and proxies add are refused on every path") {
    const std::vector<http::field> hostile{
        {"Origin", "null"},
        {"oRIGIN", "http://localhost"},
        {"Referer", "http://localhost/"},
        {"Sec-Fetch-Site", "same-origin"},
        {"sec-fetch-mode", "navigate"},
        {"X-Forwarded-For", "10.0.0.1"},
        {"x-forwarded-for", ""},
        {"Forwarded", "for=10.0.0.1"},
        {"Via", "1.1 proxy"},
    };
    for (const http::field& field : hostile) {
        for (const std::string_view path : {"/livez", "/v1/whoami", "/v1/status", "/none"}) {
            rig r;
            CAPTURE(field.name, path);
            CHECK(r.ask("GET", path, {{"Host", "localhost"}, field}) == 403);
            CHECK(r.error_code() == "Forwarded");
            CHECK(r.answer.close);
            CHECK(r.daemon.calls == 0);
        }
    }
}

TEST_CASE("The Host header must be one of our own names") {
    rig r;
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", "evil.example"}}) == 403);
    CHECK(r.error_code() == "ForeignHost");
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", "localhost.evil.example"}}) == 403);
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", "localhost"}, {"Host", "localhost"}}) == 400);
    CHECK(r.ask("GET", "/v1/whoami", {}) == 400);
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", "[::1"}}) == 400);
    CHECK(r.daemon.calls == 0);
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", ""}}) == 200);
    CHECK(r.ask("GET", "/v1/whoami", {{"host", "LOCALHOST:80"}}) == 200);
    CHECK(r.ask("GET", "/v1/whoami", {{"Host", "imdsd"}}) == 200);
    CHECK(r.ask("GET", "/v1/whoami", {}, {}, 10) == 200);
}

TEST_CASE("Certificates are for anyone, and not there while keys are made") {
    rig r;
    r.peer.who.uid = 1000;
    r.peer.who.gid = 1000;
    CHECK(r.ask("GET", "/v1/identity") == 200);
    CHECK(r.answer.body == R"({"certificates":[]})");
    CHECK(r.ask("GET", "/v1/identity?kind=pkcs7") == 400);
    CHECK(r.ask("POST", "/v1/identity") == 405);
    CHECK(r.daemon.calls == 1);
    r.daemon.identity_ready = false;
    CHECK(r.ask("GET", "/v1/identity") == 503);
    CHECK(r.error_code() == "Unavailable");
}

TEST_CASE("A fault of the daemon is a 500 that tells nothing") {
    rig r;
    r.daemon.broken = true;
    CHECK(r.ask("GET", "/v1/status") == 500);
    CHECK(r.answer.close);
    CHECK(r.answer.body.find("secret") == std::string_view::npos);
}

TEST_CASE("Events and options reach the daemon with who asked for them") {
    rig r;
    CHECK(r.ask("GET", "/v1/events") == 200);
    CHECK(r.ask("POST", "/v1/events?kind=rebalance&profile=app") == 200);
    REQUIRE(r.daemon.added.size() == 1);
    CHECK(r.daemon.added[0].kind == "rebalance");
    CHECK(r.daemon.peers.back().uid == 990);
    CHECK(r.ask("POST", "/v1/events/cancel?id=a") == 200);
    CHECK(r.ask("POST", "/v1/events/complete?id=b") == 200);
    CHECK(r.daemon.ended == std::vector<std::string>{"cancel a", "complete b"});
    CHECK(r.ask("GET", "/v1/options") == 200);
    CHECK(r.ask("GET", "/v1/options?profile=app") == 200);
    CHECK(r.daemon.asked_options == std::vector<std::string>{"", "app"});
    CHECK(r.ask("POST", "/v1/options?hop-limit=2") == 200);
    CHECK(r.daemon.changed.at(0).change.hop_limit == 2);
    // Changes are reported, looks are not.
    REQUIRE(r.events.size() == 4);
    CHECK(r.events[3].what == admin::operation::change_options);
}

TEST_CASE("Changes that make no sense do not reach the daemon") {
    rig r;
    for (const char* target : {"/v1/events", "/v1/events?kind=x&y=z", "/v1/events/cancel",
                               "/v1/events/complete?id=", "/v1/options", "/v1/options?profile=app",
                               "/v1/options?hop-limit=0"}) {
        CHECK(r.ask("POST", target) == 400);
        CHECK(r.error_code() == "BadQuery");
    }
    CHECK(r.ask("GET", "/v1/options?hop-limit=2") == 400);
    CHECK(r.ask("GET", "/v1/events?kind=rebalance") == 400);
    CHECK(r.ask("GET", "/v1/events/cancel?id=a") == 405);
    CHECK(r.daemon.calls == 0);
}

TEST_CASE("What the daemon refuses is told by its kind") {
    rig r;
    r.daemon.refusal = base::invalid("why");
    CHECK(r.ask("POST", "/v1/events?kind=rebalance") == 400);
    r.daemon.refusal = base::not_found("why");
    CHECK(r.ask("POST", "/v1/events/cancel?id=a") == 400);
    CHECK(r.error_code() == "UnknownName");
    r.daemon.refusal = base::exhausted("why");
    CHECK(r.ask("POST", "/v1/events?kind=rebalance") == 409);
    CHECK(r.error_code() == "LimitExceeded");
    r.daemon.refusal = base::internal("why");
    CHECK(r.ask("POST", "/v1/options?hop-limit=2") == 500);
}

TEST_CASE("Keys are listed and changed") {
    rig r;
    CHECK(r.ask("GET", "/v1/keys") == 200);
    CHECK(r.ask("POST", "/v1/keys/rotate?purpose=stored_secret") == 200);
    CHECK(r.ask("POST", "/v1/keys/revoke?key=3") == 200);
    REQUIRE(r.daemon.changed_keys.size() == 2);
    CHECK(r.daemon.changed_keys[0].purpose == "stored_secret");
    CHECK(r.daemon.changed_keys[1].what == admin::key_request::action::revoke);
    CHECK(r.daemon.changed_keys[1].key == 3);
    CHECK(r.daemon.peers.back().uid == 990);
    CHECK(r.events.size() == 2);
    CHECK(r.events[1].what == admin::operation::revoke_key);

    CHECK(r.ask("GET", "/v1/keys?key=3") == 400);
    CHECK(r.ask("POST", "/v1/keys/revoke") == 400);
    CHECK(r.ask("GET", "/v1/keys/revoke?key=3") == 405);
    r.daemon.refusal = base::denied("too early");
    CHECK(r.ask("POST", "/v1/keys/retire?key=3") == 409);
    CHECK(r.error_code() == "NotAllowedNow");
}

TEST_CASE("Nobody but operators sees or changes keys") {
    rig r;
    r.peer.who.uid = r.peer.who.gid = 1000;
    for (const auto& [method, target] :
         std::vector<std::pair<const char*, const char*>>{{"GET", "/v1/keys"},
                                                          {"POST", "/v1/keys/publish"},
                                                          {"POST", "/v1/keys/rotate"},
                                                          {"POST", "/v1/keys/activate?key=1"},
                                                          {"POST", "/v1/keys/retire?key=1"},
                                                          {"POST", "/v1/keys/revoke?key=1"}})
        CHECK(r.ask(method, target) == 403);
    CHECK(r.daemon.calls == 0);
    CHECK(r.events.size() == 6);
}

TEST_CASE("Revocations are listed and made, by operators alone") {
    rig r;
    CHECK(r.ask("GET", "/v1/revocations") == 200);
    CHECK(r.ask("POST", "/v1/revoke?of=session&subject=0123456789abcdef0123456789abcdef") == 200);
    REQUIRE(r.daemon.revoked.size() == 1);
    CHECK(r.daemon.revoked[0].what == admin::revoke_request::target::session);
    CHECK(r.daemon.peers.back().uid == 990);
    REQUIRE(r.events.size() == 1);
    CHECK(r.events[0].what == admin::operation::revoke);

    CHECK(r.ask("GET", "/v1/revocations?of=role") == 400);
    CHECK(r.ask("POST", "/v1/revoke") == 400);
    CHECK(r.ask("GET", "/v1/revoke?of=root&subject=123456789012") == 405);
    r.peer.who.uid = r.peer.who.gid = 1000;
    CHECK(r.ask("GET", "/v1/revocations") == 403);
    CHECK(r.ask("POST", "/v1/revoke?of=root&subject=123456789012") == 403);
    CHECK(r.daemon.revoked.size() == 1);
}

TEST_CASE("Nobody but operators sees or changes events and options") {
    rig r;
    r.peer.who.uid = r.peer.who.gid = 1000;
    for (const auto& [method, target] :
         std::vector<std::pair<const char*, const char*>>{{"GET", "/v1/events"},
                                                          {"POST", "/v1/events?kind=rebalance"},
                                                          {"POST", "/v1/events/cancel?id=a"},
                                                          {"POST", "/v1/events/complete?id=a"},
                                                          {"GET", "/v1/options"},
                                                          {"POST", "/v1/options?hop-limit=2"}})
        CHECK(r.ask(method, target) == 403);
    CHECK(r.daemon.calls == 0);
    CHECK(r.events.size() == 6);
}
