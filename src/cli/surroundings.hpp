#pragma once

#include <functional>
#include <ostream>
#include <string>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/configuration.hpp"

namespace cli {

/// What `serve` is told. The daemon reads the configuration itself.
struct serve_request {
    std::string config;
    bool issuer_alone = false;  ///< only what the issuer needs: `imdsd issuer`
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
    /// The long-term key of the administrator whom the issuer made at its first start; there is no
    /// session token.
    std::function<base::result<aws::credentials>(const config::configuration&)> administrator = {};
};

}  // namespace cli
