#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "profile/fault.hpp"
#include "profile/host_facts.hpp"
#include "profile/instance_identity.hpp"
#include "profile/lifecycle.hpp"

namespace profile {

/// The role whose credentials a profile hands out.
struct role {
    std::string arn;      ///< arn:aws:iam::123456789012:role/path/name
    std::string name;     ///< the ARN's last part: what `iam/security-credentials/` lists
    std::string account;  ///< 12 digits

    bool operator==(const role&) const = default;
};

/// How credentials are asked for.
struct issue_options {
    std::string source;            ///< a name below `sources`
    base::seconds duration{3600};  ///< 900 s to 43200 s
    std::string
        session_name;  ///< template: {instance-id} {hostname} {profile}; default {instance-id}
    std::optional<std::string> session_policy;  ///< JSON text
    std::vector<std::pair<std::string, std::string>> tags;
    std::vector<std::string> transitive_tag_keys;
    std::optional<std::string> source_identity;
    std::optional<std::string> external_id;
};

/// Instance metadata options (EC2 API: InstanceMetadataOptions).
struct metadata_options {
    bool http_endpoint_enabled = true;
    bool http_tokens_required = true;
    int hop_limit = 1;  ///< 1 to 64: IP TTL of the PUT response
    bool instance_metadata_tags = false;
    /// Off: callers who come over IPv6 are answered as by a disabled endpoint.
    bool http_protocol_ipv6_enabled = true;
    /// compat.extended_credentials: iam/security-credentials-extended/ is there.
    bool extended_credentials = false;

    bool operator==(const metadata_options&) const = default;
};

/// What EC2 Instance Connect's client checks pushed keys with. Empty: not served.
struct instance_connect {
    /// PEM; null: keys are served as they were pushed.
    std::shared_ptr<const base::secret> signer_key;
    std::string signer_certificate;  ///< PEM: the signer's certificate and its chain
    /// By name, as managed-ssh-keys/signer-ocsp/ lists them: base64 of an OCSP response.
    std::vector<std::pair<std::string, std::string>> signer_ocsp;
};

/// What ECS task metadata says where no container engine does. Empty: a default made from the
/// profile's name.
struct container_options {
    std::string name, image;
    std::string family, revision, cluster, service;
    std::string launch_type;  ///< EC2, FARGATE, MANAGED_INSTANCES
    std::vector<std::pair<std::string, std::string>> labels;
};

/// The IAM instance profile that is attached to an instance: it says which role there is, and may
/// say something else at any time. What it says now is put in by whoever knows the issuer's estate.
struct attached_instance_profile {
    // As configured.
    std::string partition;
    std::string account;  ///< 12 digits
    std::string name;
    std::string path;  ///< empty: any
    // As it is; with `granted_role`, which is of the same moment.
    std::string arn;        ///< empty: there is no such instance profile
    std::string unique_id;  ///< AIPA…
    std::string problem;    ///< why there is no role; empty: there is one

    bool operator==(const attached_instance_profile&) const = default;
};

/// A role profile: what a workload bound to it gets.
struct role_profile {
    std::string name;
    std::optional<role> granted_role;  ///< none: metadata only
    std::optional<attached_instance_profile> instance_profile;
    /// What iam/info shows; default: the role name. Empty after `resolve`: no instance profile.
    std::string instance_profile_name;
    issue_options issue;
    metadata_options metadata;
    instance_identity instance;
    container_options container;
    instance_connect connect;
    lifecycle_state lifecycle;  ///< what is shown now; changes while the daemon runs
    std::vector<fault> faults;
    std::optional<throttle> request_throttle;
    /// The source issues credentials for the instance itself: identity-credentials/ec2/ is there.
    bool instance_credentials = false;
};

/// Fills every `auto` value: from the host where it knows, else with what is derived from its
/// unique suffix, so that it stays the same. Empty in the result means: the instance has none.
role_profile resolve(role_profile profile, const host_facts& host);

inline constexpr std::string_view default_session_name = "{instance-id}";

/// The first thing in a session-name template that is no known placeholder: "{user}", a lone brace.
std::optional<std::string> unknown_placeholder(std::string_view session_name_template);

/// The session name that a profile asks for, sanitised to [\w+=,.@-] and 2-64 characters.
std::string session_name(const role_profile& profile);

/// Equal texts mean: credentials issued for one serve the other (used across reloads).
std::string issue_fingerprint(const role_profile& profile);

}  // namespace profile
