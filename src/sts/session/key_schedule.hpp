#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

/// Keys that follow each other faster would fill the ring before the first ones can be retired.
inline constexpr base::seconds shortest_rotation{3600};

/// How keys follow each other without anybody's doing. It is about keys of what does not live long
/// (session_token, authorization_message): a stored_secret key can only be replaced together with
/// what it sealed.
struct key_policy {
    /// How long a key is active, at least `shortest_rotation`; 0: no key is published or activated
    /// by itself, but those that somebody replaced are still retired.
    base::seconds rotate_every{0};
    /// The time that every replica needs to learn a new key.
    base::seconds publish_time{0};
};

struct key_step {
    enum class kind {
        publish,   ///< a new key
        activate,  ///< the published key; the one before turns verify-only
        retire,    ///< nothing that it sealed can be in use any more; its secret goes
    };
    kind what = kind::publish;
    key_ring::purpose purpose = key_ring::purpose::session_token;
    std::uint16_t key = 0;  ///< 0 with `publish`
    base::wall_time at{};   ///< when it is due; `now` when it already is

    bool operator==(const key_step&) const = default;
};

/// The step that is due first; nothing when there will be none unless somebody changes the ring.
std::optional<key_step> next_step(const key_ring& ring, base::wall_time now,
                                  const key_policy& policy);

/// Takes a step that is due. Errors as those of key_ring.
base::result<void> take_step(key_ring& ring, const key_step& step, base::random& random,
                             base::wall_time now, const key_policy& policy);

}  // namespace sts
