#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace imds {

inline constexpr base::seconds shortest_token_life{1};
inline constexpr base::seconds longest_token_life{21600};  ///< six hours (IMDSv2)
inline constexpr std::size_t token_text_size = 56;

/// Who a token belongs to, as bytes: input to its MAC. A token is good for the subject that asked
/// for it and for no other.
using token_subject = std::string_view;

/// Issues and verifies IMDSv2 session tokens without keeping any of them. A token is 40 bytes in
/// padded URL-safe base64 (56 characters, as on EC2): 01 00, a 14-bit key id, the expiry in
/// milliseconds of CLOCK_BOOTTIME, 12 random bytes, and HMAC-SHA-256 truncated to 16 bytes over all
/// of that and the subject.
class token_authority {
public:
    /// The key is derived from the persisted secret and the boot id: tokens survive a restart of
    /// the daemon, and none survives a reboot, where CLOCK_BOOTTIME starts anew.
    token_authority(std::string_view persisted_secret, std::string_view boot_id);

    std::string issue(base::seconds life, base::boot_time now, token_subject subject,
                      base::random& random) const;

    /// The expiry of a good token. Every flaw is the same error: denied.
    base::result<base::boot_time> verify(std::string_view text, base::boot_time now,
                                         token_subject subject) const;

private:
    std::uint16_t key_id_ = 0;
    base::secret key_;
};

}  // namespace imds
