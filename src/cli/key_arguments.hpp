#pragma once

#include <string>

#include "admin/key_queries.hpp"

namespace CLI {
class App;
}

namespace cli {

/// `imdsd keys`: what the daemon is asked for.
struct keys_request {
    bool list = true;
    admin::key_request change;  ///< unless `list`
};

/// Adds the subcommands list, rotate, publish, activate, retire and revoke.
void add_key_arguments(CLI::App& app, admin::key_request& words);
keys_request read_key_arguments(const CLI::App& app, const admin::key_request& words);

}  // namespace cli
