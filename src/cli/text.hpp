#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace cli {

/// Text from elsewhere made fit for a terminal: control characters, which could move the cursor or
/// worse, become '?'.
std::string printable(std::string_view text);

/// A member as printable text: strings, numbers and booleans; empty when it is absent, null or
/// something else.
std::string shown(const boost::json::object& from, std::string_view name);
std::optional<std::int64_t> number(const boost::json::object& from, std::string_view name);
bool truth(const boost::json::object& from, std::string_view name);
/// Null when there is no such object or array.
const boost::json::object* object_in(const boost::json::object& from, std::string_view name);
const boost::json::array* array_in(const boost::json::object& from, std::string_view name);

/// "3 profiles", "1 profile".
std::string counted(std::size_t n, std::string_view noun);

/// Left-aligned columns, two spaces between them; no line ends in spaces. Empty cells are "-".
class text_table {
public:
    explicit text_table(std::vector<std::string> head);
    void add(std::vector<std::string> row);
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace cli
