#pragma once

#include <optional>
#include <string_view>

#include "crypto/public_key.hpp"

namespace jose {

/// Signature algorithms of RFC 7518 §3.1 and RFC 8037 §3.1. There are no others: `none` and the
/// HMAC family have no place here, so a public key can never be taken for a shared secret.
enum class algorithm { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, eddsa };

std::optional<algorithm> algorithm_of(std::string_view name);
std::string_view name_of(algorithm alg);

/// True when keys of that type make signatures with that algorithm: ES256 is for P-256 alone.
bool fits(algorithm alg, crypto::key_type type);

bool verify(algorithm alg, const crypto::public_key& key, std::string_view message,
            std::string_view signature);

}  // namespace jose
