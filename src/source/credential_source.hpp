#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/credentials.hpp"
#include "base/error.hpp"

namespace source {

/// Whose credentials are asked for.
enum class credential_subject {
    role,      ///< `role_arn`, assumed
    instance,  ///< the instance itself: `account`, `session_name` (its id) and `duration` say all
};

/// What a profile asks its issuer for: the parameters of AssumeRole.
struct credential_request {
    credential_subject subject = credential_subject::role;
    std::string account;
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
    /// Whether it knows credential_subject::instance; `fetch` refuses it otherwise.
    virtual bool issues_instance_credentials() const { return false; }
    virtual base::result<aws::credentials> fetch(const credential_request& request) = 0;
};

}  // namespace source
