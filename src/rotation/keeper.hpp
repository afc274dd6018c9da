#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/credentials.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "source/credential_source.hpp"

namespace rotation {

/// waiting: first fetch under way, nothing to serve. fresh: served. renewing: the old document is
/// still served while a new one is fetched. stale: the issuer fails, the old document is still
/// valid. failed: nothing valid, and the last try failed.
enum class phase { waiting, fresh, renewing, stale, failed };
const char* to_string(phase value);

/// Immutable; what a profile can serve at one time.
struct snapshot {
    phase state = phase::waiting;
    std::shared_ptr<const aws::credentials> credentials;  ///< the last good set, or null
    base::wall_time last_updated{};                       ///< when it was issued
    std::uint64_t serial = 0;                             ///< counts issued sets
    /// The issuer said no; nothing valid is left. `message` is for the workload to read.
    bool denied = false;
    std::string failure;         ///< last error, empty when the last fetch went well
    unsigned failures = 0;       ///< in a row
    base::wall_time next_try{};  ///< of the next renewal or retry
};

/// The pure part: one profile's state machine. It is told what happens (time, results) and says
/// what to do; it never waits and knows no thread.
class keeper {
public:
    /// `jitter`: called for each decision, returns [0, 1).
    explicit keeper(std::function<double()> jitter);

    /// Starts from a set issued earlier. What has expired meanwhile is dropped by the next `poll`.
    void adopt(const snapshot& earlier);

    /// The configuration may have changed what made the last try fail: no waiting for the retry.
    void retry_now() { retry_at_.reset(); }

    /// What is held is good no more, nor is what a fetch under way will bring: another one is due.
    void discard();

    /// What is due at this moment. True: the caller must start a fetch now and report its end by
    /// `fetched`; exactly one fetch is under way at a time. Also drops what has expired.
    bool poll(base::wall_time wall, base::boot_time boot);
    void fetched(base::result<aws::credentials> outcome, base::wall_time wall,
                 base::boot_time boot);

    /// When `poll` must be called again at the latest, absent other events. Wall-clock deadlines
    /// are for expiry and renewal; boot deadlines for retries.
    std::optional<base::wall_time> next_wall() const;
    std::optional<base::boot_time> next_boot() const;

    std::shared_ptr<const snapshot> current() const { return current_; }

private:
    void publish(snapshot next);
    void drop_expired(base::wall_time wall);
    bool due(base::wall_time wall, base::boot_time boot) const;
    void succeed(aws::credentials&& fresh, base::wall_time wall);
    void fail(const base::error& why, base::wall_time wall, base::boot_time boot);
    bool retrying() const { return current_->failures != 0; }

    std::function<double()> jitter_;
    std::shared_ptr<const snapshot> current_;  ///< never null
    bool fetching_ = false;
    bool outdated_ = false;  ///< of the fetch under way: its result is not wanted
    bool last_was_denied_ = false;
    base::wall_time renew_at_{};               ///< with credentials and no failure since
    std::optional<base::boot_time> retry_at_;  ///< after a failure
};

}  // namespace rotation
