#pragma once

#include "base/clock.hpp"

namespace profile {

/// When credentials are renewed, in wall time. Renewal starts when a third of the life, and at
/// least 25 minutes, is left, but never before half the life; jitter (0 <= jitter < 1) makes it
/// earlier by up to a tenth of the life, or by less where half the life comes first.
/// Several client libraries treat anything under 20 minutes as an outage: see README.
base::wall_time renew_at(base::wall_time issued, base::wall_time expires, double jitter);

/// Wait before try number `failures + 1` after a failure: exponential from 1 s to 60 s, with equal
/// jitter (half fixed, half random).
base::milliseconds back_off(unsigned failures, double jitter);

/// Lives shorter than this are inside clients' own refresh windows: warned about at load.
inline constexpr base::seconds shortest_comfortable_life{50 * 60};

}  // namespace profile
