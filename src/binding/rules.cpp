#include "binding/rules.hpp"

#include <algorithm>

namespace binding {

namespace {

/// The criteria of a rule, in the order in which they are held against a caller.
enum class criterion {
    none,  ///< nothing failed: the rule matches
    origin_unknown,
    empty_rule,
    mixed_rule,
    local_only,
    network_only,
    listener,
    user,
    group,
    unit,
    user_unit,
    user_unit_owner,
    cgroup,
    network,
    interface,
};

bool has_local_criteria(const rule& r) {
    return !r.uids.empty() || !r.gids.empty() || !r.units.empty() || !r.user_units.empty() ||
           !r.cgroups.empty();
}

bool has_network_criteria(const rule& r) {
    return !r.networks.empty() || !r.interfaces.empty();
}

template <class Value>
bool holds(const std::vector<Value>& values, const Value& value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

/// An absent fact never matches.
bool any_glob(const std::vector<std::string>& patterns, const std::optional<std::string>& fact) {
    return fact && std::any_of(patterns.begin(), patterns.end(),
                               [&](const auto& p) { return glob_matches(p, *fact); });
}

bool shares_group(const rule& r, const caller& who) {
    return who.groups && std::any_of(who.groups->begin(), who.groups->end(),
                                     [&](std::uint32_t gid) { return holds(r.gids, gid); });
}

criterion first_local_failure(const rule& r, const caller& who) {
    if (!r.uids.empty() && !(who.uid && holds(r.uids, *who.uid))) return criterion::user;
    if (!r.gids.empty() && !shares_group(r, who)) return criterion::group;
    if (!r.units.empty() && !any_glob(r.units, who.unit)) return criterion::unit;
    if (!r.user_units.empty()) {
        if (!any_glob(r.user_units, who.user_unit)) return criterion::user_unit;
        // Anyone may start a unit of any name below his own manager: the name counts only together
        // with the user that the rule names, who must own both the socket and the manager.
        if (r.uids.empty() || !who.uid || who.user_unit_uid != who.uid)
            return criterion::user_unit_owner;
    }
    if (!r.cgroups.empty() && !any_glob(r.cgroups, who.cgroup)) return criterion::cgroup;
    return criterion::none;
}

criterion first_network_failure(const rule& r, const caller& who) {
    const auto inside = [&](const auto& network) { return network.contains(*who.address); };
    if (!r.networks.empty() &&
        !(who.address && std::any_of(r.networks.begin(), r.networks.end(), inside))) {
        return criterion::network;
    }
    if (!r.interfaces.empty() && (who.interface.empty() || !holds(r.interfaces, who.interface)))
        return criterion::interface;
    return criterion::none;
}

criterion first_failure(const rule& r, const caller& who) {
    const bool local_rule = has_local_criteria(r);
    const bool network_rule = has_network_criteria(r);
    if (!local_rule && !network_rule && r.listeners.empty()) return criterion::empty_rule;
    if (local_rule && network_rule) return criterion::mixed_rule;
    switch (who.from) {
        case caller::origin::local:
            if (network_rule) return criterion::network_only;
            break;
        case caller::origin::network:
            if (!network_rule) return criterion::local_only;
            break;
        case caller::origin::unknown:
            return criterion::origin_unknown;
        default:
            return criterion::origin_unknown;
    }
    if (!r.listeners.empty() && !holds(r.listeners, who.listener)) return criterion::listener;
    return network_rule ? first_network_failure(r, who) : first_local_failure(r, who);
}

template <class Fact>
std::string shown_fact(const char* name, const std::optional<Fact>& fact) {
    if (!fact) return std::string("the caller's ") + name + " is not known";
    if constexpr (std::is_same_v<Fact, std::string>)
        return std::string(name) + " is " + *fact;
    else
        return std::string(name) + " is " + std::to_string(*fact);
}

std::string why_not(criterion failed, const caller& who) {
    switch (failed) {
        case criterion::none:
            return "matches";
        case criterion::origin_unknown:
            return who.why_unknown.empty()
                       ? "the caller is unknown"
                       : "the caller is unknown: " + std::string(who.why_unknown);
        case criterion::empty_rule:
            return "the rule has no criteria";
        case criterion::mixed_rule:
            return "the rule asks for local and network facts at once";
        case criterion::local_only:
            return "the caller is not a process of this host";
        case criterion::network_only:
            return "the caller is a process of this host";
        case criterion::listener:
            return "listener is " + who.listener;
        case criterion::user:
            return shown_fact("uid", who.uid);
        case criterion::group: {
            if (!who.groups) return "the caller's groups are not known";
            std::string text = "groups are";
            for (const auto gid : *who.groups)
                text += " " + std::to_string(gid);
            return text;
        }
        case criterion::unit:
            return shown_fact("unit", who.unit);
        case criterion::user_unit:
            return shown_fact("user unit", who.user_unit);
        case criterion::user_unit_owner:
            return "the unit belongs to another user's manager";
        case criterion::cgroup:
            return shown_fact("cgroup", who.cgroup);
        case criterion::network:
            return who.address ? "address is " + who.address->text()
                               : "the caller's address is not known";
        case criterion::interface:
            return who.interface.empty() ? "the caller's interface is not known"
                                         : "interface is " + who.interface;
    }
    return "no match";
}

std::string title(const rule& r, std::size_t index) {
    std::string text = "rule " + std::to_string(index + 1) + " (";
    if (!r.where.empty()) text += r.where + "; ";
    for (std::size_t i = 0; i < r.shown.size(); ++i)
        text += (i ? " " : "") + r.shown[i];
    return text + " -> " + r.profile + ")";
}

}  // namespace

std::string identity_of(const rule& one) {
    std::string text;
    const auto add = [&text](const std::string& part) {
        text += std::to_string(part.size()) + ":" + part + ",";
    };
    add(one.profile);
    for (const std::string& criterion : one.shown)
        add(criterion);
    return text;
}

bool glob_matches(std::string_view pattern, std::string_view text) {
    constexpr auto none = std::string_view::npos;
    std::size_t p = 0, t = 0;
    // Where to go on when a literal fails: after the last '*' of this path component, with one more
    // character of the text taken by it.
    std::size_t after_star = none, star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            after_star = ++p;
            star_text = t;
        } else if (p < pattern.size() &&
                   (pattern[p] == text[t] || (pattern[p] == '?' && text[t] != '/'))) {
            if (text[t] == '/') after_star = none;
            ++p;
            ++t;
        } else if (after_star != none && text[star_text] != '/') {
            t = ++star_text;
            p = after_star;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

rule_set::rule_set(std::vector<rule> rules) : rules_(std::move(rules)) {
    for (const rule& r : rules_) {
        needs_groups_ |= !r.gids.empty();
        needs_cgroups_ |= !r.units.empty() || !r.user_units.empty() || !r.cgroups.empty();
    }
}

decision rule_set::decide(const caller& who) const {
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        if (first_failure(rules_[i], who) == criterion::none) return {i, rules_[i].profile_index};
    }
    return {};
}

std::optional<std::size_t> rule_set::admits(const caller& who) const {
    const bool from_network = who.from == caller::origin::network;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const rule& r = rules_[i];
        if (!holds(r.listeners, who.listener)) continue;
        if (from_network && (r.networks.empty() || r.interfaces.empty())) continue;
        if (first_failure(r, who) == criterion::none) return i;
    }
    return std::nullopt;
}

std::vector<std::string> rule_set::explain(const caller& who) const {
    std::vector<std::string> lines;
    const decision decided = decide(who);
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const bool reached = !decided.rule || i <= *decided.rule;
        lines.push_back(title(rules_[i], i) + ": " +
                        (reached ? why_not(first_failure(rules_[i], who), who) : "not reached"));
    }
    lines.push_back(decided.rule     ? "granted: profile " + rules_[*decided.rule].profile
                    : rules_.empty() ? "refused: there are no bindings"
                                     : "refused: no binding matches");
    return lines;
}

}  // namespace binding
