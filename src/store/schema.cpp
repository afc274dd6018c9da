#include "store/schema.hpp"

namespace store {

// `total` counts changes: of one commit and all before it. Trimming needs no sum then.

const schema& sqlite_schema() {
    static const schema steps{
        {
            "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL,"
            " commit_id TEXT NOT NULL, total INTEGER NOT NULL) STRICT",
            "INSERT INTO state VALUES (1, 0, '', 0)",
            "CREATE TABLE rows (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,"
            " PRIMARY KEY (kind, id)) STRICT",
            "CREATE TABLE commits (version INTEGER PRIMARY KEY, commit_id TEXT NOT NULL,"
            " committed_at INTEGER NOT NULL, total INTEGER NOT NULL) STRICT",
            "CREATE TABLE changes (version INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,"
            " PRIMARY KEY (version, kind, id)) STRICT, WITHOUT ROWID",
        },
    };
    return steps;
}

const schema& postgresql_schema() {
    static const schema steps{
        {
            "CREATE TABLE imdsd_state (one SMALLINT PRIMARY KEY CHECK (one = 1),"
            " version BIGINT NOT NULL, commit_id TEXT NOT NULL, total BIGINT NOT NULL)",
            "INSERT INTO imdsd_state VALUES (1, 0, '', 0)",
            "CREATE TABLE imdsd_rows (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,"
            " PRIMARY KEY (kind, id))",
            "CREATE TABLE imdsd_commits (version BIGINT PRIMARY KEY, commit_id TEXT NOT NULL,"
            " committed_at BIGINT NOT NULL, total BIGINT NOT NULL)",
            "CREATE TABLE imdsd_changes (version BIGINT NOT NULL, kind TEXT NOT NULL,"
            " id TEXT NOT NULL, PRIMARY KEY (version, kind, id))",
        },
    };
    return steps;
}

base::error newer_schema(const std::string& database, long long found, std::size_t known) {
    return base::internal(database + ": its schema has version " + std::to_string(found) +
                          " and this program knows versions up to " + std::to_string(known) +
                          ": a newer program has migrated it; use that one or a newer one");
}

base::error older_schema(const std::string& database, long long found, std::size_t known) {
    return base::internal(database + ": its schema has version " + std::to_string(found) +
                          " and this program reads version " + std::to_string(known) +
                          ": start the daemon of this version once, which migrates it");
}

}  // namespace store
