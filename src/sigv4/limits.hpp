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
/// X-Amz-Expires: seven days at most.
inline constexpr base::seconds max_expires{7 * 24 * 60 * 60};

}  // namespace sigv4
