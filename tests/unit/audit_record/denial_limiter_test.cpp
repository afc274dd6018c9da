#include "audit_record/denial_limiter.hpp"

#include "support/catch.hpp"

namespace {

base::boot_time minute(double m) {
    return base::boot_time(base::milliseconds(1'000'000 + static_cast<long>(m * 60'000)));
}

}  // namespace

TEST_CASE("The first refusal is written at once and repeats once a minute with their number") {
    audit_record::denial_limiter limiter;
    CHECK(limiter.observe("uid:1", "no binding", minute(0)).write);
    for (int i = 0; i < 10; ++i)
        CHECK_FALSE(limiter.observe("uid:1", "no binding", minute(0.5)).write);
    const auto later = limiter.observe("uid:1", "no binding", minute(1));
    CHECK(later.write);
    CHECK(later.suppressed == 10);
    CHECK(limiter.observe("uid:1", "no binding", minute(2.5)).suppressed == 0);
}

TEST_CASE("Other peers and other reasons are counted apart") {
    audit_record::denial_limiter limiter;
    CHECK(limiter.observe("uid:1", "host", minute(0)).write);
    CHECK(limiter.observe("uid:1", "origin", minute(0)).write);
    CHECK(limiter.observe("uid:2", "host", minute(0)).write);
    CHECK_FALSE(limiter.observe("uid:2", "host", minute(0)).write);
}

TEST_CASE("Memory is bounded and counts of forgotten peers are told with a later record") {
    audit_record::denial_limits limits;
    limits.remembered = 2;
    audit_record::denial_limiter limiter(limits);
    limiter.observe("a", "r", minute(0));
    limiter.observe("a", "r", minute(0));
    limiter.observe("a", "r", minute(0));
    limiter.observe("b", "r", minute(0));
    const auto third = limiter.observe("c", "r", minute(0));
    CHECK(limiter.size() == 2);
    CHECK(third.suppressed_elsewhere == 2);
    CHECK(limiter.observe("d", "r", minute(0)).suppressed_elsewhere == 0);
}

TEST_CASE("The peer that was seen last is forgotten last") {
    audit_record::denial_limits limits;
    limits.remembered = 2;
    audit_record::denial_limiter limiter(limits);
    limiter.observe("a", "r", minute(0));
    limiter.observe("b", "r", minute(0));
    limiter.observe("a", "r", minute(0));
    limiter.observe("c", "r", minute(0));
    CHECK_FALSE(limiter.observe("a", "r", minute(0)).write);
    CHECK(limiter.observe("b", "r", minute(0)).write);
}

TEST_CASE("A peer with ever new keys cannot write more than the budget") {
    audit_record::denial_limits limits;
    limits.remembered = 10;
    limits.records = 25;
    audit_record::denial_limiter limiter(limits);
    int written = 0;
    for (int i = 0; i < 1000; ++i) {
        written += limiter.observe(std::to_string(i), "r", minute(0)).write ? 1 : 0;
    }
    CHECK(written == 25);
    CHECK(limiter.size() == 10);
    const auto next = limiter.observe("new", "r", minute(1));
    CHECK(next.write);
    CHECK(next.suppressed_elsewhere == 966);
}

TEST_CASE("The end of a burst is told without another refusal") {
    audit_record::denial_limiter limiter;
    limiter.observe("uid:1", "no binding", minute(0));
    limiter.observe("uid:1", "no binding", minute(0.1));
    limiter.observe("uid:2", "no binding", minute(0));
    CHECK(limiter.collect(minute(0.9)).empty());
    const auto left = limiter.collect(minute(1.1));
    REQUIRE(left.size() == 1);
    CHECK(left[0].peer == "uid:1");
    CHECK(left[0].reason == "no binding");
    CHECK(left[0].suppressed == 1);
    CHECK(limiter.size() == 0);
}

TEST_CASE("What is left to tell names its reason, whatever bytes the peer is made of") {
    using namespace std::string_literals;
    audit_record::denial_limiter limiter;
    const std::string peer = "u\xe8\x03\0\0"s;  // a uid has zeros in it
    limiter.observe(peer, "bad_token", minute(0));
    limiter.observe(peer, "bad_token", minute(0));
    const auto left = limiter.collect(minute(2));
    REQUIRE(left.size() == 1);
    CHECK(left[0].peer == peer);
    CHECK(left[0].reason == "bad_token");
    CHECK(left[0].suppressed == 1);
}
