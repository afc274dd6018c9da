#include "fake_environment.hpp"
#include "support/catch.hpp"

namespace {

const char* everything = R"(apiVersion: imdsd/v1
listeners:
  - name: imds
    serve: imds
    address: 127.0.0.1:1338
    interface: lo
    allowed_hosts: [metadata.internal, "169.254.169.254:80"]
    refuse_forwarded_get: true
  - {name: six, serve: imds, address: "[fd00:ec2::254]:80"}
  - {name: sts, serve: sts, address: "127.0.0.1:0"}
workers: 4
limits: {connections: 100, per_peer: 10, header_time: 5s, idle_time: 2m, write_time: 1m30s}
compat: {expect: ec2}
state_directory: state/dir
sources:
  local: {type: core}
profiles:
  backup:
    role: arn:aws:iam::123456789012:role/team/backup
    instance_profile_name: other
    source: local
    duration: 2h
    session_name: "{profile}@{hostname}"
    session_policy: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {Bool: {"aws:SecureTransport": true}, NumericLessThan: {"s3:max-keys": 10}}}]}
    tags: {team: storage, cost: "007"}
    transitive_tag_keys: [team]
    source_identity: daemon
    external_id: x:1
    metadata: {http_endpoint: enabled, http_tokens: optional, hop_limit: 2, instance_metadata_tags: enabled}
    instance:
      id: i-0123456789abcdef0
      type: t3.micro
      image_id: ami-0123456789abcdef0
      region: eu-west-1
      availability_zone: eu-west-1b
      availability_zone_id: euw1-az2
      architecture: arm64
      hostname: db.example.net
      local_ipv4: 10.0.1.17
      public_ipv4: 203.0.113.25
      mac: 02:00:5E:00:53:01
      vpc_id: vpc-01234567
      subnet_id: subnet-01234567
      interface_id: eni-01234567
      security_group: my group
      security_group_id: sg-01234567
      subnet_cidr: 10.0.1.0/24
      vpc_cidr: 10.0.0.0/16
      reservation_id: r-01234567
      life_cycle: spot
      account: "000000000042"
      user_data: "#cloud-config\n"
      tags: {Name: x, empty: ""}
      public_keys: {my-key: "ssh-ed25519 AAAA my-key"}
  plain: plain.yaml
  wide:
    instance_profile_name: no-role
    instance:
      partition: aws-corp
      services_domain: corp.example
      pending_time: 2026-01-02T03:04:05Z
      system: xen-on-nitro
      instance_action: shutdown
      hibernation: true
      monitoring: disabled
      ancestor_ami_ids: [ami-01234567, ami-01234568]
      ami_launch_index: 3
      ami_manifest_path: bucket/image.manifest.xml
      block_devices: {ami: sda1, root: /dev/sda1, ebs1: sdb, ephemeral0: sdc, swap: sda3}
      kernel_id: aki-01234567
      ramdisk_id: ari-01234567
      virtualization: paravirtual
      billing_products: [bp-0124abcd, bp-63a5400a]
      devpay_product_codes: dp1
      marketplace_product_codes: [mp1, mp2]
      placement_group: close by
      partition_number: 2
      host_id: h-01234567
      elastic_inference: {eia-1: eia1.medium}
      elastic_gpus: {egpu-1: {connected: true}}
      public_hostname: web.example.net
      ipv6: ["2001:DB8:0:1:0::17"]
      security_groups: {default: auto, web: sg-01234567}
      user_data: {base64: "aGVs\n bG8K"}
      interfaces:
        - local_ipv4s: [10.0.1.17, 10.0.1.18]
          public_ipv4s: {203.0.113.25: 10.0.1.18, 203.0.113.26: auto}
          subnet_ipv4_cidr_block: 10.0.1.0/24
          vpc_ipv4_cidr_blocks: [10.0.0.0/16, 10.1.0.0/16]
        - id: eni-01234567
          mac: 02:00:5e:00:53:02
          device_number: 4
          network_card: 1
          hostname: two.example.net
          public_hostname: none
          owner_id: "000000000043"
          local_ipv4s: 10.0.2.9
          public_ipv4s: [203.0.113.27]
          ipv6s: ["2001:db8::9", "2001:db8::a"]
          ipv4_prefixes: 10.0.2.32/28
          ipv6_prefixes: ["2001:db8:0:2:a::/80"]
          subnet_id: subnet-01234568
          subnet_ipv4_cidr_block: 10.0.2.0/24
          subnet_ipv6_cidr_blocks: ["2001:DB8::/64"]
          vpc_id: vpc-01234568
          vpc_ipv4_cidr_blocks: 10.0.0.0/16
          vpc_ipv6_cidr_blocks: "2001:db8::/56"
          security_groups: [db]
        - {local_ipv4s: none, ipv6s: "2001:db8::b"}
