#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "crypto/public_key.hpp"
#include "http/request.hpp"

namespace sigv4 {

enum class algorithm {
    hmac,   ///< AWS4-HMAC-SHA256
    ecdsa,  ///< AWS4-ECDSA-P256-SHA256: SigV4A, for a set of regions
};

/// {date}/{region}/{service}/aws4_request. A SigV4A credential names no region: here is the one
/// that was chosen from its set.
struct scope {
    std::string date;  ///< YYYYMMDD
    std::string region;
    std::string service;
};

/// How a service makes its canonical request.
enum class dialect {
    /// All services but S3: dot segments and runs of slashes go, the path is encoded once more on
    /// top of the wire's encoding, and the body's own hash is signed.
    standard,
    /// As `standard`, but the path's dot segments and slashes stay.
    unnormalized,
    /// S3: the path is signed as the key that it names, encoded once. X-Amz-Content-Sha256 says
    /// what is signed for the body: its hash, or one of the words UNSIGNED-PAYLOAD and STREAMING-…,
    /// with which the signature says nothing about the body. A presigned request may live for its
    /// whole X-Amz-Expires.
    s3,
};

/// What a signed request claims, from its Authorization header or its query. Nothing in it is
/// proven until `matches` says so.
struct claim {
    enum class form { header, presigned };
    form how = form::header;
    algorithm signed_by = algorithm::hmac;
    std::string access_key_id;
    scope credential_scope;
    std::string timestamp;  ///< YYYYMMDDThhmmssZ
    base::wall_time time{};
    std::vector<std::string> signed_headers;  ///< lower case, sorted, each once
    std::string signature;                    ///< lower-case hex: 64 digits; of SigV4A, a DER value
    std::optional<std::string> session_token;
    bool session_token_signed = false;
    /// Rules allow a token that was added after signing.
    bool session_token_may_be_unsigned = false;
    std::optional<base::seconds> expires;  ///< presigned only
    dialect how_canonical = dialect::standard;
};

struct rules {
    std::string service = "sts";
    /// Empty: any syntactically valid region.
    std::vector<std::string> regions = {};
    base::seconds clock_skew{15 * 60};
    dialect how_canonical = dialect::standard;
    /// The verifier's own region: chosen first from a SigV4A region set.
    std::string region = "us-east-1";
    /// A presigned request lives for `clock_skew`, whatever its X-Amz-Expires, as at AWS's STS.
    bool fixed_presigned_window = false;
    /// X-Amz-Security-Token may have been added after signing: the token names its key id anyway.
    bool unsigned_session_token = false;
};

/// Reads the claim and applies every check that needs no key: grammar, scope, dates against `now`,
/// `host` and every x-amz-* header signed. Errors carry the wire code (MissingAuthenticationToken,
/// IncompleteSignature, SignatureDoesNotMatch; S3's InvalidRequest for a missing
/// X-Amz-Content-Sha256) in `error.code` and AWS's text in `error.message`.
base::result<claim> read_claim(const http::request& request, base::wall_time now,
                               const rules& rules);

/// Whether the query's X-Amz-Security-Token is part of what was signed.
enum class token_place { inside, outside };
/// The canonical request (holds no secret).
base::result<std::string> canonical_request(const http::request& request, const claim& claim,
                                            token_place token = token_place::inside);

/// The key pair of SigV4A that follows from the secret (a counter KDF over HMAC-SHA256, NIST
/// SP 800-108): its public half.
crypto::public_key asymmetric_key(std::string_view secret_access_key,
                                  std::string_view access_key_id);

crypto::digest256 signing_key(std::string_view secret_access_key, const scope& scope);

/// True when the claim's signature is the one that this key makes for the request. Constant time in
/// the signature. The body is hashed, whatever X-Amz-Content-Sha256 says; only S3's words for a
/// body that is not signed stand for themselves.
base::result<bool> matches(const http::request& request, const claim& claim,
                           std::string_view secret_access_key);

/// The same by the signing key of the claim's own scope (`signing_key`): for those who hold no
/// secret. A claim that SigV4A signed never matches: it has no such key.
base::result<bool> matches(const http::request& request, const claim& claim,
                           const crypto::digest256& signing_key);

/// What to answer when `matches` says no. AWS's text, without the canonical request that AWS
/// appends.
base::error signature_mismatch();

/// Client side, header form: the Authorization value for a request whose `host` and `x-amz-date`
/// fields are present. All of the request's fields named in `signed_headers` are signed.
base::result<std::string> authorization(const http::request& request, const scope& scope,
                                        std::string_view timestamp, std::string_view access_key_id,
                                        std::string_view secret_access_key,
                                        const std::vector<std::string>& signed_headers);

}  // namespace sigv4
