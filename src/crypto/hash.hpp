#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace crypto {

using digest256 = std::array<std::uint8_t, 32>;

inline std::string_view as_text(const digest256& d) {
    return {reinterpret_cast<const char*>(d.data()), d.size()};
}

digest256 sha256(std::string_view data);

/// RFC 2104 with SHA-256. Both are called on hot paths: no allocation worth naming.
digest256 hmac_sha256(std::string_view key, std::string_view data);

/// RFC 5869 with SHA-256; writes out.size() bytes (at most 8160).
void hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info,
                 std::uint8_t* out, std::size_t size);

/// True when equal; the time taken depends on the lengths only.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace crypto
