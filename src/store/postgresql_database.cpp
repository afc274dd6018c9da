#include "store/postgresql_database.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "store/check.hpp"
#include "store/postgresql_connection.hpp"
#include "store/postgresql_listener.hpp"
#include "store/postgresql_migration.hpp"
#include "store/postgresql_transaction.hpp"
#include "store/wake_event.hpp"

namespace store {
namespace {

using steady = std::chrono::steady_clock;
using transaction = postgresql_transaction;

struct seen_commit {
    std::uint64_t version = 0;
    std::string commit_id;
};

/// A commit and what is known of the tries so far.
struct attempted_commit {
    std::uint64_t expected = 0;
    std::string id;
    std::span<const row_change> changes;
    bool uncertain = false;  ///< COMMIT was sent and its answer did not arrive
};

class postgresql_store final : public database {
public:
    postgresql_store(postgresql_target target, postgresql_options options, const base::clock& clock,
                     base::random& random, wake_event wake)
        : target_(std::move(target)),
          limits_(options.limits),
          log_(options.log),
          steps_(*options.steps),
          clock_(clock),
          random_(random),
          wake_(std::move(wake)),
          listener_(target_, limits_, wake_) {}

    base::result<> open() {
        return with_retries([this] { return ready(); });
    }

    base::result<loaded> load() override {
        return with_retries([this] { return try_load(); });
    }
    base::result<delta> changes_after(std::uint64_t version) override {
        return with_retries([this, version] { return try_changes(version); });
    }
    base::result<commit_outcome> commit(std::uint64_t expected,
                                        std::span<const row_change> changes) override;
    base::result<wait_end> wait_for_change(base::milliseconds most) override;
    void wake() override { wake_.signal(); }
    std::string describe() const override;

private:
    base::result<> ready();
    base::result<> probe_notify();
    bool worth_retry(const base::error& e) const;
    void back_off(unsigned attempt) const;
    void update_description();

    base::result<loaded> try_load();
    base::result<delta> try_changes(std::uint64_t version);
    base::result<seen_commit> read_state();
    base::result<bool> log_reaches(std::uint64_t version, std::uint64_t stored);
    base::result<commit_outcome> try_commit(attempted_commit& c);
    base::result<commit_outcome> look_up(attempted_commit& c);
    base::result<> write(const attempted_commit& c, std::int64_t total);
    base::result<> trim(std::uint64_t version, std::int64_t total);

    /// For what changes nothing when repeated: a connection that had died unnoticed is made again.
    template <class Work>
    auto with_retries(Work work) -> decltype(work()) {
        constexpr unsigned attempts = 3;
        for (unsigned attempt = 1;; ++attempt) {
            auto done = work();
            if (done.has_value() || attempt == attempts || !worth_retry(done.error())) return done;
            back_off(attempt);
        }
    }

