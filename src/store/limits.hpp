#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

/// Every bound of the row store.
namespace store {

inline constexpr std::size_t longest_kind = 64;        // bytes; a-z 0-9 - _
inline constexpr std::size_t longest_id = 2048;        // bytes, as the longest ARN
inline constexpr std::size_t largest_body = 4u << 20;  // bytes
inline constexpr std::size_t most_changes_per_commit = 100'000;
inline constexpr std::size_t largest_commit = 256u << 20;  // bytes of all its rows

/// How far back the log of changes reaches. A replica that was away longer loads everything.
struct log_limits {
    /// A commit leaves the log when it is older than this, or when this many changes came after
    /// it...
    base::milliseconds most_age{base::seconds(24 * 3600)};
    std::uint64_t most_changes = 200'000;
    /// ... but never the newest commits: a commit that lost its answer is looked up among them.
    std::uint64_t least_commits = 256;
    /// Trimmed with every so-many-th commit, up to four times as many commits at once.
    std::uint64_t trim_every = 64;
};

/// A wait for a change that is asked to last longer ends by then.
inline constexpr base::milliseconds longest_wait{3'600'000};

/// How long SQLite waits for another process that writes.
inline constexpr base::milliseconds sqlite_busy_time{5'000};
/// How often SQLite is asked for changes, where the kernel grants no inotify watch or the log was
/// just written to.
inline constexpr base::milliseconds sqlite_poll_interval{250};

/// What SQLite keeps of its write-ahead log's file after a large commit.
inline constexpr long sqlite_kept_log = 16L << 20;  // bytes

/// PostgreSQL: how long each step may take before it counts as failed.
struct postgresql_limits {
    base::milliseconds connect{
        5'000};  // each host; whole seconds, at least 2, are what libpq knows
    base::milliseconds statement{30'000};  // enforced by the server
    base::milliseconds lock{5'000};        // a writer that holds the version row, by the server
    /// A client that vanished inside a transaction keeps the version row no longer than this.
    base::milliseconds idle_in_transaction{10'000};
    /// Without a byte from the server for so long the connection is given up. More than `lock`, and
    /// than a disk takes for a commit.
    base::milliseconds silence{15'000};
    /// A commit is tried again (serialization failure, lost connection) this often, this long.
    unsigned commit_attempts = 10;
    base::milliseconds commit_patience{15'000};
    base::milliseconds first_backoff{10};  // doubled with each attempt
    base::milliseconds longest_backoff{1'000};
    /// Between two tries to LISTEN after a failed one.
    base::milliseconds listen_again{5'000};
};

}  // namespace store
