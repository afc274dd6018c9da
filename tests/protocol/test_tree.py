#!/usr/bin/env python3
"""The metadata tree as a whole, against the running binary: which paths there are, since which version,
and what they hold. P: paths. V: values. D: dynamic data. I: IAM. What is right is written here once
more, from the documentation and captures, not taken from the program."""

import base64
import ipaddress
import json
import pathlib
import re
import tempfile

import fixture
from fixture import INSTANCE, ROLE

from daemon import ACCOUNT, Daemon, configuration
from http_raw import build
from suite import Suite, equal

suite = Suite()
case = suite.case

META = "meta-data/"
MAC = META + "network/interfaces/macs/{mac}/"

# Every path of the instance's own, with the version that introduced it.
SINCE = {
    "dynamic/fws/instance-monitoring": "2009-04-04",
    "dynamic/instance-identity/document": "2009-04-04",
    META + "ami-id": "1.0",
    META + "ami-launch-index": "1.0",
    META + "ami-manifest-path": "1.0",
    META + "ancestor-ami-ids": "2007-10-10",
    META + "block-device-mapping/ami": "2007-12-15",
    META + "block-device-mapping/ebs1": "2007-12-15",
    META + "block-device-mapping/ephemeral0": "2007-12-15",
    META + "block-device-mapping/root": "2007-12-15",
    META + "block-device-mapping/swap": "2007-12-15",
    META + "elastic-gpus/associations/egpu-0123456789abcdef0": "2016-11-30",
    META + "elastic-inference/associations/eia-bfa21c7904f64a82a21b9f4540169ce1": "2018-11-29",
    META + "hibernation/configured": "2018-11-28",
    META + "hostname": "1.0",
    META + "iam/info": "2012-01-12",
    META + "iam/security-credentials/app-role": "2012-01-12",
    META + "instance-action": "2008-09-01",
    META + "instance-id": "1.0",
    META + "instance-life-cycle": "2019-10-01",
    META + "instance-type": "2007-08-29",
    META + "ipv6": "2021-01-03",
    META + "kernel-id": "2008-02-01",
    META + "local-hostname": "2007-01-19",
    META + "local-ipv4": "1.0",
    META + "mac": "2011-01-01",
    META + "metrics/vhostmd": "2011-05-01",
    MAC + "device-number": "2011-01-01",
    MAC + "interface-id": "2011-01-01",
    MAC + "ipv4-associations/{public}": "2011-01-01",
    MAC + "ipv4-prefix": "2021-07-15",
    MAC + "ipv6-prefix": "2021-07-15",
    MAC + "ipv6s": "2016-06-30",
    MAC + "local-hostname": "2007-01-19",
    MAC + "local-ipv4s": "2011-01-01",
    MAC + "mac": "2011-01-01",
    MAC + "network-card": "2020-11-01",
    MAC + "owner-id": "2011-01-01",
    MAC + "public-hostname": "2011-01-01",
    MAC + "public-ipv4s": "2011-01-01",
    MAC + "security-group-ids": "2011-01-01",
    MAC + "security-groups": "2011-01-01",
    MAC + "subnet-id": "2011-01-01",
    MAC + "subnet-ipv4-cidr-block": "2011-01-01",
    MAC + "subnet-ipv6-cidr-blocks": "2016-06-30",
    MAC + "vpc-id": "2011-01-01",
    MAC + "vpc-ipv4-cidr-block": "2011-01-01",
    MAC + "vpc-ipv4-cidr-blocks": "2016-06-30",
    MAC + "vpc-ipv6-cidr-blocks": "2016-06-30",
    META + "placement/availability-zone": "2008-02-01",
    META + "placement/availability-zone-id": "2019-10-01",
    META + "placement/group-name": "2020-08-24",
    META + "placement/host-id": "2020-08-24",
    META + "placement/partition-number": "2020-08-24",
    META + "placement/region": "2020-08-24",
    META + "product-codes": "2007-03-01",
    META + "profile": "2007-12-15",
    META + "public-hostname": "2007-01-19",
    META + "public-ipv4": "2007-01-19",
    META + "public-keys/0/openssh-key": "1.0",
    META + "public-keys/1/openssh-key": "1.0",
    META + "ramdisk-id": "2007-10-10",
    META + "reservation-id": "1.0",
    META + "security-groups": "1.0",
    META + "services/domain": "2014-02-25",
    META + "services/partition": "2015-10-20",
    META + "system": "2022-09-24",
    META + "tags/instance/Name": "2021-03-23",
    META + "tags/instance/empty": "2021-03-23",
    META + "tags/instance/team:unit": "2021-03-23",
    "user-data": "1.0",
}
# Paths that come and go while an instance runs, and signatures, have suites of their own.
ELSEWHERE = ("meta-data/events/", "meta-data/spot/", "meta-data/autoscaling/",
             "meta-data/managed-ssh-keys/", "meta-data/identity-credentials/",
             "dynamic/instance-identity/signature", "dynamic/instance-identity/pkcs7",
             "dynamic/instance-identity/rsa2048")

