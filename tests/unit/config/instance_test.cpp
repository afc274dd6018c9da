#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

using lines = std::vector<std::string>;

std::string with_instance(const std::string& instance) {
    return "apiVersion: imdsd/v1\n"
           "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
           "bindings: [{user: self, profile: p}]\n"
           "profiles: {p: {instance: {" +
           instance + "}}}\n";
}

/// What is wrong, without its place.
lines said_of(const std::string& instance, const fake_environment& from = {}) {
    lines said = said_about(with_instance(instance), from);
    for (std::string& line : said)
        line.erase(0, line.find(": ") + 2);
    return said;
}

profile::instance_identity instance_of(const std::string& instance,
                                       const fake_environment& from = {}) {
    return loaded(with_instance(instance), from).profiles.at(0).instance;
}

}  // namespace

TEST_CASE("Values of an instance must have EC2's forms") {
    const std::pair<const char*, const char*> cases[] = {
        {"kernel_id: ami-01234567", "'kernel_id' must be aki- and 8 or 17 hex digits"},
        {"ramdisk_id: ari-xyz", "'ramdisk_id' must be ari- and 8 or 17 hex digits"},
        {"host_id: h1", "'host_id' must be h- and 8 or 17 hex digits"},
        {"ancestor_ami_ids: [ami-01234567, x]",
         "'ancestor_ami_ids' must be ami- and 8 or 17 hex digits"},
        {"ancestor_ami_ids: [ami-01234567, ami-01234567]",
         "'ancestor_ami_ids' has 'ami-01234567' twice"},
        {"ami_launch_index: -1", "'ami_launch_index' must be from 0 to 65535"},
        {"ami_manifest_path: a b", "'ami_manifest_path' must be printable text without spaces"},
        {"block_devices: {disk: sdb}",
         "block devices are ami, root, swap, ebsN and ephemeralN, not 'disk'"},
        {"block_devices: {ebs: sdb}",
         "block devices are ami, root, swap, ebsN and ephemeralN, not 'ebs'"},
        {"block_devices: {ebs01: sdb}",
         "block devices are ami, root, swap, ebsN and ephemeralN, not 'ebs01'"},
        {"block_devices: {ebs1: ''}", "a device is printable text without spaces"},
        {"block_devices: sdb", "'block_devices' must be a mapping, not text"},
        {"virtualization: kvm", "'virtualization' must be hvm or paravirtual"},
        {"system: kvm", "'system' must be auto, nitro, xen-on-nitro or xen"},
        {"instance_action: reboot", "'instance_action' must be none, shutdown or bundle-pending"},
        {"hibernation: yes", "'hibernation' must be true or false"},
        {"monitoring: on", "'monitoring' must be none, disabled or enabled"},
        {"pending_time: yesterday",
         "'pending_time' must be auto or a time such as 2026-01-02T03:04:05Z"},
        {"partition_number: 1", "'partition_number' needs a 'placement_group'"},
        {"placement_group: g, partition_number: 8", "'partition_number' must be from 1 to 7"},
        {"partition: a/b", "'partition' must be a partition name such as aws-cn"},
        {"elastic_inference: {x: eia1.medium}", "ids begin with eia-, not 'x'"},
        {"elastic_gpus: {egpu-a/b: {}}", "ids begin with egpu-, not 'egpu-a/b'"},
        {"elastic_gpus: {egpu-1: '[1]'}", "'egpu-1' must be a JSON object"},
        {"billing_products: ['a b']", "'billing_products' must be printable text without spaces"},
    };
    for (const auto& [instance, message] : cases) {
        CAPTURE(instance);
        CHECK(said_of(instance) == lines{message});
    }
}

