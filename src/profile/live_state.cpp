#include "profile/live_state.hpp"

#include <algorithm>
#include <set>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/time_text.hpp"
#include "encoding/json.hpp"

namespace profile {

namespace {

namespace json = boost::json;

constexpr std::int64_t format = 1;
constexpr std::size_t longest_id = 64;
constexpr std::size_t longest_name = 64;
constexpr std::size_t most_profiles = 100'000;

/// An option with two values, in the words of EC2's API.
struct two_words {
    std::string_view yes, no;
    std::string_view word(bool value) const { return value ? yes : no; }
};
constexpr two_words enabled{"enabled", "disabled"};
constexpr two_words required{"required", "optional"};

/// The members of one object, taken out one by one: what is left at the end is unknown. The first
/// flaw is kept.
class members {
public:
    members(const json::value& value, std::string place) : place_(std::move(place)) {
        if (const json::object* object = value.if_object()) {
            left_ = *object;
        } else {
            fail("must be an object");
        }
    }

    void fail(const std::string& what) {
        if (failure_.empty()) failure_ = place_ + " " + what;
    }

    std::optional<json::value> take(std::string_view name) {
        const auto found = left_.find(name);
        if (found == left_.end()) return std::nullopt;
        json::value value = found->value();
        left_.erase(found);
        return value;
    }

    std::optional<std::string> text_if(std::string_view name) {
        const auto value = take(name);
        if (!value) return std::nullopt;
        if (const json::string* text = value->if_string()) return std::string(*text);
        fail("has a '" + std::string(name) + "' that is no text");
        return std::nullopt;
    }

    std::string text(std::string_view name) {
        const bool there = left_.contains(name);
        if (!there) fail("lacks '" + std::string(name) + "'");
        return text_if(name).value_or("");
    }

    std::optional<base::wall_time> time_if(std::string_view name) {
        const auto text = text_if(name);
        if (!text) return std::nullopt;
        const auto time = base::parse_iso8601(*text);
        if (time) return *time;
        fail("has a '" + std::string(name) + "' that is no time");
        return std::nullopt;
    }

    base::wall_time time(std::string_view name) {
        if (!left_.contains(name)) fail("lacks '" + std::string(name) + "'");
        return time_if(name).value_or(base::wall_time{});
    }

    std::optional<bool> word_if(std::string_view name, const two_words& words) {
        const auto text = text_if(name);
        if (!text) return std::nullopt;
        if (*text == words.yes) return true;
        if (*text == words.no) return false;
        fail("has an unknown '" + std::string(name) + "'");
        return std::nullopt;
    }

    /// One of the names that `of` knows.
    template <class Value>
    Value named(std::string_view name, std::optional<Value> (*of)(std::string_view)) {
        const auto value = of(text(name));
        if (!value) fail("has an unknown '" + std::string(name) + "'");
        return value.value_or(Value{});
    }

