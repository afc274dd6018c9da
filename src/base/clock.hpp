#pragma once

#include <chrono>

namespace base {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Wall clock (UTC): for everything that expires at a date.
using wall_time = std::chrono::sys_time<milliseconds>;

/// CLOCK_BOOTTIME: for waiting and for token lifetimes. It goes on during suspend and is not moved
/// by clock steps.
struct boot_timeline {
    using rep = milliseconds::rep;
    using period = milliseconds::period;
    using duration = milliseconds;
    using time_point = std::chrono::time_point<boot_timeline>;
    static constexpr bool is_steady = true;
};
using boot_time = boot_timeline::time_point;

/// The only source of "now". Implementations: host::system_clock and the tests' manual clock.
/// Both functions may be called from any thread.
class clock {
public:
    virtual ~clock() = default;
    virtual wall_time now() const = 0;
    virtual boot_time boot_now() const = 0;
};

}  // namespace base
