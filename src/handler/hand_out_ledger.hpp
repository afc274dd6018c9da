#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "audit/journal.hpp"
#include "audit_record/denial_limiter.hpp"
#include "audit_record/imds_events.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"
#include "binding/caller.hpp"

namespace handler {

/// Why a caller was refused; counted by name.
enum class refusal_reason {
    unknown_caller,
    no_binding,
    host_header,
    browser,
    forwarded_for,
    bad_token,
    unknown_id,
    no_association,
    rate_limited,
    v1_disabled,
    role_denied,
    audit_failed,
    count_,
};
inline constexpr std::size_t refusal_reasons = std::size_t(refusal_reason::count_);
const char* to_string(refusal_reason reason);

/// Counters of one worker; written by it alone, read by anybody.
struct counters {
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> tokens_issued{0};
    std::atomic<std::uint64_t> v1_requests{0};
    std::atomic<std::uint64_t> credentials_served{0};
    std::array<std::atomic<std::uint64_t>, refusal_reasons> refused{};
};

/// The audit side of the metadata face, shared by the workers: the first hand-out of an access key
/// to a workload is recorded, and so are refusals, rate-limited. Called off the hot path; short
/// critical sections.
class hand_out_ledger {
public:
    hand_out_ledger(audit::journal& journal, const base::clock& clock, base::random& random);

    /// What is known where the event happened.
    struct event {
        const binding::caller& caller;
        std::string_view subject;  ///< the caller's identity as bytes
        std::string_view profile, role_arn, region, account, path, user_agent;
        const audit_record::pod_identity* pod = nullptr;  ///< of a verified service account token
    };

    /// False while the audit log cannot be written: nothing is handed out then, not even what was
    /// recorded before; that record may be among those that were lost.
    bool open() const { return journal_.accepts(); }
    audit::journal& journal() { return journal_; }
    /// The record of this hand-out, made now or before: the credentials may go out when it is
    /// durable. 0: they must not. `imds_version`: "1" or "2"; empty when they go out by another
    /// protocol.
    audit::ticket allow(const event& what, std::string_view access_key_id,
                        base::wall_time expiration, std::string_view imds_version);
    void refused(const event& what, refusal_reason why, std::string_view reason);
    /// Now and then: records how many refusals went unwritten of peers that did not come back.
    void settle_refusals();

private:
    audit_record::event_facts facts(const event& what);

    audit::journal& journal_;
    const base::clock& clock_;
    base::random& random_;
    std::mutex guard_;
    /// By subject, NUL, access key id.
    std::unordered_map<std::string, audit::ticket> handed_out_;
    audit_record::denial_limiter limiter_;
};

}  // namespace handler
