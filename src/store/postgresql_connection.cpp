#include "store/postgresql_connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <libpq-fe.h>
#include <poll.h>
#include <system_error>

namespace store {
namespace {

constexpr unsigned text_oid = 25, text_array_oid = 1009;  // the same in every server, as in pg_type

struct result_closer {
    void operator()(PGresult* result) const { PQclear(result); }
};
using result_handle = std::unique_ptr<PGresult, result_closer>;

struct options_closer {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

void append_number(std::string& out, std::uint32_t number) {
    for (const int shift : {24, 16, 8, 0})
        out.push_back(char(number >> shift & 0xff));
}

/// By class of SQLSTATE, the first two characters.
base::error_kind kind_of(std::string_view sqlstate) {
    const std::string_view group = sqlstate.substr(0, 2);
    if (sqlstate == "42501" || group == "28") return base::error_kind::denied;
    if (sqlstate == "25006" || sqlstate == "25P03" || sqlstate == "55P03") {
        return base::error_kind::unavailable;  // a standby; idle too long; a lock
    }
    for (const char* transient : {"08", "40", "53", "57", "58"}) {
        if (group == transient) return base::error_kind::unavailable;
    }
    return base::error_kind::internal;
}

bool ends_session(std::string_view sqlstate) {
    // A read-only answer: after a failover the session may be with the wrong server.
    return sqlstate.substr(0, 2) == "08" || sqlstate.substr(0, 3) == "57P" || sqlstate == "25006" ||
           sqlstate == "25P03";
}

}  // namespace

base::result<postgresql_target> postgresql_target::make(std::string connection,
                                                        const base::secret& password,
                                                        const postgresql_limits& limits) {
    postgresql_target target;
    const auto seconds = std::chrono::ceil<base::seconds>(limits.connect).count();
    target.connect_timeout_ = std::to_string(std::max<long>(seconds, 2));
    // libpq's own message would repeat parts of the string: of a mistyped one, maybe a password.
    const std::unique_ptr<PQconninfoOption, options_closer> parsed(
        PQconninfoParse(connection.c_str(), nullptr));
    if (!parsed) {
        return base::invalid(
            "the PostgreSQL connection string cannot be parsed; libpq takes 'host=... dbname=...' "
            "or 'postgresql://user@host/dbname?sslmode=verify-full'");
    }
    for (const PQconninfoOption* option = parsed.get(); option->keyword; ++option) {
        const std::string_view keyword = option->keyword;
        if (!option->val) continue;
        if (keyword == "password" && *option->val) {
            return base::invalid(
                "the PostgreSQL connection string holds a password, where logs and process lists "
                "may show it; give it in its own setting");
        }
        if ((keyword == "host" || keyword == "hostaddr") &&
            std::string_view(option->val).find(',') != std::string_view::npos) {
            target.several_hosts_ = true;
        }
    }
    if (password.reveal().find('\0') != std::string_view::npos) {
        return base::invalid("the PostgreSQL password holds a NUL, which no password can");
    }
    if (!password.empty()) {
        std::string ended(password.reveal());
        ended.push_back('\0');
        target.password_ = base::secret(ended);
        base::wipe(ended.data(), ended.size());
    }
    target.connection_ = std::move(connection);
    return target;
}

void postgresql_target::list(std::span<const keyword> more, std::vector<const char*>& names,
                             std::vector<const char*>& values) const {
    const auto add = [&](const char* name, const char* value) {
        names.push_back(name);
        values.push_back(value);
    };
    add("connect_timeout", connect_timeout_.c_str());
    add("keepalives_idle", "10");
    add("keepalives_interval", "5");
    add("keepalives_count", "3");
    add("tcp_user_timeout", "15000");
    add("fallback_application_name", "imdsd");
    if (several_hosts_) add("target_session_attrs", "read-write");
    add("dbname", connection_.c_str());
    add("client_encoding", "UTF8");
    if (!password_.empty()) add("password", password_.reveal().data());
    for (const keyword& k : more)
        add(k.name, k.value);
    add(nullptr, nullptr);
}

void postgresql_closer::operator()(pg_conn* connection) const {
    PQfinish(connection);
}

std::string connection_message(pg_conn* connection) {
    return one_line(connection ? PQerrorMessage(connection) : "no memory");
}

postgresql_parameter postgresql_parameter::array(std::span<const std::string_view> elements) {
    postgresql_parameter parameter;
    std::string& bytes = parameter.bytes_;
    std::size_t size = 20;
    for (const auto element : elements)
        size += 4 + element.size();
    bytes.reserve(size);
    append_number(bytes, 1);  // dimensions
    append_number(bytes, 0);  // no nulls
    append_number(bytes, text_oid);
    append_number(bytes, std::uint32_t(elements.size()));
    append_number(bytes, 1);  // the first index
    for (const auto element : elements) {
        append_number(bytes, std::uint32_t(element.size()));
        bytes += element;
    }
    parameter.type_ = text_array_oid;
    parameter.binary_ = true;
    return parameter;
}

std::string postgresql_row::text(int column) const {
    return {PQgetvalue(result_, row_, column), std::size_t(PQgetlength(result_, row_, column))};
}

std::int64_t postgresql_row::number(int column) const {
    const char* text = PQgetvalue(result_, row_, column);
    std::int64_t number = 0;
    std::from_chars(text, text + PQgetlength(result_, row_, column), number);
    return number;
}

bool postgresql_row::is_null(int column) const {
    return PQgetisnull(result_, row_, column) != 0;
}

base::result<postgresql_connection> postgresql_connection::open(const postgresql_target& target,
                                                                const postgresql_limits& limits) {
    std::vector<const char*> names, values;
    target.list({}, names, values);
    // The blocking way: libpq limits the time for each host of several only here.
    postgresql_handle handle(PQconnectdbParams(names.data(), values.data(), 1));
    if (!handle || PQstatus(handle.get()) != CONNECTION_OK) {
        return base::unavailable("PostgreSQL: " + connection_message(handle.get()));
    }
    PQsetnonblocking(handle.get(), 1);
    // Notices would go to stderr, past the log.
    PQsetNoticeReceiver(
        handle.get(), [](void*, const PGresult*) {}, nullptr);
    postgresql_connection opened(std::move(handle), limits.silence);
    if (auto prepared = opened.prepare_session(limits); prepared.has_error()) {
        return prepared.error();
    }
    return opened;
}

base::result<> postgresql_connection::prepare_session(const postgresql_limits& limits) {
    const char* encoding = PQparameterStatus(handle_.get(), "server_encoding");
    if (encoding && std::string_view(encoding) != "UTF8") {
        return base::invalid("PostgreSQL: the database " + std::string(PQdb(handle_.get())) +
                             " has the encoding " + encoding + "; create it with ENCODING 'UTF8'");
    }
    const auto text = [](base::milliseconds time) { return std::to_string(time.count()) + "ms"; };
    for (const auto& [name, value] :
         {std::pair("statement_timeout", text(limits.statement)),
          std::pair("lock_timeout", text(limits.lock)),
          std::pair("idle_in_transaction_session_timeout", text(limits.idle_in_transaction))}) {
        if (auto done = set(name, value); done.has_error()) return done;
    }
    // A server that acknowledges before the disk has it is asked not to; stricter settings stay.
    const auto done =
        run("SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit', true) = 'off'");
    if (done.has_error()) return done.error();
    return {};
}

/// A setting that the server does not know is done without: compatible servers lack some.
base::result<> postgresql_connection::set(const char* name, const std::string& value) {
    const auto done =
        run("SELECT set_config($1::TEXT, $2::TEXT, false)", {std::string_view(name), value});
    if (done.has_error() && sqlstate_ != "42704" && sqlstate_ != "0A000") return done.error();
    return {};
}

base::result<std::uint64_t> postgresql_connection::run(
    const char* sql, const parameters& values,
    const std::function<void(const postgresql_row&)>& each) {
    if (lost_) return base::unavailable("PostgreSQL: the connection was lost");
    sqlstate_.clear();
    command_.clear();
    if (auto sent = send(sql, values); sent.has_error()) return sent.error();
    if (each) PQsetSingleRowMode(handle_.get());
    std::uint64_t rows = 0;
    std::optional<base::error> failed;
    for (;;) {
        while (PQisBusy(handle_.get())) {
            if (auto ready = await(POLLIN); ready.has_error()) return ready.error();
            if (!PQconsumeInput(handle_.get())) return lost(connection_message(handle_.get()));
        }
        const result_handle result(PQgetResult(handle_.get()));
        if (!result) break;
        switch (PQresultStatus(result.get())) {
            case PGRES_SINGLE_TUPLE:
            case PGRES_TUPLES_OK:
                rows += std::uint64_t(PQntuples(result.get()));
                for (int row = 0; each && row < PQntuples(result.get()); ++row)
                    each(postgresql_row(result.get(), row));
                break;
            case PGRES_COMMAND_OK: {
                const std::string_view count = PQcmdTuples(result.get());
                std::from_chars(count.data(), count.data() + count.size(), rows);
                break;
            }
            default:
                if (!failed) failed = refused(result.get());
                continue;
        }
        command_ = PQcmdStatus(result.get());
    }
    if (PQstatus(handle_.get()) != CONNECTION_OK) lost_ = true;
    if (failed) return *failed;
    if (lost_) return lost(connection_message(handle_.get()));
    return rows;
}

void postgresql_connection::roll_back() {
    if (lost_) return;
    std::string state = std::move(sqlstate_);
    [[maybe_unused]] const auto ignored = run("ROLLBACK");
    sqlstate_ = std::move(state);
}

base::result<> postgresql_connection::send(const char* sql, const parameters& values) {
    std::vector<Oid> types;
    std::vector<const char*> bytes;
    std::vector<int> lengths, formats;
    for (const postgresql_parameter& value : values) {
        types.push_back(value.type_);
        bytes.push_back(value.bytes_.c_str());
        lengths.push_back(int(value.bytes_.size()));
        formats.push_back(value.binary_ ? 1 : 0);
    }
    if (!PQsendQueryParams(handle_.get(), sql, int(values.size()), types.data(), bytes.data(),
                           lengths.data(), formats.data(), 0)) {
        return lost(connection_message(handle_.get()));
    }
    for (;;) {
        const int left = PQflush(handle_.get());
        if (left == 0) return {};
        // A failure to write may have its reason waiting to be read: run() will find it.
        if (left < 0) return {};
        // The server may want to be rid of an answer before it reads on.
        if (auto ready = await(POLLIN | POLLOUT); ready.has_error()) return ready;
        if (!PQconsumeInput(handle_.get())) return lost(connection_message(handle_.get()));
    }
}

base::result<> postgresql_connection::await(short events) {
    for (;;) {
        pollfd waited{PQsocket(handle_.get()), events, 0};
        const int ready = ::poll(&waited, 1, int(silence_.count()));
        if (ready > 0) return {};
        if (ready == 0) {
            return lost("the server was silent for " + std::to_string(silence_.count()) + " ms");
        }
        if (errno != EINTR) return lost(std::generic_category().message(errno));
    }
}

base::error postgresql_connection::lost(const std::string& why) {
    lost_ = true;
    return base::unavailable("PostgreSQL: " + one_line(why));
}

/// Not the details: they repeat values.
base::error postgresql_connection::refused(const pg_result* result) {
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (!state) return lost(PQresultErrorMessage(result));
    sqlstate_ = state;
    if (ends_session(sqlstate_)) lost_ = true;
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return {kind_of(sqlstate_),
            one_line("PostgreSQL: " + std::string(message ? message : "no message") +
                     " (SQLSTATE " + sqlstate_ + ")")};
}

std::string postgresql_connection::describe() const {
    PGconn* c = handle_.get();
    const char* version = PQparameterStatus(c, "server_version");
    std::string text = "PostgreSQL " + std::string(version ? version : "?") + " at ";
    const char* host = PQhost(c);
    text += host && *host ? host : "local socket";
    text += ":" + std::string(PQport(c) ? PQport(c) : "") + "/" + PQdb(c);
    const char* protocol = PQsslInUse(c) ? PQsslAttribute(c, "protocol") : nullptr;
    return one_line(text + ", " + (protocol ? protocol : "without TLS"));
}

postgresql_connection::endpoint postgresql_connection::where() const {
    const auto text = [](const char* value) { return std::string(value ? value : ""); };
    return {text(PQhost(handle_.get())), text(PQhostaddr(handle_.get())),
            text(PQport(handle_.get()))};
}

}  // namespace store