VERSIONS = """1.0 2007-01-19 2007-03-01 2007-08-29 2007-10-10 2007-12-15 2008-02-01 2008-09-01 2009-04-04
2011-01-01 2011-05-01 2012-01-12 2014-02-25 2014-11-05 2015-10-20 2016-04-19 2016-06-30 2016-09-02
2018-03-28 2018-08-17 2018-09-24 2019-10-01 2020-10-27 2021-01-03 2021-03-23 2021-07-15 2022-07-09
2022-09-24 2024-04-11 latest""".split()

FIRST, SECOND = INSTANCE["mac"], "02:29:96:8f:6a:2e"

WIDE = {
    "hostname": "ip-10-0-1-17.ec2.internal", "pending_time": "2026-01-02T03:04:05Z",
    "reservation_id": "r-0123456789abcdef0", "interface_id": "eni-0123456789abcdef0",
    "subnet_id": "subnet-0123456789abcdef0", "subnet_cidr": "10.0.1.0/24",
    "vpc_id": "vpc-0123456789abcdef0", "vpc_cidr": ["10.0.0.0/16", "10.1.0.0/16"],
    "ipv6": ["2001:db8:0:1::17", "2001:db8:0:1::18"],
    "security_groups": {"default": "sg-0123456789abcdef0", "my group": "sg-0123456789abcdef1"},
    "local_ipv4": None, "public_ipv4": None,
    "interfaces": [
        {"local_ipv4s": ["10.0.1.17", "10.0.1.18"],
         "public_ipv4s": {"203.0.113.25": "auto", "203.0.113.26": ["10.0.1.18", "10.0.1.17"]},
         "ipv4_prefixes": ["10.0.1.32/28", "10.0.1.48/28"], "ipv6_prefixes": "2001:db8:0:1:a::/80"},
        {"id": "eni-0123456789abcdef1", "mac": SECOND, "network_card": 1,
         "local_ipv4s": "10.0.2.9", "public_ipv4s": "203.0.113.27", "public_hostname": "none",
         "owner_id": "000000000043", "subnet_id": "subnet-0123456789abcdef1",
         "subnet_ipv4_cidr_block": "10.0.2.0/24", "security_groups": {"db": "sg-0123456789abcdef2"}},
    ],
    "ami_launch_index": 2, "ami_manifest_path": "bucket/image.manifest.xml",
    "ancestor_ami_ids": ["ami-01234567", "ami-01234568"],
    "block_devices": {"ami": "sda1", "root": "/dev/sda1", "ebs1": "sdb", "ephemeral0": "sdc",
                      "swap": "sda3"},
    "kernel_id": "aki-01234567", "ramdisk_id": "ari-01234567", "virtualization": "paravirtual",
    "system": "xen", "hibernation": True, "instance_action": "none", "monitoring": "enabled",
    "life_cycle": "spot", "placement_group": "close", "partition_number": 2, "host_id": "h-01234567",
    "billing_products": ["bp-0124abcd", "bp-63a5400a"], "devpay_product_codes": "dp1",
    "marketplace_product_codes": ["mp1", "mp2"],
    "elastic_inference": {"eia-bfa21c7904f64a82a21b9f4540169ce1": "eia1.medium"},
    "elastic_gpus": {"egpu-0123456789abcdef0": {"connected": True}},
    "user_data": {"base64": base64.b64encode(bytes(range(256))).decode()},
    "public_keys": {"my-key": "ssh-ed25519 AAAA my-key", "other": "ssh-rsa BBBB other"},
    "tags": {"Name": "gr\u00fc\u00dfe an alle", "empty": "", "team:unit": "x"},
}

