#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace net {

/// How a TCP listening socket is made.
struct tcp_address {
    std::string address;  ///< IP literal
    std::uint16_t port = 0;
    std::string interface;     ///< SO_BINDTODEVICE; empty: none
    bool shared_port = false;  ///< SO_REUSEPORT: one socket for each worker
};

/// Binds and listens; the descriptor is non-blocking and close-on-exec. Errors name the address and
/// what would help.
base::result<int> listen_tcp(const tcp_address& where);

/// True when some device of this network namespace has an IPv6 address. Without any, IPv6 is
/// switched off here (or absent from the kernel) and no IPv6 socket can be bound.
bool host_has_ipv6();

/// A unix stream socket with the given mode. A stale socket file (nobody accepts) is replaced; a
/// live one is an error.
base::result<int> listen_unix(const std::string& path, unsigned mode);

/// "127.0.0.1:1338", "[::1]:80" or the path.
base::result<std::string> local_address(int fd);
/// Port of a bound TCP socket.
base::result<std::uint16_t> local_port(int fd);

/// Another descriptor for the same socket.
base::result<int> duplicate(int fd);

}  // namespace net
