#include "sts/session/wrapped_ring.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <boost/json/value.hpp>

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "encoding/json.hpp"
#include "sts/session/byte_codec.hpp"

namespace sts {

namespace {

namespace json = boost::json;

constexpr int envelope_version = 1;
constexpr std::size_t salt_size = 16;
constexpr std::size_t most_issuer_characters = 64;

base::error bad_envelope(const std::string& why) {
    return base::invalid("the wrapped key ring is not valid: " + why);
}

std::string associated_data(std::string_view issuer) {
    std::string out = "imdsd wrapped key ring";
    out.push_back(char(envelope_version));
    put_text(out, issuer);
    return out;
}

/// The AES key and the nonce of one text.
struct text_keys {
    std::array<std::uint8_t, crypto::aead_key_size + crypto::aead_nonce_size> bytes{};

    text_keys(const wrapping_key& key, std::string_view salt) {
        crypto::hkdf_sha256(key.reveal(), salt, "imdsd/1 wrapped key ring", bytes.data(),
                            bytes.size());
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

std::string_view text_of(const json::object& members, std::string_view name) {
    const json::value* found = members.if_contains(name);
    if (found == nullptr || !found->is_string()) return {};
    return {found->get_string().data(), found->get_string().size()};
}

std::string ids_of(std::span<const wrapping_key> keys) {
    std::string out;
    for (const wrapping_key& key : keys)
        out += (out.empty() ? "" : ", ") + key.check_id();
    return out.empty() ? "none" : out;
}

}  // namespace

std::string wrap_ring(const key_ring& ring, const wrapping_key& key, base::random& random) {
    std::string sealed(salt_size, '\0');
    random.fill(std::as_writable_bytes(std::span(sealed)));
    const text_keys keys(key, sealed);
    const base::secret inside = ring.serialise();
    sealed +=
        crypto::seal(keys.key(), keys.nonce(), associated_data(ring.issuer_id()), inside.reveal());
    return "{\"version\":" + std::to_string(envelope_version) +
           ",\"issuer\":" + encoding::json_quoted(ring.issuer_id()) + ",\"kek\":\"" +
           key.check_id() + "\",\"sealed\":\"" + encoding::base64(sealed) + "\"}\n";
}

base::result<unwrapped_ring> unwrap_ring(std::string_view text, std::span<const wrapping_key> keys,
                                         base::wall_time now) {
    const auto parsed = encoding::parse_json(text);
    if (!parsed || !parsed->is_object()) return bad_envelope("it is not a JSON object");
    const json::object& members = parsed->get_object();
    const json::value* version = members.if_contains("version");
    if (version == nullptr || *version != json::value(envelope_version))
        return bad_envelope("unknown version");
    const std::string_view issuer = text_of(members, "issuer");
    const std::string_view kek = text_of(members, "kek");
    const auto sealed = encoding::decode_base64(text_of(members, "sealed"));
    constexpr std::size_t known_members = 4;
    if (issuer.empty() || issuer.size() > most_issuer_characters || kek.empty() || !sealed ||
        members.size() != known_members)
        return bad_envelope("it must have exactly 'version', 'issuer', 'kek' and 'sealed'");
    if (sealed->size() < salt_size + crypto::aead_tag_size) return bad_envelope("cut off");

    const auto key = std::find_if(keys.begin(), keys.end(),
                                  [&](const wrapping_key& k) { return k.check_id() == kek; });
    if (key == keys.end()) {
        constexpr std::size_t shown = 16;
        return base::denied("the key ring is wrapped by another key (" +
                            encoding::json_quoted(kek.substr(0, shown)) + ") than those given (" +
                            ids_of(keys) + ")");
    }
    const std::string_view box(*sealed);
    const text_keys derived(*key, box.substr(0, salt_size));
    auto inside = crypto::open(derived.key(), derived.nonce(), associated_data(issuer),
                               box.substr(salt_size));
    if (!inside)
        return bad_envelope("it is damaged (wrapped by the key given, " + key->check_id() +
                            ", but changed since)");
    const base::secret content(*inside);
    base::wipe(inside->data(), inside->size());
    auto ring = key_ring::parse(content.reveal(), now);
    if (!ring) return ring.error();
    if (ring->issuer_id() != issuer) return bad_envelope("it holds the ring of another issuer");
    const base::secret present = ring->serialise();
    const bool rewrap = key != keys.begin() || present.reveal() != content.reveal();
    return unwrapped_ring{std::move(*ring), rewrap};
}

}  // namespace sts
