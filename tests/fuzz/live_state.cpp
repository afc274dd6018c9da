// Whatever the file of run-time changes holds: it is refused, or what it says survives being
// written and read again, and can be shown at any time.
#include "profile/live_state.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void expect(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = profile::parse_live_state(text);
    if (!read) return 0;
    const auto again = profile::parse_live_state(profile::serialise(*read));
    expect(again && *again == *read);

    base::wall_time now = base::wall_time::min();
    for (int i = 0; i < 64; ++i) {
        const auto next = profile::next_change(read->events, now);
        if (!next) break;
        expect(*next > now);
        now = *next;
        profile::lifecycle_at(read->events, "app", now);
    }
    auto events = read->events;
    profile::forget_past(events, now);
    expect(profile::lifecycle_at(events, "app", now) ==
           profile::lifecycle_at(read->events, "app", now));
    return 0;
}
