#pragma once

#include <optional>
#include <string>
#include <variant>

#include "handler/bound_caller.hpp"
#include "handler/recorded_hand_out.hpp"
#include "handler/verified_tokens.hpp"
#include "http/rate_limiter.hpp"
#include "pod_identity/answers.hpp"
#include "pod_identity/token.hpp"

namespace handler {

/// One connection to the pod identity face.
class pod_identity_conversation final : public net::conversation {
public:
    pod_identity_conversation(worker_state& worker, http::rate_limiter& limiter,
                              verified_tokens& verified, const net::connection_info& info)
        : worker_(worker), limiter_(limiter), verified_(verified), caller_(worker, info) {}

    bool wants_prepare() const override { return caller_.facts_missing(); }
    boost::asio::awaitable<void> prepare() override { return caller_.look_up(); }
    net::action respond(const http::request& request, http::response& answer) override;
    boost::asio::awaitable<void> wait() override;
    void refuse(const http::request&, http::response& answer) override;
    std::uint64_t peer_key() const override { return caller_.peer_key(); }

private:
    /// Whose token it is, as far as the configuration in force is concerned.
    struct pod {
        std::size_t cluster = 0;
        pod_identity::service_account account;
    };
    /// Something may come soon that is worth a short wait.
    struct pending {};

    net::action credentials(const http::request& request, http::response& answer);
    std::variant<pod, pending, pod_identity::failure> identify(std::string_view token,
                                                               std::size_t fields);
    std::variant<pod, pending, pod_identity::failure> verify(
        std::string_view text, const pod_identity::presented_token& token, std::size_t cluster);
    net::action hand_out(const http::request& request, const pod& who, http::response& answer);
    net::action fail(const http::request& request, refusal_reason why,
                     const pod_identity::failure& what, const pod* who, http::response& answer);
    audit_record::pod_identity identity_of(const pod& who) const;
    std::string subject_of(const audit_record::pod_identity& claimed) const;
    void say(const pod_identity::failure& what, http::response& answer);
    /// True while newer keys than those of read number `reads` may come; they are asked for once.
    bool newer_keys_may_come(net::key_keeper& keeper, std::uint64_t reads);
    /// True while a wait has time left; begins one.
    bool may_wait();
    void settle();

    worker_state& worker_;
    http::rate_limiter& limiter_;
    verified_tokens& verified_;
    bound_caller caller_;

    bool again_ = false;  ///< `respond` was called before with this request
    bool counted_ = false;
    std::optional<base::boot_time> give_up_;
    recorded_hand_out recorded_;
    std::optional<std::uint64_t> reads_seen_;  ///< of the keys that lack the token's
};

}  // namespace handler
