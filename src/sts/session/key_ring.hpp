#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace sts {

enum class key_phase {
    published,    ///< opens tokens, seals none yet: so that every replica knows it first
    active,       ///< seals; there is exactly one
    verify_only,  ///< opens tokens that it sealed earlier
    retired,      ///< kept for the record; opens nothing
    revoked,      ///< compromised; opens nothing
};

/// The issuer's keys. A value: change a copy, then publish it as shared_ptr<const key_ring>.
class key_ring {
public:
    /// What a derived key is for. Each purpose has its own key, so that a text made for one can
    /// never pass for another (RFC 5869, `info`).
    enum class purpose { session_token, authorization_message };

    static constexpr std::size_t secret_size = 32;
    static constexpr std::size_t max_keys = 64;

    /// A new ring with one active key.
    static key_ring generate(base::random& random);
    /// The inverse of `serialise`. Errors never quote the text.
    static base::result<key_ring> parse(std::string_view json);
    /// JSON; for a file of mode 0600.
    base::secret serialise() const;

    /// Adds a key in phase `published` and returns its id.
    base::result<std::uint16_t> add(base::random& random);
    /// Makes a published or verify-only key the active one; the one before turns verify-only.
    base::result<void> activate(std::uint16_t id);
    /// Any other change of phase; the active key must be replaced first.
    base::result<void> set_phase(std::uint16_t id, key_phase phase);
    /// `add` and `activate` in one step, for a single machine.
    base::result<std::uint16_t> rotate(base::random& random);

    struct key_status {
        std::uint16_t id;
        key_phase phase;
    };
    std::vector<key_status> status() const;

    /// The key that seals, and the derived key for the purpose.
    struct derived_key {
        std::uint16_t id;
        std::string_view bytes;  ///< valid as long as the ring
    };
    derived_key sealing_key(purpose what) const;
    /// Nothing for unknown keys and for those that must not open anything any more.
    std::optional<derived_key> opening_key(purpose what, std::uint16_t id) const;

    /// Names this issuer in what it seals: tokens of another ring never open here.
    const std::string& issuer_id() const { return issuer_id_; }
    /// 32 bytes for a principal defined by name: stable while the ring lives, across rotations.
    std::string principal_seed(std::string_view account, std::string_view kind,
                               std::string_view path, std::string_view name) const;

    key_ring(const key_ring& other);
    key_ring(key_ring&&) noexcept = default;
    key_ring& operator=(key_ring&&) noexcept = default;
    key_ring& operator=(const key_ring&) = delete;
    ~key_ring() = default;

private:
    struct key {
        std::uint16_t id = 0;
        key_phase phase = key_phase::published;
        base::secret secret;
        // Derived from `secret`:
        base::secret session_token;
        base::secret authorization_message;

        std::string_view derived(purpose what) const;
    };

    key_ring() = default;
    key* find(std::uint16_t id);
    const key* find(std::uint16_t id) const;
    static key make_key(std::uint16_t id, key_phase phase, base::secret secret);

    std::string issuer_id_;
    base::secret identity_secret_;
    std::vector<key> keys_;
};

}  // namespace sts
