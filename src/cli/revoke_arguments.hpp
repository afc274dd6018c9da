#pragma once

#include <string>

#include "admin/revoke_queries.hpp"

namespace CLI {
class App;
}

namespace cli {

/// `imdsd revoke`, as it was typed.
struct raw_revoke {
    std::string subject;
    std::string before;
    std::string reason;
};

/// What the daemon is asked for.
struct revoke_arguments {
    bool list = true;
    std::string query;  ///< of the admin operation, unless `list`
};

/// Adds the subcommands role, user, root, session, key and list.
void add_revoke_arguments(CLI::App& app, raw_revoke& raw);
/// Wrong ones throw CLI::ValidationError.
revoke_arguments read_revoke_arguments(const CLI::App& app, const raw_revoke& raw);

}  // namespace cli
