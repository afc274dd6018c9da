#pragma once

#include <string>
#include <string_view>

#include "http/response.hpp"

/// The servers that the container protocols come from are written in Go: what its net/http and
/// gorilla/mux do by themselves, clients see, too.
namespace http::go {

/// path.Clean as the routers use it: no empty, "." and ".." segments, one slash at the start, a
/// slash at the end kept.
std::string clean_path(std::string_view path);
/// A path as url.URL writes it: what needs no escape there stays as it is.
std::string escape_path(std::string_view path);

/// http.NotFound.
void answer_not_found(response& answer);
/// What the server says of a request that it cannot parse: status and reason are in `answer`.
void answer_unparsed(response& answer);

}  // namespace http::go
