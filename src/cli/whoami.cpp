#include "cli/ask.hpp"
#include "cli/decision_text.hpp"
#include "cli/verbs.hpp"

namespace cli {

exit_code run_whoami(const options& given, const surroundings& world) {
    const asked outcome = ask(given, world, "GET", "/v1/whoami");
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else {
        world.out << decision_text(outcome.got->body);
    }
    return whoami_code(outcome.got->body);
}

}  // namespace cli
