#include "pod_identity/rate_limiter.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;

namespace {

constexpr base::boot_time start{base::seconds(1000)};

int granted(pod_identity::rate_limiter& limiter, std::uint64_t caller, int asked,
            base::boot_time now) {
    int count = 0;
    for (int i = 0; i < asked; ++i)
        count += limiter.allow(caller, now);
    return count;
}

}  // namespace

TEST_CASE("500 at once, 1000 a second after that") {
    pod_identity::rate_limiter limiter({});
    CHECK(granted(limiter, 1, 1000, start) == 500);
    CHECK(granted(limiter, 1, 1000, start + 1ms) == 1);
    CHECK(granted(limiter, 1, 1000, start + 101ms) == 100);
    CHECK(granted(limiter, 1, 2000, start + 10s) == 500);
}

TEST_CASE("One caller's requests are not another's") {
    pod_identity::rate_limiter limiter({});
    CHECK(granted(limiter, 1, 5000, start) == 500);
    CHECK(granted(limiter, 2, 5000, start) == 500);
    CHECK_FALSE(limiter.allow(1, start));
}

TEST_CASE("A crowd of callers takes bounded memory, and holds nobody back") {
    pod_identity::rate_limiter limiter({10, 2, 8});
    for (std::uint64_t caller = 0; caller < 1000; ++caller)
        CHECK(limiter.allow(caller, start));
    // One that is in use stays limited as long as the others are idle.
    CHECK(granted(limiter, 5000, 5, start + 10s) == 2);
    for (std::uint64_t caller = 0; caller < 7; ++caller)
        limiter.allow(caller, start + 10s);
    limiter.allow(77, start + 10100ms);
    CHECK(granted(limiter, 5000, 5, start + 10100ms) <= 2);
}

TEST_CASE("A clock that seems to go back gives nothing away") {
    pod_identity::rate_limiter limiter({10, 2, 8});
    CHECK(granted(limiter, 1, 5, start) == 2);
    CHECK(granted(limiter, 1, 5, start - 10s) == 0);
}
