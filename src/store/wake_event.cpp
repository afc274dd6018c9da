#include "store/wake_event.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace store {

base::result<wake_event> wake_event::make() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        return base::unavailable("store: no event descriptor: " +
                                 std::generic_category().message(errno));
    }
    return wake_event(fd);
}

wake_event::wake_event(wake_event&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

wake_event& wake_event::operator=(wake_event&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

wake_event::~wake_event() {
    if (fd_ >= 0) ::close(fd_);
}

void wake_event::signal() const {
    // Fails only when the counter is full, which is a signal as well.
    [[maybe_unused]] const int ignored = ::eventfd_write(fd_, 1);
}

wait_end wake_event::wait(base::milliseconds most, int descriptor, interest in) const {
    using steady = std::chrono::steady_clock;
    const auto end = steady::now() + std::max(most, base::milliseconds(0));
    const short events = in == interest::read ? POLLIN : POLLOUT;
    for (;;) {
        std::array<pollfd, 2> waited{pollfd{fd_, POLLIN, 0}, pollfd{descriptor, events, 0}};
        const auto left = std::chrono::ceil<base::milliseconds>(end - steady::now()).count();
        const int milliseconds = int(std::clamp<long>(left, 0, 3'600'000));
        const int ready = ::poll(waited.data(), waited.size(), milliseconds);
        if (ready > 0 && waited[0].revents != 0) {
            eventfd_t count = 0;
            [[maybe_unused]] const int ignored = ::eventfd_read(fd_, &count);
            return wait_end::woken;
        }
        if (ready > 0) return wait_end::change;
        if (ready < 0 && errno != EINTR) return wait_end::time;
        if (left <= 0) return wait_end::time;
    }
}

}  // namespace store
