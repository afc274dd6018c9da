#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"

namespace cli {

namespace {

std::string revocation_table(const boost::json::array& revocations) {
    text_table table({"KIND", "SUBJECT", "BEFORE", "UNTIL", "REASON"});
    for (const boost::json::value& each : revocations) {
        const boost::json::object* one = each.if_object();
        if (one == nullptr) continue;
        std::string subject = shown(*one, "arn");
        if (subject.empty()) subject = shown(*one, "subject");
        table.add({shown(*one, "kind"), subject, shown(*one, "before"), shown(*one, "until"),
                   shown(*one, "reason")});
    }
    return table.text();
}

}  // namespace

exit_code run_revoke(const options& given, const surroundings& world) {
    const bool list = given.revoke.list;
    const asked outcome = list ? ask(given, world, "GET", "/v1/revocations")
                               : ask(given, world, "POST", "/v1/revoke?" + given.revoke.query);
    if (!outcome.got) return outcome.code;
    if (given.output == output_format::json) {
        print_json(*outcome.got, world);
    } else if (!list) {
        if (!given.quiet) world.out << shown(outcome.got->body, "done") << '\n';
    } else if (const boost::json::array* all = array_in(outcome.got->body, "revocations")) {
        world.out << revocation_table(*all);
    }
    return exit_code::ok;
}

}  // namespace cli
