#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/report.hpp"

namespace config {

/// A YAML document as plain data: only what JSON could say too. What yaml-cpp would resolve or
/// accept silently (aliases, merge keys, tags, duplicate keys, octal, `yes`) is refused or left as
/// the text that was written.
struct node {
    enum class kind { null, scalar, sequence, mapping };
    struct entry;

    kind what = kind::null;
    position at;
    std::string text;    ///< scalar: as written, quotes and escapes undone
    bool plain = false;  ///< scalar written without quotes: may be a number or boolean
    std::vector<node> items;
    std::vector<entry> entries;

    bool is_scalar() const { return what == kind::scalar; }
    bool is_mapping() const { return what == kind::mapping; }
    bool is_sequence() const { return what == kind::sequence; }
};

struct node::entry {
    std::string key;
    position at;
    bool plain = false;  ///< key written without quotes
    node value;
};

namespace limits {
inline constexpr std::size_t file_bytes = 1 << 20;
inline constexpr std::size_t depth = 32;
inline constexpr std::size_t nodes = 100'000;
}  // namespace limits

/// Parses the text of the report's file number `file`. Problems go to the report; no value when
/// there is nothing to go on with.
std::optional<node> parse_tree(std::string_view text, std::size_t file, report& out);

}  // namespace config