bindings:
  - {user: [postgres, 77, self], group: ops, profile: backup}
  - {unit: backup@*.service, listener: imds, profile: backup}
  - {user_unit: sync.service, user: alice, profile: backup}
  - {cgroup: "/system.slice/x*.service", profile: plain}
  - {source_network: [10.0.0.0/24, "fd00::/8"], interface: veth0, profile: plain}
  - {user: alice, profile: wide}
issuer:
  region: eu-west-1
  regions: [eu-west-1, us-east-1]
  accounts:
    123456789012:
      users:
        alice:
          path: /people/
          access_keys:
            - {id: AKIAIOSFODNN7EXAMPLE, secret: {file: secrets/alice}}
            - {id: AKIAIOSFODNN7EXAMPL2, secret: {env: ALICE}, active: false}
          policies:
            all: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}
            text: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
            file: {file: policy.json}
          tags: {a: b}
      roles:
        backup:
          path: /team/
          trust_policy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}]}
          max_session_duration: 4h
          tags: {c: d}
admin: {socket: /run/x/admin.sock, group: ops}
audit: {output: logs/audit.jsonl, on_failure: allow, rotate: {size: 100MiB, keep: 7}}
)";

fake_environment surroundings() {
    fake_environment from;
    from.files["/etc/imdsd/conf.yaml"] = everything;
    from.files["/etc/imdsd/plain.yaml"] = "instance: {user_data: {file: data}}\n";
    from.files["/etc/imdsd/data"] = "hello\n";
    from.files["/etc/imdsd/secrets/alice"] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n";
    from.files["/etc/imdsd/policy.json"] =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})";
    from.variables["ALICE"] = "another-secret-of-good-length";
    return from;
}

}  // namespace

