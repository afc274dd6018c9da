#pragma once

#include <optional>
#include <string>

#include "config/reader.hpp"

namespace config {

/// A YAML value as JSON text. Plain true, false, null and numbers in JSON's own notation keep their
/// types, quoted scalars are strings, and so are all other plain ones. What YAML versions read
/// differently (yes, 012, 0x1F) is reported: it has to be quoted or written as JSON has it.
std::optional<std::string> json_of(const node& value, report& out);

/// A JSON object written as a mapping, as JSON text, or in a file of its own ({file: path}).
/// The result is strictly valid JSON.
std::optional<std::string> read_json_object(const node& value, std::string_view key, context with);

/// The content of a file named in the configuration at `at`.
std::optional<std::string> read_file_value(const std::string& path, const position& at,
                                           context with);

}  // namespace config
