#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"

namespace sts {

enum class key_phase {
    published,    ///< opens texts, seals none yet: so that every replica knows it first
    active,       ///< seals; there is exactly one for each purpose
    verify_only,  ///< opens texts that it sealed earlier
    retired,      ///< kept for the record; its secret is gone
    revoked,      ///< compromised; its secret is gone, and this is final
};

/// How long a session token key must still open tokens after it left the active phase: the longest
/// session there is (GetFederationToken, GetSessionToken).
inline constexpr base::seconds session_key_verify_time{36 * 3600};
/// The same for authorization messages, which are good for a day.
inline constexpr base::seconds message_key_verify_time{24 * 3600};

/// What a change of the ring is measured by.
struct key_change {
    base::wall_time now{};
    /// The time that every replica needs to learn a new key; 0 on a single machine.
    base::seconds publish_time{0};
    /// Do it although a waiting time is not over: replicas that do not know the key yet refuse what
    /// it sealed, and what a retired key sealed ends early.
    bool forced = false;
    /// The caller has sealed again, under another key, everything that the stored_secret key
    /// sealed. The ring cannot know; without it the secrets would be lost for good.
    bool resealed = false;
};

/// The issuer's keys. A value: change a copy, then publish it as shared_ptr<const key_ring>.
class key_ring {
public:
    /// What a key is for. Each purpose has keys of its own, and a key is derived for its purpose
    /// (RFC 5869, `info`), so that a text made for one can never pass for another.
    enum class purpose {
        session_token,
        authorization_message,
        stored_secret,  ///< long-term secret access keys at rest
    };
    static constexpr std::array purposes{purpose::session_token, purpose::authorization_message,
                                         purpose::stored_secret};

    static constexpr std::size_t secret_size = 32;
    /// So many keys, with those kept for the record, are less than host::largest_secret_file.
    static constexpr std::size_t max_keys = 160;

    /// A new ring with one active key for each purpose.
    static key_ring generate(base::random& random, base::wall_time now);
    /// The inverse of `serialise`. A ring of the first version, whose keys served both purposes of
    /// that time, becomes one of the present version that opens everything the old one opened;
    /// `now` stands for the times that it does not tell. Errors never quote the text.
    static base::result<key_ring> parse(std::string_view json, base::wall_time now);
    /// JSON, with all secrets: to be wrapped (wrapped_ring.hpp) before it is kept anywhere.
    base::secret serialise() const;

    /// Adds a key in phase `published` and returns its id, which no key of this ring ever had. When
    /// the ring is full, the oldest of those kept for the record makes room.
    base::result<std::uint16_t> add(purpose what, base::random& random, base::wall_time now);
    /// Makes a published or verify-only key the active one of its purpose; the one before turns
    /// verify-only. denied: published too short a time ago (`publish_time`), unless forced.
    base::result<void> activate(std::uint16_t id, const key_change& change);
    /// Any other change of phase; the active key must be replaced first. denied: what the key
    /// sealed may still be in use (session_key_verify_time, message_key_verify_time; can be
    /// forced), or is lost (`resealed`; cannot be forced). Published and retired are no phases to
    /// go back to or, for a key that was never active, to wait in.
    base::result<void> set_phase(std::uint16_t id, key_phase phase, const key_change& change);
    /// `add` and `activate` in one step. denied when replicas must learn the key first, unless
    /// forced.
    base::result<std::uint16_t> rotate(purpose what, base::random& random,
                                       const key_change& change);

    struct key_status {
        std::uint16_t id = 0;
        purpose what = purpose::session_token;
        key_phase phase = key_phase::published;
        base::wall_time created{};
        std::optional<base::wall_time> activated;    ///< the last time that it became active
        std::optional<base::wall_time> left_active;  ///< absent while it is active
        std::optional<base::wall_time> ended;        ///< when it was retired or revoked

        bool operator==(const key_status&) const = default;
    };
    /// All keys, the oldest first. Nothing secret.
    std::vector<key_status> status() const;
    std::optional<key_status> status(std::uint16_t id) const;

    /// The key that seals, and the derived key for the purpose.
    struct derived_key {
        std::uint16_t id;
        std::string_view bytes;  ///< valid as long as the ring
    };
    derived_key sealing_key(purpose what) const;
    /// Nothing for unknown keys, keys of other purposes and those that must not open anything any
    /// more.
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
        key_status state;
        /// The id that its texts bear from the time when a key had several purposes; 0: none.
        std::uint16_t formerly = 0;
        base::secret secret;   ///< empty once it is retired or revoked
        base::secret derived;  ///< from `secret`, for its purpose

        bool opens() const { return !derived.empty(); }
        void end(key_phase phase, base::wall_time now);
    };

    key_ring() = default;
    key* find(std::uint16_t id);
    const key* find(std::uint16_t id) const;
    const key* active(purpose what) const;
    static key make_key(key_status state, base::secret secret);
    static base::result<key_ring> parse_version_1(const boost::json::object& members,
                                                  base::wall_time now);
    static base::result<key_ring> parse_version_2(const boost::json::object& members);
    base::result<void> may_end(const key& of, key_phase phase, const key_change& change) const;

    std::string issuer_id_;
    base::secret identity_secret_;
    std::uint32_t next_id_ = 1;
    std::vector<key> keys_;
};

/// "session_token", "verify_only": as in files, on the command line and in audit records.
std::string_view to_string(key_ring::purpose what);
std::string_view to_string(key_phase phase);
std::optional<key_ring::purpose> parse_key_purpose(std::string_view text);
std::optional<key_phase> parse_key_phase(std::string_view text);

}  // namespace sts
