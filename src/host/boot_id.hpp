#pragma once

#include <string>

#include "base/error.hpp"

namespace host {

/// The kernel's id of this boot, a UUID in lower case: tells whether CLOCK_BOOTTIME readings kept
/// in a file still mean anything.
base::result<std::string> boot_id(const std::string& file = "/proc/sys/kernel/random/boot_id");

}  // namespace host
