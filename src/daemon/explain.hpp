#pragma once

#include "admin/daemon_control.hpp"
#include "base/error.hpp"
#include "binding/caller.hpp"

namespace daemon_ {

/// The caller that a query describes, with the facts that the daemon itself would find: groups by
/// NSS, uid and cgroup of a pid from /proc. What does not exist is an error, not an absent fact.
base::result<binding::caller> caller_of(const admin::explain_query& query);

/// The caller behind the admin socket.
base::result<binding::caller> caller_of(const admin::peer& who);

}  // namespace daemon_
