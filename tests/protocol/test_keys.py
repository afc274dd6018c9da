#!/usr/bin/env python3
"""The issuer's key ring: rotated while sessions live, revoked at once, kept wrapped."""

import base64
import contextlib
import json
import re
import sqlite3
import stat
import time

import fixture

from daemon import Daemon, configuration
from http_raw import ask, build, wait_until
from sigv4 import Key, sign
from suite import Suite, equal

suite = Suite()
case = suite.case

PURPOSES = ["session_token", "authorization_message", "stored_secret"]


def settings():
    return configuration({"imds": fixture.profile(http_tokens="required")})


def keys(daemon, *words, code=0):
    """What `imdsd keys` says with -o json; the error when it is to fail."""
    done, out, err = daemon.cli("keys", *words, "-o", "json")
    equal(done, code, f"{words}: {out}{err}")
    if code:
        return err
    answer = json.loads(out)
    return answer.get("changed"), {key["id"]: key for key in answer["keys"]}


def active(daemon, purpose="session_token"):
    return next(key["id"] for key in keys(daemon, "list")[1].values()
                if (key["purpose"], key["phase"]) == (purpose, "active"))


def identity(daemon, key):
    """The status with which GetCallerIdentity answers these credentials."""
    host, port = daemon.listeners["sts"]
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = sign(key, "POST", "/", {"Host": f"{host}:{port}", "Content-Type":
                                      "application/x-www-form-urlencoded"}, body)
    return ask((host, port), build("POST", "/", headers | {"Content-Length": str(len(body))}, body,
                                   host=None)).status


def records(daemon, name):
    return [record for record in daemon.audit() if record["eventName"] == name]


def must_not_start(daemon):
    try:
        daemon.start()
    except AssertionError as error:
        return str(error)
    raise AssertionError("it started")


@case("list")
def keys_are_listed_without_what_they_are(daemon):
    _, all_keys = keys(daemon, "list")
    for purpose in PURPOSES:
        equal([key["phase"] for key in all_keys.values() if key["purpose"] == purpose].count("active"), 1)
    for key in all_keys.values():
        assert set(key) <= {"id", "purpose", "phase", "created", "activated", "left_active", "ended"}, key
    for form in ("text", "json"):
        code, out, err = daemon.cli("keys", "list", "-o", form)
        equal((code, err), (0, ""))
        assert not re.search("[A-Za-z0-9+/]{30}", out), out
    code, out, _ = daemon.cli("keys", "list")
    assert out.startswith("KEY  PURPOSE"), out


@case("rotate")
def sessions_outlive_a_rotation(daemon):
    before = Key.of(daemon.credentials())
    old = active(daemon)
    changed, all_keys = keys(daemon, "rotate")
    equal(active(daemon), changed)
    equal(all_keys[old]["phase"], "verify_only")
    equal(identity(daemon, before), 200)
    record = records(daemon, "RotateKey")[-1]
    equal(record["requestParameters"]["id"], changed)
    equal(record["readOnly"], False)
    for purpose in PURPOSES[1:]:
        other, all_keys = keys(daemon, "rotate", "--purpose", purpose)
        equal((all_keys[other]["purpose"], active(daemon, purpose)), (purpose, other))
    equal(active(daemon), changed)


@case("steps")
def a_key_is_published_then_activated(daemon):
    old = active(daemon)
    made, all_keys = keys(daemon, "publish")
    equal(all_keys[made]["phase"], "published")
    equal(active(daemon), old)
    equal(keys(daemon, "activate", str(made))[0], made)
    equal(active(daemon), made)
    # And back again.
    keys(daemon, "activate", str(old))
    equal(active(daemon), old)
    keys(daemon, "activate", str(made))


@case("revoke")
def a_revoked_key_ends_its_sessions_at_once():
    with Daemon(settings()) as daemon:
        before = Key.of(daemon.credentials())
        old = active(daemon)
        equal(identity(daemon, before), 200)
        assert "is the active key of session_token" in keys(daemon, "revoke", str(old), code=2)
        equal(records(daemon, "RevokeKey")[-1]["errorCode"], "InvalidRequest")
        keys(daemon, "rotate")
        equal(identity(daemon, before), 200)
        _, all_keys = keys(daemon, "revoke", str(old))
        equal(all_keys[old]["phase"], "revoked")
        equal(identity(daemon, before), 403)
        equal(records(daemon, "RevokeKey")[-1]["requestParameters"]["id"], old)
        # Workloads get credentials that are good, without waiting for the old ones to expire.
        wait_until(lambda: identity(daemon, Key.of(daemon.credentials())) == 200, 20, "new credentials")
        assert "final" in keys(daemon, "retire", str(old), "--force", code=2)


@case("retire")
def a_key_that_may_be_in_use_is_retired_only_by_force():
    with Daemon(settings()) as daemon:
        before = Key.of(daemon.credentials())
        old = active(daemon)
        keys(daemon, "rotate")
        refused = keys(daemon, "retire", str(old), code=1)
        assert re.search(r"can be in use until 20\d\d-\d\d-\d\dT", refused), refused
        equal(identity(daemon, before), 200)
        keys(daemon, "retire", str(old), "--force")
        equal(records(daemon, "RetireKey")[-1]["requestParameters"]["force"], True)
        equal(identity(daemon, before), 403)


