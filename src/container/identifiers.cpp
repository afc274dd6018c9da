#include "container/identifiers.hpp"

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace container {

namespace {

crypto::digest256 derive(std::string_view secret, std::string_view purpose,
                         std::string_view binding) {
    std::string input(purpose);
    input += '\0';
    input += binding;
    return crypto::hmac_sha256(secret, input);
}

/// RFC 9562 §5.8: version 8, "vendor-specific"; clients take any UUID.
std::string uuid(crypto::digest256 bits) {
    bits[6] = std::uint8_t((bits[6] & 0x0f) | 0x80);
    bits[8] = std::uint8_t((bits[8] & 0x3f) | 0x80);
    std::string text = encoding::hex(crypto::as_text(bits).substr(0, 16));
    for (const std::size_t at : {20, 16, 12, 8})
        text.insert(at, 1, '-');
    return text;
}

}  // namespace

binding_identifiers identifier_mint::mint(std::string_view binding) const {
    const std::string_view key = secret_.reveal();
    binding_identifiers made;
    made.credentials_id = uuid(derive(key, "credentials-id", binding));
    made.endpoint_id = uuid(derive(key, "endpoint-id", binding));
    const auto token = derive(key, "authorization-token", binding);
    std::string text = encoding::base64url(crypto::as_text(token), false);
    made.token = base::secret(text);
    base::wipe(text.data(), text.size());
    return made;
}

bool same_identifier(std::string_view shown, std::string_view own) {
    return !own.empty() && crypto::constant_time_equal(shown, own);
}

}  // namespace container
