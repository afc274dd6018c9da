#include "cli/text.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace cli {

namespace {

/// Columns that UTF-8 text takes, near enough: one for each code point.
std::size_t width(std::string_view text) {
    return std::size_t(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (byte < 0x20 || byte == 0x7f) {
            clean += '?';
        } else if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {
            // U+0080 to U+009F: C1 controls, among them a one-character CSI.
            clean += '?';
            ++i;
        } else {
            clean += text[i];
        }
    }
    return clean;
}

std::string shown(const boost::json::object& from, std::string_view name) {
    const boost::json::value* value = from.if_contains(name);
    if (value == nullptr) return {};
    if (const boost::json::string* text = value->if_string()) return printable(*text);
    if (value->is_bool()) return value->get_bool() ? "yes" : "no";
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (value->is_uint64()) return std::to_string(value->get_uint64());
    if (value->is_double()) return std::to_string(std::int64_t(value->get_double()));
    return {};
}

std::optional<std::int64_t> number(const boost::json::object& from, std::string_view name) {
    const boost::json::value* value = from.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    boost::system::error_code problem;
    const auto n = value->to_number<std::int64_t>(problem);
    if (problem) return std::nullopt;
    return n;
}

bool truth(const boost::json::object& from, std::string_view name) {
    const boost::json::value* value = from.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

const boost::json::object* object_in(const boost::json::object& from, std::string_view name) {
    const boost::json::value* value = from.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

const boost::json::array* array_in(const boost::json::object& from, std::string_view name) {
    const boost::json::value* value = from.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

std::string counted(std::size_t n, std::string_view noun) {
    std::string text = std::to_string(n) + ' ' + std::string(noun);
    if (n != 1) text += 's';
    return text;
}

text_table::text_table(std::vector<std::string> head) {
    rows_.push_back(std::move(head));
}

void text_table::add(std::vector<std::string> row) {
    row.resize(rows_.front().size());
    for (std::string& cell : row) {
        if (cell.empty()) cell = "-";
    }
    rows_.push_back(std::move(row));
}

std::string text_table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string all;
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            all += row[i];
            if (i + 1 < row.size()) all.append(widths[i] - width(row[i]) + 2, ' ');
        }
        all += '\n';
    }
    return all;
}

}  // namespace cli
