#pragma once

#include <string>

// The namespace has an underscore because POSIX has a function called daemon.
namespace daemon_ {

struct serve_options {
    std::string config;         ///< path of the configuration file
    bool issuer_alone = false;  ///< see issuer_alone.hpp
    bool verbose = false;
    bool quiet = false;
};

/// `imdsd serve`, `imdsd issuer`: runs in the foreground until SIGTERM or SIGINT, reloads on
/// SIGHUP, reopens the audit file on SIGUSR1. Returns an exit code: 0 after a clean stop, 3 when
/// the configuration is not valid, 1 when something else prevents the start.
int serve(const serve_options& options);

}  // namespace daemon_
