#pragma once

#include <string>

#include "crypto/hash.hpp"

namespace host {

/// One interface as instance metadata shows it; empty strings where not known.
struct interface_facts {
    std::string ipv4;
    std::string mac;  ///< "02:00:5e:10:00:01"
};

/// The first interface, in the kernel's order, that is up, not a loopback and has an IPv4 address;
/// link-local addresses (169.254/16) do not count. With its MAC if it has one.
interface_facts first_interface();

/// A believable address (in 172.31.0.0/16, EC2's default network) and a locally administered MAC
/// out of a hash.
interface_facts invented_interface(const crypto::digest256& hash);

}  // namespace host
