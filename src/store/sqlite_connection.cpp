#include "store/sqlite_connection.hpp"

#include <sqlite3.h>
#include <utility>

#include "store/limits.hpp"

namespace store {
namespace {

base::error failure(const std::string& path, sqlite3* connection, int code) {
    const int primary = code & 0xff;
    const std::string why =
        path + ": " + (connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code));
    switch (primary) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return base::internal(why +
                                  ": the file is damaged and is left as it is; restore it from "
                                  "a backup, or move it away to begin with nothing");
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return base::unavailable(why + ": another process holds it");
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_NOMEM:
            return base::unavailable(why + " (" + sqlite3_errstr(code) + ", code " +
                                     std::to_string(code) + ")");
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH:
            return base::denied(why);
        default:
            return base::internal(why + " (code " + std::to_string(code) + ")");
    }
}

}  // namespace

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

sqlite_statement::sqlite_statement(sqlite3_stmt* statement, const std::string& path)
    : statement_(statement), path_(path) {}

void sqlite_statement::bind(int parameter, std::string_view text) {
    note(sqlite3_bind_text64(statement_.get(), parameter, text.data(), text.size(), SQLITE_STATIC,
                             SQLITE_UTF8));
}

void sqlite_statement::bind(int parameter, std::int64_t number) {
    note(sqlite3_bind_int64(statement_.get(), parameter, number));
}

void sqlite_statement::note(int code) {
    if (bound_ == SQLITE_OK) bound_ = code;
}

base::result<bool> sqlite_statement::step() {
    if (bound_ != SQLITE_OK) return failure(path_, nullptr, bound_);
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return failure(path_, sqlite3_db_handle(statement_.get()), code);
}

void sqlite_statement::reset() {
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::int64_t sqlite_statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string sqlite_statement::text(int column) const {
    // The text first: asking for the size converts.
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return text ? std::string(text, std::size_t(size)) : std::string();
}

bool sqlite_statement::is_null(int column) const {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void sqlite_connection::closer::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

base::result<sqlite_connection> sqlite_connection::open(const std::string& path, access wanted) {
    sqlite_connection opened(path);
    sqlite3* raw = nullptr;
    // Never SQLITE_OPEN_CREATE: an empty file in place of a lost one would pass for a new store.
    const int flags = wanted == access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    const int code = sqlite3_open_v2(path.c_str(), &raw,
                                     flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    opened.connection_.reset(raw);
    if (code != SQLITE_OK) return failure(path, raw, code);
    sqlite3_busy_timeout(raw, int(sqlite_busy_time.count()));
    sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    for (const std::string& setting :
         {std::string("PRAGMA synchronous = FULL"), std::string("PRAGMA secure_delete = ON"),
          std::string("PRAGMA cell_size_check = ON"),
          "PRAGMA journal_size_limit = " + std::to_string(sqlite_kept_log)}) {
        if (const auto set = opened.execute(setting); set.has_error()) return set.error();
    }
    return opened;
}

base::result<> sqlite_connection::execute(const std::string& sql) {
    const int code = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return failure(path_, connection_.get(), code);
    return {};
}

base::result<sqlite_statement> sqlite_connection::prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(connection_.get(), sql, -1, &raw, nullptr);
    if (code != SQLITE_OK) return failure(path_, connection_.get(), code);
    return sqlite_statement(raw, path_);
}

base::result<std::int64_t> sqlite_connection::number(const char* sql) {
    auto statement = prepare(sql);
    if (statement.has_error()) return statement.error();
    const auto has_row = statement->step();
    if (has_row.has_error()) return has_row.error();
    return *has_row ? statement->number(0) : 0;
}

bool sqlite_connection::in_transaction() const {
    return sqlite3_get_autocommit(connection_.get()) == 0;
}

int sqlite_connection::last_code() const {
    return sqlite3_errcode(connection_.get()) & 0xff;
}

base::result<sqlite_transaction> sqlite_transaction::begin(sqlite_connection& connection,
                                                           mode wanted) {
    const auto begun = connection.execute(wanted == mode::write ? "BEGIN IMMEDIATE" : "BEGIN");
    if (begun.has_error()) return begun.error();
    return sqlite_transaction(connection);
}

sqlite_transaction::sqlite_transaction(sqlite_transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

sqlite_transaction::~sqlite_transaction() {
    // SQLite has rolled back by itself after some failures. Its answer cannot change anything.
    if (connection_ && connection_->in_transaction()) {
        [[maybe_unused]] const auto ignored = connection_->execute("ROLLBACK");
    }
}

base::result<> sqlite_transaction::commit() {
    return connection_->execute("COMMIT");
}

}  // namespace store
