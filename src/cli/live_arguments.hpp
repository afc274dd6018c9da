#pragma once

#include <map>
#include <string>

#include "cli/options.hpp"
#include "cli/surroundings.hpp"

namespace CLI {
class App;
}

namespace cli {

/// Words of `imdsd event` and `imdsd options` as they were typed, by the names of the admin query.
using raw_words = std::map<std::string, std::string>;

/// Adds the subcommands spot-interruption, rebalance, maintenance, autoscaling, ssh-key, list,
/// cancel and complete.
void add_event_arguments(CLI::App& app, raw_words& words);
void add_options_arguments(CLI::App& app, raw_words& words, bool& reset);

/// What was asked for. Held to the same rules as in the daemon; flaws are CLI::ValidationError.
live_request read_event_arguments(const CLI::App& app, const raw_words& words,
                                  const surroundings& world);
live_request read_options_arguments(const raw_words& words, bool reset);

}  // namespace cli
