#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace http {

struct rate {
    unsigned per_second;
    unsigned burst;
};

/// A token bucket for each caller, so that no caller can take another's share. `caller`: any bytes.
/// Not thread-safe: a worker has its own, and so the limit is one worker's.
class rate_limiter {
public:
    explicit rate_limiter(rate allowed, std::size_t callers = 4096)
        : allowed_(allowed), most_callers_(callers) {}

    /// True, and counted, when the caller has a request left. A caller that was forgotten (the one
    /// unseen for longest goes when there are too many) starts with a full bucket.
    bool take(std::string_view caller, base::boot_time now);

private:
    struct bucket {
        std::string caller;
        double left;
        base::boot_time filled;
    };
    using place = std::list<bucket>::iterator;

    rate allowed_;
    std::size_t most_callers_;
    std::list<bucket> buckets_;                          ///< the caller seen last comes first
    std::unordered_map<std::string_view, place> index_;  ///< keys point into `buckets_`
};

}  // namespace http
