#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace encoding {

/// RFC 4648 §4, with padding, no line breaks.
std::string base64(std::string_view bytes);
/// RFC 4648 §5 alphabet; `padded` chooses whether '=' is written.
std::string base64url(std::string_view bytes, bool padded);
/// Strict: canonical padding, no white space, no stray bits in the last character.
base::result<std::string> decode_base64(std::string_view text);
/// Strict; accepts both the padded and the unpadded form.
base::result<std::string> decode_base64url(std::string_view text);
/// Lower-case hexadecimal.
std::string hex(std::string_view bytes);
/// Strict, lower or upper case.
base::result<std::string> decode_hex(std::string_view text);
/// RFC 4648 §6 alphabet (A-Z2-7), without padding.
std::string base32(std::string_view bytes);
base::result<std::string> decode_base32(std::string_view text);

}  // namespace encoding
