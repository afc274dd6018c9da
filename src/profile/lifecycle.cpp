#include "profile/lifecycle.hpp"

#include <algorithm>
#include <array>

#include "encoding/utf8.hpp"

namespace profile {

namespace {

template <class Value>
using names = std::pair<Value, std::string_view>;

constexpr std::array<names<spot_action>, 3> spot_actions{{
    {spot_action::hibernate, "hibernate"},
    {spot_action::stop, "stop"},
    {spot_action::terminate, "terminate"},
}};
constexpr std::array<names<maintenance_code>, 5> maintenance_codes{{
    {maintenance_code::instance_reboot, "instance-reboot"},
    {maintenance_code::system_reboot, "system-reboot"},
    {maintenance_code::system_maintenance, "system-maintenance"},
    {maintenance_code::instance_retirement, "instance-retirement"},
    {maintenance_code::instance_stop, "instance-stop"},
}};
constexpr std::array<names<maintenance_state>, 3> maintenance_states{{
    {maintenance_state::active, "active"},
    {maintenance_state::completed, "completed"},
    {maintenance_state::canceled, "canceled"},
}};
constexpr std::array<names<autoscaling_target>, 8> autoscaling_targets{{
    {autoscaling_target::detached, "Detached"},
    {autoscaling_target::in_service, "InService"},
    {autoscaling_target::standby, "Standby"},
    {autoscaling_target::terminated, "Terminated"},
    {autoscaling_target::warmed_hibernated, "Warmed:Hibernated"},
    {autoscaling_target::warmed_running, "Warmed:Running"},
    {autoscaling_target::warmed_stopped, "Warmed:Stopped"},
    {autoscaling_target::warmed_terminated, "Warmed:Terminated"},
}};
/// In the order of lifecycle_change's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<lifecycle_change>> kinds{
    "spot-interruption", "rebalance", "maintenance", "autoscaling", "ssh-key"};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [known, name] : table)
        if (known == value) return name;
    return {};
}

template <class Value, std::size_t size>
std::optional<Value> value_in(const std::array<names<Value>, size>& table, std::string_view name) {
    for (const auto& [value, known] : table)
        if (known == name) return value;
    return std::nullopt;
}

template <class Table>
std::vector<std::string_view> all_names(const Table& table) {
    std::vector<std::string_view> all;
    for (const auto& entry : table)
        all.push_back(entry.second);
    return all;
}

/// When the event is gone without anybody's doing; nothing: it stays.
std::optional<base::wall_time> end_of(const lifecycle_event& event) {
    if (std::holds_alternative<pushed_key>(event.what)) return event.visible + pushed_key_life;
    const auto* maintenance = std::get_if<maintenance_event>(&event.what);
    if (maintenance && maintenance->state != maintenance_state::active)
        return maintenance->closed + history_life;
    return std::nullopt;
}

bool is_over(const lifecycle_event& event, base::wall_time now) {
    const auto end = end_of(event);
    return end && now >= *end;
}

auto find(std::vector<lifecycle_event>& events, std::string_view id) {
    return std::find_if(events.begin(), events.end(), [&](const auto& e) { return e.id == id; });
}

base::error unknown(std::string_view id) {
    return base::not_found("there is no event '" + std::string(id) + "'");
}

base::result<void> close(maintenance_event& event, std::string_view id, maintenance_state as,
                         base::wall_time now) {
    if (event.state != maintenance_state::active) {
        return base::invalid("event '" + std::string(id) + "' is " +
                             std::string(to_string(event.state)) + " already");
    }
    event.state = as;
    event.closed = std::chrono::floor<base::seconds>(now);
    return {};
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// EC2 Instance Connect: SendSSHPublicKey, InstanceOSUser. The name is a part of a path, so it can
/// be none of the two that mean something else there.
bool is_os_user(std::string_view name) {
    if (name.empty() || name.size() > 32 || (!is_letter(name[0]) && name[0] != '_')) return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) ||
               std::string_view("@._$-").find(c) != std::string_view::npos;
    });
}

bool has_control(std::string_view text, std::string_view but) {
    return std::any_of(text.begin(), text.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 || byte == 0x7f) && but.find(c) == std::string_view::npos;
    });
}

base::result<void> check_key(const pushed_key& key) {
    if (!is_os_user(key.user)) {
        return base::invalid(
            "user must be a user name: a letter or '_', then letters, digits and "
            "@._$-, at most 32");
    }
    if (key.text.empty() || key.text.size() > most_key_text) {
        return base::invalid("key must be 1 to " + std::to_string(most_key_text) + " bytes");
    }
    if (has_control(key.text, "\n\t")) return base::invalid("key holds control characters");
    if (key.text.find(' ') == std::string::npos) {
        return base::invalid("key must be a public key such as 'ssh-ed25519 AAAA... name'");
    }
    return {};
}

base::result<void> check_maintenance(const maintenance_event& event) {
    if (event.description.empty() || event.description.size() > most_description) {
        return base::invalid("description must be 1 to " + std::to_string(most_description) +
                             " bytes");
    }
    if (has_control(event.description, "")) {
        return base::invalid("description holds control characters");
    }
    if (event.not_after < event.not_before) {
        return base::invalid("not-after lies before not-before");
    }
    if (event.not_before_deadline && *event.not_before_deadline < event.not_before) {
        return base::invalid("not-before-deadline lies before not-before");
    }
    return {};
}

}  // namespace

