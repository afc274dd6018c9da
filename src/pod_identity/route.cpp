#include "pod_identity/route.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "http/target.hpp"

namespace pod_identity {

namespace {

/// What Go's url.URL writes into a path without escaping.
bool stays(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
}

std::string escape_path(std::string_view path) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : path) {
        if (stays(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

/// The mux matches segments after decoding them.
bool is_credentials(std::string_view path) {
    http::path_segments segments;
    http::split_path(path, segments);
    return !segments.unroutable && !segments.trailing_slash && segments.size == 2 &&
           segments.segment[0] == "v1" && segments.segment[1] == "credentials";
}

}  // namespace

std::string clean_path(std::string_view path) {
    std::vector<std::string_view> kept;
    for (std::size_t at = 0; at <= path.size();) {
        const auto end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        if (segment == "..") {
            if (!kept.empty()) kept.pop_back();
        } else if (!segment.empty() && segment != ".") {
            kept.push_back(segment);
        }
        at = end + 1;
    }
    std::string out;
    for (const std::string_view segment : kept)
        out.append("/").append(segment);
    if (out.empty() || path.ends_with('/')) out += '/';
    return out;
}

route find_route(const http::request& request) {
    const auto target = http::split_target(request.target);
    if (!target) return {route::kind::bad_request, {}};
    const std::string clean = clean_path(target->path);
    if (clean != target->path) {
        std::string location = escape_path(clean);
        if (target->has_query) location.append("?").append(target->query);
        return {route::kind::moved, std::move(location)};
    }
    return {is_credentials(clean) ? route::kind::credentials : route::kind::not_found, {}};
}

}  // namespace pod_identity
