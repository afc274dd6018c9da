#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

exit_code run_reload(const options& given, const surroundings& world) {
    const asked outcome = ask(given, world, "POST", "/v1/reload");
    if (!outcome.got) return outcome.code;
    const bool good = truth(outcome.got->body, "ok");
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else {
        if (const boost::json::array* errors = array_in(outcome.got->body, "errors")) {
            for (const boost::json::value& each : *errors) {
                if (const auto* line = each.if_string()) world.err << printable(*line) << '\n';
            }
        }
        if (!good) world.err << "imdsd: nothing was changed\n";
        if (good && !given.quiet) world.out << "reloaded\n";
    }
    return good ? exit_code::ok : exit_code::configuration;
}

}  // namespace cli
