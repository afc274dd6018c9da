#include "admin/daemon_control.hpp"
#include "audit_record/imds_events.hpp"
#include "daemon/instance.hpp"
#include "daemon/issuer_alone.hpp"
#include "daemon/log.hpp"
#include "daemon/service_manager.hpp"
#include "host/network_facts.hpp"

namespace daemon_ {

/// Reads the configuration again. Everything that can fail happens before anything is changed; the
/// returned errors mean that nothing was.
std::vector<std::string> instance::try_reload(std::string_view trigger) {
    service_manager::reloading();
    std::vector<std::string> errors;
    config::load_result loaded = config::load(config_path_, config::system_environment());
    for (const config::diagnostic& d : loaded.diagnostics) {
        if (d.warning) {
            log::warning(d.text());
        } else {
            errors.push_back(d.text());
        }
    }
    std::optional<store::replica::prepared_file> file;
    if (loaded.loaded && issuer_alone_) {
        if (const auto kept = keep_issuer_alone(*loaded.loaded); !kept) {
            errors.push_back(config_path_ + ": " + kept.error().message);
            loaded.loaded.reset();
        }
    }
    if (loaded.loaded) {
        const std::string fixed = needs_restart(configuration_, *loaded.loaded);
        if (!fixed.empty()) {
            errors.push_back(config_path_ + ": " + fixed +
                             " cannot be changed by a reload; restart the daemon");
        }
        for (const std::string& unfit : unfit_tags(*loaded.loaded))
            errors.push_back(config_path_ + ": " + unfit);
        auto prepared = estate_->replica().prepare_file(std::move(loaded.loaded->accounts),
                                                        config_path_, loaded.loaded->organization);
        if (prepared) {
            file.emplace(std::move(*prepared));
        } else {
            errors.push_back(config_path_ + ": " + prepared.error().message);
        }
    } else if (errors.empty()) {
        errors.push_back(config_path_ + ": cannot be read");
    }

    if (errors.empty()) {
        // The last that can fail: the store may be out of reach by now.
        if (const auto used = estate_->replica().use_file(std::move(*file)); !used)
            errors.push_back(config_path_ + ": " + used.error().message);
    }
    if (errors.empty()) {
        configuration_ = std::move(*loaded.loaded);
        ask_sources(configuration_, *core_source_);
        const store::replica_view view = estate_->reconfigure(configuration_.issuer);
        directory_ = view.directory;
        for (std::size_t i = 0; i < tls_.size(); ++i) {
            if (tls_[i]) tls_[i]->replace(configuration_.listeners[i].tls);
        }
        const net::session_limits limits = session_limits();
        for (auto& worker : workers_)
            worker->thread().worker().replace_limits(limits);
        if (sts_worker_) sts_worker_->worker().replace_limits(issuer_limits(limits));
        loaded_at_ = clock_.now();
        // A laptop has moved, a device was plugged in; everything else about a host stays.
        host_facts_.interfaces = host::network_interfaces();
        install(make_serving(configuration_, *changes_, *directory_, host_facts_, listeners_,
                             mint_.get(), clusters_->serve(configuration_.pods), ++generation_,
                             loaded_at_));
        renew_dead_sessions();
        follow_keys();
        log::info("configuration reloaded", {{"generation", std::to_string(generation_)}});
    } else {
        for (const std::string& e : errors)
            log::error(e);
        log::error("reload refused; the configuration in force is unchanged");
    }
    last_reload_ = reload_result{errors.empty(), clock_.now(), errors};
    audit_record::reload_facts facts;
    facts.trigger = trigger;
    facts.generation = generation_;
    if (!errors.empty()) facts.failure = errors.front();
    static_cast<void>(journal_->record(audit_record::reload(
        {clock_.now(), audit_record::new_event_id(random_), configuration_.issuer.default_region,
         "", audit_record::new_event_id(random_)},
        std::move(facts))));
    service_manager::ready(errors.empty() ? "reloaded" : "reload refused: see the log");
    return errors;
}

boost::json::object instance::reload() {
    const std::vector<std::string> errors = try_reload("admin");
    boost::json::array texts;
    for (const std::string& e : errors)
        texts.emplace_back(e);
    return {{"apiVersion", "imdsd/v1"}, {"ok", errors.empty()}, {"errors", std::move(texts)}};
}

}  // namespace daemon_
