#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace store {

/// One entry: `body` is text (JSON) that the store does not look into. Secrets in it are sealed by
/// whoever wrote it. Limits: store/limits.hpp.
struct row {
    std::string kind;  ///< what it is: "user", "role", "key-ring", ...
    std::string id;    ///< unique within its kind
    std::string body;
};

struct row_change {
    std::string kind;
    std::string id;
    std::optional<std::string> body;  ///< none: the row is deleted; it need not exist
};

struct loaded {
    std::uint64_t version = 0;  ///< 0: nothing was ever committed
    std::vector<row> rows;      ///< in no particular order
};

struct delta {
    std::uint64_t version = 0;
    /// Each row at most once, as it is at `version`: what lay between is not told.
    std::vector<row_change> changes;
    /// The log cannot say what changed since (it no longer reaches back that far, or the database
    /// has another past than the one the caller saw, as after a restored backup): call load().
    /// `changes` is empty then.
    bool reload = false;
};

enum class commit_state { committed, conflict };

struct commit_outcome {
    commit_state state = commit_state::conflict;
    /// Committed: the new version. Conflict: the present one, for information.
    std::uint64_t version = 0;
};

/// Why a wait ended. `change` is a hint: only changes_after() tells what is so, and a change may
/// come without a hint.
enum class wait_end { time, change, woken };

/// `base::error::code` of a commit whose outcome could not be found out: it has taken place, will
/// take place within seconds, or never will. Every other failure of commit() means that nothing
/// was changed. To find out, ask changes_after(); to try again is safe, because the version
/// decides.
inline constexpr const char* commit_outcome_unknown = "CommitOutcomeUnknown";

/// Rows under one version number, kept durably: memory_database (not durable), sqlite_database,
/// postgresql_database.
///
/// A commit succeeds only when the stored version is the one its caller has seen. It adds one to
/// the version, writes the rows and appends to the log of changes, all or nothing; what was
/// committed is on stable storage. A commit that lost its answer is looked up before commit()
/// returns.
///
/// Threads: one at a time for everything but wake() and describe(), which any thread may call.
/// A second process, or a second handle, is as good as another machine.
///
/// Errors: `unavailable` worth a retry (server away, disk full, file busy); `invalid` the changes
/// break a limit; `denied` opened read-only, or the server refuses the user; `internal` the file
/// is damaged or the schema is not ours. They hold no body and no password.
class database {
public:
    virtual ~database() = default;

    virtual base::result<loaded> load() = 0;

    /// What changed since `version`, which came from load(), commit() or an earlier delta.
    virtual base::result<delta> changes_after(std::uint64_t version) = 0;

    /// At least one change, and each row at most once.
    virtual base::result<commit_outcome> commit(std::uint64_t expected,
                                                std::span<const row_change> changes) = 0;

    /// Returns at the latest after `most`, early when another handle may have committed or wake()
    /// was called. An error means that hints are not to be had now; it may come early, so a caller
    /// that loops waits by itself before it asks again.
    virtual base::result<wait_end> wait_for_change(base::milliseconds most) = 0;

    /// Ends the wait under way, or else the next one. Safe in no signal handler.
    virtual void wake() = 0;

    /// For the log and for status: which database, which schema, how changes are noticed and why
    /// not better. One line; without secrets.
    virtual std::string describe() const = 0;

    database() = default;
    database(const database&) = delete;
    database& operator=(const database&) = delete;
};

}  // namespace store
