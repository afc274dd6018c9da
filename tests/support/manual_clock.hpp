#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace support {

/// A clock that moves only when told. Both timelines advance together; `step_wall` moves the wall
/// clock alone, as a clock correction does.
class manual_clock final : public base::clock {
public:
    explicit manual_clock(base::wall_time start = base::wall_time(base::seconds(1'790'000'000)))
        : wall_(start.time_since_epoch().count()) {}

    base::wall_time now() const override { return base::wall_time(base::milliseconds(wall_)); }
    base::boot_time boot_now() const override { return base::boot_time(base::milliseconds(boot_)); }

    void advance(base::milliseconds by) {
        wall_ += by.count();
        boot_ += by.count();
    }
    void step_wall(base::milliseconds by) { wall_ += by.count(); }

private:
    std::atomic<long> wall_;
    std::atomic<long> boot_{1'000'000};
};

}  // namespace support
