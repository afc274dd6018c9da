#include "jose/jws.hpp"

#include "encoding/json.hpp"
#include "jose/base64url.hpp"

namespace jose {

namespace json = boost::json;

namespace {

constexpr std::size_t most_header_depth = 8;

base::error malformed(std::string what) {
    return base::invalid("token is malformed: " + std::move(what));
}

base::result<void> read_header(std::string_view text, jws& into) {
    const auto root = encoding::parse_json(text, {most_header_depth, most_header_bytes});
    if (!root) return malformed("could not JSON decode header: " + root.error().message);
    if (!root->is_object()) return malformed("could not JSON decode header: no object");
    const json::object& header = root->as_object();
    if (header.contains("crit") || header.contains("b64"))
        return base::invalid("token is unverifiable: it needs an extension that is not known here");
    const json::value* alg = header.if_contains("alg");
    if (!alg || !alg->is_string())
        return base::invalid("token is unverifiable: signing method (alg) is unspecified");
    const auto known = algorithm_of(std::string_view(alg->as_string()));
    if (!known) return base::invalid("token is unverifiable: signing method (alg) is unavailable");
    into.alg = *known;
    if (const json::value* kid = header.if_contains("kid")) {
        if (!kid->is_string() || kid->as_string().size() > longest_kid)
            return malformed("its key id (kid) is no text of a usual length");
        into.kid = std::string(kid->as_string());
    }
    return {};
}

}  // namespace

base::result<jws> parse_jws(std::string_view text) {
    if (text.size() > most_token_bytes) {
        return base::exhausted("token is malformed: it is longer than " +
                               std::to_string(most_token_bytes) + " bytes");
    }
    const auto first = text.find('.');
    const auto second = first == text.npos ? text.npos : text.find('.', first + 1);
    if (second == text.npos || text.find('.', second + 1) != text.npos)
        return malformed("token contains an invalid number of segments");
    jws parsed;
    const auto header = decode_base64url(text.substr(0, first));
    if (!header) return malformed("could not base64 decode header: " + header.error().message);
    if (const auto read = read_header(*header, parsed); !read) return read.error();
    auto payload = decode_base64url(text.substr(first + 1, second - first - 1));
    if (!payload) return malformed("could not base64 decode claim: " + payload.error().message);
    auto signature = decode_base64url(text.substr(second + 1));
    if (!signature)
        return malformed("could not base64 decode signature: " + signature.error().message);
    parsed.signing_input = text.substr(0, second);
    parsed.payload = std::move(*payload);
    parsed.signature = std::move(*signature);
    return parsed;
}

base::result<void> verify(const jws& signed_text, const jwk_set& keys) {
    const jwk* key = find_key(keys, signed_text.alg, signed_text.kid);
    if (!key) {
        return base::not_found(signed_text.kid
                                   ? "no key with the token's key id and algorithm"
                                   : "the token names no key, and there is not just one");
    }
    if (!verify(signed_text.alg, key->key, signed_text.signing_input, signed_text.signature))
        return base::denied("the signature is not valid");
    return {};
}

}  // namespace jose
