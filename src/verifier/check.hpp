#pragma once

#include <memory>
#include <optional>

#include "http/request.hpp"
#include "verifier/objects.hpp"

namespace verifier {

/// Reads what the request claims; nothing in `out` where it fails.
std::optional<failure> read(const imdsd_verifier& by, const http::request& request,
                            base::wall_time now, sigv4::claim& out);

/// Nothing: the request is signed by the grant's key, for the grant's scope, by its caller.
std::optional<failure> check(const imdsd_verifier& by, const http::request& request,
                             const imdsd_grant& grant, base::wall_time now);

}  // namespace verifier
