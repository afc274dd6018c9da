#include "pod_identity/route.hpp"

#include <string_view>

#include "http/go_server.hpp"
#include "http/target.hpp"

namespace pod_identity {

namespace {

/// The mux matches segments after decoding them.
bool is_credentials(std::string_view path) {
    http::path_segments segments;
    http::split_path(path, segments);
    return !segments.unroutable && !segments.trailing_slash && segments.size == 2 &&
           segments.segment[0] == "v1" && segments.segment[1] == "credentials";
}

}  // namespace

route find_route(const http::request& request) {
    const auto target = http::split_target(request.target);
    if (!target) return {route::kind::bad_request, {}};
    const std::string clean = http::go::clean_path(target->path);
    if (clean != target->path) {
        std::string location = http::go::escape_path(clean);
        if (!target->query.empty()) location.append("?").append(target->query);
        return {route::kind::moved, std::move(location)};
    }
    return {is_credentials(clean) ? route::kind::credentials : route::kind::not_found, {}};
}

}  // namespace pod_identity
