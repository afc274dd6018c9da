#pragma once

#include <string>

#include "http/request.hpp"

namespace pod_identity {

/// Where a request goes, as Go's net/http.ServeMux decides it for the agent's one pattern.
struct route {
    enum class kind {
        credentials,  ///< exactly /v1/credentials, with any method
        moved,        ///< the path is not clean: `location` is where it should have gone
        not_found,
        bad_request,  ///< the target cannot be parsed
    };
    kind what = kind::not_found;
    std::string location;
};

route find_route(const http::request& request);

/// path.Clean as the mux uses it: no empty, "." and ".." segments, one slash at the start, a slash
/// at the end kept.
std::string clean_path(std::string_view path);

}  // namespace pod_identity
