#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "profile/network_interface.hpp"

namespace profile {

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
    std::string hostname;      ///< private DNS name
    std::string reservation_id;
    std::string partition;           ///< default from the region
    std::string services_domain;     ///< default from the partition
    std::string life_cycle;          ///< default on-demand
    std::string account;             ///< owner; default the role's account
    base::wall_time pending_time{};  ///< launch: boot time of the host

    /// The first is eth0, which gives local-ipv4, mac, security-groups and the like; never empty.
    std::vector<network_interface> interfaces = std::vector<network_interface>(1);
    bool host_interfaces = false;  ///< the host's other interfaces follow the first

    unsigned ami_launch_index = 0;
    std::string ami_manifest_path;  ///< default (unknown): an image on EBS
    std::vector<std::string> ancestor_ami_ids;
    /// ami, root, ebsN, ephemeralN, swap -> device; ami and root are always there.
    std::vector<std::pair<std::string, std::string>> block_devices;
    bool hibernation_configured = false;
    std::string instance_action;              ///< none, shutdown, bundle-pending; default none
    std::string kernel_id;                    ///< aki-…; empty: none
    std::string ramdisk_id;                   ///< ari-…; empty: none
    std::string virtualization;               ///< hvm, paravirtual; default hvm
    std::string system;                       ///< nitro, xen-on-nitro, xen; default from the type
    std::optional<bool> detailed_monitoring;  ///< none: dynamic/fws is absent

    std::string placement_group;  ///< empty: none
    std::string host_id;          ///< of a dedicated host; empty: none
    std::optional<unsigned> partition_number;

    std::vector<std::string> billing_products;
    std::vector<std::string> devpay_product_codes;
    std::vector<std::string> marketplace_product_codes;

    /// eia-… -> type such as eia1.medium
    std::vector<std::pair<std::string, std::string>> elastic_inference_accelerators;
    /// egpu-… -> JSON text
    std::vector<std::pair<std::string, std::string>> elastic_gpus;

    std::optional<std::string> user_data;
    std::vector<std::pair<std::string, std::string>> tags;  ///< shown with instance_metadata_tags
    /// name and OpenSSH public key text
    std::vector<std::pair<std::string, std::string>> public_keys;

    network_interface& primary() { return interfaces.front(); }
    const network_interface& primary() const { return interfaces.front(); }
    /// eth0's first address, empty where it has none.
    std::string local_ipv4() const {
        return primary().local_ipv4s.empty() ? std::string() : primary().local_ipv4s.front();
    }
};

}  // namespace profile
