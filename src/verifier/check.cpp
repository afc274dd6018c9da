#include "verifier/check.hpp"

namespace verifier {

namespace {

failure of(const base::error& e) {
    imdsd_status status = IMDSD_MALFORMED;
    if (e.code == "MissingAuthenticationToken")
        status = IMDSD_NOT_SIGNED;
    else if (e.kind == base::error_kind::expired)
        status = IMDSD_EXPIRED;
    else if (e.code == "SignatureDoesNotMatch")
        status = IMDSD_MISMATCH;
    return {status, e.code.empty() ? "IncompleteSignature" : e.code, e.message};
}

bool same_token(const sigv4::claim& claim, const imdsd_grant& grant) {
    if (claim.session_token.has_value() != grant.session_token.has_value()) return false;
    return !claim.session_token || crypto::sha256(*claim.session_token) == *grant.session_token;
}

bool same_caller(const sigv4::claim& claim, const imdsd_grant& grant) {
    const sigv4::scope &signed_for = claim.credential_scope, &granted = grant.scope;
    return claim.access_key_id == grant.access_key_id && same_token(claim, grant) &&
           signed_for.date == granted.date && signed_for.region == granted.region &&
           signed_for.service == granted.service;
}

}  // namespace

std::optional<failure> read(const imdsd_verifier& by, const http::request& request,
                            base::wall_time now, sigv4::claim& out) {
    auto claim = sigv4::read_claim(request, now, by.rules);
    if (!claim) return of(claim.error());
    if (claim->signed_by != sigv4::algorithm::hmac) {
        // Its key is the caller's for all days and regions: there is nothing scoped to hand over.
        return failure{IMDSD_MALFORMED, "IncompleteSignature",
                       "Only AWS4-HMAC-SHA256 signatures can be verified here."};
    }
    out = std::move(*claim);
    return std::nullopt;
}

std::optional<failure> check(const imdsd_verifier& by, const http::request& request,
                             const imdsd_grant& grant, base::wall_time now) {
    sigv4::claim claim;
    if (auto failed = read(by, request, now, claim)) return failed;
    if (!same_caller(claim, grant))
        return failure{IMDSD_OTHER_CALLER, "",
                       "the grant is for another key id, session token, day, region or service"};
    if (grant.expiration != 0 && now >= at(grant.expiration))
        return failure{IMDSD_EXPIRED, "ExpiredToken",
                       "The security token included in the request is expired"};
    if (now >= at(grant.good_until))
        return failure{IMDSD_STALE, "", "the grant is too old: ask the issuer again"};
    // A token that is not signed could be anybody's.
    if (claim.session_token && !claim.session_token_signed) return of(sigv4::signature_mismatch());
    const auto same = sigv4::matches(request, claim, grant.key);
    if (!same) return of(same.error());
    if (!*same) return of(sigv4::signature_mismatch());
    return std::nullopt;
}

}  // namespace verifier
