#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "audit_record/record.hpp"
#include "base/error.hpp"

namespace audit {

struct options {
    enum class failure_mode { deny, allow };
    /// "none", "stdout" or a path. Files are created 0600, appended, and reopened on `reopen`.
    std::string output = "stdout";
    failure_mode on_failure = failure_mode::deny;
    std::size_t queue_records = 4096;
    std::size_t queue_bytes = 4u << 20;  ///< of their text: records differ much in size
    /// Between tries after a failed write: doubled from the first to the longest.
    base::milliseconds first_retry{100};
    base::milliseconds longest_retry{5'000};
    /// How long the destructor waits for a sink that does not take the rest.
    base::milliseconds closing_time{2'000};
};

/// The audit log: a bounded queue and one writer thread that appends and flushes in groups.
/// Thread-safe.
class journal {
public:
    struct counters {
        std::uint64_t written = 0, dropped = 0, write_errors = 0;
        bool healthy = true;  ///< false from a failed write to the next good one
        std::string failure;  ///< the last one
    };

    /// Opens the sink; a file that cannot be opened is an error (start fails). `on_change` is told,
    /// on the writer thread, when writing begins to fail and when it works again; it must not throw
    /// and must outlive a writer that is left behind (see `closing_time`).
    static base::result<std::unique_ptr<journal>> open(
        options chosen, std::string host_id, std::function<void(const counters&)> on_change = {});
    ~journal();  ///< writes what is queued, within `closing_time`
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    /// Queues without waiting. False when the record cannot be promised (queue full, or the last
    /// write failed) and `on_failure` is deny: the caller must then hand out nothing. With
    /// `allow` the loss is counted and true returned.
    bool record(audit_record::record r);

    /// False while `record` would refuse because the last write failed. One atomic read: for paths
    /// that have nothing new to record and still must not serve what could not be recorded.
    bool accepts() const;

    /// After logrotate. Also tries again at once if writing had failed.
    void reopen();

    /// Waits until all that was queued before is on the sink. False: not within `bound`.
    bool flush(base::milliseconds bound);

    counters status() const;

private:
    struct implementation;
    explicit journal(std::shared_ptr<implementation> self);
    std::shared_ptr<implementation> self_;  ///< shared with the writer thread
};

}  // namespace audit
