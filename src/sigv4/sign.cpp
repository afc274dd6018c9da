#include <algorithm>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "sigv4/parameters.hpp"
#include "sigv4/sigv4.hpp"

namespace sigv4 {
namespace {

std::string string_to_sign(std::string_view canonical, const claim& claim) {
    const scope& scope = claim.credential_scope;
    std::string out;
    out.reserve(256);
    out.append(name_of(claim.signed_by)).append(1, '\n').append(claim.timestamp).append(1, '\n');
    out.append(scope.date).append(1, '/');
    if (claim.signed_by == algorithm::hmac) out.append(scope.region).append(1, '/');
    out.append(scope.service).append(1, '/').append(scope_terminator).append(1, '\n');
    return out += encoding::hex(crypto::as_text(crypto::sha256(canonical)));
}

std::string hmac_signature(const std::string& to_sign, const crypto::digest256& key) {
    return encoding::hex(crypto::as_text(crypto::hmac_sha256(crypto::as_text(key), to_sign)));
}

std::string hmac_signature(const std::string& to_sign, const scope& scope,
                           std::string_view secret_access_key) {
    crypto::digest256 key = signing_key(secret_access_key, scope);
    std::string out = hmac_signature(to_sign, key);
    base::wipe(key.data(), key.size());
    return out;
}

/// Adds one. False: the number is above n - 2, n being the order of P-256.
bool to_private_number(crypto::digest256& number) {
    // FIPS 186-4, D.1.2.3, minus two
    constexpr crypto::digest256 limit = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                         0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x4f};
    if (number > limit) return false;
    for (std::size_t i = number.size(); i-- > 0 && ++number[i] == 0;) {
    }
    return true;
}

bool verify(const std::string& to_sign, const claim& claim, const crypto::digest256& key) {
    return claim.signed_by == algorithm::hmac &&
           crypto::constant_time_equal(hmac_signature(to_sign, key), claim.signature);
}

bool verify(const std::string& to_sign, const claim& claim, std::string_view secret_access_key) {
    if (claim.signed_by == algorithm::hmac) {
        return crypto::constant_time_equal(
            hmac_signature(to_sign, claim.credential_scope, secret_access_key), claim.signature);
    }
    const auto der = encoding::decode_hex(claim.signature);
    return der && asymmetric_key(secret_access_key, claim.access_key_id)
                      .verify(crypto::signature_scheme::ecdsa_der, crypto::hash_function::sha256,
                              to_sign, *der);
}

/// `Key`: the secret, or the scope's signing key.
template <class Key>
base::result<bool> matches_with(const http::request& request, const claim& claim, const Key& key,
                                token_place token) {
    const auto canonical = canonical_request(request, claim, token);
    if (!canonical) return canonical.error();
    return verify(string_to_sign(*canonical, claim), claim, key);
}

template <class Key>
base::result<bool> matches_any(const http::request& request, const claim& claim, const Key& key) {
    auto same = matches_with(request, claim, key, token_place::inside);
    const bool token_may_be_outside = claim.how == claim::form::presigned && claim.session_token &&
                                      claim.session_token_may_be_unsigned;
    if (!same || *same || !token_may_be_outside) return same;
    return matches_with(request, claim, key, token_place::outside);
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

crypto::public_key asymmetric_key(std::string_view secret_access_key,
                                  std::string_view access_key_id) {
    using namespace std::string_view_literals;
    std::string key;
    key.reserve(5 + secret_access_key.size());
    key.append("AWS4A").append(secret_access_key);
    // The KDF's own counter (one block is enough), label, separator, context, length in bits.
    std::string input("\0\0\0\1"sv);
    input.append(asymmetric_algorithm_name).append(1, '\0').append(access_key_id);
    const std::size_t counter = input.size();
    input.append("\1\0\0\1\0"sv);
    crypto::digest256 number = crypto::hmac_sha256(key, input);
    // One in 2^32 keys needs a second round.
    while (!to_private_number(number)) {
        ++input[counter];
        number = crypto::hmac_sha256(key, input);
    }
    base::wipe(key.data(), key.size());
    auto made = crypto::public_key::of_p256_private(crypto::as_text(number));
    base::wipe(number.data(), number.size());
    return std::move(*made);
}

base::result<bool> matches(const http::request& request, const claim& claim,
                           std::string_view secret_access_key) {
    return matches_any(request, claim, secret_access_key);
}

base::result<bool> matches(const http::request& request, const claim& claim,
                           const crypto::digest256& signing_key) {
    return matches_any(request, claim, signing_key);
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
    const auto canonical = canonical_request(request, claim);
    if (!canonical) return canonical.error();
    const std::string signature =
        hmac_signature(string_to_sign(*canonical, claim), scope, secret_access_key);

    std::string out(algorithm_name);
    out.append(" Credential=").append(access_key_id).append(1, '/').append(scope.date);
    out.append(1, '/').append(scope.region).append(1, '/').append(scope.service).append(1, '/');
    out.append(scope_terminator).append(", SignedHeaders=");
    for (const std::string& name : claim.signed_headers) {
        if (&name != &claim.signed_headers.front()) out += ';';
        out += name;
    }
    return std::move(out.append(", Signature=").append(signature));
}

}  // namespace sigv4
