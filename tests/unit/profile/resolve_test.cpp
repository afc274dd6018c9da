#include <set>

#include "base/ip_address.hpp"
#include "profile/instance_type.hpp"
#include "profile/place.hpp"
#include "profile/role_profile.hpp"
#include "profile/tag_keys.hpp"
#include "support/catch.hpp"

namespace {

using texts = std::vector<std::string>;

profile::host_facts host() {
    profile::host_facts facts;
    facts.instance_id = "i-0fedcba9876543210";
    facts.unique_suffix = "00112233445566778";
    facts.hostname = "Worker_7";
    facts.interfaces = {{"eth0", "52:54:00:12:34:56", {"10.20.37.5"}, {"2001:db8::17"}},
                        {"eth1", "52:54:00:12:34:57", {"10.20.38.5", "10.20.38.6"}, {}}};
    facts.architecture = "aarch64";
    facts.boot_time = base::wall_time(base::seconds(1'789'000'000));
    return facts;
}

/// Letters, '-', '0' and 16 hex digits.
bool is_resource_id(const std::string& text) {
    const auto dash = text.find('-');
    return dash != std::string::npos && dash > 0 && text.size() == dash + 18 &&
           text[dash + 1] == '0' &&
           text.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
}

profile::role_profile with_role() {
    profile::role_profile p;
    p.name = "backup";
    p.granted_role =
        profile::role{"arn:aws:iam::123456789012:role/team/backup", "backup", "123456789012"};
    return p;
}

}  // namespace

TEST_CASE("Facts of the host fill what is auto") {
    const auto p = profile::resolve(with_role(), host());
    CHECK(p.instance.instance_id == "i-0fedcba9876543210");
    CHECK(p.instance.local_ipv4() == "10.20.37.5");
    CHECK(p.instance.primary().mac == "52:54:00:12:34:56");
    CHECK(p.instance.architecture == "arm64");
    CHECK(p.instance.instance_type == "m6g.large");
    CHECK(p.instance.hostname == "worker-7.ec2.internal");
    CHECK(p.instance.pending_time == host().boot_time);
    CHECK(p.instance.primary().subnet_ipv4_cidr_block == "10.20.32.0/20");
    CHECK(p.instance.primary().vpc_ipv4_cidr_blocks == texts{"10.20.0.0/16"});
    CHECK(p.instance.account == "123456789012");
    CHECK(p.instance_profile_name == "backup");
    CHECK(p.issue.session_name == "{instance-id}");
    CHECK(p.instance.primary().public_ipv4s.empty());
    CHECK(p.instance.primary().public_hostname.empty());
    CHECK(p.instance.primary().ipv6s.empty());
    CHECK(p.instance.interfaces.size() == 1);
}

TEST_CASE("Place and partition follow the region") {
    auto p = with_role();
    p.instance.region = "cn-north-1";
    p = profile::resolve(p, host());
    CHECK(p.instance.availability_zone == "cn-north-1a");
    CHECK(p.instance.availability_zone_id == "cnn1-az1");
    CHECK(p.instance.partition == "aws-cn");
    CHECK(p.instance.services_domain == "amazonaws.com.cn");
    CHECK(p.instance.hostname == "worker-7.cn-north-1.compute.internal");
}

TEST_CASE("A zone alone gives its region") {
    auto p = with_role();
    p.instance.availability_zone = "eu-central-1c";
    p = profile::resolve(p, host());
    CHECK(p.instance.region == "eu-central-1");
    CHECK(p.instance.availability_zone_id == "euc1-az3");
}

TEST_CASE("Written values are kept") {
    auto p = with_role();
    auto& i = p.instance;
    i.instance_id = "i-1";
    i.hostname = "db.example.net";
    i.primary().local_ipv4s = {"192.0.2.7"};
    i.primary().subnet_ipv4_cidr_block = "192.0.2.0/24";
    i.account = "000000000042";
    i.pending_time = base::wall_time(base::seconds(5));
    i.architecture = "i386";
    p.instance_profile_name = "other";
    p = profile::resolve(p, host());
    CHECK(p.instance.instance_id == "i-1");
    CHECK(p.instance.hostname == "db.example.net");
    CHECK(p.instance.local_ipv4() == "192.0.2.7");
    CHECK(p.instance.primary().subnet_ipv4_cidr_block == "192.0.2.0/24");
    CHECK(p.instance.primary().vpc_ipv4_cidr_blocks == texts{"192.0.0.0/16"});
    CHECK(p.instance.account == "000000000042");
    CHECK(p.instance.pending_time == base::wall_time(base::seconds(5)));
    CHECK(p.instance.architecture == "i386");
    CHECK(p.instance_profile_name == "other");
}

TEST_CASE("eth0 and the instance have one private name, with a domain") {
    auto p = with_role();
    p.instance.region = "eu-west-1";
    p.instance.hostname = "web";
    const auto named = profile::resolve(p, host());
    CHECK(named.instance.hostname == "web.eu-west-1.compute.internal");
    CHECK(named.instance.primary().hostname == "web.eu-west-1.compute.internal");
    p.instance.hostname.clear();
    p.instance.interfaces.resize(2);
    p.instance.primary().hostname = "db.example.net";
    p.instance.interfaces[1].hostname = "backend";
    const auto by_interface = profile::resolve(p, host());
    CHECK(by_interface.instance.hostname == "db.example.net");
    CHECK(by_interface.instance.interfaces[1].hostname == "backend.eu-west-1.compute.internal");
}

TEST_CASE("A small VPC holds a subnet no bigger than itself") {
    auto p = with_role();
    p.instance.primary().vpc_ipv4_cidr_blocks = {"10.20.37.0/26"};
    CHECK(profile::resolve(p, host()).instance.primary().subnet_ipv4_cidr_block == "10.20.37.0/26");
}

TEST_CASE("A host that knows nothing still gets a whole and stable identity") {
    profile::role_profile p;
    p.name = "bare";
    const auto one = profile::resolve(p, {}).instance;
    const auto two = profile::resolve(p, {}).instance;
    const auto ids = [](const profile::instance_identity& i) {
        const auto& eth0 = i.primary();
        return texts{i.instance_id,
                     i.image_id,
                     i.reservation_id,
                     eth0.vpc_id,
                     eth0.subnet_id,
                     eth0.id,
                     eth0.security_groups.at(0).id};
    };
    std::set<std::string> digits;
    for (const auto& id : ids(one)) {
        CHECK(is_resource_id(id));
        digits.insert(id.substr(id.find('-')));
    }
    CHECK(digits.size() == 7);
    CHECK(ids(one) == ids(two));
    for (const auto member :
         {&profile::instance_identity::instance_type, &profile::instance_identity::region,
          &profile::instance_identity::availability_zone,
          &profile::instance_identity::availability_zone_id,
          &profile::instance_identity::architecture, &profile::instance_identity::hostname,
          &profile::instance_identity::life_cycle, &profile::instance_identity::partition,
          &profile::instance_identity::services_domain}) {
        CHECK_FALSE((one.*member).empty());
    }
    CHECK(one.primary().security_groups.at(0).name == "default");
    CHECK(one.account == "000000000000");
    CHECK(one.primary().mac.substr(0, 3) == "02:");
    const auto address = base::ip_address::parse(one.local_ipv4());
    REQUIRE(address.has_value());
    const auto subnet = base::ip_network::parse(one.primary().subnet_ipv4_cidr_block);
    REQUIRE(subnet.has_value());
    CHECK(subnet->contains(*address));
    CHECK(one.primary().vpc_ipv4_cidr_blocks == texts{"172.31.0.0/16"});
}

TEST_CASE("All of the host's interfaces are shown when that is asked for") {
    auto p = with_role();
    p.instance.host_interfaces = true;
    p.instance.primary().host_ipv6 = true;
    const auto i = profile::resolve(p, host()).instance;
    REQUIRE(i.interfaces.size() == 2);
    CHECK(i.primary().ipv6s == texts{"2001:db8::17"});
    CHECK(i.primary().subnet_ipv6_cidr_blocks == texts{"2001:db8::/64"});
    CHECK(i.primary().vpc_ipv6_cidr_blocks == texts{"2001:db8::/56"});
    const auto& eth1 = i.interfaces[1];
    CHECK(eth1.mac == "52:54:00:12:34:57");
    CHECK(eth1.device_number == 1);
    CHECK(eth1.local_ipv4s == texts{"10.20.38.5", "10.20.38.6"});
    CHECK(eth1.hostname == "ip-10-20-38-5.ec2.internal");
    CHECK(eth1.owner_id == "123456789012");
    CHECK(eth1.ipv6s.empty());
}

TEST_CASE("Further interfaces get addresses and ids of their own inside the first one's network") {
    auto p = with_role();
    auto& all = p.instance.interfaces;
    all.resize(4);
    all[0].security_groups = {{"default", ""}, {"web", "sg-01234567"}};
    all[1].security_groups = {{"web", ""}, {"db", ""}};
    all[2].local_ipv4s = {"10.20.99.9"};
    all[3].subnet_ipv4_cidr_block = "10.20.96.0/20";
    const auto i = profile::resolve(p, host()).instance;
    std::set<std::string> ids, macs, addresses;
    for (const auto& one : i.interfaces) {
        CHECK(is_resource_id(one.id));
        CHECK(ids.insert(one.id).second);
        CHECK(macs.insert(one.mac).second);
        REQUIRE(one.local_ipv4s.size() == 1);
        CHECK(addresses.insert(one.local_ipv4s[0]).second);
        const auto subnet = base::ip_network::parse(one.subnet_ipv4_cidr_block);
        REQUIRE(subnet.has_value());
        CHECK(subnet->contains(*base::ip_address::parse(one.local_ipv4s[0])));
        CHECK(one.vpc_id == i.primary().vpc_id);
        CHECK(one.vpc_ipv4_cidr_blocks == texts{"10.20.0.0/16"});
    }
    CHECK(i.interfaces[1].subnet_id == i.primary().subnet_id);
    CHECK(i.interfaces[2].subnet_ipv4_cidr_block == "10.20.96.0/20");
    CHECK(i.interfaces[2].subnet_id != i.primary().subnet_id);
    CHECK(i.interfaces[3].subnet_id == i.interfaces[2].subnet_id);
    CHECK(i.interfaces[1].security_groups[0].id == "sg-01234567");
    CHECK(is_resource_id(i.interfaces[1].security_groups[1].id));
    CHECK(i.interfaces[2].security_groups[0].id == i.primary().security_groups[0].id);
}

TEST_CASE("Public addresses lead to the primary address and name the instance") {
    auto p = with_role();
    p.instance.primary().public_ipv4s = {{"203.0.113.25", {}}, {"203.0.113.26", {"10.20.37.6"}}};
    auto i = profile::resolve(p, host()).instance;
    CHECK(i.primary().public_ipv4s[0].local_ipv4s == texts{"10.20.37.5"});
    CHECK(i.primary().public_ipv4s[1].local_ipv4s == texts{"10.20.37.6"});
    CHECK(i.primary().public_hostname == "ec2-203-0-113-25.compute-1.amazonaws.com");
    p.instance.region = "cn-north-1";
    CHECK(profile::resolve(p, host()).instance.primary().public_hostname ==
          "ec2-203-0-113-25.cn-north-1.compute.amazonaws.com.cn");
    p.instance.primary().public_dns = false;
    CHECK(profile::resolve(p, host()).instance.primary().public_hostname == "");
}

TEST_CASE("An instance without IPv4 is named by its id") {
    auto p = with_role();
    auto& eth0 = p.instance.primary();
    eth0.ipv6_only = true;
    eth0.ipv6s = {"2001:db8:1:203::5"};
    auto facts = host();
    facts.hostname.clear();
    const auto i = profile::resolve(p, facts).instance;
    CHECK(i.local_ipv4() == "");
    CHECK(i.primary().local_ipv4s.empty());
    CHECK(i.primary().subnet_ipv4_cidr_block == "");
    CHECK(i.hostname == "i-0fedcba9876543210.ec2.internal");
    CHECK(i.primary().subnet_ipv6_cidr_blocks == texts{"2001:db8:1:203::/64"});
    CHECK(i.primary().vpc_ipv6_cidr_blocks == texts{"2001:db8:1:200::/56"});
}

TEST_CASE("What boots and runs an instance has the usual values") {
    const auto i = profile::resolve(with_role(), host()).instance;
    using pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(i.block_devices == pairs{{"ami", "/dev/xvda"}, {"root", "/dev/xvda"}});
    CHECK(i.ami_manifest_path == "(unknown)");
    CHECK(i.instance_action == "none");
    CHECK(i.virtualization == "hvm");
    CHECK(i.system == "nitro");
    auto p = with_role();
    p.instance.block_devices = {{"root", "/dev/sda1"}, {"ebs1", "sdb"}};
    p.instance.instance_type = "t2.micro";
    const auto other = profile::resolve(p, host()).instance;
    CHECK(other.block_devices ==
          pairs{{"root", "/dev/sda1"}, {"ebs1", "sdb"}, {"ami", "/dev/sda1"}});
    CHECK(other.system == "xen");
    CHECK(profile::system_of_type("i3.metal") == "nitro");
    CHECK(profile::system_of_type("m5.large") == "nitro");
    CHECK(profile::system_of_type("i3.large") == "xen");
}

TEST_CASE("A partition of one's own comes from the role") {
    auto p = with_role();
    p.granted_role->arn = "arn:corp:iam::123456789012:role/backup";
    CHECK(profile::resolve(p, host()).instance.partition == "corp");
    p.instance.region = "cn-north-1";
    CHECK(profile::resolve(p, host()).instance.partition == "aws-cn");
}

TEST_CASE("Without a role there is an instance profile only where one is named") {
    profile::role_profile p;
    CHECK(profile::resolve(p, host()).instance_profile_name == "");
    p.instance_profile_name = "mine";
    CHECK(profile::resolve(p, host()).instance_profile_name == "mine");
}

TEST_CASE("Tags whose keys are no path segment stand in the way of showing any") {
    profile::instance_identity i;
    i.tags = {{"Name", "x"}, {"team:unit", "y"}, {"a+-=.,_@9", ""}};
    CHECK_FALSE(profile::unshown_tag_key(i));
    for (const std::string key : {"a b", "a/b", ".", "..", "_index", "", "\xc3\xa4"}) {
        CAPTURE(key);
        CHECK_FALSE(profile::is_shown_tag_key(key));
        i.tags.back().first = key;
        CHECK(profile::unshown_tag_key(i) == key);
    }
}

TEST_CASE("Zone ids have the usual short form") {
    CHECK(profile::zone_id_of("us-east-1", "us-east-1a") == "use1-az1");
    CHECK(profile::zone_id_of("ap-southeast-2", "ap-southeast-2b") == "apse2-az2");
    CHECK(profile::zone_id_of("us-gov-west-1", "us-gov-west-1c") == "usgw1-az3");
    CHECK(profile::zone_id_of("us-west-2", "us-west-2-lax-1a") == "usw2-lax1-az1");
    CHECK(profile::zone_id_of("dc1-rack-2", "dc1-rack-2a") == "dc1r2-az1");
    CHECK(profile::zone_id_of("us-east-1", "elsewhere") == "use1-az1");
}

TEST_CASE("A zone name gives its region away") {
    CHECK(profile::region_of_zone("us-gov-west-1b") == "us-gov-west-1");
    CHECK(profile::region_of_zone("us-west-2-lax-1a") == "us-west-2");
    CHECK(profile::region_of_zone("dc1-rack-2a") == "dc1-rack-2");
    CHECK(profile::region_of_zone("nowhere") == "");
    CHECK(profile::region_of_zone("us-east-1xyz") == "");
    CHECK(profile::region_of_zone("") == "");
}

TEST_CASE("Host names are made presentable") {
    CHECK(profile::private_name("node.example.org", "10.0.0.9", "us-east-1") == "node.example.org");
    CHECK(profile::private_name("node", "10.0.0.9", "eu-west-1") ==
          "node.eu-west-1.compute.internal");
    CHECK(profile::private_name("localhost", "10.0.0.9", "us-east-1") ==
          "ip-10-0-0-9.ec2.internal");
    CHECK(profile::private_name("..", "10.0.0.9", "us-east-1") == "ip-10-0-0-9.ec2.internal");
    CHECK(profile::private_name("a\r\nb", "10.0.0.9", "us-east-1") == "a--b.ec2.internal");
    CHECK(profile::private_name(std::string(300, 'x'), "10.0.0.9", "us-east-1") ==
          "ip-10-0-0-9.ec2.internal");
}

TEST_CASE("The session name is the template filled in and made valid") {
    auto p = profile::resolve(with_role(), host());
    CHECK(profile::session_name(p) == "i-0fedcba9876543210");
    p.issue.session_name = "{profile}@{hostname}";
    CHECK(profile::session_name(p) == "backup@worker-7.ec2.internal");
    p.issue.session_name = "a b/c\xc3\xa4";
    CHECK(profile::session_name(p) == "a-b-c--");
    p.issue.session_name = "x";
    CHECK(profile::session_name(p) == "x-");
    p.issue.session_name = std::string(100, 'y');
    CHECK(profile::session_name(p).size() == 64);
    p.issue.session_name = "{{profile}";
    CHECK(profile::session_name(p) == "-backup");
}

TEST_CASE("Unknown placeholders are found") {
    CHECK_FALSE(profile::unknown_placeholder("{instance-id}.{hostname}-{profile}"));
    CHECK_FALSE(profile::unknown_placeholder("plain"));
    CHECK(profile::unknown_placeholder("{user}") == "{user}");
    CHECK(profile::unknown_placeholder("a{b") == "{b");
    CHECK(profile::unknown_placeholder("a}b") == "}");
    CHECK(profile::unknown_placeholder("{}") == "{}");
}

TEST_CASE("Fingerprints differ with everything the issuer is asked for") {
    const auto base = profile::resolve(with_role(), host());
    const auto print = [&](auto change) {
        auto p = base;
        change(p);
        return profile::issue_fingerprint(p);
    };
    const auto same = profile::issue_fingerprint(base);
    std::set<std::string> prints{same};
    const auto differs = [&](auto change) { CHECK(prints.insert(print(change)).second); };
    differs([](auto& p) { p.granted_role->arn += "x"; });
    differs([](auto& p) { p.issue.source = "other"; });
    differs([](auto& p) { p.issue.duration = base::seconds(900); });
    differs([](auto& p) { p.issue.session_name = "fixed"; });
    differs([](auto& p) { p.issue.session_policy = "{}"; });
    differs([](auto& p) { p.issue.session_policy = ""; });
    differs([](auto& p) { p.issue.tags = {{"a", "b"}}; });
    differs([](auto& p) { p.issue.tags = {{"a1:b", ""}}; });
    differs([](auto& p) { p.issue.transitive_tag_keys = {"a"}; });
    differs([](auto& p) { p.issue.source_identity = "x"; });
    differs([](auto& p) { p.issue.external_id = "x"; });
    CHECK(print([](auto& p) { p.granted_role.reset(); }) == "");
    CHECK(print([](auto& p) { p.metadata.hop_limit = 5; }) == same);
    CHECK(print([](auto& p) { p.name = "renamed"; }) == same);
    CHECK(print([](auto& p) {
              p.instance.primary().public_ipv4s = {{"203.0.113.9", {}}};
          }) == same);
}
