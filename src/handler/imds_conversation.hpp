#pragma once

#include <optional>
#include <string>

#include "handler/bound_caller.hpp"
#include "handler/recorded_hand_out.hpp"
#include "imds/responder.hpp"
#include "imds/session_token.hpp"

namespace handler {

/// One connection to the metadata face.
class imds_conversation final : public net::conversation {
public:
    imds_conversation(worker_state& worker, const imds::token_authority& tokens,
                      const net::connection_info& info)
        : worker_(worker), tokens_(tokens), caller_(worker, info), over_ipv6_(info.over_ipv6) {}

    bool wants_prepare() const override { return caller_.facts_missing(); }
    boost::asio::awaitable<void> prepare() override { return caller_.look_up(); }
    net::action respond(const http::request& request, http::response& answer) override;
    boost::asio::awaitable<void> wait() override;
    void refuse(const http::request&, http::response& answer) override;
    std::uint64_t peer_key() const override { return caller_.peer_key(); }

private:
    net::action answer_under(const listener_policy* policy, const http::request& request,
                             http::response& answer);
    net::action respond_with_faults(std::size_t profile, const http::request& request,
                                    const listener_policy& policy, http::response& answer);
    net::action respond_as(std::size_t profile, const http::request& request,
                           const listener_policy& policy, http::response& answer);

    /// What was recorded for this connection: asked again, the ledger is not.
    struct audited {
        std::uint64_t generation = 0;  ///< serials of another one may name other credentials
        std::size_t profile = 0;
        std::uint64_t serial = 0;
        bool operator==(const audited&) const = default;
    };
    net::action credentials_action(const http::request& request, const imds::outcome& done,
                                   const imds::credential_state& credentials, audited& last,
                                   http::response& answer);
    std::string instance_session_arn(std::size_t profile) const;

    worker_state& worker_;
    const imds::token_authority& tokens_;
    bound_caller caller_;
    const bool over_ipv6_;
    imds::remembered_token remembered_;
    http::path_segments scratch_;
    std::optional<base::boot_time> give_up_;  ///< waiting for what is on its way until then

    /// What goes wrong with the request under way, decided once.
    struct chosen_fault {
        std::shared_ptr<imds::fault_injector> from;
        imds::fault_decision decision;
    };
    std::optional<chosen_fault> fault_;

    recorded_hand_out hand_out_;
    bool resumed_ = false;  ///< the request has been answered before, but for its record

    audited audited_role_;
    audited audited_instance_;
};

}  // namespace handler
