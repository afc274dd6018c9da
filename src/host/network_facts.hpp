#pragma once

#include <vector>

#include "profile/host_facts.hpp"

namespace host {

/// The interfaces that are up, not a loopback, and have an address that is not link-local
/// (169.254/16, fe80::/10): first those with an IPv4 address, else in the kernel's order.
std::vector<profile::host_interface> network_interfaces();

}  // namespace host
