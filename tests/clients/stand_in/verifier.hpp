#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "http/request.hpp"
#include "sigv4/sigv4.hpp"
#include "sts/session/key_ring.hpp"

namespace stand_in {

/// Where the stand-in's buckets are, as S3 says; requests may be signed for any region there is.
inline constexpr std::string_view region = "eu-central-1";
/// S3's code for a credential's scope that names no region.
inline constexpr std::string_view region_is_wrong = "AuthorizationHeaderMalformed";

/// Who signed a request, or why nobody did.
struct verdict {
    std::string fault;  ///< empty: the signature is right
    std::string code;   ///< the protocol's name for the fault
    std::string access_key_id;
    std::string role_arn;
    std::string session_name;
    sigv4::claim claim;
    base::secret secret_access_key;
};

/// Verifies requests that are signed with credentials of the issuer whose key ring it has.
class verifier {
public:
    verifier(sts::key_ring ring, const base::clock& clock)
        : ring_(std::move(ring)), clock_(clock) {}

    /// The service is the one that the credential's scope names: "s3" or "ec2".
    verdict verify(const http::request& request) const;

private:
    sts::key_ring ring_;
    const base::clock& clock_;
};

/// The service of the request's credential scope; "s3" when it says none that is known here.
std::string service_of(const http::request& request);

}  // namespace stand_in
