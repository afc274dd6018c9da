#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "crypto/public_key.hpp"
#include "jose/algorithm.hpp"

namespace jose {

inline constexpr std::size_t most_keys = 64;     ///< of one set
inline constexpr std::size_t longest_kid = 256;  ///< bytes
inline constexpr std::size_t most_key_set_bytes = 256 * 1024;

/// A public key for signatures (RFC 7517).
struct jwk {
    std::optional<std::string> kid;
    std::optional<algorithm> alg;  ///< the only one that the key may be used with
    crypto::public_key key;
};

/// Refused: symmetric and private keys, keys that are not for checking signatures (`use`,
/// `key_ops`), an `alg` that is unknown or does not fit the key, numbers that are not base64url,
/// and what crypto::public_key refuses.
base::result<jwk> read_jwk(const boost::json::object& members);

struct jwk_set {
    std::vector<jwk> keys;
    /// Why the others were left out (RFC 7517 §5: a set may hold keys that a reader has no use
    /// for): "key 2: …".
    std::vector<std::string> left_out;
};

/// A JWK Set. An error when the text is no such set, or nothing in it can be used. Of several keys
/// with one kid and one type the first counts.
base::result<jwk_set> read_jwk_set(std::string_view text);

/// The key to check a signature with. A token that names a kid gets the key of that kid and no
/// other; one that names none gets the only key that fits, if there is just one. Null when there is
/// no such key.
const jwk* find_key(const jwk_set& set, algorithm alg, const std::optional<std::string>& kid);

}  // namespace jose
