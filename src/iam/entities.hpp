#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sts/definitions.hpp"

namespace iam {

/// What all things with a name, a path and an owner have.
struct named {
    std::string account;
    std::string path = "/";
    std::string name;
    std::string unique_id;  ///< AIDA…, AROA…, AGPA…, ANPA…, AIPA…: never given twice
    base::wall_time created{};
    sts::tag_list tags{};
    /// The file that defines it ("/etc/imdsd/imdsd.yaml"): the API must not change it. Empty: it
    /// is the API's own.
    std::string owned_by{};
};

struct access_key {
    std::string id;  ///< AKIA…
    std::shared_ptr<const base::secret> secret;
    bool active = true;
    base::wall_time created{};
    std::string owned_by{};  ///< see named::owned_by; a root may have keys of both
};

struct account {
    std::string id;     ///< 12 digits
    std::string alias;  ///< empty: none
    base::wall_time created{};
    std::vector<access_key> root_access_keys{};
    std::string
        verification_policy{};  ///< JSON text, always of a file; see sts::account_definition
};

struct user : named {
    sts::policy_list policies{};          ///< inline, by name
    std::vector<std::string> attached{};  ///< ARNs of managed policies
    std::string boundary{};               ///< ARN; empty: unbounded
    std::vector<std::string> groups{};    ///< names, in exact case
    std::vector<access_key> access_keys{};
};

struct group : named {
    sts::policy_list policies{};
    std::vector<std::string> attached{};
};

struct role : named {
    std::string description{};
    std::string trust_policy;  ///< JSON text, as it was given
    /// Users and roles in the trust policy, by ARN, with the unique ids that they had when it was
    /// stored: who gets such a name later is somebody else. What is not here matches nobody.
    std::vector<std::pair<std::string, std::string>> trusted_ids{};
    sts::policy_list policies{};
    std::vector<std::string> attached{};
    std::string boundary{};
    base::seconds max_session_duration{3600};
};

struct policy_version {
    std::uint32_t number = 1;  ///< "v1"
    std::string document;      ///< JSON text, as it was given
    base::wall_time created{};
};

struct managed_policy : named {
    std::string description{};
    std::uint32_t default_version = 1;
    std::uint32_t last_version = 1;  ///< the highest number ever given
    base::wall_time updated{};
    std::vector<policy_version> versions{};  ///< at most 5, oldest first; the default is among them

    const policy_version& in_force() const;
};

struct instance_profile : named {
    std::string role{};  ///< name, in exact case; empty: none yet
};

/// Ends sessions before their time.
struct revocation {
    enum class type : std::uint8_t {
        principal,      ///< `subject`: AROA…, AIDA… or the account of a root; all issued before
                        ///< `before`
        session,        ///< `subject`: session id, 32 hex digits
        temporary_key,  ///< `subject`: access key id of temporary credentials
    };
    type kind = type::session;
    std::string subject;
    std::string account;
    base::wall_time before{};  ///< principal: sessions issued before are ended
    base::wall_time created{};
    /// No session that it concerns is alive after this; it may then be forgotten.
    base::wall_time until{};
    std::string reason{};  ///< of the operator; may be empty
};

using entity =
    std::variant<account, user, group, role, managed_policy, instance_profile, revocation>;

/// In the order of `entity`.
enum class entity_kind : std::uint8_t {
    account,
    user,
    group,
    role,
    managed_policy,
    instance_profile,
    revocation,
};
inline constexpr std::size_t entity_kinds = std::variant_size_v<entity>;

inline entity_kind kind_of(const entity& value) {
    return entity_kind(value.index());
}

/// Identifies an entity among those of its kind: "123456789012/alice" (names ignore case), an
/// account's digits, "principal/AROA…".
std::string key_of(const entity& value);
/// Of users, groups, roles, managed policies and instance profiles.
std::string key_of(std::string_view account, std::string_view name);
std::string key_of(revocation::type kind, std::string_view subject);

/// One change of an estate.
struct change {
    entity_kind kind;
    std::string key;
    std::shared_ptr<const entity> value;  ///< null: deleted
};
using changes = std::vector<change>;

change put(entity value);
change removal(entity_kind kind, std::string key);

}  // namespace iam
