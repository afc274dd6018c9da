#include <algorithm>
#include <functional>

#include "base/ip_address.hpp"
#include "config/sections.hpp"

namespace config {

namespace {

constexpr std::size_t most_bindings = 10'000;
constexpr std::size_t most_values = 256;
constexpr std::size_t longest_glob = 1024;
// The kernel shows this uid (kernel.overflowuid) for users that have none here.
constexpr std::uint32_t overflow_uid = 65534;
constexpr std::int64_t most_id = 4294967294;

constexpr std::string_view unit_suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};

class binding_reader {
public:
    binding_reader(const node& value, const configuration& so_far, context with)
        : fields_(value, sections::binding, with.out), so_far_(so_far), with_(with) {}

    binding::rule read() {
        rule_.where = with_.out.file(fields_.at()) + ":" + std::to_string(fields_.at().line);
        each("user", [&](const node& value) { add_user(value); });
        each("group", [&](const node& value) { add_group(value); });
        each("unit", [&](const node& value) { add_unit(value, rule_.units); });
        each("user_unit", [&](const node& value) { add_unit(value, rule_.user_units); });
        each("cgroup", [&](const node& value) { add_cgroup(value); });
        each("source_network", [&](const node& value) { add_network(value); });
        each("interface", [&](const node& value) { add_interface(value); });
        each("listener", [&](const node& value) { add_listener(value); });
        check_criteria();
        read_profile();
        return std::move(rule_);
    }

private:
    void each(std::string_view key, const std::function<void(const node&)>& add) {
        const node* value = fields_.find(key);
        if (!value) return;
        ++criteria_;
        const auto values = one_or_more(*value, key, with_.out);
        if (values.size() > most_values) {
            with_.out.error(value->at,
                            "more than " + std::to_string(most_values) + " values; use a group");
            return;
        }
        std::string shown(key);
        for (const node* one : values) {
            shown += (one == values.front() ? "=" : ",") + one->text;
            if (one->text.empty())
                with_.out.error(one->at, quoted(key) + " must not be empty");
            else
                add(*one);
        }
        rule_.shown.push_back(std::move(shown));
    }

    /// Plain numbers are ids; everything else, quoted numbers too, is a name.
    static bool is_number(const node& value) {
        return value.plain && std::all_of(value.text.begin(), value.text.end(),
                                          [](char c) { return c >= '0' && c <= '9'; });
    }

    void add_user(const node& value) {
        std::optional<std::uint32_t> uid;
        if (is_number(value)) {
            if (const auto number = read_integer(value, "user", 0, most_id, with_.out))
                uid = std::uint32_t(*number);
        } else if (value.text == "self") {
            uid = with_.from.own_uid();
        } else {
            uid = with_.from.uid_of_user(value.text);
            if (!uid) with_.out.error(value.at, "there is no user " + quoted(value.text));
        }
        if (!uid) return;
        if (*uid == overflow_uid) {
            with_.out.warning(value.at,
                              "uid 65534 stands for users unknown to the kernel: such callers are "
                              "always refused");
        }
        rule_.uids.push_back(*uid);
    }

    void add_group(const node& value) {
        if (is_number(value)) {
            if (const auto number = read_integer(value, "group", 0, most_id, with_.out))
                rule_.gids.push_back(std::uint32_t(*number));
        } else if (const auto gid = with_.from.gid_of_group(value.text)) {
            rule_.gids.push_back(*gid);
        } else {
            with_.out.error(value.at, "there is no group " + quoted(value.text));
        }
    }

    bool is_glob(const node& value, std::string_view key) {
        if (value.text.size() <= longest_glob) return true;
        with_.out.error(value.at,
                        quoted(key) + " is longer than " + std::to_string(longest_glob) + " bytes");
        return false;
    }

    void add_unit(const node& value, std::vector<std::string>& into) {
        const std::string_view text = value.text;
        if (!is_glob(value, "unit")) return;
        const bool suffixed =
            text.back() == '*' ||
            std::any_of(std::begin(unit_suffixes), std::end(unit_suffixes),
                        [&](std::string_view suffix) { return text.ends_with(suffix); });
        if (text.find('/') != std::string_view::npos || !suffixed) {
            with_.out.error(
                value.at,
                quoted(text) + " is no name of a unit with a cgroup, such as " + "backup.service");
            return;
        }
        into.emplace_back(text);
    }

    void add_cgroup(const node& value) {
        const std::string_view text = value.text;
        if (!is_glob(value, "cgroup")) return;
        if (text.front() != '/' || text.size() < 2 || text.back() == '/') {
            with_.out.error(value.at,
                            "'cgroup' must be a path from the cgroup root, such as "
                            "/system.slice/backup*.service");
            return;
        }
        rule_.cgroups.emplace_back(text);
    }

    void add_network(const node& value) {
        if (auto network = base::ip_network::parse(value.text))
            rule_.networks.push_back(*network);
        else
            with_.out.error(value.at, network.error().message);
    }

