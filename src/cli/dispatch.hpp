#pragma once

#include <string>
#include <vector>

#include "cli/exit_codes.hpp"
#include "cli/surroundings.hpp"

namespace cli {

/// Parses and runs one command line. `arguments`: without the program's name.
exit_code dispatch(std::vector<std::string> arguments, const surroundings& world);

}  // namespace cli
