#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "admin/daemon_control.hpp"
#include "audit/journal.hpp"
#include "config/configuration.hpp"
#include "daemon/environment.hpp"
#include "daemon/estate.hpp"
#include "daemon/generation.hpp"
#include "daemon/held_session.hpp"
#include "daemon/identity_signer.hpp"
#include "daemon/live_changes.hpp"
#include "daemon/metadata_worker.hpp"
#include "daemon/pod_clusters.hpp"
#include "daemon/sockets.hpp"
#include "handler/blocking_pool.hpp"
#include "host/state_directory.hpp"
#include "iam/change_port.hpp"
#include "rotation/rotator.hpp"
#include "rotation/wake_timers.hpp"
#include "sts/issuer.hpp"

namespace daemon_ {

/// The running daemon: what `serve` wires together. All members are used on the control thread;
/// workers get what they need by posted messages.
class instance final : public admin::daemon_control {
public:
    /// Takes a checked configuration. Opens everything that can fail: state, keys, audit, sockets.
    static base::result<std::unique_ptr<instance>> create(
        std::string config_path, bool issuer_alone, config::configuration configuration,
        std::map<std::string, std::vector<int>> inherited_sockets, const base::clock& clock,
        base::random& random);
    ~instance() override;

    /// Serves until SIGTERM, SIGINT. Returns when everything has been drained.
    void run();

    boost::json::object status() override;
    boost::json::object whoami(const admin::peer& who) override;
    boost::json::object explain(const admin::explain_query& query) override;
    boost::json::object reload() override;
    boost::json::object environment(const admin::peer& who) override;
    boost::json::object environment_of(const admin::environment_query& query) override;
    boost::json::object events() override;
    base::result<boost::json::object> add_event(const admin::peer& who,
                                                const admin::event_request& request) override;
    base::result<boost::json::object> cancel_event(const admin::peer& who,
                                                   const std::string& id) override;
    base::result<boost::json::object> complete_event(const admin::peer& who,
                                                     const std::string& id) override;
    base::result<boost::json::object> options(const std::string& profile) override;
    base::result<boost::json::object> change_options(
        const admin::peer& who, const admin::options_request& request) override;
    base::result<boost::json::object> identity() override;
    base::result<boost::json::object> keys() override;
    base::result<boost::json::object> change_keys(const admin::peer& who,
                                                  const admin::key_request& request) override;
    base::result<boost::json::object> revocations() override;
    base::result<boost::json::object> revoke(const admin::peer& who,
                                             const admin::revoke_request& request) override;
    bool ready() override;

    /// The issuer's estate has become this: profiles get the roles that their instance profiles
    /// have now, on connections that are open as well, and sessions that it ended are replaced.
    /// Costs two look-ups for each profile when nothing of that has changed.
    void follow_directory(std::shared_ptr<const iam::directory> next);

private:
    instance(std::string config_path, bool issuer_alone, const base::clock& clock,
             base::random& random);

    base::result<void> open(config::configuration configuration,
                            std::map<std::string, std::vector<int>> inherited_sockets);
    net::session_limits session_limits() const;
    /// The same for the issuer's listeners, which take other requests.
    net::session_limits issuer_limits(net::session_limits limits) const;
    base::result<void> open_issuer();
    const net::tls_server* tls_of(std::string_view listener) const;
    base::result<void> open_container_parts();
    base::result<void> open_admin();
    void install(std::shared_ptr<const handler::serving> serving);
    /// Gives every profile the signatures of its identity document, now or when they are made.
    void sign_documents();
    void take_signed(std::shared_ptr<const imds::signed_identity> made);
    void take_snapshot(std::size_t entry, std::shared_ptr<const rotation::snapshot> snapshot);
    std::vector<std::string> try_reload(std::string_view trigger);
    void announce();
    held_session::verdict judge(std::size_t entry);
    void renew(std::size_t entry);
    void renew_dead_sessions();
    void check_arrived(std::size_t entry);
    /// Brings the workers up to date with what was changed at run time, and with the time.
    void follow_live_changes();
    /// Publishes a ring that was changed; `ended`: something that it sealed opens no more.
    /// What the store has become, by this daemon or by another.
    void follow_estate(const store::replica_view& view);
    void use_keys(std::shared_ptr<const sts::key_ring> keys, bool ended);
    /// Takes the steps of the key ring that are due, and waits for the next one.
    void follow_keys();
    base::result<boost::json::object> end_event(const admin::peer& who, const std::string& id,
                                                bool completed);
    base::result<std::vector<std::string>> profiles_named(const std::string& name) const;
    std::vector<std::string> unfit_tags(const config::configuration& configuration) const;
    void record_change(const admin::peer& who, std::string name, boost::json::object parameters,
                       const base::result<void>& outcome);
    void watch_signals();
    void watch_reload_signals();
    void feed_watchdog();
    void settle_refusals();
    void begin_stop();
    boost::json::object describe_decision(const binding::caller& who);
    boost::json::object describe_environment(const rule_of_listener& rule_of);

