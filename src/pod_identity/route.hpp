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

}  // namespace pod_identity
