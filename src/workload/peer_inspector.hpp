#pragma once

#include <memory>

#include "binding/caller.hpp"

namespace workload {

/// Asks the kernel who is on the other end of an accepted TCP connection (sock_diag(7)), in about
/// two microseconds. One for each worker thread; not thread-safe. Never blocks on anything but the
/// kernel.
class peer_inspector {
public:
    virtual ~peer_inspector() = default;
    /// `fd`: the accepted socket. Fills origin, uid, cgroup_id, address, interface; never throws.
    virtual binding::caller inspect(int fd) = 0;
};

/// Opens the netlink sockets; throws std::system_error when the kernel has no sock_diag.
std::unique_ptr<peer_inspector> make_sock_diag_inspector();

}  // namespace workload
