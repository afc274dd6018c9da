/* Verifies requests that callers of imdsd's issuer have signed by AWS Signature Version 4, without
 * knowing any caller's secret:
 *
 *   1. imdsd_claim_read      what a request claims: whose key, of which day, region and service
 *   2. imdsd_call_new        the VerifyCaller request about it, for the issuer; send it over HTTPS
 *   3. imdsd_grant_read      the issuer's answer: who it is, and the key of that day, region and
 *                            service only
 *   4. imdsd_verifier_check  whether the request is signed by that key
 *
 * A grant is good for other requests with the same key id, session token and scope until
 * imdsd_grant_good_until; so 2 and 3 are rare. The library does no input or output of its own,
 * reads no clock and starts no thread.
 *
 * Ownership: what a `_new`, `_read` or `_from_key` function gives belongs to the caller, who ends
 * it by the `_free` function of its type, once; null is allowed there. Arguments are copied: they
 * need to live for the call only. Texts that an object gives live as long as the object. They are
 * not zero-terminated, and never null; absent ones are empty.
 *
 * Threads: objects do not change once they are made; any number of threads may use one at a time.
 *
 * No function throws. Failures are values of imdsd_status; `error`, where it is not null, then says
 * more, and `*out` is null. Times are seconds since 1970-01-01 00:00:00 UTC.
 */
#ifndef IMDSD_VERIFIER_H
#define IMDSD_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum imdsd_status {
    IMDSD_OK = 0,
    /** The request is not signed at all. */
    IMDSD_NOT_SIGNED = 1,
    /** It is, but not in a form that can be verified. SigV4A is none: it has no scoped keys. */
    IMDSD_MALFORMED = 2,
    /** The signature is not the one that the key makes; or a part that must be signed is not. */
    IMDSD_MISMATCH = 3,
    /** Signed too long ago, or the caller's session has ended. */
    IMDSD_EXPIRED = 4,
    /** The grant is for another key id, session token, day, region or service. */
    IMDSD_OTHER_CALLER = 5,
    /** The grant may no longer be used: ask the issuer again. */
    IMDSD_STALE = 6,
    /** The issuer does not know the caller. */
    IMDSD_UNKNOWN_CALLER = 7,
    /** The issuer refused the service's own call: its credentials, policies or parameters. */
    IMDSD_REFUSED = 8,
    /** The issuer did not answer properly; worth a retry. */
    IMDSD_UNAVAILABLE = 9,
    /** An argument is null or out of range. */
    IMDSD_BAD_ARGUMENT = 10,
    IMDSD_OUT_OF_MEMORY = 11,
    IMDSD_INTERNAL = 12
} imdsd_status;

/** Why something failed. Zero-terminated; the message is cut to fit. Holds nothing secret. */
typedef struct imdsd_error {
    /** AWS's code for it, fit for an answer: "SignatureDoesNotMatch"; may be empty. */
    char code[64];
    char message[512];
} imdsd_error;

typedef struct imdsd_text {
    const char* data;
    size_t size; /**< bytes */
} imdsd_text;

typedef struct imdsd_header {
    imdsd_text name;
    imdsd_text value; /**< without white space around it */
} imdsd_header;

/** A request as it was received. */
typedef struct imdsd_request {
    imdsd_text method; /**< "GET", as sent */
    imdsd_text target; /**< path and query, as sent: nothing decoded */
    const imdsd_header*
        headers;         /**< in the order in which they came; all that x-amz-… and signed */
    size_t header_count; /**< at most 1024 */
    imdsd_text body;     /**< whole, without transfer coding */
} imdsd_request;

/** How the service makes its canonical request. */
typedef enum imdsd_dialect {
    IMDSD_DIALECT_STANDARD = 0,     /**< paths are normalised and encoded twice; all but S3 */
    IMDSD_DIALECT_UNNORMALIZED = 1, /**< the same with dot segments and slashes kept */
    /** S3: the path is a key, encoded once. With UNSIGNED-PAYLOAD or STREAMING-… in
     *  x-amz-content-sha256 the signature says nothing about the body. A presigned request lives
     *  for its whole X-Amz-Expires, of seven days at most. */
    IMDSD_DIALECT_S3 = 2
} imdsd_dialect;

/* ------------------------------------------------------------------ the verifier of a service */

typedef struct imdsd_verifier imdsd_verifier;

typedef struct imdsd_verifier_options {
    size_t struct_size;         /**< sizeof(imdsd_verifier_options) */
    const char* service;        /**< required: the service of credential scopes, such as "s3" */
    const char* region;         /**< that scopes must name; null: any */
    int dialect;                /**< an imdsd_dialect */
    int32_t clock_skew_seconds; /**< 1 to 900; 0: 900. How far signing times may be off. */
} imdsd_verifier_options;

imdsd_status imdsd_verifier_new(const imdsd_verifier_options* options, imdsd_verifier** out,
                                imdsd_error* error);
void imdsd_verifier_free(imdsd_verifier* verifier);

/* ------------------------------------------------------------------ what a request claims */

/** Proves nothing: it says whom to ask the issuer about. */
typedef struct imdsd_claim imdsd_claim;

/** Checks all that needs no key: grammar, scope, times, `host` and every x-amz-… header signed.
 *  NOT_SIGNED, MALFORMED, MISMATCH, EXPIRED. */
imdsd_status imdsd_claim_read(const imdsd_verifier* verifier, const imdsd_request* request,
                              int64_t now, imdsd_claim** out, imdsd_error* error);
