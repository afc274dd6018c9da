#include "store/postgresql_migration.hpp"

#include "store/postgresql_transaction.hpp"

namespace store {
namespace {

constexpr const char* undefined_table = "42P01";
constexpr const char* duplicate_table = "42P07";
constexpr const char* duplicate_object = "42710";
constexpr const char* unique_violation = "23505";

base::result<> make_version_table(postgresql_connection& connection) {
    const auto made = connection.run(
        "CREATE TABLE IF NOT EXISTS imdsd_schema"
        " (one SMALLINT PRIMARY KEY CHECK (one = 1), version BIGINT NOT NULL)");
    // IF NOT EXISTS does not keep two from making it at the same time; the second one fails, in one
    // of several ways.
    const std::string& state = connection.sqlstate();
    const bool is_there =
        state == duplicate_table || state == duplicate_object || state == unique_violation;
    if (made.has_error() && !is_there) return made.error();
    const auto filled =
        connection.run("INSERT INTO imdsd_schema VALUES (1, 0) ON CONFLICT (one) DO NOTHING");
    if (filled.has_error()) return filled.error();
    return {};
}

base::result<std::int64_t> read_version(postgresql_connection& connection, const char* sql) {
    std::int64_t version = -1;
    const auto read =
        connection.run(sql, {}, [&](const postgresql_row& row) { version = row.number(0); });
    if (read.has_error()) return read.error();
    if (version < 0) return base::internal("PostgreSQL: the table imdsd_schema is empty");
    return version;
}

base::result<> take_steps(postgresql_connection& connection, const schema& steps) {
    auto transaction =
        postgresql_transaction::begin(connection, postgresql_transaction::mode::write);
    if (transaction.has_error()) return transaction.error();
    // The lock on this row is what makes others wait; they then read what is written here.
    const auto version =
        read_version(connection, "SELECT version FROM imdsd_schema WHERE one = 1 FOR UPDATE");
    if (version.has_error()) return version.error();
    if (*version >= std::int64_t(steps.size())) return {};
    for (auto step = std::size_t(*version); step < steps.size(); ++step) {
        for (const std::string& statement : steps[step]) {
            if (auto done = connection.run(statement.c_str()); done.has_error()) {
                return done.error();
            }
        }
    }
    const auto noted = connection.run("UPDATE imdsd_schema SET version = $1 WHERE one = 1",
                                      {std::int64_t(steps.size())});
    if (noted.has_error()) return noted.error();
    return transaction->commit();
}

}  // namespace

base::result<> migrate_postgresql(postgresql_connection& connection, const schema& steps) {
    constexpr const char* present = "SELECT version FROM imdsd_schema WHERE one = 1";
    const auto found = read_version(connection, present);
    if (found.has_error()) {
        // Not there, or made by another one this moment and not filled yet.
        const std::string& state = connection.sqlstate();
        const bool is_new = state == undefined_table || (state.empty() && !connection.is_lost());
        if (!is_new) return found.error();
        if (auto made = make_version_table(connection); made.has_error()) return made;
    }
    if (found.has_error() || *found < std::int64_t(steps.size())) {
        if (auto taken = take_steps(connection, steps); taken.has_error()) return taken;
    }
    const auto version = read_version(connection, present);
    if (version.has_error()) return version.error();
    if (*version > std::int64_t(steps.size())) {
        return newer_schema("PostgreSQL", *version, steps.size());
    }
    return {};
}

}  // namespace store
