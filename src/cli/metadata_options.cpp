#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

namespace {

/// Values that were changed at run time carry a '*'.
std::string options_table(const boost::json::array& profiles) {
    text_table table({"PROFILE", "ENDPOINT", "TOKENS", "HOP LIMIT", "IPV6", "TAGS"});
    bool any = false;
    for (const boost::json::value& each : profiles) {
        const boost::json::object* one = each.if_object();
        const boost::json::object* values = one ? object_in(*one, "options") : nullptr;
        if (values == nullptr) continue;
        const boost::json::object* changed = object_in(*one, "changed");
        std::vector<std::string> row{shown(*one, "name")};
        for (const char* name : {"http_endpoint", "http_tokens", "hop_limit", "http_protocol_ipv6",
                                 "instance_metadata_tags"}) {
            const bool marked = changed != nullptr && changed->contains(name);
            any = any || marked;
            row.push_back(shown(*values, name) + (marked ? "*" : ""));
        }
        table.add(std::move(row));
    }
    return table.text() + (any ? "* changed at run time; --reset takes it back\n" : "");
}

}  // namespace

exit_code run_options(const options& given, const surroundings& world) {
    const bool shows = given.live_change.what == live_request::kind::show;
    std::string target = "/v1/options";
    if (!given.live_change.query.empty()) target += "?" + given.live_change.query;
    const asked outcome = ask(given, world, shows ? "GET" : "POST", target);
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else if (const boost::json::array* profiles = array_in(outcome.got->body, "profiles")) {
        if (shows || !given.quiet) world.out << options_table(*profiles);
    }
    return exit_code::ok;
}

}  // namespace cli
