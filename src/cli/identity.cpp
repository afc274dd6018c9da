#include <sstream>

#include <boost/json/array.hpp>

#include "cli/ask.hpp"
#include "cli/text.hpp"
#include "cli/verbs.hpp"
#include "daemon/identity_certificates.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

/// From the state directory of the configuration, without a daemon. Says why when there is nothing.
std::optional<boost::json::object> read_files(const options& given, const surroundings& world,
                                              std::string& why) {
    const std::string file = given.config.empty() ? default_config : given.config;
    const config::load_result read = config::load(file, world.environment);
    if (!read.loaded) {
        why = file + ": cannot be used ('imdsd check' says why)";
        return std::nullopt;
    }
    auto found = daemon_::read_certificates(read.loaded->state_directory);
    if (!found) {
        why = found.error().message;
        return std::nullopt;
    }
    return std::move(*found);
}

void keep_one_kind(boost::json::object& answer, const std::string& kind) {
    if (kind.empty()) return;
    boost::json::array kept;
    if (const boost::json::array* all = array_in(answer, "certificates")) {
        for (const boost::json::value& each : *all) {
            const boost::json::object* one = each.if_object();
            if (one && shown(*one, "kind") == kind) kept.push_back(each);
        }
    }
    answer["certificates"] = std::move(kept);
}

/// PEM, line breaks kept; what is between the blocks is for people, and verifiers skip it.
void print_pem(const boost::json::object& answer, const surroundings& world) {
    const boost::json::array* all = array_in(answer, "certificates");
    if (!all) return;
    for (const boost::json::value& each : *all) {
        const boost::json::object* one = each.if_object();
        const boost::json::value* pem = one ? one->if_contains("pem") : nullptr;
        if (!pem || !pem->is_string()) continue;
        if (all->size() > 1) {
            world.out << "# " << shown(*one, "kind") << ": " << shown(*one, "subject")
                      << ", serial " << shown(*one, "serial_number") << '\n';
        }
        std::istringstream lines{std::string(pem->get_string())};
        for (std::string line; std::getline(lines, line);)
            world.out << printable(line) << '\n';
    }
}

}  // namespace

/// The daemon is asked first; where none answers and none was named, the files are read.
exit_code run_identity(const options& given, const surroundings& world) {
    std::ostringstream talk;
    const surroundings quietly{world.out, talk, world.environment, world.clock, world.serve};
    const asked outcome = ask(given, quietly, "GET", "/v1/identity");
    std::optional<boost::json::object> answer;
    std::string why;
    if (outcome.got) {
        answer = outcome.got->body;
    } else if (outcome.code == exit_code::unreachable && given.socket.empty()) {
        answer = read_files(given, world, why);
    }
    if (outcome.got || !answer) world.err << talk.str();
    if (!answer) {
        if (!why.empty()) world.err << "imdsd: " << printable(why) << '\n';
        return outcome.code;
    }
    keep_one_kind(*answer, given.signature_kind);
    if (given.output == output_format::json) {
        world.out << encoding::json_text(*answer) << '\n';
    } else {
        print_pem(*answer, world);
    }
    return exit_code::ok;
}

}  // namespace cli
