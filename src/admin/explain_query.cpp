#include "admin/explain_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ip_address.hpp"
#include "encoding/form.hpp"
#include "encoding/percent.hpp"

namespace admin {

namespace {

using text_fact = std::optional<std::string> explain_query::*;

struct named_fact {
    std::string_view name;
    text_fact member;
};

// All but `pid`, which is a number.
constexpr std::array<named_fact, 6> text_facts{{
    {"user", &explain_query::user},
    {"unit", &explain_query::unit},
    {"cgroup", &explain_query::cgroup},
    {"address", &explain_query::address},
    {"interface", &explain_query::interface},
    {"listener", &explain_query::listener},
}};

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

base::result<std::int32_t> parse_pid(std::string_view text) {
    std::int32_t pid = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, pid);
    if (problem != std::errc() || stop != end || pid <= 0) {
        return base::invalid("pid must be a process id, a positive number");
    }
    return pid;
}

base::result<void> set(explain_query& query, const std::string& name, const std::string& value) {
    const auto twice = base::invalid("'" + name + "' is given more than once");
    if (name == "pid") {
        if (query.pid) return twice;
        auto pid = parse_pid(value);
        if (!pid) return pid.error();
        query.pid = *pid;
        return {};
    }
    for (const named_fact& fact : text_facts) {
        if (fact.name != name) continue;
        if (query.*fact.member) return twice;
        if (name == "address" && !base::ip_address::parse(value)) {
            return base::invalid("address must be an IPv4 or IPv6 address");
        }
        query.*fact.member = value;
        return {};
    }
    return base::invalid(
        "unknown query name; known are user, pid, unit, cgroup, address, interface and listener");
}

}  // namespace

base::result<explain_query> parse_explain_query(std::string_view raw, query_limits limits) {
    explain_query query;
    const auto none = base::invalid("name at least one fact, such as user=NAME or pid=NUMBER");
    if (raw.empty()) return none;
    encoding::form_limits form;
    form.fields = limits.fields;
    const auto fields = encoding::parse_form(raw, form);
    if (!fields) return fields.error();
    if (fields->empty()) return none;
    for (const encoding::form_field& field : *fields) {
        if (field.value.size() > limits.value_bytes) {
            return base::invalid("a query value is too long");
        }
        if (has_control(field.value)) {
            return base::invalid("a query value holds control characters");
        }
        if (field.value.empty() && !field.name.empty()) {
            return base::invalid("a query name has no value");
        }
        const auto done = set(query, field.name, field.value);
        if (!done) return done.error();
    }
    // No caller has both: half of the question would be answered as if it had not been asked.
    if ((query.address || query.interface) &&
        (query.user || query.pid || query.unit || query.cgroup)) {
        return base::invalid(
            "address and interface are facts of callers on other hosts; user, pid, unit and cgroup "
            "are facts of callers on this one");
    }
    return query;
}

std::string format_explain_query(const explain_query& query) {
    std::string text;
    const auto add = [&text](std::string_view name, std::string_view value) {
        if (!text.empty()) text += '&';
        text += name;
        text += '=';
        encoding::percent_encode(value, text);
    };
    if (query.pid) add("pid", std::to_string(*query.pid));
    for (const named_fact& fact : text_facts) {
        if (const auto& value = query.*fact.member) add(fact.name, *value);
    }
    return text;
}

}  // namespace admin
