#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "http/request.hpp"

namespace sigv4 {

/// {date}/{region}/{service}/aws4_request
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
    std::string access_key_id;
    scope credential_scope;
    std::string timestamp;  ///< YYYYMMDDThhmmssZ
    base::wall_time time{};
    std::vector<std::string> signed_headers;  ///< lower case, sorted, each once
    std::string signature;                    ///< 64 lower-case hex digits
    std::optional<std::string> session_token;
    bool session_token_signed = false;
    std::optional<base::seconds> expires;  ///< presigned only
    dialect how_canonical = dialect::standard;
};

struct rules {
    std::string service = "sts";
    /// Empty: any syntactically valid region.
    std::vector<std::string> regions = {};
    base::seconds clock_skew{15 * 60};
    dialect how_canonical = dialect::standard;
};

/// Reads the claim and applies every check that needs no key: grammar, scope, dates against `now`,
/// `host` and every x-amz-* header signed. Errors carry the wire code (MissingAuthenticationToken,
/// IncompleteSignature, SignatureDoesNotMatch; S3's InvalidRequest for a missing
/// X-Amz-Content-Sha256) in `error.code` and AWS's text in `error.message`.
base::result<claim> read_claim(const http::request& request, base::wall_time now,
                               const rules& rules);

/// The canonical request (for tests and debugging; holds no secret).
base::result<std::string> canonical_request(const http::request& request, const claim& claim);

crypto::digest256 signing_key(std::string_view secret_access_key, const scope& scope);

/// True when the claim's signature is the one that this key makes for the request. Constant time in
/// the signature. The body is hashed, whatever X-Amz-Content-Sha256 says; only S3's words for a body
/// that is not signed stand for themselves.
base::result<bool> matches(const http::request& request, const claim& claim,
                           std::string_view secret_access_key);

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
