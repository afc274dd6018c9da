#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

struct audit_request {
    enum class kind { verify, tail };
    kind what = kind::verify;
    std::vector<std::string> files;  ///< verify: empty means the configured log
    std::string head;                ///< verify: of the files named; empty: not compared
    std::string log;                 ///< tail: empty means the configured log
    std::size_t lines = 10;
    bool follow = false;
};

/// Adds the subcommands verify and tail.
void add_audit_arguments(CLI::App& app, audit_request& into);
/// Flaws are CLI::ValidationError.
void read_audit_arguments(const CLI::App& app, audit_request& into);

}  // namespace cli
