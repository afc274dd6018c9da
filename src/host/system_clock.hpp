#pragma once

#include "base/clock.hpp"

namespace host {

/// CLOCK_REALTIME and CLOCK_BOOTTIME. Stateless; any thread.
class system_clock final : public base::clock {
public:
    base::wall_time now() const override;
    base::boot_time boot_now() const override;
};

}  // namespace host
