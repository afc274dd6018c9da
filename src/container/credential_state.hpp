#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/clock.hpp"

namespace container {

/// What can be said about a role's credentials now: rendered once for each change. Immutable.
struct credential_state {
    enum class status {
        none,     ///< there is no role
        pending,  ///< not there yet, or nothing valid is left
        valid,    ///< until `expires`
        denied,   ///< the issuer refuses the role; `denial` says why, one line
    };
    status now = status::pending;
    std::string document;       ///< valid: with the secret key
    std::string access_key_id;  ///< valid: for the audit record
    std::string denial;
    base::wall_time expires{};
    bool retrying = false;  ///< pending: the first fetch has failed, waiting is of no use
    std::uint64_t serial = 0;

    ~credential_state();
    credential_state() = default;
    credential_state(credential_state&&) = default;
    credential_state& operator=(credential_state&&) = default;
};

/// The document of the ECS agent: RoleArn, AccessKeyId, SecretAccessKey, Token, Expiration.
/// `alias`: then also `Code` and `AccessKeyID`, which minio-js wants.
std::string credential_document(std::string_view role_arn, const aws::credentials& credentials,
                                bool alias);

credential_state valid_state(std::string_view role_arn, const aws::credentials& credentials,
                             bool alias, std::uint64_t serial);
credential_state denied_state(std::string_view why);

}  // namespace container