    const postgresql_target target_;
    const postgresql_limits limits_;
    const log_limits log_;
    const schema& steps_;
    const base::clock& clock_;
    base::random& random_;
    const wake_event wake_;
    postgresql_listener listener_;
    std::optional<postgresql_connection> connection_;
    bool notifies_ = false;
    std::string unnotified_;  ///< why NOTIFY is not used
    seen_commit seen_;
    mutable std::mutex description_mutex_;
    std::string description_ = "PostgreSQL, not connected";
};

base::result<> postgresql_store::ready() {
    if (connection_ && !connection_->is_lost()) return {};
    connection_.reset();
    auto opened = postgresql_connection::open(target_, limits_);
    if (opened.has_error()) {
        update_description();
        return opened.error();
    }
    connection_.emplace(std::move(*opened));
    auto prepared = migrate_postgresql(*connection_, steps_);
    if (prepared.has_value()) prepared = probe_notify();
    if (prepared.has_error()) {
        connection_.reset();  // not used half prepared
        return prepared;
    }
    update_description();
    return {};
}

/// Inside a transaction the refusal would end it.
base::result<> postgresql_store::probe_notify() {
    const auto told =
        connection_->run("SELECT pg_notify($1::TEXT, '0')", {std::string_view(postgresql_channel)});
    if (told.has_error() && connection_->is_lost()) return told.error();
    notifies_ = told.has_value();
    unnotified_ = told.has_error() ? told.error().message : std::string();
    return {};
}

/// After a failure: the connection is not there or lost, or the server asks for another try.
bool postgresql_store::worth_retry(const base::error& e) const {
    if (e.kind != base::error_kind::unavailable) return false;
    if (!connection_ || connection_->is_lost()) return true;
    const std::string_view state = connection_->sqlstate();
    return state.substr(0, 2) == "40" || state == "55P03";
}

void postgresql_store::back_off(unsigned attempt) const {
    const auto doubled = limits_.first_backoff * (1 << std::min(attempt - 1, 16u));
    std::this_thread::sleep_for(std::min<base::milliseconds>(doubled, limits_.longest_backoff));
}

base::result<seen_commit> postgresql_store::read_state() {
    std::optional<seen_commit> state;
    const auto read =
        connection_->run("SELECT version, commit_id FROM imdsd_state WHERE one = 1", {},
                         [&](const postgresql_row& row) {
                             state = seen_commit{std::uint64_t(row.number(0)), row.text(1)};
                         });
    if (read.has_error()) return read.error();
    if (!state) return base::internal("PostgreSQL: the table imdsd_state is empty");
    return *state;
}

base::result<loaded> postgresql_store::try_load() {
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    auto snapshot = transaction::begin(*connection_, transaction::mode::snapshot);
    if (snapshot.has_error()) return snapshot.error();
    auto state = read_state();
    if (state.has_error()) return state.error();
    loaded all;
    all.version = state->version;
    const auto read = connection_->run(
        "SELECT kind, id, body FROM imdsd_rows", {}, [&](const postgresql_row& row) {
            all.rows.push_back({row.text(0), row.text(1), row.text(2)});
        });
    if (read.has_error()) return read.error();
    seen_ = std::move(*state);
    return all;
}

/// Whether the log holds all that came after `version`, of the past that this handle has seen.
base::result<bool> postgresql_store::log_reaches(std::uint64_t version, std::uint64_t stored) {
    if (version > stored) return false;
    // Nothing comes before the first commit: there the log must hold that one.
    std::optional<std::string> commit_id;
    const auto read = connection_->run("SELECT commit_id FROM imdsd_commits WHERE version = $1",
                                       {std::int64_t(std::max<std::uint64_t>(version, 1))},
                                       [&](const postgresql_row& row) { commit_id = row.text(0); });
    if (read.has_error()) return read.error();
    if (version == 0) return commit_id || stored == 0;
    return commit_id && (seen_.version != version || seen_.commit_id == *commit_id);
}

base::result<delta> postgresql_store::try_changes(std::uint64_t version) {
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    auto snapshot = transaction::begin(*connection_, transaction::mode::snapshot);
    if (snapshot.has_error()) return snapshot.error();
    auto state = read_state();
    if (state.has_error()) return state.error();
    delta changed;
    changed.version = state->version;
    const auto reaches = log_reaches(version, state->version);
    if (reaches.has_error()) return reaches.error();
    if (!*reaches) {
        changed.reload = true;
        return changed;
    }
    if (version != state->version) {
        const auto read = connection_->run(
            "SELECT c.kind, c.id, r.body FROM (SELECT DISTINCT kind, id FROM imdsd_changes"
            " WHERE version > $1) AS c"
            " LEFT JOIN imdsd_rows AS r ON r.kind = c.kind AND r.id = c.id",
            {std::int64_t(version)}, [&](const postgresql_row& row) {
                row_change change{row.text(0), row.text(1), {}};
                if (!row.is_null(2)) change.body = row.text(2);
                changed.changes.push_back(std::move(change));
            });
        if (read.has_error()) return read.error();
    }
    seen_ = std::move(*state);
    return changed;
}

base::result<commit_outcome> postgresql_store::commit(std::uint64_t expected,
                                                      std::span<const row_change> changes) {
    if (auto checked = check_changes(changes); checked.has_error()) return checked.error();
    attempted_commit c{expected, new_commit_id(random_), changes};
    const auto give_up = steady::now() + limits_.commit_patience;
    for (unsigned attempt = 1;; ++attempt) {
        auto outcome = try_commit(c);
        if (outcome.has_value()) {
            if (outcome->state == commit_state::committed) seen_ = {outcome->version, c.id};
            return outcome;
        }
        if (attempt >= limits_.commit_attempts || steady::now() >= give_up ||
            !worth_retry(outcome.error())) {
            base::error e = outcome.error();
            if (c.uncertain) e.code = commit_outcome_unknown;
            return e;
        }
        back_off(attempt);
    }
}

base::result<commit_outcome> postgresql_store::try_commit(attempted_commit& c) {
    if (auto is_ready = ready(); is_ready.has_error()) return is_ready.error();
    auto writing = transaction::begin(*connection_, transaction::mode::write);
    if (writing.has_error()) return writing.error();
    // A version that this handle has not seen is compared by its number alone.
    const bool as_seen = seen_.version == c.expected;
    std::int64_t total = 0;
    const auto moved = connection_->run(
        "UPDATE imdsd_state SET version = version + 1, commit_id = $1::TEXT,"
        " total = total + $2::BIGINT WHERE one = 1 AND version = $3"
        " AND ($4::TEXT = '' OR commit_id = $4::TEXT) RETURNING total",
        {c.id, std::int64_t(c.changes.size()), std::int64_t(c.expected),
         as_seen ? seen_.commit_id : std::string()},
        [&](const postgresql_row& row) { total = row.number(0); });
    if (moved.has_error()) return moved.error();
    if (*moved == 0) return look_up(c);
    // The row is locked by this transaction: an earlier try did not take place, and cannot now.
    c.uncertain = false;
    if (auto written = write(c, total); written.has_error()) return written.error();
    c.uncertain = true;
    const auto committed = writing->commit();
    if (committed.has_error()) {
        const bool told = !connection_->is_lost() && connection_->sqlstate() != "40003";
        if (told) c.uncertain = false;
        return committed.error();
    }
    c.uncertain = false;
    return commit_outcome{commit_state::committed, c.expected + 1};
}

/// The version is not the expected one: by an earlier try of this commit, or by another.
base::result<commit_outcome> postgresql_store::look_up(attempted_commit& c) {
    std::uint64_t stored = 0;
    std::string commit_id;
    const auto read = connection_->run(
        "SELECT s.version, c.commit_id FROM imdsd_state AS s"
        " LEFT JOIN imdsd_commits AS c ON c.version = $1 WHERE s.one = 1",
        {std::int64_t(c.expected + 1)}, [&](const postgresql_row& row) {
            stored = std::uint64_t(row.number(0));
            commit_id = row.text(1);
        });
    if (read.has_error()) return read.error();
    if (commit_id == c.id) {
        c.uncertain = false;
        return commit_outcome{commit_state::committed, c.expected + 1};
    }
    if (c.uncertain && commit_id.empty() && stored > c.expected) {
        return base::internal("PostgreSQL: the log no longer tells whether a commit took place");
    }
    c.uncertain = false;
    return commit_outcome{commit_state::conflict, stored};
}

base::result<> postgresql_store::write(const attempted_commit& c, std::int64_t total) {
    using parameter = postgresql_parameter;
    std::vector<std::string_view> kinds, ids, put_kinds, put_ids, bodies, gone_kinds, gone_ids;
    for (const row_change& change : c.changes) {
        kinds.push_back(change.kind);
        ids.push_back(change.id);
        (change.body ? put_kinds : gone_kinds).push_back(change.kind);
        (change.body ? put_ids : gone_ids).push_back(change.id);
        if (change.body) bodies.push_back(*change.body);
    }
    const auto version = std::int64_t(c.expected + 1);
    if (!bodies.empty()) {
        const auto put = connection_->run(
            "INSERT INTO imdsd_rows (kind, id, body)"
            " SELECT kind, id, body FROM unnest($1::TEXT[], $2::TEXT[], $3::TEXT[])"
            " AS put (kind, id, body)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            {parameter::array(put_kinds), parameter::array(put_ids), parameter::array(bodies)});
        if (put.has_error()) return put.error();
    }
    if (!gone_ids.empty()) {
        const auto removed = connection_->run(
            "DELETE FROM imdsd_rows WHERE (kind, id) IN"
            " (SELECT kind, id FROM unnest($1::TEXT[], $2::TEXT[]) AS gone (kind, id))",
            {parameter::array(gone_kinds), parameter::array(gone_ids)});
        if (removed.has_error()) return removed.error();
    }
    const auto logged = connection_->run(
        "INSERT INTO imdsd_changes (version, kind, id)"
        " SELECT $1::BIGINT, kind, id FROM unnest($2::TEXT[], $3::TEXT[]) AS changed (kind, id)",
        {version, parameter::array(kinds), parameter::array(ids)});
    if (logged.has_error()) return logged.error();
    const auto noted = connection_->run(
        "INSERT INTO imdsd_commits (version, commit_id, committed_at, total)"
        " VALUES ($1, $2, $3, $4)",
        {version, c.id, std::int64_t(clock_.now().time_since_epoch().count()), total});
    if (noted.has_error()) return noted.error();
    if (std::uint64_t(version) % log_.trim_every == 0) {
        if (auto trimmed = trim(std::uint64_t(version), total); trimmed.has_error()) return trimmed;
    }
    if (!notifies_) return {};
    // Delivered when, and only when, the transaction commits.
    const auto told =
        connection_->run("SELECT pg_notify($1::TEXT, $2::TEXT)",
                         {std::string_view(postgresql_channel), std::to_string(version)});
    if (told.has_error()) return told.error();
    return {};
}

base::result<> postgresql_store::trim(std::uint64_t version, std::int64_t total) {
    if (version <= log_.least_commits) return {};
    std::optional<std::int64_t> last;
    const auto found = connection_->run(
        "SELECT max(version) FROM (SELECT version, committed_at, total FROM imdsd_commits"
        " ORDER BY version LIMIT $1) AS oldest"
        " WHERE version <= $2 AND (committed_at < $3 OR total <= $4)",
        {std::int64_t(4 * log_.trim_every), std::int64_t(version - log_.least_commits),
         std::int64_t((clock_.now() - log_.most_age).time_since_epoch().count()),
         total - std::int64_t(log_.most_changes)},
        [&](const postgresql_row& row) {
            if (!row.is_null(0)) last = row.number(0);
        });
    if (found.has_error()) return found.error();
    if (!last) return {};
    for (const char* sql : {"DELETE FROM imdsd_changes WHERE version <= $1",
                            "DELETE FROM imdsd_commits WHERE version <= $1"}) {
        if (const auto done = connection_->run(sql, {*last}); done.has_error()) return done.error();
    }
    return {};
}

base::result<wait_end> postgresql_store::wait_for_change(base::milliseconds most) {
    std::optional<postgresql_connection::endpoint> server;
    if (connection_ && !connection_->is_lost()) server = connection_->where();
    const auto ended = listener_.wait(most, server, seen_.version);
    update_description();
    return ended;
}

void postgresql_store::update_description() {
    std::string text = connection_ ? connection_->describe() : "PostgreSQL, not connected";
    text += ", schema " + std::to_string(steps_.size());
    if (!connection_) {
        // What was known of the server may not hold for the next one.
    } else if (!notifies_) {
        text += ", changes are polled: the server refuses NOTIFY: " + unnotified_;
    } else if (!listener_.trouble().empty()) {
        text += ", changes are polled: " + listener_.trouble();
    } else {
        text += ", changes are told by LISTEN/NOTIFY";
    }
    const std::lock_guard lock(description_mutex_);
    description_ = std::move(text);
}

std::string postgresql_store::describe() const {
    const std::lock_guard lock(description_mutex_);
    return description_;
}

}  // namespace

base::result<std::unique_ptr<database>> open_postgresql(postgresql_options options,
                                                        const base::clock& clock,
                                                        base::random& random) {
    auto target = postgresql_target::make(options.connection, options.password, options.limits);
    if (target.has_error()) return target.error();
    auto wake = wake_event::make();
    if (wake.has_error()) return wake.error();
    auto opened = std::make_unique<postgresql_store>(std::move(*target), std::move(options), clock,
                                                     random, std::move(*wake));
    if (auto done = opened->open(); done.has_error()) return done.error();
    return std::unique_ptr<database>(std::move(opened));
}

}  // namespace store
