#pragma once

#include <cstdint>
#include <optional>

#include "workload/endpoint.hpp"
#include "workload/netlink_socket.hpp"

namespace workload {

/// What sock_diag(7) says about one TCP socket of this network namespace.
struct socket_facts {
    std::uint32_t uid = 0;
    std::uint32_t inode = 0;  ///< 0: no process holds the socket any more
    std::uint8_t state = 0;   ///< TCP_ESTABLISHED …
    std::optional<std::uint64_t> cgroup_id;
};

struct socket_answer {
    enum class outcome {
        found,
        absent,  ///< no such socket in this network namespace
        failed,  ///< no answer that can be trusted
    };
    outcome what = outcome::failed;
    socket_facts facts;  ///< for found
};

/// Asks for the socket that is bound to `own` and connected to `other`. `device` is the interface
/// index for a socket that may be bound to a device, else 0. An answer about any other socket (the
/// kernel falls back to a listener on the same port) counts as absent.
socket_answer query_socket(netlink_socket& sock_diag, const endpoint& own, const endpoint& other,
                           std::uint32_t device);

/// Proves that the kernel answers: asks for a listening socket made for the purpose. Throws
/// std::system_error. A kernel without tcp_diag would call every peer "absent" otherwise.
void check_sock_diag(netlink_socket& sock_diag);

}  // namespace workload
