#include "host/system_clock.hpp"

#include <cstdlib>
#include <time.h>

namespace host {

namespace {

base::milliseconds read(clockid_t id) {
    timespec time{};
    // Fails for unknown clocks only; both exist since Linux 2.6.39.
    if (::clock_gettime(id, &time) != 0) std::abort();
    return base::milliseconds(time.tv_sec * 1000 + time.tv_nsec / 1'000'000);
}

}  // namespace

base::wall_time system_clock::now() const {
    return base::wall_time(read(CLOCK_REALTIME));
}

base::boot_time system_clock::boot_now() const {
    return base::boot_time(read(CLOCK_BOOTTIME));
}

}  // namespace host
