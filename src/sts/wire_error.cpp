#include "sts/wire_error.hpp"

namespace sts {

namespace {

struct row {
    std::string_view code;
    unsigned status;
    base::error_kind kind;
};

using kind = base::error_kind;

constexpr row table[] = {
    {"AccessDenied", 403, kind::denied},
    {"ConcurrentModification", 409, kind::unavailable},
    {"DeleteConflict", 409, kind::invalid},
    {"EntityAlreadyExists", 409, kind::invalid},
    {"EntityTemporarilyUnmodifiable", 409, kind::unavailable},
    {"ExpiredCaller", 403, kind::expired},
    {"ExpiredToken", 403, kind::expired},
    {"IncompleteSignature", 400, kind::invalid},
    {"InternalFailure", 500, kind::internal},
    {"InvalidAction", 400, kind::invalid},
    {"InvalidAuthorizationMessageException", 400, kind::invalid},
    {"InvalidClientTokenId", 403, kind::denied},
    {"InvalidInput", 400, kind::invalid},
    {"InvalidParameterCombination", 400, kind::invalid},
    {"InvalidParameterValue", 400, kind::invalid},
    {"LimitExceeded", 409, kind::exhausted},
    {"MalformedHttpRequestException", 400, kind::invalid},
    {"MalformedInput", 400, kind::invalid},
    {"MalformedPolicyDocument", 400, kind::invalid},
    {"MalformedQueryString", 400, kind::invalid},
    {"MethodNotAllowed", 405, kind::invalid},
    {"MissingAction", 400, kind::invalid},
    {"MissingAuthenticationToken", 403, kind::denied},
    {"NoSuchEntity", 404, kind::not_found},
    {"OutboundWebIdentityFederationDisabledException", 403, kind::denied},
    {"PackedPolicyTooLarge", 400, kind::invalid},
    {"PolicyNotAttachable", 400, kind::invalid},
    {"RegionDisabledException", 403, kind::denied},
    {"RequestEntityTooLarge", 413, kind::exhausted},
    {"RequestExpired", 400, kind::expired},
    {"RequestTimeout", 408, kind::unavailable},
    {"ServiceUnavailable", 503, kind::unavailable},
    {"SignatureDoesNotMatch", 403, kind::denied},
    {"Throttling", 400, kind::exhausted},
    {"UnknownCaller", 403, kind::denied},
    {"UnmodifiableEntity", 400, kind::invalid},
    {"ValidationError", 400, kind::invalid},
};

const row* find(std::string_view code) {
    for (const row& r : table) {
        if (r.code == code) return &r;
    }
    return nullptr;
}

}  // namespace

base::error wire_error(std::string_view code, std::string message) {
    const row* known = find(code);
    return {known == nullptr ? kind::internal : known->kind, std::move(message), std::string(code)};
}

unsigned status_of(std::string_view code) {
    const row* known = find(code);
    return known == nullptr ? 500 : known->status;
}

}  // namespace sts