    void add_interface(const node& value) {
        if (is_interface_name(value.text))
            rule_.interfaces.push_back(value.text);
        else
            with_.out.error(value.at, quoted(value.text) + " is no name of a device");
    }

    void add_listener(const node& value) {
        const auto& listeners = so_far_.listeners;
        const auto found = std::find_if(listeners.begin(), listeners.end(),
                                        [&](const auto& l) { return l.name == value.text; });
        if (found == listeners.end()) {
            std::vector<std::string_view> known;
            for (const auto& l : listeners)
                known.push_back(l.name);
            with_.out.error(value.at, "there is no listener " + quoted(value.text) +
                                          suggestion(value.text, known));
        } else if (found->serves == listener::kind::sts ||
                   found->serves == listener::kind::health) {
            with_.out.error(value.at, "listener " + quoted(value.text) + " serves " +
                                          to_string(found->serves) +
                                          ": bindings have no say there");
        } else {
            rule_.listeners.push_back(value.text);
        }
    }

    void check_criteria() {
        if (criteria_ == 0) {
            with_.out.error(fields_.at(),
                            "a binding needs at least one of user, group, unit, "
                            "cgroup, source_network, interface and listener");
        }
        const bool local = fields_.find("user") || fields_.find("group") || fields_.find("unit") ||
                           fields_.find("user_unit") || fields_.find("cgroup");
        if (local && (fields_.find("source_network") || fields_.find("interface"))) {
            with_.out.error(fields_.at(),
                            "no caller is both local (user, group, unit, cgroup) and from a "
                            "network (source_network, interface)");
        }
        if (fields_.find("user_unit") && !fields_.find("user")) {
            with_.out.error(fields_.at("user_unit"),
                            "'user_unit' needs a 'user': anyone can start a unit of that name");
        }
        check_listeners_of_ids();
    }

    /// Where an id or a token opens something, a peer from elsewhere must be known by both: such a
    /// binding could never match.
    void check_listeners_of_ids() {
        const bool one_alone =
            bool(fields_.find("source_network")) != bool(fields_.find("interface"));
        if (!one_alone || rule_.listeners.empty()) return;
        for (const listener& each : so_far_.listeners) {
            const bool named = std::find(rule_.listeners.begin(), rule_.listeners.end(),
                                         each.name) != rule_.listeners.end();
            const bool concerned = each.serves == listener::kind::container ||
                                   each.serves == listener::kind::pod_identity;
            if (!named || !concerned) continue;
            with_.out.error(fields_.at("listener"),
                            "listener " + quoted(each.name) + " serves " + to_string(each.serves) +
                                ": a binding of callers from a network needs both "
                                "source_network and interface there");
        }
    }

    void read_profile() {
        const node* value = fields_.require("profile");
        const auto name = value ? read_text(*value, "profile", with_.out) : std::nullopt;
        if (!name) return;
        rule_.profile = *name;
        const auto& profiles = so_far_.profiles;
        const auto found = std::find_if(profiles.begin(), profiles.end(),
                                        [&](const auto& p) { return p.name == *name; });
        if (found == profiles.end()) {
            std::vector<std::string_view> known;
            for (const auto& p : profiles)
                known.push_back(p.name);
            with_.out.error(value->at,
                            "there is no profile " + quoted(*name) + suggestion(*name, known));
            return;
        }
        rule_.profile_index = std::size_t(found - profiles.begin());
    }

    mapping fields_;
    const configuration& so_far_;
    context with_;
    binding::rule rule_;
    unsigned criteria_ = 0;
};

/// Whoever runs an issuer alone has nothing to bind.
bool concern_nobody(const std::vector<listener>& listeners) {
    using kind = listener::kind;
    return !listeners.empty() &&
           std::all_of(listeners.begin(), listeners.end(), [](const listener& one) {
               return one.serves == kind::sts || one.serves == kind::health;
           });
}

}  // namespace

void read_bindings(const mapping& top, const profile_places& places, configuration& into,
                   context with) {
    const node* list = top.find("bindings");
    if (list && !list->is_sequence()) {
        with.out.error(list->at, "'bindings' must be a list");
        return;
    }
    if (!list || list->items.empty()) {
        if (concern_nobody(into.listeners)) return;
        with.out.warning(list ? list->at : top.at(), "there are no bindings: everyone is refused");
        return;
    }
    if (list->items.size() > most_bindings) {
        with.out.error(list->at, "more than " + std::to_string(most_bindings) + " bindings");
        return;
    }
    for (const node& item : list->items)
        into.bindings.push_back(binding_reader(item, into, with).read());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const auto& name = into.profiles[i].name;
        const bool bound = std::any_of(into.bindings.begin(), into.bindings.end(),
                                       [&](const auto& r) { return r.profile == name; }) ||
                           std::any_of(into.pods.associations.begin(), into.pods.associations.end(),
                                       [&](const auto& a) { return a.profile == i; });
        if (!bound) with.out.warning(places[i], "no binding uses the profile " + quoted(name));
    }
}

}  // namespace config
