#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

exit_code run_healthcheck(const options& given, const surroundings& world) {
    const std::string_view target =
        given.live ? "/livez" : (given.verbose ? "/readyz?verbose" : "/readyz");
    const asked outcome = ask(given, world, "GET", target);
    if (!outcome.got) return outcome.code;
    const boost::json::object& body = outcome.got->body;
    const bool good = truth(body, given.live ? "live" : "ready");
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else if (!given.quiet) {
        world.out << (good ? (given.live ? "live" : "ready") : "not ready");
        if (given.verbose && !given.live) {
            world.out << ": listeners " << shown(body, "listeners") << ", profiles usable "
                      << shown(body, "profiles_usable") << " of " << shown(body, "profiles");
        }
        world.out << '\n';
    }
    return good ? exit_code::ok : exit_code::failure;
}

}  // namespace cli
