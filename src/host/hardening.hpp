#pragma once

#include "base/error.hpp"

namespace host {

/// Closes the ways by which this process's memory, and so its keys, could leave it: no ptrace by
/// others of the same user, no /proc/PID/mem, no core dumps; and no privileges gained by exec.
/// Before any secret is read.
base::result<> harden_process();

}  // namespace host