std::string_view to_string(spot_action value) {
    return name_in(spot_actions, value);
}
std::string_view to_string(maintenance_code value) {
    return name_in(maintenance_codes, value);
}
std::string_view to_string(maintenance_state value) {
    return name_in(maintenance_states, value);
}
std::string_view to_string(autoscaling_target value) {
    return name_in(autoscaling_targets, value);
}
std::optional<spot_action> spot_action_of(std::string_view name) {
    return value_in(spot_actions, name);
}
std::optional<maintenance_code> maintenance_code_of(std::string_view name) {
    return value_in(maintenance_codes, name);
}
std::optional<autoscaling_target> autoscaling_target_of(std::string_view name) {
    return value_in(autoscaling_targets, name);
}
std::vector<std::string_view> spot_action_names() {
    return all_names(spot_actions);
}
std::vector<std::string_view> maintenance_code_names() {
    return all_names(maintenance_codes);
}
std::vector<std::string_view> autoscaling_target_names() {
    return all_names(autoscaling_targets);
}

std::string_view kind_of(const lifecycle_change& what) {
    return kinds[what.index()];
}

std::vector<std::string_view> lifecycle_kinds() {
    return {kinds.begin(), kinds.end()};
}

lifecycle_state lifecycle_at(std::span<const lifecycle_event> events, std::string_view profile,
                             base::wall_time now) {
    std::vector<const lifecycle_event*> shown;
    for (const lifecycle_event& event : events) {
        const bool concerned = event.profile.empty() || event.profile == profile;
        if (concerned && event.visible <= now && !is_over(event, now)) shown.push_back(&event);
    }
    std::stable_sort(shown.begin(), shown.end(),
                     [](const auto* a, const auto* b) { return a->visible < b->visible; });
    lifecycle_state state;
    for (const lifecycle_event* event : shown) {
        if (const auto* spot = std::get_if<spot_interruption>(&event->what)) {
            state.spot = *spot;
        } else if (std::holds_alternative<rebalance_recommendation>(event->what)) {
            state.rebalance = event->visible;
        } else if (const auto* maintenance = std::get_if<maintenance_event>(&event->what)) {
            auto& list =
                maintenance->state == maintenance_state::active ? state.scheduled : state.history;
            list.push_back({event->id, *maintenance});
        } else if (const auto* target = std::get_if<autoscaling_target>(&event->what)) {
            state.autoscaling = *target;
        } else if (const auto* key = std::get_if<pushed_key>(&event->what)) {
            state.keys.push_back({*key, event->visible + pushed_key_life});
        }
    }
    return state;
}

std::optional<base::wall_time> next_change(std::span<const lifecycle_event> events,
                                           base::wall_time now) {
    std::optional<base::wall_time> next;
    const auto consider = [&](base::wall_time when) {
        if (when > now && (!next || when < *next)) next = when;
    };
    for (const lifecycle_event& event : events) {
        consider(event.visible);
        if (const auto end = end_of(event)) consider(*end);
    }
    return next;
}

base::result<void> cancel(std::vector<lifecycle_event>& events, std::string_view id,
                          base::wall_time now) {
    const auto found = find(events, id);
    if (found == events.end()) return unknown(id);
    auto* maintenance = std::get_if<maintenance_event>(&found->what);
    if (maintenance && found->visible <= now) {
        return close(*maintenance, id, maintenance_state::canceled, now);
    }
    events.erase(found);
    return {};
}

base::result<void> complete(std::vector<lifecycle_event>& events, std::string_view id,
                            base::wall_time now) {
    const auto found = find(events, id);
    if (found == events.end()) return unknown(id);
    auto* maintenance = std::get_if<maintenance_event>(&found->what);
    if (!maintenance) {
        return base::invalid("event '" + std::string(id) +
                             "' is no maintenance: only that can be completed");
    }
    if (found->visible > now) {
        return base::invalid("event '" + std::string(id) + "' is not visible yet");
    }
    return close(*maintenance, id, maintenance_state::completed, now);
}

void forget_past(std::vector<lifecycle_event>& events, base::wall_time now) {
    std::erase_if(events, [now](const auto& event) { return is_over(event, now); });
}

void forget_hidden(std::vector<lifecycle_event>& events, base::wall_time now) {
    const auto one_at_a_time = [](const lifecycle_event& event) {
        return std::holds_alternative<spot_interruption>(event.what) ||
               std::holds_alternative<rebalance_recommendation>(event.what) ||
               std::holds_alternative<autoscaling_target>(event.what);
    };
    std::vector<lifecycle_event> kept;
    for (auto event = events.begin(); event != events.end(); ++event) {
        const auto hides = [&](const lifecycle_event& other) {
            const bool later =
                &other > &*event ? other.visible >= event->visible : other.visible > event->visible;
            const bool concerned = other.profile.empty() || other.profile == event->profile;
            return later && concerned && other.visible <= now &&
                   other.what.index() == event->what.index();
        };
        if (!one_at_a_time(*event) || std::none_of(events.begin(), events.end(), hides))
            kept.push_back(*event);
    }
    events = std::move(kept);
}

base::result<void> check(const lifecycle_event& event) {
    // What is not UTF-8 could not be read back from where events are kept.
    const auto not_text = [](std::string_view what) {
        return base::invalid(std::string(what) + " must be UTF-8 text");
    };
    if (!encoding::is_utf8(event.profile)) return not_text("profile");
    if (const auto* key = std::get_if<pushed_key>(&event.what)) {
        if (!encoding::is_utf8(key->text)) return not_text("key");
        return check_key(*key);
    }
    if (const auto* maintenance = std::get_if<maintenance_event>(&event.what)) {
        if (!encoding::is_utf8(maintenance->description)) return not_text("description");
        return check_maintenance(*maintenance);
    }
    return {};
}

}  // namespace profile
