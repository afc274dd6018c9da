#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace encoding {

/// Length of the well-formed UTF-8 sequence (Unicode, table 3-7: no overlong forms, no surrogates)
/// that `text` starts with; 0 when there is none.
std::size_t utf8_sequence(std::string_view text);
bool is_utf8(std::string_view text);
/// Every byte that is not part of a well-formed sequence becomes U+FFFD.
std::string scrub_utf8(std::string_view text);

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

}  // namespace encoding
