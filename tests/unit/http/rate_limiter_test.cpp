#include "http/rate_limiter.hpp"

#include "support/catch.hpp"

using base::milliseconds;
using http::rate_limiter;

namespace {

int granted(rate_limiter& limiter, std::string_view caller, base::boot_time now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i)
        count += limiter.take(caller, now);
    return count;
}

}  // namespace

TEST_CASE("a burst of 60, then 40 a second") {
    rate_limiter limiter({40, 60});
    base::boot_time now{milliseconds(1000)};
    CHECK(granted(limiter, "a", now, 200) == 60);
    now += milliseconds(500);
    CHECK(granted(limiter, "a", now, 200) == 20);
    now += milliseconds(1000);
    CHECK(granted(limiter, "a", now, 200) == 40);
    now += milliseconds(60'000);
    CHECK(granted(limiter, "a", now, 200) == 60);
}

TEST_CASE("no caller takes another's share") {
    rate_limiter limiter({40, 60});
    const base::boot_time now{};
    CHECK(granted(limiter, "a", now, 200) == 60);
    CHECK(granted(limiter, "b", now, 200) == 60);
    CHECK(granted(limiter, "a", now, 10) == 0);
}

TEST_CASE("time that goes backwards gives nothing") {
    rate_limiter limiter({1, 1});
    CHECK(limiter.take("a", base::boot_time{milliseconds(5000)}));
    CHECK_FALSE(limiter.take("a", base::boot_time{milliseconds(1000)}));
}

TEST_CASE("the caller unseen for longest is forgotten") {
    rate_limiter limiter({1, 1}, 2);
    const base::boot_time now{};
    CHECK(limiter.take("a", now));
    CHECK(limiter.take("b", now));
    CHECK_FALSE(limiter.take("a", now));
    CHECK(limiter.take("c", now));        // "b" goes
    CHECK_FALSE(limiter.take("a", now));  // "a" was seen later
    CHECK(limiter.take("b", now));
}
