#pragma once

#include <string>
#include <string_view>

namespace host {

/// Lower-case hexadecimal. put_hex writes 2 * bytes.size() characters and returns their end.
char* put_hex(std::string_view bytes, char* out);
std::string hex_text(std::string_view bytes);

/// Writes digits.size() / 2 bytes; false for anything but lower-case digits in pairs.
bool get_hex(std::string_view digits, char* out);

}  // namespace host
