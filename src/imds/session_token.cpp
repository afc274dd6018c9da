#include "imds/session_token.hpp"

#include <array>
#include <cstring>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace imds {

namespace {

constexpr std::size_t header_size = 4;
constexpr std::size_t expiry_size = 8;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t mac_size = 16;
constexpr std::size_t claims_size = header_size + expiry_size + nonce_size;
constexpr std::size_t token_size = claims_size + mac_size;
constexpr std::size_t longest_subject = 64;

/// claims || subject, MACed with the full hash and truncated.
std::string mac(std::string_view key, std::string_view claims, token_subject subject) {
    std::array<char, claims_size + longest_subject> input;
    std::memcpy(input.data(), claims.data(), claims_size);
    std::memcpy(input.data() + claims_size, subject.data(), subject.size());
    const auto digest =
        crypto::hmac_sha256(key, std::string_view(input.data(), claims_size + subject.size()));
    return std::string(crypto::as_text(digest).substr(0, mac_size));
}

}  // namespace

token_authority::token_authority(std::string_view persisted_secret, std::string_view boot_id) {
    std::array<std::uint8_t, 34> material;
    crypto::hkdf_sha256(persisted_secret, boot_id, "imdsd imds session token v1", material.data(),
                        material.size());
    key_ = base::secret(std::string_view(reinterpret_cast<const char*>(material.data()), 32));
    // Below 0x4000, so that every token starts with "AQA" as EC2's do.
    key_id_ = std::uint16_t(((material[32] << 8) | material[33]) & 0x3fff);
    base::wipe(material.data(), material.size());
}

std::string token_authority::issue(base::seconds life, base::boot_time now, token_subject subject,
                                   base::random& random) const {
    if (subject.size() > longest_subject) return {};
    std::array<char, claims_size> claims;
    claims[0] = 1;
    claims[1] = 0;
    claims[2] = char(key_id_ >> 8);
    claims[3] = char(key_id_ & 0xff);
    const auto expiry = std::uint64_t((now + life).time_since_epoch().count());
    for (std::size_t i = 0; i < expiry_size; ++i) {
        claims[header_size + i] = char(expiry >> (56 - 8 * i));
    }
    random.fill(
        std::as_writable_bytes(std::span(claims.data() + header_size + expiry_size, nonce_size)));
    std::string token(claims.data(), claims.size());
    token += mac(key_.reveal(), token, subject);
    return encoding::base64url(token, true);
}

base::result<base::boot_time> token_authority::verify(std::string_view text, base::boot_time now,
                                                      token_subject subject) const {
    const auto refused = [] { return base::denied("the session token is not valid"); };
    if (text.size() != token_text_size || subject.size() > longest_subject) return refused();
    const auto token = encoding::decode_base64url(text);
    if (!token || token->size() != token_size) return refused();
    const std::string_view claims = std::string_view(*token).substr(0, claims_size);
    if (!crypto::constant_time_equal(std::string_view(*token).substr(claims_size),
                                     mac(key_.reveal(), claims, subject))) {
        return refused();
    }
    const auto byte = [&claims](std::size_t i) { return std::uint8_t(claims[i]); };
    if (byte(0) != 1 || byte(1) != 0 || ((byte(2) << 8) | byte(3)) != key_id_) return refused();
    std::uint64_t expiry = 0;
    for (std::size_t i = 0; i < expiry_size; ++i)
        expiry = expiry << 8 | byte(header_size + i);
    const base::boot_time expires{base::milliseconds(std::int64_t(expiry))};
    // More life than any token is given: the clock it was made by is not this one (another time
    // namespace of the same boot).
    if (now >= expires || expires - now > longest_token_life) return refused();
    return expires;
}

}  // namespace imds
