#include "imds/rows.hpp"

#include <array>

#include "imds/documents.hpp"

namespace imds {

namespace {

using profile::role_profile;
using maybe = std::optional<std::string>;

maybe unless_empty(const std::string& text) {
    if (text.empty()) return std::nullopt;
    return text;
}

maybe always(const role_profile&) {
    return std::string();
}

maybe with_instance_credentials(const role_profile& p) {
    if (!p.instance_credentials) return std::nullopt;
    return std::string();
}

maybe with_role(const role_profile& p) {
    if (!p.granted_role) return std::nullopt;
    return std::string();
}

maybe with_extended_credentials(const role_profile& p) {
    if (!p.metadata.extended_credentials) return std::nullopt;
    return with_role(p);
}

maybe with_instance_profile(const role_profile& p) {
    if (p.instance_profile_name.empty()) return std::nullopt;
    return std::string();
}

template <std::string profile::instance_identity::*member>
maybe value(const role_profile& p) {
    return unless_empty(p.instance.*member);
}

template <char... text>
maybe constant(const role_profile&) {
    return std::string{text...};
}

template <std::vector<std::string> profile::instance_identity::*member>
maybe list(const role_profile& p) {
    return lines(p.instance.*member);
}

/// Of eth0.
template <std::string profile::network_interface::*member>
maybe first(const role_profile& p) {
    return unless_empty(p.instance.primary().*member);
}

maybe public_ipv4(const role_profile& p) {
    const auto& addresses = p.instance.primary().public_ipv4s;
    if (addresses.empty()) return std::nullopt;
    return addresses.front().public_ipv4;
}

maybe ipv6(const role_profile& p) {
    const auto& addresses = p.instance.primary().ipv6s;
    if (addresses.empty()) return std::nullopt;
    return addresses.front();
}

maybe security_groups(const role_profile& p) {
    std::vector<std::string> names;
    for (const auto& group : p.instance.primary().security_groups)
        names.push_back(group.name);
    return lines(names);
}

maybe product_codes(const role_profile& p) {
    std::vector<std::string> codes = p.instance.devpay_product_codes;
    const auto& more = p.instance.marketplace_product_codes;
    codes.insert(codes.end(), more.begin(), more.end());
    return lines(codes);
}

maybe instance_monitoring(const role_profile& p) {
    if (!p.instance.detailed_monitoring) return std::nullopt;
    return *p.instance.detailed_monitoring ? "enabled" : "disabled";
}

maybe partition_number(const role_profile& p) {
    if (!p.instance.partition_number) return std::nullopt;
    return std::to_string(*p.instance.partition_number);
}

using id = profile::instance_identity;
using nic = profile::network_interface;
constexpr auto text = leaf_kind::text;

// Sources: EC2 User Guide, "Instance metadata categories"; versions as documented there. What is
// not documented (hibernation, profile) is dated by the feature that it tells of.
constexpr auto table = std::to_array<row>({
    {"dynamic/fws/instance-monitoring", "2009-04-04", text, instance_monitoring},
    {"dynamic/instance-identity/document", "2009-04-04", text,
     [](const role_profile& p) -> maybe { return identity_document(p); }},
    {"dynamic/instance-identity/pkcs7", "2009-04-04", leaf_kind::identity_pkcs7, always},
    {"dynamic/instance-identity/rsa2048", "2009-04-04", leaf_kind::identity_rsa2048, always},
    {"dynamic/instance-identity/signature", "2009-04-04", leaf_kind::identity_signature, always},
    {"meta-data/ami-id", "1.0", text, value<&id::image_id>},
    {"meta-data/ami-launch-index", "1.0", text,
     [](const role_profile& p) -> maybe { return std::to_string(p.instance.ami_launch_index); }},
    {"meta-data/ami-manifest-path", "1.0", text, value<&id::ami_manifest_path>},
    {"meta-data/ancestor-ami-ids", "2007-10-10", text, list<&id::ancestor_ami_ids>},
    {"meta-data/hibernation/configured", "2018-11-28", text,
     [](const role_profile& p) -> maybe {
         return p.instance.hibernation_configured ? "true" : "false";
     }},
    {"meta-data/hostname", "1.0", text, value<&id::hostname>},
    {"meta-data/iam/info", "2012-01-12", leaf_kind::iam_info, with_instance_profile},
    {"meta-data/iam/security-credentials/{role}", "2012-01-12", leaf_kind::credentials, with_role},
    {"meta-data/iam/security-credentials-extended/{role}", "2012-01-12",
     leaf_kind::extended_credentials, with_extended_credentials},
    {"meta-data/identity-credentials/ec2/info", "2018-05-23", leaf_kind::instance_info,
     with_instance_credentials},
    {"meta-data/identity-credentials/ec2/security-credentials/ec2-instance", "2018-05-23",
     leaf_kind::instance_credentials, with_instance_credentials},
    {"meta-data/instance-action", "2008-09-01", text, value<&id::instance_action>},
    {"meta-data/instance-id", "1.0", text, value<&id::instance_id>},
    {"meta-data/instance-life-cycle", "2019-10-01", text, value<&id::life_cycle>},
    {"meta-data/instance-type", "2007-08-29", text, value<&id::instance_type>},
    {"meta-data/ipv6", "2021-01-03", text, ipv6},
    {"meta-data/kernel-id", "2008-02-01", text, value<&id::kernel_id>},
    {"meta-data/local-hostname", "2007-01-19", text, value<&id::hostname>},
    {"meta-data/local-ipv4", "1.0", text,
     [](const role_profile& p) { return unless_empty(p.instance.local_ipv4()); }},
    {"meta-data/mac", "2011-01-01", text, first<&nic::mac>},
    {"meta-data/metrics/vhostmd", "2011-05-01", text,
     [](const role_profile&) -> maybe { return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"; }},
    {"meta-data/placement/availability-zone", "2008-02-01", text, value<&id::availability_zone>},
    {"meta-data/placement/availability-zone-id", "2019-10-01", text,
     value<&id::availability_zone_id>},
    {"meta-data/placement/group-name", "2020-08-24", text, value<&id::placement_group>},
    {"meta-data/placement/host-id", "2020-08-24", text, value<&id::host_id>},
    {"meta-data/placement/partition-number", "2020-08-24", text, partition_number},
    {"meta-data/placement/region", "2020-08-24", text, value<&id::region>},
    {"meta-data/product-codes", "2007-03-01", text, product_codes},
    {"meta-data/profile", "2007-12-15", text,
     [](const role_profile& p) -> maybe { return "default-" + p.instance.virtualization; }},
    {"meta-data/public-hostname", "2007-01-19", text, first<&nic::public_hostname>},
    {"meta-data/public-ipv4", "2007-01-19", text, public_ipv4},
    {"meta-data/ramdisk-id", "2007-10-10", text, value<&id::ramdisk_id>},
    {"meta-data/reservation-id", "1.0", text, value<&id::reservation_id>},
    {"meta-data/security-groups", "1.0", text, security_groups},
    {"meta-data/services/domain", "2014-02-25", text, value<&id::services_domain>},
    {"meta-data/services/partition", "2015-10-20", text, value<&id::partition>},
    {"meta-data/system", "2022-09-24", text, value<&id::system>},
    {"user-data", "1.0", leaf_kind::octets,
     [](const role_profile& p) -> maybe { return p.instance.user_data; }},
});

}  // namespace

std::span<const row> rows() {
    return table;
}

std::optional<std::string> lines(const std::vector<std::string>& values) {
    if (values.empty()) return std::nullopt;
    std::string text;
    for (const std::string& value : values) {
        if (&value != &values.front()) text += '\n';
        text += value;
    }
    return text;
}

}  // namespace imds
