#!/usr/bin/env python3
"""Values below meta-data and user-data (V)."""

import json

import fixture
from fixture import INSTANCE, KEY
import imds
from imds import USER_DATA, check, listing

from daemon import configuration
from suite import Suite, equal

suite = Suite()
case = suite.case


MAC = "network/interfaces/macs/02:29:96:8f:6a:2d/"
ROWS_V = [
    ("V01a", "v1", "ami-id", INSTANCE["image_id"]),
    ("V01b", "v1", "instance-type", "m5.large"),
    ("V01c", "v1", "local-ipv4", "10.0.1.17"),
    ("V01d", "v1", "mac", INSTANCE["mac"]),
    ("V02", "v1", "ami-manifest-path", "(unknown)"),
    ("V03", "v1", "ami-launch-index", "0"),
    ("V04", "v1", "public-ipv4", "203.0.113.25"),
    ("V05", "v1", "public-keys/", "0=my-key"),
    ("V06", "v1", "public-keys/0/", "openssh-key"),
    ("V06b", "v1", "public-keys/0=my-key", None),
    ("V07", "v1", "public-keys/0/openssh-key", KEY + "\n"),
    ("V08", "bare", "public-keys/", None),
    ("V09", "v1", "network/interfaces/macs/", "02:29:96:8f:6a:2d/"),
    ("V11", "v1", MAC + "ipv4-associations/203.0.113.25", "10.0.1.17"),
    ("V12", "bare", MAC + "ipv4-associations/", None),
    ("V12b", "bare", "public-ipv4", None),
    ("V12c", "bare", "public-hostname", None),
    ("V13a", "v1", "ipv6", None),
    ("V13b", "v1", MAC + "ipv6s", None),
    ("V13c", "v1", MAC + "subnet-ipv6-cidr-blocks", None),
    ("V15", "v1", "placement/region", "us-east-1"),
    ("V15b", "v1", "placement/availability-zone-id", "use1-az4"),
    ("V16a", "v1", "services/domain", "amazonaws.com"),
    ("V16b", "v1", "services/partition", "aws"),
    ("V16c", "full", "services/domain", "amazonaws.com.cn"),
    ("V16d", "full", "services/partition", "aws-cn"),
    ("V17a", "v1", "instance-life-cycle", "on-demand"),
    ("V17b", "full", "instance-life-cycle", "spot"),
    ("V19a", "v1", "spot/instance-action", None),
    ("V19b", "v1", "spot/termination-time", None),
    ("V23a", "v1", "events/maintenance/scheduled", "[]"),
    ("V23b", "v1", "events/maintenance/history", "[]"),
    ("V26", "v1", "events/recommendations/rebalance", None),
    ("V27", "v1", "autoscaling/target-lifecycle-state", None),
    ("V29", "v1", "tags/", None),
    ("V29b", "v1", "tags/instance/Name", None),
    ("V30", "full", "tags/", "instance/"),
    ("V30b", "full", "tags/instance", "Name\nempty\nteam:unit"),
    ("V31", "full", "tags/instance/Name", "gr\u00fc\u00dfe an alle"),
    ("V31b", "full", "tags/instance/empty", ""),
    ("V32", "full", "tags/instance/name", None),
]


def value_row(daemon, listener, path, body):
    answer = daemon.get(listener, "/latest/meta-data/" + path)
    if body is None:
        check(answer, 404, "page")
    else:
        check(answer, 200, body, {"Content-Type": "text/plain"})


for _name, _listener, _path, _body in ROWS_V:
    case(_name, listener=_listener, path=_path, body=_body)(value_row)


@case("V08b")
def absent_is_not_listed(daemon):
    names = listing(daemon, "bare", "/latest/meta-data/")
    for absent in ("public-keys/", "public-ipv4", "public-hostname", "iam/", "tags/", "ipv6"):
        assert absent not in names, names


@case("V14")
def security_groups(daemon):
    name = check(daemon.get("v1", "/latest/meta-data/security-groups"), 200).text
    equal(check(daemon.get("v1", "/latest/meta-data/" + MAC + "security-groups"), 200).text, name)
    identifier = check(daemon.get("v1", "/latest/meta-data/" + MAC + "security-group-ids"), 200).text
    assert identifier.startswith("sg-"), identifier


@case("V33")
@case("V38")
def refused_configurations(daemon):
    def refused(instance, **metadata):
        daemon_file = daemon.folder / "refused.yaml"
        made = configuration({"a": fixture.profile(instance, **metadata)})
        daemon_file.write_text(json.dumps(made))
        code, out, err = daemon.cli("check", str(daemon_file), socket=False)
        equal(code, 3, f"exit code of check ({out}{err})")
        assert "refused.yaml:" in out + err, out + err
    for key in ("a b", "a/b", "..", "_index"):
        refused({"tags": {key: "x"}}, instance_metadata_tags="enabled")
    refused({"user_data": "x" * 16385})


@case("V35")
def tags_in_an_old_version(daemon):
    check(daemon.get("full", "/2020-10-27/meta-data/tags/instance/Name"), 404)
    check(daemon.get("full", "/2021-03-23/meta-data/tags/instance/Name"), 200)


@case("V36")
def no_user_data(daemon):
    check(daemon.get("v1", "/latest/user-data"), 404, "page")


@case("V37")
@case("V39")
def user_data(daemon):
    for path in ("/latest/user-data", "/latest/user-data/", "/1.0/user-data"):
        check(daemon.get("full", path), 200, USER_DATA,
              {"Content-Type": "application/octet-stream", "Content-Length": "16384"})


@case("V42")
def no_pushed_keys(daemon):
    check(daemon.get("v1", "/latest/meta-data/managed-ssh-keys/active-keys/ec2-user/"), 404)


if __name__ == "__main__":
    imds.run(suite)
