#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "sts/session/key_ring.hpp"
#include "sts/session/wrapping_key.hpp"

namespace sts {

/// The ring as it is kept: JSON with its version, the issuer's id, the check id of the wrapping key
/// and the box (AES-256-GCM under a key and nonce that HKDF makes from the wrapping key for this
/// text alone), which is bound to version and issuer. Not secret, but whoever can replace it by an
/// older one can undo a revocation.
std::string wrap_ring(const key_ring& ring, const wrapping_key& key, base::random& random);

struct unwrapped_ring {
    key_ring ring;
    /// It should be kept anew: another key than the first opened it, or the ring had an older form.
    bool rewrap = false;
};

/// The inverse, with the first of `keys` that fits. denied: none of them does, which tells a wrong
/// key from a damaged text; invalid: damaged, or no wrapped ring. For `now` see key_ring::parse.
base::result<unwrapped_ring> unwrap_ring(std::string_view text, std::span<const wrapping_key> keys,
                                         base::wall_time now);

}  // namespace sts
