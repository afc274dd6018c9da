#include "profile/fault.hpp"

#include <array>
#include <cstdio>

#include "base/time_text.hpp"

namespace profile {

namespace {

constexpr std::array<std::pair<fault_kind, std::string_view>, 14> kinds{{
    {fault_kind::delay, "delay"},
    {fault_kind::drop, "drop"},
    {fault_kind::reset, "reset"},
    {fault_kind::status, "status"},
    {fault_kind::unavailable, "unavailable"},
    {fault_kind::unauthorized_once, "unauthorized_once"},
    {fault_kind::truncate, "truncate"},
    {fault_kind::truncate_document, "truncate_document"},
    {fault_kind::empty, "empty"},
    {fault_kind::html, "html"},
    {fault_kind::expired_document, "expired_document"},
    {fault_kind::expiring_document, "expiring_document"},
    {fault_kind::no_ttl_header, "no_ttl_header"},
    {fault_kind::extra_newline, "extra_newline"},
}};

}  // namespace

std::string_view to_string(fault_kind kind) {
    for (const auto& [known, name] : kinds)
        if (known == kind) return name;
    return {};
}

std::vector<std::string_view> fault_kind_names() {
    std::vector<std::string_view> names;
    for (const auto& entry : kinds)
        names.push_back(entry.second);
    return names;
}

std::optional<fault_kind> fault_kind_of(std::string_view name) {
    for (const auto& [kind, known] : kinds)
        if (known == name) return kind;
    return std::nullopt;
}

/// Two marks to come back to, one for each kind of star: linear memory, and at worst a quadratic
/// number of steps, for any glob.
bool path_matches(std::string_view glob, std::string_view path) {
    struct mark {
        std::size_t glob = std::string_view::npos;
        std::size_t path = 0;
    };
    mark wide;    // the last "**"
    mark narrow;  // the last "*" after it
    std::size_t g = 0;
    std::size_t p = 0;
    while (p < path.size()) {
        if (glob.substr(g, 2) == "**") {
            g += 2;
            wide = {g, p};
            narrow = {};
            continue;
        }
        if (g < glob.size() && glob[g] == '*') {
            narrow = {++g, p};
            continue;
        }
        if (g < glob.size() && (glob[g] == path[p] || (glob[g] == '?' && path[p] != '/'))) {
            ++g;
            ++p;
            continue;
        }
        if (narrow.glob != std::string_view::npos && path[narrow.path] != '/') {
            g = narrow.glob;
            p = ++narrow.path;
            continue;
        }
        if (wide.glob == std::string_view::npos) return false;
        narrow = {};
        g = wide.glob;
        p = ++wide.path;
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

std::string describe(const fault& what) {
    std::string text(to_string(what.kind));
    if (what.kind == fault_kind::status) text += " " + std::to_string(what.status);
    if (what.delay.count() != 0) text += " after " + std::to_string(what.delay.count()) + " ms";
    text +=
        " on " + (what.method.empty() ? std::string("any method") : what.method) + " " + what.path;
    if (what.count) text += ", " + std::to_string(*what.count) + " times";
    if (what.probability < 1) {
        char share[16];
        std::snprintf(share, sizeof share, "%g", what.probability);
        text += ", probability " + std::string(share);
    }
    return text;
}

std::string describe(const throttle& what) {
    return "throttled to " + std::to_string(what.requests_per_second) +
           " requests per second, burst " + std::to_string(what.burst) +
           (what.late ? ", the surplus late" : ", the surplus refused");
}

}  // namespace profile
