#!/usr/bin/env python3
"""Paths and listings (P): slashes, versions, escapes, and nothing outside the tree."""

import fixture  # noqa: F401 - finds tests/support
from fixture import CREDENTIALS, INSTANCE
import imds
from imds import check, listing

from suite import Suite, equal

suite = Suite()
case = suite.case


@case("P01")
def versions(daemon):
    for path in ("/", ""):
        names = listing(daemon, "v1", path or "http://127.0.0.1")
        equal(names[0], "1.0")
        equal(names[-1], "latest")
        assert "2009-04-04" in names and "2021-03-23" in names, names
        equal(names[:-1], sorted(names[:-1]))


@case("P02")
def version_listing(daemon):
    for path in ("/latest", "/latest/", "/2021-03-23"):
        check(daemon.get("v1", path), 200, "dynamic\nmeta-data")


@case("P03")
def version_listing_with_user_data(daemon):
    check(daemon.get("full", "/latest/"), 200, "dynamic\nmeta-data\nuser-data", {"Content-Length": "27"})


@case("P04")
def meta_data_listing(daemon):
    names = listing(daemon, "v1", "/latest/meta-data/")
    equal(names, sorted(names), "order")
    equal(len(names), len(set(names)))
    for name in ("ami-id", "iam/", "instance-id", "network/", "placement/", "public-keys/", "services/"):
        assert name in names, names
    assert "tags/" not in names and "spot/" not in names, names


@case("P05")
def directory_without_slash(daemon):
    for path in ("/latest/meta-data", "/latest/meta-data/placement", CREDENTIALS[:-1],
                 "/latest/dynamic/instance-identity"):
        equal(check(daemon.get("v1", path), 200).body, check(daemon.get("v1", path + "/"), 200).body)


ROWS_P = [
    ("P06", "/latest/meta-data/instance-id/", 200, INSTANCE["id"]),
    ("P07", "/latest/meta-data/placement/availability-zone/", 200, "us-east-1a"),
    ("P08", "//latest/meta-data/instance-id", 200, INSTANCE["id"]),
    ("P09", "/latest//meta-data///instance-id", 200, INSTANCE["id"]),
    ("P10", "/latest/meta-data/instance-id?x=y", 200, INSTANCE["id"]),
    ("P11", "/latest/meta-data/instance%2Did", 200, INSTANCE["id"]),
    ("P11b", "/latest/meta-data%2Finstance-id", 404, "page"),
    ("P11c", "/latest/meta-data/instance-id%00", 404, "page"),
    ("P11d", "/LATEST/meta-data/instance-id", 404, "page"),
    ("P11e", "/latest/meta-data/Instance-Id", 404, "page"),
    ("P11f", "/latest/meta-data/instance%252Did", 404, "page"),
    ("P18", "/2020-01-01/meta-data/", 404, "page"),
    ("P19", "/latest/meta-data/nope", 404, "page"),
    ("P20", "/latest/meta-data/instance-id/nope", 404, "page"),
    ("P21", "/nope", 404, "page"),
    ("P22a", "/latest/meta-data/../user-data", 404, "page"),
    ("P22b", "/latest/meta-data/%2e%2e/user-data", 404, "page"),
    ("P22c", "/latest/meta-data/./instance-id", 404, "page"),
    ("P22d", "/../../etc/passwd", 404, "page"),
    ("P23", "/latest/meta-data/iam/security-credentials/" + "x" * 300, 404, "page"),
]


def path_row(daemon, path, status, body):
    check(daemon.get("v1", path), status, body)


for _name, _path, _status, _body in ROWS_P:
    case(_name, path=_path, status=_status, body=_body)(path_row)


def crawl(daemon, listener, path, seen):
    """Fetches everything that is listed below a directory; every entry must be there."""
    for name in listing(daemon, listener, path):
        if "=" in name and "public-keys" in path:
            name = name.split("=")[0] + "/"
        child = path + name
        seen.append(child)
        if name.endswith("/"):
            crawl(daemon, listener, child, seen)
        else:
            check(daemon.get(listener, child), 200)
    return seen


@case("P12", listener="v1")
@case("P12b", listener="full")
@case("P12c", listener="bare")
def crawl_latest(daemon, listener):
    seen = crawl(daemon, listener, "/latest/meta-data/", [])
    seen += crawl(daemon, listener, "/latest/dynamic/instance-identity/", [])
    assert len(seen) > 40, seen


@case("P13")
def crawl_versions(daemon):
    older = set()
    for version in listing(daemon, "full", "/"):
        prefix = f"/{version}/meta-data/"
        now = {path.removeprefix(prefix) for path in crawl(daemon, "full", prefix, [])}
        assert older <= now, f"{version} lost {older - now}"
        older = now


@case("P17")
def first_version(daemon):
    seen = {p.removeprefix("/1.0/meta-data/") for p in crawl(daemon, "v1", "/1.0/meta-data/", [])}
    assert "ami-id" in seen and "instance-id" in seen, seen
    for newer in ("iam/", "placement/", "services/", "network/"):
        assert newer not in seen, seen
        check(daemon.get("v1", "/1.0/meta-data/" + newer), 404)
    check(daemon.get("v1", "/2008-02-01/meta-data/placement/region"), 404)
    check(daemon.get("v1", "/2008-02-01/meta-data/placement/availability-zone"), 200, "us-east-1a")


if __name__ == "__main__":
    imds.run(suite)
