#include "net/client_socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

#include "net/quiet_thread.hpp"

namespace net {

namespace {

/// How often a wait asks whether it is still wanted.
constexpr base::milliseconds slice{100};
/// Addresses of one name that are tried.
constexpr std::size_t most_addresses = 8;

std::string system_text(int number) {
    return std::generic_category().message(number);
}

base::error timed_out() {
    return base::unavailable("no answer in time");
}
base::error given_up() {
    return base::unavailable("given up");
}

struct address {
    sockaddr_storage storage{};
    socklen_t size = 0;
};

/// A look-up on a thread of its own: getaddrinfo(3) has no time limit that a caller could set. The
/// thread outlives a caller that gave up, and ends with the resolver's own limits.
struct look_up {
    std::mutex guard;
    std::condition_variable ended;
    bool done = false;
    std::string failure;
    std::vector<address> found;

    void run(const std::string& host, const std::string& port) {
        addrinfo hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICSERV;
        addrinfo* list = nullptr;
        const int failed = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
        const std::lock_guard lock(guard);
        if (failed != 0) {
            failure = ::gai_strerror(failed);
        } else {
            for (const addrinfo* at = list; at && found.size() < most_addresses; at = at->ai_next) {
                address one;
                std::memcpy(&one.storage, at->ai_addr, at->ai_addrlen);
                one.size = at->ai_addrlen;
                found.push_back(one);
            }
            ::freeaddrinfo(list);
        }
        done = true;
        ended.notify_all();
    }
};

base::result<std::vector<address>> resolve(const http::url& to, const patience& wait) {
    const auto work = std::make_shared<look_up>();
    quiet_thread([work, host = to.host, port = std::to_string(to.port)] {
        work->run(host, port);
    }).detach();

    std::unique_lock lock(work->guard);
    while (!work->done) {
        const auto left = std::min(slice, wait.until.left());
        if (left.count() == 0) return timed_out();
        if (wait.cancelled && wait.cancelled()) return given_up();
        work->ended.wait_for(lock, left);
    }
    if (!work->failure.empty()) return base::unavailable(work->failure);
    if (work->found.empty()) return base::unavailable("the name has no address");
    return work->found;
}

/// Empty when the socket is ready.
base::result<void> wait_for(int fd, short events, const patience& wait) {
    for (;;) {
        if (wait.cancelled && wait.cancelled()) return given_up();
        const auto left = std::min(slice, wait.until.left());
        if (left.count() == 0) return timed_out();
        pollfd entry{fd, events, 0};
        const int ready = ::poll(&entry, 1, int(left.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return base::internal("poll: " + system_text(errno));
    }
}

base::result<void> finish_connect(int fd, const address& to, const patience& wait) {
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0) return {};
    if (errno != EINPROGRESS) return base::unavailable(system_text(errno));
    if (auto ready = wait_for(fd, POLLOUT, wait); !ready) return ready;
    int problem = 0;
    socklen_t size = sizeof problem;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) != 0) problem = errno;
    if (problem != 0) return base::unavailable(system_text(problem));
    return {};
}

}  // namespace

base::result<client_socket> client_socket::open(const http::url& to, const patience& wait) {
    const auto addresses = resolve(to, wait);
    if (!addresses) return addresses.error();
    base::error last = timed_out();
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        const address& at = (*addresses)[i];
        client_socket made(
            ::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (made.fd_ < 0) {
            last = base::unavailable("socket: " + system_text(errno));
            continue;
        }
        const int on = 1;
        ::setsockopt(made.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const deadline share = wait.until.part(addresses->size() - i);
        const auto connected = finish_connect(made.fd_, at, {share, wait.cancelled});
        if (connected) return made;
        last = connected.error();
    }
    return last;
}

client_socket::~client_socket() {
    if (fd_ >= 0) ::close(fd_);
}

base::result<void> client_socket::send(std::string_view bytes, const patience& wait) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(std::size_t(sent));
        } else if (errno == EAGAIN) {
            if (auto ready = wait_for(fd_, POLLOUT, wait); !ready) return ready;
        } else if (errno != EINTR) {
            return base::unavailable(system_text(errno));
        }
    }
    return {};
}

base::result<std::size_t> client_socket::receive(std::string& into, const patience& wait) {
    std::array<char, 16 * 1024> block;
    for (;;) {
        // Data that keeps trickling in is bounded as well.
        if (wait.until.over()) return timed_out();
        const ssize_t got = ::recv(fd_, block.data(), block.size(), 0);
        if (got >= 0) {
            into.append(block.data(), std::size_t(got));
            return std::size_t(got);
        }
        if (errno == EAGAIN) {
            if (auto ready = wait_for(fd_, POLLIN, wait); !ready) return ready.error();
        } else if (errno != EINTR) {
            return base::unavailable(system_text(errno));
        }
    }
}

}  // namespace net
