#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/clock.hpp"

namespace pod_identity {

struct rate_limits {
    double per_second = 1000;
    double burst = 500;
    std::size_t callers = 4096;  ///< remembered at a time
};

/// A token bucket for each caller: one that asks too much slows down nobody else. Not thread-safe:
/// one for each worker.
class rate_limiter {
public:
    explicit rate_limiter(rate_limits limits) : limits_(limits) {}

    /// True when the caller may be served now.
    bool allow(std::uint64_t caller, base::boot_time now);

private:
    struct bucket {
        double left = 0;
        base::boot_time filled{};
    };
    void make_room(base::boot_time now);
    double filled(const bucket& b, base::boot_time now) const;

    rate_limits limits_;
    std::unordered_map<std::uint64_t, bucket> buckets_;
};

}  // namespace pod_identity
