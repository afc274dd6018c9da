#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "config/configuration.hpp"

namespace daemon_ {

/// The listening sockets of one configured listener: at least one for each worker that serves it,
/// which takes the one at its own index and every so many further (more can be inherited).
struct open_listener {
    config::listener configured;
    std::vector<int> descriptors;
    std::string address;  ///< where it really listens: "127.0.0.1:1338"
    bool inherited = false;
};

/// Opens every listener, or takes the sockets that the service manager passed in under the
/// listener's name. SO_REUSEPORT is used only with more than one worker: with it a second daemon
/// would bind silently. With fewer inherited sockets than workers they are shared. Listeners for
/// IPv6 are left out, with a warning each, when the host has no IPv6; any other failure is an
/// error.
base::result<std::vector<open_listener>> open_listeners(
    const config::configuration& configuration, std::map<std::string, std::vector<int>> inherited);

}  // namespace daemon_