@case("wrong")
def what_is_not_there_is_said(daemon):
    assert "no key 60000" in keys(daemon, "revoke", "60000", code=2)
    assert "stored_secret" in keys(daemon, "rotate", "--purpose", "audit", code=2)
    answer = daemon.cli("keys", "retire", "60000", "-o", "text")
    equal(answer[:2], (2, ""))


def stored_ring(daemon, changed=None):
    """The ring's row in the issuer's store; replaced when another text is given."""
    with contextlib.closing(sqlite3.connect(daemon.state / "issuer.db")) as store, store:
        ((kept,),) = store.execute("SELECT body FROM rows WHERE kind = 'key-ring'")
        if changed is not None:
            store.execute("UPDATE rows SET body = ? WHERE kind = 'key-ring'", (changed,))
        return kept


@case("restart")
def the_ring_outlives_the_daemon_wrapped():
    with Daemon(settings()) as daemon:
        session = Key.of(daemon.credentials())
        keys(daemon, "rotate")
        before = keys(daemon, "list")
        equal(sorted(json.loads(stored_ring(daemon))), ["issuer", "kek", "sealed", "version"])
        for name in ("issuer.db", "wrapping.key"):
            equal(stat.S_IMODE((daemon.state / name).stat().st_mode), 0o600, name)
        daemon.kill()
        daemon.start()
        equal(keys(daemon, "list"), before)
        equal(identity(daemon, session), 200)


@case("kek")
def another_wrapping_key_refuses_to_start():
    with Daemon(settings()) as daemon:
        daemon.stop()
        key = daemon.state / "wrapping.key"
        kept, good = stored_ring(daemon), key.read_text()
        key.unlink()
        said = must_not_start(daemon)
        assert "the key ring is wrapped by another key" in said, said
        assert json.loads(kept)["kek"] in said, said
        key.write_text(good[:-4] + "000\n")
        said = must_not_start(daemon)
        assert f"{key}: damaged" in said, said
        key.write_text(good)
        damaged = json.loads(kept)
        damaged["sealed"] = damaged["sealed"][:60] + "AAAA" + damaged["sealed"][64:]
        stored_ring(daemon, json.dumps(damaged))
        said = must_not_start(daemon)
        assert "it is damaged" in said, said
        equal(json.loads(stored_ring(daemon)), damaged)
        stored_ring(daemon, kept)
        daemon.start()


def secret(byte):
    return base64.b64encode(bytes([byte]) * 32).decode()


def first_version():
    return json.dumps({"version": 1, "issuer": "0011223344556677", "identity": secret(1), "keys": [
        {"id": 5, "phase": "verify_only", "secret": secret(2)},
        {"id": 6, "phase": "active", "secret": secret(3)}]})


def start_with_ring(daemon, text):
    daemon.state.mkdir(mode=0o700)
    ring = daemon.state / "issuer-keys.json"
    ring.touch(0o600)
    ring.write_text(text)
    daemon.start()
    return ring


@case("old")
def a_ring_of_the_first_version_is_taken_over():
    with Daemon(settings(), start=False) as daemon:
        ring = start_with_ring(daemon, first_version())
        equal(active(daemon), 6)
        session = Key.of(daemon.credentials())
        assert not ring.exists()
        assert "sealed" in json.loads(stored_ring(daemon))
        daemon.stop()
        daemon.start()
        equal(identity(daemon, session), 200)
        # Once wrapped, only wrapped: a ring with known keys would be a way in.
        daemon.stop()
        ring.touch(0o600)
        ring.write_text(first_version())
        said = must_not_start(daemon)
        assert "not wrapped" in said, said


@case("schedule")
def keys_follow_each_other_by_themselves():
    now, day = int(time.time() * 1000), 86_400_000
    old = {"created": now - 40 * day, "activated": now - 40 * day}
    with Daemon(settings(), start=False) as daemon:
        start_with_ring(daemon, json.dumps({
            "version": 2, "issuer": "0011223344556677", "identity": secret(1), "next_id": 6, "keys": [
                {"id": 1, "purpose": "session_token", "phase": "verify_only", "secret": secret(2),
                 "left_active": now - 2 * day} | old,
                {"id": 2, "purpose": "session_token", "phase": "active", "secret": secret(3)} | old,
                {"id": 3, "purpose": "authorization_message", "phase": "active", "secret": secret(4),
                 "created": now, "activated": now},
                {"id": 5, "purpose": "stored_secret", "phase": "active", "secret": secret(5)} | old]}))
        _, all_keys = keys(daemon, "list")
        equal({key["id"]: key["phase"] for key in all_keys.values()},
              {1: "retired", 2: "verify_only", 3: "active", 5: "active", 6: "active"})
        equal(all_keys[6]["purpose"], "session_token")
        for name, key in (("RetireKey", 1), ("PublishKey", None), ("ActivateKey", 6)):
            (record,) = records(daemon, name)
            equal(record["requestParameters"]["trigger"], "schedule")
            equal(record["requestParameters"].get("id"), key)
        equal(identity(daemon, Key.of(daemon.credentials())), 200)
        before = keys(daemon, "list")
        daemon.stop()
        daemon.start()
        equal(keys(daemon, "list"), before)


if __name__ == "__main__":
    with Daemon(settings()) as shared:
        suite.run(daemon=shared)
