#include "daemon/instance.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "admin/peer_identity.hpp"
#include "admin/service.hpp"
#include "base/time_text.hpp"
#include "daemon/explain.hpp"
#include "daemon/key_ring_file.hpp"
#include "daemon/log.hpp"
#include "daemon/service_manager.hpp"
#include "handler/sts_service.hpp"
#include "host/boot_id.hpp"
#include "host/descriptor_limit.hpp"
#include "host/facts.hpp"
#include "host/held_signals.hpp"
#include "host/secret_file.hpp"
#include "iam/file_entities.hpp"
#include "imds/documents.hpp"
#include "net/listen.hpp"
#include "source/core_issuer.hpp"

namespace daemon_ {

namespace asio = boost::asio;

namespace {

constexpr std::size_t token_secret_size = 32;
constexpr std::size_t issuer_target_bytes = 20 * 1024;
constexpr std::size_t issuer_header_bytes = 32 * 1024;
constexpr std::size_t other_descriptors = 128;  ///< files, netlink, epoll, look-ups
constexpr std::chrono::seconds drain_time{5};
constexpr std::chrono::seconds settle_refusals_every{60};
constexpr unsigned admin_socket_mode =
    0666;  ///< what each peer may do is the permit table's matter

std::string key_suffix(const std::string& access_key_id) {
    return access_key_id.size() > 4 ? access_key_id.substr(access_key_id.size() - 4) : "";
}

void report_audit(const audit::journal::counters& now) {
    if (now.of_trouble) {
        log::warning("the audit log's files cannot be kept in order", {{"error", now.trouble}});
    } else if (now.healthy) {
        log::info("the audit log is written again", {{"dropped", std::to_string(now.dropped)}});
    } else {
        log::error("the audit log cannot be written", {{"error", now.failure}});
    }
}

imds::credential_state render(const rotation::snapshot& snapshot,
                              const profile::role_profile& profile,
                              source::credential_subject subject, base::wall_time now,
                              const config::compat_options& compat) {
    if (snapshot.credentials) {
        const auto valid = subject == source::credential_subject::instance
                               ? &imds::valid_instance_state
                               : &imds::valid_state;
        return valid(profile, snapshot.credentials, snapshot.last_updated, snapshot.serial,
                     compat.access_key_id_alias);
    }
    if (snapshot.denied) return imds::denied_state(snapshot.failure, now, snapshot.next_try);
    imds::credential_state state;
    state.now = snapshot.state == rotation::phase::failed ? imds::credential_state::status::failed
                                                          : imds::credential_state::status::pending;
    state.next_try = snapshot.next_try;
    return state;
}

container::credential_state render_for_containers(const rotation::snapshot& snapshot,
                                                  const profile::role& role,
                                                  const config::compat_options& compat) {
    if (snapshot.credentials) {
        return container::valid_state(role.arn, *snapshot.credentials, compat.access_key_id_alias,
                                      snapshot.serial);
    }
    if (snapshot.denied) return container::denied_state(snapshot.failure);
    container::credential_state state;
    state.retrying = snapshot.state == rotation::phase::failed;
    return state;
}

}  // namespace

struct instance::control_parts {
    explicit control_parts(asio::io_context& context)
        : signals(context, SIGTERM, SIGINT),
          reload_signals(context, SIGHUP, SIGUSR1),
          watchdog(context),
          refusals(context) {}
    asio::signal_set signals;
    asio::signal_set reload_signals;
    asio::steady_timer watchdog;
    asio::steady_timer refusals;
    std::chrono::microseconds watchdog_every{};
};

instance::instance(std::string config_path, bool issuer_alone, const base::clock& clock,
                   base::random& random)
    : config_path_(std::move(config_path)),
      issuer_alone_(issuer_alone),
      clock_(clock),
      random_(random),
      started_(clock.boot_now()) {}

instance::~instance() {
    if (rotator_) rotator_->stop();
    if (clusters_) clusters_->stop();
    if (estate_) estate_->detach();
    // Look-ups end before the contexts they report to.
    for (auto& worker : workers_)
        worker->thread().worker().stop(std::chrono::milliseconds(0));
    for (auto& worker : workers_)
        worker->thread().join();
    names_.reset();
    engine_.reset();
}

base::result<std::unique_ptr<instance>> instance::create(
    std::string config_path, bool issuer_alone, config::configuration configuration,
    std::map<std::string, std::vector<int>> inherited_sockets, const base::clock& clock,
    base::random& random) {
    std::unique_ptr<instance> made(
        new instance(std::move(config_path), issuer_alone, clock, random));
    if (auto opened = made->open(std::move(configuration), std::move(inherited_sockets)); !opened) {
        return opened.error();
    }
    return made;
}

/// The limits in force: more connections than descriptors would end in refused accepts and failing
/// look-ups, so the cap of each worker stays below its share.
net::session_limits instance::session_limits() const {
    net::session_limits limits = configuration_.limits;
    limits.request.refuse_expect = configuration_.compat.expect_ec2;
    const std::size_t threads = configuration_.workers + 1;  // and the issuer's
    const std::size_t wanted = limits.connections * threads + other_descriptors;
    const std::size_t allowed = host::raise_descriptor_limit(wanted);
    if (allowed < wanted) {
        const std::size_t left =
            allowed > 2 * other_descriptors ? allowed - other_descriptors : other_descriptors;
        limits.connections = std::max<std::size_t>(1, left / threads);
        log::warning("the limit of open descriptors lowers limits.connections",
                     {{"configured", std::to_string(configuration_.limits.connections)},
                      {"in_force", std::to_string(limits.connections)},
                      {"descriptors", std::to_string(allowed)}});
    }
    return limits;
}

net::session_limits instance::issuer_limits(net::session_limits limits) const {
    limits.request.body_bytes = configuration_.issuer.body_bytes;
    // A presigned URL carries the session token, percent-encoded; and so may a header.
    limits.request.target_bytes = issuer_target_bytes;
    limits.request.header_bytes = issuer_header_bytes;
    return limits;
}

base::result<void> instance::open(config::configuration configuration,
                                  std::map<std::string, std::vector<int>> inherited_sockets) {
    configuration_ = std::move(configuration);
    auto state = host::state_directory::open(configuration_.state_directory);
    if (!state) return state.error();
    state_.emplace(std::move(*state));
    host_facts_ =
        host::gather_host_facts(clock_, host::machine_id_or_kept(state_->path(), random_));

    const auto boot_id = host::boot_id();
    if (!boot_id) return boot_id.error();
    const auto token_secret =
        host::create_secret_once(state_->file("imds-token.key"), token_secret_size, random_);
    if (!token_secret) return token_secret.error();
    tokens_ = std::make_unique<imds::token_authority>(token_secret->reveal(), *boot_id);

    auto journal =
        audit::journal::open(configuration_.audit, host_facts_.instance_id, report_audit);
    if (!journal) return journal.error();
    journal_ = std::move(*journal);
    if (!journal_->warning().empty()) log::warning(journal_->warning());
    if (auto opened = open_issuer(); !opened) return opened;
    ask_sources(configuration_, *core_source_);
    auto signer =
        identity_signer::open({state_->path(), host_facts_.instance_id}, control_, clock_, random_,
                              [this](std::shared_ptr<const imds::signed_identity> made) {
                                  take_signed(std::move(made));
                              });
    if (!signer) return signer.error();
    signer_ = std::move(*signer);

    auto changes = live_changes::open(state_->file("live-changes.json"), clock_, random_);
    if (!changes) return changes.error();
    changes_.emplace(std::move(*changes));
    if (const auto unfit = unfit_tags(configuration_); !unfit.empty())
        return base::invalid(unfit.front());

    names_ = workload::make_directory(workload::cgroup2_mount_of_this_process(), clock_);
    ledger_ = std::make_unique<handler::hand_out_ledger>(*journal_, clock_, random_);

    auto listeners = open_listeners(configuration_, std::move(inherited_sockets));
    if (!listeners) return listeners.error();
    listeners_ = std::move(*listeners);

    if (auto opened = open_container_parts(); !opened) return opened;

    const net::session_limits limits = session_limits();
    const shared_parts shared{clock_, random_, *names_, *tokens_, *ledger_, engine_.get()};
    for (unsigned i = 0; i < configuration_.workers; ++i) {
        auto& worker = *workers_.emplace_back(std::make_unique<metadata_worker>(shared, limits));
        for (const open_listener& listener : listeners_) {
            const auto kind = listener.configured.serves;
            if (kind == config::listener::kind::sts) continue;
            for (std::size_t d = i; d < listener.descriptors.size(); d += configuration_.workers) {
                worker.thread().worker().listen({listener.descriptors[d], listener.configured.name,
                                                 false, &worker.service(kind)});
            }
        }
    }
    for (const config::listener& listener : configuration_.listeners)
        tls_.push_back(listener.tls ? std::make_unique<net::tls_server>(listener.tls) : nullptr);
    for (const open_listener& listener : listeners_) {
        if (listener.configured.serves != config::listener::kind::sts) continue;
        if (!sts_worker_) {
            sts_worker_ = std::make_unique<worker_thread>(clock_, issuer_limits(limits));
            slow_calls_ =
                std::make_unique<handler::blocking_pool>(handler::blocking_pool::options{});
            sts_service_ = std::make_unique<handler::sts_service>(
                handler::sts_service::parts{*issuer_, journal_.get(), slow_calls_.get()},
                workload::make_sock_diag_inspector());
        }
        for (const int fd : listener.descriptors) {
            sts_worker_->worker().listen({fd, listener.configured.name, false, sts_service_.get(),
                                          tls_of(listener.configured.name)});
        }
    }
    if (auto opened = open_admin(); !opened) return opened;

    clusters_ = std::make_unique<pod_clusters>(clock_, [this] {
        asio::post(control_, [this] {
            clusters_->report();
            for (auto& worker : workers_)
                worker->wake();
        });
    });
    rotator_ = std::make_unique<rotation::rotator>(
        control_, clock_, random_, rotation::rotator_options{},
        [this](std::size_t entry, std::shared_ptr<const rotation::snapshot> snapshot) {
            take_snapshot(entry, std::move(snapshot));
        });
    return {};
}

const net::tls_server* instance::tls_of(std::string_view listener) const {
    for (std::size_t i = 0; i < tls_.size(); ++i) {
        if (configuration_.listeners[i].name == listener) return tls_[i].get();
    }
    return nullptr;
}

/// What the container protocols need; nothing without a listener that serves them.
base::result<void> instance::open_container_parts() {
    const bool served = std::any_of(
        configuration_.listeners.begin(), configuration_.listeners.end(),
        [](const auto& one) { return one.serves == config::listener::kind::container; });
    if (!served) return {};
    const auto secret =
        host::create_secret_once(state_->file("container-ids.key"), token_secret_size, random_);
    if (!secret) return secret.error();
    mint_ = std::make_unique<container::identifier_mint>(secret->reveal());
    if (!configuration_.container_engine_socket.empty()) {
        workload::container_engine_options options;
        options.socket = configuration_.container_engine_socket;
        engine_ = workload::make_container_engine(std::move(options), clock_);
    }
    return {};
}

base::result<void> instance::open_issuer() {
    auto opened = estate::open(configuration_, state_->path(), clock_, random_);
    if (!opened) return opened.error();
    estate_ = std::move(*opened);
    auto file = estate_->replica().prepare_file(std::move(configuration_.accounts), config_path_,
                                                configuration_.organization);
    if (!file) return file.error();
    if (auto used = estate_->replica().use_file(std::move(*file)); !used) return used;
    const store::replica_view view = estate_->replica().view();
    keys_ = view.keys;
    directory_ = view.directory;
    issuer_ = std::make_shared<sts::issuer>(
        configuration_.issuer, view.directory, view.keys, clock_, random_,
        sts::audit_port{[this](audit_record::record r) { return journal_->record(std::move(r)); },
                        [this](sts::audit_ticket last) { return journal_->wait(last); },
                        [this] { return journal_->accepts(); }},
        estate_->surroundings());
    estate_->attach(issuer_, [this](const store::replica_view& changed) {
        asio::post(control_, [this, changed] { follow_estate(changed); });
    });
    core_source_ = source::make_core_issuer_source(issuer_);
    return {};
}

base::result<void> instance::open_admin() {
    // Missing directories are made; those that are there keep their modes.
    const std::filesystem::path parent =
        std::filesystem::path(configuration_.admin.socket).parent_path();
    std::error_code failed;
    if (!parent.empty() && std::filesystem::create_directories(parent, failed) && !failed) {
        std::filesystem::permissions(parent, std::filesystem::perms(0755), failed);
    }
    const auto fd = net::listen_unix(configuration_.admin.socket, admin_socket_mode);
    if (!fd) return fd.error();
    admin::options options;
    options.allowed.own_uid = ::geteuid();
    options.allowed.group = configuration_.admin.group;
    options.allowed.overflow_uid = admin::overflow_uid();
    options.report = [](const admin::event& e) {
        log::write(e.allowed ? log::level::info : log::level::warning,
                   e.allowed ? "admin operation" : "admin operation refused",
                   {{"operation", std::string(admin::to_string(e.what))},
                    {"uid", std::to_string(e.who.who.uid)},
                    {"pid", std::to_string(e.who.who.pid)}});
    };
    admin_service_ = admin::make_service(*this, std::move(options));
    admin_worker_ = std::make_unique<net::worker>(control_, clock_, net::session_limits{});
    admin_worker_->listen({*fd, "admin", true, admin_service_.get()});
    return {};
}

void instance::run() {
    parts_ = std::make_unique<control_parts>(control_);
    install(make_serving(configuration_, *changes_, *directory_, host_facts_, listeners_,
                         mint_.get(), clusters_->serve(configuration_.pods), ++generation_,
                         clock_.now()));
    const auto follow = [this] { follow_live_changes(); };
    live_timers_ = std::make_unique<rotation::wake_timers>(control_, follow, follow);
    follow_live_changes();
    const auto rotate = [this] { follow_keys(); };
    key_timers_ = std::make_unique<rotation::wake_timers>(control_, rotate, rotate);
    follow_keys();
    loaded_at_ = clock_.now();
    for (auto& worker : workers_)
        worker->thread().start();
    if (sts_worker_) sts_worker_->start();
    watch_signals();
    static_cast<void>(journal_->record(audit_record::start(
        {clock_.now(), audit_record::new_event_id(random_), configuration_.issuer.default_region,
         "", audit_record::new_event_id(random_)},
        {IMDSD_VERSION, config_path_})));
    announce();
    if (const auto every = service_manager::watchdog_interval()) {
        parts_->watchdog_every = *every;
        feed_watchdog();
    }
    settle_refusals();
    control_.run();
    ledger_->settle_refusals();
    for (auto& worker : workers_)
        worker->thread().join();
    if (sts_worker_) sts_worker_->join();
    ::unlink(configuration_.admin.socket.c_str());
    log::info("stopped");
}

/// The lines that scripts and tests wait for; plain text whatever the log's form is.
void instance::announce() {
    for (const open_listener& listener : listeners_) {
        std::fprintf(stderr, "listening %s %s %s\n", listener.configured.name.c_str(),
                     config::to_string(listener.configured.serves), listener.address.c_str());
    }
    std::fprintf(stderr, "imdsd ready\n");
    service_manager::ready(std::to_string(serving_->profiles.size()) + " profiles, " +
                           std::to_string(serving_->rules.rules().size()) + " bindings");
}

/// A new generation: rotation first, so that the workers get it together with what is already
/// known of its credentials.
void instance::install(std::shared_ptr<const handler::serving> serving) {
    serving_ = std::move(serving);
    states_.assign(serving_->profiles.size(), {});
    snapshots_.assign(serving_->profiles.size(), nullptr);
    instance_snapshots_.assign(serving_->profiles.size(), nullptr);
    assignments next = make_assignments(*serving_, core_source_);
    owners_ = std::move(next.owners);
    held_.clear();
    // Credentials whose key was taken away are no good any more.
    for (rotation::assignment& entry : next.list)
        entry.fingerprint += "\nkeys " + std::to_string(keys_ended_);
    installing_ = true;
    rotator_->assign(std::move(next.list));
    installing_ = false;
    sign_documents();
    for (auto& worker : workers_)
        worker->install(serving_, states_);
}

void instance::take_snapshot(std::size_t entry,
                             std::shared_ptr<const rotation::snapshot> snapshot) {
    if (entry >= owners_.size()) return;
    const auto [index, subject] = owners_[entry];
    const bool own = subject == source::credential_subject::instance;
    const profile::role_profile& profile = serving_->profiles[index]->profile();
    handler::profile_state& state = states_[index];
    auto rendered = std::make_shared<const imds::credential_state>(
        render(*snapshot, profile, subject, clock_.now(), configuration_.compat));
    if (own) {
        state.instance = std::move(rendered);
    } else {
        state.role = std::move(rendered);
        if (mint_) {
            state.container = std::make_shared<const container::credential_state>(
                render_for_containers(*snapshot, *profile.granted_role, configuration_.compat));
        }
    }
    const auto before = std::exchange((own ? instance_snapshots_ : snapshots_)[index], snapshot);
    if (!installing_) {
        for (auto& worker : workers_)
            worker->publish(generation_, index, state);
    }
    const std::string whose = own ? "instance" : "role";
    if (snapshot->credentials) {
        const std::string& id = snapshot->credentials->access_key_id;
        if (std::exchange(logged_keys_[profile.name + "/" + whose], id) != id) {
            log::info("credentials issued",
                      {{"profile", profile.name},
                       {"of", whose},
                       {"access_key", "..." + key_suffix(id)},
                       {"expires", base::iso8601(snapshot->credentials->expiration)}});
            asio::post(control_, [this, entry] { check_arrived(entry); });
            return;
        }
    }
    if (!snapshot->failure.empty() && (!before || before->failures != snapshot->failures)) {
        log::warning(
            snapshot->denied ? "the issuer refuses the role" : "credentials cannot be renewed",
            {{"profile", profile.name},
             {"of", whose},
             {"state", rotation::to_string(snapshot->state)},
             {"failures", std::to_string(snapshot->failures)},
             {"error", snapshot->failure}});
    }
}

void instance::sign_documents() {
    // A document that was signed before keeps its signatures: they stay the same until it changes.
    std::map<std::string, std::shared_ptr<const imds::signed_identity>> known;
    known.swap(signed_);
    profiles_of_document_.clear();
    for (std::size_t i = 0; i < serving_->profiles.size(); ++i)
        profiles_of_document_[imds::identity_document(serving_->profiles[i]->profile())].push_back(
            i);
    std::vector<std::string> missing;
    for (const auto& [document, profiles] : profiles_of_document_) {
        const auto found = known.find(document);
        if (found == known.end()) {
            missing.push_back(document);
            continue;
        }
        for (const std::size_t i : profiles)
            states_[i].identity = found->second;
        signed_.insert(*found);
    }
    signer_->sign(std::move(missing));
}

void instance::take_signed(std::shared_ptr<const imds::signed_identity> made) {
    const auto found = profiles_of_document_.find(made->document);
    if (found == profiles_of_document_.end()) return;  // of a configuration that is gone
    // Asked for twice by two reloads: what is served already stays.
    if (!signed_.emplace(made->document, made).second) return;
    for (const std::size_t i : found->second) {
        states_[i].identity = made;
        for (auto& worker : workers_)
            worker->publish(generation_, i, states_[i]);
    }
}

void instance::watch_signals() {
    parts_->signals.async_wait([this](boost::system::error_code error, int) {
        if (!error) begin_stop();
    });
    watch_reload_signals();
    host::release_signals({SIGHUP, SIGUSR1});
}

void instance::watch_reload_signals() {
    parts_->reload_signals.async_wait([this](boost::system::error_code error, int number) {
        if (error) return;
        if (number == SIGHUP) {
            try_reload("signal");
        } else {
            journal_->reopen();
        }
        if (!stopping_) watch_reload_signals();
    });
}

/// The watchdog is fed only while every worker still answers: a stuck worker gets us restarted.
void instance::feed_watchdog() {
    bool alive = true;
    for (auto& worker : workers_)
        alive = alive && worker->thread().answered();
    if (sts_worker_) alive = alive && sts_worker_->answered();
    if (alive) {
        service_manager::alive();
        for (auto& worker : workers_)
            worker->thread().ping();
        if (sts_worker_) sts_worker_->ping();
    }
    parts_->watchdog.expires_after(parts_->watchdog_every);
    parts_->watchdog.async_wait([this](boost::system::error_code error) {
        if (!error) feed_watchdog();
    });
}

void instance::settle_refusals() {
    parts_->refusals.expires_after(settle_refusals_every);
    parts_->refusals.async_wait([this](boost::system::error_code error) {
        if (error) return;
        ledger_->settle_refusals();
        settle_refusals();
    });
}

void instance::begin_stop() {
    if (std::exchange(stopping_, true)) return;
    service_manager::stopping();
    log::info("stopping");
    static_cast<void>(journal_->record(audit_record::stop(
        {clock_.now(), audit_record::new_event_id(random_), configuration_.issuer.default_region,
         "", audit_record::new_event_id(random_)},
        {"signal"})));
    boost::system::error_code ignored;
    parts_->signals.cancel(ignored);
    parts_->reload_signals.cancel(ignored);
    parts_->watchdog.cancel();
    parts_->refusals.cancel();
    live_timers_.reset();
    key_timers_.reset();
    signer_->stop();
    rotator_->stop();
    clusters_->stop();
    for (auto& worker : workers_)
        worker->thread().worker().stop(drain_time);
    if (sts_worker_) sts_worker_->worker().stop(drain_time);
    admin_worker_->stop(std::chrono::milliseconds(500));
}

}  // namespace daemon_
