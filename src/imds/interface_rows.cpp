#include <array>

#include "imds/rows.hpp"

namespace imds {

namespace {

using profile::network_interface;
using profile::role_profile;
using maybe = std::optional<std::string>;

/// Emits one leaf for each interface for which `body` gives a value.
template <maybe (*body)(const network_interface&)>
void each_interface(const role_profile& p, const leaf_sink& add) {
    for (const network_interface& one : p.instance.interfaces)
        if (auto text = body(one)) add({{one.mac}, std::move(*text)});
}

template <std::string network_interface::*member>
void text(const role_profile& p, const leaf_sink& add) {
    for (const network_interface& one : p.instance.interfaces)
        if (!(one.*member).empty()) add({{one.mac}, one.*member});
}

template <std::vector<std::string> network_interface::*member>
void list(const role_profile& p, const leaf_sink& add) {
    for (const network_interface& one : p.instance.interfaces)
        if (auto text = lines(one.*member)) add({{one.mac}, std::move(*text)});
}

template <unsigned network_interface::*member>
void number(const role_profile& p, const leaf_sink& add) {
    for (const network_interface& one : p.instance.interfaces)
        add({{one.mac}, std::to_string(one.*member)});
}

template <std::string profile::security_group::*member>
maybe groups(const network_interface& one) {
    std::vector<std::string> values;
    for (const auto& group : one.security_groups)
        values.push_back(group.*member);
    return lines(values);
}

maybe public_addresses(const network_interface& one) {
    std::vector<std::string> values;
    for (const auto& address : one.public_ipv4s)
        values.push_back(address.public_ipv4);
    return lines(values);
}

maybe vpc_block(const network_interface& one) {
    if (one.vpc_ipv4_cidr_blocks.empty()) return std::nullopt;
    return one.vpc_ipv4_cidr_blocks.front();
}

void associations(const role_profile& p, const leaf_sink& add) {
    for (const network_interface& one : p.instance.interfaces) {
        for (const auto& address : one.public_ipv4s)
            if (auto text = lines(address.local_ipv4s))
                add({{one.mac, address.public_ipv4}, std::move(*text)});
    }
}

using nic = network_interface;

// Sources: EC2 User Guide, "Instance metadata categories"; versions as documented there. Prefixes
// are not dated there: they came with prefix delegation in July 2021.
constexpr auto table = std::to_array<repeated_row>({
    {"meta-data/network/interfaces/macs/{mac}/device-number", "2011-01-01",
     number<&nic::device_number>},
    {"meta-data/network/interfaces/macs/{mac}/interface-id", "2011-01-01", text<&nic::id>},
    {"meta-data/network/interfaces/macs/{mac}/ipv4-associations/{public-ipv4}", "2011-01-01",
     associations},
    {"meta-data/network/interfaces/macs/{mac}/ipv4-prefix", "2021-07-15",
     list<&nic::ipv4_prefixes>},
    {"meta-data/network/interfaces/macs/{mac}/ipv6-prefix", "2021-07-15",
     list<&nic::ipv6_prefixes>},
    {"meta-data/network/interfaces/macs/{mac}/ipv6s", "2016-06-30", list<&nic::ipv6s>},
    {"meta-data/network/interfaces/macs/{mac}/local-hostname", "2007-01-19", text<&nic::hostname>},
    {"meta-data/network/interfaces/macs/{mac}/local-ipv4s", "2011-01-01", list<&nic::local_ipv4s>},
    {"meta-data/network/interfaces/macs/{mac}/mac", "2011-01-01", text<&nic::mac>},
    {"meta-data/network/interfaces/macs/{mac}/network-card", "2020-11-01",
     number<&nic::network_card>},
    {"meta-data/network/interfaces/macs/{mac}/owner-id", "2011-01-01", text<&nic::owner_id>},
    {"meta-data/network/interfaces/macs/{mac}/public-hostname", "2011-01-01",
     text<&nic::public_hostname>},
    {"meta-data/network/interfaces/macs/{mac}/public-ipv4s", "2011-01-01",
     each_interface<public_addresses>},
    {"meta-data/network/interfaces/macs/{mac}/security-group-ids", "2011-01-01",
     each_interface<groups<&profile::security_group::id>>},
    {"meta-data/network/interfaces/macs/{mac}/security-groups", "2011-01-01",
     each_interface<groups<&profile::security_group::name>>},
    {"meta-data/network/interfaces/macs/{mac}/subnet-id", "2011-01-01", text<&nic::subnet_id>},
    {"meta-data/network/interfaces/macs/{mac}/subnet-ipv4-cidr-block", "2011-01-01",
     text<&nic::subnet_ipv4_cidr_block>},
    {"meta-data/network/interfaces/macs/{mac}/subnet-ipv6-cidr-blocks", "2016-06-30",
     list<&nic::subnet_ipv6_cidr_blocks>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-id", "2011-01-01", text<&nic::vpc_id>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-block", "2011-01-01",
     each_interface<vpc_block>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-ipv4-cidr-blocks", "2016-06-30",
     list<&nic::vpc_ipv4_cidr_blocks>},
    {"meta-data/network/interfaces/macs/{mac}/vpc-ipv6-cidr-blocks", "2016-06-30",
     list<&nic::vpc_ipv6_cidr_blocks>},
});

}  // namespace

std::span<const repeated_row> interface_rows() {
    return table;
}

}  // namespace imds
