#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace policy {

/// One code point read from UTF-8. `size` is 0 where the bytes are not valid UTF-8.
struct code_point {
    char32_t value = 0;
    std::size_t size = 0;
};
code_point decode_utf8(std::string_view text);
void append_utf8(char32_t value, std::string& out);

bool is_ascii(std::string_view text);
/// Length as AWS counts characters: UTF-16 code units.
std::size_t utf16_length(std::string_view text);

/// One-to-one lower case of the scripts that have case (Latin, Greek, Cyrillic, Armenian, Deseret).
/// Not full case folding: IAM keeps U+017F apart from 's'.
std::string lower_case(std::string_view text);
/// lower_case(a) == lower_case(b), without making either.
bool same_ignoring_case(std::string_view a, std::string_view b);

}  // namespace policy
