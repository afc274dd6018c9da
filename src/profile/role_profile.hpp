#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace profile {

/// The role whose credentials a profile hands out.
struct role {
    std::string arn;      ///< arn:aws:iam::123456789012:role/path/name
    std::string name;     ///< the ARN's last part: what `iam/security-credentials/` lists
    std::string account;  ///< 12 digits
    /// Name of the instance profile that iam/info shows; default: the role name.
    std::string instance_profile_name;
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
};

/// What the metadata tree says about the instance. Empty strings mean `auto`: filled from the host
/// by `resolve` where the host knows, and by a believable default elsewhere.
struct instance_identity {
    std::string instance_id;        ///< i-0123456789abcdef0
    std::string instance_type;      ///< default m5.large; m6g.large on arm64
    std::string image_id;           ///< default ami-0…
    std::string region;             ///< default us-east-1
    std::string availability_zone;  ///< default {region}a
    std::string availability_zone_id;
    std::string architecture;  ///< x86_64, arm64, i386
    std::string hostname;
    std::string local_ipv4;
    std::string public_ipv4;  ///< empty: none
    std::string mac;
    std::string vpc_id, subnet_id, interface_id, security_group, security_group_id;
    std::string subnet_cidr, vpc_cidr;
    std::string reservation_id;
    std::string partition;        ///< default from the region
    std::string services_domain;  ///< default from the partition
    std::string life_cycle;       ///< default on-demand
    std::string account;          ///< owner; default the role's account
    std::optional<std::string> user_data;
    std::vector<std::pair<std::string, std::string>> tags;  ///< shown with instance_metadata_tags
    /// name and OpenSSH public key text
    std::vector<std::pair<std::string, std::string>> public_keys;
    base::wall_time pending_time{};  ///< launch: boot time of the host
};

/// What ECS task metadata says where no container engine does. Empty: a default made from the
/// profile's name.
struct container_options {
    std::string name, image;
    std::string family, revision, cluster, service;
    std::string launch_type;  ///< EC2, FARGATE, MANAGED_INSTANCES
    std::vector<std::pair<std::string, std::string>> labels;
};

/// A role profile: what a workload bound to it gets.
struct role_profile {
    std::string name;
    std::optional<role> granted_role;  ///< none: metadata only
    issue_options issue;
    metadata_options metadata;
    instance_identity instance;
    container_options container;
};

/// What the host knows about itself, gathered by the shell at load.
struct host_facts {
    std::string
        instance_id;  ///< i- and 17 hex digits, from machine-id by an application-specific hash
    std::string unique_suffix;  ///< 17 hex digits of the same hash family, for eni-, ami-, … ids
    std::string hostname;
    std::string local_ipv4;
    std::string mac;
    std::string architecture;
    base::wall_time boot_time{};
};

/// Fills every `auto` value; the result has no empty field but the optional ones (public_ipv4).
role_profile resolve(role_profile profile, const host_facts& host);

inline constexpr std::string_view default_session_name = "{instance-id}";

/// The first thing in a session-name template that is no known placeholder: "{user}", a lone brace.
std::optional<std::string> unknown_placeholder(std::string_view session_name_template);

/// The session name that a profile asks for, sanitised to [\w+=,.@-] and 2-64 characters.
std::string session_name(const role_profile& profile);

/// Equal texts mean: credentials issued for one serve the other (used across reloads).
std::string issue_fingerprint(const role_profile& profile);

}  // namespace profile
