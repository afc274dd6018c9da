#!/usr/bin/env python3
"""The audit trail: hand-outs and refusals are in it, once; when it fails, nothing is handed out."""

import json

import fixture
from fixture import CREDENTIALS, ROLE

from as_user import as_user
from daemon import Daemon, TTL, configuration
from http_raw import ask, build, wait_until
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case

MALLORY = 61003


def settings(**more):
    return configuration({"imds": fixture.profile()}, **more)


def records(daemon, name, at_least=1):
    def found():
        matching = [r for r in daemon.audit() if r["eventName"] == name]
        return matching if len(matching) >= at_least else None
    return wait_until(found, what=f"{at_least} {name} in {[r['eventName'] for r in daemon.audit()]}")


@case("hand-out")
def hand_outs_are_recorded_once():
    with Daemon(settings()) as daemon:
        key_id = daemon.credentials()["AccessKeyId"]
        for _ in range(5):
            daemon.credentials()
        handed = wait_until(lambda: [r for r in daemon.audit()
                                     if key_id in json.dumps(r) and r["eventName"] != "AssumeRole"],
                            what="a record of the hand-out")
        equal(len(handed), 1, "records of the hand-out")
        # The instance's own credentials are issued as well.
        role = f"arn:aws:iam::123456789012:role/{ROLE}"
        assumed = [r for r in records(daemon, "AssumeRole") if r["requestParameters"]["roleArn"] == role]
        equal(len(assumed), 1)
        record = assumed[0]
        equal(record["eventSource"], "sts.amazonaws.com")
        for key in ("eventVersion", "eventTime", "eventID", "userIdentity", "awsRegion"):
            assert record.get(key), (key, record)


@case("refusal")
def refusals_are_recorded():
    need_root()
    with Daemon(settings()) as daemon:
        address = daemon.listeners["imds"]
        for _ in range(3):
            equal(as_user(MALLORY, lambda: ask(
                address, build("PUT", "/latest/api/token", {TTL: "60"})).status), 403)
        refused = wait_until(lambda: [r for r in daemon.audit() if str(MALLORY) in json.dumps(r)],
                             what="a record of the refusal")
        assert refused[0]["errorCode"], refused


@case("role-denied")
def issuers_refusal_is_recorded():
    """Who asks for a role that the issuer denies is refused, though the status is 200 as on EC2."""
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    with Daemon(settings(issuer={"accounts": {"123456789012": {
            "roles": {ROLE: {"trust_policy": trust}}}}})) as daemon:
        def answer():
            got = daemon.get("imds", CREDENTIALS + ROLE)
            return got if got.status == 200 else None
        assert b"AssumeRoleUnauthorizedAccess" in wait_until(answer, what="the refusal").body
        refused = wait_until(lambda: [r for r in daemon.audit() if r.get("errorCode") == "role_denied"],
                             what="a record of the refusal")
        equal(refused[0]["requestParameters"]["profile"], "imds")
        equal(daemon.status()["counters"]["denied"]["role_denied"], 1)


@case("mode")
def file_is_private():
    with Daemon(settings()) as daemon:
        daemon.credentials()
        wait_until(daemon.audit, what="a record")
        equal(daemon.audit_file.stat().st_mode & 0o777, 0o600)


@case("full")
def failing_sink_stops_hand_outs():
    with Daemon(settings(audit={"output": "/dev/full", "on_failure": "deny"})) as daemon:
        wait_until(lambda: not daemon.status()["audit"]["healthy"], what="the sink to fail")
        assert "No space left" in daemon.status()["audit"]["failure"], daemon.status()

        def said():
            return [line for line in daemon.output if "audit log cannot be written" in line]
        wait_until(said, what="a word in the log")
        wait_until(lambda: daemon.status()["audit"]["write_errors"] > 3, what="more tries")
        equal(len(said()), 1, "told once in the log")
        for _ in range(3):
            answer = daemon.get("imds", CREDENTIALS + ROLE)
            equal(answer.status, 503)
            assert b"SecretAccessKey" not in answer.body
        # What is no secret is served.
        equal(daemon.get("imds", "/latest/meta-data/instance-id").status, 200)
        equal(daemon.get("imds", CREDENTIALS).status, 200)


@case("allow")
def failing_sink_may_be_tolerated():
    with Daemon(settings(audit={"output": "/dev/full", "on_failure": "allow"})) as daemon:
        for _ in range(3):
            daemon.credentials()


@case("none")
def audit_off():
    with Daemon(settings(audit={"output": "none"})) as daemon:
        daemon.credentials()
        assert not daemon.audit_file.exists()


@case("stdout")
def audit_to_stdout():
    with Daemon(settings(audit={"output": "stdout"})) as daemon:
        daemon.credentials()
        wait_until(lambda: any('"eventName"' in line and "AssumeRole" in line for line in daemon.output),
                   what="a record on stdout")


@case("path")
def audit_to_a_file():
    with Daemon(settings(), start=False) as daemon:
        path = daemon.folder / "trail.jsonl"
        daemon.write(settings(audit={"output": str(path)}))
        daemon.start()
        daemon.credentials()
        wait_until(lambda: path.exists() and "AssumeRole" in path.read_text(), what="a record")


@case("missing")
def unwritable_file_stops_the_start():
    with Daemon(settings(audit={"output": "/proc/nope/audit.jsonl"}), start=False) as daemon:
        try:
            daemon.start()
        except AssertionError:
            assert "/proc/nope" in daemon.log(), daemon.log()
            return
        raise AssertionError("started without its audit trail")


@case("users")
def refusals_are_limited_in_rate():
    need_root()
    with Daemon(settings()) as daemon:
        address = daemon.listeners["imds"]

        def flood():
            for _ in range(300):
                ask(address, build("GET", "/"))
            return True
        as_user(MALLORY, flood)
        lines = [r for r in daemon.audit() if str(MALLORY) in json.dumps(r)]
        assert len(lines) < 100, len(lines)
        denied = daemon.status()["counters"]["denied"]
        assert sum(denied.values()) >= 300, denied


if __name__ == "__main__":
    suite.run()
