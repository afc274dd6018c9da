#include <map>

#include "support/catch.hpp"
#include "unit/imds/fixture.hpp"

namespace {

constexpr const char* eth0 = "/latest/meta-data/network/interfaces/macs/02:29:96:8f:6a:2d/";
constexpr const char* eth1 = "/latest/meta-data/network/interfaces/macs/02:29:96:8f:6a:2e/";

/// An instance that has everything.
profile::role_profile everything() {
    auto p = fixture::example();
    p.metadata.instance_metadata_tags = true;
    auto& i = p.instance;
    i.ancestor_ami_ids = {"ami-1", "ami-2"};
    i.ami_launch_index = 2;
    i.block_devices = {{"ami", "sda1"}, {"root", "/dev/sda1"}, {"ebs1", "sdb"}, {"swap", "sda3"}};
    i.kernel_id = "aki-1";
    i.ramdisk_id = "ari-1";
    i.placement_group = "close";
    i.partition_number = 2;
    i.host_id = "h-1";
    i.billing_products = {"bp-0124abcd", "bp-63a5400a"};
    i.devpay_product_codes = {"dp1"};
    i.marketplace_product_codes = {"mp1", "mp2"};
    i.detailed_monitoring = true;
    i.elastic_inference_accelerators = {{"eia-bfa21c79", "eia1.medium"}};
    i.elastic_gpus = {{"egpu-1", "{}"}};
    i.user_data = std::string("\0\xff", 2);
    i.tags = {{"Name", "web"}};
    i.primary().ipv6s = {"2001:db8::17", "2001:db8::18"};
    i.primary().ipv6_prefixes = {"2001:db8:0:1:a::/80"};
    i.primary().ipv4_prefixes = {"10.0.1.32/28"};
    profile::network_interface second;
    second.mac = "02:29:96:8f:6a:2e";
    second.device_number = 1;
    second.local_ipv4s = {"10.0.1.20", "10.0.1.21"};
    second.public_ipv4s = {{"203.0.113.30", {"10.0.1.21", "10.0.1.20"}}, {"203.0.113.31", {}}};
    second.security_groups = {{"web", "sg-2"}, {"my group", "sg-3"}};
    i.interfaces.push_back(second);
    p.metadata.extended_credentials = true;
    p.instance_credentials = true;
    p.lifecycle.spot.emplace();
    p.lifecycle.rebalance.emplace();
    p.lifecycle.autoscaling.emplace();
    p.lifecycle.keys.push_back({{"ec2-user", "ssh-ed25519 AAAA me"}, {}});
    p.connect.signer_certificate = "PEM";
    p.connect.signer_ocsp = {{"0A1B", "MAMKAQA="}};
    return profile::resolve(p, {});
}

}  // namespace

TEST_CASE("Every row of the tree answers for an instance that has everything") {
    fixture f;
    f.profile = everything();
    f.credentials =
        imds::valid_state(f.profile, std::make_shared<aws::credentials>(f.issued()), f.now, 1);
    f.instance_credentials = imds::valid_instance_state(
        f.profile, std::make_shared<aws::credentials>(f.issued()), f.now, 1);
    const imds::signed_identity identity{"document", "signature", "pkcs7", "rsa2048"};
    f.identity = &identity;
    const std::map<std::string, std::string> names = {
        {"{mac}", "02:29:96:8f:6a:2e"},
        {"{public-ipv4}", "203.0.113.30"},
        {"{role}", "app-role"},
        {"{device}", "ebs1"},
        {"{elastic-gpu-id}", "egpu-1"},
        {"{eia-id}", "eia-bfa21c79"},
        {"{index}", "0"},
        {"{key}", "Name"},
        {"{user}", "ec2-user"},
        {"{fingerprint}", "0A1B"},
    };
    std::size_t asked = 0;
    for (std::string path : imds::known_paths()) {
        const auto end = path.find(" since ");
        const std::string since = path.substr(end + 7);
        path.erase(end);
        for (const auto& [name, value] : names) {
            const auto at = path.find(name);
            if (at != path.npos) path.replace(at, name.size(), value);
        }
        // eth0 alone has prefixes and IPv6.
        if (path.find("prefix") != path.npos || path.find("ipv6") != path.npos) {
            const auto at = path.find("6a:2e");
            if (at != path.npos) path.replace(at, 5, "6a:2d");
        }
        CAPTURE(path, since);
        CHECK(f.get("/latest/" + path).status == 200);
        const auto first = imds::first_version_since(since);
        CHECK(f.get("/" + std::string(imds::version_name(first)) + "/" + path).status == 200);
        if (first > 0)
            CHECK(f.get("/" + std::string(imds::version_name(first - 1)) + "/" + path).status ==
                  404);
        ++asked;
    }
    CHECK(asked > 60);
}

