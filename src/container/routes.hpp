#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace container {

/// What a path asks for.
enum class route {
    none,
    credentials_v1,  ///< the id is in the query
    credentials_v2,
    credentials_by_token,
    container,
    task,
    task_with_tags,
    container_stats,
    task_stats,
    associations,
    association,
};

struct routed {
    route to = route::none;
    int version = 0;        ///< of the metadata or credentials protocol
    std::string_view id;    ///< credentials or endpoint id; may be empty
    std::string_view type;  ///< of an association
    std::string_view name;  ///< of an association
};

/// Where the container's credentials are without an id, for AWS_CONTAINER_CREDENTIALS_FULL_URI.
inline constexpr std::string_view credentials_by_token_path = "/credentials";

/// `path`: decoded and clean. Views into it.
routed find_route(std::string_view path);

/// What may be logged of a request's target: the shape of the path, "/v2/credentials/{id...}",
/// without ids and query. Of a path that leads nowhere nothing is told: an id may be anywhere in
/// it.
std::string loggable_path(std::string_view target);

/// A request path as Go's routers see it.
struct request_path {
    std::string decoded;
    bool clean = true;     ///< false: answer 301 to `location`
    std::string location;  ///< the clean path, encoded anew
};
/// Decodes the raw path once, and cleans it as gorilla/mux does: runs of slashes, `.` and `..` go,
/// a final slash stays. An error when an escape is malformed.
base::result<request_path> read_path(std::string_view raw);

/// The first `id` of a query, decoded; empty when there is none. What does not decode is skipped,
/// as Go's URL.Query does.
std::string id_of_query(std::string_view raw_query);

}  // namespace container
