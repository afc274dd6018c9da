#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "policy/document.hpp"
#include "sts/definitions.hpp"

namespace sts {

/// Principals as the issuer sees them: immutable, policies already parsed, shared by threads. A
/// request keeps what it found alive, so a reload never changes a decision half way.
struct named_policy {
    std::string name;
    policy::document document;
};

/// A policy with an ARN of its own. Those that refer to it see its text of today.
struct managed_policy_record {
    std::string account;  ///< "aws": of the provider
    std::string arn;
    policy::document document;
};
using managed_policy = std::shared_ptr<const managed_policy_record>;
inline constexpr std::string_view managed_by_provider = "aws";

struct group_record {
    std::string account;
    std::string arn;
    std::vector<named_policy> policies;
    std::vector<std::string> managed_policies{};  ///< ARNs
};

struct user_record {
    std::string account;
    std::string path;
    std::string name;
    std::string arn;
    std::string unique_id;  ///< AIDA…
    std::vector<named_policy> policies;
    tag_list tags;
    std::vector<std::string> managed_policies{};  ///< ARNs
    std::string boundary{};                       ///< ARN; empty: unbounded
    std::vector<std::string> groups{};            ///< names, in the user's account
};

struct role_record {
    std::string account;
    std::string path;
    std::string name;
    std::string arn;
    std::string unique_id;  ///< AROA…
    policy::document trust;
    std::vector<named_policy> policies;
    base::seconds max_session_duration{3600};
    tag_list tags;
    std::vector<std::string> managed_policies{};  ///< ARNs
    std::string boundary{};                       ///< ARN; empty: unbounded
};

/// What revocations go by.
struct session_claim {
    std::string_view account;
    std::string_view principal_id;  ///< AROA…, AIDA…, or of a root its account
    std::string_view session_id;    ///< 16 bytes
    std::string_view access_key_id;
    base::wall_time issued{};
};

struct access_key_record {
    std::string id;
    base::secret secret;
    bool active = true;
    std::string account;
    std::shared_ptr<const user_record> user;  ///< none: the account's root
};

/// What the issuer needs to know about principals. Every look-up is answered from memory; a store
/// that is backed by a database keeps its copy current by itself. Thread-safe.
class principal_store {
public:
    virtual ~principal_store() = default;
    /// Inactive keys are found, too: the caller decides.
    virtual std::shared_ptr<const access_key_record> find_access_key(std::string_view id) const = 0;
    /// Path and name in exact case: role ARNs are compared case-sensitively while assuming.
    virtual std::shared_ptr<const role_record> find_role(std::string_view account,
                                                         std::string_view path,
                                                         std::string_view name) const = 0;
    virtual std::shared_ptr<const user_record> find_user(std::string_view account,
                                                         std::string_view name) const = 0;
    /// In exact case; null in stores without groups.
    virtual std::shared_ptr<const group_record> find_group(std::string_view /*account*/,
                                                           std::string_view /*name*/) const {
        return nullptr;
    }
    /// In exact case; the provider's own are known in every store.
    virtual managed_policy find_managed_policy(std::string_view arn) const = 0;
    /// A session that was ended before its time: by itself, or with all that its principal had got
    /// until some moment.
    virtual bool is_revoked(const session_claim& session) const = 0;
    virtual bool has_account(std::string_view account) const = 0;
    /// Null: the accounts have nothing to do with each other.
    virtual const organization* find_organization() const = 0;
    /// The resource policy that says who of other accounts may verify callers of this one
    /// (VerifyCaller). Null: nobody.
    virtual const policy::document* find_verification_policy(std::string_view /*account*/) const {
        return nullptr;
    }
};

}  // namespace sts
