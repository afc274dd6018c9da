#include "profile/renewal_plan.hpp"

#include <algorithm>

namespace profile {

namespace {

// The widest refresh window found in client libraries is 20 minutes; five more let a renewal fail
// and be tried again before any client looks.
constexpr base::seconds least_left{25 * 60};

constexpr base::milliseconds first_wait{1000};
constexpr base::milliseconds longest_wait{60'000};

/// Into [0, 1]; NaN counts as 0.
double unit_interval(double jitter) {
    return jitter > 0 ? std::min(jitter, 1.0) : 0.0;
}

base::milliseconds part_of(base::milliseconds whole, double fraction) {
    return base::milliseconds(
        static_cast<base::milliseconds::rep>(static_cast<double>(whole.count()) * fraction));
}

}  // namespace

base::wall_time renew_at(base::wall_time issued, base::wall_time expires, double jitter) {
    const base::milliseconds life = expires - issued;
    if (life <= base::milliseconds::zero()) return expires;
    const base::milliseconds left = std::max<base::milliseconds>(life / 3, least_left);
    const base::wall_time latest = expires - left;
    const base::wall_time earliest = issued + life / 2;
    if (latest <= earliest) return earliest;
    // Cut off at the earliest time instead, what was issued at once would be renewed there at once.
    const base::milliseconds spread = std::min<base::milliseconds>(life / 10, latest - earliest);
    return latest - part_of(spread, unit_interval(jitter));
}

base::milliseconds back_off(unsigned failures, double jitter) {
    base::milliseconds wait = first_wait;
    for (unsigned i = 1; i < failures && wait < longest_wait; ++i)
        wait *= 2;
    wait = std::min(wait, longest_wait);
    return wait / 2 + part_of(wait / 2, unit_interval(jitter));
}

}  // namespace profile