TEST_CASE("A configuration with every key loads and says what was written") {
    auto result = config::load("/etc/imdsd/conf.yaml", surroundings());
    for (const auto& d : result.diagnostics)
        UNSCOPED_INFO(d.text());
    REQUIRE(result.loaded.has_value());
    CHECK(result.diagnostics.empty());
    const auto& c = *result.loaded;

    REQUIRE(c.listeners.size() == 3);
    CHECK(c.listeners[0].name == "imds");
    CHECK(c.listeners[0].address == "127.0.0.1");
    CHECK(c.listeners[0].port == 1338);
    CHECK(c.listeners[0].interface == "lo");
    CHECK(c.listeners[0].refuse_forwarded_get);
    CHECK(c.listeners[0].allowed_hosts ==
          std::vector<std::string>{"metadata.internal", "169.254.169.254:80"});
    CHECK(c.listeners[0].where == "/etc/imdsd/conf.yaml:3");
    CHECK(c.listeners[1].address == "fd00:ec2::254");
    CHECK(c.listeners[2].serves == config::listener::kind::sts);
    CHECK(c.listeners[2].port == 0);

    CHECK(c.workers == 4);
    CHECK(c.limits.connections == 100);
    CHECK(c.limits.per_peer == 10);
    CHECK(c.limits.header_time == base::seconds(5));
    CHECK(c.limits.idle_time == base::seconds(120));
    CHECK(c.limits.write_time == base::seconds(90));
    CHECK(c.compat.expect_ec2);
    CHECK(c.state_directory == "/etc/imdsd/state/dir");
    CHECK(c.admin.socket == "/run/x/admin.sock");
    CHECK(c.admin.group == 2000u);
    CHECK(c.audit.output == "/etc/imdsd/logs/audit.jsonl");
    CHECK(c.audit.on_failure == audit::options::failure_mode::allow);
    CHECK(c.audit.rotate == audit::rotation{100u << 20, 7});
    REQUIRE(c.sources.size() == 1);
    CHECK(c.sources[0].name == "local");

    REQUIRE(c.profiles.size() == 3);
    const auto& p = c.profiles[0];
    CHECK(p.name == "backup");
    REQUIRE(p.granted_role.has_value());
    CHECK(p.granted_role->arn == "arn:aws:iam::123456789012:role/team/backup");
    CHECK(p.granted_role->name == "backup");
    CHECK(p.granted_role->account == "123456789012");
    CHECK(p.instance_profile_name == "other");
    CHECK(p.issue.source == "local");
    CHECK(p.issue.duration == base::seconds(7200));
    CHECK(p.issue.session_name == "{profile}@{hostname}");
    CHECK(p.issue.session_policy ==
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",)"
          R"("Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},)"
          R"("NumericLessThan":{"s3:max-keys":10}}}]})");
    using pairs = std::vector<std::pair<std::string, std::string>>;
    CHECK(p.issue.tags == pairs{{"team", "storage"}, {"cost", "007"}});
    CHECK(p.issue.transitive_tag_keys == std::vector<std::string>{"team"});
    CHECK(p.issue.source_identity == "daemon");
    CHECK(p.issue.external_id == "x:1");
    CHECK(p.metadata.http_endpoint_enabled);
    CHECK_FALSE(p.metadata.http_tokens_required);
    CHECK(p.metadata.hop_limit == 2);
    CHECK(p.metadata.instance_metadata_tags);
    CHECK(p.instance.instance_id == "i-0123456789abcdef0");
    CHECK(p.instance.primary().mac == "02:00:5e:00:53:01");
    CHECK(p.instance.primary().security_groups.at(0).name == "my group");
    CHECK(p.instance.account == "000000000042");
    CHECK(p.instance.user_data == "#cloud-config\n");
    CHECK(p.instance.tags == pairs{{"Name", "x"}, {"empty", ""}});
    CHECK(p.instance.public_keys == pairs{{"my-key", "ssh-ed25519 AAAA my-key"}});
    CHECK(p.instance.life_cycle == "spot");
    CHECK_FALSE(c.profiles[1].granted_role.has_value());
    CHECK(c.profiles[1].instance.user_data == "hello\n");

    REQUIRE(c.bindings.size() == 6);
    CHECK(c.bindings[0].uids == std::vector<std::uint32_t>{105, 77, 1000});
    CHECK(c.bindings[0].gids == std::vector<std::uint32_t>{2000});
    CHECK(c.bindings[0].shown == std::vector<std::string>{"user=postgres,77,self", "group=ops"});
    CHECK(c.bindings[0].where == "/etc/imdsd/conf.yaml:111");
    CHECK(c.bindings[0].profile_index == 0);
    CHECK(c.bindings[1].units == std::vector<std::string>{"backup@*.service"});
    CHECK(c.bindings[1].listeners == std::vector<std::string>{"imds"});
    CHECK(c.bindings[2].user_units == std::vector<std::string>{"sync.service"});
    CHECK(c.bindings[3].cgroups == std::vector<std::string>{"/system.slice/x*.service"});
    CHECK(c.bindings[3].profile_index == 1);
    CHECK(c.bindings[4].networks.size() == 2);
    CHECK(c.bindings[4].interfaces == std::vector<std::string>{"veth0"});

    CHECK(c.issuer.partition == "aws");
    CHECK(c.issuer.default_region == "eu-west-1");
    CHECK(c.issuer.regions == std::vector<std::string>{"eu-west-1", "us-east-1"});
    REQUIRE(c.accounts.size() == 1);
    CHECK(c.accounts[0].id == "123456789012");
    const auto& alice = c.accounts[0].users.at(0);
    CHECK(alice.path == "/people/");
    REQUIRE(alice.access_keys.size() == 2);
    CHECK(alice.access_keys[0].secret.reveal() == "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    CHECK(alice.access_keys[0].active);
    CHECK(alice.access_keys[1].secret.reveal() == "another-secret-of-good-length");
    CHECK_FALSE(alice.access_keys[1].active);
    REQUIRE(alice.policies.size() == 3);
    CHECK(alice.policies[1].second ==
          R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})");
    const auto& role = c.accounts[0].roles.at(0);
    CHECK(role.path == "/team/");
    CHECK(role.max_session_duration == base::seconds(4 * 3600));
    CHECK(role.trust_policy ==
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
          R"("Principal":{"Service":"ec2.amazonaws.com"},)"
          R"("Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]})");
}

