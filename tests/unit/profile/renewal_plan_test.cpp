#include "profile/renewal_plan.hpp"

#include "support/catch.hpp"

using base::milliseconds;
using base::seconds;
using base::wall_time;
using std::chrono::minutes;

namespace {

const wall_time issued{seconds(1'790'000'000)};

seconds renewal_after(seconds life, double jitter = 0) {
    return std::chrono::duration_cast<seconds>(profile::renew_at(issued, issued + life, jitter) -
                                               issued);
}

}  // namespace

TEST_CASE("An hour's credentials are renewed when 25 minutes are left") {
    CHECK(renewal_after(minutes(60)) == minutes(35));
}

TEST_CASE("Long lives are renewed when a third is left") {
    CHECK(renewal_after(minutes(12 * 60)) == minutes(8 * 60));
    CHECK(renewal_after(minutes(75)) == minutes(50));
}

TEST_CASE("Lives under 50 minutes are renewed at half their life") {
    CHECK(renewal_after(minutes(50)) == minutes(25));
    CHECK(renewal_after(minutes(49)) == seconds(49 * 30));
    CHECK(renewal_after(minutes(15)) == seconds(15 * 30));
    CHECK(renewal_after(minutes(15), 0.9) == seconds(15 * 30));
    CHECK(renewal_after(seconds(1)) == seconds(0));
}

TEST_CASE("Jitter makes renewal earlier by up to a tenth of the life") {
    CHECK(renewal_after(minutes(12 * 60), 0.5) == minutes(8 * 60 - 36));
    CHECK(renewal_after(minutes(12 * 60), 0.25) == minutes(8 * 60 - 18));
}

TEST_CASE(
    "Where half the life comes first jitter spreads over what there is and piles up nowhere") {
    CHECK(renewal_after(minutes(60), 0.5) == seconds(32 * 60 + 30));
    CHECK(renewal_after(minutes(60), 0.98) == seconds(30 * 60 + 6));
    CHECK(renewal_after(minutes(60), 1) == minutes(30));
}

TEST_CASE("Jitter out of range cannot move renewal out of its window") {
    for (const double jitter : {-3.0, 7.0, std::numeric_limits<double>::quiet_NaN()}) {
        const auto after = renewal_after(minutes(12 * 60), jitter);
        CHECK(after <= minutes(8 * 60));
        CHECK(after >= minutes(6 * 60));
    }
}

TEST_CASE("No life and jitter renew before half the life or after it is over") {
    for (int life = 1; life < 50'000; life += 97) {
        for (double jitter = 0; jitter < 1; jitter += 0.2) {
            const auto at = profile::renew_at(issued, issued + seconds(life), jitter);
            REQUIRE(at >= issued + milliseconds(life * 500));
            REQUIRE(at < issued + seconds(life));
        }
    }
}

TEST_CASE("Credentials without a life are due at their end") {
    CHECK(profile::renew_at(issued, issued, 0) == issued);
    CHECK(profile::renew_at(issued, issued - seconds(9), 0.5) == issued - seconds(9));
}

TEST_CASE("Back-off doubles from one second to a minute") {
    // With jitter 0 it is the fixed half.
    CHECK(profile::back_off(1, 0) == milliseconds(500));
    CHECK(profile::back_off(2, 0) == milliseconds(1000));
    CHECK(profile::back_off(6, 0) == milliseconds(16'000));
    CHECK(profile::back_off(7, 0) == milliseconds(30'000));
    CHECK(profile::back_off(4'000'000'000u, 0) == milliseconds(30'000));
}

TEST_CASE("Back-off with jitter stays below its step") {
    CHECK(profile::back_off(1, 0.5) == milliseconds(750));
    CHECK(profile::back_off(7, 0.999) > milliseconds(59'000));
    CHECK(profile::back_off(7, 5.0) == milliseconds(60'000));
    CHECK(profile::back_off(0, 0) == milliseconds(500));
}