# Which of SINCE an instance with one plain interface, a role and a key has (the fixture).
PLAIN_LACKS = re.compile(
    r"dynamic/fws|.*/(ancestor-ami-ids|kernel-id|ramdisk-id|product-codes|ipv6|ipv6s|elastic-.*"
    r"|block-device-mapping/(ebs1|ephemeral0|swap)|placement/(group-name|host-id|partition-number)"
    r"|ipv[46]-prefix|subnet-ipv6-cidr-blocks|vpc-ipv6-cidr-blocks|public-keys/1/.*|tags/.*)$|user-data")


def expected_of(listener):
    """path -> since, of one of the profiles."""
    made = {}
    for path, since in SINCE.items():
        if listener == "plain" and PLAIN_LACKS.match(path):
            continue
        if "{mac}" not in path:
            made[path] = since
            continue
        first = path.replace("{mac}", FIRST)
        if "{public}" in path:
            made[first.replace("{public}", "203.0.113.25")] = since
        else:
            made[first] = since
        if listener == "plain":
            continue
        if "{public}" in path:
            made[first.replace("{public}", "203.0.113.26")] = since
        # The second interface has no IPv6, no prefixes and no public name.
        if not path.endswith(("ipv6s", "ipv6-cidr-blocks", "-prefix", "public-hostname")):
            made[path.replace("{mac}", SECOND).replace("{public}", "203.0.113.27")] = since
    return made


