#include "store/sqlite_database.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <sqlite3.h>
#include <utility>

#include "store/check.hpp"
#include "store/file_watch.hpp"
#include "store/sqlite_connection.hpp"
#include "store/sqlite_file.hpp"
#include "store/sqlite_migration.hpp"
#include "store/wake_event.hpp"

namespace store {
namespace {

using transaction = sqlite_transaction;

/// The row of `state`.
struct stored_state {
    std::uint64_t version = 0, total = 0;
    std::string commit_id;
};

/// The last commit that this handle saw.
struct seen_commit {
    std::uint64_t version = 0;
    std::string commit_id;
};

base::result<stored_state> read_state(sqlite_connection& connection) {
    auto query = connection.prepare("SELECT version, total, commit_id FROM state");
    if (query.has_error()) return query.error();
    const auto found = query->step();
    if (found.has_error()) return found.error();
    if (!*found) return base::internal("the state of the store is missing in its file");
    return stored_state{std::uint64_t(query->number(0)), std::uint64_t(query->number(1)),
                        query->text(2)};
}

/// Runs a statement once for each element, which `bind` binds.
template <class Range, class Bind>
base::result<> for_each_run(sqlite_connection& connection, const char* sql, const Range& range,
                            Bind bind) {
    auto statement = connection.prepare(sql);
    if (statement.has_error()) return statement.error();
    for (const auto& element : range) {
        if (!bind(*statement, element)) continue;
        if (const auto done = statement->step(); done.has_error()) return done.error();
        statement->reset();
    }
    return {};
}

class sqlite_store final : public database {
public:
    sqlite_store(sqlite_options options, const base::clock& clock, base::random& random,
                 wake_event wake)
        : options_(std::move(options)), clock_(clock), random_(random), wake_(std::move(wake)) {}

    base::result<> open();

    base::result<loaded> load() override;
    base::result<delta> changes_after(std::uint64_t version) override;
    base::result<commit_outcome> commit(std::uint64_t expected,
                                        std::span<const row_change> changes) override;
    base::result<wait_end> wait_for_change(base::milliseconds most) override;
    void wake() override { wake_.signal(); }
    std::string describe() const override;

private:
    bool read_only() const { return options_.mode == sqlite_options::open_mode::read_only; }
    base::result<> connect();
    base::result<> ready();
    base::result<> note_data_version();
    base::result<bool> log_reaches(std::uint64_t version, const stored_state& state);
    base::result<> write(const stored_state& next, std::span<const row_change> changes);
    base::result<> trim(const stored_state& state);
    void watch();

    /// After a failure of the file itself: what SQLite holds in memory is not trusted any more.
    base::error failed(base::error e) {
        if (e.kind != base::error_kind::invalid) connection_.reset();
        return e;
    }

