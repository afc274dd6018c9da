#include "sts/session/session_token.hpp"

#include <array>
#include <cstddef>

#include "aws/identifiers.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "sts/wire_error.hpp"

namespace sts {

namespace {

constexpr std::uint8_t envelope_version = 1;
constexpr std::size_t salt_size = 16;
constexpr std::size_t header_size = 1 + 2 + salt_size;

/// Clears a buffer that held a secret, on every way out.
struct wiped {
    std::string& bytes;
    ~wiped() { base::wipe(bytes.data(), bytes.size()); }
};

void put_text(std::string& out, std::string_view text) {
    out.push_back(char(text.size() >> 8));
    out.push_back(char(text.size() & 0xff));
    out.append(text);
}

void put_time(std::string& out, base::wall_time time) {
    const auto value = std::uint64_t(time.time_since_epoch().count());
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(char((value >> shift) & 0xff));
}

/// Reads what the functions above wrote; `ok` stays false after the first bad byte.
class reader {
public:
    explicit reader(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t size) {
        if (rest_.size() < size) {
            ok_ = false;
            rest_ = {};
            return {};
        }
        const std::string_view out = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return out;
    }
    std::uint64_t number(std::size_t size) {
        std::uint64_t out = 0;
        for (const char c : take(size))
            out = (out << 8) | std::uint8_t(c);
        return out;
    }
    std::string text() { return std::string(take(number(2))); }
    base::wall_time time() { return base::wall_time(base::milliseconds(std::int64_t(number(8)))); }
    bool complete() const { return ok_ && rest_.empty(); }
    bool ok() const { return ok_; }

private:
    std::string_view rest_;
    bool ok_ = true;
};

/// What the box is bound to, each part with its length.
std::string associated_data(std::uint16_t key_id, std::string_view partition,
                            std::string_view issuer, std::string_view account,
                            std::string_view access_key_id) {
    std::string out;
    out.push_back(char(envelope_version));
    out.push_back(char(key_id >> 8));
    out.push_back(char(key_id & 0xff));
    for (const std::string_view part : {partition, issuer, account, access_key_id})
        put_text(out, part);
    return out;
}

/// The AES key and the nonce of one token.
struct token_keys {
    std::array<std::uint8_t, crypto::aead_key_size + crypto::aead_nonce_size> bytes{};

    token_keys(std::string_view key, std::string_view salt) {
        crypto::hkdf_sha256(key, salt, "one token", bytes.data(), bytes.size());
    }
    token_keys(const token_keys&) = delete;
    token_keys& operator=(const token_keys&) = delete;
    ~token_keys() { base::wipe(bytes.data(), bytes.size()); }

    std::string_view key() const { return {text(), crypto::aead_key_size}; }
    std::string_view nonce() const {
        return {text() + crypto::aead_key_size, crypto::aead_nonce_size};
    }
    const char* text() const { return reinterpret_cast<const char*>(bytes.data()); }
};

base::error invalid_token() {
    return wire_error("InvalidClientTokenId",
                      "The security token included in the request is invalid");
}

}  // namespace

std::string encode_session(const session& facts) {
    std::string out;
    out.reserve(256 + facts.policy.size());
    out.push_back(char(facts.kind));
    put_time(out, facts.issued);
    put_time(out, facts.expires);
    put_text(out, facts.secret_access_key.reveal());
    put_text(out, facts.account);
    put_text(out, facts.principal_id);
    put_text(out, facts.role_path);
    put_text(out, facts.role_name);
    put_text(out, facts.session_name);
    put_text(out, facts.session_id);
    put_text(out, facts.source_identity);
    put_text(out, facts.policy);
    out.push_back(char(facts.tags.size()));
    for (const session_tag& tag : facts.tags) {
        out.push_back(char(tag.transitive));
        put_text(out, tag.key);
        put_text(out, tag.value);
    }
    return out;
}

base::result<session> decode_session(std::string_view bytes) {
    reader in(bytes);
    session out;
    out.kind = session::type(in.number(1));
    out.issued = in.time();
    out.expires = in.time();
    out.secret_access_key = base::secret(in.take(in.number(2)));
    out.account = in.text();
    out.principal_id = in.text();
    out.role_path = in.text();
    out.role_name = in.text();
    out.session_name = in.text();
    out.session_id = in.text();
    out.source_identity = in.text();
    out.policy = in.text();
    const auto tags = in.number(1);
    for (std::uint64_t i = 0; i < tags && in.ok(); ++i) {
        const auto transitive = in.number(1);
        if (transitive > 1) return base::invalid("not the inside of a session token");
        std::string key = in.text();
        std::string value = in.text();
        out.tags.push_back({std::move(key), std::move(value), transitive == 1});
    }
    const bool known = out.kind == session::type::assumed_role ||
                       out.kind == session::type::instance_identity;
    if (!in.complete() || !known)
        return base::invalid("not the inside of a session token");
    return out;
}

base::secret seal_session(const session& facts, std::string_view access_key_id,
                          std::string_view partition, const key_ring& ring, base::random& random) {
    const auto key = ring.sealing_key(key_ring::purpose::session_token);
    std::string envelope(header_size, '\0');
    envelope[0] = char(envelope_version);
    envelope[1] = char(key.id >> 8);
    envelope[2] = char(key.id & 0xff);
    random.fill(std::as_writable_bytes(std::span(envelope).subspan(3)));
    const token_keys keys(key.bytes, std::string_view(envelope).substr(3));
    const std::string bound =
        associated_data(key.id, partition, ring.issuer_id(), facts.account, access_key_id);
    std::string inside = encode_session(facts);
    const wiped guard{inside};
    envelope += crypto::seal(keys.key(), keys.nonce(), bound, inside);
    return base::secret(encoding::base64(envelope));
}

base::result<session> open_session(std::string_view token, std::string_view access_key_id,
                                   std::string_view partition, const key_ring& ring,
                                   base::wall_time now) {
    if (token.size() > max_session_token_characters) return invalid_token();
    const auto envelope = encoding::decode_base64(token);
    if (!envelope || envelope->size() < header_size + crypto::aead_tag_size ||
        (*envelope)[0] != char(envelope_version))
        return invalid_token();
    const auto key_id =
        std::uint16_t((std::uint8_t((*envelope)[1]) << 8) | std::uint8_t((*envelope)[2]));
    const auto key = ring.opening_key(key_ring::purpose::session_token, key_id);
    const auto account = aws::account_of_access_key(access_key_id);
    if (!key || !account) return invalid_token();
    const std::string_view bytes = *envelope;
    const token_keys keys(key->bytes, bytes.substr(3, salt_size));
    const std::string bound =
        associated_data(key_id, partition, ring.issuer_id(), *account, access_key_id);
    auto inside = crypto::open(keys.key(), keys.nonce(), bound, bytes.substr(header_size));
    if (!inside) return invalid_token();
    const wiped guard{*inside};
    auto facts = decode_session(*inside);
    if (!facts || facts->account != *account) return invalid_token();
    if (now >= facts->expires)
        return wire_error("ExpiredToken", "The security token included in the request is expired");
    return facts;
}

}  // namespace sts