TEST_CASE("Several interfaces, addresses and groups are lists without a final newline") {
    fixture f;
    f.profile = everything();
    const auto body = [&](const std::string& path) {
        const auto r = f.get(path);
        return r.status == 200 ? r.body : std::to_string(r.status);
    };
    CHECK(body("/latest/meta-data/network/interfaces/macs/") ==
          "02:29:96:8f:6a:2d/\n02:29:96:8f:6a:2e/");
    const std::string one = eth0, two = eth1;
    CHECK(body(one + "device-number") == "0");
    CHECK(body(two + "device-number") == "1");
    CHECK(body(two + "local-ipv4s") == "10.0.1.20\n10.0.1.21");
    CHECK(body(two + "public-ipv4s") == "203.0.113.30\n203.0.113.31");
    CHECK(body(two + "ipv4-associations/") == "203.0.113.30\n203.0.113.31");
    CHECK(body(two + "ipv4-associations/203.0.113.30") == "10.0.1.21\n10.0.1.20");
    CHECK(body(two + "ipv4-associations/203.0.113.31") == "10.0.1.20");
    CHECK(body(one + "ipv4-associations/203.0.113.30") == "404");
    CHECK(body(two + "security-groups") == "web\nmy group");
    CHECK(body(two + "security-group-ids") == "sg-2\nsg-3");
    CHECK(body("/latest/meta-data/security-groups") == "default");
    CHECK(body(one + "ipv6s") == "2001:db8::17\n2001:db8::18");
    CHECK(body("/latest/meta-data/ipv6") == "2001:db8::17");
    CHECK(body(two + "ipv6s") == "404");
    CHECK(body(one + "ipv4-prefix") == "10.0.1.32/28");
    CHECK(body(one + "ipv6-prefix") == "2001:db8:0:1:a::/80");
    CHECK(body(two) ==
          "device-number\ninterface-id\nipv4-associations/\nlocal-hostname\nlocal-ipv4s\nmac\n"
          "network-card\nowner-id\npublic-hostname\npublic-ipv4s\nsecurity-group-ids\n"
          "security-groups\nsubnet-id\nsubnet-ipv4-cidr-block\nvpc-id\nvpc-ipv4-cidr-block\n"
          "vpc-ipv4-cidr-blocks");
}

TEST_CASE("Codes, accelerators and monitoring show as EC2 writes them") {
    fixture f;
    f.profile = everything();
    CHECK(f.get("/latest/meta-data/product-codes").body == "dp1\nmp1\nmp2");
    CHECK(f.get("/latest/meta-data/ancestor-ami-ids").body == "ami-1\nami-2");
    CHECK(f.get("/latest/meta-data/elastic-inference/associations/eia-bfa21c79").body ==
          "{\"version_2018_04_12\":{\"elastic-inference-accelerator-id\":\"eia-bfa21c79\","
          "\"elastic-inference-accelerator-type\":\"eia1.medium\"}}");
    CHECK(f.get("/latest/meta-data/metrics/vhostmd").body ==
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    CHECK(f.get("/latest/dynamic/fws/instance-monitoring").body == "enabled");
    CHECK(f.get("/latest/dynamic/").body == "fws/\ninstance-identity/");
    const auto document = f.get("/latest/dynamic/instance-identity/document").body;
    CHECK(document.find("\n  \"billingProducts\" : [ \"bp-0124abcd\", \"bp-63a5400a\" ],\n"
                        "  \"devpayProductCodes\" : [ \"dp1\" ],\n"
                        "  \"marketplaceProductCodes\" : [ \"mp1\", \"mp2\" ],\n") !=
          document.npos);
    CHECK(document.find("\n  \"kernelId\" : \"aki-1\",\n") != document.npos);
    f.profile.instance.detailed_monitoring = false;
    f.changed();
    CHECK(f.get("/latest/dynamic/fws/instance-monitoring").body == "disabled");
}

TEST_CASE("An instance without IPv4 has no IPv4 leaves and a null in its document") {
    fixture f;
    auto& one = f.profile.instance.primary();
    one.local_ipv4s.clear();
    one.public_ipv4s.clear();
    one.public_hostname.clear();
    one.subnet_ipv4_cidr_block.clear();
    one.ipv6s = {"2001:db8::17"};
    for (const char* path : {"local-ipv4", "public-ipv4", "public-hostname"})
        CHECK(f.get("/latest/meta-data/" + std::string(path)).status == 404);
    for (const char* path : {"local-ipv4s", "ipv4-associations/", "subnet-ipv4-cidr-block"})
        CHECK(f.get(std::string(eth0) + path).status == 404);
    CHECK(f.get("/latest/meta-data/ipv6").body == "2001:db8::17");
    CHECK(f.get("/latest/dynamic/instance-identity/document").body.find("\"privateIp\" : null") !=
          std::string::npos);
}

TEST_CASE("An instance profile without a role has information and no credentials") {
    fixture f;
    f.profile.granted_role.reset();
    const auto r = f.get("/latest/meta-data/iam/info");
    CHECK(r.status == 200);
    CHECK(r.body.rfind("{\n  \"Code\" : \"Success\",\n  \"Message\" : \"", 0) == 0);
    CHECK(r.body.find("\"arn:aws:iam::123456789012:instance-profile/app-profile\"") !=
          std::string::npos);
    CHECK(f.get("/latest/meta-data/iam/").body == "info");
    CHECK(f.get("/latest/meta-data/iam/security-credentials/").status == 404);
}
