#pragma once

#include <array>
#include <list>
#include <optional>

#include <boost/asio/steady_timer.hpp>

#include "handler/imds_service.hpp"

namespace handler {

/// What the conversations of one worker share.
struct imds_state {
    explicit imds_state(imds_dependencies given) : needs(given) {}

    void wake_waiting() {
        for (boost::asio::steady_timer* timer : waiting)
            timer->cancel();
    }

    imds_dependencies needs;
    std::shared_ptr<const serving> current;
    credential_states credentials;
    std::list<boost::asio::steady_timer*> waiting;  ///< for a profile's first credentials
};

/// The caller as bytes: what its tokens are bound to, and what counts as one workload in the audit.
/// A local caller is its uid (a cgroup changes with every login session); a network caller is its
/// address, the only identity that it has.
class subject_bytes {
public:
    explicit subject_bytes(const binding::caller& who);
    std::string_view text() const { return {bytes_.data(), size_}; }

private:
    std::array<char, 17> bytes_{};
    std::size_t size_ = 0;
};

/// One connection to the metadata face. Facts about the caller are asked for once; the decision
/// carries the configuration's generation and is made anew when that changes, so a binding that was
/// removed ends on open connections too.
class imds_conversation final : public net::conversation {
public:
    imds_conversation(imds_state& service, const net::connection_info& info);

    bool wants_prepare() const override { return facts_missing_; }
    boost::asio::awaitable<void> prepare() override { return look_up(); }
    net::action respond(const http::request& request, http::response& answer) override;
    boost::asio::awaitable<void> wait() override;
    void refuse(http::response& answer) override;
    std::uint64_t peer_key() const override { return peer_key_; }

private:
    void find_missing_facts();
    void decide();
    net::action refuse_as(const http::request& request, http::response& answer, refusal_reason why,
                          std::string line);
    net::action respond_as(std::size_t profile, const http::request& request,
                           const listener_policy& policy, http::response& answer);
    net::action credentials_action(const http::request& request, const imds::outcome& done,
                                   const imds::credential_state& credentials,
                                   http::response& answer);
    void note(const http::request& request, refusal_reason why, std::string_view reason);
    hand_out_ledger::event event_of(const http::request& request) const;
    boost::asio::awaitable<void> look_up();

    imds_state& service_;
    binding::caller caller_;
    const subject_bytes subject_;
    std::uint64_t peer_key_ = 0;

    std::uint64_t generation_ = 0;
    std::optional<std::size_t> profile_;  ///< nothing: refused
    bool facts_missing_ = false;
    bool groups_known_ = false;  ///< asked for; absent means there are none to be had
    bool cgroups_known_ = false;

    imds::remembered_token remembered_;
    http::path_segments scratch_;
    std::optional<base::boot_time> give_up_;  ///< waiting for first credentials until then
    std::uint64_t audited_serial_ = 0;        ///< of the credentials recorded for this connection
    std::size_t audited_profile_ = 0;
};

}  // namespace handler
