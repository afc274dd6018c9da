#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace sts {

using tag_list = std::vector<std::pair<std::string, std::string>>;
/// name -> JSON text of an identity policy
using policy_list = std::vector<std::pair<std::string, std::string>>;

/// Principals as an operator writes them (`issuer.accounts` in YAML). The store gives them ids.
struct access_key_definition {
    std::string id;
    base::secret secret;
    bool active = true;
};

struct managed_policy_definition {
    std::string name;
    std::string path = "/";
    std::string document;  ///< JSON text
};

struct user_definition {
    std::string name;
    std::string path = "/";
    std::vector<access_key_definition> access_keys;
    policy_list policies;
    tag_list tags;
    /// ARNs, or names of the same account: "readers", or with a path "/team/readers".
    std::vector<std::string> managed_policies{};
    std::string permissions_boundary{};  ///< in the same form; empty: none
    std::vector<std::string> groups{};   ///< names of the same account
};

struct group_definition {
    std::string name;
    std::string path = "/";
    policy_list policies{};
    std::vector<std::string> managed_policies{};
};

struct instance_profile_definition {
    std::string name;
    std::string path = "/";
    std::string role{};  ///< name; empty: none
    tag_list tags{};
};

struct role_definition {
    std::string name;
    std::string path = "/";
    std::string trust_policy;  ///< JSON text
    policy_list policies;
    base::seconds max_session_duration{3600};  ///< 3600 to 43200
    tag_list tags;
    std::vector<std::string> managed_policies{};
    std::string permissions_boundary{};
};

struct account_definition {
    std::string id;  ///< 12 digits
    std::vector<access_key_definition> root_access_keys{};
    std::vector<managed_policy_definition> managed_policies{};
    std::vector<user_definition> users;
    std::vector<role_definition> roles;
    std::vector<group_definition> groups{};
    std::vector<instance_profile_definition> instance_profiles{};
    /// JSON text of a resource policy: who of other accounts may verify callers; empty: nobody
    std::string verification_policy{};
};

/// Who may act as the root of the other accounts for a while (AssumeRoot). All accounts are
/// members.
struct organization {
    std::string management_account;
    std::vector<std::string> delegated_administrators;  ///< of IAM
    bool root_credentials_management = false;
    bool root_sessions = false;
};

/// How many calls somebody may make: a bucket of `burst` calls that fills by `per_second`.
struct call_rate {
    unsigned per_second;
    unsigned burst;
};
/// AWS allows an account 600 calls a second in each region; an address may hold many callers.
struct call_limits {
    call_rate address{3000, 6000};
    call_rate principal{600, 1200};
};

/// A host name with a meaning.
struct endpoint_definition {
    std::string host;    ///< without a port
    std::string region;  ///< signatures must name it; empty: the global endpoint
};

/// An account that has switched STS off in a region.
struct region_switch {
    std::string account;
    std::string region;
};

/// Where the real service is laxer than this one. All off by default.
struct issuer_compat {
    /// presigned_window: fixed. A presigned request lives 15 minutes, whatever its X-Amz-Expires.
    bool fixed_presigned_window = false;
    /// session_token: unsigned. X-Amz-Security-Token may be added after signing.
    bool unsigned_session_token = false;
};

/// Options of the core issuer.
struct issuer_options {
    std::string partition = "aws";
    std::string default_region = "us-east-1";
    /// Regions that credential scopes may name; empty: any syntactically valid region.
    std::vector<std::string> regions;
    base::seconds clock_skew{15 * 60};
    std::size_t body_bytes = 512 * 1024;
    call_limits limits = {};
    issuer_compat compat = {};
    std::vector<endpoint_definition> endpoints = {};
    std::vector<region_switch> disabled_regions = {};
    /// Origins of browser pages that may call: "https://app.example.com", or "*" for all.
    std::vector<std::string> allowed_origins = {};
};

}  // namespace sts
