#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "audit/output.hpp"
#include "audit/sink.hpp"
#include "audit_record/record.hpp"
#include "base/error.hpp"

namespace audit {

struct options {
    enum class failure_mode { deny, allow };
    /// "none", "stdout", "journald" or a path. Files are created 0600, appended, and reopened on
    /// `reopen`; their lines are chained (chain.hpp).
    std::string output = "stdout";
    rotation rotate;        ///< of a file
    std::string head_file;  ///< where the end of the chain is remembered; empty: nowhere
    /// Of a path; only these are chained, rotated and verified.
    bool is_file() const { return output != "none" && output != "stdout" && output != "journald"; }
    failure_mode on_failure = failure_mode::deny;
    std::size_t queue_records = 4096;
    std::size_t queue_bytes = 4u << 20;  ///< of their text: records differ much in size
    /// Between tries after a failed write: doubled from the first to the longest.
    base::milliseconds first_retry{100};
    base::milliseconds longest_retry{5'000};
    /// How long the destructor waits for a sink that does not take the rest.
    base::milliseconds closing_time{2'000};
    /// How long an answer is held back for its record: a sink that hangs (a dead network file
    /// system) is a failed one then.
    base::milliseconds longest_wait{4'500};
};

/// What `record` promises: the place of a record in the log, growing. 0: refused.
using ticket = std::uint64_t;

/// The audit log: a bounded queue and one writer thread that appends and flushes in groups: at once
/// when it is idle, else all that came during the flush before together. Thread-safe.
///
/// What must not happen without its record waits until the record is settled: durable, or, when
/// `on_failure` is allow, lost. A record that was refused to its waiter because the sink failed may
/// still be written when the sink works again: the log then tells of more than has happened.
class journal {
public:
    struct counters {
        std::uint64_t written = 0, dropped = 0, write_errors = 0;
        bool healthy = true;      ///< false from a failed write to the next good one
        std::string failure;      ///< the last one
        std::string trouble;      ///< the last with the order of the files; nothing is lost by it
        bool of_trouble = false;  ///< `on_change` is told of that, not of whether writing works
    };

    /// Opens the sink; a file that cannot be opened is an error (start fails). `on_change` is told,
    /// on the writer thread, when writing begins to fail, when it works again, and of each new
    /// trouble; it must not throw
    /// and must outlive a writer that is left behind (see `closing_time`).
    static base::result<std::unique_ptr<journal>> open(
        options chosen, std::string host_id, std::function<void(const counters&)> on_change = {});
    /// The same with an output of the caller's making; `chosen.output` is not looked at.
    static std::unique_ptr<journal> write_to(std::unique_ptr<output> out, options chosen,
                                             std::string host_id,
                                             std::function<void(const counters&)> on_change = {});
    ~journal();  ///< writes what is queued, within `closing_time`
    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    /// Queues without waiting. 0 when the record cannot be promised (queue full, or the last write
    /// failed) and `on_failure` is deny: the caller must then hand out nothing. With `allow` the
    /// loss is counted, and the ticket returned is a settled one.
    ticket record(audit_record::record r);

    enum class fate {
        pending,
        kept,  ///< durable; or lost, where that is allowed
        failed,
    };
    /// What has become of a record and all before it.
    fate fate_of(ticket of) const;
    /// Waits until it is settled, `longest_wait` at most. False: nothing may be handed out.
    bool wait(ticket of);
    /// The same for who cannot wait: `tell` is called once with the outcome, on the writer thread,
    /// or at once on the caller's when it is known. It must not throw nor wait, and it outlives
    /// whoever gave up: `longest_wait` is the caller's to keep, with `verdict_of_silence` as the
    /// outcome.
    void when_settled(ticket of, std::function<void(bool kept)> tell);
    bool verdict_of_silence() const;
    base::milliseconds longest_wait() const;

    /// False while `record` would refuse because the last write failed. One atomic read: for paths
    /// that have nothing new to record and still must not serve what could not be recorded.
    bool accepts() const;

    /// After logrotate. Also tries again at once if writing had failed.
    void reopen();

    /// Waits until all that was queued before is on the sink. False: not within `bound`.
    bool flush(base::milliseconds bound);

    counters status() const;
    /// That the log was found otherwise than it had been left; empty: it was not.
    const std::string& warning() const;

private:
    struct implementation;
    explicit journal(std::shared_ptr<implementation> self);
    static std::unique_ptr<journal> start(std::shared_ptr<implementation> self);
    std::shared_ptr<implementation> self_;  ///< shared with the writer thread
};

}  // namespace audit
