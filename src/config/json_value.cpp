#include "config/json_value.hpp"

#include <algorithm>
#include <array>

#include "encoding/json.hpp"

namespace config {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at]))
        ++at;
    return at;
}

/// RFC 8259, section 6.
bool is_json_number(std::string_view text) {
    std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
    const std::size_t integer = at;
    at = skip_digits(text, at);
    if (at == integer || (at - integer > 1 && text[integer] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = ++at;
        at = skip_digits(text, at);
        if (at == fraction) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const std::size_t exponent = at;
        at = skip_digits(text, at);
        if (at == exponent) return false;
    }
    return at == text.size();
}

/// YAML 1.1: 1:30 is 90.
bool is_sexagesimal(std::string_view text) {
    std::size_t digits = skip_digits(text, 0);
    if (digits == 0) return false;
    while (text.size() > digits) {
        if (text[digits] != ':') return false;
        text.remove_prefix(digits + 1);
        digits = skip_digits(text, 0);
        if (digits == 0 || digits > 2) return false;
    }
    return true;
}

/// Plain text that some YAML version takes for a number (octal, hex, binary, 1_000, .5, 1., +1,
/// 1:30, .inf), though JSON does not.
bool is_number_elsewhere(std::string_view text) {
    if (text.substr(0, 1) == "+" || text.substr(0, 1) == "-") text.remove_prefix(1);
    if (text.empty()) return false;
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    if (lower == ".inf" || lower == ".nan") return true;
    if (lower.substr(0, 2) == "0x")
        return lower.find_first_not_of("0123456789abcdef_", 2) == std::string::npos;
    if (lower.substr(0, 2) == "0o" || lower.substr(0, 2) == "0b")
        return lower.find_first_not_of("01234567_", 2) == std::string::npos;
    const auto colon = lower.find(':');
    if (colon != std::string::npos) return is_sexagesimal(lower);
    return (is_digit(lower[0]) || (lower[0] == '.' && lower.size() > 1 && is_digit(lower[1]))) &&
           lower.find_first_not_of("0123456789_.") == std::string::npos &&
           std::count(lower.begin(), lower.end(), '.') <= 1;
}

/// Words that YAML 1.1 takes for booleans and YAML 1.2 for strings.
bool is_boolean_elsewhere(std::string_view text) {
    static constexpr std::array<std::string_view, 22> words = {
        "yes", "Yes", "YES", "no", "No", "NO",   "on",   "On",    "ON",    "off",  "Off",
        "OFF", "y",   "Y",   "n",  "N",  "True", "TRUE", "False", "FALSE", "Null", "NULL"};
    return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<std::string> scalar_json(const node& value, report& out) {
    if (!value.plain) return encoding::json_quoted(value.text);
    if (value.text == "true" || value.text == "false" || is_json_number(value.text))
        return value.text;
    if (is_boolean_elsewhere(value.text)) {
        out.error(value.at, quoted(value.text) +
                                " is a boolean to some and text to others; quote it, or write true "
                                "or false");
        return std::nullopt;
    }
    if (is_number_elsewhere(value.text)) {
        out.error(value.at, quoted(value.text) +
                                " is a number to some and text to others; quote it, or write a "
                                "plain decimal number");
        return std::nullopt;
    }
    return encoding::json_quoted(value.text);
}

bool append_json(const node& value, report& out, std::string& text) {
    bool good = true;
    bool first = true;
    const auto separate = [&] {
        if (!first) text += ',';
        first = false;
    };
    switch (value.what) {
        case node::kind::null:
            text += "null";
            return true;
        case node::kind::scalar:
            if (const auto scalar = scalar_json(value, out)) {
                text += *scalar;
                return true;
            }
            return false;
        case node::kind::sequence:
            text += '[';
            for (const node& item : value.items) {
                separate();
                good &= append_json(item, out, text);
            }
            text += ']';
            return good;
        case node::kind::mapping:
            text += '{';
            for (const auto& entry : value.entries) {
                separate();
                text += encoding::json_quoted(entry.key) + ":";
                good &= append_json(entry.value, out, text);
            }
            text += '}';
            return good;
    }
    return false;
}

}  // namespace

std::optional<std::string> json_of(const node& value, report& out) {
    std::string text;
    if (!append_json(value, out, text)) return std::nullopt;
    return text;
}

std::optional<std::string> read_file_value(const std::string& path, const position& at,
                                           context with) {
    const auto full = with.out.path_from(at, path);
    auto content = with.from.read_file(full);
    if (!content) {
        with.out.error(at, content.error().message);
        return std::nullopt;
    }
    if (content->size() > limits::file_bytes) {
        with.out.error(at,
                       full + " is bigger than " + std::to_string(limits::file_bytes) + " bytes");
        return std::nullopt;
    }
    return std::move(*content);
}

std::optional<std::string> read_json_object(const node& value, std::string_view key, context with) {
    std::optional<std::string> text;
    std::string origin = quoted(key);
    if (value.is_mapping()) {
        const bool in_file = value.entries.size() == 1 && value.entries[0].key == "file";
        if (!in_file) return json_of(value, with.out);
        const node& path = value.entries[0].value;
        const auto name = read_text(path, "file", with.out);
        if (!name) return std::nullopt;
        text = read_file_value(*name, path.at, with);
        origin = with.out.path_from(path.at, *name);
    } else {
        text = read_text(value, key, with.out);
    }
    if (!text) return std::nullopt;
    const auto parsed = encoding::parse_json(*text);
    if (!parsed) {
        with.out.error(value.at, origin + ": " + parsed.error().message);
        return std::nullopt;
    }
    if (!parsed->is_object()) {
        with.out.error(value.at, origin + " must be a JSON object");
        return std::nullopt;
    }
    return text;
}

}  // namespace config
