#!/usr/bin/env python3
"""The classic EC2 chain: an instance profile of the issuer gives a profile its role, live; and the
issuer run alone."""

import json
import os
import re

import fixture
from fixture import CREDENTIALS

from daemon import TRUST_EC2, Daemon, configuration
from http_raw import build, wait_until
from sigv4 import Key, sign
from suite import Suite, equal

suite = Suite()
case = suite.case

ACCOUNT = "123456789012"
INFO = "/latest/meta-data/iam/info"
LISTENER = [{"name": "imds", "serve": "imds", "address": "127.0.0.1:0"},
            {"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}]


def settings(instance_profiles, name="servers"):
    profile = fixture.profile(role=None) | {"instance_profile": name, "source": "local"}
    made = configuration({"imds": profile}, listeners=LISTENER,
                         roles={"web": {"trust_policy": TRUST_EC2},
                                "db": {"trust_policy": TRUST_EC2, "path": "/team/"}})
    made["issuer"]["accounts"][ACCOUNT]["instance_profiles"] = instance_profiles
    return made


WEB = {"servers": {"path": "/fleet/", "role": "web"}}


def info(daemon):
    return json.loads(daemon.get("imds", INFO).body)


def caller(daemon, listener="sts"):
    """The ARN that GetCallerIdentity tells for what the instance holds."""
    host, port = daemon.listeners[listener]
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = sign(Key.of(daemon.credentials()), "POST", "/",
                   {"Host": f"{host}:{port}", "Content-Type": "application/x-www-form-urlencoded"}, body)
    answer = daemon.ask(listener, "POST", "/", headers | {"Content-Length": str(len(body))}, body=body,
                        host=None)
    equal(answer.status, 200, answer.body)
    return re.search("<Arn>(.*)</Arn>", answer.text)[1]


@case("chain")
def the_instance_profile_gives_role_and_id(daemon):
    equal(daemon.get("imds", CREDENTIALS).text, "web")
    told = info(daemon)
    equal(told["InstanceProfileArn"], f"arn:aws:iam::{ACCOUNT}:instance-profile/fleet/servers")
    assert re.fullmatch("AIPA[A-Z2-7]{17}", told["InstanceProfileId"]), told
    equal(caller(daemon), f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1234567890abcdef0")
    mine = daemon.status()["profiles"][0]
    equal((mine["instance_profile_arn"], mine["role_arn"]),
          (told["InstanceProfileArn"], f"arn:aws:iam::{ACCOUNT}:role/web"))


@case("live")
def the_role_changes_on_open_connections(daemon):
    before = info(daemon)
    with daemon.connect() as connection:
        equal(connection.exchange(build("GET", CREDENTIALS)).text, "web")
        equal(daemon.reload(settings({"servers": {"path": "/fleet/", "role": "db"}}))["ok"], True)
        equal(connection.exchange(build("GET", CREDENTIALS)).text, "db")
        equal(json.loads(connection.exchange(build("GET", INFO)).body)["InstanceProfileId"],
              before["InstanceProfileId"])
        equal(connection.exchange(build("GET", CREDENTIALS + "web")).status, 404)
    equal(caller(daemon), f"arn:aws:sts::{ACCOUNT}:assumed-role/db/i-1234567890abcdef0")
    equal(daemon.reload(settings(WEB))["ok"], True)


@case("without")
def without_a_role_or_at_all(daemon):
    equal(daemon.reload(settings({"servers": {}}))["ok"], True)
    equal(daemon.get("imds", CREDENTIALS).status, 404)
    equal(info(daemon)["Message"], "Instance Profile does not contain a role.")
    mine = daemon.status()["profiles"][0]
    equal(mine["state"], "metadata-only")
    assert "contains no role" in mine["failure"], mine
    # Gone altogether: as on an instance that none is attached to.
    equal(daemon.reload(settings({}))["ok"], True)
    for path in (CREDENTIALS, INFO, "/latest/meta-data/iam/"):
        equal(daemon.get("imds", path).status, 404, path)
    code, out, err = daemon.cli("explain", "--user", str(os.getuid()), "--listener", "imds")
    equal(code, 0, err)
    assert f"account {ACCOUNT} has no instance profile 'servers'" in out, out
    equal(daemon.reload(settings(WEB))["ok"], True)
    wait_until(lambda: daemon.get("imds", CREDENTIALS).text == "web", 10, "the role")


@case("arn")
def it_is_named_by_arn_as_well():
    arn = f"arn:aws:iam::{ACCOUNT}:instance-profile/fleet/servers"
    with Daemon(settings(WEB, arn)) as daemon:
        equal(info(daemon)["InstanceProfileArn"], arn)


@case("issuer")
def the_issuer_runs_alone():
    with Daemon(settings(WEB), verb="issuer") as daemon:
        equal(list(daemon.listeners), ["sts"])
        now = daemon.status()
        equal((now["profiles"], now["bindings"], now["ready"]), ([], 0, True))
        equal(daemon.ask("sts", "POST", "/", {"Content-Length": "0"}).status >= 400, True)
        equal(daemon.reload(settings(WEB))["ok"], True)
        equal(daemon.status()["profiles"], [])
        said = daemon.reload(configuration({"imds": fixture.profile()}, listeners=LISTENER[:1]))
        equal(said["ok"], False)
        assert "no listener has 'serve: sts'" in said["errors"][0], said
        daemon.write(settings(WEB))


@case("issuer")
def an_issuer_without_a_listener_does_not_start():
    daemon = Daemon(configuration({"imds": fixture.profile()}, listeners=LISTENER[:1]), start=False,
                    verb="issuer")
    with daemon:
        try:
            daemon.start()
        except AssertionError as error:
            assert "no listener has 'serve: sts'" in str(error), error
        else:
            raise AssertionError("it started")


if __name__ == "__main__":
    with Daemon(settings(WEB)) as shared:
        suite.run(daemon=shared)
