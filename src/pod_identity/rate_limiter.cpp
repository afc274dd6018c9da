#include "pod_identity/rate_limiter.hpp"

#include <algorithm>

namespace pod_identity {

double rate_limiter::filled(const bucket& b, base::boot_time now) const {
    const double since = double((now - b.filled).count()) / 1000.0;
    return std::min(limits_.burst, b.left + std::max(since, 0.0) * limits_.per_second);
}

bool rate_limiter::allow(std::uint64_t caller, base::boot_time now) {
    auto found = buckets_.find(caller);
    if (found == buckets_.end()) {
        if (buckets_.size() >= limits_.callers) make_room(now);
        found = buckets_.emplace(caller, bucket{limits_.burst, now}).first;
    }
    bucket& own = found->second;
    own.left = filled(own, now);
    own.filled = now;
    if (own.left < 1) return false;
    own.left -= 1;
    return true;
}

/// Full buckets say nothing that a new one would not. When all are in use, forgetting them lets
/// every caller begin with a full one: no caller is held back for the sake of another.
void rate_limiter::make_room(base::boot_time now) {
    std::erase_if(buckets_,
                  [&](const auto& entry) { return filled(entry.second, now) >= limits_.burst; });
    if (buckets_.size() >= limits_.callers) buckets_.clear();
}

}  // namespace pod_identity
