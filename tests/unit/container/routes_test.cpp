#include "container/routes.hpp"

#include "support/catch.hpp"

using namespace container;

TEST_CASE("every path of the agent leads somewhere") {
    const routed v2 = find_route("/v2/credentials/abc");
    CHECK(v2.to == route::credentials_v2);
    CHECK(v2.id == "abc");
    CHECK(find_route("/v2/credentials/").to == route::credentials_v2);
    CHECK(find_route("/v2/credentials/").id.empty());
    CHECK(find_route("/v2/credentials/a/b").id == "a/b");
    CHECK(find_route("/v1/credentials").to == route::credentials_v1);
    CHECK(find_route("/credentials").to == route::credentials_by_token);
    for (const int version : {3, 4}) {
        const std::string base = "/v" + std::to_string(version) + "/id";
        CHECK(find_route(base).to == route::container);
        CHECK(find_route(base).version == version);
        CHECK(find_route(base).id == "id");
        CHECK(find_route(base + "/task").to == route::task);
        CHECK(find_route(base + "/taskWithTags").to == route::task_with_tags);
        CHECK(find_route(base + "/stats").to == route::container_stats);
        CHECK(find_route(base + "/task/stats").to == route::task_stats);
        CHECK(find_route(base + "/associations/kind").to == route::associations);
        CHECK(find_route(base + "/associations/kind/").to == route::association);
        const std::string path = base + "/associations/kind/a/b";
        const routed one = find_route(path);
        CHECK(one.to == route::association);
        CHECK(one.type == "kind");
        CHECK(one.name == "a/b");
    }
    CHECK(find_route("/v4/").to == route::container);
    CHECK(find_route("/v4/").id.empty());
}

TEST_CASE("other paths lead nowhere") {
    for (const auto path : {"/", "/v1/credentials/", "/v2/credentials", "/credentials/", "/v4",
                            "/v4/id/", "/v4/id/nope", "/v4/id/task/", "/v5/id", "/v2/metadata",
                            "/api/id/task-protection/v1/state", "/latest/meta-data/"}) {
        CAPTURE(path);
        CHECK(find_route(path).to == route::none);
    }
}

TEST_CASE("paths are cleaned as Go's router does") {
    const auto location = [](std::string_view raw) {
        const auto path = read_path(raw);
        REQUIRE(path.has_value());
        return path->clean ? "clean" : path->location;
    };
    CHECK(location("/v2/credentials/x") == "clean");
    CHECK(location("/v2/credentials/") == "clean");
    CHECK(location("/") == "clean");
    CHECK(location("//v2//x") == "/v2/x");
    CHECK(location("//v2//x//") == "/v2/x/");
    CHECK(location("/a/../b") == "/b");
    CHECK(location("/a/./b/.") == "/a/b");
    CHECK(location("/../..") == "/");
    CHECK(location("/%2e%2e/v2") == "/v2");
    CHECK(location("/a%2F%2Fb") == "/a/b");
    // Nothing that breaks a header line gets into Location.
    CHECK(location("//x%0d%0aSet-Cookie:y") == "/x%0D%0ASet-Cookie:y");
    CHECK_FALSE(read_path("/%zz").has_value());
    CHECK_FALSE(read_path("/%4").has_value());
}

TEST_CASE("the id of a query") {
    CHECK(id_of_query("id=abc") == "abc");
    CHECK(id_of_query("x=1&id=a%2Db&id=c") == "a-b");
    CHECK(id_of_query("id=%zz&id=ok") == "ok");
    CHECK(id_of_query("id=a;b").empty());
    CHECK(id_of_query("id").empty());
    CHECK(id_of_query("ID=x").empty());
    CHECK(id_of_query("").empty());
}

TEST_CASE("logs get the shape of a path, not what it holds") {
    CHECK(loggable_path("/v2/credentials/abc?x=y") == "/v2/credentials/{id...}");
    CHECK(loggable_path("/v1/credentials?id=abc") == "/v1/credentials");
    CHECK(loggable_path("/v4/abc/task") == "/v4/{id}/task");
    CHECK(loggable_path("/v7/abc/task") == "unknown");
    CHECK(loggable_path("/%zz") == "unreadable");
}
