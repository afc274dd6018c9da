#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imds {

/// The JSON style of EC2's metadata documents: `{`, each member on a line of its own indented by
/// two spaces, `"key" : value`, a comma at the line's end, `}` without a final newline.
class pretty_json {
public:
    pretty_json() = default;
    /// `room`: bytes that are written without moving, for documents with secrets.
    explicit pretty_json(std::size_t room) { out_.reserve(room); }
    pretty_json& text(std::string_view key, std::string_view value);
    /// Leaves no copy of the value in memory that is freed, if there is room.
    pretty_json& secret(std::string_view key, std::string_view value);
    pretty_json& null(std::string_view key);
    /// null where the value is empty.
    pretty_json& text_or_null(std::string_view key, std::string_view value);
    /// On one line, with inner blanks: `[ "a", "b" ]`; null where there are none.
    pretty_json& list_or_null(std::string_view key, const std::vector<std::string>& values);
    std::string take();

private:
    void key(std::string_view name);
    std::string out_ = "{";
    bool first_ = true;
};

}  // namespace imds
