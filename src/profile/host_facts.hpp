#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"

namespace profile {

/// A network interface of the host that can be shown: up, not a loopback, with an address that is
/// not link-local.
struct host_interface {
    std::string name;  ///< eth0
    std::string mac;   ///< "02:00:5e:10:00:01"; empty where it has none
    std::vector<std::string> ipv4s;
    std::vector<std::string> ipv6s;
};

/// What the host knows about itself, gathered by the shell at load.
struct host_facts {
    std::string
        instance_id;  ///< i- and 17 hex digits, from machine-id by an application-specific hash
    std::string unique_suffix;  ///< 17 hex digits of the same hash family, for eni-, ami-, … ids
    std::string hostname;
    std::vector<host_interface> interfaces;  ///< in the kernel's order
    std::string architecture;
    base::wall_time boot_time{};
};

}  // namespace profile
