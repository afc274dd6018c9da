#include "config/schema.hpp"

namespace config {

namespace sections {

const section top{
    "the configuration",
    {"apiVersion", "listeners", "workers", "limits", "compat", "state_directory", "sources",
     "profiles", "bindings", "issuer", "admin", "audit", "container_engine", "pod_identity"}};
const section listener{
    "a listener",
    {"name", "serve", "address", "interface", "allowed_hosts", "refuse_forwarded_get", "tls"}};
const section tls{"tls", {"certificate", "key"}};
const section limits{"limits",
                     {"connections", "per_peer", "header_time", "idle_time", "write_time"}};
const section compat{"compat",
                     {"expect", "slashless_directories", "connection", "extended_credentials",
                      "access_key_id_alias"}};
const section source{"a source", {"type"}};
const section profile{
    "a profile",
    {"role", "instance_profile", "instance_profile_name", "source", "duration", "session_name",
     "session_policy", "tags", "transitive_tag_keys", "source_identity", "external_id", "metadata",
     "instance", "instance_connect", "faults", "throttle", "container"}};
const section metadata{
    "metadata",
    {"http_endpoint", "http_tokens", "hop_limit", "http_protocol_ipv6", "instance_metadata_tags"}};
const section instance{"instance",
                       {"id",
                        "type",
                        "image_id",
                        "architecture",
                        "region",
                        "availability_zone",
                        "availability_zone_id",
                        "partition",
                        "services_domain",
                        "account",
                        "pending_time",
                        "reservation_id",
                        "life_cycle",
                        "hostname",
                        "local_ipv4",
                        "public_ipv4",
                        "public_hostname",
                        "ipv6",
                        "mac",
                        "interface_id",
                        "subnet_id",
                        "subnet_cidr",
                        "vpc_id",
                        "vpc_cidr",
                        "security_groups",
                        "security_group",
                        "security_group_id",
                        "interfaces",
                        "user_data",
                        "tags",
                        "public_keys",
                        "ami_launch_index",
                        "ami_manifest_path",
                        "ancestor_ami_ids",
                        "block_devices",
                        "kernel_id",
                        "ramdisk_id",
                        "virtualization",
                        "system",
                        "hibernation",
                        "instance_action",
                        "monitoring",
                        "placement_group",
                        "partition_number",
                        "host_id",
                        "billing_products",
                        "devpay_product_codes",
                        "marketplace_product_codes",
                        "elastic_inference",
                        "elastic_gpus"}};
const section network_interface{
    "an interface",
    {"id", "mac", "device_number", "network_card", "hostname", "public_hostname", "owner_id",
     "local_ipv4s", "public_ipv4s", "ipv6s", "ipv4_prefixes", "ipv6_prefixes", "subnet_id",
     "subnet_ipv4_cidr_block", "subnet_ipv6_cidr_blocks", "vpc_id", "vpc_ipv4_cidr_blocks",
     "vpc_ipv6_cidr_blocks", "security_groups"}};
const section instance_connect{"instance_connect",
                               {"signer_key", "signer_certificate", "signer_ocsp"}};
const section fault{"a fault",
                    {"fault", "path", "method", "delay", "status", "retry_after", "bytes", "age",
                     "count", "probability"}};
const section throttle{"throttle", {"requests_per_second", "burst", "excess"}};
const section binding{"a binding",
                      {"user", "group", "unit", "user_unit", "cgroup", "source_network",
                       "interface", "listener", "profile"}};
const section issuer{"issuer",
                     {"partition", "region", "regions", "account", "accounts", "organization",
                      "endpoints", "allowed_origins", "limits", "compat", "store", "keys"}};
const section issuer_limits{"limits", {"address", "principal"}};
const section call_rate{"a limit", {"requests_per_second", "burst"}};
const section issuer_compat{"compat", {"presigned_window", "session_token"}};
const section account{"an account",
                      {"root", "managed_policies", "groups", "users", "roles", "instance_profiles",
                       "verification_policy", "disabled_regions"}};
const section organization{"organization",
                           {"management_account", "delegated_administrators", "features"}};
const section root{"root", {"access_keys"}};
const section user{"a user",
                   {"path", "access_keys", "groups", "policies", "managed_policies",
                    "permissions_boundary", "tags"}};
const section group{"a group", {"path", "policies", "managed_policies"}};
const section instance_profile{"an instance profile", {"path", "role", "tags"}};
const section access_key{"an access key", {"id", "secret", "active"}};
const section secret{"secret", {"file", "env"}};
const section store{"store", {"sqlite", "postgresql"}};
const section sqlite{"sqlite", {"path"}};
const section postgresql{"postgresql", {"connection", "password", "poll", "max_age", "when_stale"}};
const section keys{"keys", {"wrapped_by", "rotate_every"}};
const section wrapping_key{"a wrapping key", {"file", "env", "credential"}};
const section role{"a role",
                   {"path", "trust_policy", "policies", "managed_policies", "permissions_boundary",
                    "max_session_duration", "tags"}};
const section admin{"admin", {"socket", "group"}};
const section audit{"audit", {"output", "on_failure", "rotate"}};
const section audit_rotation{"rotate", {"size", "keep"}};
const section container{
    "container",
    {"name", "image", "family", "revision", "cluster", "service", "launch_type", "labels"}};
const section container_engine{"container_engine", {"socket"}};
const section pod_identity{"pod_identity", {"clusters", "associations"}};
const section cluster{"a cluster", {"issuer", "jwks", "audience"}};
const section jwks{"jwks", {"url", "file", "ca_file", "token_file"}};
const section association{"an association", {"cluster", "namespace", "service_account", "profile"}};

}  // namespace sections

std::vector<const section*> all_sections() {
    using namespace sections;
    return {&top,
            &listener,
            &limits,
            &compat,
            &source,
            &profile,
            &metadata,
            &instance,
            &network_interface,
            &binding,
            &issuer,
            &account,
            &user,
            &access_key,
            &secret,
            &role,
            &admin,
            &audit,
            &audit_rotation,
            &fault,
            &throttle,
            &instance_connect,
            &container,
            &container_engine,
            &pod_identity,
            &cluster,
            &jwks,
            &association,
            &organization,
            &root,
            &tls,
            &issuer_limits,
            &call_rate,
            &issuer_compat,
            &group,
            &instance_profile,
            &store,
            &sqlite,
            &postgresql,
            &keys,
            &wrapping_key};
}

}  // namespace config
