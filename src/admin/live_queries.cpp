#include "admin/live_queries.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <vector>

#include "base/time_text.hpp"
#include "encoding/form.hpp"
#include "encoding/percent.hpp"

namespace admin {

namespace {

constexpr std::size_t most_fields = 16;
constexpr std::size_t longest_value = profile::most_key_text;
constexpr base::seconds longest_notice{86400};
constexpr base::seconds maintenance_lead{7 * 86400};  ///< when no not-before is given
constexpr base::seconds maintenance_window{2 * 3600};

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string listed(const std::vector<std::string_view>& names) {
    std::string text;
    for (const std::string_view name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

/// The fields of a query; names at most once, values that are text on one line (keys may have
/// several).
base::result<std::vector<encoding::form_field>> read_fields(std::string_view raw) {
    encoding::form_limits limits;
    limits.fields = most_fields;
    auto fields = encoding::parse_form(raw, limits);
    if (!fields) return fields.error();
    std::set<std::string_view> seen;
    for (const encoding::form_field& field : *fields) {
        if (field.value.size() > longest_value) return base::invalid("a query value is too long");
        if (field.value.empty()) return base::invalid("a query name has no value");
        const bool control = std::any_of(field.value.begin(), field.value.end(), [&](char c) {
            const auto byte = static_cast<unsigned char>(c);
            const bool allowed = field.name == "key" && (c == '\n' || c == '\t');
            return (byte < 0x20 || byte == 0x7f) && !allowed;
        });
        if (control) return base::invalid("a query value holds control characters");
        if (!seen.insert(field.name).second)
            return base::invalid(quoted(field.name) + " is given more than once");
    }
    return fields;
}

base::result<base::wall_time> read_time(const std::string& name, const std::string& value) {
    auto time = base::parse_iso8601(value);
    if (!time) return base::invalid(name + ": " + time.error().message);
    return time;
}

base::result<base::seconds> read_duration(const std::string& name, const std::string& value) {
    auto time = base::parse_duration(value);
    if (!time) return base::invalid(name + ": " + time.error().message);
    return time;
}

template <class Value>
base::result<void> keep(std::optional<Value>& into, base::result<Value> read) {
    if (!read) return read.error();
    into = std::move(*read);
    return {};
}

struct text_field {
    std::string_view name;
    std::optional<std::string> event_request::*member;
};
constexpr text_field text_fields[] = {
    {"action", &event_request::action},
    {"code", &event_request::code},
    {"description", &event_request::description},
    {"state", &event_request::state},
    {"user", &event_request::user},
    {"key", &event_request::key},
};
struct time_field {
    std::string_view name;
    std::optional<base::wall_time> event_request::*member;
};
constexpr time_field time_fields[] = {
    {"at", &event_request::at},
    {"not-before", &event_request::not_before},
    {"not-after", &event_request::not_after},
    {"not-before-deadline", &event_request::not_before_deadline},
};
struct duration_field {
    std::string_view name;
    std::optional<base::seconds> event_request::*member;
};
constexpr duration_field duration_fields[] = {
    {"in", &event_request::in},
    {"notice", &event_request::notice},
};

base::result<void> set(event_request& request, const std::string& name, const std::string& value) {
    if (name == "kind") {
        request.kind = value;
        return {};
    }
    if (name == "profile") {
        request.profile = value;
        return {};
    }
    for (const text_field& field : text_fields) {
        if (field.name != name) continue;
        request.*field.member = value;
        return {};
    }
    for (const time_field& field : time_fields)
        if (field.name == name) return keep(request.*field.member, read_time(name, value));
    for (const duration_field& field : duration_fields)
        if (field.name == name) return keep(request.*field.member, read_duration(name, value));
    return base::invalid("unknown query name " + quoted(name));
}

class query_writer {
public:
    void add(std::string_view name, std::string_view value) {
        if (!text_.empty()) text_ += '&';
        text_ += name;
        text_ += '=';
        encoding::percent_encode(value, text_);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

/// What each kind takes besides profile, at and in.
const std::vector<std::string_view>& fields_of(std::string_view kind) {
    static const std::vector<std::string_view> spot{"action", "notice"};
    static const std::vector<std::string_view> maintenance{"code", "description", "not-before",
                                                           "not-after", "not-before-deadline"};
    static const std::vector<std::string_view> autoscaling{"state"};
    static const std::vector<std::string_view> key{"user", "key"};
    static const std::vector<std::string_view> none;
    if (kind == "spot-interruption") return spot;
    if (kind == "maintenance") return maintenance;
    if (kind == "autoscaling") return autoscaling;
    if (kind == "ssh-key") return key;
    return none;
}

base::result<void> check_fields(const event_request& request) {
    const auto& taken = fields_of(request.kind);
    const auto check = [&](std::string_view name, bool given) -> base::result<void> {
        const bool common = name == "at" || name == "in";
        if (!given || common || std::find(taken.begin(), taken.end(), name) != taken.end())
            return {};
        return base::invalid(std::string(name) + " does not belong to " + request.kind);
    };
    for (const text_field& field : text_fields)
        if (auto good = check(field.name, (request.*field.member).has_value()); !good) return good;
    for (const time_field& field : time_fields)
        if (auto good = check(field.name, (request.*field.member).has_value()); !good) return good;
    for (const duration_field& field : duration_fields)
        if (auto good = check(field.name, (request.*field.member).has_value()); !good) return good;
    return {};
}

base::result<base::wall_time> visible_time(const event_request& request, base::wall_time now) {
    if (request.at && request.in) return base::invalid("at and in exclude each other");
    if (request.in && *request.in > profile::furthest_event)
        return base::invalid("in: at most " + base::duration_text(profile::furthest_event));
    // Times have whole seconds: the one that has begun is now.
    if (request.at && *request.at < std::chrono::floor<base::seconds>(now))
        return base::invalid("at lies in the past");
    if (request.at && *request.at > now + profile::furthest_event)
        return base::invalid("at: at most " + base::duration_text(profile::furthest_event) +
                             " ahead");
    if (request.at) return *request.at;
    return std::chrono::floor<base::seconds>(now) + request.in.value_or(base::seconds(0));
}

std::string_view usual_description(profile::maintenance_code code) {
    switch (code) {
        case profile::maintenance_code::instance_reboot:
        case profile::maintenance_code::system_reboot:
            return "scheduled reboot";
        case profile::maintenance_code::system_maintenance:
            return "scheduled maintenance";
        case profile::maintenance_code::instance_retirement:
            return "The instance is running on degraded hardware";
        case profile::maintenance_code::instance_stop:
            return "scheduled stop";
    }
    return "";
}

using change = base::result<profile::lifecycle_change>;

change spot(const event_request& request, base::wall_time visible) {
    const std::string action = request.action.value_or("terminate");
    const auto known = profile::spot_action_of(action);
    if (!known)
        return base::invalid("action must be one of " + listed(profile::spot_action_names()) +
                             ", not " + quoted(action));
    if (request.notice && *request.notice > longest_notice)
        return base::invalid("notice: at most " + base::duration_text(longest_notice));
    // Hibernation begins with its notice.
    const base::seconds usual =
        *known == profile::spot_action::hibernate ? base::seconds(0) : profile::spot_notice_time;
    return profile::spot_interruption{*known, visible + request.notice.value_or(usual)};
}

change maintenance(const event_request& request, base::wall_time visible) {
    if (!request.code)
        return base::invalid("code is missing; one of " +
                             listed(profile::maintenance_code_names()));
    const auto code = profile::maintenance_code_of(*request.code);
    if (!code)
        return base::invalid("code must be one of " + listed(profile::maintenance_code_names()) +
                             ", not " + quoted(*request.code));
    profile::maintenance_event event;
    event.code = *code;
    event.description = request.description.value_or(std::string(usual_description(*code)));
    event.not_before = request.not_before.value_or(visible + maintenance_lead);
    event.not_after = request.not_after.value_or(event.not_before + maintenance_window);
    event.not_before_deadline = request.not_before_deadline;
    return event;
}

change autoscaling(const event_request& request) {
    const auto target = profile::autoscaling_target_of(request.state.value_or(""));
    if (target) return *target;
    return base::invalid("state must be one of " + listed(profile::autoscaling_target_names()));
}

change pushed(const event_request& request) {
    if (!request.user || !request.key) return base::invalid("user and key are needed");
    return profile::pushed_key{*request.user, *request.key};
}

change what_happens(const event_request& request, base::wall_time visible) {
    if (request.kind == "spot-interruption") return spot(request, visible);
    if (request.kind == "rebalance") return profile::rebalance_recommendation{};
    if (request.kind == "maintenance") return maintenance(request, visible);
    if (request.kind == "autoscaling") return autoscaling(request);
    if (request.kind == "ssh-key") return pushed(request);
    return base::invalid("kind must be one of " + listed(profile::lifecycle_kinds()));
}

struct word_option {
    std::string_view name, yes, no;
    std::optional<bool> profile::metadata_override::*member;
};
constexpr word_option word_options[] = {
    {"http-endpoint", "enabled", "disabled", &profile::metadata_override::http_endpoint_enabled},
    {"http-tokens", "required", "optional", &profile::metadata_override::http_tokens_required},
    {"http-protocol-ipv6", "enabled", "disabled",
     &profile::metadata_override::http_protocol_ipv6_enabled},
    {"instance-metadata-tags", "enabled", "disabled",
     &profile::metadata_override::instance_metadata_tags},
};

base::result<void> set(options_request& request, const std::string& name,
                       const std::string& value) {
    if (name == "profile") {
        request.profile = value;
        return {};
    }
    if (name == "reset") {
        if (value != "true") return base::invalid("reset must be true");
        request.reset = true;
        return {};
    }
    if (name == "hop-limit") {
        int limit = 0;
        const char* const end = value.data() + value.size();
        const auto [stop, failed] = std::from_chars(value.data(), end, limit);
        if (failed != std::errc{} || stop != end || limit < profile::least_hop_limit ||
            limit > profile::most_hop_limit) {
            return base::invalid("hop-limit must be a number from 1 to 64");
        }
        request.change.hop_limit = limit;
        return {};
    }
    for (const word_option& option : word_options) {
        if (option.name != name) continue;
        if (value != option.yes && value != option.no)
            return base::invalid(name + " must be " + std::string(option.yes) + " or " +
                                 std::string(option.no) + ", not " + quoted(value));
        request.change.*option.member = value == option.yes;
        return {};
    }
    return base::invalid("unknown query name " + quoted(name));
}

}  // namespace

base::result<event_request> parse_event_query(std::string_view raw) {
    const auto fields = read_fields(raw);
    if (!fields) return fields.error();
    event_request request;
    for (const encoding::form_field& field : *fields)
        if (const auto done = set(request, field.name, field.value); !done) return done.error();
    if (request.kind.empty()) return base::invalid("kind is missing");
    return request;
}

std::string format_event_query(const event_request& request) {
    query_writer out;
    out.add("kind", request.kind);
    if (!request.profile.empty()) out.add("profile", request.profile);
    for (const text_field& field : text_fields)
        if (const auto& value = request.*field.member) out.add(field.name, *value);
    for (const time_field& field : time_fields)
        if (const auto& value = request.*field.member) out.add(field.name, base::iso8601(*value));
    for (const duration_field& field : duration_fields)
        if (const auto& value = request.*field.member)
            out.add(field.name, base::duration_text(*value));
    return out.take();
}

base::result<profile::lifecycle_event> to_event(const event_request& request, base::wall_time now) {
    if (const auto fit = check_fields(request); !fit) return fit.error();
    const auto visible = visible_time(request, now);
    if (!visible) return visible.error();
    auto what = what_happens(request, *visible);
    if (!what) return what.error();
    profile::lifecycle_event event;
    event.profile = request.profile;
    event.visible = *visible;
    event.what = std::move(*what);
    if (const auto sound = profile::check(event); !sound) return sound.error();
    return event;
}

base::result<options_request> parse_options_query(std::string_view raw) {
    options_request request;
    if (raw.empty()) return request;
    const auto fields = read_fields(raw);
    if (!fields) return fields.error();
    for (const encoding::form_field& field : *fields)
        if (const auto done = set(request, field.name, field.value); !done) return done.error();
    if (request.reset && !request.change.empty())
        return base::invalid("reset goes with no other option");
    return request;
}

std::string format_options_query(const options_request& request) {
    query_writer out;
    if (!request.profile.empty()) out.add("profile", request.profile);
    if (request.reset) out.add("reset", "true");
    for (const word_option& option : word_options)
        if (const auto& value = request.change.*option.member)
            out.add(option.name, *value ? option.yes : option.no);
    if (request.change.hop_limit) out.add("hop-limit", std::to_string(*request.change.hop_limit));
    return out.take();
}

base::result<std::string> parse_event_id_query(std::string_view raw) {
    const auto fields = read_fields(raw);
    if (!fields) return fields.error();
    if (fields->size() != 1 || (*fields)[0].name != "id") return base::invalid("id is missing");
    return (*fields)[0].value;
}

std::string format_event_id_query(std::string_view id) {
    query_writer out;
    out.add("id", id);
    return out.take();
}

}  // namespace admin
