#include "cli/ask.hpp"
#include "cli/status_text.hpp"
#include "cli/verbs.hpp"

namespace cli {

exit_code run_status(const options& given, const surroundings& world) {
    const asked outcome = ask(given, world, "GET", "/v1/status");
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else {
        world.out << status_text(outcome.got->body);
    }
    return exit_code::ok;
}

}  // namespace cli
