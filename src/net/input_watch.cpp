#include "net/input_watch.hpp"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <system_error>

namespace net {

namespace asio = boost::asio;

namespace {

constexpr int events_at_once = 64;
constexpr int turns_in_a_row = 4;  ///< before the context's other work gets its turn
constexpr int busy = 4;            ///< so many at once: more have probably come meanwhile

int make_set() {
    const int fd = ::epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return fd;
}

}  // namespace

input_watch::input_watch(asio::io_context& context, handler ready)
    : set_(context, make_set()), ready_(std::move(ready)) {
    wait();
}

/// Edge-triggered: a session reads until nothing is left, and is told once of what comes then.
bool input_watch::watch(session& of, int fd, bool again) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &of;
    const int change = again ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    return ::epoll_ctl(set_.native_handle(), change, fd, &event) == 0;
}

void input_watch::stop() {
    boost::system::error_code ignored;
    set_.close(ignored);
}

void input_watch::wait() {
    set_.async_wait(asio::posix::descriptor_base::wait_read,
                    [this](boost::system::error_code error) {
                        if (error || !set_.is_open()) return;
                        tell();
                        if (set_.is_open()) wait();
                    });
}

void input_watch::tell() {
    std::array<epoll_event, events_at_once> events;
    for (int turn = 0; turn < turns_in_a_row && set_.is_open(); ++turn) {
        const int count = ::epoll_wait(set_.native_handle(), events.data(), events_at_once, 0);
        for (int i = 0; i < count; ++i) {
            const bool at_end = (events[i].events & ~std::uint32_t(EPOLLIN)) != 0;
            ready_(*static_cast<session*>(events[i].data.ptr), at_end);
        }
        if (count < busy) return;
    }
}

}  // namespace net
