#pragma once

#include "admin/operations.hpp"
#include "base/error.hpp"

namespace admin {

/// Asks the kernel who is at the other end of a connected AF_UNIX socket. Groups that cannot be
/// read are left out: a missing fact only denies.
base::result<identified_peer> identify(int fd);

/// /proc/sys/kernel/overflowuid; the kernel's default where it cannot be read.
std::uint32_t overflow_uid();

}  // namespace admin
