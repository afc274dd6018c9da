#include "sts/session/key_schedule.hpp"

#include <algorithm>
#include <stdexcept>

namespace sts {

namespace {

using purpose = key_ring::purpose;
using status = key_ring::key_status;

/// Keeps the earlier one; of two at the same time the one that was there.
void offer(std::optional<key_step>& first, const key_step& other) {
    if (!first || other.at < first->at) first = other;
}

base::seconds verify_time(purpose what) {
    return what == purpose::session_token ? session_key_verify_time : message_key_verify_time;
}

/// How the active key of a purpose gets its successor.
std::optional<key_step> succession(const std::vector<status>& keys, purpose what,
                                   const key_policy& policy) {
    const status* active = nullptr;
    const status* published = nullptr;  // the one that is known longest
    for (const status& key : keys) {
        if (key.what != what) continue;
        if (key.phase == key_phase::active) active = &key;
        if (key.phase == key_phase::published &&
            (published == nullptr || key.created < published->created))
            published = &key;
    }
    if (active == nullptr || !active->activated) return std::nullopt;
    const base::wall_time wanted = *active->activated + policy.rotate_every;
    if (published == nullptr)
        return key_step{key_step::kind::publish, what, 0, wanted - policy.publish_time};
    return key_step{key_step::kind::activate, what, published->id,
                    std::max(wanted, published->created + policy.publish_time)};
}

}  // namespace

std::optional<key_step> next_step(const key_ring& ring, base::wall_time now,
                                  const key_policy& policy) {
    const std::vector<status> keys = ring.status();
    std::optional<key_step> first;
    for (const purpose what : {purpose::session_token, purpose::authorization_message}) {
        for (const status& key : keys) {
            if (key.what == what && key.phase == key_phase::verify_only)
                offer(first,
                      {key_step::kind::retire, what, key.id, *key.left_active + verify_time(what)});
        }
        if (policy.rotate_every == base::seconds(0)) continue;
        if (const auto step = succession(keys, what, policy)) offer(first, *step);
    }
    if (first) first->at = std::max(first->at, now);
    return first;
}

base::result<void> take_step(key_ring& ring, const key_step& step, base::random& random,
                             base::wall_time now, const key_policy& policy) {
    key_change change;
    change.now = now;
    change.publish_time = policy.publish_time;
    switch (step.what) {
        case key_step::kind::publish: {
            const auto added = ring.add(step.purpose, random, now);
            if (!added) return added.error();
            return {};
        }
        case key_step::kind::activate:
            return ring.activate(step.key, change);
        case key_step::kind::retire:
            return ring.set_phase(step.key, key_phase::retired, change);
    }
    throw std::logic_error("an unknown step of a key ring");
}

}  // namespace sts
