#include "admin/key_queries.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "encoding/form.hpp"
#include "encoding/percent.hpp"

namespace admin {

namespace {

using action = key_request::action;

constexpr std::size_t most_fields = 3;
constexpr std::size_t longest_purpose = 64;

bool makes_a_key(action what) {
    return what == action::publish || what == action::rotate;
}

bool can_be_forced(action what) {
    return what == action::activate || what == action::rotate || what == action::retire;
}

std::optional<std::uint16_t> key_id(std::string_view text) {
    std::uint16_t id = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data(), end, id);
    if (failed != std::errc{} || stop != end || id == 0 || text.front() == '0') return std::nullopt;
    return id;
}

base::result<void> set(key_request& request, std::string_view name, const std::string& value) {
    if (name == "purpose" && makes_a_key(request.what)) {
        const bool word = std::all_of(value.begin(), value.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
        if (value.empty() || value.size() > longest_purpose || !word)
            return base::invalid("purpose must be the name of one");
        request.purpose = value;
        return {};
    }
    if (name == "key" && !makes_a_key(request.what)) {
        const auto id = key_id(value);
        if (!id) return base::invalid("key must be a number from 1 to 65535");
        request.key = *id;
        return {};
    }
    if (name == "force" && can_be_forced(request.what)) {
        if (value != "true") return base::invalid("force must be true");
        request.force = true;
        return {};
    }
    return base::invalid("'" + std::string(name) + "' does not belong to " +
                         std::string(to_string(request.what)));
}

}  // namespace

std::string_view to_string(action what) {
    switch (what) {
        case action::publish:
            return "publish";
        case action::activate:
            return "activate";
        case action::rotate:
            return "rotate";
        case action::retire:
            return "retire";
        case action::revoke:
            return "revoke";
    }
    return "unknown";
}

base::result<key_request> parse_key_query(action what, std::string_view raw) {
    key_request request;
    request.what = what;
    if (!raw.empty()) {
        encoding::form_limits limits;
        limits.fields = most_fields;
        const auto fields = encoding::parse_form(raw, limits);
        if (!fields) return fields.error();
        std::set<std::string_view> seen;
        for (const encoding::form_field& field : *fields) {
            if (!seen.insert(field.name).second)
                return base::invalid("'" + field.name + "' is given more than once");
            if (const auto done = set(request, field.name, field.value); !done) return done.error();
        }
    }
    if (!makes_a_key(what) && request.key == 0) return base::invalid("key is missing");
    return request;
}

std::string format_key_query(const key_request& request) {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view value) {
        if (!out.empty()) out += '&';
        out += name;
        out += '=';
        encoding::percent_encode(value, out);
    };
    if (!request.purpose.empty()) add("purpose", request.purpose);
    if (request.key != 0) add("key", std::to_string(request.key));
    if (request.force) add("force", "true");
    return out;
}

}  // namespace admin
