#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_address.hpp"

namespace workload {

/// One end of a TCP connection.
struct endpoint {
    base::ip_address address;
    std::uint16_t port = 0;
    std::uint32_t scope = 0;  ///< interface index of an IPv6 link-local address, else 0

    bool same_place(const endpoint& other) const {
        return address == other.address && port == other.port;
    }
};

/// getpeername(2) and getsockname(2); empty when the socket is not a connected IP socket.
std::optional<endpoint> peer_of(int fd);
std::optional<endpoint> local_of(int fd);

/// Where the connection was going before a DNAT or REDIRECT rule of this host changed it; empty
/// without connection tracking.
std::optional<endpoint> original_destination(int fd, bool over_v6);

}  // namespace workload
