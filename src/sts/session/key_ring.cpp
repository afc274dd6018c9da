#include "sts/session/key_ring.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>

#include "base/time_text.hpp"
#include "crypto/hash.hpp"
#include "encoding/base64.hpp"

namespace sts {

namespace {

constexpr std::size_t issuer_id_size = 8;
constexpr std::uint32_t largest_id = 0xffff;

using purpose = key_ring::purpose;

struct purpose_name {
    purpose what;
    std::string_view name;
    std::string_view derivation;  ///< HKDF's `info`
};
constexpr purpose_name purpose_names[] = {
    {purpose::session_token, "session_token", "imdsd/1 session token"},
    {purpose::authorization_message, "authorization_message", "imdsd/1 authorization message"},
    {purpose::stored_secret, "stored_secret", "imdsd/1 stored secret"},
};
static_assert(std::size(purpose_names) == key_ring::purposes.size());

struct phase_name {
    key_phase phase;
    std::string_view name;
};
constexpr phase_name phase_names[] = {{key_phase::published, "published"},
                                      {key_phase::active, "active"},
                                      {key_phase::verify_only, "verify_only"},
                                      {key_phase::retired, "retired"},
                                      {key_phase::revoked, "revoked"}};

const purpose_name& entry_of(purpose what) {
    for (const purpose_name& p : purpose_names) {
        if (p.what == what) return p;
    }
    throw std::logic_error("a key for no purpose");
}

base::secret random_secret(base::random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(std::as_writable_bytes(std::span(bytes)));
    base::secret out(bytes);
    base::wipe(bytes.data(), bytes.size());
    return out;
}

std::string name_of(std::uint16_t id) {
    return "key " + std::to_string(id);
}

base::error no_such_key(std::uint16_t id) {
    return base::not_found("the key ring has no " + name_of(id));
}

/// Never before the time itself.
std::string time_text(base::wall_time time) {
    return base::iso8601(std::chrono::ceil<base::seconds>(time));
}

/// How long what a key of this purpose sealed can be in use; nothing for what is kept for good.
std::optional<base::seconds> verify_time(purpose what) {
    switch (what) {
        case purpose::session_token:
            return session_key_verify_time;
        case purpose::authorization_message:
            return message_key_verify_time;
        case purpose::stored_secret:
            return std::nullopt;
    }
    throw std::logic_error("a key for no purpose");
}

}  // namespace

std::string_view to_string(key_ring::purpose what) {
    return entry_of(what).name;
}

std::string_view to_string(key_phase phase) {
    for (const phase_name& p : phase_names) {
        if (p.phase == phase) return p.name;
    }
    throw std::logic_error("a key in no phase");
}

std::optional<key_ring::purpose> parse_key_purpose(std::string_view text) {
    for (const purpose_name& p : purpose_names) {
        if (p.name == text) return p.what;
    }
    return std::nullopt;
}

std::optional<key_phase> parse_key_phase(std::string_view text) {
    for (const phase_name& p : phase_names) {
        if (p.name == text) return p.phase;
    }
    return std::nullopt;
}

key_ring::key key_ring::make_key(key_status state, base::secret secret) {
    std::array<std::uint8_t, secret_size> bytes{};
    crypto::hkdf_sha256(secret.reveal(), {}, entry_of(state.what).derivation, bytes.data(),
                        bytes.size());
    base::secret derived({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    base::wipe(bytes.data(), bytes.size());
    return {state, 0, std::move(secret), std::move(derived)};
}

void key_ring::key::end(key_phase phase, base::wall_time now) {
    state.phase = phase;
    state.ended = now;
    secret = {};
    derived = {};
}

key_ring::key_ring(const key_ring& other)
    : issuer_id_(other.issuer_id_),
      identity_secret_(other.identity_secret_.clone()),
      next_id_(other.next_id_) {
    keys_.reserve(other.keys_.size());
    for (const key& k : other.keys_)
        keys_.push_back({k.state, k.formerly, k.secret.clone(), k.derived.clone()});
}

key_ring key_ring::generate(base::random& random, base::wall_time now) {
    key_ring ring;
    ring.issuer_id_ = encoding::hex(random_secret(random, issuer_id_size).reveal());
    ring.identity_secret_ = random_secret(random, secret_size);
    for (const purpose what : purposes) {
        const auto id = std::uint16_t(ring.next_id_++);
        ring.keys_.push_back(make_key({id, what, key_phase::active, now, now, {}, {}},
                                      random_secret(random, secret_size)));
    }
    return ring;
}

key_ring::key* key_ring::find(std::uint16_t id) {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [id](const key& k) { return k.state.id == id; });
    return found == keys_.end() ? nullptr : &*found;
}

const key_ring::key* key_ring::find(std::uint16_t id) const {
    return const_cast<key_ring*>(this)->find(id);
}

const key_ring::key* key_ring::active(purpose what) const {
    for (const key& k : keys_) {
        if (k.state.what == what && k.state.phase == key_phase::active) return &k;
    }
    return nullptr;
}

base::result<std::uint16_t> key_ring::add(purpose what, base::random& random, base::wall_time now) {
    if (next_id_ > largest_id) return base::exhausted("the key ids are used up");
    if (keys_.size() >= max_keys) {
        const auto oldest =
            std::min_element(keys_.begin(), keys_.end(), [](const key& a, const key& b) {
                if (a.opens() != b.opens()) return b.opens();
                return a.state.ended < b.state.ended;
            });
        if (oldest->opens())
            return base::exhausted("the key ring is full: retire keys that are no longer needed");
        keys_.erase(oldest);
    }
    const auto id = std::uint16_t(next_id_++);
    keys_.push_back(make_key({id, what, key_phase::published, now, {}, {}, {}},
                             random_secret(random, secret_size)));
    return id;
}

base::result<void> key_ring::activate(std::uint16_t id, const key_change& change) {
    key* next = find(id);
    if (next == nullptr) return no_such_key(id);
    key_status& state = next->state;
    if (state.phase == key_phase::active) return {};
    if (!next->opens())
        return base::invalid(name_of(id) + " is " + std::string(to_string(state.phase)) +
                             " and cannot become active");
    const base::wall_time known = state.created + change.publish_time;
    if (state.phase == key_phase::published && change.now < known && !change.forced)
        return base::denied(name_of(id) + " may not be known to every replica before " +
                            time_text(known) + "; activate it then, or force it");
    for (key& k : keys_) {
        if (k.state.what != state.what || k.state.phase != key_phase::active) continue;
        k.state.phase = key_phase::verify_only;
        k.state.left_active = change.now;
    }
    state.phase = key_phase::active;
    state.activated = change.now;
    state.left_active.reset();
    return {};
}

base::result<void> key_ring::may_end(const key& of, key_phase phase,
                                     const key_change& change) const {
    const key_status& state = of.state;
    // Ended already, or it has never sealed anything.
    if (!of.opens() || !state.left_active) return {};
    const auto needed = verify_time(state.what);
    if (!needed) {
        if (change.resealed) return {};
        return base::denied(name_of(state.id) +
                            " seals secrets that are kept: they would be lost unless all are "
                            "sealed again under the active key first");
    }
    const base::wall_time free = *state.left_active + *needed;
    if (phase == key_phase::revoked || change.forced || change.now >= free) return {};
    return base::denied("what " + name_of(state.id) + " sealed can be in use until " +
                        time_text(free) + "; retire it then, or force it");
}

base::result<void> key_ring::set_phase(std::uint16_t id, key_phase phase,
                                       const key_change& change) {
    if (phase == key_phase::active) return activate(id, change);
    key* found = find(id);
    if (found == nullptr) return no_such_key(id);
    if (found->state.phase == phase) return {};
    if (found->state.phase == key_phase::active)
        return base::invalid(name_of(id) + " is the active key of " +
                             std::string(to_string(found->state.what)) +
                             "; another one must be activated first");
    if (found->state.phase == key_phase::revoked)
        return base::invalid(name_of(id) + " is revoked, which is final");
    if (phase != key_phase::retired && phase != key_phase::revoked)
        return base::invalid(name_of(id) + " is " + std::string(to_string(found->state.phase)) +
                             " and cannot become " + std::string(to_string(phase)));
    if (const auto allowed = may_end(*found, phase, change); !allowed) return allowed.error();
    found->end(phase, change.now);
    return {};
}

base::result<std::uint16_t> key_ring::rotate(purpose what, base::random& random,
                                             const key_change& change) {
    if (change.publish_time > base::seconds(0) && !change.forced)
        return base::denied("a new key must be published for " +
                            base::duration_text(change.publish_time) +
                            " before it is activated, so that every replica knows it; publish and "
                            "activate it in two steps, or force it");
    auto id = add(what, random, change.now);
    if (!id) return id.error();
    if (auto done = activate(*id, change); !done) return done.error();
    return *id;
}

std::vector<key_ring::key_status> key_ring::status() const {
    std::vector<key_status> out;
    out.reserve(keys_.size());
    for (const key& k : keys_)
        out.push_back(k.state);
    return out;
}

std::optional<key_ring::key_status> key_ring::status(std::uint16_t id) const {
    const key* k = find(id);
    if (k == nullptr) return std::nullopt;
    return k->state;
}

key_ring::derived_key key_ring::sealing_key(purpose what) const {
    const key* k = active(what);
    if (k == nullptr) throw std::logic_error("a key ring without an active key");
    return {k->state.id, k->derived.reveal()};
}

std::optional<key_ring::derived_key> key_ring::opening_key(purpose what, std::uint16_t id) const {
    if (id == 0) return std::nullopt;  // no key's, and it stands for "never had another"
    for (const key& k : keys_) {
        if (k.state.what == what && k.opens() && (k.state.id == id || k.formerly == id))
            return derived_key{id, k.derived.reveal()};
    }
    return std::nullopt;
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
