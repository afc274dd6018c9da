#include "profile/resolve_interfaces.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ip_address.hpp"
#include "profile/derived_ids.hpp"
#include "profile/place.hpp"

namespace profile {

namespace {

// What a new VPC of the console gets: a /16 divided in /20 subnets; IPv6 a /56 divided in /64.
constexpr unsigned vpc_prefix = 16;
constexpr unsigned subnet_prefix = 20;
constexpr unsigned vpc_prefix_v6 = 56;
constexpr unsigned subnet_prefix_v6 = 64;

void fill(std::string& value, std::string text) {
    if (value.empty()) value = std::move(text);
}

std::uint32_t bits_of(const base::ip_address& address) {
    const auto& b = address.bytes();
    return std::uint32_t(b[12]) << 24 | std::uint32_t(b[13]) << 16 | std::uint32_t(b[14]) << 8 |
           std::uint32_t(b[15]);
}

std::string block_of(const base::ip_address& address, unsigned prefix) {
    const std::uint32_t mask = ~std::uint32_t(0) << (32 - prefix);
    return base::ip_address::v4(bits_of(address) & mask).text() + "/" + std::to_string(prefix);
}

/// `prefix` is a multiple of 8.
std::string block_of_v6(const std::string& text, unsigned prefix) {
    const auto address = base::ip_address::parse(text);
    if (!address) return {};
    auto bytes = address->bytes();
    std::fill(bytes.begin() + prefix / 8, bytes.end(), std::uint8_t(0));
    return base::ip_address::v6(bytes).text() + "/" + std::to_string(prefix);
}

struct ipv4_block {
    base::ip_address base;
    unsigned prefix;
};

std::optional<ipv4_block> parse_block(std::string_view cidr) {
    const auto slash = cidr.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto base = base::ip_address::parse(cidr.substr(0, slash));
    const auto digits = cidr.substr(slash + 1);
    unsigned prefix = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (!base || !base->is_v4() || failed != std::errc{} || end != digits.data() + digits.size() ||
        prefix < 1 || prefix > 32)
        return std::nullopt;
    return ipv4_block{*base, prefix};
}

bool contains(const std::string& cidr, const std::string& address) {
    const auto network = base::ip_network::parse(cidr);
    const auto parsed = base::ip_address::parse(address);
    return network && parsed && network->contains(*parsed);
}

/// An address inside a block; the first four and the last one are not given to instances.
std::string address_within(const std::string& cidr, std::uint64_t number) {
    const auto block = parse_block(cidr);
    if (!block) return {};
    const std::uint64_t size = std::uint64_t(1) << (32 - block->prefix);
    const std::uint64_t at = size > 8 ? 4 + number % (size - 5) : number % size;
    return base::ip_address::v4(bits_of(block->base) + std::uint32_t(at)).text();
}

class interface_resolver {
public:
    interface_resolver(instance_identity& instance, const host_facts& host, std::string_view seed)
        : instance_(instance), host_(host), seed_(seed) {}

    void run() {
        if (instance_.host_interfaces) add_host_interfaces();
        fill_first(instance_.primary());
        for (std::size_t i = 1; i < instance_.interfaces.size(); ++i)
            fill_further(i);
        for (network_interface& interface : instance_.interfaces)
            fill_common(interface);
    }

private:
    void add_host_interfaces() {
        for (std::size_t i = 1; i < host_.interfaces.size(); ++i) {
            const host_interface& found = host_.interfaces[i];
            network_interface made;
            made.device_number = unsigned(i);
            made.mac = found.mac;
            made.local_ipv4s = found.ipv4s;
            made.ipv6_only = found.ipv4s.empty();
            made.ipv6s = found.ipv6s;
            instance_.interfaces.push_back(std::move(made));
        }
    }

    void fill_first(network_interface& first) {
        const host_interface known =
            host_.interfaces.empty() ? host_interface() : host_.interfaces.front();
        fill(first.id, derived_id("eni", seed_));
        fill(first.mac, known.mac.empty() ? derived_mac(seed_) : known.mac);
        if (first.local_ipv4s.empty() && !first.ipv6_only) {
            first.local_ipv4s = known.ipv4s;
            if (first.local_ipv4s.empty()) first.local_ipv4s = {derived_ipv4(seed_)};
        }
        if (first.host_ipv6 && first.ipv6s.empty()) first.ipv6s = known.ipv6s;
        fill(first.subnet_id, derived_id("subnet", seed_));
        fill(first.vpc_id, derived_id("vpc", seed_));
        fill_blocks(first);
        if (first.security_groups.empty()) first.security_groups = {{"default", {}}};
        for (security_group& group : first.security_groups)
            fill(group.id, group_id(group.name));
        // Only where eth0 has no IPv4 address is the instance named after its id.
        const std::string address = instance_.local_ipv4();
        const std::string& name = host_.hostname;
        fill(instance_.hostname, first.hostname);
        fill(instance_.hostname,
             private_name(name.empty() && address.empty() ? instance_.instance_id : name, address,
                          instance_.region));
        instance_.hostname = with_domain(std::move(instance_.hostname), instance_.region);
        first.hostname = instance_.hostname;
    }

