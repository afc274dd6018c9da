#include "net/worker.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/input_watch.hpp"
#include "net/session.hpp"

namespace net {

namespace asio = boost::asio;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds sweep_interval{500};
constexpr std::chrono::milliseconds accept_pause{50};  ///< after running out of descriptors
constexpr int accepts_in_a_row = 32;

/// An inherited socket may serve both families: IPv4 clients then have mapped addresses.
bool is_ipv6(const sockaddr_storage& peer) {
    if (peer.ss_family != AF_INET6) return false;
    sockaddr_in6 address;
    std::memcpy(&address, &peer, sizeof address);
    return !IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
}

}  // namespace

struct worker::implementation {
    using session_list =
        boost::intrusive::list<session, boost::intrusive::constant_time_size<false>>;

    struct acceptor {
        acceptor(asio::io_context& context, bound_listener from)
            : listener(std::move(from)), descriptor(context, listener.fd), pause(context) {}
        bound_listener listener;
        asio::posix::stream_descriptor descriptor;
        asio::steady_timer pause;
    };

    implementation(asio::io_context& io, const base::clock& time, session_limits chosen)
        : context(io),
          clock(time),
          limits(chosen),
          guard(io.get_executor()),
          sweeper(io),
          grace(io),
          input(io, [this](session& of, bool at_end) { take_input(of, at_end); }) {}
    ~implementation() { sessions.clear_and_dispose(std::default_delete<session>()); }