    const sqlite_options options_;
    const base::clock& clock_;
    base::random& random_;
    const wake_event wake_;
    std::optional<sqlite_connection> connection_;
    file_identity identity_;
    seen_commit seen_;
    std::int64_t data_version_ = 0;  ///< changes when another connection has committed
    file_watch watch_;
    mutable std::mutex description_mutex_;
    std::string unwatched_;  ///< why there is no watch
};

base::result<> sqlite_store::open() {
    if (!read_only()) {
        const auto found = check_sqlite_file(options_.path);
        if (found.has_error() && found.error().kind == base::error_kind::not_found) {
            const auto created = create_sqlite_file(options_.path, *options_.steps, random_);
            if (created.has_error()) return created.error();
        }
    }
    if (auto connected = connect(); connected.has_error()) return connected.error();
    if (read_only()) return {};
    auto check = connection_->prepare("PRAGMA quick_check(1)");
    if (check.has_error()) return check.error();
    const auto told = check->step();
    if (told.has_error()) return told.error();
    if (!*told || check->text(0) != "ok") {
        return base::internal(options_.path + ": the file is damaged (" + check->text(0) +
                              ") and is left as it is; restore it from a backup, or move it away "
                              "to begin with nothing");
    }
    return {};
}

base::result<> sqlite_store::connect() {
    const auto found = check_sqlite_file(options_.path);
    if (found.has_error()) return found.error();
    auto opened =
        sqlite_connection::open(options_.path, read_only() ? sqlite_connection::access::read_only
                                                           : sqlite_connection::access::read_write);
    if (opened.has_error()) return opened.error();
    if (read_only()) {
        if (auto known = check_sqlite_schema(*opened, options_.path, *options_.steps);
            known.has_error()) {
            return known.error();
        }
    } else {
        if (auto migrated = migrate_sqlite(*opened, options_.path, *options_.steps);
            migrated.has_error()) {
            return migrated.error();
        }
        auto mode = opened->prepare("PRAGMA journal_mode = WAL");
        if (mode.has_error()) return mode.error();
        const auto told = mode->step();
        if (told.has_error()) return told.error();
        if (!*told || mode->text(0) != "wal") {
            return base::unavailable(options_.path +
                                     ": its file system does not allow WAL mode; put it on a local "
                                     "file system");
        }
    }
    // The first read makes the write-ahead log, which is what is watched.
    if (const auto read = opened->number("SELECT version FROM state"); read.has_error()) {
        return read.error();
    }
    connection_.emplace(std::move(*opened));
    identity_ = *found;
    data_version_ = -1;  // the next wait ends at once: what came meanwhile is not known
    watch();
    return {};
}

/// Connected, and to the file that has the name.
base::result<> sqlite_store::ready() {
    if (!connection_) return connect();
    const auto found = check_sqlite_file(options_.path);
    if (found.has_error()) return found.error();
    if (*found != identity_) {
        return base::internal(options_.path +
                              ": was replaced while in use; start again to use "
                              "what is there now");
    }
    return {};
}

base::result<> sqlite_store::note_data_version() {
    const auto version = connection_->number("PRAGMA data_version");
    if (version.has_error()) return version.error();
    data_version_ = *version;
    return {};
}

/// The log's file is there once the database was read; it stays while this connection is open.
void sqlite_store::watch() {
    auto made = file_watch::make(options_.path + "-wal");
    const std::lock_guard lock(description_mutex_);
    if (made.has_error()) {
        watch_ = file_watch();
        unwatched_ = made.error().message;
    } else {
        watch_ = std::move(*made);
        unwatched_.clear();
    }
}

base::result<loaded> sqlite_store::load() {
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    if (auto noted = note_data_version(); noted.has_error()) return failed(noted.error());
    const auto read = [this]() -> base::result<loaded> {
        auto snapshot = transaction::begin(*connection_, transaction::mode::read);
        if (snapshot.has_error()) return snapshot.error();
        const auto state = read_state(*connection_);
        if (state.has_error()) return state.error();
        loaded all;
        all.version = state->version;
        auto query = connection_->prepare("SELECT kind, id, body FROM rows");
        if (query.has_error()) return query.error();
        for (;;) {
            const auto more = query->step();
            if (more.has_error()) return more.error();
            if (!*more) break;
            all.rows.push_back({query->text(0), query->text(1), query->text(2)});
        }
        seen_ = {state->version, state->commit_id};
        return all;
    };
    auto all = read();
    if (all.has_error()) return failed(all.error());
    return all;
}

/// Whether the log holds all that came after `version`, of the past that this handle has seen.
base::result<bool> sqlite_store::log_reaches(std::uint64_t version, const stored_state& state) {
    if (version > state.version) return false;
    auto query = connection_->prepare("SELECT commit_id FROM commits WHERE version = ?1");
    if (query.has_error()) return query.error();
    // Nothing comes before the first commit: there the log must hold that one.
    query->bind(1, std::int64_t(std::max<std::uint64_t>(version, 1)));
    const auto found = query->step();
    if (found.has_error()) return found.error();
    if (version == 0) return *found || state.version == 0;
    return *found && (seen_.version != version || seen_.commit_id == query->text(0));
}

base::result<delta> sqlite_store::changes_after(std::uint64_t version) {
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    if (auto noted = note_data_version(); noted.has_error()) return failed(noted.error());
    const auto read = [this, version]() -> base::result<delta> {
        auto snapshot = transaction::begin(*connection_, transaction::mode::read);
        if (snapshot.has_error()) return snapshot.error();
        const auto state = read_state(*connection_);
        if (state.has_error()) return state.error();
        delta changed;
        changed.version = state->version;
        const auto reaches = log_reaches(version, *state);
        if (reaches.has_error()) return reaches.error();
        if (!*reaches) {
            changed.reload = true;
            return changed;
        }
        auto query = connection_->prepare(
            "SELECT c.kind, c.id, r.body FROM (SELECT DISTINCT kind, id FROM changes"
            " WHERE version > ?1) AS c LEFT JOIN rows AS r ON r.kind = c.kind AND r.id = c.id");
        if (query.has_error()) return query.error();
        query->bind(1, std::int64_t(version));
        for (;;) {
            const auto more = query->step();
            if (more.has_error()) return more.error();
            if (!*more) break;
            row_change change{query->text(0), query->text(1), {}};
            if (!query->is_null(2)) change.body = query->text(2);
            changed.changes.push_back(std::move(change));
        }
        seen_ = {state->version, state->commit_id};
        return changed;
    };
    auto changed = read();
    if (changed.has_error()) return failed(changed.error());
    return changed;
}

base::result<> sqlite_store::write(const stored_state& next, std::span<const row_change> changes) {
    using statement = sqlite_statement;
    const auto version = std::int64_t(next.version);
    auto done = for_each_run(*connection_,
                             "INSERT INTO rows (kind, id, body) VALUES (?1, ?2, ?3)"
                             " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                             changes, [](statement& s, const row_change& change) {
                                 if (!change.body) return false;
                                 s.bind(1, change.kind);
                                 s.bind(2, change.id);
                                 s.bind(3, *change.body);
                                 return true;
                             });
    if (done.has_error()) return done;
    done = for_each_run(*connection_, "DELETE FROM rows WHERE kind = ?1 AND id = ?2", changes,
                        [](statement& s, const row_change& change) {
                            if (change.body) return false;
                            s.bind(1, change.kind);
                            s.bind(2, change.id);
                            return true;
                        });
    if (done.has_error()) return done;
    done = for_each_run(*connection_, "INSERT INTO changes (version, kind, id) VALUES (?1, ?2, ?3)",
                        changes, [&](statement& s, const row_change& change) {
                            s.bind(1, version);
                            s.bind(2, change.kind);
                            s.bind(3, change.id);
                            return true;
                        });
    if (done.has_error()) return done;
    const std::span<const stored_state> once(&next, 1);
    done = for_each_run(*connection_,
                        "INSERT INTO commits (version, commit_id, committed_at, total)"
                        " VALUES (?1, ?2, ?3, ?4)",
                        once, [&](statement& s, const stored_state& state) {
                            s.bind(1, version);
                            s.bind(2, state.commit_id);
                            s.bind(3, std::int64_t(clock_.now().time_since_epoch().count()));
                            s.bind(4, std::int64_t(state.total));
                            return true;
                        });
    if (done.has_error()) return done;
    done = for_each_run(*connection_, "UPDATE state SET version = ?1, total = ?2, commit_id = ?3",
                        once, [&](statement& s, const stored_state& state) {
                            s.bind(1, version);
                            s.bind(2, std::int64_t(state.total));
                            s.bind(3, state.commit_id);
                            return true;
                        });
    if (done.has_error()) return done;
    if (next.version % options_.log.trim_every == 0) return trim(next);
    return {};
}

base::result<> sqlite_store::trim(const stored_state& state) {
    const log_limits& log = options_.log;
    if (state.version <= log.least_commits) return {};
    auto query = connection_->prepare(
        "SELECT max(version) FROM (SELECT version, committed_at, total FROM commits"
        " ORDER BY version LIMIT ?1) AS oldest"
        " WHERE version <= ?2 AND (committed_at < ?3 OR total <= ?4)");
    if (query.has_error()) return query.error();
    query->bind(1, std::int64_t(4 * log.trim_every));
    query->bind(2, std::int64_t(state.version - log.least_commits));
    query->bind(3, std::int64_t((clock_.now() - log.most_age).time_since_epoch().count()));
    query->bind(4, std::int64_t(state.total) - std::int64_t(log.most_changes));
    const auto found = query->step();
    if (found.has_error()) return found.error();
    if (!*found || query->is_null(0)) return {};
    for (const char* sql :
         {"DELETE FROM changes WHERE version <= ?1", "DELETE FROM commits WHERE version <= ?1"}) {
        auto remove = connection_->prepare(sql);
        if (remove.has_error()) return remove.error();
        remove->bind(1, query->number(0));
        if (const auto done = remove->step(); done.has_error()) return done.error();
    }
    return {};
}

base::result<commit_outcome> sqlite_store::commit(std::uint64_t expected,
                                                  std::span<const row_change> changes) {
    if (read_only()) return base::denied(options_.path + ": is open for reading only");
    if (auto checked = check_changes(changes); checked.has_error()) return checked.error();
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    bool sent = false;
    int code = SQLITE_OK;
    const auto write_all = [&]() -> base::result<commit_outcome> {
        auto writing = transaction::begin(*connection_, transaction::mode::write);
        if (writing.has_error()) return writing.error();
        const auto state = read_state(*connection_);
        if (state.has_error()) return state.error();
        const bool as_seen = seen_.version != expected || seen_.commit_id == state->commit_id;
        if (state->version != expected || !as_seen) {
            return commit_outcome{commit_state::conflict, state->version};
        }
        const stored_state next{expected + 1, state->total + changes.size(),
                                new_commit_id(random_)};
        if (auto written = write(next, changes); written.has_error()) return written.error();
        sent = true;
        const auto committed = writing->commit();
        if (committed.has_error()) {
            code = connection_->last_code();
            return committed.error();
        }
        seen_ = {next.version, next.commit_id};
        return commit_outcome{commit_state::committed, next.version};
    };
    auto outcome = write_all();
    if (outcome.has_value()) return outcome;
    base::error e = outcome.error();
    // The frame that ends a commit is the last one written: with a full disk it is not there. After
    // another failure, as of fsync(2), it may be found when the log is read again, or may not.
    if (sent && code != SQLITE_FULL && code != SQLITE_BUSY) e.code = commit_outcome_unknown;
    return failed(std::move(e));
}

base::result<wait_end> sqlite_store::wait_for_change(base::milliseconds most) {
    using steady = std::chrono::steady_clock;
    constexpr base::milliseconds shortest(1);
    const auto end = steady::now() + std::min(most, longest_wait);
    // The log is written before a commit shows, and nothing tells when it does: for a while after a
    // write, or all the time without a watch, it is looked for.
    bool watched = watch_.descriptor() >= 0;
    auto look_until = steady::time_point();
    auto pause = watched ? shortest : sqlite_poll_interval;
    for (;;) {
        if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
        watched = watch_.descriptor() >= 0;
        if (watch_.drain()) {
            look_until = steady::now() + sqlite_busy_time;
            pause = shortest;
        }
        const auto before = data_version_;
        if (auto noted = note_data_version(); noted.has_error()) return failed(noted.error());
        if (data_version_ != before) return wait_end::change;
        const auto now = steady::now();
        if (now >= end) return wait_end::time;
        auto step = std::chrono::ceil<base::milliseconds>(end - now);
        if (!watched || now < look_until) {
            step = std::min(step, pause);
            pause = std::min(pause * 2, sqlite_poll_interval);
        }
        if (wake_.wait(step, watch_.descriptor()) == wait_end::woken) return wait_end::woken;
    }
}

std::string sqlite_store::describe() const {
    const std::lock_guard lock(description_mutex_);
    return "SQLite " + std::string(sqlite3_libversion()) + ": " + options_.path + ", schema " +
           std::to_string(options_.steps->size()) + (read_only() ? ", read-only" : "") +
           (unwatched_.empty() ? ", changes by other processes are noticed at once"
                               : ", changes by other processes are polled: " + unwatched_);
}

}  // namespace

base::result<std::unique_ptr<database>> open_sqlite(sqlite_options options,
                                                    const base::clock& clock,
                                                    base::random& random) {
    auto wake = wake_event::make();
    if (wake.has_error()) return wake.error();
    auto opened =
        std::make_unique<sqlite_store>(std::move(options), clock, random, std::move(*wake));
    if (auto done = opened->open(); done.has_error()) return done.error();
    return std::unique_ptr<database>(std::move(opened));
}

}  // namespace store
