#!/usr/bin/env python3
"""imdsd revoke: what ended is refused at once, what workloads hold is replaced at once."""

import json

from fixture import CREDENTIALS  # noqa: F401 - puts tests/support on the path

from daemon import Daemon
from sigv4 import Key, sign
from suite import Suite, equal
from test_instance_profile import WEB, caller, settings

suite = Suite()
case = suite.case

ROLE = "arn:aws:iam::123456789012:role/web"


def identity(daemon, held):
    """The status with which GetCallerIdentity answers a credential document."""
    host, port = daemon.listeners["sts"]
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = sign(Key.of(held), "POST", "/",
                   {"Host": f"{host}:{port}", "Content-Type": "application/x-www-form-urlencoded"}, body)
    return daemon.ask("sts", "POST", "/", headers | {"Content-Length": str(len(body))}, body=body,
                      host=None).status


def revoke(daemon, *words, code=0):
    done, out, err = daemon.cli("revoke", *words, "-o", "json")
    equal(done, code, f"{words}: {out}{err}")
    return err if code else json.loads(out)


@case("role")
def sessions_of_a_role_end_and_are_replaced(daemon):
    before = daemon.credentials()
    equal(identity(daemon, before), 200)
    told = revoke(daemon, "role", ROLE, "--reason", "it leaked")["revocation"]
    equal((told["kind"], told["arn"], told["reason"]), ("principal", ROLE, "it leaked"))
    equal(identity(daemon, before), 403)
    after = daemon.credentials()
    assert after["AccessKeyId"] != before["AccessKeyId"]
    equal(identity(daemon, after), 200)
    equal([one["arn"] for one in revoke(daemon, "list")["revocations"]], [ROLE])
    record = [r for r in daemon.audit() if r["eventName"] == "RevokeSessions"][-1]
    equal((record["requestParameters"]["of"], record["requestParameters"]["reason"], record["readOnly"]),
          ("role", "it leaked", False))


@case("key")
def one_session_ends_by_its_key(daemon):
    before = daemon.credentials()
    revoke(daemon, "key", before["AccessKeyId"])
    equal(identity(daemon, before), 403)
    assert daemon.credentials()["AccessKeyId"] != before["AccessKeyId"]
    assert caller(daemon).startswith("arn:aws:sts::123456789012:assumed-role/web/")


@case("session")
def one_session_ends_by_its_id(daemon):
    before = daemon.credentials()
    issued = [r for r in daemon.audit() if r["eventName"] == "AssumeRole"][-1]
    revoke(daemon, "session", issued["additionalEventData"]["sessionId"])
    equal(identity(daemon, before), 403)
    assert daemon.credentials()["AccessKeyId"] != before["AccessKeyId"]


@case("refused")
def what_is_not_there_cannot_be_revoked(daemon):
    before = revoke(daemon, "list")["revocations"]
    assert "has no role" in revoke(daemon, "role", ROLE + "x", code=2)
    assert "has no account" in revoke(daemon, "root", "210987654321", code=2)
    assert "in the future" in revoke(daemon, "role", ROLE, "--before", "2999-01-01T00:00:00Z", code=2)
    equal(revoke(daemon, "list")["revocations"], before)
    equal(daemon.audit()[-1]["errorCode"], "InvalidRequest")


if __name__ == "__main__":
    with Daemon(settings(WEB)) as shared:
        suite.run(daemon=shared)
