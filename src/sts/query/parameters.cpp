#include "sts/query/parameters.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "encoding/utf8.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::size_t longest_shown_name = 128;

std::string shown(std::string_view name) {
    return std::string(name.substr(0, longest_shown_name));
}

base::error malformed_input(std::string_view name, std::string_view what) {
    return wire_error("MalformedInput", "Parameter '" + shown(name) + "' " + std::string(what));
}

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_number(std::string_view segment) {
    if (!segment.empty() && (segment.front() == '-' || segment.front() == '+'))
        segment.remove_prefix(1);
    return all_digits(segment);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c;
}

/// Negative, zero or positive, as std::string_view::compare. ASCII only, as all names are.
int compare_ignoring_case(std::string_view a, std::string_view b) {
    const std::size_t shared = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shared; ++i) {
        const char x = lower(a[i]), y = lower(b[i]);
        if (x != y) return x < y ? -1 : 1;
    }
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

/// Takes "a" off "a.b.c".
std::string_view take_segment(std::string_view& path) {
    const auto dot = path.find('.');
    const std::string_view segment = path.substr(0, dot);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    return segment;
}

}  // namespace

base::result<parameters> parameters::parse(std::string_view query, std::string_view body,
                                           bool authenticated) {
    parameters out;
    for (const std::string_view part : {query, body}) {
        auto fields = encoding::parse_form(part);
        if (!fields) return wire_error("MalformedQueryString", fields.error().message);
        for (encoding::form_field& field : *fields) {
            if (!encoding::is_utf8(field.name) || !encoding::is_utf8(field.value))
                return wire_error("MalformedQueryString", "The parameters are not UTF-8");
            out.fields_.push_back(std::move(field));
        }
    }
    std::vector<const encoding::form_field*> sorted;
    sorted.reserve(out.fields_.size());
    for (const encoding::form_field& field : out.fields_)
        sorted.push_back(&field);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
        return compare_ignoring_case(a->name, b->name) < 0;
    });
    const std::string_view code =
        authenticated ? "InvalidParameterCombination" : "MalformedQueryString";
    for (std::size_t i = 1; i < sorted.size(); ++i) {
        const encoding::form_field &before = *sorted[i - 1], &here = *sorted[i];
        if (compare_ignoring_case(before.name, here.name) != 0) continue;
        // A reader that minds case and one that does not would see different requests.
        if (before.name != here.name)
            return wire_error(code, "Parameters '" + shown(before.name) + "' and '" +
                                        shown(here.name) + "' differ in letter case only");
        if (before.value != here.value)
            return wire_error(code, "Parameter '" + shown(here.name) +
                                        "' is given more than once with different values");
    }
    return out;
}

const std::string* parameters::find(std::string_view name) const {
    for (const encoding::form_field& field : fields_) {
        if (field.name == name) return &field.value;
    }
    return nullptr;
}

std::vector<std::string_view> parameters::names() const {
    std::vector<std::string_view> out;
    out.reserve(fields_.size());
    for (const encoding::form_field& field : fields_)
        out.push_back(field.name);
    return out;
}

std::optional<std::string> parameters::text(std::string_view name) const {
    const std::string* found = find(name);
    if (found == nullptr) return std::nullopt;
    return *found;
}

base::result<std::optional<std::int64_t>> parameters::integer(std::string_view name) const {
    const std::string* found = find(name);
    if (found == nullptr) return std::optional<std::int64_t>();
    std::string_view digits = *found;
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+')) digits.remove_prefix(1);
    const auto refused = [&] { return malformed_input(name, "is not an integer"); };
    if (!all_digits(digits)) return refused();
    while (digits.size() > 1 && digits.front() == '0')
        digits.remove_prefix(1);
    constexpr std::size_t most_digits = 10;
    if (digits.size() > most_digits) return refused();
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (negative) value = -value;
    if (value > std::numeric_limits<std::int32_t>::max() ||
        value < std::numeric_limits<std::int32_t>::min())
        return refused();
    return std::optional<std::int64_t>(value);
}

const std::string* parameters::element::find(std::string_view member) const {
    for (const auto& [name, value] : members) {
        if (name == member) return &value;
    }
    return nullptr;
}

std::optional<std::string> parameters::element::text(std::string_view member) const {
    const std::string* found = find(member);
    if (found == nullptr) return std::nullopt;
    return *found;
}

base::result<std::vector<parameters::element>> parameters::scalars(std::string_view name) const {
    return list(name, false);
}

base::result<std::vector<parameters::element>> parameters::structures(std::string_view name) const {
    return list(name, true);
}

base::result<std::vector<parameters::element>> parameters::list(std::string_view name,
                                                                bool structured) const {
    std::vector<element> out;
    for (const encoding::form_field& field : fields_) {
        std::string_view path = field.name;
        if (!path.starts_with(name)) continue;
        path.remove_prefix(name.size());
        if (path.empty()) {
            // SDKs send `Tags=` for an explicitly empty list.
            if (!field.value.empty()) return malformed_input(field.name, "is a list");
            continue;
        }
        if (path.front() != '.') continue;
        path.remove_prefix(1);
        const std::string_view marker = take_segment(path);
        if (marker != "member") {
            // A flattened list would be dropped without a word otherwise.
            if (is_number(marker)) return malformed_input(field.name, "lacks '.member'");
            continue;
        }
        const std::string_view index_text = take_segment(path);
        if (!all_digits(index_text)) {
            if (!structured || index_text.empty() || is_number(index_text))
                return malformed_input(field.name, "has a bad list index");
            out.emplace_back();
            continue;
        }
        std::size_t index = 0;
        const auto [end, failed] =
            std::from_chars(index_text.data(), index_text.data() + index_text.size(), index);
        if (failed != std::errc{} || index == 0 || index > out.size() + growth_guard + 1)
            return malformed_input(field.name, "has a bad list index");
        std::string_view deeper = path;
        if (is_number(take_segment(deeper)) || (!structured && !path.empty()))
            return malformed_input(field.name, "has a bad member name");
        if (out.size() < index) out.resize(index);
        element& target = out[index - 1];
        if (structured && path.empty()) continue;
        if (const std::string* before = target.find(path)) {
            if (*before != field.value)
                return wire_error("InvalidParameterCombination",
                                  "Parameter '" + shown(field.name) +
                                      "' is given more than once with different values");
            continue;
        }
        target.members.emplace_back(std::string(path), field.value);
    }
    return out;
}

}  // namespace sts
