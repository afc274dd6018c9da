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

struct user_record {
    std::string account;
    std::string path;
    std::string name;
    std::string arn;
    std::string unique_id;  ///< AIDA…
    std::vector<named_policy> policies;
    tag_list tags;
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
};

}  // namespace sts
