#include <charconv>
#include <cstdint>

#include "binding/caller.hpp"

namespace binding {

namespace {

constexpr std::size_t longest_unit_name = 255;  // systemd.unit(5)
constexpr std::string_view slice_suffix = ".slice";

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() > suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

/// systemd.unit(5): letters, digits, ":-_.\" and '@'. Escaped characters appear as "\x2d".
bool is_unit_name(std::string_view name) {
    if (name.size() > longest_unit_name) return false;
    for (const char c : name) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view(":-_.\\@").find(c) != std::string_view::npos;
        if (!good) return false;
    }
    return true;
}

/// A unit of a kind that has a cgroup of its own with processes in it.
bool is_unit(std::string_view name) {
    if (!is_unit_name(name)) return false;
    for (const std::string_view suffix : {".service", ".scope", ".socket", ".mount", ".swap"})
        if (ends_with(name, suffix)) return true;
    return false;
}

/// systemd.slice(5): a-b.slice lies in a.slice, and nowhere else.
bool is_slice_below(std::string_view name, std::string_view parent) {
    if (!is_unit_name(name) || !ends_with(name, slice_suffix)) return false;
    const auto stem = name.substr(0, name.size() - slice_suffix.size());
    if (stem.front() == '-' || stem.back() == '-') return false;
    const auto dash = stem.rfind('-');
    if (parent.empty()) return dash == std::string_view::npos;
    return dash != std::string_view::npos &&
           stem.substr(0, dash) == parent.substr(0, parent.size() - slice_suffix.size());
}

/// systemd puts '_' before names that the kernel's own files could clash with ("memory.service").
std::string_view unescaped(std::string_view component) {
    if (!component.empty() && component.front() == '_') component.remove_prefix(1);
    return component;
}

struct unit_place {
    std::string_view unit;
    std::string_view slice;  ///< that it lies in; empty: the root slice
    std::string_view below;  ///< the path within the unit, empty or starting with '/'
};

/// The first component of `path` that is no slice, if it is a unit: `path` starts at the root of a
/// service manager.
std::optional<unit_place> first_unit(std::string_view path) {
    std::string_view slice;
    while (!path.empty() && path.front() == '/') {
        path.remove_prefix(1);
        const auto component = path.substr(0, path.find('/'));
        path.remove_prefix(component.size());
        const auto name = unescaped(component);
        if (is_slice_below(name, slice)) {
            slice = name;
        } else if (is_unit(name)) {
            return unit_place{name, slice, path};
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

/// The UID of user-UID.slice and user@UID.service, which must agree (and be written plainly).
std::optional<std::uint32_t> user_manager_uid(const unit_place& place) {
    constexpr std::string_view prefix = "user@", suffix = ".service";
    if (place.unit.size() <= prefix.size() + suffix.size() ||
        place.unit.substr(0, prefix.size()) != prefix || !ends_with(place.unit, suffix)) {
        return std::nullopt;
    }
    const auto digits =
        place.unit.substr(prefix.size(), place.unit.size() - prefix.size() - suffix.size());
    std::uint32_t uid = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), uid);
    if (failed != std::errc{} || std::to_string(uid) != digits || uid == UINT32_MAX ||
        place.slice != "user-" + std::to_string(uid) + ".slice") {
        return std::nullopt;
    }
    return uid;
}

}  // namespace

unit_facts units_of_cgroup(std::string_view path) {
    unit_facts facts;
    const auto place = first_unit(path);
    if (!place) return facts;
    if (place->below.empty()) {
        facts.unit = std::string(place->unit);
        return facts;
    }
    const auto uid = user_manager_uid(*place);
    if (!uid) return facts;
    const auto inner = first_unit(place->below);
    if (inner && inner->below.empty()) {
        facts.user_unit = std::string(inner->unit);
        facts.user_unit_uid = uid;
    }
    return facts;
}

}  // namespace binding
