#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"

namespace rotation {

/// Two kernel timers: CLOCK_BOOTTIME for waits, which go on while the machine sleeps, and
/// CLOCK_REALTIME for dates, which also fires when the clock is set (timerfd_create(2),
/// TFD_TIMER_CANCEL_ON_SET).
class wake_timers {
public:
    /// `due`: a deadline has come. `jumped`: the wall clock was set, or the machine slept.
    wake_timers(boost::asio::io_context& control, std::function<void()> due,
                std::function<void()> jumped);
    ~wake_timers();  ///< nothing is called afterwards
    wake_timers(const wake_timers&) = delete;
    wake_timers& operator=(const wake_timers&) = delete;

    /// Replaces both deadlines.
    void arm(std::optional<base::wall_time> wall, std::optional<base::boot_time> boot);

private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace rotation