TEST_CASE("The network of an instance is checked") {
    const std::pair<const char*, const char*> cases[] = {
        {"local_ipv4: [10.0.0.1, 10.0.0]", "'local_ipv4' must be an IPv4 address"},
        {"local_ipv4: none", "an interface without IPv4 needs IPv6 addresses"},
        {"local_ipv4: none, ipv6: '2001:db8::1', public_ipv4: 203.0.113.1",
         "a public IPv4 address needs a private one to lead to"},
        {"ipv6: 10.0.0.1", "'ipv6' must be auto, none or an IPv6 address"},
        {"public_hostname: a.example", "a public host name needs a public IPv4 address"},
        {"local_ipv4: 10.0.0.5, public_ipv4: {203.0.113.1: 10.0.0.6}",
         "'10.0.0.6' is none of the addresses in 'local_ipv4'"},
        {"public_ipv4: {here: auto}", "keys of 'public_ipv4' must be IPv4 addresses"},
        {"security_groups: [a, a]", "'security_groups' has 'a' twice"},
        {"security_groups: {a: x}", "'a' must be auto, or sg- and 8 or 17 hex digits"},
        {"security_groups: {}", "'security_groups' must not be empty"},
        {"security_groups: [a], security_group: b",
         "'security_groups' names the groups already, with their ids"},
        {"local_ipv4: 10.0.2.5, subnet_cidr: 10.0.1.0/24",
         "warning: 10.0.2.5 is not in the subnet's 10.0.1.0/24"},
        {"interfaces: []", "'interfaces' must be auto or a list of 1 to 32 interfaces"},
        {"interfaces: eth0", "'interfaces' must be auto or a list of 1 to 32 interfaces"},
        {"interfaces: [{}, {macs: x}]", "unknown key 'macs'; did you mean 'mac'?"},
        {"interfaces: [{}, eth1]", "an interface must be a mapping, not text"},
        {"mac: '02:00:5e:00:53:01', interfaces: [{mac: '02:00:5e:00:53:02'}]",
         "'mac' of the first interface is 'mac' of the instance already"},
        {"local_ipv4: 10.0.0.5, interfaces: [{local_ipv4s: 10.0.0.5}]",
         "'local_ipv4s' of the first interface is 'local_ipv4' of the instance already"},
        {"hostname: a, interfaces: [{hostname: b}]",
         "'hostname' of the first interface is 'hostname' of the instance already"},
        {"interfaces: [{mac: '02:00:5e:00:53:01'}, {mac: '02:00:5E:00:53:01'}]",
         "two interfaces have the mac 02:00:5e:00:53:01"},
        {"local_ipv4: 10.0.0.5, interfaces: [{}, {local_ipv4s: 10.0.0.5}]",
         "two interfaces have the address 10.0.0.5"},
        {"interfaces: [{}, {device_number: 0}]", "two interfaces have the device number 0"},
        {"interfaces: [{ipv4_prefixes: 10.0.0.1/28}]",
         "'ipv4_prefixes' must be an IPv4 prefix such as 10.0.1.32/28"},
        {"interfaces: [{ipv6_prefixes: 10.0.0.0/28}]",
         "'ipv6_prefixes' must be an IPv6 network such as 2001:db8:0:1::/64"},
        {"interfaces: [{ipv6s: auto}, {ipv6s: auto}]",
         "'ipv6s' can be auto for the first interface only"},
        {"interfaces: [{owner_id: 42}]", "an account is a number of 12 digits, not '42'"},
    };
    for (const auto& [instance, message] : cases) {
        CAPTURE(instance);
        CHECK(said_of(instance) == lines{message});
    }
    CHECK(said_about(with_instance("interfaces: [{}, {device_number: 0}]")) ==
          lines{"4:44: two interfaces have the device number 0"});
}

TEST_CASE("One interface is described by the keys of the instance alone") {
    const auto one = instance_of("local_ipv4: 10.0.1.17, public_ipv4: 203.0.113.25, ipv6: auto");
    REQUIRE(one.interfaces.size() == 1);
    CHECK(one.local_ipv4() == "10.0.1.17");
    CHECK(one.primary().host_ipv6);
    CHECK(one.primary().public_ipv4s.at(0).local_ipv4s.empty());
    CHECK_FALSE(one.host_interfaces);
    CHECK(instance_of("interfaces: auto").host_interfaces);
    CHECK(instance_of("interfaces: [{}, {}]").interfaces.at(1).device_number == 1);
}

TEST_CASE("User data is bytes from where it is said to be") {
    fake_environment from;
    from.files["data/i-0123456789abcdef0"] = "by id";
    from.files["data/p"] = std::string("\0\xff", 2);
    from.files["big"] = std::string(16'385, 'x');
    from.files["most/p"] = std::string(16'384, 'x');
    from.files["empty"] = "";
    using maybe = std::optional<std::string>;
    CHECK(instance_of("user_data: text", from).user_data == maybe("text"));
    CHECK(instance_of("user_data: {base64: AP8=}", from).user_data ==
          maybe(std::string("\0\xff", 2)));
    CHECK(instance_of("user_data: {file: data/p}", from).user_data ==
          maybe(std::string("\0\xff", 2)));
    CHECK(instance_of("user_data: {directory: data}", from).user_data ==
          maybe(std::string("\0\xff", 2)));
    CHECK(instance_of("id: i-0123456789abcdef0, user_data: {directory: data}", from).user_data ==
          maybe("by id"));
    CHECK(instance_of("id: i-0123456789abcdef1, user_data: {directory: data}", from).user_data ==
          maybe(std::string("\0\xff", 2)));
    CHECK(instance_of("user_data: {directory: most}", from).user_data->size() == 16'384);
    CHECK_FALSE(instance_of("user_data: {file: empty}", from).user_data);
    CHECK_FALSE(instance_of("user_data: ''", from).user_data);

    CHECK(said_of("user_data: {directory: nowhere}", from) ==
          lines{"warning: no user data: nowhere/p: there is no such file"});
    CHECK(said_of("id: i-01234567, user_data: {directory: /srv}", from) ==
          lines{"warning: no user data: neither /srv/i-01234567 nor /srv/p is there"});
    CHECK(said_of("user_data: {file: big}", from) == lines{"'user_data' is at most 16384 bytes"});
    CHECK(said_of("user_data: {base64: 'A===' }", from).size() == 1);
    CHECK(said_of("user_data: {base64: '!'}", from).at(0).rfind("'base64': ", 0) == 0);
    CHECK(said_of("user_data: {path: x}", from) ==
          lines{"'user_data' must be text, {file: PATH}, {directory: PATH} or {base64: TEXT}"});
}

TEST_CASE("An instance profile needs no role, everything else of a role does") {
    const std::string frame = with_instance("");
    auto text = frame;
    text.replace(text.find("{p: {instance: {}}}"), 19, "{p: {instance_profile_name: mine}}");
    CHECK(loaded(text).profiles.at(0).instance_profile_name == "mine");
    text = frame;
    text.replace(text.find("{p: {instance: {}}}"), 19, "{p: {duration: 2h}}");
    CHECK(said_about(text) == lines{"4:16: 'duration' needs a 'role' or an 'instance_profile'"});
}
