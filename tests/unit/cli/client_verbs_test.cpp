#include "../admin/scripted_server.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using admin_test::scripted_server;
using cli_test::contains;
using cli_test::rig;

namespace {

scripted_server::script reply(unsigned status, std::string body) {
    return [status, body = std::move(body)](int fd) {
        scripted_server::send(fd, "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " +
                                      std::to_string(body.size()) + "\r\n\r\n" + body);
    };
}

/// Runs a verb against a daemon that gives one answer; tells the request line that it saw.
struct conversation {
    rig r;
    int code = -1;
    std::string request_line;

    conversation(unsigned status, std::string body, std::vector<std::string> arguments) {
        scripted_server server(reply(status, std::move(body)));
        arguments.push_back("--socket");
        arguments.push_back(server.path());
        code = r.run(std::move(arguments));
        const std::string& request = server.request();
        request_line = request.substr(0, request.find('\r'));
    }
};

const std::string allowed =
    R"({"apiVersion":"imdsd/v1","caller":"user postgres","allowed":true,"profile":"backup",)"
    R"("role_arn":"arn:aws:iam::123456789012:role/backup","rule":"a.yaml:4",)"
    R"("state":"fresh","expires_at":"2026-09-21T15:13:20Z","expires_in_seconds":3130,)"
    R"("steps":["a.yaml:3 no: group ops","a.yaml:4 yes: user=postgres"]})";

std::string refused() {
    return R"({"caller":"user eve","allowed":false,"reason":"no binding matches",)"
           R"("steps":["a.yaml:3 no"],"hint":"add a binding {user: eve, profile: backup}"})";
}

std::string with_state(const std::string& state, const std::string& left) {
    return R"({"allowed":true,"role_arn":"arn:x","state":")" + state +
           R"(","expires_in_seconds":)" + left + "}";
}

}  // namespace

TEST_CASE("Each client verb asks for its own operation") {
    CHECK(conversation(200, "{}", {"status"}).request_line == "GET /v1/status HTTP/1.1");
    CHECK(conversation(200, "{}", {"whoami"}).request_line == "GET /v1/whoami HTTP/1.1");
    CHECK(conversation(200, "{}", {"reload"}).request_line == "POST /v1/reload HTTP/1.1");
    CHECK(conversation(200, "{}", {"healthcheck"}).request_line == "GET /readyz HTTP/1.1");
    CHECK(conversation(200, "{}", {"healthcheck", "--live"}).request_line == "GET /livez HTTP/1.1");
    CHECK(conversation(200, "{}", {"explain", "--user", "a b", "--pid", "7"}).request_line ==
          "GET /v1/explain?pid=7&user=a%20b HTTP/1.1");
}

TEST_CASE("JSON is printed as the daemon sent it") {
    const std::string body = R"({"b":1,"a":[ 2 ],"text":"\u0007"})";
    CHECK(conversation(200, body, {"status", "-o", "json"}).r.out == body + "\n");
    CHECK(conversation(200, body + "\n", {"-o", "json", "status"}).r.out == body + "\n");
    const conversation explained(200, refused(), {"explain", "-o", "json", "--user", "eve"});
    CHECK(explained.r.out == refused() + "\n");
    CHECK(explained.code == 5);
}

TEST_CASE("Whoami tells the outcome first and fails when there is nothing to serve") {
    const conversation good(200, allowed, {"whoami"});
    CHECK(good.code == 0);
    CHECK(good.r.out ==
          "allowed: user postgres gets arn:aws:iam::123456789012:role/backup, profile backup, by "
          "the binding at a.yaml:4\n"
          "credentials: fresh, expires 2026-09-21T15:13:20Z (in 52m10s)\n"
          "  a.yaml:3 no: group ops\n"
          "  a.yaml:4 yes: user=postgres\n");
    CHECK(conversation(200, refused(), {"whoami"}).code == 5);
    CHECK(conversation(200, with_state("failed", "null"), {"whoami"}).code == 6);
    CHECK(conversation(200, with_state("waiting", "null"), {"whoami"}).code == 6);
    CHECK(conversation(200, with_state("stale", "90"), {"whoami"}).code == 0);
    CHECK(conversation(200, with_state("stale", "0"), {"whoami"}).code == 7);
    CHECK(conversation(200, R"({"allowed":true,"profile":"m","role_arn":null,"state":"waiting"})",
                       {"whoami"})
              .code == 0);
}

