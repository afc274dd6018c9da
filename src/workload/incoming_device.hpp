#pragma once

#include <cstdint>
#include <string>

namespace workload {

/// Interface index of the device by which an accepted TCP connection came in; 0 when the kernel
/// does not tell.
std::uint32_t incoming_device(int fd);

/// Its name in the socket's network namespace; empty when there is none (any more).
std::string device_name(int fd, std::uint32_t index);

}  // namespace workload
