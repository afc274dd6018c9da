#include "http/rate_limiter.hpp"

#include <algorithm>

namespace http {

bool rate_limiter::take(std::string_view caller, base::boot_time now) {
    const auto known = index_.find(caller);
    if (known == index_.end()) {
        if (buckets_.size() >= std::max<std::size_t>(1, most_callers_)) {
            index_.erase(buckets_.back().caller);
            buckets_.pop_back();
        }
        buckets_.push_front({std::string(caller), double(allowed_.burst), now});
        index_.emplace(buckets_.front().caller, buckets_.begin());
    } else {
        buckets_.splice(buckets_.begin(), buckets_, known->second);
    }
    bucket& own = buckets_.front();
    const std::chrono::duration<double> passed = std::max(now - own.filled, base::milliseconds(0));
    own.left = std::min(double(allowed_.burst), own.left + passed.count() * allowed_.per_second);
    own.filled = now;
    if (own.left < 1) return false;
    own.left -= 1;
    return true;
}

}  // namespace http
