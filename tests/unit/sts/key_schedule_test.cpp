#include "sts/session/key_schedule.hpp"

#include "support/catch.hpp"
#include "support/counting_random.hpp"

namespace {

using sts::key_phase;
using sts::key_ring;
using sts::key_step;
using kind = sts::key_step::kind;
using purpose = key_ring::purpose;
using std::chrono::hours;

constexpr base::wall_time start{base::seconds(1'790'000'000)};
constexpr auto token = purpose::session_token;

sts::key_policy monthly() {
    sts::key_policy policy;
    policy.rotate_every = hours(24 * 30);
    policy.publish_time = hours(1);
    return policy;
}

struct schedule_bench {
    support::counting_random random;
    key_ring ring = key_ring::generate(random, start);
    base::wall_time now = start;

    sts::key_change change() const {
        sts::key_change out;
        out.now = now;
        return out;
    }
    std::optional<key_step> next(const sts::key_policy& policy) const {
        return sts::next_step(ring, now, policy);
    }
};

}  // namespace

TEST_CASE("A key is published before it is needed, then activated, then the old one retired") {
    schedule_bench b;
    const auto policy = monthly();
    const auto old = b.ring.sealing_key(token).id;
    REQUIRE(b.ring.rotate(purpose::authorization_message, b.random, b.change()));

    auto step = b.next(policy);
    // The replaced message key is the first thing that is due.
    REQUIRE(step.has_value());
    CHECK(*step == key_step{kind::retire, purpose::authorization_message, 2,
                            start + sts::message_key_verify_time});
    b.now = step->at;
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));

    const base::wall_time due = start + policy.rotate_every;
    step = b.next(policy);
    CHECK(step == key_step{kind::publish, token, 0, due - policy.publish_time});
    b.now = step->at;
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));
    step = b.next(policy);
    // The message keys are of the same age.
    CHECK(step == key_step{kind::publish, purpose::authorization_message, 0, b.now});
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));

    step = b.next(policy);
    REQUIRE(step.has_value());
    CHECK(step->what == kind::activate);
    CHECK(step->purpose == token);
    CHECK(step->at == due);
    CHECK(sts::take_step(b.ring, *step, b.random, due - base::milliseconds(1), policy).has_error());
    b.now = step->at;
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));
    CHECK(b.ring.sealing_key(token).id == step->key);
    CHECK(b.ring.status(old)->phase == key_phase::verify_only);
    step = b.next(policy);
    CHECK(step->what == kind::activate);
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));

    step = b.next(policy);
    CHECK(step->what == kind::retire);
    CHECK(step->purpose == purpose::authorization_message);
    b.now = step->at;
    REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));
    step = b.next(policy);
    CHECK(step == key_step{kind::retire, token, old, due + sts::session_key_verify_time});
}

TEST_CASE("Steps that were missed are due now") {
    schedule_bench b;
    b.now = start + hours(24 * 365);
    CHECK(b.next(monthly()) == key_step{kind::publish, token, 0, b.now});
}

TEST_CASE("Without a rotation of its own, a ring still sheds replaced keys") {
    schedule_bench b;
    CHECK_FALSE(b.next({}).has_value());
    const auto old = b.ring.sealing_key(token).id;
    REQUIRE(b.ring.rotate(token, b.random, b.change()));
    REQUIRE(b.ring.add(token, b.random, start));  // somebody prepares; nobody activates it for them
    CHECK(b.next({}) == key_step{kind::retire, token, old, start + sts::session_key_verify_time});
}

TEST_CASE("Keys of stored secrets are never touched") {
    schedule_bench b;
    REQUIRE(b.ring.rotate(purpose::stored_secret, b.random, b.change()));
    CHECK_FALSE(b.next({}).has_value());
    CHECK(b.next(monthly())->purpose == token);
}

TEST_CASE("Years of rotation: every step is allowed when it is due, every token lives its time") {
    schedule_bench b;
    auto policy = monthly();
    policy.rotate_every = sts::shortest_rotation;
    policy.publish_time = base::seconds(60);
    for (int i = 0; i < 3000; ++i) {
        const auto step = b.next(policy);
        REQUIRE(step.has_value());
        REQUIRE(step->at >= b.now);
        b.now = step->at;
        const auto sealed_now = b.ring.sealing_key(token).id;
        REQUIRE(sts::take_step(b.ring, *step, b.random, b.now, policy));
        CHECK(b.ring.opening_key(token, sealed_now).has_value());
        for (const auto& key : b.ring.status()) {
            if (key.what != token || key.phase != key_phase::retired) continue;
            CHECK(*key.ended - *key.left_active >= sts::session_key_verify_time);
        }
    }
    CHECK(b.ring.status().size() <= key_ring::max_keys);
    CHECK(b.now > start + hours(24 * 7));
}
