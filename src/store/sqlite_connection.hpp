#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace store {

/// A prepared statement. Used by the thread of its connection, and gone before it.
class sqlite_statement {
public:
    /// Parameters count from 1. The text must live until the statement is reset or destroyed.
    void bind(int parameter, std::string_view text);
    void bind(int parameter, std::int64_t number);

    /// True: there is a row to read. A parameter that could not be bound is reported here.
    base::result<bool> step();
    void reset();

    /// Columns count from 0.
    std::int64_t number(int column) const;
    std::string text(int column) const;
    bool is_null(int column) const;

private:
    friend class sqlite_connection;
    sqlite_statement(sqlite3_stmt* statement, const std::string& path);

    void note(int code);

    struct finalizer {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, finalizer> statement_;
    std::string path_;
    int bound_ = 0;  ///< the first failure to bind
};

/// An open file. Values reach it as parameters only.
class sqlite_connection {
public:
    enum class access { read_only, read_write };

    /// The file exists. Waits for other processes as long as limits.hpp says.
    static base::result<sqlite_connection> open(const std::string& path, access wanted);

    /// A statement without parameters and results that are of use.
    base::result<> execute(const std::string& sql);
    base::result<sqlite_statement> prepare(const char* sql);
    /// The first column of the first row; 0 where there is none.
    base::result<std::int64_t> number(const char* sql);

    bool in_transaction() const;
    /// SQLite's own code of the last failure, without the extension.
    int last_code() const;

private:
    explicit sqlite_connection(std::string path) : path_(std::move(path)) {}

    struct closer {
        void operator()(sqlite3* connection) const;
    };
    std::unique_ptr<sqlite3, closer> connection_;
    std::string path_;
};

/// BEGIN now, ROLLBACK at the end of the scope unless committed.
class sqlite_transaction {
public:
    enum class mode { read, write };
    static base::result<sqlite_transaction> begin(sqlite_connection& connection, mode wanted);
    sqlite_transaction(sqlite_transaction&& other) noexcept;
    sqlite_transaction& operator=(sqlite_transaction&&) = delete;
    ~sqlite_transaction();
    base::result<> commit();

private:
    explicit sqlite_transaction(sqlite_connection& connection) : connection_(&connection) {}
    sqlite_connection* connection_;
};

}  // namespace store
