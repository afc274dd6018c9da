#pragma once

#include <optional>
#include <string>

#include "container/responder.hpp"
#include "handler/bound_caller.hpp"
#include "handler/recorded_hand_out.hpp"
#include "workload/container_engine.hpp"

namespace handler {

/// One connection to the container protocols. An id or token alone never suffices: the caller must
/// be bound, and what it shows must be its own binding's.
class container_conversation final : public net::conversation {
public:
    container_conversation(worker_state& worker, workload::container_engine* engine,
                           http::rate_limiter& limiter, const net::connection_info& info);

    bool wants_prepare() const override { return caller_.facts_missing(); }
    boost::asio::awaitable<void> prepare() override { return caller_.look_up(); }
    net::action respond(const http::request& request, http::response& answer) override;
    boost::asio::awaitable<void> wait() override;
    void refuse(const http::request&, http::response& answer) override;
    std::uint64_t peer_key() const override { return caller_.peer_key(); }

private:
    enum class missing {
        nothing,
        facts,
        credentials,
        description,
        own_statistics,
        task_statistics,
        record,  ///< of the hand-out, durable
    };

    std::optional<bound_caller::refusal> refuse_unproven() const;
    net::action refuse_as(const http::request& request, bound_caller::refusal refusal,
                          http::response& answer);
    net::action wait_for(missing what);
    net::action credentials_action(const http::request& request,
                                   const container::credential_state& credentials,
                                   http::response& answer);
    const container::binding_identifiers& own_identifiers() const;
    const profile::role_profile& profile() const;
    container::looked_up found() const;
    /// What is left of the time for the container engine; it begins with the first call.
    base::milliseconds time_for_engine();
    /// True: rule and profile are of a configuration that is no longer in force.
    bool decision_is_outdated() const;
    void describe_by_profile();
    boost::asio::awaitable<void> describe();
    boost::asio::awaitable<void> measure(bool whole_task);

    worker_state& worker_;
    workload::container_engine* engine_;
    http::rate_limiter& limiter_;
    bound_caller caller_;
    const std::string remote_addr_;

    // Of the request under way.
    missing missing_ = missing::nothing;
    bool again_ = false;
    std::optional<base::boot_time> give_up_;  ///< waiting for first credentials until then
    std::optional<base::boot_time> engine_end_;
    /// Null inside: could not be had.
    std::optional<std::shared_ptr<const container::description>> described_;
    std::optional<std::shared_ptr<const container::statistics>> measured_;

    std::uint64_t described_for_ = 0;  ///< generation

    /// What was recorded for this connection: asked again, the ledger is not.
    struct audited {
        std::uint64_t generation = 0;  ///< serials of another one may name other credentials
        std::size_t profile = 0;
        std::uint64_t serial = 0;
        bool operator==(const audited&) const = default;
    };
    audited audited_;
    recorded_hand_out hand_out_;
};

}  // namespace handler
