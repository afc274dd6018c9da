#include <libpq-fe.h>
#include <memory>

#include "config/secret_value.hpp"
#include "config/sections.hpp"

namespace config {

namespace {

constexpr base::seconds shortest_poll{1}, longest_poll{60};
constexpr base::seconds shortest_age{2}, longest_age{24 * 3600};
/// A stale answer is one that two polls in a row could not refresh.
constexpr int polls_of_an_age = 2;
constexpr secret_form password_form{1, 1024, "1 to 1024 printable characters on one line", true};

struct option_closer {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// libpq's own message would repeat parts of the string: of a mistyped one, maybe a password.
void check_connection(const node& value, const std::string& text, context with) {
    const std::unique_ptr<PQconninfoOption, option_closer> options(
        PQconninfoParse(text.c_str(), nullptr));
    if (!options || text.find('\0') != std::string::npos) {
        with.out.error(value.at,
                       "'connection' must be what libpq takes: 'host=… dbname=… user=…' or "
                       "postgresql://user@host/dbname?sslmode=verify-full");
        return;
    }
    for (const PQconninfoOption* one = options.get(); one->keyword != nullptr; ++one) {
        if (one->val == nullptr) continue;
        if (std::string_view(one->keyword) == "sslpassword")
            with.out.error(value.at,
                           "a password does not belong into 'connection', which logs and status "
                           "show; keep the client's key without one, in a file that only the "
                           "daemon may read");
        if (std::string_view(one->keyword) == "password")
            with.out.error(value.at,
                           "a password does not belong into 'connection', which logs and status "
                           "show; write 'password: {file: PATH}' or 'password: {env: VARIABLE}' "
                           "beside it");
    }
}

void read_postgresql(const node& value, store_options& into, context with) {
    const mapping fields(value, sections::postgresql, with.out);
    if (const node* connection = fields.require("connection")) {
        if (const auto text = read_text(*connection, "connection", with.out)) {
            check_connection(*connection, *text, with);
            into.connection = *text;
        }
    }
    if (const node* password = fields.find("password"))
        if (auto secret = read_secret(*password, password_form, with))
            into.password = std::move(*secret);
    fields.duration("poll", shortest_poll, longest_poll, into.poll);
    fields.duration("max_age", shortest_age, longest_age, into.max_age);
    if (into.max_age < polls_of_an_age * into.poll)
        with.out.error(fields.at(fields.find("max_age") ? "max_age" : "poll"),
                       "'max_age' must be at least twice as long as 'poll'");
    fields.choice<bool>("when_stale", {{"refuse", false}, {"serve", true}}, into.serve_when_stale);
}

}  // namespace

const char* to_string(store_options::kind kind) {
    switch (kind) {
        case store_options::kind::memory:
            return "memory";
        case store_options::kind::sqlite:
            return "sqlite";
        case store_options::kind::postgresql:
            return "postgresql";
    }
    return "unknown";
}

bool same_store(const store_options& a, const store_options& b) {
    return a.where == b.where && a.path == b.path && a.connection == b.connection &&
           a.password.reveal() == b.password.reveal() && a.poll == b.poll &&
           a.max_age == b.max_age && a.serve_when_stale == b.serve_when_stale;
}

void read_store(const mapping& issuer, configuration& into, context with) {
    using kind = store_options::kind;
    const node* value = issuer.find("store");
    if (!value) return;
    if (value->is_scalar()) {
        if (value->text == "postgresql") {
            with.out.error(value->at,
                           "PostgreSQL needs to be found: write {postgresql: {connection: "
                           "\"host=… dbname=…\"}}");
            into.store.where = kind::postgresql;
            return;
        }
        issuer.choice<kind>("store", {{"memory", kind::memory}, {"sqlite", kind::sqlite}},
                            into.store.where);
        return;
    }
    const mapping fields(*value, sections::store, with.out);
    const node* sqlite = fields.find("sqlite");
    const node* postgresql = fields.find("postgresql");
    if (!sqlite == !postgresql) {
        with.out.error(value->at,
                       "'store' is memory, sqlite, {sqlite: {path: PATH}} or {postgresql: "
                       "{connection: …}}");
        return;
    }
    if (postgresql) {
        into.store.where = kind::postgresql;
        read_postgresql(*postgresql, into.store, with);
        return;
    }
    const mapping of_sqlite(*sqlite, sections::sqlite, with.out);
    if (!of_sqlite.require("path")) return;
    if (auto path = read_path(of_sqlite, "path", "a path with a '/'", with))
        into.store.path = std::move(*path);
}

}  // namespace config