    void fill_blocks(network_interface& first) {
        auto address = base::ip_address::parse(instance_.local_ipv4());
        if (!address || !address->is_v4())
            address = base::ip_address::v4(0xac1f0000);  // 172.31.0.0
        auto& subnet = first.subnet_ipv4_cidr_block;
        auto& vpc = first.vpc_ipv4_cidr_blocks;
        if (subnet.empty() && !first.ipv6_only) {
            // In the block of the VPC that holds the address.
            unsigned within = vpc_prefix;
            for (const std::string& block : vpc)
                if (const auto parsed = parse_block(block))
                    if (contains(block, address->text())) within = parsed->prefix;
            subnet = block_of(*address, std::max(within, subnet_prefix));
        }
        if (vpc.empty()) {
            const auto around = parse_block(subnet);
            vpc = {block_of(around ? around->base : *address,
                            std::min(around ? around->prefix : subnet_prefix, vpc_prefix))};
        }
    }

    void fill_further(std::size_t index) {
        network_interface& one = instance_.interfaces[index];
        const network_interface& first = instance_.primary();
        const std::string seed = std::string(seed_) + "/" + std::to_string(index);
        fill(one.id, derived_id("eni", seed));
        fill(one.mac, derived_mac(seed));
        fill(one.vpc_id, first.vpc_id);
        if (one.vpc_ipv4_cidr_blocks.empty()) one.vpc_ipv4_cidr_blocks = first.vpc_ipv4_cidr_blocks;
        if (one.subnet_ipv4_cidr_block.empty() && !one.ipv6_only) {
            const auto address = base::ip_address::parse(
                one.local_ipv4s.empty() ? std::string() : one.local_ipv4s.front());
            const bool near = !address || contains(first.subnet_ipv4_cidr_block, address->text());
            one.subnet_ipv4_cidr_block =
                near ? first.subnet_ipv4_cidr_block : block_of(*address, subnet_prefix);
        }
        fill(one.subnet_id, subnet_id_of(index));
        if (one.local_ipv4s.empty() && !one.ipv6_only)
            one.local_ipv4s = {free_address(one.subnet_ipv4_cidr_block, seed)};
        if (one.security_groups.empty()) one.security_groups = first.security_groups;
        for (security_group& group : one.security_groups)
            fill(group.id, group_id(group.name));
        const std::string address = one.local_ipv4s.empty() ? std::string() : one.local_ipv4s[0];
        fill(one.hostname,
             private_name(address.empty() ? one.id : std::string(), address, instance_.region));
        one.hostname = with_domain(std::move(one.hostname), instance_.region);
    }

    /// Interfaces in the same block are in the same subnet.
    std::string subnet_id_of(std::size_t index) const {
        const std::string& block = instance_.interfaces[index].subnet_ipv4_cidr_block;
        for (std::size_t i = 0; i < index; ++i)
            if (instance_.interfaces[i].subnet_ipv4_cidr_block == block)
                return instance_.interfaces[i].subnet_id;
        return derived_id("subnet", std::string(seed_) + "/" + block);
    }

    /// The same group has the same id on every interface.
    std::string group_id(const std::string& name) const {
        for (const security_group& known : instance_.primary().security_groups)
            if (known.name == name && !known.id.empty()) return known.id;
        return derived_id("sg", std::string(seed_) + "/" + name);
    }

    std::string free_address(const std::string& block, const std::string& seed) const {
        std::string address;
        // A subnet may be full of written addresses; then the last try stands.
        for (unsigned attempt = 0; attempt < 64; ++attempt) {
            address = address_within(block, derived_number("ipv4", seed) + attempt);
            const bool taken = std::any_of(
                instance_.interfaces.begin(), instance_.interfaces.end(), [&](const auto& other) {
                    const auto& all = other.local_ipv4s;
                    return std::find(all.begin(), all.end(), address) != all.end();
                });
            if (!taken) break;
        }
        return address;
    }

    void fill_common(network_interface& one) {
        fill(one.owner_id, instance_.account);
        for (public_address& address : one.public_ipv4s)
            if (address.local_ipv4s.empty() && !one.local_ipv4s.empty())
                address.local_ipv4s = {one.local_ipv4s.front()};
        if (!one.public_dns || one.public_ipv4s.empty())
            one.public_hostname.clear();
        else
            fill(one.public_hostname, public_name(one.public_ipv4s.front().public_ipv4,
                                                  instance_.region, instance_.services_domain));
        if (one.ipv6s.empty()) return;
        if (one.subnet_ipv6_cidr_blocks.empty())
            one.subnet_ipv6_cidr_blocks = {block_of_v6(one.ipv6s.front(), subnet_prefix_v6)};
        if (one.vpc_ipv6_cidr_blocks.empty())
            one.vpc_ipv6_cidr_blocks = {block_of_v6(one.ipv6s.front(), vpc_prefix_v6)};
    }

    instance_identity& instance_;
    const host_facts& host_;
    std::string_view seed_;
};

}  // namespace

void resolve_interfaces(instance_identity& instance, const host_facts& host,
                        std::string_view seed) {
    interface_resolver(instance, host, seed).run();
}

}  // namespace profile
