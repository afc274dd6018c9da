#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

/// What the issuer gives away and takes back unread: version, key id, salt and box. The box is
/// AES-256-GCM under a key and nonce made for this text alone by HKDF from the salt, so nonces
/// cannot collide. It is bound to version, key id and the parts in `bound`, and each purpose has
/// its own keys.
std::string seal_bytes(key_ring::purpose what, std::initializer_list<std::string_view> bound,
                       std::string_view inside, const key_ring& ring, base::random& random);

/// Nothing unless it was sealed for the same purpose and the same parts, under a key that may still
/// open things. The caller wipes what is secret.
std::optional<std::string> open_bytes(key_ring::purpose what,
                                      std::initializer_list<std::string_view> bound,
                                      std::string_view envelope, const key_ring& ring);

/// The id of the key that an envelope says it was sealed under; nothing for what is no envelope.
std::optional<std::uint16_t> sealing_key_of(std::string_view envelope);

}  // namespace sts
