#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace sts {

/// A key-encryption key: under it the key ring is kept (wrapped_ring.hpp).
class wrapping_key {
public:
    static constexpr std::size_t size = 32;

    /// 32 random bytes as they are, as 64 hexadecimal digits or as base64 (44 characters); the
    /// latter two with or without a final line break. Nothing else: no passphrases, and 32 bytes
    /// that are all printable are taken for one. Errors never quote the text.
    static base::result<wrapping_key> parse(const base::secret& text);
    /// From `size` bytes; anything else is a fault of the caller (std::logic_error).
    explicit wrapping_key(base::secret bytes);

    std::string_view reveal() const { return bytes_.reveal(); }
    /// 16 hex digits that tell keys apart and nothing about them.
    const std::string& check_id() const { return check_id_; }

private:
    base::secret bytes_;
    std::string check_id_;
};

/// Where a wrapping key is kept.
struct wrapping_key_source {
    enum class kind {
        automatic,    ///< a file in the state directory that the daemon makes itself
        file,         ///< `name` is its path
        environment,  ///< `name` is the variable
        credential,   ///< `name` is that of a systemd credential (LoadCredential=)
    };
    kind from = kind::automatic;
    std::string name;

    /// "file /etc/imdsd/kek": for messages.
    std::string text() const;
    bool operator==(const wrapping_key_source&) const = default;
};

}  // namespace sts
