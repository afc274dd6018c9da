#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"

namespace audit_record {

struct denial_limits {
    /// Between two records of the same refusal.
    base::milliseconds interval{60'000};
    /// Refusals remembered; the one that was quiet for longest is forgotten first.
    std::size_t remembered = 1024;
    /// Records in one interval over all peers: a peer that can change its key (addresses of an
    /// IPv6 network, say) must not fill the disk.
    std::size_t records = 600;
};

/// Decides which refusals are written. The first of a peer and reason at once, then at most one per
/// interval with the number that went unwritten. Not thread-safe; time is an argument.
class denial_limiter {
public:
    explicit denial_limiter(denial_limits limits = {});

    struct verdict {
        bool write = false;
        std::uint64_t suppressed = 0;  ///< equal ones since the last written one
        /// Of other peers, whose entries were forgotten before their count was written.
        std::uint64_t suppressed_elsewhere = 0;
    };
    verdict observe(std::string_view peer, std::string_view reason, base::boot_time now);

    struct remainder {
        std::string peer, reason;
        std::uint64_t suppressed = 0;
    };
    /// Forgets refusals whose interval is over and returns the counts not written yet. Called now
    /// and then, so that the end of a burst is told even if the peer never comes back.
    std::vector<remainder> collect(base::boot_time now);

    std::size_t size() const { return entries_.size(); }

private:
    struct entry {
        std::string key;  ///< peer, NUL, reason
        base::boot_time written{};
        bool ever_written = false;
        std::uint64_t suppressed = 0;
    };
    using entry_list = std::list<entry>;  ///< most recently seen first

    entry& touch(std::string key);
    bool budget_left(base::boot_time now);

    denial_limits limits_;
    entry_list entries_;
    std::unordered_map<std::string_view, entry_list::iterator> index_;  ///< keys live in entries_
    std::uint64_t forgotten_ = 0;
    base::boot_time window_start_{};
    std::size_t window_records_ = 0;
};

}  // namespace audit_record
