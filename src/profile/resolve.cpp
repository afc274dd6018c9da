#include "aws/arn.hpp"
#include "profile/derived_ids.hpp"
#include "profile/instance_type.hpp"
#include "profile/place.hpp"
#include "profile/resolve_interfaces.hpp"
#include "profile/role_profile.hpp"

namespace profile {

namespace {

constexpr std::string_view default_region = "us-east-1";
constexpr std::string_view no_account = "000000000000";
constexpr const char* default_root_device = "/dev/xvda";

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

/// The region's, unless only the role says that it is another ("corp").
std::string partition_of(const role_profile& profile) {
    const auto by_region = aws::partition_of_region(profile.instance.region);
    if (by_region == "aws" && profile.instance_profile) return profile.instance_profile->partition;
    if (by_region != "aws" || !profile.granted_role) return std::string(by_region);
    const auto role = aws::parse_role_arn(profile.granted_role->arn);
    return role ? role->partition : std::string(by_region);
}

/// Devices of an image that boots from EBS; EC2 names the first disk so whatever the driver calls
/// it.
void fill_block_devices(instance_identity& instance) {
    auto& devices = instance.block_devices;
    const auto device = [&](std::string_view name) -> std::string {
        for (const auto& [key, value] : devices)
            if (key == name) return value;
        return {};
    };
    const std::string ami = device("ami"), root = device("root");
    if (ami.empty()) devices.emplace_back("ami", root.empty() ? default_root_device : root);
    if (root.empty()) devices.emplace_back("root", device("ami"));
}

}  // namespace

role_profile resolve(role_profile profile, const host_facts& host) {
    instance_identity& instance = profile.instance;
    const std::string_view seed = host.unique_suffix;

    if (instance.region.empty()) instance.region = region_of_zone(instance.availability_zone);
    fill(instance.region, std::string(default_region));
    fill(instance.availability_zone, instance.region + "a");
    fill(instance.availability_zone_id, zone_id_of(instance.region, instance.availability_zone));
    fill(instance.partition, partition_of(profile));
    fill(instance.services_domain, std::string(aws::dns_suffix(instance.partition)));

    fill(instance.architecture, architecture_name(host.architecture));
    fill(instance.instance_type, instance.architecture == "arm64" ? "m6g.large" : "m5.large");
    fill(instance.instance_id, host.instance_id.empty() ? derived_id("i", seed) : host.instance_id);
    fill(instance.image_id, derived_id("ami", seed));
    fill(instance.reservation_id, derived_id("r", seed));
    fill(instance.life_cycle, "on-demand");
    fill(instance.ami_manifest_path, "(unknown)");
    fill(instance.instance_action, "none");
    fill(instance.virtualization, "hvm");
    fill(instance.system, std::string(system_of_type(instance.instance_type)));
    fill_block_devices(instance);

    if (profile.granted_role) fill(profile.instance_profile_name, profile.granted_role->name);
    if (profile.instance_profile) fill(instance.account, profile.instance_profile->account);
    fill(instance.account,
         profile.granted_role ? profile.granted_role->account : std::string(no_account));
    resolve_interfaces(instance, host, seed);

    fill(profile.issue.session_name, std::string(default_session_name));
    if (instance.pending_time == base::wall_time{}) instance.pending_time = host.boot_time;
    return profile;
}

}  // namespace profile
