#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/context.hpp"
#include "policy/document.hpp"
#include "policy/evaluate.hpp"
#include "policy/principal.hpp"

namespace policy {

/// A policy in force, under the name that explanations give it. Not owned. Without a text it is one
/// that is in force but no longer exists (a deleted managed policy): it allows nothing.
struct attached {
    std::string_view name;
    const document* text = nullptr;
};
using policy_list = std::span<const attached>;

/// One question to all policies at once: may `caller` do `action` on `resource`? Usable for any
/// action of any service and any kind of caller. Everything is borrowed for the call.
///
/// Fill it like this:
///   user, GetSessionToken    identity (own and groups'), boundary
///   role session             identity and boundary of the role; `session` if it was narrowed
///   federated user           identity and boundary of the user; `session` if any was passed,
///                            without it only a resource policy can grant something
///   root                     nothing (it has all permissions in its own account); AssumeRoot:
///                            `session` with the task policy
///   service, provider, anonymous   nothing: only the resource policy speaks
struct question {
    std::string_view action;    ///< "sts:AssumeRole"
    std::string_view resource;  ///< an ARN; "*" for actions that have none
    /// Of the resource. Empty: the caller's own, or none.
    std::string_view resource_account;
    const principal& caller;
    const context& facts;

    policy_list identity{};
    std::optional<attached> boundary{};
    /// Inline and managed session policies; each is in force. Set, but empty, allows nothing.
    std::optional<policy_list> session{};
    /// Per level (organization root, units, account) the policies attached there: every level must
    /// allow. Empty: no organization.
    std::span<const policy_list> service_control{};

    /// Resource or trust policy.
    std::optional<attached> resource_policy{};
    /// In the same account, too, nothing is allowed without the resource policy (roles, KMS keys).
    bool resource_must_allow = false;
    /// False: a resource policy that only names the caller's account is not enough. So it is for a
    /// role session that assumes its own role (since September 2022).
    bool delegation = true;
    /// As `service_control`, over the resource's account; documents of kind resource_control.
    std::span<const policy_list> resource_control{};
};

/// In the order in which they are asked.
enum class policy_type {
    service_control,
    resource_control,
    resource,
    identity,
    boundary,
    session,
};
inline constexpr std::size_t policy_types = 6;
/// "identity-based policy", as access-denied texts name it.
const char* to_string(policy_type type);

/// What all policies of one type say together, and the statement that said it.
struct opinion {
    bool present = false;  ///< there is such a policy for this caller
    effect outcome = effect::implicit_deny;
    std::string_view policy;  ///< name; empty: none spoke
    const document* text = nullptr;
    std::size_t statement = 0;
    principal_match match = principal_match::none;

    /// "name/Sid"; empty when no statement spoke.
    std::string by() const;
};

struct authorization {
    effect outcome = effect::implicit_deny;
    /// Whose word was the last: the type that denied, or the one that granted.
    policy_type decided_by = policy_type::identity;
    bool cross_account = false;
    std::array<opinion, policy_types> opinions;

    bool allowed() const { return outcome == effect::allow; }
    const opinion& of(policy_type type) const { return opinions[std::size_t(type)]; }
};

/// IAM's evaluation order:
///   1. an explicit denial anywhere denies;
///   2. organization: every level must allow (services have none on their side);
///   3. services, providers and anonymous callers: the resource policy must allow;
///   4. same account: a resource policy that names the user, the exact session or everyone allows
///      at once; one that names the role of a session stands in for the identity policies, while
///      boundary and session policies still limit; one that names the account leaves it to 5;
///   5. the identity policies must allow (root: always), then the boundary, if there is one, then
///      the session policies, if there are; a federated user without any is denied;
///   6. another account: the resource policy (4, in any form) and the caller's side (5) must allow.
authorization authorize(const question& asked);

/// What follows "… on resource: ARN" in an access-denied text; empty when it was allowed. Of a
/// resource in another account only the caller's own side is told.
std::string reason_clause(const authorization& decided, std::string_view action);

}  // namespace policy
