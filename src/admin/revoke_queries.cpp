#include "admin/revoke_queries.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/time_text.hpp"
#include "encoding/form.hpp"
#include "encoding/percent.hpp"
#include "encoding/utf8.hpp"

namespace admin {

namespace {

using target = revoke_request::target;

constexpr std::array targets{target::role, target::user, target::root, target::session,
                             target::key};
constexpr std::size_t most_fields = 4;
constexpr std::size_t longest_subject = 2048;  // as the longest ARN
constexpr std::size_t longest_reason = 256;
constexpr std::size_t session_digits = 32;
constexpr std::size_t shortest_key_id = 16, longest_key_id = 128;

bool is_word(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
}

bool is_session_id(std::string_view text) {
    return text.size() == session_digits && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

bool is_line(std::string_view text) {
    return encoding::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
           });
}

base::result<void> set(revoke_request& request, std::string_view name, const std::string& value) {
    if (name == "of") {
        const auto what = parse_revoke_target(value);
        if (!what) return base::invalid("of must be role, user, root, session or key");
        request.what = *what;
        return {};
    }
    if (name == "subject") {
        if (value.empty() || value.size() > longest_subject || !is_line(value))
            return base::invalid("subject must be 1 to 2048 bytes of text");
        request.subject = value;
        return {};
    }
    if (name == "before") {
        const auto time = base::parse_iso8601(value);
        if (!time) return base::invalid("before must be a time such as 2026-11-22T08:09:10Z");
        request.before = *time;
        return {};
    }
    if (name == "reason") {
        if (value.empty() || value.size() > longest_reason || !is_line(value))
            return base::invalid("reason must be 1 to 256 bytes of text on one line");
        request.reason = value;
        return {};
    }
    return base::invalid("unknown field '" + std::string(name) + "'");
}

base::result<void> check(const revoke_request& request) {
    const bool single = request.what == target::session || request.what == target::key;
    if (single && request.before)
        return base::invalid("'before' does not belong to a " +
                             std::string(to_string(request.what)));
    if (request.what == target::session && !is_session_id(request.subject))
        return base::invalid("a session has 32 hexadecimal digits, as audit records show it");
    if (request.what == target::key &&
        (!is_word(request.subject) || request.subject.size() < shortest_key_id ||
         request.subject.size() > longest_key_id)) {
        return base::invalid("an access key id is 16 to 128 letters, digits and '_'");
    }
    return {};
}

}  // namespace

std::string_view to_string(target what) {
    switch (what) {
        case target::role:
            return "role";
        case target::user:
            return "user";
        case target::root:
            return "root";
        case target::session:
            return "session";
        case target::key:
            return "key";
    }
    return "unknown";
}

std::optional<target> parse_revoke_target(std::string_view text) {
    for (const target one : targets)
        if (to_string(one) == text) return one;
    return std::nullopt;
}

base::result<revoke_request> parse_revoke_query(std::string_view raw) {
    revoke_request request;
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
    for (const std::string_view needed : {"of", "subject"})
        if (seen.count(needed) == 0) return base::invalid(std::string(needed) + " is missing");
    if (const auto good = check(request); !good) return good.error();
    return request;
}

std::string format_revoke_query(const revoke_request& request) {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view value) {
        if (!out.empty()) out += '&';
        out += name;
        out += '=';
        encoding::percent_encode(value, out);
    };
    add("of", to_string(request.what));
    add("subject", request.subject);
    if (request.before) add("before", base::iso8601(*request.before));
    if (!request.reason.empty()) add("reason", request.reason);
    return out;
}

}  // namespace admin
