#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "iam/directory.hpp"
#include "iam/entities.hpp"
#include "sts/definitions.hpp"
#include "sts/session/key_ring.hpp"

namespace iam {

/// What a principal of a file has that the file does not say. It must be the same as long as the
/// file defines it, and another one when it comes back after it was gone.
struct file_identity {
    std::string unique_id;
    base::wall_time created{};
};
/// `prefix`: "AIDA", "AROA", …
using identity_source =
    std::function<file_identity(entity_kind kind, std::string_view prefix, std::string_view account,
                                std::string_view path, std::string_view name)>;

/// The principals that a configuration file defines, laid over those of the store: the API leaves
/// them alone. Immutable.
class file_layer {
public:
    file_layer() = default;

    /// Checks all that IAM would check. Errors name the account, role, user or policy at fault.
    /// `file`: its name, for who wants to know where a principal comes from. Managed policies may
    /// be the file's own or the provider's.
    static base::result<file_layer> make(std::vector<sts::account_definition> accounts,
                                         std::string_view partition, std::string_view file,
                                         const identity_source& identities);

    /// The stored estate with the file's principals. Trust policies of the file are tied to those
    /// who have the names now. An error when the store has something of the same kind and name.
    base::result<std::shared_ptr<const directory>> over(const directory& stored) const;

    /// What a change of the store means to the combined estate; nothing: the file has its own
    /// there.
    std::optional<change> merged(const change& stored) const;

    /// In the order of the file: for whoever wants to go through them.
    const std::vector<std::shared_ptr<const entity>>& all() const { return entities_; }

private:
    std::vector<std::shared_ptr<const entity>> entities_;
    std::map<std::string, std::size_t, std::less<>> index_[entity_kinds];
};

/// What of a change is the store's to keep: an account is decided about with what the file says of
/// it, which stays in the file.
change without_file_parts(const change& decided);

/// Its accounts must exist.
base::result<void> check_organization(const std::optional<sts::organization>& organization,
                                      const directory& among);

/// Ids derived from names and the ring: the same at every start.
identity_source seeded_identities(const sts::key_ring& ring);

/// A directory of nothing but a file's principals, with fresh ids: for tools and tests.
base::result<std::shared_ptr<const directory>> directory_of(
    std::vector<sts::account_definition> accounts, std::string_view partition,
    const identity_source& identities, std::optional<sts::organization> organization = {});

}  // namespace iam
