#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "base/clock.hpp"
#include "config/configuration.hpp"

namespace cli {

/// What `serve` is told. The daemon reads the configuration itself.
struct serve_request {
    std::string config;
    bool verbose = false;
    bool quiet = false;
};

/// All that a verb uses of the world: its arguments apart, a run is a function of this.
struct surroundings {
    std::ostream& out;  ///< data
    std::ostream& err;  ///< talk
    const config::environment& environment;
    const base::clock& clock;
    std::function<int(const serve_request&)> serve;  ///< runs the daemon until it ends
};

}  // namespace cli
