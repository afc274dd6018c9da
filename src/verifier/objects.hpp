#pragma once

#include <cstddef>
#include <cstdint>
#include <imdsd/verifier.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "sigv4/sigv4.hpp"

// The objects behind the C interface. They do not change once they are made.

struct imdsd_verifier {
    sigv4::rules rules;
};

struct imdsd_claim {
    std::string access_key_id;
    std::optional<std::string> session_token;
    sigv4::scope scope;
};

struct imdsd_call {
    ~imdsd_call() {
        base::wipe(body.data(), body.size());
        for (auto& [name, value] : fields)
            base::wipe(value.data(), value.size());
    }

    std::vector<std::pair<std::string, std::string>> fields;
    std::vector<imdsd_header> headers;  // views of `fields`
    std::string body;
};

struct imdsd_grant {
    ~imdsd_grant() { base::wipe(key.data(), key.size()); }

    crypto::digest256 key{};
    std::string access_key_id;
    /// SHA-256 of the token; none: the key is a long-term one
    std::optional<crypto::digest256> session_token;
    sigv4::scope scope;
    std::string arn, account, user_id, principal_type, role_arn, session_name, source_identity;
    std::vector<std::pair<std::string, std::string>> tags;
    std::int64_t expiration = 0;  ///< 0: none
    std::int64_t good_until = 0;
    imdsd_decision decision = IMDSD_DECISION_NONE;
};

namespace verifier {

/// Named limits.
inline constexpr std::size_t most_headers = 1024;
inline constexpr std::size_t most_answer_bytes = 256 * 1024;
inline constexpr std::int64_t longest_clock_skew = 900;  ///< seconds
/// Seconds since 1970 that are taken for a time: to the year 9999.
inline constexpr std::int64_t latest_time = 253'402'300'799;

/// Why an operation did not come about, in the terms of the C interface.
struct failure {
    imdsd_status status = IMDSD_INTERNAL;
    std::string code;
    std::string message;
};

inline base::wall_time at(std::int64_t seconds) {
    return base::wall_time(base::seconds(seconds));
}

}  // namespace verifier
