#include "sts/session/sealed_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/secret.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "sts/session/byte_codec.hpp"

namespace sts {

namespace {

constexpr std::uint8_t envelope_version = 1;
constexpr std::size_t salt_size = 16;
constexpr std::size_t header_size = 1 + 2 + salt_size;

/// What the box is bound to, each part with its length.
std::string associated_data(std::uint16_t key_id, std::initializer_list<std::string_view> bound) {
    std::string out;
    out.push_back(char(envelope_version));
    out.push_back(char(key_id >> 8));
    out.push_back(char(key_id & 0xff));
    for (const std::string_view part : bound)
        put_text(out, part);
    return out;
}

/// The AES key and the nonce of one text.
struct text_keys {
    std::array<std::uint8_t, crypto::aead_key_size + crypto::aead_nonce_size> bytes{};

    text_keys(std::string_view key, std::string_view salt) {
        crypto::hkdf_sha256(key, salt, "one token", bytes.data(), bytes.size());
    }
    text_keys(const text_keys&) = delete;
    text_keys& operator=(const text_keys&) = delete;
    ~text_keys() { base::wipe(bytes.data(), bytes.size()); }

    std::string_view key() const { return {text(), crypto::aead_key_size}; }
    std::string_view nonce() const {
        return {text() + crypto::aead_key_size, crypto::aead_nonce_size};
    }
    const char* text() const { return reinterpret_cast<const char*>(bytes.data()); }
};

}  // namespace

std::string seal_bytes(key_ring::purpose what, std::initializer_list<std::string_view> bound,
                       std::string_view inside, const key_ring& ring, base::random& random) {
    const auto key = ring.sealing_key(what);
    std::string envelope(header_size, '\0');
    envelope[0] = char(envelope_version);
    envelope[1] = char(key.id >> 8);
    envelope[2] = char(key.id & 0xff);
    random.fill(std::as_writable_bytes(std::span(envelope).subspan(3)));
    const text_keys keys(key.bytes, std::string_view(envelope).substr(3));
    envelope += crypto::seal(keys.key(), keys.nonce(), associated_data(key.id, bound), inside);
    return envelope;
}

std::optional<std::string> open_bytes(key_ring::purpose what,
                                      std::initializer_list<std::string_view> bound,
                                      std::string_view envelope, const key_ring& ring) {
    const auto key_id = sealing_key_of(envelope);
    if (!key_id) return std::nullopt;
    const auto key = ring.opening_key(what, *key_id);
    if (!key) return std::nullopt;
    const text_keys keys(key->bytes, envelope.substr(3, salt_size));
    auto inside = crypto::open(keys.key(), keys.nonce(), associated_data(*key_id, bound),
                               envelope.substr(header_size));
    if (!inside) return std::nullopt;
    return std::move(*inside);
}

std::optional<std::uint16_t> sealing_key_of(std::string_view envelope) {
    if (envelope.size() < header_size + crypto::aead_tag_size ||
        envelope[0] != char(envelope_version))
        return std::nullopt;
    return std::uint16_t((std::uint8_t(envelope[1]) << 8) | std::uint8_t(envelope[2]));
}

}  // namespace sts
