#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace sigv4 {

base::error missing_authentication();
base::error incomplete_signature(std::string message);
base::error does_not_match(std::string message);
/// S3's own code for a request without what it needs.
base::error invalid_request(std::string message);

/// A piece of a peer's text that is fit for a message: quoted, and '' when it is long or not plain
/// printable ASCII. Never used on the Authorization header as a whole.
std::string quoted(std::string_view text);

}  // namespace sigv4
