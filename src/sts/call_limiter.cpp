#include "sts/call_limiter.hpp"

#include <algorithm>

namespace sts {

bool call_limiter::take(std::string_view key, base::boot_time now, const call_rate& allowed,
                        unsigned calls) {
    const std::lock_guard lock(guard_);
    const auto found = index_.find(key);
    if (found == index_.end()) {
        if (buckets_.size() >= most_keys) {
            index_.erase(buckets_.back().key);
            buckets_.pop_back();
        }
        buckets_.push_front({std::string(key), double(allowed.burst), now});
        index_.emplace(buckets_.front().key, buckets_.begin());
    } else {
        buckets_.splice(buckets_.begin(), buckets_, found->second);
    }
    bucket& own = buckets_.front();
    const double seconds = std::max(double((now - own.filled).count()) / 1000.0, 0.0);
    own.left = std::min(double(allowed.burst), own.left + seconds * allowed.per_second);
    own.filled = now;
    // A burst of nothing lets nothing through.
    const double cost = std::max(std::min(calls, allowed.burst), 1U);
    if (own.left < cost) return false;
    own.left -= cost;
    return true;
}

std::size_t call_limiter::size() const {
    const std::lock_guard lock(guard_);
    return buckets_.size();
}

std::string limiter_key(const request_origin& origin) {
    if (!origin.source) return {};
    constexpr std::size_t network_bytes = 8;
    const auto& bytes = origin.source->bytes();
    const std::size_t size = origin.source->is_v4() ? bytes.size() : network_bytes;
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string limiter_key(const caller& by) {
    // Those whom a user vouches for count as that user.
    return by.principal.account + "/" +
           (by.user != nullptr ? by.user->unique_id : by.principal.unique_id);
}

}  // namespace sts