TEST_CASE("All that an instance can be given arrives in its profile") {
    const auto c = *config::load("/etc/imdsd/conf.yaml", surroundings()).loaded;
    using texts = std::vector<std::string>;
    using pairs = std::vector<std::pair<std::string, std::string>>;
    const auto& p = c.profiles.at(2);
    CHECK_FALSE(p.granted_role);
    CHECK(p.instance_profile_name == "no-role");
    const auto& i = p.instance;
    CHECK(i.partition == "aws-corp");
    CHECK(i.services_domain == "corp.example");
    CHECK(i.pending_time == base::wall_time(base::seconds(1'767'323'045)));
    CHECK(i.system == "xen-on-nitro");
    CHECK(i.instance_action == "shutdown");
    CHECK(i.hibernation_configured);
    CHECK(i.detailed_monitoring == false);
    CHECK(i.ancestor_ami_ids == texts{"ami-01234567", "ami-01234568"});
    CHECK(i.ami_launch_index == 3);
    CHECK(i.ami_manifest_path == "bucket/image.manifest.xml");
    CHECK(i.block_devices == pairs{{"ami", "sda1"},
                                   {"root", "/dev/sda1"},
                                   {"ebs1", "sdb"},
                                   {"ephemeral0", "sdc"},
                                   {"swap", "sda3"}});
    CHECK(i.kernel_id == "aki-01234567");
    CHECK(i.ramdisk_id == "ari-01234567");
    CHECK(i.virtualization == "paravirtual");
    CHECK(i.billing_products == texts{"bp-0124abcd", "bp-63a5400a"});
    CHECK(i.devpay_product_codes == texts{"dp1"});
    CHECK(i.marketplace_product_codes == texts{"mp1", "mp2"});
    CHECK(i.placement_group == "close by");
    CHECK(i.partition_number == 2u);
    CHECK(i.host_id == "h-01234567");
    CHECK(i.elastic_inference_accelerators == pairs{{"eia-1", "eia1.medium"}});
    CHECK(i.elastic_gpus == pairs{{"egpu-1", R"({"connected":true})"}});
    CHECK(i.user_data == "hello\n");

    REQUIRE(i.interfaces.size() == 3);
    const auto& first = i.interfaces[0];
    CHECK(first.device_number == 0);
    CHECK(first.public_hostname == "web.example.net");
    CHECK(first.ipv6s == texts{"2001:db8:0:1::17"});
    REQUIRE(first.security_groups.size() == 2);
    CHECK(first.security_groups[0].id.empty());
    CHECK(first.security_groups[1].name == "web");
    CHECK(first.security_groups[1].id == "sg-01234567");
    CHECK(first.local_ipv4s == texts{"10.0.1.17", "10.0.1.18"});
    REQUIRE(first.public_ipv4s.size() == 2);
    CHECK(first.public_ipv4s[0].public_ipv4 == "203.0.113.25");
    CHECK(first.public_ipv4s[0].local_ipv4s == texts{"10.0.1.18"});
    CHECK(first.public_ipv4s[1].local_ipv4s.empty());
    CHECK(first.vpc_ipv4_cidr_blocks == texts{"10.0.0.0/16", "10.1.0.0/16"});

    const auto& second = i.interfaces[1];
    CHECK(second.id == "eni-01234567");
    CHECK(second.mac == "02:00:5e:00:53:02");
    CHECK(second.device_number == 4);
    CHECK(second.network_card == 1);
    CHECK(second.hostname == "two.example.net");
    CHECK_FALSE(second.public_dns);
    CHECK(second.owner_id == "000000000043");
    CHECK(second.local_ipv4s == texts{"10.0.2.9"});
    CHECK(second.public_ipv4s.at(0).public_ipv4 == "203.0.113.27");
    CHECK(second.ipv6s == texts{"2001:db8::9", "2001:db8::a"});
    CHECK(second.ipv4_prefixes == texts{"10.0.2.32/28"});
    CHECK(second.ipv6_prefixes == texts{"2001:db8:0:2:a::/80"});
    CHECK(second.subnet_id == "subnet-01234568");
    CHECK(second.subnet_ipv4_cidr_block == "10.0.2.0/24");
    CHECK(second.subnet_ipv6_cidr_blocks == texts{"2001:db8::/64"});
    CHECK(second.vpc_id == "vpc-01234568");
    CHECK(second.vpc_ipv4_cidr_blocks == texts{"10.0.0.0/16"});
    CHECK(second.vpc_ipv6_cidr_blocks == texts{"2001:db8::/56"});
    CHECK(second.security_groups.at(0).name == "db");

    CHECK(i.interfaces[2].device_number == 2);
    CHECK(i.interfaces[2].ipv6_only);
    CHECK(i.interfaces[2].ipv6s == texts{"2001:db8::b"});
}

namespace {

const std::string minimal =
    "apiVersion: imdsd/v1\n"
    "listeners: [{name: imds, serve: imds, address: '127.0.0.1:1338'}]\n"
    "profiles: {p: {}}\n"
    "bindings: [{user: self, profile: p}]\n";

}  // namespace

TEST_CASE("Defaults follow the environment of an ordinary user") {
    const auto c = loaded(minimal);
    CHECK(c.workers == 1);
    CHECK(c.limits.connections == 4096);
    CHECK(c.limits.per_peer == 256);
    CHECK_FALSE(c.compat.expect_ec2);
    CHECK(c.state_directory == "/home/me/.local/state/imdsd");
    CHECK(c.admin.socket == "/home/me/.local/state/imdsd/admin.sock");
    CHECK_FALSE(c.admin.group.has_value());
    CHECK(c.audit.output == "/home/me/.local/state/imdsd/audit.jsonl");
    CHECK(c.audit.on_failure == audit::options::failure_mode::deny);
    CHECK(c.audit.head_file == "/home/me/.local/state/imdsd/audit-head.json");
    CHECK(c.audit.rotate.size == 0);
    CHECK(c.profiles.at(0).metadata.http_tokens_required);
    CHECK(c.profiles.at(0).metadata.hop_limit == 1);
    CHECK(c.issuer.partition == "aws");
}

TEST_CASE("Defaults prefer what systemd and XDG say") {
    fake_environment from;
    from.variables["XDG_STATE_HOME"] = "/x/state";
    from.variables["XDG_RUNTIME_DIR"] = "/x/run";
    auto c = loaded(minimal, from);
    CHECK(c.state_directory == "/x/state/imdsd");
    CHECK(c.admin.socket == "/x/run/imdsd/admin.sock");
    from.variables["STATE_DIRECTORY"] = "/var/lib/imdsd:/var/lib/more";
    from.variables["RUNTIME_DIRECTORY"] = "/run/imdsd";
    c = loaded(minimal, from);
    CHECK(c.state_directory == "/var/lib/imdsd");
    CHECK(c.admin.socket == "/run/imdsd/admin.sock");
}

TEST_CASE("Defaults for root are the system's directories") {
    fake_environment from;
    from.uid = 0;
    const auto c = loaded(minimal, from);
    CHECK(c.state_directory == "/var/lib/imdsd");
    CHECK(c.admin.socket == "/run/imdsd/admin.sock");
}

TEST_CASE("Relative and empty directories of the environment count as unset") {
    fake_environment from;
    from.variables = {{"XDG_STATE_HOME", "state"}, {"HOME", ""}};
    CHECK(said_about(minimal, from) ==
          std::vector<std::string>{"1:1: 'state_directory' is needed: none of STATE_DIRECTORY, "
                                   "XDG_STATE_HOME and HOME is set"});
}

TEST_CASE("A file that cannot be read is one diagnostic without a line") {
    const auto result = config::load("nowhere.yaml", fake_environment());
    CHECK_FALSE(result.loaded.has_value());
    REQUIRE(result.diagnostics.size() == 1);
    CHECK(result.diagnostics[0].text() ==
          "nowhere.yaml: cannot read nowhere.yaml: No such file or directory");
}

TEST_CASE("The partition follows the issuer's region") {
    CHECK(loaded(minimal + "issuer: {region: cn-north-1}\n").issuer.partition == "aws-cn");
    CHECK(loaded(minimal + "issuer: {region: cn-north-1, partition: corp}\n").issuer.partition ==
          "corp");
}

TEST_CASE("An instance lies in the issuer's region unless its profile says otherwise") {
    CHECK(loaded(minimal).profiles.at(0).instance.region == "us-east-1");
    const std::string issuer = "issuer: {region: eu-west-1}\n";
    CHECK(loaded(minimal + issuer).profiles.at(0).instance.region == "eu-west-1");
    auto zoned = minimal + issuer;
    zoned.replace(zoned.find("{p: {}}"), 7, "{p: {instance: {availability_zone: us-west-2b}}}");
    CHECK(loaded(zoned).profiles.at(0).instance.region == "");
}
