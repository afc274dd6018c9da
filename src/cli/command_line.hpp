#pragma once

#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace cli {

struct command_line {
    /// Null: there is nothing to run (help, version, wrong usage); `finished` is the exit code and
    /// the texts have been written.
    const verb* chosen = nullptr;
    exit_code finished = exit_code::ok;
    options given;
};

/// `arguments`: without the program's name.
command_line parse_command_line(std::vector<std::string> arguments, const surroundings& world);

}  // namespace cli
