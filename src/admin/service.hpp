#pragma once

#include <memory>

#include "admin/daemon_control.hpp"
#include "admin/router.hpp"
#include "net/service.hpp"

namespace admin {

/// The admin socket's service, for an AF_UNIX listener on the control thread. `daemon` must outlive
/// it and its conversations. A connection whose peer the kernel does not name, or that is not a
/// local socket, is closed at once.
std::unique_ptr<net::service> make_service(daemon_control& daemon, options chosen);

}  // namespace admin
