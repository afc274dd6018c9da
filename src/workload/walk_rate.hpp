#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "workload/bounded_cache.hpp"

namespace workload {

/// Counts the cgroup walks each user causes in a second, since a user may make cgroups (and so
/// misses) at will.
class walk_rate {
public:
    walk_rate(std::size_t per_second, std::size_t users) : per_second_(per_second), used_(users) {}

    /// True, and counted, when `uid` has a walk left in this second.
    bool take(std::uint32_t uid, base::boot_time now) {
        window* spent = used_.find(uid);
        if (spent == nullptr || now - spent->start >= base::seconds(1)) {
            used_.put(uid, {now, 1});
            return per_second_ > 0;
        }
        if (spent->count >= per_second_) return false;
        ++spent->count;
        return true;
    }

private:
    struct window {
        base::boot_time start;
        std::size_t count = 0;
    };

    std::size_t per_second_;
    bounded_cache<std::uint32_t, window> used_;
};

}  // namespace workload
