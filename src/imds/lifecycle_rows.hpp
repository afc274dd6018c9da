#pragma once

#include <span>

#include "imds/rows.hpp"

namespace imds {

/// The rows that come and go while the instance runs: spot, rebalance, maintenance, Auto Scaling.
std::span<const row> lifecycle_rows();

/// EC2 Instance Connect: the pushed keys by user, and what their signatures are checked with.
std::span<const repeated_row> pushed_rows();

}  // namespace imds
