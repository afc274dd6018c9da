#include "container/routes.hpp"

#include <algorithm>
#include <array>

#include "encoding/percent.hpp"
#include "http/go_server.hpp"
#include "http/target.hpp"

namespace container {

namespace {

struct pattern {
    std::string_view path;
    route to;
    int version;
};

// All that is reachable. {id}, {type}: anything without a slash, also nothing. {id...}: anything.
// {name}: anything but nothing. The first match wins.
constexpr auto patterns = std::to_array<pattern>({
    {"/v1/credentials", route::credentials_v1, 1},
    {"/v2/credentials/{id...}", route::credentials_v2, 2},
    {credentials_by_token_path, route::credentials_by_token, 0},
    {"/v3/{id}", route::container, 3},
    {"/v3/{id}/task", route::task, 3},
    {"/v3/{id}/taskWithTags", route::task_with_tags, 3},
    {"/v3/{id}/stats", route::container_stats, 3},
    {"/v3/{id}/task/stats", route::task_stats, 3},
    {"/v3/{id}/associations/{type}", route::associations, 3},
    {"/v3/{id}/associations/{type}/", route::association, 3},
    {"/v3/{id}/associations/{type}/{name}", route::association, 3},
    {"/v4/{id}", route::container, 4},
    {"/v4/{id}/task", route::task, 4},
    {"/v4/{id}/taskWithTags", route::task_with_tags, 4},
    {"/v4/{id}/stats", route::container_stats, 4},
    {"/v4/{id}/task/stats", route::task_stats, 4},
    {"/v4/{id}/associations/{type}", route::associations, 4},
    {"/v4/{id}/associations/{type}/", route::association, 4},
    {"/v4/{id}/associations/{type}/{name}", route::association, 4},
});

bool matches(const pattern& wanted, std::string_view path, routed& found) {
    std::string_view left = wanted.path;
    while (!left.empty()) {
        if (left.front() != '{') {
            if (path.empty() || path.front() != left.front()) return false;
            left.remove_prefix(1);
            path.remove_prefix(1);
            continue;
        }
        const std::size_t end = left.find('}');
        const std::string_view variable = left.substr(1, end - 1);
        left.remove_prefix(end + 1);
        const bool greedy = variable == "id..." || variable == "name";
        const std::string_view value = greedy ? path : path.substr(0, path.find('/'));
        if (variable == "name" && value.empty()) return false;
        path.remove_prefix(value.size());
        if (variable == "type") {
            found.type = value;
        } else if (variable == "name") {
            found.name = value;
        } else {
            found.id = value;
        }
    }
    return path.empty();
}

}  // namespace

routed find_route(std::string_view path) {
    for (const pattern& candidate : patterns) {
        routed found;
        if (!matches(candidate, path, found)) continue;
        found.to = candidate.to;
        found.version = candidate.version;
        return found;
    }
    return {};
}

std::string loggable_path(std::string_view target) {
    const auto parts = http::split_target(target);
    const auto path = parts ? read_path(parts->path) : base::invalid("no target");
    if (!path) return "unreadable";
    for (const pattern& candidate : patterns) {
        routed found;
        if (matches(candidate, path->decoded, found)) return std::string(candidate.path);
    }
    return "unknown";
}

base::result<request_path> read_path(std::string_view raw) {
    auto decoded = encoding::percent_decode(raw);
    if (!decoded) return decoded.error();
    request_path path;
    path.decoded = std::move(*decoded);
    const std::string cleaned = http::go::clean_path(path.decoded);
    if (cleaned != path.decoded) {
        path.clean = false;
        path.location = http::go::escape_path(cleaned);
    }
    return path;
}

std::string id_of_query(std::string_view raw_query) {
    while (!raw_query.empty()) {
        const std::string_view pair = raw_query.substr(0, raw_query.find('&'));
        raw_query.remove_prefix(std::min(raw_query.size(), pair.size() + 1));
        if (pair.find(';') != std::string_view::npos) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const auto name = encoding::form_decode(pair.substr(0, equals));
        if (!name || *name != "id") continue;
        auto value = encoding::form_decode(pair.substr(std::min(equals + 1, pair.size())));
        if (value) return std::move(*value);
    }
    return {};
}

}  // namespace container
