#!/usr/bin/env python3
"""SIGHUP: a bad file changes nothing; a good one takes effect on open connections and keeps tokens."""

import json
import sys

import fixture
from fixture import CREDENTIALS

from daemon import Daemon, TOKEN, TTL, configuration
from http_raw import ask, build, wait_until
from suite import Suite, equal

suite = Suite()
case = suite.case

ID = "/latest/meta-data/instance-id"


def settings(**changes):
    profile = fixture.profile(changes.pop("instance", None), **(
        {"http_tokens": "optional", "instance_metadata_tags": "enabled"} | changes.pop("metadata", {})))
    if "role" in changes:
        profile["role"] = f"arn:aws:iam::123456789012:role/{changes.pop('role')}"
    return configuration({"imds": profile}, listeners=[
        {"name": "imds", "serve": "imds", "address": "127.0.0.1:0"}], **changes)


@case("bad")
def bad_file_changes_nothing(daemon):
    before = daemon.get("imds", ID).body
    for text in ("apiVersion: imdsd/v1\nlisteners: [\n", "", "apiVersion: imdsd/v2\n",
                 json.dumps(settings() | {"lisstners": []})):
        generation = daemon.status()["configuration"]["generation"]
        daemon.write(text)
        said = daemon.reload()
        equal(said["ok"], False)
        assert said["errors"], said
        assert "imdsd.yaml:" in "\n".join(said["errors"]), said
        equal(daemon.status()["configuration"]["generation"], generation)
        equal(daemon.get("imds", ID).body, before)
        # Back, so that the next failure can be told from this one.
        equal(daemon.reload(settings())["ok"], True)
    assert "imdsd.yaml:" in daemon.log()


@case("values")
def values_change_on_open_connections(daemon):
    with daemon.connect() as c:
        equal(c.exchange(build("GET", ID)).text, "i-1234567890abcdef0")
        stamp = c.exchange(build("GET", ID)).get("Last-Modified")
        daemon.reload(settings(instance={"id": "i-0fedcba0987654321"}))
        answer = c.exchange(build("GET", ID))
        equal(answer.text, "i-0fedcba0987654321")
        assert stamp and answer.get("Last-Modified")
    daemon.reload(settings())


@case("U21")
def tokens_become_required(daemon):
    token = daemon.token()
    with daemon.connect() as c:
        with_token, without = build("GET", ID, {TOKEN: token}), build("GET", ID)
        equal((c.exchange(with_token).status, c.exchange(without).status), (200, 200))
        daemon.reload(settings(metadata={"http_tokens": "required"}))
        equal((c.exchange(with_token).status, c.exchange(without).status), (200, 401))
    daemon.reload(settings())


@case("U22")
@case("U23")
def endpoint_disabled_and_enabled(daemon):
    token = daemon.token()
    request = build("GET", ID, {TOKEN: token})
    with daemon.connect() as c:
        equal(c.exchange(request).status, 200)
        daemon.reload(settings(metadata={"http_endpoint": "disabled"}))
        equal(c.exchange(request).status, 403)
        daemon.reload(settings())
        equal(c.exchange(request).status, 200)


@case("V34")
def tag_changes(daemon):
    path = "/latest/meta-data/tags/instance/Name"
    daemon.reload(settings(instance={"tags": {"Name": "one"}}))
    equal(daemon.get("imds", path).text, "one")
    daemon.reload(settings(instance={"tags": {"Name": "two"}}))
    equal(daemon.get("imds", path).text, "two")
    daemon.reload(settings())
    equal(daemon.get("imds", path).status, 404)


@case("I15")
def role_swapped(daemon):
    equal(daemon.get("imds", CREDENTIALS).text, "app-role")
    daemon.credentials()
    daemon.reload(settings(role="other-role"))
    equal(daemon.get("imds", CREDENTIALS).text, "other-role")
    equal(daemon.get("imds", CREDENTIALS + "app-role").status, 404)
    daemon.credentials()
    daemon.reload(settings())


@case("cached")
def cached_credentials_survive(daemon):
    first = daemon.credentials()
    daemon.reload(settings(instance={"type": "m5.xlarge"}))
    equal(daemon.credentials()["AccessKeyId"], first["AccessKeyId"])
    daemon.reload(settings())
    equal(daemon.credentials()["AccessKeyId"], first["AccessKeyId"])


@case("unbound")
def removed_binding_ends_on_open_connections(daemon):
    token = daemon.token()
    request = build("GET", ID, {TOKEN: token})
    with daemon.connect() as c:
        equal(c.exchange(request).status, 200)
        daemon.reload(settings(bindings=[{"listener": "imds", "user": 61999, "profile": "imds"}]))
        equal(c.exchange(request).status, 403)
        equal(c.exchange(build("PUT", "/latest/api/token", {TTL: "60"})).status, 403)
        daemon.reload(settings())
        equal(c.exchange(request).status, 200)


HUP_BEFORE_START = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
os.kill(os.getpid(), signal.SIGHUP)
os.execv(sys.argv[1], sys.argv[1:])
"""


@case("early")
def reload_asked_for_during_the_start():
    """It is done afterwards; the signal's default would end the daemon."""
    with Daemon(settings(), command=[sys.executable, "-c", HUP_BEFORE_START]) as early:
        wait_until(lambda: early.status()["configuration"].get("last_reload"), what="the reload")
        equal(early.status()["configuration"]["generation"], 2)


@case("cli")
def reload_shows_in_status(daemon):
    before = daemon.status()["configuration"]
    daemon.reload(settings(instance={"type": "m5.large"}))
    after = daemon.status()["configuration"]
    assert after["generation"] > before["generation"], (before, after)
    equal(after["last_reload"]["ok"], True)


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
