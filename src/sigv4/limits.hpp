#pragma once

#include <cstddef>

#include "base/clock.hpp"

namespace sigv4 {

inline constexpr std::size_t max_authorization_bytes = 8 * 1024;
inline constexpr std::size_t max_access_key_id_bytes = 128;  // AccessKeyId of the STS model
inline constexpr std::size_t max_scope_part_bytes = 64;
inline constexpr std::size_t max_signed_headers = 64;
inline constexpr std::size_t max_signed_header_name_bytes = 128;
inline constexpr std::size_t max_session_token_bytes = 8 * 1024;
inline constexpr std::size_t signature_digits = 64;
/// A DER signature on P-256 is 8 to 72 bytes.
inline constexpr std::size_t least_ecdsa_digits = 16;
inline constexpr std::size_t most_ecdsa_digits = 144;
inline constexpr std::size_t max_region_set_bytes = 2 * 1024;
/// X-Amz-Expires: seven days at most.
inline constexpr base::seconds max_expires{7 * 24 * 60 * 60};

}  // namespace sigv4
