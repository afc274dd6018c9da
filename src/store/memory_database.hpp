#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "store/database.hpp"
#include "store/limits.hpp"

namespace store {

/// What the handles of one memory database share. Gone with the last of them.
class memory_rows {
public:
    explicit memory_rows(const base::clock& clock, log_limits limits = {})
        : clock_(clock), limits_(limits) {}

private:
    friend class memory_database;
    using key = std::pair<std::string, std::string>;  // kind, id
    struct logged_commit {
        std::uint64_t version = 0, total = 0;  // total: changes of this and all earlier commits
        base::wall_time time;
        std::vector<key> changed;
    };

    void trim();

    const base::clock& clock_;
    const log_limits limits_;
    mutable std::mutex mutex_;
    std::condition_variable committed_;
    std::map<key, std::string> rows_;
    std::uint64_t version_ = 0, total_ = 0;
    std::deque<logged_commit> log_;
};

/// Failures on demand, for tests. Called under the lock of the rows, by the thread at work.
struct memory_faults {
    enum class operation { load, changes, commit };
    /// An error: the operation fails and nothing is done.
    std::function<std::optional<base::error>(operation)> before;
    /// An error: what was asked for is done, and the answer is this error.
    std::function<std::optional<base::error>(operation)> after;
};

/// The contract of `database` without durability: for configurations that keep nothing, and for
/// tests.
class memory_database : public database {
public:
    explicit memory_database(std::shared_ptr<memory_rows> rows) : shared_(std::move(rows)) {}

    base::result<loaded> load() override;
    base::result<delta> changes_after(std::uint64_t version) override;
    base::result<commit_outcome> commit(std::uint64_t expected,
                                        std::span<const row_change> changes) override;
    base::result<wait_end> wait_for_change(base::milliseconds most) override;
    void wake() override;
    std::string describe() const override;

    void set_faults(memory_faults faults);

private:
    using operation = memory_faults::operation;
    std::optional<base::error> fault(
        const std::function<std::optional<base::error>(operation)>& source, operation o) const;

    std::shared_ptr<memory_rows> shared_;
    memory_faults faults_;
    std::uint64_t known_ = 0;  ///< the version this handle saw last
    bool woken_ = false;
};

}  // namespace store
