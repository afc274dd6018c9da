#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "store/limits.hpp"

struct pg_conn;
struct pg_result;

namespace store {

/// Where to connect, checked. The password stays out of every message.
class postgresql_target {
public:
    /// `connection` is what libpq takes ("host=... dbname=..." or postgresql://...), with its
    /// sslmode and the like, without a password. An empty `password`: libpq's own ways (passfile,
    /// PGPASSWORD, peer).
    static base::result<postgresql_target> make(std::string connection,
                                                const base::secret& password,
                                                const postgresql_limits& limits);

    /// A keyword list for libpq: defaults that the connection string overrides, the string, and
    /// what overrides it. Points into this object and into `more`.
    struct keyword {
        const char* name;
        const char* value;
    };
    void list(std::span<const keyword> more, std::vector<const char*>& names,
              std::vector<const char*>& values) const;

private:
    std::string connection_, connect_timeout_;
    base::secret password_;  ///< with a NUL at its end, or empty
    bool several_hosts_ = false;
};

struct postgresql_closer {
    void operator()(pg_conn* connection) const;
};
using postgresql_handle = std::unique_ptr<pg_conn, postgresql_closer>;

/// What libpq says about a connection that did not come about or broke: one line.
std::string connection_message(pg_conn* connection);

/// One value for a `$n`.
class postgresql_parameter {
public:
    postgresql_parameter(const std::string& text) : bytes_(text) {}  // NOLINT: values read as such
    postgresql_parameter(std::string_view text) : bytes_(text) {}    // NOLINT: values read as such
    postgresql_parameter(std::int64_t number) : bytes_(std::to_string(number)) {}  // NOLINT
    /// text[], in the binary format: no element needs quoting.
    static postgresql_parameter array(std::span<const std::string_view> elements);

private:
    friend class postgresql_connection;
    postgresql_parameter() = default;
    std::string bytes_;
    unsigned type_ = 0;  ///< an oid; 0: the server infers it
    bool binary_ = false;
};

/// A row of an answer while it is passed by.
class postgresql_row {
public:
    std::string text(int column) const;
    std::int64_t number(int column) const;
    bool is_null(int column) const;

private:
    friend class postgresql_connection;
    postgresql_row(const pg_result* result, int row) : result_(result), row_(row) {}
    const pg_result* result_;
    int row_;
};

/// An open session. Every wait on the server has an end: the server's own timeouts, and a limit on
/// its silence for when it does not live to enforce them. Values reach it as parameters only.
class postgresql_connection {
public:
    using parameters = std::vector<postgresql_parameter>;

    /// Connects and sets the session's timeouts. Blocks for at most the time to connect, for each
    /// host (name look-ups take what the resolver allows).
    static base::result<postgresql_connection> open(const postgresql_target& target,
                                                    const postgresql_limits& limits);

    /// One statement; `each` is called for each row of its answer as it arrives. The number of rows
    /// that it returned or changed.
    base::result<std::uint64_t> run(const char* sql, const parameters& values = {},
                                    const std::function<void(const postgresql_row&)>& each = {});

    /// ROLLBACK; what the last failure was stays known. A session that cannot is lost, and the
    /// server rolls back by itself.
    void roll_back();

    /// Of the last failure: the SQLSTATE, empty when it was not the server that reported.
    const std::string& sqlstate() const { return sqlstate_; }
    /// The session is of no more use: broken, silent, or ended by the server.
    bool is_lost() const { return lost_; }
    /// COMMIT of a transaction that had failed answers ROLLBACK, and is no error to the server.
    const std::string& command() const { return command_; }

    /// "PostgreSQL 15.4 at db.example:5432/imdsd, TLSv1.3".
    std::string describe() const;
    /// The server of several that answered: for a second connection to the same one.
    struct endpoint {
        std::string host, address, port;
        bool operator==(const endpoint&) const = default;
    };
    endpoint where() const;

private:
    postgresql_connection(postgresql_handle handle, base::milliseconds silence)
        : handle_(std::move(handle)), silence_(silence) {}
    base::result<> prepare_session(const postgresql_limits& limits);
    base::result<> set(const char* name, const std::string& value);
    base::result<> send(const char* sql, const parameters& values);
    base::result<> await(short events);
    base::error lost(const std::string& why);
    base::error refused(const pg_result* result);

    postgresql_handle handle_;
    base::milliseconds silence_;
    std::string sqlstate_, command_;
    bool lost_ = false;
};

}  // namespace store
