#pragma once

#include <cstdint>
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
};

/// The audit log: a bounded queue and one writer thread that appends and flushes in groups.
/// Thread-safe.
class journal {
public:
    /// Opens the sink; a file that cannot be opened is an error (start fails).
    static base::result<std::unique_ptr<journal>> open(options chosen, std::string host_id);
    ~journal();  ///< writes what is queued

    /// Queues without waiting. False when the record cannot be promised (queue full, or the last
    /// write failed) and `on_failure` is deny: the caller must then hand out nothing. With
    /// `allow` the loss is counted and true returned.
    bool record(audit_record::record r);

    void reopen();  ///< after logrotate

    struct counters {
        std::uint64_t written = 0, dropped = 0, write_errors = 0;
        bool healthy = true;
    };
    counters status() const;

private:
    journal();
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace audit
