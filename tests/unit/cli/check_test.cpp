#include <boost/json/array.hpp>

#include "encoding/json.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using cli_test::contains;
using cli_test::rig;

namespace {

constexpr const char* good_file = R"(apiVersion: imdsd/v1
state_directory: /var/lib/test
listeners:
  - {name: imds, serve: imds, address: "127.0.0.1:1338"}
profiles:
  plain: {instance: {region: us-east-1}}
bindings:
  - {user: postgres, profile: plain}
admin: {socket: /nonexistent/of-the-file.sock}
)";

constexpr const char* bad_file = R"(apiVersion: imdsd/v1
listners: []
bindings:
  - {user: postgres, profile: nowhere}
)";

}  // namespace

TEST_CASE("A good configuration is summed up on standard output") {
    rig r;
    r.environment.files["/good.yaml"] = good_file;
    CHECK(r.run({"check", "/good.yaml"}) == 0);
    CAPTURE(r.err);
    CHECK(r.out == "/good.yaml: ok: 1 profile, 1 binding, 1 listener\n");
    CHECK(r.err.empty());
    r.environment.variables["IMDSD_CONFIG"] = "/good.yaml";
    CHECK(r.run({"check"}) == 0);
    CHECK(contains(r.out, "/good.yaml: ok"));
}

TEST_CASE("A bad configuration is code 3 with file and line and column of each error") {
    rig r;
    r.environment.files["/bad.yaml"] = bad_file;
    CHECK(r.run({"check", "/bad.yaml"}) == 3);
    CHECK(r.out.empty());
    CHECK(contains(r.err, "/bad.yaml:2:1: "));
    CHECK(contains(r.err, "listeners"));
    CHECK(contains(r.err, "/bad.yaml:4:"));
}

TEST_CASE("One bad file of several is code 3 and the good ones are still told") {
    rig r;
    r.environment.files["/good.yaml"] = good_file;
    r.environment.files["/bad.yaml"] = bad_file;
    CHECK(r.run({"check", "/bad.yaml", "/good.yaml"}) == 3);
    CHECK(r.out == "/good.yaml: ok: 1 profile, 1 binding, 1 listener\n");
    CHECK(r.run({"check", "/good.yaml", "/none.yaml"}) == 3);
    CHECK(contains(r.err, "/none.yaml"));
}

TEST_CASE("Check gives a list as JSON") {
    rig r;
    r.environment.files["/good.yaml"] = good_file;
    r.environment.files["/bad.yaml"] = bad_file;
    CHECK(r.run({"check", "-o", "json", "/good.yaml", "/bad.yaml"}) == 3);
    CHECK(r.err.empty());
    REQUIRE(!r.out.empty());
    CHECK(r.out.back() == '\n');
    const auto list = encoding::parse_json(std::string_view(r.out).substr(0, r.out.size() - 1));
    REQUIRE(list.has_value());
    REQUIRE(list->as_array().size() == 2);
    CHECK(list->as_array()[0].at("ok").as_bool());
    CHECK(list->as_array()[0].at("profiles").as_int64() == 1);
    const auto& bad = list->as_array()[1];
    CHECK_FALSE(bad.at("ok").as_bool());
    CHECK(bad.at("file").as_string() == "/bad.yaml");
    bool found = false;
    for (const auto& each : bad.at("diagnostics").as_array()) {
        CHECK(each.at("file").as_string() == "/bad.yaml");
        CHECK(each.at("severity").as_string() == "error");
        found = found || each.at("line").as_int64() == 2;
    }
    CHECK(found);
}

TEST_CASE("The configuration that is named tells clients the socket") {
    rig r;
    r.environment.files["/good.yaml"] = good_file;
    CHECK(r.run({"status", "--config", "/good.yaml"}) == 4);
    CHECK(contains(r.err, "/nonexistent/of-the-file.sock"));
    r.environment.variables["IMDSD_CONFIG"] = "/good.yaml";
    CHECK(r.run({"status"}) == 4);
    CHECK(contains(r.err, "/nonexistent/of-the-file.sock"));
    r.environment.variables = {{"XDG_RUNTIME_DIR", "/nonexistent"}};
    r.environment.files["/etc/imdsd/imdsd.yaml"] = good_file;
    CHECK(r.run({"status"}) == 4);
    CHECK(contains(r.err, "/nonexistent/imdsd/admin.sock"));
    CHECK(contains(r.err, "/nonexistent/of-the-file.sock"));
}

TEST_CASE("A client tries the socket that the daemon takes when none is configured") {
    std::string file = good_file;
    file.erase(file.find("admin:"));
    const std::vector<std::map<std::string, std::string>> hosts{
        {{"HOME", "/srv/u"}},
        {{"HOME", "/srv/u"}, {"XDG_RUNTIME_DIR", "/run/user/1000"}},
        {{"RUNTIME_DIRECTORY", "/run/imdsd:/run/b"}, {"STATE_DIRECTORY", "/var/lib/imdsd"}},
        {{"STATE_DIRECTORY", "/var/lib/imdsd"}},
        {{"XDG_STATE_HOME", "/srv/u/state"}},
    };
    for (const auto& variables : hosts) {
        rig r;
        r.environment.variables = variables;
        std::string text = file;
        text.erase(text.find("state_directory:"),
                   text.find("listeners:") - text.find("state_directory:"));
        r.environment.files["/a.yaml"] = text;
        const auto read = config::load("/a.yaml", r.environment);
        REQUIRE(read.loaded.has_value());
        CHECK(r.run({"status"}) == 4);
        CAPTURE(read.loaded->admin.socket, r.err);
        CHECK(contains(r.err, "  " + read.loaded->admin.socket + ": "));
    }
}
