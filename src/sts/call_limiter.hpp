#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "sts/caller.hpp"
#include "sts/definitions.hpp"
#include "sts/issuer.hpp"

namespace sts {

/// A token bucket for each key, so that nobody can take another's share. Memory is bounded: the
/// key unseen for longest is forgotten, and starts with a full bucket when it comes back.
/// Thread-safe.
class call_limiter {
public:
    /// True, and counted, when the key has a call left. `calls`: how many it counts for; never more
    /// than `allowed.burst`.
    bool take(std::string_view key, base::boot_time now, const call_rate& allowed,
              unsigned calls = 1);

    std::size_t size() const;

    static constexpr std::size_t most_keys = 16 * 1024;

private:
    struct bucket {
        std::string key;
        double left;
        base::boot_time filled;
    };
    using place = std::list<bucket>::iterator;

    mutable std::mutex guard_;
    std::list<bucket> buckets_;                          ///< the key seen last comes first
    std::unordered_map<std::string_view, place> index_;  ///< keys point into `buckets_`
};

/// What calls of an address are counted under; empty: they are not. An IPv6 client has a network
/// of 64 bits to itself (RFC 6177), so that is what counts.
std::string limiter_key(const request_origin& origin);
/// A user, the root of an account, or a role with all its sessions.
std::string limiter_key(const caller& by);

}  // namespace sts
