#include "store/memory_database.hpp"

#include <algorithm>
#include <set>

#include "store/check.hpp"

namespace store {

void memory_rows::trim() {
    const std::int64_t oldest = (clock_.now() - limits_.most_age).time_since_epoch().count();
    while (log_.size() > limits_.least_commits) {
        const logged_commit& first = log_.front();
        if (first.time.time_since_epoch().count() >= oldest &&
            total_ - first.total < limits_.most_changes) {
            return;
        }
        log_.pop_front();
    }
}

std::optional<base::error> memory_database::fault(
    const std::function<std::optional<base::error>(operation)>& source, operation o) const {
    return source ? source(o) : std::nullopt;
}

void memory_database::set_faults(memory_faults faults) {
    const std::lock_guard lock(shared_->mutex_);
    faults_ = std::move(faults);
}

base::result<loaded> memory_database::load() {
    const std::lock_guard lock(shared_->mutex_);
    if (auto failed = fault(faults_.before, operation::load)) return *failed;
    loaded all;
    all.version = known_ = shared_->version_;
    all.rows.reserve(shared_->rows_.size());
    for (const auto& [key, body] : shared_->rows_)
        all.rows.push_back({key.first, key.second, body});
    if (auto failed = fault(faults_.after, operation::load)) return *failed;
    return all;
}

base::result<delta> memory_database::changes_after(std::uint64_t version) {
    const std::lock_guard lock(shared_->mutex_);
    if (auto failed = fault(faults_.before, operation::changes)) return *failed;
    delta changed;
    changed.version = known_ = shared_->version_;
    const auto& log = shared_->log_;
    const bool in_log = version == 0
                            ? shared_->version_ == 0 || log.front().version == 1
                            : version <= shared_->version_ && log.front().version <= version;
    if (!in_log) {
        changed.reload = true;
    } else {
        std::set<memory_rows::key> keys;
        for (auto commit = log.rbegin(); commit != log.rend() && commit->version > version;
             ++commit) {
            keys.insert(commit->changed.begin(), commit->changed.end());
        }
        for (const auto& key : keys) {
            const auto found = shared_->rows_.find(key);
            row_change change{key.first, key.second, {}};
            if (found != shared_->rows_.end()) change.body = found->second;
            changed.changes.push_back(std::move(change));
        }
    }
    if (auto failed = fault(faults_.after, operation::changes)) return *failed;
    return changed;
}

base::result<commit_outcome> memory_database::commit(std::uint64_t expected,
                                                     std::span<const row_change> changes) {
    if (const auto checked = check_changes(changes); checked.has_error()) return checked.error();
    const std::lock_guard lock(shared_->mutex_);
    if (auto failed = fault(faults_.before, operation::commit)) return *failed;
    memory_rows& rows = *shared_;
    if (rows.version_ != expected) return commit_outcome{commit_state::conflict, rows.version_};
    memory_rows::logged_commit logged;
    logged.version = ++rows.version_;
    logged.total = rows.total_ += changes.size();
    logged.time = rows.clock_.now();
    for (const row_change& change : changes) {
        const memory_rows::key key{change.kind, change.id};
        if (change.body) {
            rows.rows_[key] = *change.body;
        } else {
            rows.rows_.erase(key);
        }
        logged.changed.push_back(key);
    }
    rows.log_.push_back(std::move(logged));
    if (rows.version_ % rows.limits_.trim_every == 0) rows.trim();
    known_ = rows.version_;
    rows.committed_.notify_all();
    if (auto failed = fault(faults_.after, operation::commit)) return *failed;
    return commit_outcome{commit_state::committed, rows.version_};
}

base::result<wait_end> memory_database::wait_for_change(base::milliseconds most) {
    std::unique_lock lock(shared_->mutex_);
    shared_->committed_.wait_for(lock, std::min(most, longest_wait),
                                 [this] { return woken_ || shared_->version_ != known_; });
    if (std::exchange(woken_, false)) return wait_end::woken;
    return shared_->version_ != known_ ? wait_end::change : wait_end::time;
}

void memory_database::wake() {
    const std::lock_guard lock(shared_->mutex_);
    woken_ = true;
    shared_->committed_.notify_all();
}

std::string memory_database::describe() const {
    return "memory: what is changed is lost when the program ends";
}

}  // namespace store
