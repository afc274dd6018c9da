#include "audit_record/denial_limiter.hpp"

#include <utility>

namespace audit_record {

denial_limiter::denial_limiter(denial_limits limits) : limits_(limits) {}

denial_limiter::entry& denial_limiter::touch(std::string key) {
    if (const auto found = index_.find(key); found != index_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return entries_.front();
    }
    if (entries_.size() >= limits_.remembered && !entries_.empty()) {
        forgotten_ += entries_.back().suppressed;
        index_.erase(entries_.back().key);
        entries_.pop_back();
    }
    entries_.emplace_front();
    entries_.front().key = std::move(key);
    index_.emplace(entries_.front().key, entries_.begin());
    return entries_.front();
}

bool denial_limiter::budget_left(base::boot_time now) {
    if (now - window_start_ >= limits_.interval) {
        window_start_ = now;
        window_records_ = 0;
    }
    return window_records_ < limits_.records;
}

denial_limiter::verdict denial_limiter::observe(std::string_view peer, std::string_view reason,
                                                base::boot_time now) {
    std::string key;
    key.reserve(peer.size() + reason.size() + 1);
    key.append(peer).append(1, '\0').append(reason);
    entry& e = touch(std::move(key));

    const bool due = !e.ever_written || now - e.written >= limits_.interval;
    verdict v;
    if (!due || !budget_left(now)) {
        ++e.suppressed;
        return v;
    }
    ++window_records_;
    v.write = true;
    v.suppressed = std::exchange(e.suppressed, 0);
    v.suppressed_elsewhere = std::exchange(forgotten_, 0);
    e.written = now;
    e.ever_written = true;
    return v;
}

std::vector<denial_limiter::remainder> denial_limiter::collect(base::boot_time now) {
    std::vector<remainder> left;
    for (auto it = entries_.begin(); it != entries_.end();) {
        if (it->ever_written && now - it->written < limits_.interval) {
            ++it;
            continue;
        }
        if (it->suppressed != 0) {
            if (!budget_left(now)) {
                ++it;
                continue;
            }
            ++window_records_;
            const std::string_view key = it->key;
            // A peer is any bytes, a reason is words.
            const std::size_t split = key.rfind('\0');
            left.push_back({std::string(key.substr(0, split)), std::string(key.substr(split + 1)),
                            it->suppressed});
        }
        index_.erase(it->key);
        it = entries_.erase(it);
    }
    return left;
}

}  // namespace audit_record
