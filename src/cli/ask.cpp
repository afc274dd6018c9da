#include "cli/ask.hpp"

#include <algorithm>
#include <vector>

#include "admin/client.hpp"
#include "admin/socket_path.hpp"
#include "cli/text.hpp"
#include "encoding/json.hpp"

namespace cli {

namespace {

using paths = std::vector<std::string>;

std::optional<std::string> socket_of(const std::string& file, const surroundings& world) {
    const config::load_result read = config::load(file, world.environment);
    if (!read.loaded) return std::nullopt;
    return read.loaded->admin.socket;
}

/// Empty when the configuration that --config names cannot be read; that has been said.
paths sockets(const options& given, const surroundings& world) {
    if (!given.socket.empty()) return {given.socket};
    const bool named = !given.config.empty();
    const auto configured = socket_of(named ? given.config : default_config, world);
    if (named && configured) return {*configured};
    if (named && !given.config_from_environment) {
        world.err << "imdsd: " << printable(given.config)
                  << " does not tell the admin socket ('imdsd check' says why); name the socket "
                     "with --socket\n";
        return {};
    }
    const auto variable = [&world](std::string_view name) {
        return world.environment.variable(name);
    };
    paths places = admin::socket_candidates(variable, world.environment.own_uid());
    if (configured && std::find(places.begin(), places.end(), *configured) == places.end()) {
        places.push_back(*configured);
    }
    return places;
}

exit_code code_of_status(unsigned status) {
    switch (status) {
        case 400:
            return exit_code::usage;
        case 403:
            return exit_code::denied;
        default:
            return exit_code::failure;
    }
}

/// The message of {"error":{"code","message"}}.
std::string refusal_text(const boost::json::object& body, unsigned status) {
    if (const boost::json::object* inner = object_in(body, "error")) {
        if (std::string message = shown(*inner, "message"); !message.empty()) return message;
    }
    return "the daemon answered with HTTP status " + std::to_string(status);
}

/// Statuses with which an operation was carried out: 422 is a reload that found errors, 503 a
/// daemon that is not ready.
bool is_outcome(unsigned status, const boost::json::object& body) {
    return status == 200 || ((status == 422 || status == 503) && !body.contains("error"));
}

}  // namespace

asked ask(const options& given, const surroundings& world, std::string_view method,
          std::string_view target) {
    asked result;
    const paths places = sockets(given, world);
    if (places.empty()) {
        result.code = exit_code::configuration;
        return result;
    }
    std::string tried;
    for (const std::string& place : places) {
        admin::client_options to;
        to.socket = place;
        to.time = given.timeout;
        const auto received = admin::call(to, world.clock, method, target);
        if (!received) {
            if (received.error().code == admin::unreachable) {
                tried += "  " + printable(received.error().message) + '\n';
                continue;
            }
            world.err << "imdsd: " << printable(received.error().message) << '\n';
            // Only the path can be wrong: the targets are ours.
            const bool bad_path = received.error().kind == base::error_kind::invalid;
            result.code = bad_path ? exit_code::usage : exit_code::failure;
            return result;
        }
        auto parsed = encoding::parse_json(received->body);
        if (!parsed || !parsed->is_object()) {
            world.err << "imdsd: " << place << " answered with something that is not JSON\n";
            result.code = exit_code::failure;
            return result;
        }
        const boost::json::object& body = parsed->get_object();
        if (!is_outcome(received->status, body)) {
            world.err << "imdsd: " << refusal_text(body, received->status) << '\n';
            result.code = code_of_status(received->status);
            return result;
        }
        result.got.emplace();
        result.got->status = received->status;
        result.got->text = received->body;
        result.got->body = body;
        if (given.verbose) world.err << "imdsd: asked the daemon at " << place << '\n';
        return result;
    }
    world.err << "imdsd: no daemon answers; tried\n" << tried;
    result.code = exit_code::unreachable;
    return result;
}

void print_json(const answer& what, const surroundings& world) {
    world.out << what.text;
    if (what.text.empty() || what.text.back() != '\n') world.out << '\n';
}

}  // namespace cli
