#pragma once

#include <string>
#include <vector>

#include "cli/policy_request.hpp"

namespace CLI {
class App;
}

namespace cli {

/// Words of `imdsd policy …` that are read once the whole line is known.
struct raw_policy {
    std::string kind = "identity";
    std::vector<std::string> facts;    ///< key=value
    std::vector<std::string> members;  ///< key=value
    policy_request request;
};

/// Adds the subcommands check, simulate, explain, who-can-assume, what-can-assume and findings.
void add_policy_arguments(CLI::App& app, raw_policy& raw);
/// Flaws are CLI::ValidationError.
policy_request read_policy_arguments(const CLI::App& app, const raw_policy& raw);

}  // namespace cli
