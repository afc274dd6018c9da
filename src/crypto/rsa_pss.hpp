#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace crypto {

inline constexpr int least_pss_key_bits = 2048;

/// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes (RFC 8017, 8.1): as many bytes
/// as the modulus has, and others each time. The key is PEM, not encrypted, RSA of 2048 bits or
/// more; anything else is an error that tells none of it.
base::result<std::string> sign_rsa_pss_sha256(std::string_view private_key_pem,
                                              std::string_view data);

}  // namespace crypto
