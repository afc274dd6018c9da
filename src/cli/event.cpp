#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

namespace {

/// What is particular to an event's kind.
std::string details(const boost::json::object& event) {
    std::string text;
    const auto add = [&](std::string_view name, const char* before = "") {
        const std::string value = shown(event, name);
        if (!value.empty()) text += (text.empty() ? "" : " ") + (before + value);
    };
    add("action");
    add("time", "at ");
    add("code");
    add("target");
    add("not_before", "not before ");
    add("not_after", "not after ");
    add("maintenance_state");
    add("user", "for ");
    return text;
}

std::string event_table(const boost::json::array& events) {
    if (events.empty()) return "no events\n";
    text_table table({"EVENT", "KIND", "PROFILE", "STATE", "SHOWS", "WHAT"});
    for (const boost::json::value& each : events) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        const std::string profile = shown(*one, "profile");
        table.add({shown(*one, "id"), shown(*one, "kind"), profile.empty() ? "(all)" : profile,
                   shown(*one, "state"), shown(*one, "visible"), details(*one)});
    }
    return table.text();
}

struct admin_call {
    const char* method;
    const char* path;
};

admin_call call_of(live_request::kind what) {
    switch (what) {
        case live_request::kind::show:
            return {"GET", "/v1/events"};
        case live_request::kind::change:
            return {"POST", "/v1/events"};
        case live_request::kind::cancel:
            return {"POST", "/v1/events/cancel"};
        case live_request::kind::complete:
            return {"POST", "/v1/events/complete"};
    }
    return {};
}

}  // namespace

exit_code run_event(const options& given, const surroundings& world) {
    const admin_call call = call_of(given.live_change.what);
    std::string target = call.path;
    if (!given.live_change.query.empty()) target += "?" + given.live_change.query;
    const asked outcome = ask(given, world, call.method, target);
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else if (const boost::json::array* events = array_in(outcome.got->body, "events")) {
        world.out << event_table(*events);
    } else if (const boost::json::object* event = object_in(outcome.got->body, "event")) {
        if (!given.quiet) world.out << shown(*event, "id") << '\n';
    }
    return exit_code::ok;
}

}  // namespace cli
