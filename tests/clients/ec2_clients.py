"""What runs on EC2 instances as a part of the system: cloud-init, Amazon's utilities, scripts."""

import collections
import json

import harness
import fetch
from harness import IDENTITY, INSTANCE, REGION, ROLE, STS, USER, client, need
from namespaces import BASE, LINK_LOCAL
from daemon import TOKEN, TTL, role_arn
from metadata_tree import crawl
from suite import equal
from watch import Watch

MAC = "02:29:96:8f:6a:2d"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA my-key"
# An instance with everything that these programs look for.
INSTANCE_SETTINGS = {
    "id": INSTANCE, "region": REGION, "availability_zone": f"{REGION}a", "type": "m5.large",
    "image_id": "ami-0abcdef1234567890", "mac": MAC, "local_ipv4": "10.0.1.17",
    "public_ipv4": "203.0.113.25", "hostname": "ip-10-0-1-17.eu-central-1.compute.internal",
    "subnet_cidr": "10.0.1.0/24", "tags": {"Name": "a machine", "1": "an integer"},
    "public_keys": {"my-key": KEY}, "user_data": "#cloud-config\nruncmd: []\n"}
RICH = {"profiles": {ROLE: {"role": role_arn(ROLE), "source": "local",
                            "metadata": {"instance_metadata_tags": "enabled"},
                            "instance": INSTANCE_SETTINGS}}}

CURL = ("curl", "--silent", "--show-error", "--fail", "--max-time", "5")
WEB = f"http://{LINK_LOCAL}"


def get(host, path):
    """As a script does it."""
    token = host.run(*CURL, "-X", "PUT", f"{WEB}/latest/api/token", "-H", f"{TTL}: 60")
    return host.run(*CURL, "-H", f"{TOKEN}: {token}", f"{WEB}/latest/{path}")


@client("curl")
def curl(host):
    need("curl")
    host.version = host.run("curl", "--version").split(" (")[0]
    token = host.run(*CURL, "-X", "PUT", f"{WEB}/latest/api/token", "-H", f"{TTL}: 21600")
    header = ("-H", f"{TOKEN}: {token}")
    role = host.run(*CURL, *header, WEB + BASE)
    equal(role, ROLE)
    document = json.loads(host.run(*CURL, *header, f"{WEB}{BASE}{role}"))
    equal(host.run(*CURL, *header, f"{WEB}/latest/meta-data/placement/region"), REGION)
    # The other spellings that scripts use, and HEAD.
    for path in ("//latest/meta-data/instance-id", "/latest//meta-data/instance-id/",
                 "/2021-07-15/meta-data/instance-id"):
        equal(host.run(*CURL, *header, WEB + path), INSTANCE, path)
    for name in (TOKEN.lower(), TOKEN.upper()):
        equal(host.run(*CURL, "-H", f"{name}:{token}", f"{WEB}/latest/meta-data/instance-id"),
              INSTANCE)
    assert "200 OK" in host.run(*CURL, *header, "-I", f"{WEB}/latest/meta-data/instance-id")
    answer = host.run(*CURL, "--aws-sigv4", "aws:amz:us-east-1:sts",
                      "--user", f"{document['AccessKeyId']}:{document['SecretAccessKey']}",
                      "-H", f"X-Amz-Security-Token: {document['Token']}",
                      "-H", "Accept: application/json",
                      "--data", "Action=GetCallerIdentity&Version=2011-06-15", f"{STS}/")
    assert IDENTITY in answer, answer
    host.check(document["AccessKeyId"])
    # With a role name that he knows and a token that he found, too.
    host.refused(*CURL, *header, f"{WEB}{BASE}{role}")


def as_cloud_init_reads(leaves):
    """Its rules for leaves and names (cloudinit/sources/helpers/ec2.py), applied to our crawl."""
    tree = {}
    for path, body in leaves.items():
        text = body.decode()
        value = text
        if text.strip().startswith("{") and text.strip().endswith("}"):
            value = json.loads(text)
        elif "\n" in text:
            value = text.splitlines()
        *folders, name = path.split("/")
        if folders == ["public-keys", "0"]:
            folders, name = folders[:1], "my-key"
        node = tree
        for folder in folders:
            node = node.setdefault(folder, {})
        node[name] = value
    return tree


def flat(tree, path=""):
    if not isinstance(tree, dict):
        return {path: tree}
    out = {}
    for name, value in tree.items():
        out |= flat(value, f"{path}/{name}")
    return out or {path: {}}


