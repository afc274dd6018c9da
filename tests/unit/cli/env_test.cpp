#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../admin/scripted_server.hpp"
#include "rig.hpp"
#include "support/catch.hpp"

using admin_test::scripted_server;
using cli_test::contains;
using cli_test::rig;

namespace {

const std::string told =
    R"({"apiVersion":"imdsd/v1","allowed":true,"profile":"web","rule":"a.yaml:4","variables":{)"
    R"("AWS_CONTAINER_CREDENTIALS_FULL_URI":"http://127.0.0.1:1339/credentials",)"
    R"("AWS_CONTAINER_AUTHORIZATION_TOKEN":"tok'en"}})";

struct conversation {
    rig r;
    int code = -1;
    std::string request_line;

    conversation(std::string body, std::vector<std::string> arguments,
                 std::map<std::string, std::string> variables = {}) {
        scripted_server server([body = std::move(body)](int fd) {
            scripted_server::send(fd, "HTTP/1.1 200 X\r\nContent-Length: " +
                                          std::to_string(body.size()) + "\r\n\r\n" + body);
        });
        r.environment.variables = std::move(variables);
        arguments.insert(arguments.begin(), "env");
        arguments.push_back("--socket");
        arguments.push_back(server.path());
        code = r.run(std::move(arguments));
        const std::string& request = server.request();
        request_line = request.substr(0, request.find('\r'));
    }
};

}  // namespace

TEST_CASE("Env prints what a shell takes") {
    const conversation own(told, {});
    CHECK(own.code == 0);
    CHECK(own.request_line == "GET /v1/env HTTP/1.1");
    CHECK(own.r.out ==
          "export AWS_CONTAINER_CREDENTIALS_FULL_URI='http://127.0.0.1:1339/credentials'\n"
          "export AWS_CONTAINER_AUTHORIZATION_TOKEN='tok'\\''en'\n");
    const conversation json(told, {"-o", "json"});
    CHECK(json.r.out == told + "\n");
}

TEST_CASE("Env asks for a profile's or a binding's") {
    CHECK(conversation(told, {"--profile", "w b"}).request_line ==
          "GET /v1/env/of?profile=w%20b HTTP/1.1");
    CHECK(conversation(told, {"--binding", "/a.yaml:4"}).request_line ==
          "GET /v1/env/of?binding=%2Fa.yaml%3A4 HTTP/1.1");
    CHECK(rig().run({"env", "--profile", "a", "--binding", "b"}) == 2);
}

TEST_CASE("Env keeps the token in a file") {
    char folder[] = "/tmp/imdsd-env-XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    const std::string path = std::string(folder) + "/token";
    const conversation kept(told, {"--token-file", path});
    CHECK(kept.code == 0);
    CHECK_FALSE(contains(kept.r.out, "tok'"));
    CHECK(contains(kept.r.out, "export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE='" + path + "'\n"));
    std::ifstream file(path);
    std::stringstream content;
    content << file.rdbuf();
    CHECK(content.str() == "tok'en");
    using std::filesystem::perms;
    CHECK(std::filesystem::status(path).permissions() == (perms::owner_read | perms::owner_write));
    const conversation nowhere(told, {"--token-file", std::string(folder) + "/none/token"});
    CHECK(nowhere.code == 1);
    CHECK(nowhere.r.out.empty());
    const conversation tokenless(R"({"allowed":true,"variables":{"A":"b"}})",
                                 {"--token-file", path});
    CHECK(tokenless.code == 1);
    std::filesystem::remove_all(folder);
}

TEST_CASE("Env says why there is nothing to print") {
    const std::string refused = R"({"allowed":false,"reason":"no binding matches uid=7"})";
    const conversation own(refused, {});
    CHECK(own.code == 5);
    CHECK(contains(own.r.err, "no binding matches uid=7"));
    CHECK(conversation(refused, {"--profile", "p"}).code == 1);
    CHECK(conversation(R"({"allowed":true,"variables":{}})", {}).code == 1);
}

TEST_CASE("Env keeps proxies out of the way") {
    const auto listed = [](std::map<std::string, std::string> variables) {
        const conversation done(told, {}, std::move(variables));
        const auto at = done.r.out.find("export NO_PROXY=");
        if (at == std::string::npos) return std::string();
        return done.r.out.substr(at + 16, done.r.out.find('\n', at) - at - 16);
    };
    CHECK(listed({}).empty());
    CHECK(listed({{"http_proxy", "http://proxy"}}) == "'127.0.0.1'");
    CHECK(listed({{"HTTP_PROXY", "http://proxy"}, {"NO_PROXY", "a,b"}}) == "'a,b,127.0.0.1'");
    CHECK(listed({{"HTTP_PROXY", "http://proxy"}, {"NO_PROXY", "a, 127.0.0.1"}}).empty());
    CHECK(listed({{"HTTP_PROXY", "http://proxy"}, {"no_proxy", "*"}}).empty());
}