    const std::string config_path_;
    const bool issuer_alone_;
    const base::clock& clock_;
    base::random& random_;
    const base::boot_time started_;

    config::configuration configuration_;
    std::optional<host::state_directory> state_;
    profile::host_facts host_facts_;
    std::unique_ptr<imds::token_authority> tokens_;
    std::unique_ptr<estate> estate_;
    std::shared_ptr<const sts::key_ring> keys_;  ///< as in its place
    std::uint64_t keys_ended_ = 0;               ///< how often credentials may have lost their key
    std::shared_ptr<const iam::directory> directory_;  ///< what of the estate has been followed
    std::unique_ptr<audit::journal> journal_;
    std::shared_ptr<sts::issuer> issuer_;
    std::shared_ptr<source::credential_source> core_source_;
    std::unique_ptr<container::identifier_mint> mint_;  ///< with a container listener
    std::unique_ptr<workload::directory> names_;
    std::unique_ptr<workload::container_engine> engine_;  ///< when one is configured
    std::unique_ptr<handler::hand_out_ledger> ledger_;

    std::vector<open_listener> listeners_;
    std::vector<std::unique_ptr<net::tls_server>> tls_;  ///< by configured listener; null: no TLS
    std::vector<std::unique_ptr<metadata_worker>> workers_;
    std::unique_ptr<handler::blocking_pool> slow_calls_;  ///< with a listener of the issuer
    std::unique_ptr<net::service> sts_service_;
    std::unique_ptr<worker_thread> sts_worker_;

    boost::asio::io_context control_{1};
    std::unique_ptr<net::service> admin_service_;
    std::unique_ptr<net::worker> admin_worker_;
    std::unique_ptr<rotation::rotator> rotator_;
    std::unique_ptr<pod_clusters> clusters_;
    struct control_parts;  ///< signal set and timers
    std::unique_ptr<control_parts> parts_;

    std::optional<live_changes> changes_;
    std::unique_ptr<rotation::wake_timers> live_timers_;  ///< for the next change by time
    std::unique_ptr<rotation::wake_timers> key_timers_;   ///< for the next step of the key ring
    std::uint64_t generation_ = 0;
    std::shared_ptr<const handler::serving> serving_;
    handler::profile_states states_;
    std::vector<std::shared_ptr<const rotation::snapshot>> snapshots_;           ///< by profile
    std::vector<std::shared_ptr<const rotation::snapshot>> instance_snapshots_;  ///< by profile
    std::vector<assignments::owner> owners_;         ///< by rotation entry
    std::vector<std::optional<held_session>> held_;  ///< by rotation entry, as far as looked at
    /// When sessions that were fetched meanwhile have to be looked at again.
    std::optional<base::wall_time> recheck_sessions_;
    std::unique_ptr<identity_signer> signer_;
    std::map<std::string, std::vector<std::size_t>> profiles_of_document_;
    std::map<std::string, std::shared_ptr<const imds::signed_identity>> signed_;  ///< by document
    std::map<std::string, std::string>
        logged_keys_;  ///< the last key told in the log, by profile and subject
    bool installing_ = false;
    bool stopping_ = false;

    base::wall_time loaded_at_{};
    struct reload_result {
        bool ok = true;
        base::wall_time at{};
        std::vector<std::string> errors;
    };
    std::optional<reload_result> last_reload_;
};

}  // namespace daemon_
