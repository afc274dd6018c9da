#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "iam/entities.hpp"

namespace iam {

/// Seals the secrets of access keys for storage, bound to whose they are.
class secret_box {
public:
    virtual ~secret_box() = default;
    virtual std::string seal(std::string_view account, std::string_view access_key_id,
                             const base::secret& secret) = 0;
    /// An error says why, and nothing of the secret.
    virtual base::result<base::secret> open(std::string_view account,
                                            std::string_view access_key_id,
                                            std::string_view sealed) = 0;
};

/// The names of the kinds in stores: "account", "user", "group", "role", "policy",
/// "instance-profile", "revocation".
std::string_view to_string(entity_kind kind);
/// False: none of these.
bool parse_entity_kind(std::string_view text, entity_kind& out);

/// JSON text for a store; no secret is readable in it. What a file owns is not for stores.
std::string encode(const entity& value, secret_box& secrets);
/// The inverse. Strict: members that are missing, unknown or of another type are errors, as are
/// secrets that do not open; they name the member and not its value.
base::result<std::shared_ptr<const entity>> decode(entity_kind kind, std::string_view text,
                                                   secret_box& secrets);

}  // namespace iam
