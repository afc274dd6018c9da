#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"
#include "base/error.hpp"

namespace source {

/// What a profile asks its issuer for: the parameters of AssumeRole.
struct credential_request {
    std::string role_arn;
    std::string session_name;
    base::seconds duration{3600};
    std::optional<std::string> session_policy;
    std::vector<std::pair<std::string, std::string>> tags;
    std::vector<std::string> transitive_tag_keys;
    std::optional<std::string> source_identity;
    std::optional<std::string> external_id;
};

/// An origin of credentials. `fetch` may block; it runs on the fetch pool, never on a worker.
/// Errors: denied = the issuer said no (final until something changes there), unavailable =
/// it did not answer, invalid = it will never accept this request.
class credential_source {
public:
    virtual ~credential_source() = default;
    virtual base::result<aws::credentials> fetch(const credential_request& request) = 0;
};

}  // namespace source