@client("cloud-init", proves="E12", **RICH)
def cloud_init(host):
    host.use(fetch.debian("cloud-init"))
    # The signatures are not there yet in the first second of a host's first start.
    host.world.run("host", crawl, "/latest/dynamic/instance-identity/", uid=USER)
    words = ("/usr/bin/python3", "-B", host.code / "programs/cloud_init_crawl.py")
    with Watch(host) as watch:
        done = host.attempt(*words)
    equal(done.returncode, 0, done.stderr[-2000:])
    crawled = json.loads(done.stdout)["crawled"]
    # One listed leaf that is missing costs it ten seconds of trying again, and all of the metadata.
    assert crawled and crawled["meta-data"], done.stderr[-2000:]
    repeated = collections.Counter(request.path for request in watch.requests)
    equal({path: times for path, times in repeated.items()
           if times > 1 and not path.endswith("/instance-id")}, {}, "asked for again")
    version = crawled["_metadata_api_version"]
    equal(crawled["user-data"], INSTANCE_SETTINGS["user_data"])
    for ours, theirs in (("meta-data", crawled["meta-data"]),
                         ("dynamic/instance-identity", crawled["dynamic"]["instance-identity"])):
        leaves = host.world.run("host", crawl, f"/{version}/{ours}/", uid=USER)
        expected, actual = flat(as_cloud_init_reads(leaves)), flat(theirs)
        missing = sorted(set(expected) - set(actual))
        more = sorted(name for name in set(actual) - set(expected) if actual[name] != {})
        different = sorted(name for name in set(expected) & set(actual)
                           if expected[name] != actual[name])
        equal((missing, more, different), ([], [], []), ours)
        assert len(expected) >= (40 if ours == "meta-data" else 1), sorted(expected)
    equal(crawled["meta-data"]["tags"]["instance"], INSTANCE_SETTINGS["tags"])
    equal(crawled["meta-data"]["public-keys"]["my-key"], [KEY])
    equal(crawled["meta-data"]["network"]["interfaces"]["macs"][MAC]["local-ipv4s"], "10.0.1.17")
    equal(host.counters()["imdsv1_requests"], 0)
    refused = host.refused(*words, timeout=90)
    equal(json.loads(refused.stdout)["crawled"], {})


@client("ec2-metadata", proves="E13", **RICH)
def ec2_metadata(host):
    host.use(fetch.debian("amazon-ec2-utils"))
    equal(host.run("ec2-metadata", "-i", "-t", "-z"),
          f"instance-id: {INSTANCE}\ninstance-type: m5.large\nplacement: {REGION}a\n")
    lines = dict(line.split(": ", 1) for line in host.run("ec2-metadata", "--all").splitlines()
                 if ": " in line)
    for name in ("ami-id", "ami-launch-index", "ami-manifest-path", "local-hostname", "local-ipv4",
                 "public-ipv4", "reservation-id", "security-groups"):
        equal(lines[name], get(host, f"meta-data/{name}"), name)
    equal(lines["ancestor-ami-ids"], "not available")
    devices = host.run("ec2-metadata", "--block-device-mapping")
    assert f"ami: {get(host, 'meta-data/block-device-mapping/ami')}" in devices, devices
    assert KEY in host.run("ec2-metadata", "--public-keys")
    assert "Name: a machine" in host.run("ec2-metadata", "--tags")
    equal(host.run("ec2-metadata", "--user-data").strip(),
          "user-data: " + INSTANCE_SETTINGS["user_data"].strip())
    equal(host.counters()["imdsv1_requests"], 0)
    done = host.refused("ec2-metadata", "-i")
    equal(done.returncode, 1)


@client("ec2-net-utils", **RICH)
def ec2_net_utils(host):
    # The library alone: the package would rewrite the routes of a machine.
    tree = host.use(fetch.debian("amazon-ec2-net-utils"))
    library = tree / "usr/share/amazon-ec2-net-utils/lib.sh"

    def ask(call, **more):
        # Its log goes to syslog, which is nobody's here.
        return host.attempt("bash", "-c", f"logger() {{ :; }}; . {library}; {call}", **more)
    for call, path in (("get_imds mac", "mac"),
                       (f"get_iface_imds {MAC} device-number", "device-number"),
                       (f"get_iface_imds {MAC} interface-id", "interface-id"),
                       (f"get_iface_imds {MAC} network-card", "network-card"),
                       (f"get_iface_imds {MAC} local-ipv4s", "local-ipv4s"),
                       (f"get_iface_imds {MAC} subnet-ipv4-cidr-block", "subnet-ipv4-cidr-block")):
        where = path if path == "mac" else f"network/interfaces/macs/{MAC}/{path}"
        done = ask(call)
        equal((done.returncode, done.stdout.strip()), (0, get(host, f"meta-data/{where}")), call)
    # What is absent is a failure, and none that it repeats for ever.
    assert ask(f"get_iface_imds {MAC} ipv6-prefix 1").returncode != 0
    equal(host.counters()["imdsv1_requests"], 0)
    assert ask("get_imds mac 1", uid=harness.STRANGER).stdout.strip() == ""


@client("cloud-guest-utils", **RICH)
def cloud_guest_utils(host):
    tree = host.use(fetch.debian("cloud-guest-utils"))
    words = ("/usr/bin/python3", "-B", tree / "usr/bin/ec2metadata")
    equal(host.run(*words, "--instance-id").strip(), INSTANCE)
    lines = dict(line.split(": ", 1) for line in host.run(*words).splitlines() if ": " in line)
    equal(lines["availability-zone"], f"{REGION}a")
    equal(lines["ancestor-ami-ids"], "unavailable")
    assert KEY in lines["public-keys"], lines["public-keys"]
    # It asks for the tree of 2009, which knew nothing of these; and for another on demand.
    equal((lines["mac"], lines["region"]), ("unavailable", "unavailable"))
    equal(host.run(*words, "-u", f"{WEB}/latest", "--mac").strip(), MAC)
    equal(host.counters()["imdsv1_requests"], 0)
    done = host.refused(*words, "--instance-id")
    assert INSTANCE not in done.stdout


if __name__ == "__main__":
    harness.main()