void imdsd_claim_free(imdsd_claim* claim);
imdsd_text imdsd_claim_access_key_id(const imdsd_claim* claim);
imdsd_text imdsd_claim_session_token(const imdsd_claim* claim); /**< empty: none */
imdsd_text imdsd_claim_date(const imdsd_claim* claim);          /**< YYYYMMDD */
imdsd_text imdsd_claim_region(const imdsd_claim* claim);
imdsd_text imdsd_claim_service(const imdsd_claim* claim);

/* ------------------------------------------------------------------ the call to the issuer */

/** A signed HTTP request: POST / with a form. Wiped when it is freed. */
typedef struct imdsd_call imdsd_call;

typedef struct imdsd_context_entry {
    const char* key;           /**< condition key, such as "aws:SourceIp" */
    const char* type;          /**< "string", "ip", …; with List for several: "stringList" */
    const char* const* values; /**< `value_count` of them */
    size_t value_count;
} imdsd_context_entry;

typedef struct imdsd_call_options {
    size_t struct_size;        /**< sizeof(imdsd_call_options) */
    const char* host;          /**< required: the issuer's Host header, with a port unless 443 */
    const char* region;        /**< of the issuer; null: us-east-1 */
    const char* access_key_id; /**< required: the service's own credentials */
    const char* secret_access_key; /**< required */
    const char* session_token;     /**< null: none */
    const char* action;            /**< "s3:GetObject": ask for a decision; null: do not */
    const char* resource;          /**< ARN or "*"; required with an action */
    const char* resource_owner;    /**< account; null: that of the ARN, else the caller's */
    const char* resource_policy;   /**< JSON text; null: none */
    const imdsd_context_entry* context;
    size_t context_count;
} imdsd_call_options;

imdsd_status imdsd_call_new(const imdsd_claim* claim, const imdsd_call_options* options,
                            int64_t now, imdsd_call** out, imdsd_error* error);
void imdsd_call_free(imdsd_call* call);
/** All headers but Content-Length. Null beyond the last. */
const imdsd_header* imdsd_call_header(const imdsd_call* call, size_t index);
size_t imdsd_call_header_count(const imdsd_call* call);
imdsd_text imdsd_call_body(const imdsd_call* call);

/* ------------------------------------------------------------------ what the issuer granted */

/** An identity, and the key of one day, region and service. Wiped when it is freed. */
typedef struct imdsd_grant imdsd_grant;

/** Reads the issuer's answer to a call that was made for `claim`. The answer's buffer holds the
 *  key: wipe it. UNKNOWN_CALLER, EXPIRED, REFUSED, UNAVAILABLE. */
imdsd_status imdsd_grant_read(const imdsd_claim* claim, int http_status, imdsd_text body,
                              int64_t now, imdsd_grant** out, imdsd_error* error);

/** A grant without an identity, of a key that came by another way. */
typedef struct imdsd_scoped_key {
    size_t struct_size;        /**< sizeof(imdsd_scoped_key) */
    const uint8_t* key;        /**< 32 bytes */
    const char* access_key_id; /**< required, as all but the token */
    const char* session_token; /**< null: requests must come without one */
    const char* date;          /**< YYYYMMDD */
    const char* region;
    const char* service;
    int64_t good_until; /**< from then on STALE */
} imdsd_scoped_key;
imdsd_status imdsd_grant_from_key(const imdsd_scoped_key* key, imdsd_grant** out,
                                  imdsd_error* error);
void imdsd_grant_free(imdsd_grant* grant);

imdsd_text imdsd_grant_arn(const imdsd_grant* grant);
imdsd_text imdsd_grant_account(const imdsd_grant* grant);
imdsd_text imdsd_grant_user_id(const imdsd_grant* grant);
imdsd_text imdsd_grant_access_key_id(const imdsd_grant* grant);
/** "User", "AssumedRole", "FederatedUser" or "Account" (its root). */
imdsd_text imdsd_grant_principal_type(const imdsd_grant* grant);
imdsd_text imdsd_grant_role_arn(const imdsd_grant* grant);
imdsd_text imdsd_grant_session_name(const imdsd_grant* grant);
imdsd_text imdsd_grant_source_identity(const imdsd_grant* grant);
size_t imdsd_grant_tag_count(const imdsd_grant* grant);
imdsd_text imdsd_grant_tag_key(const imdsd_grant* grant, size_t index);
imdsd_text imdsd_grant_tag_value(const imdsd_grant* grant, size_t index);
/** When the caller's session ends; 0: a long-term key. */
int64_t imdsd_grant_expiration(const imdsd_grant* grant);
/** From then on the grant is STALE: keys may have been revoked since. */
int64_t imdsd_grant_good_until(const imdsd_grant* grant);

typedef enum imdsd_decision {
    IMDSD_DECISION_NONE = 0, /**< was not asked for */
    IMDSD_DECISION_ALLOWED = 1,
    IMDSD_DECISION_IMPLICIT_DENY = 2,
    IMDSD_DECISION_EXPLICIT_DENY = 3
} imdsd_decision;
/** On what the call asked, at that time: for no other action, resource or context. */
imdsd_decision imdsd_grant_decision(const imdsd_grant* grant);

/* ------------------------------------------------------------------ the check */

/** IMDSD_OK: the request was signed, whole and lately, by the caller whom the grant names. Anything
 *  else: it must not be served. Takes the same time wherever a signature differs. */
imdsd_status imdsd_verifier_check(const imdsd_verifier* verifier, const imdsd_request* request,
                                  const imdsd_grant* grant, int64_t now, imdsd_error* error);

/** "signature mismatch"; a constant. */
const char* imdsd_status_text(imdsd_status status);

#ifdef __cplusplus
}
#endif

#endif
