#pragma once

#include <mutex>
#include <string_view>

#include "audit_record/denial_limiter.hpp"
#include "audit_record/record.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "sts/issuer.hpp"

namespace sts {

/// Calls that failed before their caller was known. CloudTrail leaves them out; here they are what
/// an operator looks for first. Rate-limited by source address and code, since anybody can make
/// them; the access key id is shown by a hash, since it may be anybody's. Thread-safe.
class refused_calls {
public:
    struct facts {
        std::string_view action;
        std::string_view access_key_id;  ///< as claimed; may be empty
        std::string_view region;
        std::string_view user_agent;
        std::string_view host;
        std::string_view request_id;
    };
    /// A refusal that cannot be recorded is still a refusal: whether it is does not matter.
    void note(const facts& call, const request_origin& origin, const base::error& why,
              const base::clock& clock, base::random& random, audit_trail& audit);

private:
    std::mutex guard_;
    audit_record::denial_limiter limiter_;
};

}  // namespace sts
