#include "store/sqlite_migration.hpp"

#include <algorithm>

namespace store {
namespace {

/// "imds" in the header of the file: file(1) and we tell it from other SQLite databases.
constexpr std::int64_t application_id = 0x696d6473;

base::error foreign(const std::string& path) {
    return base::internal(path +
                          ": is an SQLite database, but none of this program; it is left as "
                          "it is");
}

/// -1: a new file. An error: not ours.
base::result<std::int64_t> find_version(sqlite_connection& connection, const std::string& path) {
    const auto owner = connection.number("PRAGMA application_id");
    if (owner.has_error()) return owner.error();
    const auto objects = connection.number("SELECT count(*) FROM sqlite_schema");
    if (objects.has_error()) return objects.error();
    if (*owner == 0 && *objects == 0) return -1;
    if (*owner != application_id) return foreign(path);
    const auto version = connection.number("SELECT version FROM schema_version");
    if (version.has_error()) return version.error();
    if (*version < 1) return foreign(path);
    return *version;
}

base::result<> take_steps(sqlite_connection& connection, std::size_t taken, const schema& steps) {
    for (std::size_t step = taken; step < steps.size(); ++step) {
        for (const std::string& statement : steps[step]) {
            if (auto done = connection.execute(statement); done.has_error()) return done.error();
        }
    }
    auto update = connection.prepare("UPDATE schema_version SET version = ?1");
    if (update.has_error()) return update.error();
    update->bind(1, std::int64_t(steps.size()));
    const auto done = update->step();
    if (done.has_error()) return done.error();
    return {};
}

}  // namespace

base::result<> migrate_sqlite(sqlite_connection& connection, const std::string& path,
                              const schema& steps) {
    // Looked up under the write lock: of two that start at once the second finds it done.
    auto transaction = sqlite_transaction::begin(connection, sqlite_transaction::mode::write);
    if (transaction.has_error()) return transaction.error();
    const auto version = find_version(connection, path);
    if (version.has_error()) return version.error();
    if (*version > std::int64_t(steps.size())) return newer_schema(path, *version, steps.size());
    if (*version == std::int64_t(steps.size())) return {};
    if (*version < 0) {
        for (const std::string& statement :
             {std::string("PRAGMA application_id = ") + std::to_string(application_id),
              std::string("CREATE TABLE schema_version (one INTEGER PRIMARY KEY CHECK (one = 1),"
                          " version INTEGER NOT NULL) STRICT"),
              std::string("INSERT INTO schema_version VALUES (1, 0)")}) {
            if (auto done = connection.execute(statement); done.has_error()) return done.error();
        }
    }
    const auto taken = std::size_t(std::max<std::int64_t>(*version, 0));
    if (auto done = take_steps(connection, taken, steps); done.has_error()) {
        return done.error();
    }
    return transaction->commit();
}

base::result<> check_sqlite_schema(sqlite_connection& connection, const std::string& path,
                                   const schema& steps) {
    auto transaction = sqlite_transaction::begin(connection, sqlite_transaction::mode::read);
    if (transaction.has_error()) return transaction.error();
    const auto version = find_version(connection, path);
    if (version.has_error()) return version.error();
    if (*version > std::int64_t(steps.size())) return newer_schema(path, *version, steps.size());
    if (*version < std::int64_t(steps.size())) return older_schema(path, *version, steps.size());
    return {};
}

}  // namespace store
