#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace container {

/// A JSON string as Go's encoding/json writes it: besides what JSON demands, `<`, `>` and `&` are
/// escaped; what is not UTF-8 becomes U+FFFD.
std::string go_string(std::string_view text);

/// A compact JSON object whose members keep the order of the calls, with Go's habits: the ..._if
/// functions leave out what is empty (`omitempty`).
class json_object {
public:
    json_object() = default;
    /// `room`: bytes that are written without moving, for objects with secrets.
    explicit json_object(std::size_t room) { out_.reserve(room); }
    json_object& text(std::string_view name, std::string_view value);
    /// Leaves no copy of the value in memory that is freed, if there is room.
    json_object& secret(std::string_view name, std::string_view value);
    json_object& text_if(std::string_view name, std::string_view value);
    json_object& number(std::string_view name, std::int64_t value);
    /// The shortest text that reads back as the same number: 2, 0.25.
    json_object& number(std::string_view name, double value);
    json_object& boolean(std::string_view name, bool value);
    /// A value that is JSON already.
    json_object& raw(std::string_view name, std::string_view json);
    json_object& raw_if(std::string_view name, std::string_view json);
    json_object& texts_if(std::string_view name, const std::vector<std::string>& values);

    bool empty() const { return out_.size() == 1; }
    std::string take();

private:
    void key(std::string_view name);
    std::string out_ = "{";
};

/// An array of values that are JSON already.
std::string json_array(const std::vector<std::string>& values);

}  // namespace container
