#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "profile/role_profile.hpp"

namespace imds {

/// What goes wrong with one request.
struct fault_decision {
    const profile::fault* fault = nullptr;  ///< of the injector; null: none of them
    bool throttled = false;                 ///< too many requests: 503
    base::milliseconds delay{0};            ///< before the answer

    /// The answer is made by `answer_instead`: the protocol is not asked.
    bool replaces_answer() const;
};

/// The faults of one profile: which request gets which. The counts are shared by all workers, and
/// start anew with each configuration. Thread-safe; no locks.
class fault_injector {
public:
    explicit fault_injector(const profile::role_profile& profile);
    /// Null when the profile asks for none.
    static std::shared_ptr<fault_injector> of(const profile::role_profile& profile);

    /// The first fault whose path and method fit, which has turns left and wins its draw. Counts.
    fault_decision decide(std::string_view method, std::string_view path, base::boot_time now,
                          base::random& random);

private:
    bool take_turn(std::size_t index);
    std::optional<base::milliseconds> wait_for_turn(base::boot_time now);

    const std::vector<profile::fault> faults_;
    const std::optional<profile::throttle> throttle_;
    std::unique_ptr<std::atomic<std::uint32_t>[]> taken_;  ///< by fault
    /// Throttling as a virtual queue: when it will have run empty, in microseconds of boot time.
    std::atomic<std::int64_t> busy_until_{0};
};

/// How the fault changes the Expiration of a credential document: relative to now.
std::optional<base::seconds> pretended_expiry(const fault_decision& decision);

/// The wrong answer to a request that the protocol is not asked about (not for drop and reset,
/// which have none).
void answer_instead(const fault_decision& decision, http::response& answer);

/// Spoils an answer that the protocol has given.
void spoil(const fault_decision& decision, http::response& answer);

/// How much of the body goes over the wire before the connection ends; nothing: all of it.
std::optional<std::size_t> sent_bytes(const fault_decision& decision, std::size_t body_bytes);

}  // namespace imds
