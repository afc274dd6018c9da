#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace net {

/// Time that is left of one blocking exchange.
class deadline {
public:
    deadline(const base::clock& clock, base::milliseconds allowed)
        : clock_(clock), end_(clock.boot_now() + allowed) {}
    base::milliseconds left() const {
        return std::max(base::milliseconds(0), end_ - clock_.boot_now());
    }
    /// One of `parts` equal parts of what is left.
    deadline part(std::size_t parts) const {
        return deadline(clock_, left() / std::int64_t(std::max<std::size_t>(parts, 1)));
    }
    bool over() const { return left().count() == 0; }

private:
    const base::clock& clock_;
    base::boot_time end_;
};

}  // namespace net
