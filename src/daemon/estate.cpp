#include "daemon/estate.hpp"

#include <filesystem>
#include <unistd.h>

#include "daemon/log.hpp"
#include "daemon/wrapping_keys.hpp"
#include "host/owner.hpp"
#include "iam/api.hpp"
#include "store/memory_database.hpp"
#include "store/postgresql_database.hpp"
#include "store/sqlite_database.hpp"

namespace daemon_ {

namespace {

using where = config::store_options::kind;

enum class purpose { serve, read };

base::result<std::unique_ptr<store::database>> open_rows(const config::store_options& options,
                                                         purpose what, const base::clock& clock,
                                                         base::random& random) {
    switch (options.where) {
        case where::memory:
            return std::unique_ptr<store::database>(std::make_unique<store::memory_database>(
                std::make_shared<store::memory_rows>(clock)));
        case where::sqlite: {
            store::sqlite_options chosen;
            chosen.path = options.path;
            if (what == purpose::read) chosen.mode = store::sqlite_options::open_mode::read_only;
            return store::open_sqlite(std::move(chosen), clock, random);
        }
        case where::postgresql: {
            store::postgresql_options chosen;
            chosen.connection = options.connection;
            chosen.password = options.password.clone();
            return store::open_postgresql(std::move(chosen), clock, random);
        }
    }
    return base::internal("a store of an unknown kind");
}

void report_health(const store::replica_health& health) {
    if (health.reachable) {
        log::info("the issuer's store is reachable again");
    } else {
        log::error("the issuer's store cannot be reached", {{"error", health.failure}});
    }
}

/// The account that an empty store begins with.
std::string first_account(const config::configuration& options) {
    if (!options.first_account.empty()) return options.first_account;
    return options.accounts.empty() ? std::string() : options.accounts.front().id;
}

void announce(const store::replica& replica, const config::configuration& options) {
    log::info("the issuer's store is open", {{"store", replica.describe()}});
    if (!replica.made_the_issuer()) return;
    const store::issuer_facts& made = replica.issuer();
    if (made.administrator.empty()) return;
    log::info("a new issuer was made", {{"account", made.account},
                                        {"administrator", made.administrator},
                                        {"store", config::to_string(options.store.where)}});
}

}  // namespace

base::result<std::unique_ptr<estate>> estate::open(const config::configuration& options,
                                                   const std::string& state_directory,
                                                   const base::clock& clock, base::random& random) {
    std::unique_ptr<estate> made(new estate());
    const bool shared = options.store.where == where::postgresql;
    made->serve_when_stale_ = options.store.serve_when_stale;
    // A replica that has not heard of a key for so long refuses sessions anyway.
    if (shared) made->publish_time_ = options.store.max_age;

    store::replica_options chosen;
    chosen.partition = options.issuer.partition;
    chosen.poll = options.store.poll;
    chosen.max_age = options.store.max_age;
    chosen.own_store = !shared;
    chosen.usage = &made->usage_;
    chosen.first.account = first_account(options);
    std::shared_ptr<const sts::key_ring> ring;
    const std::string ring_path = state_directory + "/" + key_ring_file_name;
    const bool keeps_nothing = options.store.where == where::memory;
    const bool ring_is_kept = ::access(ring_path.c_str(), F_OK) == 0;
    if (keeps_nothing || ring_is_kept) {
        auto file =
            key_ring_file::open(state_directory, options.key_ring.wrapping_keys, clock, random);
        if (!file) return file.error();
        ring = (*file)->ring();
        chosen.wrapping_keys = (*file)->wrapping_keys();
        made->ring_file_ = std::move(*file);
    } else {
        auto keys = load_wrapping_keys(options.key_ring.wrapping_keys, state_directory, random);
        if (!keys) return keys.error();
        chosen.wrapping_keys = std::move(*keys);
    }
    chosen.first.ring = ring.get();
    // Nobody could get at its key.
    chosen.first.with_administrator = !keeps_nothing;

    auto rows = open_rows(options.store, purpose::serve, clock, random);
    if (!rows) return rows.error();
    estate* const self = made.get();
    auto replica = store::replica::open(
        std::move(*rows), std::move(chosen), clock, random,
        [self](const store::replica_view& view) { self->take(view); }, report_health);
    if (!replica) return replica.error();
    made->replica_ = std::move(*replica);
    if (!keeps_nothing && made->ring_file_) {
        if (made->replica_->view().keys->issuer_id() != ring->issuer_id())
            return base::invalid(ring_path + " holds the key ring of another issuer than the " +
                                 "store (" + made->replica_->describe() +
                                 "): remove it if its sessions may end");
        made->ring_file_.reset();
        std::error_code failed;
        std::filesystem::remove(ring_path, failed);
        log::info("the key ring has moved into the issuer's store");
    }
    made->api_ = iam::make_api(*made->replica_, &made->usage_);
    announce(*made->replica_, options);
    return made;
}

sts::issuer_surroundings estate::surroundings() {
    sts::issuer_surroundings out;
    out.apis.push_back(api_.get());
    out.sessions_trusted = [this] { return sessions_trusted(); };
    out.used = [this](const sts::credential_use& use) { usage_.note(use); };
    return out;
}

bool estate::sessions_trusted() {
    const bool current = replica_->is_current();
    if (was_current_.exchange(current) != current) {
        if (current) {
            log::info("the issuer knows again what was revoked");
        } else {
            log::error(serve_when_stale_ ? "sessions are served without knowing what was revoked"
                                         : "sessions are refused: what was revoked is not known",
                       {{"store", replica_->describe()},
                        {"last_look_seconds_ago", std::to_string(replica_->age().count() / 1000)}});
        }
    }
    return serve_when_stale_ || current;
}

void estate::attach(std::shared_ptr<sts::issuer> issuer,
                    std::function<void(const store::replica_view&)> on_change) {
    const std::lock_guard lock(mutex_);
    issuer_ = std::move(issuer);
    on_change_ = std::move(on_change);
    // Looked up under the lock: the replica's thread may be about to give something newer.
    give(replica_->view());
}

store::replica_view estate::reconfigure(sts::issuer_options options) {
    const std::lock_guard lock(mutex_);
    store::replica_view view = replica_->view();
    issuer_->replace({std::move(options), view.directory, view.keys});
    return view;
}

void estate::detach() {
    const std::lock_guard lock(mutex_);
    issuer_.reset();
    on_change_ = nullptr;
}

void estate::take(const store::replica_view& view) {
    const std::lock_guard lock(mutex_);
    give(view);
}

void estate::give(const store::replica_view& view) {
    if (issuer_) {
        issuer_->replace_principals(view.directory);
        issuer_->replace_keys(view.keys);
    }
    if (on_change_) on_change_(view);
}

base::result<std::shared_ptr<const sts::key_ring>> estate::change(const ring_change& what) {
    if (!ring_file_) return replica_->change_ring(what);
    const auto kept = ring_file_->change(what);
    if (!kept) return kept.error();
    return replica_->change_ring([&](sts::key_ring& ring) -> base::result<void> {
        ring = sts::key_ring(**kept);
        return {};
    });
}

bool estate::seals_nothing(std::uint16_t stored_secret_key) const {
    const auto nothing = replica_->seals_nothing(stored_secret_key);
    return nothing && *nothing;
}

base::result<store::administrator_key> administrator_credentials(
    const config::configuration& options, const base::clock& clock, base::random& random) {
    if (options.store.where == where::memory)
        return base::invalid("issuer.store is memory, which keeps no administrator");
    if (auto become = host::become_owner_of(options.state_directory); !become)
        return become.error();
    // Made when a daemon starts, and by nobody else.
    for (const sts::wrapping_key_source& one : options.key_ring.wrapping_keys) {
        const std::string path = options.state_directory + "/" + automatic_wrapping_key;
        if (one.from == sts::wrapping_key_source::kind::automatic &&
            ::access(path.c_str(), F_OK) != 0)
            return base::not_found(path + " is not there: start the daemon once");
    }
    auto keys = load_wrapping_keys(options.key_ring.wrapping_keys, options.state_directory, random);
    if (!keys) return keys.error();
    auto rows = open_rows(options.store, purpose::read, clock, random);
    if (!rows) return rows.error();
    const store::row_codec codec{options.issuer.partition, *keys, random};
    return store::read_administrator(**rows, codec, clock.now());
}

}  // namespace daemon_