    base::result<void> finish() {
        if (failure_.empty() && !left_.empty())
            fail("has an unknown member '" + std::string(left_.begin()->key()) + "'");
        if (!failure_.empty()) return base::invalid(failure_);
        return {};
    }

private:
    std::string place_;
    json::object left_;
    std::string failure_;
};

std::optional<maintenance_state> maintenance_state_of(std::string_view name) {
    for (const auto state :
         {maintenance_state::active, maintenance_state::completed, maintenance_state::canceled}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

maintenance_event read_maintenance(members& from) {
    maintenance_event event;
    event.code = from.named("code", maintenance_code_of);
    event.description = from.text("description");
    event.not_before = from.time("not_before");
    event.not_after = from.time("not_after");
    event.not_before_deadline = from.time_if("not_before_deadline");
    event.state = from.named("state", maintenance_state_of);
    if (event.state != maintenance_state::active) event.closed = from.time("closed");
    return event;
}

base::result<lifecycle_event> read_event(const json::value& value, std::size_t index) {
    const std::string place = "event " + std::to_string(index + 1);
    members from(value, place);
    lifecycle_event event;
    event.id = from.text("id");
    event.profile = from.text_if("profile").value_or("");
    event.visible = from.time("visible");
    const std::string kind = from.text("kind");
    if (kind == "spot-interruption") {
        spot_interruption spot;
        spot.action = from.named("action", spot_action_of);
        spot.time = from.time("time");
        event.what = spot;
    } else if (kind == "rebalance") {
        event.what = rebalance_recommendation{};
    } else if (kind == "maintenance") {
        event.what = read_maintenance(from);
    } else if (kind == "autoscaling") {
        event.what = from.named("state", autoscaling_target_of);
    } else if (kind == "ssh-key") {
        pushed_key key;
        key.user = from.text("user");
        key.text = from.text("key");
        event.what = std::move(key);
    } else {
        from.fail("is of an unknown kind");
    }
    if (event.id.empty() || event.id.size() > longest_id) from.fail("has no usable id");
    if (event.profile.size() > longest_name) from.fail("names no profile");
    if (const auto read = from.finish(); !read) return read.error();
    if (const auto sound = check(event); !sound)
        return base::invalid(place + ": " + sound.error().message);
    return event;
}

base::result<metadata_override> read_options(const json::value& value, const std::string& name) {
    members from(value, "the options of profile '" + name + "'");
    metadata_override options;
    options.http_endpoint_enabled = from.word_if("http_endpoint", enabled);
    options.http_tokens_required = from.word_if("http_tokens", required);
    options.http_protocol_ipv6_enabled = from.word_if("http_protocol_ipv6", enabled);
    options.instance_metadata_tags = from.word_if("instance_metadata_tags", enabled);
    if (const auto limit = from.take("hop_limit")) {
        const std::int64_t* number = limit->if_int64();
        if (number && *number >= least_hop_limit && *number <= most_hop_limit) {
            options.hop_limit = int(*number);
        } else {
            from.fail("have a hop_limit that is not 1 to 64");
        }
    }
    if (const auto read = from.finish(); !read) return read.error();
    return options;
}

base::result<void> read_events(const json::value& value, live_state& into) {
    const json::array* list = value.if_array();
    if (!list) return base::invalid("'events' must be a list");
    if (list->size() > most_lifecycle_events) return base::invalid("there are too many events");
    std::set<std::string> ids;
    for (const json::value& each : *list) {
        auto event = read_event(each, into.events.size());
        if (!event) return event.error();
        if (!ids.insert(event->id).second)
            return base::invalid("two events have the id '" + event->id + "'");
        into.events.push_back(std::move(*event));
    }
    return {};
}

base::result<void> read_all_options(const json::value& value, live_state& into) {
    const json::object* all = value.if_object();
    if (!all) return base::invalid("'options' must be an object");
    if (all->size() > most_profiles) return base::invalid("'options' has too many members");
    for (const auto& [key, each] : *all) {
        const std::string name(key);
        if (name.empty() || name.size() > longest_name)
            return base::invalid("'options' has a member that names no profile");
        auto options = read_options(each, name);
        if (!options) return options.error();
        if (options->empty()) return base::invalid("the options of '" + name + "' are empty");
        into.options.emplace(name, *options);
    }
    return {};
}

}  // namespace

json::object to_json(const lifecycle_event& event) {
    json::object out{
        {"id", event.id}, {"kind", kind_of(event.what)}, {"visible", base::iso8601(event.visible)}};
    if (!event.profile.empty()) out["profile"] = event.profile;
    if (const auto* spot = std::get_if<spot_interruption>(&event.what)) {
        out["action"] = to_string(spot->action);
        out["time"] = base::iso8601(spot->time);
    } else if (const auto* maintenance = std::get_if<maintenance_event>(&event.what)) {
        out["code"] = to_string(maintenance->code);
        out["description"] = maintenance->description;
        out["not_before"] = base::iso8601(maintenance->not_before);
        out["not_after"] = base::iso8601(maintenance->not_after);
        if (maintenance->not_before_deadline)
            out["not_before_deadline"] = base::iso8601(*maintenance->not_before_deadline);
        out["state"] = to_string(maintenance->state);
        if (maintenance->state != maintenance_state::active)
            out["closed"] = base::iso8601(maintenance->closed);
    } else if (const auto* target = std::get_if<autoscaling_target>(&event.what)) {
        out["state"] = to_string(*target);
    } else if (const auto* key = std::get_if<pushed_key>(&event.what)) {
        out["user"] = key->user;
        out["key"] = key->text;
    }
    return out;
}

json::object to_json(const metadata_override& options) {
    json::object out;
    if (options.http_endpoint_enabled)
        out["http_endpoint"] = enabled.word(*options.http_endpoint_enabled);
    if (options.http_tokens_required)
        out["http_tokens"] = required.word(*options.http_tokens_required);
    if (options.hop_limit) out["hop_limit"] = *options.hop_limit;
    if (options.http_protocol_ipv6_enabled)
        out["http_protocol_ipv6"] = enabled.word(*options.http_protocol_ipv6_enabled);
    if (options.instance_metadata_tags)
        out["instance_metadata_tags"] = enabled.word(*options.instance_metadata_tags);
    return out;
}

std::string serialise(const live_state& state) {
    json::array events;
    for (const lifecycle_event& event : state.events)
        events.push_back(to_json(event));
    json::object options;
    for (const auto& [name, changed] : state.options)
        options[name] = to_json(changed);
    const json::object all{
        {"format", format}, {"events", std::move(events)}, {"options", std::move(options)}};
    return encoding::json_text(all) + "\n";
}

base::result<live_state> parse_live_state(std::string_view text) {
    encoding::json_limits limits;
    limits.bytes = largest_live_state;
    limits.depth = 4;
    const auto parsed = encoding::parse_json(text, limits);
    if (!parsed) return parsed.error();
    members from(*parsed, "the file");
    const auto version = from.take("format");
    if (!version || !version->is_int64() || version->get_int64() != format)
        from.fail("is not of format 1");
    const auto events = from.take("events");
    const auto options = from.take("options");
    if (!events || !options) from.fail("lacks 'events' or 'options'");
    if (const auto read = from.finish(); !read) return read.error();
    live_state state;
    if (const auto read = read_events(*events, state); !read) return read.error();
    if (const auto read = read_all_options(*options, state); !read) return read.error();
    return state;
}

}  // namespace profile
