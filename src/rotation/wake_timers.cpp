#include "rotation/wake_timers.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace rotation {
namespace {

using boost::asio::posix::stream_descriptor;

/// The wall timer is armed even without a deadline: it is what tells of clock steps.
constexpr std::chrono::sys_days never = std::chrono::year(2200) / 1 / 1;

int new_timer(clockid_t clock) {
    const int fd = ::timerfd_create(clock, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
    return fd;
}

/// An all-zero time would disarm, and a negative one is refused; both mean "at once".
itimerspec at(base::milliseconds since_epoch) {
    const auto when = std::max(since_epoch, base::milliseconds(1)).count();
    itimerspec spec{};
    spec.it_value.tv_sec = static_cast<time_t>(when / 1000);
    spec.it_value.tv_nsec = static_cast<long>(when % 1000) * 1'000'000;
    return spec;
}

}  // namespace

struct wake_timers::state : std::enable_shared_from_this<state> {
    state(boost::asio::io_context& control, std::function<void()> on_due,
          std::function<void()> on_jump)
        : wall(control, new_timer(CLOCK_REALTIME)),
          boot(control, new_timer(CLOCK_BOOTTIME)),
          due(std::move(on_due)),
          jumped(std::move(on_jump)) {}

    void listen(stream_descriptor& timer) {
        timer.async_wait(stream_descriptor::wait_read,
                         [me = shared_from_this(), &timer](const boost::system::error_code& e) {
                             if (!e && !me->closed) me->fired(timer);
                         });
    }

    void fired(stream_descriptor& timer) {
        std::uint64_t count = 0;
        const ssize_t got = ::read(timer.native_handle(), &count, sizeof count);
        const int why = got < 0 ? errno : 0;
        listen(timer);
        if (why == ECANCELED) {
            jumped();
        } else if (got > 0) {
            due();
        }
    }

    void arm_wall(base::milliseconds when) {
        const itimerspec spec = at(when);
        const int fd = wall.native_handle();
        if (::timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec, nullptr) == 0)
            return;
        // The clock was set since the last arming: the timer runs, but the step must be told.
        if (errno == ECANCELED) {
            boost::asio::post(wall.get_executor(), [me = shared_from_this()] {
                if (!me->closed) me->jumped();
            });
            return;
        }
        throw std::system_error(errno, std::generic_category(), "timerfd_settime");
    }

    void arm_boot(std::optional<base::boot_time> when) {
        const itimerspec spec = when ? at(when->time_since_epoch()) : itimerspec{};
        if (::timerfd_settime(boot.native_handle(), TFD_TIMER_ABSTIME, &spec, nullptr) != 0)
            throw std::system_error(errno, std::generic_category(), "timerfd_settime");
    }

    stream_descriptor wall, boot;
    std::function<void()> due, jumped;
    bool closed = false;
};

wake_timers::wake_timers(boost::asio::io_context& control, std::function<void()> due,
                         std::function<void()> jumped)
    : state_(std::make_shared<state>(control, std::move(due), std::move(jumped))) {
    arm({}, {});
    state_->listen(state_->wall);
    state_->listen(state_->boot);
}

wake_timers::~wake_timers() {
    state_->closed = true;
    boost::system::error_code ignored;
    state_->wall.close(ignored);
    state_->boot.close(ignored);
}

void wake_timers::arm(std::optional<base::wall_time> wall, std::optional<base::boot_time> boot) {
    const base::wall_time date = wall ? *wall : base::wall_time(never);
    state_->arm_wall(date.time_since_epoch());
    state_->arm_boot(boot);
}

}  // namespace rotation
