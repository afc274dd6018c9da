#include "net/local_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/deadline.hpp"

namespace net {

namespace {

namespace beast_http = boost::beast::http;
using answer_parser = beast_http::response_parser<beast_http::string_body>;

base::error not_reached(const std::string& socket, std::string_view what) {
    base::error problem = base::unavailable(socket + ": " + std::string(what));
    problem.code = local_unreachable;
    return problem;
}

std::string system_text(int number) {
    return std::generic_category().message(number);
}

class connection {
public:
    explicit connection(int fd) : fd_(fd) {}
    connection(connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    connection& operator=(connection&&) = delete;
    ~connection() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const { return fd_; }

private:
    int fd_;
};

base::result<connection> open_socket(const local_client_options& options, const deadline& until) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (options.socket.empty() || options.socket.size() >= sizeof address.sun_path ||
        options.socket.find('\0') != std::string::npos) {
        return base::invalid("the socket's path must have 1 to " +
                             std::to_string(sizeof address.sun_path - 1) + " bytes");
    }
    std::memcpy(address.sun_path, options.socket.data(), options.socket.size());
    connection opened(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (opened.fd() < 0) return base::internal("socket: " + system_text(errno));
    // unix(7): a full backlog blocks connect, and this is the time-out that ends it.
    const auto left = std::max(until.left(), base::milliseconds(1));
    timeval limit{};
    limit.tv_sec = left.count() / 1000;
    limit.tv_usec = (left.count() % 1000) * 1000;
    ::setsockopt(opened.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int outcome = 0;
    do {
        outcome =
            ::connect(opened.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    } while (outcome != 0 && errno == EINTR);
    if (outcome != 0) return not_reached(options.socket, system_text(errno));
    ::fcntl(opened.fd(), F_SETFL, O_NONBLOCK);
    return opened;
}

/// False: no time left.
bool wait_for(int fd, short events, const deadline& until) {
    for (;;) {
        pollfd entry{fd, events, 0};
        const auto left = until.left();
        if (left.count() == 0) return false;
        const int ready = ::poll(&entry, 1, int(std::min<long>(left.count(), 60'000)));
        if (ready > 0) return true;
        // A poll that ran its full time is the end even if `clock` has not moved.
        if (ready == 0) return false;
        if (errno != EINTR) return true;
    }
}

base::result<void> send_all(const local_client_options& options, int fd, std::string_view bytes,
                            const deadline& until) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(std::size_t(sent));
        } else if (errno == EAGAIN) {
            if (!wait_for(fd, POLLOUT, until)) return not_reached(options.socket, "timed out");
        } else if (errno == EPIPE || errno == ECONNRESET) {
            // A server may answer and close without reading to the end: its answer counts.
            return {};
        } else if (errno != EINTR) {
            return not_reached(options.socket, system_text(errno));
        }
    }
    return {};
}

base::result<local_response> receive(const local_client_options& options, int fd,
                                     const deadline& until) {
    answer_parser parser;
    parser.header_limit(std::uint32_t(options.header_bytes));
    parser.body_limit(options.body_bytes);
    parser.eager(true);
    std::string pending;
    std::array<char, 16 * 1024> chunk;
    bool any = false;
    while (!parser.is_done()) {
        const ssize_t got = ::recv(fd, chunk.data(), chunk.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            if (!wait_for(fd, POLLIN, until)) return not_reached(options.socket, "timed out");
            continue;
        }
        boost::system::error_code problem;
        if (got <= 0) {
            if (!any) return not_reached(options.socket, "hung up without an answer");
            if (got == 0) parser.put_eof(problem);
            if (got < 0 || problem || !parser.is_done()) {
                return base::internal(options.server + "'s answer is cut short");
            }
            break;
        }
        any = true;
        // Data that keeps trickling in is bounded as well.
        if (until.over()) return not_reached(options.socket, "timed out");
        pending.append(chunk.data(), std::size_t(got));
        while (!parser.is_done() && !pending.empty()) {
            const std::size_t used = parser.put(boost::asio::buffer(pending), problem);
            pending.erase(0, used);
            if (problem == beast_http::error::need_more) break;
            if (problem) {
                return base::internal(options.server +
                                      "'s answer is not understood: " + problem.message());
            }
            if (used == 0) break;
        }
    }
    local_response answer;
    answer.status = parser.get().result_int();
    answer.body = std::move(parser.get().body());
    return answer;
}

}  // namespace

base::result<local_response> call_local(const local_client_options& options,
                                        const base::clock& clock, std::string_view method,
                                        std::string_view target) {
    const auto breaks_line = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
    if (target.empty() || target.front() != '/' ||
        std::any_of(target.begin(), target.end(), breaks_line) ||
        std::any_of(method.begin(), method.end(), breaks_line)) {
        return base::invalid("not a request target");
    }
    const deadline until(clock, options.time);
    const auto opened = open_socket(options, until);
    if (!opened) return opened.error();
    std::string request;
    request.append(method).append(" ").append(target);
    request.append(" HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n");
    if (method == "POST") request.append("Content-Length: 0\r\n");
    request.append("Connection: close\r\n\r\n");
    const auto sent = send_all(options, opened->fd(), request, until);
    if (!sent) return sent.error();
    return receive(options, opened->fd(), until);
}

}  // namespace net
