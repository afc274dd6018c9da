#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "cli/exit_codes.hpp"

namespace cli {

/// The daemon's answer to whoami or explain for people: the outcome in the first line, then the
/// steps that led there, then, after a refusal, what would allow it.
std::string decision_text(const boost::json::object& decision);

/// Refused, or bound to a profile that has nothing valid to serve.
exit_code whoami_code(const boost::json::object& decision);

}  // namespace cli
