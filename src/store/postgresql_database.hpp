#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "store/database.hpp"
#include "store/limits.hpp"
#include "store/schema.hpp"

namespace store {

struct postgresql_options {
    /// libpq's: "host=db.example dbname=imdsd user=imdsd sslmode=verify-full", or a URI. Without a
    /// password. Tables are made in the first schema of the user's search path.
    std::string connection;
    base::secret password;  ///< empty: libpq's other ways
    postgresql_limits limits = {};
    log_limits log = {};
    const schema* steps = &postgresql_schema();  ///< others in tests only
};

/// A database that several replicas share: PostgreSQL; tested with 15. No advisory lock, sequence
/// or stored procedure is used, and servers that lack LISTEN, NOTIFY or the timeouts are used
/// without. Connects, and migrates an older schema. `clock` and `random` must outlive it.
///
/// Commits compare and set the version in one UPDATE of one row. All writers meet at the lock of
/// that row, and READ COMMITTED looks at it again after the wait, so no stronger isolation is
/// needed; under a stronger one, serialization failures are tried again. A commit whose connection
/// broke is tried again under its own id, which tells whether the first try took place: while the
/// server still works on that, the lock makes the second one wait.
///
/// commit() takes a few seconds at most while the server is away, within
/// postgresql_limits::commit_patience. A pooler in between has to pool sessions, not transactions.
base::result<std::unique_ptr<database>> open_postgresql(postgresql_options options,
                                                        const base::clock& clock,
                                                        base::random& random);

}  // namespace store
