#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cli/exit_codes.hpp"
#include "cli/options.hpp"
#include "cli/surroundings.hpp"

namespace cli {

/// The daemon's answer to an operation that it carried out.
struct answer {
    unsigned status = 0;
    std::string text;  ///< as the daemon sent it
    boost::json::object body;
};

/// `got` is empty when there was no answer or it was a refusal: `code` is then the exit code, and
/// the reason has been written to `world.err`.
struct asked {
    std::optional<answer> got;
    exit_code code = exit_code::ok;
};

/// One call of the admin socket: the one of --socket or IMDSD_SOCKET, else the one that the named
/// configuration says, else the first usual place where a daemon answers. A configuration often
/// cannot be read by those who only want to ask; that is an error for --config alone.
asked ask(const options& given, const surroundings& world, std::string_view method,
          std::string_view target);

/// The daemon's JSON, unchanged, and a newline.
void print_json(const answer& what, const surroundings& world);

}  // namespace cli