class Crawler:
    """Walks a version of the tree over one connection; what is listed must answer."""

    def __init__(self, daemon, listener):
        self.connection = daemon.connect(listener)
        self.bodies = {}

    def get(self, path, method="GET"):
        return self.connection.exchange(build(method, path))

    def walk(self, root, path=""):
        """path below the version -> body, of leaves; directories end in '/'."""
        answer = self.get(root + path)
        equal(answer.status, 200, root + path)
        equal(answer.get("Content-Length"), str(len(answer.body)), root + path)
        self.bodies[path] = answer.body
        is_directory = path == "" or path.endswith("/")
        if not is_directory:
            return
        assert not answer.body.endswith(b"\n"), path
        names = answer.text.split("\n") if answer.body else []
        listed = [name.rstrip("/") for name in names]
        equal(sorted(set(listed)), sorted(listed), path)
        equal(answer.get("Content-Type"), "text/plain", path)
        for name in names:
            if path == "":
                # The top is listed without slashes.
                name += "" if name == "user-data" else "/"
            if path.endswith("public-keys/"):
                name = name.split("=")[0] + "/"
            self.walk(root, path + name)

    def leaves(self):
        return {path for path in self.bodies
                if path and not path.endswith("/") and not path.startswith(ELSEWHERE)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()


# ---------------------------------------------------------------------------- P: paths

@case("P02v")
def versions(daemon):
    with Crawler(daemon, "plain") as crawler:
        equal(crawler.get("/").text.split("\n"), VERSIONS)


def version_row(daemon, listener, version):
    """P13: the tree of a version has exactly what had been introduced by its date."""
    with Crawler(daemon, listener) as crawler:
        crawler.walk(f"/{version}/")
        wanted = {path for path, since in expected_of(listener).items()
                  if version == "latest" or since == "1.0" or (version != "1.0" and since <= version)}
        got = crawler.leaves()
        equal((sorted(got - wanted), sorted(wanted - got)), ([], []), "(more, missing)")
        # What is of a later date is not answered either.
        for path in set(expected_of(listener)) - wanted:
            equal(crawler.get(f"/{version}/{path}").status, 404, path)


for _version in VERSIONS:
    case(f"P13-{_version}", listener="wide", version=_version)(version_row)
    case(f"P13p-{_version}", listener="plain", version=_version)(version_row)


@case("P12-three", listener="three")
@case("P12-bare", listener="bare")
@case("P12-six", listener="six")
@case("P12-norole", listener="norole")
@case("P12-us-gov", listener="us-gov")
def crawl(daemon, listener):
    with Crawler(daemon, listener) as crawler:
        for version in VERSIONS:
            crawler.walk(f"/{version}/")


@case("P26-tree")
def head_of_everything(daemon):
    with Crawler(daemon, "wide") as crawler:
        crawler.walk("/latest/")
        for path, body in crawler.bodies.items():
            answer = crawler.get("/latest/" + path, "HEAD")
            equal((answer.status, answer.get("Content-Length")), (200, str(len(body))), path)


@case("P05-tree")
def slashes_do_not_matter(daemon):
    with Crawler(daemon, "wide") as crawler:
        crawler.walk("/latest/")
        for path, body in crawler.bodies.items():
            if "security-credentials/" in path or not path:
                continue
            other = path[:-1] if path.endswith("/") else path + "/"
            equal(crawler.get("/latest/" + other).body, body, other)
            equal(crawler.get("//latest//" + path).body, body, path)


@case("P20-tree")
def nothing_below_a_leaf(daemon):
    with Crawler(daemon, "wide") as crawler:
        crawler.walk("/latest/")
        for path in crawler.leaves():
            equal(crawler.get(f"/latest/{path}/x").status, 404, path)


GOLDEN = pathlib.Path(__file__).with_name("golden_tree.txt")


def golden_text(bodies):
    """One line a path, with its bytes as JSON text; what changes from run to run is marked."""
    lines = []
    for path in sorted(bodies):
        if path.startswith(ELSEWHERE) or path in ("user-data",
                                                  "meta-data/iam/security-credentials/" + ROLE):
            continue
        body = bodies[path].decode()
        if path in ("meta-data/", "dynamic/instance-identity/"):
            body = "\n".join(n for n in body.split("\n") if not (path + n).startswith(ELSEWHERE))
        if path == "meta-data/iam/info":
            body = re.sub(r'(?<="LastUpdated" : ")[0-9TZ:-]{20}"', 'TIME"', body)
        lines.append(f"{path or '/'} {json.dumps(body)}")
    return "\n".join(lines) + "\n"


@case("V01-golden")
def golden(daemon):
    with Crawler(daemon, "wide") as crawler:
        crawler.walk("/latest/")
        got = golden_text(crawler.bodies).splitlines()
        wanted = GOLDEN.read_text(encoding="utf-8").splitlines()
        equal((sorted(set(got) - set(wanted)), sorted(set(wanted) - set(got))), ([], []),
              "(more, missing)")
        equal(got, wanted, "order")


# ---------------------------------------------------------------------------- V: values

M1, M2 = (f"meta-data/network/interfaces/macs/{mac}/" for mac in (FIRST, SECOND))
ROWS = [
    # id, profile, path below /latest/, body; None: 404
    ("V02", "plain", "meta-data/ami-manifest-path", "(unknown)"),
    ("V03", "plain", "meta-data/ami-launch-index", "0"),
    ("V03b", "wide", "meta-data/ami-launch-index", "2"),
    ("V04b", "plain", "meta-data/public-hostname", "ec2-203-0-113-25.compute-1.amazonaws.com"),
    ("V04c", "us-gov", "meta-data/public-hostname",
     "ec2-203-0-113-25.us-gov-west-1.compute.amazonaws.com"),
    ("V05b", "wide", "meta-data/public-keys/", "0=my-key\n1=other"),
    ("V07b", "wide", "meta-data/public-keys/1/openssh-key", "ssh-rsa BBBB other\n"),
    ("V10a", "wide", "meta-data/network/interfaces/macs/", f"{FIRST}/\n{SECOND}/"),
    ("V10b", "wide", M1 + "device-number", "0"),
    ("V10c", "wide", M2 + "device-number", "1"),
    ("V10d", "wide", M2 + "network-card", "1"),
    ("V10e", "wide", M2 + "network-card-index", None),
    ("V11b", "wide", M1 + "ipv4-associations/", "203.0.113.25\n203.0.113.26"),
    ("V11c", "wide", M1 + "ipv4-associations/203.0.113.26", "10.0.1.18\n10.0.1.17"),
    ("V11d", "wide", M1 + "local-ipv4s", "10.0.1.17\n10.0.1.18"),
    ("V11e", "wide", M2 + "ipv4-associations/203.0.113.27", "10.0.2.9"),
    ("V11f", "wide", M2 + "public-hostname", None),
    ("V11g", "wide", M2 + "local-hostname", "ip-10-0-2-9.ec2.internal"),
    ("V13d", "wide", "meta-data/ipv6", "2001:db8:0:1::17"),
    ("V13e", "wide", M1 + "ipv6s", "2001:db8:0:1::17\n2001:db8:0:1::18"),
    ("V13f", "wide", M1 + "subnet-ipv6-cidr-blocks", "2001:db8:0:1::/64"),
    ("V13g", "wide", M1 + "vpc-ipv6-cidr-blocks", "2001:db8::/56"),
    ("V13h", "plain", M1 + "vpc-ipv6-cidr-blocks", None),
    ("V13i", "six", "meta-data/local-ipv4", None),
    ("V13j", "six", M1 + "local-ipv4s", None),
    ("V13k", "six", M1 + "subnet-ipv4-cidr-block", None),
    ("V13l", "six", "meta-data/ipv6", "2001:db8::17"),
    ("V14a", "wide", "meta-data/security-groups", "default\nmy group"),
    ("V14b", "wide", M1 + "security-groups", "default\nmy group"),
    ("V14c", "wide", M1 + "security-group-ids", "sg-0123456789abcdef0\nsg-0123456789abcdef1"),
    ("V14d", "wide", M2 + "security-groups", "db"),
    ("V16e", "us-gov", "meta-data/services/partition", "aws-us-gov"),
    ("V16f", "us-gov", "meta-data/services/domain", "amazonaws.com"),
    ("V17c", "wide", "meta-data/instance-life-cycle", "spot"),
    ("V30c", "notags", "meta-data/tags/", "instance/"),
    ("V36b", "nofile", "user-data", None),
    ("V37b", "byname", "user-data", b"\x00by profile\xff"),
    ("V37c", "byid", "user-data", b"by id"),
    ("V37d", "wide", "user-data", bytes(range(256))),
    ("D16a", "wide", "dynamic/fws/instance-monitoring", "enabled"),
    ("D16b", "bare", "dynamic/fws/instance-monitoring", "disabled"),
    ("D16c", "plain", "dynamic/fws/", None),
    ("I14a", "norole", "meta-data/iam/", "info"),
    ("I14b", "norole", "meta-data/iam/security-credentials/", None),
    ("I11b", "bare", "meta-data/iam/", None),
    ("S01", "plain", "meta-data/system", "nitro"),
    ("S02", "bare", "meta-data/system", "xen"),
    ("S03", "plain", "meta-data/block-device-mapping/", "ami\nroot"),
    ("S04", "plain", "meta-data/hibernation/configured", "false"),
    ("S05", "plain", "meta-data/instance-action", "none"),
    ("S06", "plain", "meta-data/profile", "default-hvm"),
    ("S07", "plain", "meta-data/metrics/vhostmd", '<?xml version="1.0" encoding="UTF-8"?>'),
    ("S08", "wide", "meta-data/product-codes", "dp1\nmp1\nmp2"),
    ("S09", "wide", "meta-data/elastic-inference/associations/eia-bfa21c7904f64a82a21b9f4540169ce1",
     '{"version_2018_04_12":{"elastic-inference-accelerator-id":"eia-bfa21c7904f64a82a21b9f4540169ce1",'
     '"elastic-inference-accelerator-type":"eia1.medium"}}'),
]


def value_row(daemon, listener, path, body):
    answer = daemon.get(listener, "/latest/" + path)
    if body is None:
        equal(answer.status, 404, path)
        return
    equal(answer.status, 200, path)
    equal(answer.body, body if isinstance(body, bytes) else body.encode(), path)
    equal(answer.get("Content-Type"),
          "application/octet-stream" if path == "user-data" else "text/plain")


for _name, _listener, _path, _body in ROWS:
    case(_name, listener=_listener, path=_path, body=_body)(value_row)


@case("V01-three")
def three_lines_are_a_believable_instance(daemon):
    """A profile with a role alone."""
    with Crawler(daemon, "three") as crawler:
        crawler.walk("/latest/")
        leaf = {path: body.decode() for path, body in crawler.bodies.items()}
    mac = leaf["meta-data/mac"]
    eth0 = f"meta-data/network/interfaces/macs/{mac}/"
    forms = {
        "meta-data/instance-id": r"i-[0-9a-f]{17}", "meta-data/ami-id": r"ami-[0-9a-f]{17}",
        "meta-data/reservation-id": r"r-[0-9a-f]{17}", "meta-data/mac": r"[0-9a-f]{2}(:[0-9a-f]{2}){5}",
        "meta-data/instance-type": r"m5\.large|m6g\.large", "meta-data/hostname": r"[a-z0-9.-]+\.[a-z]+",
        "meta-data/placement/region": "us-east-1", "meta-data/placement/availability-zone": "us-east-1a",
        "meta-data/placement/availability-zone-id": "use1-az1", "meta-data/security-groups": "default",
        eth0 + "interface-id": r"eni-[0-9a-f]{17}", eth0 + "subnet-id": r"subnet-[0-9a-f]{17}",
        eth0 + "vpc-id": r"vpc-[0-9a-f]{17}", eth0 + "security-group-ids": r"sg-[0-9a-f]{17}",
        eth0 + "owner-id": ACCOUNT, eth0 + "local-ipv4s": r"\d+(\.\d+){3}(\n\d+(\.\d+){3})*",
    }
    for path, form in forms.items():
        assert re.fullmatch(form, leaf[path]), (path, leaf[path])
    address = ipaddress.ip_address(leaf["meta-data/local-ipv4"])
    subnet = ipaddress.ip_network(leaf[eth0 + "subnet-ipv4-cidr-block"])
    vpc = ipaddress.ip_network(leaf[eth0 + "vpc-ipv4-cidr-block"])
    assert address in subnet and subnet.subnet_of(vpc), (address, subnet, vpc)
    document = json.loads(leaf["dynamic/instance-identity/document"])
    equal(document["instanceId"], leaf["meta-data/instance-id"])
    equal(document["privateIp"], leaf["meta-data/local-ipv4"])


@case("V34")
def tags_change_live(daemon):
    equal(daemon.get("wide", "/latest/meta-data/tags/instance/Name").text, "gr\u00fc\u00dfe an alle")
    changed = settings(daemon.folder)
    changed["profiles"]["wide"]["instance"]["tags"] = {"Name": "web", "new": "1"}
    daemon.reload(changed)
    equal(daemon.get("wide", "/latest/meta-data/tags/instance").text, "Name\nnew")
    equal(daemon.get("wide", "/latest/meta-data/tags/instance/Name").text, "web")
    equal(daemon.get("wide", "/latest/meta-data/tags/instance/empty").status, 404)
    daemon.reload(settings(daemon.folder))
    equal(daemon.get("wide", "/latest/meta-data/tags/instance/Name").text, "gr\u00fc\u00dfe an alle")


# ---------------------------------------------------------------------------- D and I

@case("D02-set")
def codes_in_the_identity_document(daemon):
    answer = daemon.get("wide", "/latest/dynamic/instance-identity/document")
    equal(answer.text, """{
  "accountId" : "123456789012",
  "architecture" : "x86_64",
  "availabilityZone" : "us-east-1a",
  "billingProducts" : [ "bp-0124abcd", "bp-63a5400a" ],
  "devpayProductCodes" : [ "dp1" ],
  "marketplaceProductCodes" : [ "mp1", "mp2" ],
  "imageId" : "ami-0abcdef1234567890",
  "instanceId" : "i-1234567890abcdef0",
  "instanceType" : "m5.large",
  "kernelId" : "aki-01234567",
  "pendingTime" : "2026-01-02T03:04:05Z",
  "privateIp" : "10.0.1.17",
  "ramdiskId" : "ari-01234567",
  "region" : "us-east-1",
  "version" : "2017-09-30"
}""")
    document = json.loads(daemon.get("six", "/latest/dynamic/instance-identity/document").body)
    equal(document["privateIp"], None)


@case("I14")
def instance_profile_without_a_role(daemon):
    answer = daemon.get("norole", "/latest/meta-data/iam/info")
    equal((answer.status, answer.get("Content-Type")), (200, "text/plain"))
    document = json.loads(answer.body)
    equal(document["Code"], "Success")
    assert "role" in document["Message"], document
    equal(document["InstanceProfileArn"], f"arn:aws:iam::{ACCOUNT}:instance-profile/empty-profile")


# ---------------------------------------------------------------------------- the daemon for all

def settings(folder):
    data = folder / "user-data"
    data.mkdir(exist_ok=True)
    (data / "byname").write_bytes(b"\x00by profile\xff")
    (data / "i-0123456789abcdef5").write_bytes(b"by id")
    directory = {"directory": str(data)}
    bare = {name: None for name in INSTANCE}
    profiles = {
        "plain": fixture.profile(),
        "wide": fixture.profile(WIDE, instance_metadata_tags="enabled"),
        "three": {"role": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}", "source": "local",
                  "metadata": {"http_tokens": "optional"}},
        "bare": fixture.profile(bare | {"type": "t2.micro", "monitoring": "disabled"}, role=None),
        "six": fixture.profile({"local_ipv4": "none", "public_ipv4": None, "ipv6": "2001:db8::17"}),
        "us-gov": fixture.profile({"region": "us-gov-west-1", "availability_zone": "us-gov-west-1b",
                                   "availability_zone_id": None}),
        "norole": fixture.profile(role=None) | {"instance_profile_name": "empty-profile"},
        "notags": fixture.profile(instance_metadata_tags="enabled"),
        "nofile": fixture.profile({"user_data": directory}),
        "byname": fixture.profile({"user_data": directory}),
        "byid": fixture.profile({"id": "i-0123456789abcdef5", "user_data": directory}),
    }
    return configuration(profiles)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imdsd-test-") as name:
        with Daemon(settings(pathlib.Path(name)), folder=name) as running:
            running.wait_for_identity(*running.listeners.keys() - {"sts"})
            suite.run(daemon=running)
