#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "sts/session/key_ring.hpp"

namespace sts {

struct session_tag {
    std::string key;
    std::string value;
    bool transitive = false;

    bool operator==(const session_tag&) const = default;
};

/// All that the issuer knows about a session. It travels sealed in the session token, so that any
/// replica with the key ring verifies a caller without a look-up.
struct session {
    enum class type : std::uint8_t {
        assumed_role = 1,
        /// A role that no store knows: the instance itself, "aws:ec2-instance".
        instance_identity = 2,
        user = 3,            ///< GetSessionToken: the user itself
        root = 4,            ///< GetSessionToken by an account's root
        federated_user = 5,  ///< GetFederationToken: someone whom a user or a root vouches for
        assumed_root = 6,    ///< AssumeRoot: the root of a member account, for one task
    };
    type kind = type::assumed_role;
    base::wall_time issued{};
    base::wall_time expires{};
    base::secret secret_access_key;
    std::string account;
    std::string principal_id;  ///< AROA…; AIDA… of the user behind it; a root's: the account
    std::string role_path;
    std::string role_name;
    std::string session_name;     ///< of a federated user: its name
    std::string session_id;       ///< 16 bytes
    std::string source_identity;  ///< empty: none
    std::string policy;           ///< JSON text of the session policy; empty: none
    std::vector<session_tag> tags;
    std::string user_name;  ///< of the user behind it; empty: a role's or a root's
    /// Managed session policies, at most 10: what they say is looked up whenever they are used.
    std::vector<std::string> policy_arns;
};

/// Longest text that is looked at as a session token.
inline constexpr std::size_t max_session_token_characters = 16 * 1024;

/// The token's text: base64 of a sealed text (sealed_text.hpp) that is bound to partition, issuer,
/// account and access key id.
base::secret seal_session(const session& facts, std::string_view access_key_id,
                          std::string_view partition, const key_ring& ring, base::random& random);

/// Anything but a token sealed here for this access key id: InvalidClientTokenId, without saying
/// why. Past its end: ExpiredToken.
base::result<session> open_session(std::string_view token, std::string_view access_key_id,
                                   std::string_view partition, const key_ring& ring,
                                   base::wall_time now);

/// The inside of the box. Public for tests and fuzzing.
std::string encode_session(const session& facts);
base::result<session> decode_session(std::string_view bytes);

}  // namespace sts
