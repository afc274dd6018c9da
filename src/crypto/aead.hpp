#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace crypto {

inline constexpr std::size_t aead_key_size = 32;
inline constexpr std::size_t aead_nonce_size = 12;
inline constexpr std::size_t aead_tag_size = 16;

/// AES-256-GCM (NIST SP 800-38D). Returns ciphertext followed by the 16-byte tag.
/// The caller must never use a nonce twice under one key.
std::string seal(std::string_view key, std::string_view nonce, std::string_view associated_data,
                 std::string_view plaintext);

/// Inverse of seal. Any change of any input is error_kind::denied, without saying which.
base::result<std::string> open(std::string_view key, std::string_view nonce,
                               std::string_view associated_data, std::string_view sealed);

}  // namespace crypto
