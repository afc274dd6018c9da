#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

namespace {

std::string key_table(const boost::json::array& keys) {
    text_table table({"KEY", "PURPOSE", "PHASE", "CREATED", "ACTIVATED", "LEFT ACTIVE", "ENDED"});
    for (const boost::json::value& each : keys) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        table.add({shown(*one, "id"), shown(*one, "purpose"), shown(*one, "phase"),
                   shown(*one, "created"), shown(*one, "activated"), shown(*one, "left_active"),
                   shown(*one, "ended")});
    }
    return table.text();
}

}  // namespace

exit_code run_keys(const options& given, const surroundings& world) {
    const bool list = given.keys.list;
    std::string target = "/v1/keys";
    if (!list) {
        target += "/" + std::string(admin::to_string(given.keys.change.what));
        if (const std::string query = admin::format_key_query(given.keys.change); !query.empty())
            target += "?" + query;
    }
    const asked outcome = ask(given, world, list ? "GET" : "POST", target);
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else if (!list) {
        if (!given.quiet) world.out << shown(outcome.got->body, "changed") << '\n';
    } else if (const boost::json::array* keys = array_in(outcome.got->body, "keys")) {
        world.out << key_table(*keys);
    }
    return exit_code::ok;
}

}  // namespace cli
