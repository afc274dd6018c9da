#pragma once

#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/database.hpp"

namespace store {

/// Ends a wait from another thread: an eventfd. A signal that nobody waits for is kept for the next
/// wait; several are one.
class wake_event {
public:
    static base::result<wake_event> make();
    wake_event(wake_event&& other) noexcept;
    wake_event& operator=(wake_event&& other) noexcept;
    ~wake_event();

    void signal() const;

    enum class interest { read, write };

    /// Until `most` has passed, signal() was called or `descriptor` (none: -1) is ready: `change`
    /// then. A signal comes before a change.
    wait_end wait(base::milliseconds most, int descriptor, interest in = interest::read) const;

private:
    explicit wake_event(int fd) : fd_(fd) {}
    int fd_ = -1;
};

}  // namespace store
