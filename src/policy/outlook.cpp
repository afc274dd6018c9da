#include "policy/outlook.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "base/time_text.hpp"
#include "policy/values.hpp"

namespace policy {

namespace {

/// A denial applies where its condition can not be evaluated.
bool met(const condition& c, const context& facts, bool allow) {
    const verdict v = c.evaluate(facts);
    return v == verdict::yes || (v == verdict::unevaluable && !allow);
}

bool is_time(const condition& c) {
    return c.key() == "aws:currenttime" || c.key() == "aws:epochtime";
}

bool has_variables(const condition& c) {
    std::vector<std::string> keys;
    c.add_variable_keys(keys);
    return !keys.empty();
}

context at(base::wall_time when) {
    context facts;
    facts.set("aws:CurrentTime", base::iso8601(when));
    facts.set("aws:EpochTime",
              std::to_string(std::chrono::floor<base::seconds>(when).time_since_epoch().count()));
    return facts;
}

/// A time in each stretch of time from `now` on in which none of the conditions changes.
std::vector<context> times(const std::vector<const condition*>& conditions, base::wall_time now) {
    std::vector<context> out{at(now)};
    constexpr base::seconds step{1};  // that requests tell the time by
    for (const condition* c : conditions) {
        for (const std::string& text : c->values()) {
            const auto turn = parse_date(text);
            if (!turn) continue;
            for (const base::wall_time when : {*turn - step, *turn, *turn + step}) {
                if (when > now) out.push_back(at(when));
            }
        }
    }
    return out;
}

/// The only values that meet a condition, where that can be said. A plain operator is only ever met
/// by one value.
std::optional<std::vector<std::string>> only_values(const condition& c) {
    const std::string& name = c.operation();
    if (name == "Bool") return std::vector<std::string>{"true", "false"};
    const bool literal = name == "StringEquals" || name == "NumericEquals";
    const bool pattern = name == "StringLike" || name == "ArnEquals" || name == "ArnLike";
    if (!literal && !pattern) return std::nullopt;
    for (const std::string& value : c.values()) {
        if (value.find("${") != std::string::npos) return std::nullopt;
        if (pattern && value.find_first_of("*?") != std::string::npos) return std::nullopt;
    }
    return c.values();
}

bool wants_absent(const condition& c) {
    return c.operation() == "Null" && c.evaluate({}) == verdict::yes;
}

/// Keys that always have a list of values, which plain operators never match.
bool is_list(std::string_view key) {
    return key == "aws:tagkeys" || key == "sts:transitivetagkeys";
}

/// Conditions of one statement on the same key.
bool exclude_each_other(const std::vector<const condition*>& conditions, bool allow) {
    const auto all_met = [&](const context& facts) {
        return std::all_of(conditions.begin(), conditions.end(), [&](const condition* c) {
            return has_variables(*c) || met(*c, facts, allow);
        });
    };
    for (const condition* c : conditions) {
        const bool plain = !c->operation().starts_with("For") && c->operation() != "Null";
        if (is_list(c->key()) && plain && !met(*c, {}, allow)) return true;
        // Both of Null: there or not is all that there is.
        if (wants_absent(*c) && !all_met({})) {
            context there;
            there.set(c->key(), "");
            if (!met(*c, there, allow)) return true;
        }
        const auto values = only_values(*c);
        if (!values || met(*c, {}, allow)) continue;
        const bool one = std::any_of(values->begin(), values->end(), [&](const std::string& v) {
            context facts;
            facts.set(c->key(), v);
            return all_met(facts);
        });
        if (!one) return true;
    }
    return false;
}

}  // namespace

bool can_never_hold(const statement& s, std::optional<base::wall_time> now) {
    std::vector<const condition*> timed;
    std::vector<std::vector<const condition*>> by_key;
    for (const condition& c : s.conditions) {
        if (is_time(c)) {
            timed.push_back(&c);
            continue;
        }
        const auto same = std::find_if(by_key.begin(), by_key.end(), [&](const auto& group) {
            return group.front()->key() == c.key();
        });
        if (same == by_key.end())
            by_key.push_back({&c});
        else
            same->push_back(&c);
    }
    if (now && !timed.empty()) {
        const auto moments = times(timed, *now);
        const bool ever = std::any_of(moments.begin(), moments.end(), [&](const context& facts) {
            return std::all_of(timed.begin(), timed.end(), [&](const condition* c) {
                return has_variables(*c) || met(*c, facts, s.allow);
            });
        });
        if (!ever) return true;
    }
    return std::any_of(by_key.begin(), by_key.end(),
                       [&](const auto& group) { return exclude_each_other(group, s.allow); });
}

bool holds_from_now_on(const condition& c, bool allow, base::wall_time now) {
    if (!is_time(c) || has_variables(c)) return false;
    const auto moments = times({&c}, now);
    return std::all_of(moments.begin(), moments.end(),
                       [&](const context& facts) { return met(c, facts, allow); });
}

}  // namespace policy
