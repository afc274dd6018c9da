#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "iam/operation.hpp"

namespace iam {

/// Whom an operation on a user is about: known or not, what is asked about it is authorised in the
/// same way, so that only those who may know learn who exists.
struct user_target {
    const user* found = nullptr;  ///< null: there is no such user, or it is the root
    user stand_in{};              ///< if not found: with the name that was asked for
    bool root = false;            ///< the account itself: a root asks without a name

    const user& asked() const { return found == nullptr ? stand_in : *found; }
    std::string arn(const operation_call& call) const;
    /// NoSuchEntity.
    base::error missing() const { return no_such("user", stand_in.name); }
};

user_target find_user(const operation_call& call, std::string_view name);
/// Without a name: the caller, user or root. ValidationError for callers who are neither.
base::result<user_target> find_user_or_caller(const operation_call& call,
                                              const std::optional<std::string>& name);

/// Facts about a user: its tags, and its boundary where the action's conditions know it.
operation_facts facts_of(const user& one);
operation_facts facts_with_boundary(const user& one);

/// The common way into an operation on one user: authorised, found, and (to be changed) not of a
/// file.
base::result<void> enter(operation_call& call, std::string_view action, const user_target& target,
                         const operation_facts& facts);
base::result<void> enter_to_change(operation_call& call, std::string_view action,
                                   const user_target& target, const operation_facts& facts);

}  // namespace iam
