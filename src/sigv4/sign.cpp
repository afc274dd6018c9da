#include <algorithm>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "sigv4/parameters.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {
namespace {

base::result<std::string> signature_of(const http::request& request, const claim& claim,
                                       std::string_view secret_access_key) {
    const auto canonical = canonical_request(request, claim);
    if (!canonical) return canonical.error();

    const scope& scope = claim.credential_scope;
    std::string to_sign;
    to_sign.reserve(256);
    to_sign.append(algorithm_name).append(1, '\n').append(claim.timestamp).append(1, '\n');
    to_sign.append(scope.date).append(1, '/').append(scope.region).append(1, '/');
    to_sign.append(scope.service).append(1, '/').append(scope_terminator).append(1, '\n');
    to_sign += encoding::hex(crypto::as_text(crypto::sha256(*canonical)));

    crypto::digest256 key = signing_key(secret_access_key, scope);
    const crypto::digest256 signature = crypto::hmac_sha256(crypto::as_text(key), to_sign);
    base::wipe(key.data(), key.size());
    return encoding::hex(crypto::as_text(signature));
}

}  // namespace

crypto::digest256 signing_key(std::string_view secret_access_key, const scope& scope) {
    std::string start;
    start.reserve(4 + secret_access_key.size());  // one block, so that one wipe gets it all
    start.append("AWS4").append(secret_access_key);
    crypto::digest256 key = crypto::hmac_sha256(start, scope.date);
    base::wipe(start.data(), start.size());
    for (const std::string_view part :
         {std::string_view(scope.region), std::string_view(scope.service), scope_terminator}) {
        key = crypto::hmac_sha256(crypto::as_text(key), part);
    }
    return key;
}

base::result<bool> matches(const http::request& request, const claim& claim,
                           std::string_view secret_access_key) {
    const auto expected = signature_of(request, claim, secret_access_key);
    if (!expected) return expected.error();
    return crypto::constant_time_equal(*expected, claim.signature);
}

base::result<std::string> authorization(const http::request& request, const scope& scope,
                                        std::string_view timestamp, std::string_view access_key_id,
                                        std::string_view secret_access_key,
                                        const std::vector<std::string>& signed_headers) {
    std::string listed;
    for (const std::string& name : signed_headers) {
        if (!listed.empty()) listed += ';';
        listed += name;
    }
    auto names = parse_signed_headers(listed);
    if (!names) return names.error();
    for (const char* required : {"host", "x-amz-date"}) {
        if (!std::binary_search(names->begin(), names->end(), std::string_view(required))) {
            return base::invalid(std::string(required) + " must be signed");
        }
    }
    for (const std::string& name : *names) {
        if (request.find(name) == nullptr) return base::invalid("no field " + name + " to sign");
    }
    if (request.find("x-amz-date")->value != timestamp) {
        return base::invalid("the x-amz-date field is not the time of signing");
    }

    claim claim;
    claim.credential_scope = scope;
    claim.timestamp = timestamp;
    claim.signed_headers = std::move(*names);
    const auto signature = signature_of(request, claim, secret_access_key);
    if (!signature) return signature.error();

    std::string out(algorithm_name);
    out.append(" Credential=").append(access_key_id).append(1, '/').append(scope.date);
    out.append(1, '/').append(scope.region).append(1, '/').append(scope.service).append(1, '/');
    out.append(scope_terminator).append(", SignedHeaders=");
    for (const std::string& name : claim.signed_headers) {
        if (&name != &claim.signed_headers.front()) out += ';';
        out += name;
    }
    return std::move(out.append(", Signature=").append(*signature));
}

}  // namespace sigv4