    asio::awaitable<void> accept(acceptor& from) {
        while (!stopping) {
            const auto [error] = co_await from.descriptor.async_wait(
                asio::posix::descriptor_base::wait_read, no_throw);
            if (stopping || error == asio::error::operation_aborted) co_return;
            for (int i = 0; i < accepts_in_a_row && !stopping; ++i) {
                sockaddr_storage peer;
                socklen_t size = sizeof peer;
                const int fd =
                    ::accept4(from.descriptor.native_handle(), reinterpret_cast<sockaddr*>(&peer),
                              &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
                if (fd >= 0) {
                    take(fd, peer, from.listener);
                    continue;
                }
                if (errno == EAGAIN || errno == EWOULDBLOCK) break;
                if (errno == EINTR || errno == ECONNABORTED) continue;
                // Out of descriptors or memory: the connection stays in the backlog meanwhile.
                from.pause.expires_after(accept_pause);
                co_await from.pause.async_wait(no_throw);
                break;
            }
        }
    }

    /// An exception here is one connection's; it must not end the listener.
    void take(int fd, const sockaddr_storage& peer, const bound_listener& from) {
        ++count.connections;
        std::unique_ptr<session> made;
        try {
            made = admit(fd, peer, from);
        } catch (const std::exception&) {
            ++count.faults;
        }
        if (!made) {
            ++count.refused_connections;
            return;
        }
        sessions.push_back(*made);
        go_on(*made.release());
        if (!sweeping && !sessions.empty()) sweep();
    }

    void take_input(session& of, bool at_end) {
        if (at_end) of.note_end_of_input();
        if (!of.awaiting()) go_on(of);
    }

    /// As far as the session goes without waiting. It then waits for input, or is awaited.
    void go_on(session& of) {
        if (!step(of)) return;
        try {
            auto task = run(of);
            asio::co_spawn(context, std::move(task), [](std::exception_ptr) {});
        } catch (const std::exception&) {
            ++count.faults;
            end(of);
        }
    }

    /// True: the session must be awaited. An exception of one session hurts that session only.
    bool step(session& of) {
        auto course = session::course::ended;
        try {
            course = of.run_now();
        } catch (const std::exception&) {
            ++count.faults;
        }
        if (course == session::course::input && (!of.watched || of.may_have_input())) {
            of.watched = input.watch(of, of.descriptor(), of.watched);
            if (!of.watched) course = session::course::ended;
        }
        if (course == session::course::ended) end(of);
        return course == session::course::await;
    }

    asio::awaitable<void> run(session& of) {
        while (true) {
            bool open = false;
            try {
                open = co_await session::serve(of);
            } catch (const std::exception&) {
                ++count.faults;
            }
            if (!open) break;
            if (!step(of)) co_return;
            // One that always has something to do must let others have their turn.
            co_await asio::post(context, asio::use_awaitable);
        }
        end(of);
    }

    /// Null: refused. The descriptor is closed then.
    std::unique_ptr<session> admit(int fd, const sockaddr_storage& peer,
                                   const bound_listener& from) {
        struct descriptor {
            int fd;
            ~descriptor() {
                if (fd >= 0) ::close(fd);
            }
        } owned{fd};
        if (count.open >= limits.connections) return nullptr;
        connection_info info;
        info.fd = fd;
        info.listener = from.name;
        info.local_socket = from.local_socket;
        info.over_ipv6 = is_ipv6(peer);
        info.over_tls = from.tls != nullptr;
        std::unique_ptr<conversation> talk = from.serves->open(info);
        if (!talk) return nullptr;
        const auto known = peers.find(talk->peer_key());
        if (known != peers.end() && known->second >= limits.per_peer) return nullptr;
        const stream_protocol protocol(peer.ss_family, from.local_socket ? 0 : IPPROTO_TCP);
        std::unique_ptr<tls_stream> tls = from.tls ? from.tls->open(fd) : nullptr;
        auto made = std::make_unique<session>(context, fd, protocol, std::move(tls),
                                              std::move(talk), limits, from.serves->wants_bodies(),
                                              clock, date, held_bodies);
        owned.fd = -1;
        ++peers[made->peer_key()];
        ++count.open;
        return made;
    }

    void end(session& of) {
        count.requests += of.requests();
        --count.open;
        const auto peer = peers.find(of.peer_key());
        if (peer != peers.end() && --peer->second == 0) peers.erase(peer);
        sessions.erase_and_dispose(sessions.iterator_to(of), std::default_delete<session>());
        if (stopping && sessions.empty()) finish();
    }

    /// `over` says of a session whether it has ended by what it was told.
    template <class Tell>
    void end_those(Tell over) {
        for (auto at = sessions.begin(); at != sessions.end();) {
            session& s = *at++;
            if (over(s)) end(s);
        }
    }

    void sweep() {
        sweeping = true;
        sweeper.expires_after(sweep_interval);
        sweeper.async_wait([this](boost::system::error_code error) {
            sweeping = false;
            if (error || sessions.empty()) return;
            const base::boot_time now = clock.boot_now();
            end_those([now](session& s) { return s.check_deadline(now); });
            sweep();
        });
    }

    void stop(std::chrono::milliseconds time) {
        if (stopping) return;
        stopping = true;
        boost::system::error_code ignored;
        for (auto& a : acceptors) {
            a->pause.cancel();
            a->descriptor.close(ignored);
        }
        end_those([](session& s) { return s.drain(); });
        if (sessions.empty()) return finish();
        grace.expires_after(time);
        grace.async_wait([this](boost::system::error_code error) {
            if (error) return;
            end_those([](session& s) { return s.abort(); });
        });
    }

    void finish() {
        grace.cancel();
        sweeper.cancel();
        input.stop();
        guard.reset();
    }

    asio::io_context& context;
    const base::clock& clock;
    session_limits limits;
    asio::executor_work_guard<asio::io_context::executor_type> guard;
    asio::steady_timer sweeper;
    asio::steady_timer grace;
    input_watch input;
    std::vector<std::unique_ptr<acceptor>> acceptors;
    session_list sessions;  ///< owns them
    std::unordered_map<std::uint64_t, std::size_t> peers;
    date_line date;
    const std::shared_ptr<std::size_t> held_bodies = std::make_shared<std::size_t>(0);
    counters count;
    bool sweeping = false;
    bool stopping = false;
};

worker::worker(asio::io_context& context, const base::clock& clock, session_limits limits)
    : self_(std::make_unique<implementation>(context, clock, limits)) {}
worker::~worker() = default;

void worker::listen(bound_listener listener) {
    auto& a = *self_->acceptors.emplace_back(
        std::make_unique<implementation::acceptor>(self_->context, std::move(listener)));
    auto task = self_->accept(a);
    asio::co_spawn(self_->context, std::move(task), [](std::exception_ptr) {});
}

void worker::stop(std::chrono::milliseconds grace) {
    implementation* self = self_.get();
    asio::post(self_->context, [self, grace] { self->stop(grace); });
}

void worker::replace_limits(session_limits limits) {
    implementation* self = self_.get();
    asio::post(self_->context, [self, limits] { self->limits = limits; });
}

const worker::counters& worker::count() const {
    return self_->count;
}

}  // namespace net