TEST_CASE("Explain tells how a refused caller could be allowed") {
    const conversation no(200, refused(), {"explain", "--user", "eve"});
    CHECK(no.code == 5);
    CHECK(no.r.out ==
          "denied: user eve: no binding matches\n"
          "  a.yaml:3 no\n"
          "hint: add a binding {user: eve, profile: backup}\n");
    CHECK(conversation(200, allowed, {"explain", "--user", "postgres"}).code == 0);
    CHECK(conversation(200,
                       R"({"caller":"uid 7","allowed":false,"reason":"no binding matches uid 7"})",
                       {"explain", "--user", "7"})
              .r.out == "denied: no binding matches uid 7\n");
    CHECK(conversation(200, "{}", {"explain", "--user", "7"}).r.out ==
          "denied: no binding matches the caller\n");
}

TEST_CASE("A profile without a role is told as such and a failing one with its failure") {
    CHECK(conversation(200, R"({"caller":"uid 7","allowed":true,"profile":"m","state":"x"})",
                       {"whoami"})
              .r.out == "allowed: uid 7 gets metadata without a role, profile m\n");
    CHECK(conversation(200,
                       R"({"allowed":true,"role_arn":"arn:x","state":"failed","failure":"oh"})",
                       {"whoami"})
              .r.out == "allowed: the caller gets arn:x\ncredentials: failed\nlast failure: oh\n");
}

TEST_CASE("Reload reports the errors of a configuration that was not taken") {
    CHECK(conversation(200, R"({"ok":true,"errors":[]})", {"reload"}).r.out == "reloaded\n");
    const conversation bad(422, R"({"ok":false,"errors":["a.yaml:3:1: unknown key 'x'"]})",
                           {"reload"});
    CHECK(bad.code == 3);
    CHECK(bad.r.out.empty());
    CHECK(bad.r.err == "a.yaml:3:1: unknown key 'x'\nimdsd: nothing was changed\n");
}

TEST_CASE("Healthcheck succeeds only for a daemon that is ready") {
    CHECK(conversation(200, R"({"ready":true})", {"healthcheck"}).code == 0);
    const conversation not_yet(503, R"({"ready":false})", {"healthcheck"});
    CHECK(not_yet.code == 1);
    CHECK(not_yet.r.out == "not ready\n");
    CHECK(conversation(200, R"({"live":true})", {"healthcheck", "--live"}).code == 0);
    CHECK(conversation(200, R"({"live":true})", {"healthcheck"}).code == 1);
    CHECK(conversation(200, R"({"ready":true,"listeners":2,"profiles":3,"profiles_usable":1})",
                       {"healthcheck", "-v"})
              .r.out == "ready: listeners 2, profiles usable 1 of 3\n");
}

