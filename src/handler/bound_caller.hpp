#pragma once

#include <array>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "handler/worker_state.hpp"
#include "http/request.hpp"
#include "net/service.hpp"

namespace handler {

/// The caller as bytes: what its tokens are bound to, and what counts as one workload in the audit.
/// A local caller is its uid (a cgroup changes with every login session); a network caller is its
/// address and the device by which it comes: a link-local address may occur behind each of them.
class subject_bytes {
public:
    explicit subject_bytes(const binding::caller& who);
    std::string_view text() const { return {bytes_.data(), size_}; }

private:
    static constexpr std::size_t longest_device_name = 15;  // IFNAMSIZ without the NUL
    std::array<char, 17 + longest_device_name> bytes_{};
    std::size_t size_ = 0;
};

/// The caller of one connection and what it is bound to. Facts are asked for once; the decision
/// carries the configuration's generation and is made anew when that changes, so a binding that was
/// removed ends on open connections too.
class bound_caller {
public:
    /// `wants_cgroup`: the cgroup is looked up even when no binding asks for it.
    bound_caller(worker_state& worker, const net::connection_info& info, bool wants_cgroup = false);

    const binding::caller& facts() const { return caller_; }
    std::string_view subject() const { return subject_.text(); }
    std::uint64_t peer_key() const { return peer_key_; }

    /// True: `look_up` has something to wait for before a decision can be made.
    bool facts_missing() const { return facts_missing_; }
    boost::asio::awaitable<void> look_up();

    /// Before each request. False: facts are missing for the configuration in force; `look_up`,
    /// then ask again.
    bool follow_configuration();
    std::uint64_t generation() const { return decided_for_; }
    std::optional<std::size_t> profile() const { return decided_.profile_index; }
    std::optional<std::size_t> rule() const { return decided_.rule; }

    /// The rule by which this caller may use the listener at all; see binding::rule_set::admits.
    std::optional<std::size_t> admitted() const;

    struct refusal {
        refusal_reason why;
        std::string line;  ///< for the caller; ends with a newline
    };
    /// Why this request is not answered at all, whatever the protocol: Host, browser, unknown
    /// caller, no binding. `policy`: the listener's; null when it is gone.
    std::optional<refusal> refuse(const http::request& request,
                                  const listener_policy* policy) const;
    /// The same for protocols where a token says which profile is meant, after their own check of
    /// the Host: browser, unknown caller, not admitted.
    std::optional<refusal> refuse_unadmitted(const http::request& request) const;
    /// The listener that was called, null when the configuration no longer has it.
    const listener_policy* policy() const;

    /// Counts and records a refusal. `shown_path` is recorded in place of the request's target,
    /// for protocols whose paths hold something that is not for logs.
    void note(const http::request& request, refusal_reason why, std::string_view reason,
              std::string_view shown_path = {}) const;
    /// For the ledger. Views into the request, the configuration in force and this.
    hand_out_ledger::event event_of(const http::request& request) const;

private:
    void find_missing_facts();
    void decide();

    worker_state& worker_;
    binding::caller caller_;
    const subject_bytes subject_;
    const std::uint64_t peer_key_;
    std::uint64_t decided_for_ = 0;
    binding::decision decided_;
    const bool wants_cgroup_;
    bool facts_missing_ = false;
    bool groups_known_ = false;  ///< asked for; absent means there are none to be had
    bool cgroups_known_ = false;
};

}  // namespace handler
