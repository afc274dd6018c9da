#pragma once

#include <cstddef>
#include <memory>

#include "audit/output.hpp"

namespace audit {

/// systemd's journal. Each record is one entry: MESSAGE is the line, SYSLOG_IDENTIFIER
/// "imdsd-audit", and AWS_EVENT_NAME, AWS_EVENT_SOURCE, AWS_EVENT_ID, AWS_ACCOUNT and
/// AWS_ERROR_CODE, as far as the record has them, are for `journalctl AWS_EVENT_NAME=AssumeRole`.
/// A record counts as written when the journal's service has taken it.
class journald_output final : public output {
public:
    /// Unavailable: there is no journal.
    static base::result<std::unique_ptr<journald_output>> open();
    base::result<void> write(std::string_view lines) override;
    base::result<void> reopen() override { return {}; }

private:
    journald_output() = default;
    std::size_t done_ = 0;  ///< bytes of a text that failed, which the journal has
};

}  // namespace audit
