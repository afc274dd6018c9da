#pragma once

#include <string>
#include <string_view>

#include "iam/operation.hpp"

namespace iam {

/// The role that an operation is about: known or not, what is asked about it is authorised in the
/// same way, so that only those who may know learn which roles exist.
struct role_target {
    const role* found = nullptr;
    role stand_in{};  ///< if not found: with the name that was asked for

    const role& asked() const { return found == nullptr ? stand_in : *found; }
};

role_target find_role(const operation_call& call, std::string_view name);

/// Facts about a role: its tags; and its boundary, where the action's conditions know it.
operation_facts facts_of(const role& one);
operation_facts facts_with_boundary(const role& one);

/// The common way into an operation on one role: authorised, and found.
base::result<void> enter(operation_call& call, std::string_view action, const role_target& target,
                         const operation_facts& facts);
/// The same, of one that the API may change: not a file's, and none that belongs to a service.
base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                   const role_target& target, const operation_facts& facts);

/// UnmodifiableEntity, of those that the API may not change.
base::result<void> check_changeable(const role& one);
/// InvalidInput for a path or name of roles that only their service makes.
base::result<void> check_not_reserved(const role& made);

}  // namespace iam
