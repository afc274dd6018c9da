#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace jose {

/// Base64url as RFC 7515 §2 wants it: without padding, white space or stray bits. Any text has one
/// form only, so a token cannot be altered without its signature noticing.
base::result<std::string> decode_base64url(std::string_view text);

}  // namespace jose
