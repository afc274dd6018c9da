#include "store/postgresql_listener.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <libpq-fe.h>
#include <memory>

namespace store {
namespace {

struct memory_freer {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

/// What cannot be read counts as news.
bool is_news(const char* payload, std::uint64_t known) {
    const std::string_view text = payload ? payload : "";
    std::uint64_t version = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), version);
    return failure != std::errc() || end != text.data() + text.size() || version > known;
}

}  // namespace

wait_end postgresql_listener::wait(base::milliseconds most,
                                   const std::optional<postgresql_connection::endpoint>& server,
                                   std::uint64_t known) {
    const auto end = steady::now() + std::min(most, longest_wait);
    if (server && server != server_) {
        handle_.reset();
        server_ = server;
        stage_ = stage::off;
        next_step_ = {};
    }
    bool is_ready = true;  // of a connection that listens there may be notifications read already
    for (;;) {
        if (stage_ == stage::off && server && steady::now() >= next_step_) {
            begin();
        } else if (is_ready && stage_ == stage::connecting) {
            go_on_connecting();
        } else if (is_ready && handle_ && advance(known)) {
            return wait_end::change;
        }
        const bool has_deadline = stage_ == stage::connecting || stage_ == stage::asking;
        if (has_deadline && steady::now() >= next_step_) give_up("no answer in time");
        if (steady::now() >= end) return wait_end::time;
        const bool has_timer = has_deadline || (stage_ == stage::off && server);
        const auto until = has_timer ? std::min(end, next_step_) : end;
        const int socket = handle_ ? PQsocket(handle_.get()) : -1;
        const auto ended = wake_.wait(std::chrono::ceil<base::milliseconds>(until - steady::now()),
                                      socket, interest_);
        if (ended == wait_end::woken) return wait_end::woken;
        is_ready = ended == wait_end::change;
    }
}

void postgresql_listener::begin() {
    // The server of the main connection by its address: no look-up can block here, and a name of
    // several addresses leads to the same one.
    const std::array<postgresql_target::keyword, 4> same_server{{
        {"host", server_->host.c_str()},
        {"hostaddr", server_->address.c_str()},
        {"port", server_->port.c_str()},
        {"target_session_attrs", "any"},
    }};
    std::vector<const char*> names, values;
    target_.list(same_server, names, values);
    handle_.reset(PQconnectStartParams(names.data(), values.data(), 1));
    if (!handle_ || PQstatus(handle_.get()) == CONNECTION_BAD) {
        return give_up(connection_message(handle_.get()));
    }
    stage_ = stage::connecting;
    interest_ = wake_event::interest::write;
    next_step_ = steady::now() + limits_.connect;
}

void postgresql_listener::go_on_connecting() {
    switch (PQconnectPoll(handle_.get())) {
        case PGRES_POLLING_READING:
            interest_ = wake_event::interest::read;
            return;
        case PGRES_POLLING_WRITING:
            interest_ = wake_event::interest::write;
            return;
        case PGRES_POLLING_OK:
            break;
        default:
            return give_up(connection_message(handle_.get()));
    }
    interest_ = wake_event::interest::read;
    PQsetNoticeReceiver(
        handle_.get(), [](void*, const PGresult*) {}, nullptr);
    PQsetnonblocking(handle_.get(), 1);
    // A new connection's send buffer takes these few bytes; were it not so, no answer would come
    // in time.
    const std::string listen = std::string("LISTEN ") + postgresql_channel;
    if (!PQsendQuery(handle_.get(), listen.c_str()) || PQflush(handle_.get()) < 0) {
        return give_up(connection_message(handle_.get()));
    }
    stage_ = stage::asking;
}

/// True: the caller has to look for changes.
bool postgresql_listener::advance(std::uint64_t known) {
    if (!PQconsumeInput(handle_.get())) {
        const bool listened = stage_ == stage::listening;
        give_up(connection_message(handle_.get()));
        return listened;
    }
    return stage_ == stage::asking ? read_answer() : read_notifications(known);
}

bool postgresql_listener::read_answer() {
    while (!PQisBusy(handle_.get())) {
        const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQgetResult(handle_.get()),
                                                                    &PQclear);
        if (!result) {
            stage_ = stage::listening;
            trouble_.clear();
            return true;
        }
        if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) continue;
        const char* message = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
        const bool by_server = message && PQstatus(handle_.get()) == CONNECTION_OK;
        give_up(message ? message : connection_message(handle_.get()));
        if (by_server) {
            stage_ = stage::refused;
            trouble_ = "the server refuses LISTEN: " + trouble_;
        }
        return false;
    }
    return false;
}

bool postgresql_listener::read_notifications(std::uint64_t known) {
    bool news = false;
    while (const std::unique_ptr<PGnotify, memory_freer> notification{PQnotifies(handle_.get())}) {
        if (is_news(notification->extra, known)) news = true;
    }
    return news;
}

void postgresql_listener::give_up(const std::string& why) {
    trouble_ = why;
    handle_.reset();
    stage_ = stage::off;
    interest_ = wake_event::interest::read;
    next_step_ = steady::now() + limits_.listen_again;
}

}  // namespace store
