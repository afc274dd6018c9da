#pragma once

#include <cstdint>

#include "base/ip_address.hpp"
#include "workload/netlink_socket.hpp"

namespace workload {

enum class address_place {
    own,        ///< an address of this network namespace
    elsewhere,  ///< reached over a device
    unclear,    ///< no route, or no answer
};

/// Asks the kernel's routing tables (rtnetlink(7), RTM_GETROUTE) whether an address is one of this
/// network namespace. `device`: interface index for link-local addresses, else 0.
address_place place_of(netlink_socket& route, const base::ip_address& address,
                       std::uint32_t device);

}  // namespace workload
