#include "sts/session/key_ring.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include <boost/json/value.hpp>

#include "crypto/hash.hpp"
#include "encoding/base64.hpp"
#include "encoding/json.hpp"

namespace sts {

namespace {

namespace json = boost::json;

constexpr std::size_t issuer_id_size = 8;
constexpr int format_version = 1;

struct phase_name {
    key_phase phase;
    std::string_view name;
};
constexpr phase_name phase_names[] = {{key_phase::published, "published"},
                                      {key_phase::active, "active"},
                                      {key_phase::verify_only, "verify_only"},
                                      {key_phase::retired, "retired"},
                                      {key_phase::revoked, "revoked"}};

std::string_view name_of(key_phase phase) {
    for (const phase_name& p : phase_names) {
        if (p.phase == phase) return p.name;
    }
    return "revoked";
}

base::secret random_secret(base::random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    base::secret out(bytes);
    base::wipe(bytes.data(), bytes.size());
    return out;
}

/// Nothing unless it is base64 of exactly `size` bytes.
base::secret decoded_secret(const json::value* value, std::size_t size) {
    if (value == nullptr || !value->is_string()) return {};
    const json::string& text = value->get_string();
    auto bytes = encoding::decode_base64({text.data(), text.size()});
    if (!bytes) return {};
    base::secret out;
    if (bytes->size() == size) out = base::secret(*bytes);
    base::wipe(bytes->data(), bytes->size());
    return out;
}

base::error bad_ring(const char* what) {
    return base::invalid(std::string("the key ring is not valid: ") + what);
}

}  // namespace

std::string_view key_ring::key::derived(purpose what) const {
    switch (what) {
        case purpose::session_token:
            return session_token.reveal();
        case purpose::authorization_message:
            return authorization_message.reveal();
    }
    throw std::logic_error("a key for no purpose");
}

key_ring::key key_ring::make_key(std::uint16_t id, key_phase phase, base::secret secret) {
    const auto derive = [&](std::string_view info) {
        std::array<std::uint8_t, secret_size> bytes{};
        crypto::hkdf_sha256(secret.reveal(), {}, info, bytes.data(), bytes.size());
        base::secret out({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        base::wipe(bytes.data(), bytes.size());
        return out;
    };
    base::secret token = derive("imdsd/1 session token");
    base::secret message = derive("imdsd/1 authorization message");
    return {id, phase, std::move(secret), std::move(token), std::move(message)};
}

key_ring::key_ring(const key_ring& other)
    : issuer_id_(other.issuer_id_), identity_secret_(other.identity_secret_.clone()) {
    keys_.reserve(other.keys_.size());
    for (const key& k : other.keys_)
        keys_.push_back({k.id, k.phase, k.secret.clone(), k.session_token.clone(),
                         k.authorization_message.clone()});
}

key_ring key_ring::generate(base::random& random) {
    key_ring ring;
    ring.issuer_id_ = encoding::hex(random_secret(random, issuer_id_size).reveal());
    ring.identity_secret_ = random_secret(random, secret_size);
    ring.keys_.push_back(make_key(1, key_phase::active, random_secret(random, secret_size)));
    return ring;
}

base::result<key_ring> key_ring::parse(std::string_view text) {
    auto parsed = encoding::parse_json(text);
    if (!parsed || !parsed->is_object()) return bad_ring("it is not a JSON object");
    const encoding::wiped_texts guard(*parsed);
    const json::object& members = parsed->get_object();
    const json::value* version = members.if_contains("version");
    if (version == nullptr || *version != json::value(format_version))
        return bad_ring("unknown version");
    key_ring ring;
    const json::value* issuer = members.if_contains("issuer");
    if (issuer == nullptr || !issuer->is_string() || issuer->get_string().empty())
        return bad_ring("'issuer' is missing");
    ring.issuer_id_ = issuer->get_string().c_str();
    ring.identity_secret_ = decoded_secret(members.if_contains("identity"), secret_size);
    if (ring.identity_secret_.empty()) return bad_ring("'identity' must be 32 bytes of base64");
    const json::value* keys = members.if_contains("keys");
    if (keys == nullptr || !keys->is_array() || keys->get_array().size() > max_keys)
        return bad_ring("'keys' must be a list");
    std::size_t active = 0;
    for (const json::value& item : keys->get_array()) {
        if (!item.is_object()) return bad_ring("a key is not an object");
        const json::object& k = item.get_object();
        const json::value* id = k.if_contains("id");
        const json::value* phase = k.if_contains("phase");
        if (id == nullptr || !id->is_int64() || id->get_int64() < 1 || id->get_int64() > 0xffff)
            return bad_ring("a key's id must be 1 to 65535");
        const auto number = std::uint16_t(id->get_int64());
        if (ring.find(number) != nullptr) return bad_ring("a key id occurs twice");
        const auto* known =
            std::find_if(std::begin(phase_names), std::end(phase_names), [&](const phase_name& p) {
                return phase != nullptr && phase->is_string() && phase->get_string() == p.name;
            });
        if (known == std::end(phase_names)) return bad_ring("a key has an unknown phase");
        active += known->phase == key_phase::active;
        base::secret secret = decoded_secret(k.if_contains("secret"), secret_size);
        if (secret.empty()) return bad_ring("a key's secret must be 32 bytes of base64");
        ring.keys_.push_back(make_key(number, known->phase, std::move(secret)));
    }
    if (active != 1) return bad_ring("exactly one key must be active");
    return ring;
}

base::secret key_ring::serialise() const {
    constexpr std::size_t of_each = 128;  // names, and a secret in base64
    std::string out;
    out.reserve((2 + keys_.size()) * of_each + issuer_id_.size());
    const auto add_secret = [&out](const base::secret& bytes) {
        std::string text = encoding::base64(bytes.reveal());
        out += text;
        base::wipe(text.data(), text.size());
    };
    out += "{\"version\":" + std::to_string(format_version) +
           ",\"issuer\":" + encoding::json_quoted(issuer_id_) + ",\"identity\":\"";
    add_secret(identity_secret_);
    out += "\",\"keys\":[";
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        const key& k = keys_[i];
        if (i != 0) out += ',';
        out += "{\"id\":" + std::to_string(k.id) + ",\"phase\":\"" + std::string(name_of(k.phase)) +
               "\",\"secret\":\"";
        add_secret(k.secret);
        out += "\"}";
    }
    out += "]}\n";
    base::secret secret(out);
    base::wipe(out.data(), out.size());
    return secret;
}

key_ring::key* key_ring::find(std::uint16_t id) {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [id](const key& k) { return k.id == id; });
    return found == keys_.end() ? nullptr : &*found;
}

const key_ring::key* key_ring::find(std::uint16_t id) const {
    return const_cast<key_ring*>(this)->find(id);
}

base::result<std::uint16_t> key_ring::add(base::random& random) {
    if (keys_.size() >= max_keys) return base::exhausted("the key ring is full");
    std::uint16_t id = 0;
    for (const key& k : keys_)
        id = std::max(id, k.id);
    if (id == 0xffff) return base::exhausted("the key ids are used up");
    ++id;
    keys_.push_back(make_key(id, key_phase::published, random_secret(random, secret_size)));
    return id;
}

base::result<void> key_ring::activate(std::uint16_t id) {
    key* next = find(id);
    if (next == nullptr) return base::not_found("no such key");
    if (next->phase == key_phase::active) return {};
    if (next->phase != key_phase::published && next->phase != key_phase::verify_only)
        return base::invalid("a retired or revoked key cannot become active");
    for (key& k : keys_) {
        if (k.phase == key_phase::active) k.phase = key_phase::verify_only;
    }
    next->phase = key_phase::active;
    return {};
}

base::result<void> key_ring::set_phase(std::uint16_t id, key_phase phase) {
    if (phase == key_phase::active) return activate(id);
    key* found = find(id);
    if (found == nullptr) return base::not_found("no such key");
    if (found->phase == key_phase::active)
        return base::invalid("the active key must be replaced first");
    found->phase = phase;
    return {};
}

base::result<std::uint16_t> key_ring::rotate(base::random& random) {
    auto id = add(random);
    if (!id) return id.error();
    if (auto done = activate(*id); !done) return done.error();
    return *id;
}

std::vector<key_ring::key_status> key_ring::status() const {
    std::vector<key_status> out;
    for (const key& k : keys_)
        out.push_back({k.id, k.phase});
    return out;
}

key_ring::derived_key key_ring::sealing_key(purpose what) const {
    for (const key& k : keys_) {
        if (k.phase == key_phase::active) return {k.id, k.derived(what)};
    }
    throw std::logic_error("a key ring without an active key");
}

std::optional<key_ring::derived_key> key_ring::opening_key(purpose what, std::uint16_t id) const {
    const key* k = find(id);
    if (k == nullptr || k->phase == key_phase::retired || k->phase == key_phase::revoked)
        return std::nullopt;
    return derived_key{k->id, k->derived(what)};
}

std::string key_ring::principal_seed(std::string_view account, std::string_view kind,
                                     std::string_view path, std::string_view name) const {
    std::string text = "imdsd/1 principal";
    // No part may hold a NUL, so the joined text is unambiguous.
    for (const std::string_view part : {account, kind, path, name}) {
        text.push_back('\0');
        text.append(part);
    }
    return std::string(crypto::as_text(crypto::hmac_sha256(identity_secret_.reveal(), text)));
}

}  // namespace sts
