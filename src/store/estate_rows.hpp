#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/persistent_map.hpp"
#include "base/random.hpp"
#include "iam/codec.hpp"
#include "iam/directory.hpp"
#include "iam/file_entities.hpp"
#include "iam/key_usage.hpp"
#include "store/database.hpp"
#include "sts/session/key_ring.hpp"
#include "sts/session/wrapping_key.hpp"

namespace store {

/// The kinds of rows beside those of entities (iam::to_string).
inline constexpr std::string_view issuer_kind = "issuer";                ///< one row, "issuer"
inline constexpr std::string_view key_ring_kind = "key-ring";            ///< one row, "key-ring"
inline constexpr std::string_view file_identity_kind = "file-identity";  ///< "role/account/name"

/// What the first start has decided.
struct issuer_facts {
    std::string account;
    std::string administrator;  ///< name of a user; empty: none was made
};

/// The unique id of a principal that a configuration file defines.
struct kept_identity {
    std::string path, name;
    iam::file_identity identity;
};
std::string identity_key(iam::entity_kind kind, std::string_view account, std::string_view name);

/// All that the rows say, at one version. Cheap to copy.
struct estate {
    std::uint64_t version = 0;
    std::shared_ptr<const iam::directory> stored;  ///< without the principals of files
    std::shared_ptr<const sts::key_ring> keys;     ///< null: there is no issuer yet
    /// The ring is not wrapped by the first of the wrapping keys, or in an older form.
    bool rewrap = false;
    issuer_facts issuer;
    base::persistent_map<kept_identity> identities;
    base::persistent_map<iam::last_use> uses;  ///< by access key id or unique id of a role
};

/// Access keys sealed by the ring.
class ring_box final : public iam::secret_box {
public:
    ring_box(const sts::key_ring& ring, base::random& random) : ring_(ring), random_(random) {}
    std::string seal(std::string_view account, std::string_view access_key_id,
                     const base::secret& secret) override;
    base::result<base::secret> open(std::string_view account, std::string_view access_key_id,
                                    std::string_view sealed) override;

private:
    const sts::key_ring& ring_;
    base::random& random_;
};

/// What reading and writing rows needs.
struct row_codec {
    std::string partition;
    std::span<const sts::wrapping_key> wrapping_keys;  ///< at least one; the first one wraps
    base::random& random;

    /// Errors name the row.
    base::result<estate> read(loaded all, base::wall_time now) const;
    /// `before` with what changed; tells the changes of entities.
    base::result<estate> read(const estate& before, const delta& since, iam::changes& entities,
                              base::wall_time now) const;

    row_change entity_row(const iam::change& one, const sts::key_ring& ring) const;
    row_change ring_row(const sts::key_ring& ring) const;
    row_change issuer_row(const issuer_facts& facts) const;
    row_change identity_row(const std::string& key, const kept_identity& one) const;
};

}  // namespace store
