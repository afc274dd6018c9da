#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace encoding {

/// A place in a text, both from 1. Columns count bytes, as compilers do.
struct text_position {
    int line = 1;
    int column = 1;
};
text_position position_of(std::string_view text, std::size_t offset);

/// Byte offset of the value to which member names and element numbers lead ({"Statement", "2"}), or
/// of the last value on the way that exists. Nothing when the text is not JSON.
std::optional<std::size_t> locate_json(std::string_view text, const std::vector<std::string>& path);

/// Byte offset of the first thing that makes a text not JSON; nothing when the grammar holds.
std::optional<std::size_t> json_failure(std::string_view text);

}  // namespace encoding
