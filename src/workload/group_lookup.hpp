#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace workload {

/// Primary and supplementary groups of a user, sorted, from the name service (getpwuid_r(3),
/// getgrouplist(3)). Blocking: the name service may go over the network. Empty when the user has no
/// entry or the answer is not complete.
std::optional<std::vector<std::uint32_t>> groups_of(std::uint32_t uid);

}  // namespace workload