TEST_CASE("Refusals and faults of the daemon have their exit codes") {
    const std::string error = R"({"error":{"code":"X","message":"not \u001b[31m you"}})";
    const conversation denied(403, error, {"status"});
    CHECK(denied.code == 5);
    CHECK(denied.r.err == "imdsd: not ?[31m you\n");
    CHECK(conversation(400, error, {"explain", "--user", "x"}).code == 2);
    CHECK(conversation(500, error, {"status"}).code == 1);
    CHECK(conversation(503, error, {"status"}).code == 1);
    CHECK(conversation(404, "{}", {"status"}).code == 1);
    CHECK(conversation(200, "[]", {"status"}).code == 1);
    CHECK(conversation(200, "<html>", {"status"}).code == 1);
}

TEST_CASE("A daemon that cannot be reached is code 4") {
    rig r;
    CHECK(r.run({"status", "--socket", "/nonexistent/x.sock"}) == 4);
    CHECK(contains(r.err, "/nonexistent/x.sock: No such file or directory"));
    CHECK(r.out.empty());
    CHECK(r.run({"healthcheck", "--socket", "/nonexistent/x.sock"}) == 4);
    r.environment.variables = {{"XDG_RUNTIME_DIR", "/nonexistent/run"}, {"HOME", "/nonexistent"}};
    CHECK(r.run({"whoami"}) == 4);
    CHECK(contains(r.err, "/nonexistent/run/imdsd/admin.sock"));
    CHECK(contains(r.err, "/nonexistent/.local/state/imdsd/admin.sock"));
    CHECK(r.run({"status", "--socket", "/" + std::string(200, 'x')}) == 2);
}

TEST_CASE("A configuration that cannot be read does not tell a socket") {
    rig r;
    CHECK(r.run({"status", "--config", "/none.yaml"}) == 3);
    CHECK(contains(r.err, "--socket"));
    r.environment.variables = {{"IMDSD_CONFIG", "/none.yaml"}, {"XDG_RUNTIME_DIR", "/nonexistent"}};
    CHECK(r.run({"status"}) == 4);
    CHECK(contains(r.err, "/nonexistent/imdsd/admin.sock"));
}

TEST_CASE("Status is a table for people") {
    const conversation shown(
        200,
        R"({"version":"1.2","pid":7,"uptime_seconds":3700,"ready":true,)"
        R"("configuration":{"file":"/a.yaml","generation":2,"loaded_at":"T1",)"
        R"("last_reload":{"ok":false,"at":"T2","errors":["a.yaml:1:1: bad"]}},)"
        R"("listeners":[{"name":"imds","kind":"imds","address":"127.0.0.1:1338"}],)"
        R"("profiles":[{"name":"backup","role_arn":"arn:r","state":"stale","expires_at":"T3",)"
        R"("expires_in_seconds":61,"next_try":"T4","failure":"no answer","failures":3,)"
        R"("access_key_suffix":"WXYZ"},{"name":"meta","role_arn":null,"state":"none"}],)"
        R"("bindings":1,"workers":2,"counters":{"requests":9,"tokens_issued":4,)"
        R"("denied":{"no_binding":2,"host":0},"imdsv1_requests":0},)"
        R"("audit":{"written":5,"healthy":true}})",
        {"status"});
    CHECK(shown.code == 0);
    CHECK(shown.r.out ==
          "imdsd 1.2: ready, pid 7, up 1h1m40s\n"
          "configuration: /a.yaml, generation 2, loaded T1\n"
          "last reload: failed, the configuration before it is in force, T2\n"
          "  a.yaml:1:1: bad\n"
          "1 binding, 2 workers\n"
          "\n"
          "LISTENER  KIND  ADDRESS\n"
          "imds      imds  127.0.0.1:1338\n"
          "\n"
          "PROFILE  STATE  EXPIRES  IN    NEXT TRY  KEY      ROLE\n"
          "backup   stale  T3       1m1s  T4        ...WXYZ  arn:r\n"
          "meta     none   -        -     -         -        -\n"
          "  backup: no answer (3 times in a row)\n"
          "\n"
          "requests 9, tokens issued 4, IMDSv1 requests 0\n"
          "denied: no_binding 2\n"
          "audit: written 5, healthy yes\n");
}

TEST_CASE("identity certificate prints what the daemon has, all or of one kind") {
    const std::string two =
        R"({"apiVersion":"imdsd/v1","certificates":[)"
        R"({"kind":"pkcs7","subject":"CN=a","serial_number":"01","pem":"-----BEGIN\nAA\n"},)"
        R"({"kind":"rsa2048","subject":"CN=a","serial_number":"02","pem":"-----BEGIN\nBB\n"}]})";
    const conversation all(200, two, {"identity", "certificate"});
    CHECK(all.code == 0);
    CHECK(all.request_line == "GET /v1/identity HTTP/1.1");
    CHECK(all.r.out ==
          "# pkcs7: CN=a, serial 01\n-----BEGIN\nAA\n# rsa2048: CN=a, serial 02\n-----BEGIN\nBB\n");
    const conversation one(200, two, {"identity", "certificate", "--kind", "rsa2048"});
    CHECK(one.r.out == "-----BEGIN\nBB\n");
    const conversation json(200, two, {"identity", "certificate", "--kind", "pkcs7", "-o", "json"});
    CHECK(contains(json.r.out, R"("kind":"pkcs7")"));
    CHECK_FALSE(contains(json.r.out, "rsa2048"));
    const conversation early(503, R"({"error":{"code":"Unavailable","message":"being made"}})",
                             {"identity", "certificate"});
    CHECK(early.code == 1);
    CHECK(contains(early.r.err, "being made"));
}

TEST_CASE("identity wants a subcommand, and certificate a kind that there is") {
    rig r;
    CHECK(r.run({"identity"}) == 2);
    CHECK(r.run({"identity", "certificate", "--kind", "dsa2048"}) == 2);
    CHECK(r.run({"identity", "certificate", "--socket", "/nowhere/admin.sock"}) == 4);
}
