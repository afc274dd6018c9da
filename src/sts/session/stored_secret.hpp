#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

/// Whose secret it is: the text opens for nobody else.
struct stored_secret_owner {
    std::string_view account;
    std::string_view access_key_id;
};

/// A long-term secret access key as it is kept: base64 of a sealed text (sealed_text.hpp) under the
/// active stored_secret key, bound to issuer, account and access key id.
std::string seal_stored_secret(const stored_secret_owner& owner, const base::secret& value,
                               const key_ring& ring, base::random& random);

/// not_found: sealed under a key that this ring does not have or has ended; denied: anything else.
/// The messages name the access key and the key of the ring.
base::result<base::secret> open_stored_secret(const stored_secret_owner& owner,
                                              std::string_view sealed, const key_ring& ring);

/// The key of the ring that sealed it; nothing when it is no sealed text. A stored_secret key may
/// be retired once no text names it any more (key_change::resealed).
std::optional<std::uint16_t> stored_secret_key(std::string_view sealed);

}  // namespace sts
