#!/usr/bin/env python3
"""Role names and credential documents (I)."""

import datetime
import json
import re
import time

import fixture  # noqa: F401 - finds tests/support
from fixture import CREDENTIALS, INSTANCE, ROLE
import imds
from imds import ID, check

from http_raw import ask, build
from sigv4 import Key, sign
from suite import Suite, equal

suite = Suite()
case = suite.case


@case("I01")
def role_listing(daemon):
    check(daemon.get("v1", CREDENTIALS), 200, ROLE, {"Content-Length": "8"})


@case("I02")
@case("I03")
@case("I04")
def credential_document(daemon):
    answer = check(daemon.get("v1", CREDENTIALS + ROLE), 200, None, {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey",
                                      "Token", "Expiration"])
    expected = "{\n" + ",\n".join(f'  "{key}" : "{value}"' for key, value in pairs) + "\n}"
    equal(answer.text, expected, "layout")
    document = dict(pairs)
    daemon.secrets |= {document["SecretAccessKey"], document["Token"]}
    equal(document["Code"], "Success")
    equal(document["Type"], "AWS-HMAC")
    for key in ("LastUpdated", "Expiration"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document[key]), document[key]
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", document["AccessKeyId"]), document["AccessKeyId"]
    equal(len(document["SecretAccessKey"]), 40)
    assert re.fullmatch(r"[A-Za-z0-9+/=]{200,2000}", document["Token"]), len(document["Token"])
    left = datetime.datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=datetime.timezone.utc).timestamp() - time.time()
    assert 1800 < left <= 3600, left


@case("I05")
def same_document_twice(daemon):
    equal(daemon.get("v1", CREDENTIALS + ROLE).body, daemon.get("v1", CREDENTIALS + ROLE + "/").body)


@case("I07")
def credentials_are_good_for_the_issuer(daemon):
    key = Key.of(daemon.credentials("v2"))
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    host, port = daemon.listeners["sts"]
    headers = sign(key, "POST", "/", {"Host": f"{host}:{port}",
                                      "Content-Type": "application/x-www-form-urlencoded"}, body)
    answer = ask((host, port), build("POST", "/", headers | {"Content-Length": str(len(body))}, body,
                                     host=None))
    equal(answer.status, 200, answer.body)
    assert f"arn:aws:sts::123456789012:assumed-role/{ROLE}/{INSTANCE['id']}" in answer.text, answer.text


@case("I08")
def unknown_role(daemon):
    for role in ("other", "APP-ROLE", ROLE + "x", ROLE[:-1], ROLE + "/x"):
        check(daemon.get("v1", CREDENTIALS + role), 404, "page")


@case("I09")
def iam_info(daemon):
    answer = check(daemon.get("v1", "/latest/meta-data/iam/info"), 200, None,
                   {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], ["Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"])
    equal(answer.text, "{\n" + ",\n".join(f'  "{k}" : "{v}"' for k, v in pairs) + "\n}", "layout")
    equal(dict(pairs)["InstanceProfileArn"], "arn:aws:iam::123456789012:instance-profile/app-profile")
    assert re.fullmatch(r"AIPA[A-Z0-9]{17}", dict(pairs)["InstanceProfileId"]), pairs


@case("I10")
def iam_listing(daemon):
    check(daemon.get("v1", "/latest/meta-data/iam/"), 200, "info\nsecurity-credentials/")


@case("I11")
def no_role(daemon):
    for path in ("iam/", "iam", "iam/info", "iam/security-credentials/", "iam/security-credentials/x"):
        check(daemon.get("bare", "/latest/meta-data/" + path), 404, "page")


@case("I12")
def role_that_does_not_trust(daemon):
    answer = check(daemon.get("denied", CREDENTIALS + "untrusting"), 200, None,
                   {"Content-Type": "text/plain"})
    document = json.loads(answer.body)
    equal(document["Code"], "AssumeRoleUnauthorizedAccess")
    equal(set(document), {"Code", "Message", "LastUpdated"})
    check(daemon.get("denied", CREDENTIALS), 200, "untrusting")
    check(daemon.get("denied", ID), 200)


@case("I16")
def extended_path(daemon):
    for path in ("", ROLE):
        check(daemon.get("v1", "/latest/meta-data/iam/security-credentials-extended/" + path), 404)


if __name__ == "__main__":
    imds.run(suite)
