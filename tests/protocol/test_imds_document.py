#!/usr/bin/env python3
"""The identity document (D)."""

import json
import re

import fixture  # noqa: F401 - finds tests/support
import imds
from imds import check

from http_raw import build
from suite import Suite, equal

suite = Suite()
case = suite.case


IDENTITY = "/latest/dynamic/instance-identity/"
IDENTITY_KEYS = ("accountId architecture availabilityZone billingProducts devpayProductCodes "
                 "marketplaceProductCodes imageId instanceId instanceType kernelId pendingTime privateIp "
                 "ramdiskId region version").split()


@case("D01")
@case("D02")
@case("D13")
def identity_document(daemon):
    answer = check(daemon.get("v1", IDENTITY + "document"), 200, None, {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], IDENTITY_KEYS)
    equal(answer.text, "{\n" + ",\n".join(
        f'  "{key}" : {json.dumps(value)}' for key, value in pairs) + "\n}", "layout")
    document = dict(pairs)
    for key in ("billingProducts", "devpayProductCodes", "marketplaceProductCodes", "kernelId", "ramdiskId"):
        equal(document[key], None, key)
    for key, path in (("privateIp", "local-ipv4"), ("instanceType", "instance-type"),
                      ("region", "placement/region"), ("instanceId", "instance-id"),
                      ("imageId", "ami-id"), ("availabilityZone", "placement/availability-zone")):
        equal(document[key], daemon.get("v1", "/latest/meta-data/" + path).text, key)
    equal(document["accountId"], "123456789012")
    equal(document["version"], "2017-09-30")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["pendingTime"])


@case("D11")
def identity_document_is_stable(daemon):
    first = daemon.get("v1", IDENTITY + "document").body
    with daemon.connect("v1") as c:
        for _ in range(100):
            equal(c.exchange(build("GET", IDENTITY + "document")).body, first)


@case("D15")
def no_dsa2048(daemon):
    check(daemon.get("v1", IDENTITY), 200, "document\npkcs7\nrsa2048\nsignature")
    check(daemon.get("v1", IDENTITY + "dsa2048"), 404)
    check(daemon.get("v1", "/latest/dynamic/"), 200, "instance-identity/")
    check(daemon.get("v1", "/latest/dynamic/fws/instance-monitoring"), 404)


if __name__ == "__main__":
    imds.run(suite)
