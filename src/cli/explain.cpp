#include "admin/explain_query.hpp"
#include "cli/ask.hpp"
#include "cli/decision_text.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

exit_code run_explain(const options& given, const surroundings& world) {
    const std::string target = "/v1/explain?" + admin::format_explain_query(given.facts);
    const asked outcome = ask(given, world, "GET", target);
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else {
        world.out << decision_text(outcome.got->body);
    }
    return truth(outcome.got->body, "allowed") ? exit_code::ok : exit_code::denied;
}

}  // namespace cli
