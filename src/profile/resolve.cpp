#include <algorithm>

#include "aws/arn.hpp"
#include "base/ip_address.hpp"
#include "profile/derived_ids.hpp"
#include "profile/place.hpp"
#include "profile/role_profile.hpp"

namespace profile {

namespace {

constexpr std::string_view default_region = "us-east-1";
constexpr std::string_view no_account = "000000000000";

// What a new VPC of the console gets: a /16 divided in /20 subnets.
constexpr unsigned vpc_prefix = 16;
constexpr unsigned subnet_prefix = 20;

void fill(std::string& value, std::string text) {
    if (value.empty()) value = std::move(text);
}

/// uname(2) names -> EC2 names.
std::string architecture_name(std::string_view machine) {
    if (machine.empty() || machine == "amd64") return "x86_64";
    if (machine == "aarch64") return "arm64";
    if (machine.size() == 4 && machine[0] == 'i' && machine.substr(2) == "86") return "i386";
    return std::string(machine);
}

std::string block_of(const base::ip_address& address, unsigned prefix) {
    const auto& b = address.bytes();
    std::uint32_t bits = std::uint32_t(b[12]) << 24 | std::uint32_t(b[13]) << 16 |
                         std::uint32_t(b[14]) << 8 | std::uint32_t(b[15]);
    bits &= ~std::uint32_t(0) << (32 - prefix);
    return base::ip_address::v4(bits).text() + "/" + std::to_string(prefix);
}

/// The prefix length written in a CIDR block, if it is one of a sane size.
std::optional<unsigned> prefix_of(const std::string& cidr) {
    const auto slash = cidr.find('/');
    if (slash == std::string::npos || !base::ip_network::parse(cidr)) return std::nullopt;
    const int prefix = std::atoi(cidr.c_str() + slash + 1);
    if (prefix < 1 || prefix > 32) return std::nullopt;
    return unsigned(prefix);
}

void fill_networks(instance_identity& instance) {
    auto address = base::ip_address::parse(instance.local_ipv4);
    if (!address || !address->is_v4()) address = base::ip_address::v4(0xac1f0000);  // 172.31.0.0
    if (instance.subnet_cidr.empty()) {
        const unsigned within = prefix_of(instance.vpc_cidr).value_or(vpc_prefix);
        instance.subnet_cidr = block_of(*address, std::max(within, subnet_prefix));
    }
    if (instance.vpc_cidr.empty()) {
        const unsigned around = prefix_of(instance.subnet_cidr).value_or(subnet_prefix);
        auto base =
            base::ip_address::parse(instance.subnet_cidr.substr(0, instance.subnet_cidr.find('/')));
        if (!base || !base->is_v4()) base = *address;
        instance.vpc_cidr = block_of(*base, std::min(around, vpc_prefix));
    }
}

}  // namespace

role_profile resolve(role_profile profile, const host_facts& host) {
    instance_identity& instance = profile.instance;
    const std::string_view seed = host.unique_suffix;

    if (instance.region.empty()) instance.region = region_of_zone(instance.availability_zone);
    fill(instance.region, std::string(default_region));
    fill(instance.availability_zone, instance.region + "a");
    fill(instance.availability_zone_id, zone_id_of(instance.region, instance.availability_zone));
    fill(instance.partition, std::string(aws::partition_of_region(instance.region)));
    fill(instance.services_domain, std::string(aws::dns_suffix(instance.partition)));

    fill(instance.architecture, architecture_name(host.architecture));
    fill(instance.instance_type, instance.architecture == "arm64" ? "m6g.large" : "m5.large");
    fill(instance.instance_id, host.instance_id.empty() ? derived_id("i", seed) : host.instance_id);
    fill(instance.image_id, derived_id("ami", seed));
    fill(instance.reservation_id, derived_id("r", seed));
    fill(instance.vpc_id, derived_id("vpc", seed));
    fill(instance.subnet_id, derived_id("subnet", seed));
    fill(instance.interface_id, derived_id("eni", seed));
    fill(instance.security_group, "default");
    fill(instance.security_group_id, derived_id("sg", seed));
    fill(instance.life_cycle, "on-demand");

    fill(instance.local_ipv4, host.local_ipv4.empty() ? derived_ipv4(seed) : host.local_ipv4);
    fill(instance.mac, host.mac.empty() ? derived_mac(seed) : host.mac);
    fill(instance.hostname, private_name(host.hostname, instance.local_ipv4, instance.region));
    fill_networks(instance);

    if (profile.granted_role)
        fill(profile.granted_role->instance_profile_name, profile.granted_role->name);
    fill(instance.account,
         profile.granted_role ? profile.granted_role->account : std::string(no_account));
    fill(profile.issue.session_name, std::string(default_session_name));
    if (instance.pending_time == base::wall_time{}) instance.pending_time = host.boot_time;
    return profile;
}

}  // namespace profile
