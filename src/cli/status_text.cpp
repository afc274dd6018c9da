#include "cli/status_text.hpp"

#include <boost/json/array.hpp>

#include "base/time_text.hpp"
#include "cli/text.hpp"

namespace cli {

namespace {

std::string duration(const boost::json::object& from, std::string_view name) {
    const auto seconds = number(from, name);
    return seconds ? base::duration_text(base::seconds(*seconds)) : std::string();
}

std::string headline(const boost::json::object& status) {
    std::string line = "imdsd " + shown(status, "version");
    line += truth(status, "ready") ? ": ready" : ": not ready";
    if (const std::string pid = shown(status, "pid"); !pid.empty()) line += ", pid " + pid;
    if (const std::string up = duration(status, "uptime_seconds"); !up.empty()) {
        line += ", up " + up;
    }
    return line + '\n';
}

std::string configuration_lines(const boost::json::object& configuration) {
    std::string text = "configuration: " + shown(configuration, "file");
    if (const std::string n = shown(configuration, "generation"); !n.empty()) {
        text += ", generation " + n;
    }
    if (const std::string at = shown(configuration, "loaded_at"); !at.empty()) {
        text += ", loaded " + at;
    }
    text += '\n';
    const boost::json::object* reload = object_in(configuration, "last_reload");
    if (reload == nullptr) return text;
    text += "last reload: ";
    text += truth(*reload, "ok") ? "ok" : "failed, the configuration before it is in force";
    if (const std::string at = shown(*reload, "at"); !at.empty()) text += ", " + at;
    text += '\n';
    if (const boost::json::array* errors = array_in(*reload, "errors")) {
        for (const boost::json::value& each : *errors) {
            if (const auto* line = each.if_string()) text += "  " + printable(*line) + '\n';
        }
    }
    return text;
}

std::string listener_table(const boost::json::array& listeners) {
    text_table table({"LISTENER", "KIND", "ADDRESS"});
    for (const boost::json::value& each : listeners) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        table.add({shown(*one, "name"), shown(*one, "kind"), shown(*one, "address")});
    }
    return table.text();
}

/// What is not as the configuration alone would have it, and what goes wrong on purpose.
std::string live_lines(const boost::json::array& profiles) {
    std::string text;
    for (const boost::json::value& each : profiles) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        const std::string name = "  " + shown(*one, "name") + ": ";
        if (const boost::json::object* changed = object_in(*one, "options_changed")) {
            std::string words;
            for (const auto& option : *changed)
                words += (words.empty() ? "" : ", ") + printable(option.key()) + ' ' +
                         shown(*changed, option.key());
            text += name + "changed at run time: " + words + '\n';
        }
        if (const auto n = number(*one, "events"); n && *n > 0)
            text += name + counted(std::size_t(*n), "event") + " (imdsd event list)\n";
        if (const boost::json::array* faults = array_in(*one, "faults")) {
            for (const boost::json::value& fault : *faults)
                if (const auto* what = fault.if_string())
                    text += name + "FAULT INJECTED: " + printable(*what) + '\n';
        }
    }
    return text;
}

std::string profile_table(const boost::json::array& profiles) {
    text_table table({"PROFILE", "STATE", "EXPIRES", "IN", "NEXT TRY", "KEY", "ROLE"});
    std::string failures;
    for (const boost::json::value& each : profiles) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        std::string key = shown(*one, "access_key_suffix");
        if (!key.empty()) key = "..." + key;
        table.add({shown(*one, "name"), shown(*one, "state"), shown(*one, "expires_at"),
                   duration(*one, "expires_in_seconds"), shown(*one, "next_try"), key,
                   shown(*one, "role_arn")});
        if (const std::string failure = shown(*one, "failure"); !failure.empty()) {
            failures += "  " + shown(*one, "name") + ": " + failure;
            if (const auto n = number(*one, "failures"); n && *n > 1) {
                failures += " (" + std::to_string(*n) + " times in a row)";
            }
            failures += '\n';
        }
    }
    return table.text() + failures + live_lines(profiles);
}

std::string counter_lines(const boost::json::object& counters) {
    std::string text = "requests " + shown(counters, "requests");
    text += ", tokens issued " + shown(counters, "tokens_issued");
    text += ", IMDSv1 requests " + shown(counters, "imdsv1_requests") + '\n';
    const boost::json::object* denied = object_in(counters, "denied");
    if (denied == nullptr) return text;
    std::string reasons;
    for (const auto& each : *denied) {
        const std::string count = shown(*denied, each.key());
        if (count.empty() || count == "0") continue;
        if (!reasons.empty()) reasons += ", ";
        reasons += printable(each.key()) + ' ' + count;
    }
    return text + "denied: " + (reasons.empty() ? "none" : reasons) + '\n';
}

std::string member_line(const std::string& name, const boost::json::object& members) {
    std::string text;
    for (const auto& each : members) {
        const std::string value = shown(members, each.key());
        if (value.empty()) continue;
        text += (text.empty() ? name + ": " : ", ") + printable(each.key()) + ' ' + value;
    }
    return text.empty() ? text : text + '\n';
}

}  // namespace

std::string status_text(const boost::json::object& status) {
    std::string text = headline(status);
    if (const auto* configuration = object_in(status, "configuration")) {
        text += configuration_lines(*configuration);
    }
    if (const auto bindings = number(status, "bindings"); bindings && *bindings >= 0) {
        text += counted(std::size_t(*bindings), "binding");
        if (const auto workers = number(status, "workers"); workers && *workers >= 0) {
            text += ", " + counted(std::size_t(*workers), "worker");
        }
        text += '\n';
    }
    const boost::json::array* listeners = array_in(status, "listeners");
    if (listeners != nullptr && !listeners->empty()) text += '\n' + listener_table(*listeners);
    const boost::json::array* profiles = array_in(status, "profiles");
    if (profiles != nullptr && !profiles->empty()) text += '\n' + profile_table(*profiles);
    const boost::json::object* counters = object_in(status, "counters");
    const boost::json::object* audit = object_in(status, "audit");
    const boost::json::object* issuer = object_in(status, "issuer");
    if (counters != nullptr || issuer != nullptr || audit != nullptr) text += '\n';
    if (counters != nullptr) text += counter_lines(*counters);
    if (issuer != nullptr) text += member_line("issuer", *issuer);
    if (audit != nullptr) text += member_line("audit", *audit);
    return text;
}

}  // namespace cli
