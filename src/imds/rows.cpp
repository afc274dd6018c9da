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

maybe with_role(const role_profile& p) {
    if (!p.granted_role) return std::nullopt;
    return std::string();
}

maybe with_extended_credentials(const role_profile& p) {
    if (!p.metadata.extended_credentials) return std::nullopt;
    return with_role(p);
}

template <std::string profile::instance_identity::*member>
maybe value(const role_profile& p) {
    return unless_empty(p.instance.*member);
}

template <std::string profile::instance_identity::*member>
maybe with_public_address(const role_profile& p) {
    if (p.instance.public_ipv4.empty()) return std::nullopt;
    return p.instance.*member;
}

template <char... text>
maybe constant(const role_profile&) {
    return std::string{text...};
}

maybe public_hostname(const role_profile& p) {
    if (p.instance.public_ipv4.empty()) return std::nullopt;
    std::string dashed = p.instance.public_ipv4;
    for (char& c : dashed) {
        if (c == '.') c = '-';
    }
    const bool first_region = p.instance.region == "us-east-1";
    return "ec2-" + dashed +
           (first_region ? ".compute-1." : "." + p.instance.region + ".compute.") +
           p.instance.services_domain;
}

using id = profile::instance_identity;
constexpr auto text = leaf_kind::text;

// Sources: EC2 User Guide, "Instance metadata categories"; versions as documented there.
constexpr auto table = std::to_array<row>({
    {"dynamic/instance-identity/document", "2009-04-04", text,
     [](const role_profile& p) -> maybe { return identity_document(p); }},
    {"meta-data/ami-id", "1.0", text, value<&id::image_id>},
    {"meta-data/ami-launch-index", "1.0", text, constant<'0'>},
    {"meta-data/ami-manifest-path", "1.0", text,
     [](const role_profile&) -> maybe { return "(unknown)"; }},
    {"meta-data/block-device-mapping/ami", "2007-12-15", text,
     [](const role_profile&) -> maybe { return "/dev/xvda"; }},
    {"meta-data/block-device-mapping/root", "2007-12-15", text,
     [](const role_profile&) -> maybe { return "/dev/xvda"; }},
    {"meta-data/hostname", "1.0", text, value<&id::hostname>},
    {"meta-data/iam/info", "2012-01-12", leaf_kind::iam_info, with_role},
    {"meta-data/iam/security-credentials/{role}", "2012-01-12", leaf_kind::credentials, with_role},
    {"meta-data/iam/security-credentials-extended/{role}", "2012-01-12",
     leaf_kind::extended_credentials, with_extended_credentials},
    {"meta-data/instance-action", "2008-09-01", text,
     [](const role_profile&) -> maybe { return "none"; }},
    {"meta-data/instance-id", "1.0", text, value<&id::instance_id>},
    {"meta-data/instance-life-cycle", "2019-10-01", text, value<&id::life_cycle>},
    {"meta-data/instance-type", "2007-08-29", text, value<&id::instance_type>},
    {"meta-data/local-hostname", "2007-01-19", text, value<&id::hostname>},
    {"meta-data/local-ipv4", "1.0", text, value<&id::local_ipv4>},
    {"meta-data/mac", "2011-01-01", text, value<&id::mac>},
    {"meta-data/network/interfaces/macs/{mac}/device-number", "2011-01-01", text, constant<'0'>},
    {"meta-data/network/interfaces/macs/{mac}/interface-id", "2011-01-01", text,
     value<&id::interface_id>},
    {"meta-data/network/interfaces/macs/{mac}/ipv4-associations/{public-ipv4}", "2011-01-01", text,
     with_public_address<&id::local_ipv4>},
    {"meta-data/network/interfaces/macs/{mac}/local-hostname", "2007-01-19", text,
     value<&id::hostname>},
    {"meta-data/network/interfaces/macs/{mac}/local-ipv4s", "2011-01-01", text,
     value<&id::local_ipv4>},
    {"meta-data/network/interfaces/macs/{mac}/mac", "2011-01-01", text, value<&id::mac>},
    {"meta-data/network/interfaces/macs/{mac}/network-card", "2020-11-01", text, constant<'0'>},
    {"meta-data/network/interfaces/macs/{mac}/owner-id", "2011-01-01", text, value<&id::account>},
    {"meta-data/network/interfaces/macs/{mac}/public-hostname", "2011-01-01", text,
     public_hostname},
    {"meta-data/network/interfaces/macs/{mac}/public-ipv4s", "2011-01-01", text,
     value<&id::public_ipv4>},
    {"meta-data/network/interfaces/macs/{mac}/security-group-ids", "2011-01-01", text,
     value<&id::security_group_id>},
    {"meta-data/network/interfaces/macs/{mac}/security-groups", "2011-01-01", text,
     value<&id::security_group>},
    {"meta-data/network/interfaces/macs/{mac}/subnet-id", "2011-01-01", text,
     value<&id::subnet_id>},
    {"meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", "2011-01-01", text,
     value<&id::subnet_cidr>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-id", "2011-01-01", text, value<&id::vpc_id>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", "2011-01-01", text,
     value<&id::vpc_cidr>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks", "2016-06-30", text,
     value<&id::vpc_cidr>},
    {"meta-data/placement/availability-zone", "2008-02-01", text, value<&id::availability_zone>},
    {"meta-data/placement/availability-zone-id", "2019-10-01", text,
     value<&id::availability_zone_id>},
    {"meta-data/placement/region", "2020-08-24", text, value<&id::region>},
    {"meta-data/profile", "2007-12-15", text,
     [](const role_profile&) -> maybe { return "default-hvm"; }},
    {"meta-data/public-hostname", "2007-01-19", text, public_hostname},
    {"meta-data/public-ipv4", "2007-01-19", text, value<&id::public_ipv4>},
    {"meta-data/reservation-id", "1.0", text, value<&id::reservation_id>},
    {"meta-data/security-groups", "1.0", text, value<&id::security_group>},
    {"meta-data/services/domain", "2014-02-25", text, value<&id::services_domain>},
    {"meta-data/services/partition", "2015-10-20", text, value<&id::partition>},
    {"meta-data/system", "2022-09-24", text, [](const role_profile&) -> maybe { return "nitro"; }},
    {"user-data", "1.0", leaf_kind::octets,
     [](const role_profile& p) -> maybe { return p.instance.user_data; }},
});

}  // namespace

std::span<const row> rows() {
    return table;
}

std::vector<named_leaf> named_leaves(const role_profile& profile) {
    std::vector<named_leaf> leaves;
    std::size_t index = 0;
    for (const auto& [name, key] : profile.instance.public_keys) {
        const std::string number = std::to_string(index++);
        std::string body = key;
        // The only leaf known to end with a newline on EC2.
        if (body.empty() || body.back() != '\n') body += '\n';
        leaves.push_back({"meta-data/public-keys/" + number + "/openssh-key", "1.0",
                          std::move(body), number + "=" + name});
    }
    if (profile.metadata.instance_metadata_tags) {
        for (const auto& [key, value] : profile.instance.tags) {
            leaves.push_back({"meta-data/tags/instance/" + key, "2021-03-23", value, {}});
        }
    }
    return leaves;
}

}  // namespace imds
