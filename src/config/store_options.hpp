#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace config {

/// Where the issuer keeps what was not written in the configuration: what the IAM API made,
/// revocations and, with PostgreSQL, the key ring.
struct store_options {
    enum class kind {
        memory,      ///< nothing outlives the process
        sqlite,      ///< one file, for the processes of one machine
        postgresql,  ///< shared by replicas
    };
    kind where = kind::sqlite;

    std::string path;  ///< sqlite: the file

    /// postgresql: what libpq takes, "host=… dbname=…" or a URI. It parses and has no password.
    std::string connection;
    base::secret password;  ///< empty: libpq's own ways (passfile, PGPASSWORD, peer)
    /// How often the database is asked for changes when it does not tell of them.
    base::seconds poll{1};
    /// What is known may be so old; beyond it is stale. At least two polls.
    base::seconds max_age{30};
    /// Stale: sessions are served on, although they may have been revoked; else refused.
    bool serve_when_stale = false;
};

/// "memory", "sqlite", "postgresql"
const char* to_string(store_options::kind kind);

/// What only a restart can change: all of it.
bool same_store(const store_options& a, const store_options& b);

}  // namespace config
