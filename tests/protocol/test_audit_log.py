#!/usr/bin/env python3
"""The audit log as evidence: a record is durable before its answer, nothing can be changed or taken away
unseen, and files rotate without a gap. `imdsd audit` tells."""

import json
import os
import random
import re
import resource
import shutil
import socket
import subprocess
import threading
import time

import fixture

from daemon import ACCOUNT, BINARY, Daemon, configuration
from http_raw import wait_until
from sigv4 import Key
from suite import Skip, Suite, equal, need_root
from test_issuer import call

suite = Suite()
case = suite.case

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ALICE = Key("AKIAIOSFODNN7EXAMPLE", SECRET)
OTHER = "210987654321"
KILLS = 40
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def document(principal):
    return {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]}


def settings(**more):
    os.environ["AUDIT_TEST_SECRET"] = SECRET
    user = {"access_keys": [{"id": ALICE.id, "secret": {"env": "AUDIT_TEST_SECRET"}}],
            "policies": {"all": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}]}}}
    made = configuration({"imds": fixture.profile()},
                         roles={"app": {"trust_policy": document(ACCOUNT)}}, **more)
    accounts = made["issuer"]["accounts"]
    accounts[ACCOUNT]["users"] = {"alice": user}
    accounts[OTHER] = {"roles": {"app": {"trust_policy": document(ACCOUNT)}}}
    # The calls of one address are not to be limited here.
    made["issuer"]["limits"] = {each: {"requests_per_second": 100000, "burst": 100000}
                                for each in ("address", "principal")}
    return made


def assume(daemon, account=ACCOUNT, role="app"):
    return call(daemon, ALICE, {"Action": "AssumeRole", "RoleSessionName": "audit",
                                "RoleArn": f"arn:aws:iam::{account}:role/{role}"})


def assume_some(daemon, count):
    for _ in range(count):
        equal(assume(daemon).status, 200)


def log_files(daemon):
    """In the order in which they were written."""
    earlier = sorted(daemon.state.glob("audit.jsonl.*"), key=lambda path: int(path.suffix[1:]))
    return [*earlier, daemon.audit_file]


def records(daemon):
    found = []
    for path in log_files(daemon):
        for line in path.read_text().splitlines():
            try:
                found.append(json.loads(line))
            except ValueError:
                pass  # cut short by a kill
    return found


def audit(daemon, *words):
    return daemon.cli("audit", *words, "--config", str(daemon.config_file), socket=False)


def verify(daemon, *words):
    code, out, err = audit(daemon, "verify", "-o", "json", *words)
    assert out, err
    found = json.loads(out)
    equal(code, 0 if found["ok"] else 1)
    return found


def broken_line(daemon):
    found = verify(daemon)
    return None if found["ok"] else found["break"]["line"]


@case("kill")
def no_answer_without_its_record():
    """Killed at random moments under load: who got credentials is in the log, and the chain is whole."""
    chance = random.Random(20)
    answered, gone = set(), threading.Event()

    def load(daemon):
        while not gone.is_set():
            try:
                answer = assume(daemon)
            except Exception:  # noqa: BLE001 - the connection ended anywhere
                return
            if answer.status == 200:
                answered.add(answer.find("AccessKeyId"))

    with Daemon(settings()) as daemon:
        for round_ in range(KILLS):
            if round_:
                daemon.start()
            gone.clear()
            clients = [threading.Thread(target=load, args=(daemon,)) for _ in range(4)]
            before = len(answered)
            for client in clients:
                client.start()
            wait_until(lambda: len(answered) > before, what="an answer")
            time.sleep(chance.uniform(0, 0.05))
            daemon.kill()
            gone.set()
            for client in clients:
                client.join()
        written = {(record.get("responseElements") or {}).get("credentials", {}).get("accessKeyId")
                   for record in records(daemon)}
        missing = answered - written
        assert not missing, f"{len(missing)} of {len(answered)} answers have no record"
        assert len(answered) >= KILLS
        found = verify(daemon)
        assert found["ok"] and found["headChecked"], found
        daemon.start()
        assert verify(daemon)["ok"]


@case("full-disk")
def full_disk_refuses_and_recovers():
    with Daemon(settings()) as daemon:
        assume_some(daemon, 3)
        room = daemon.audit_file.stat().st_size + 300
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
        for _ in range(3):
            answer = assume(daemon)
            equal(answer.status, 503, answer.text)
            equal(answer.code, "ServiceUnavailable")
            assert "SecretAccessKey" not in answer.text
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        wait_until(lambda: assume(daemon).status == 200, what="recovery")
        wait_until(lambda: daemon.status()["audit"]["healthy"], what="health")
        found = verify(daemon)
        assert found["ok"] and not found["notes"], found


@case("verify")
def changes_are_found():
    with Daemon(settings()) as daemon:
        assume_some(daemon, 5)
        daemon.stop()
        path = daemon.audit_file
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        count = len(lines)
        found = verify(daemon)
        equal((found["ok"], found["records"], found["first"], found["last"], found["headChecked"]),
              (True, count, 1, count, True))

        at = whole.index(b'"roleSessionName":"audit"')
        changed = bytearray(whole)
        changed[at + 20] ^= 1
        path.write_bytes(changed)
        equal(broken_line(daemon), whole[:at].count(b"\n") + 1, "a changed byte")
        code, out, err = audit(daemon, "verify")
        equal((code, out), (1, ""))
        assert re.search(r"audit\.jsonl:\d+: broken: record \d+ was changed", err), err

        path.write_bytes(b"".join(lines[:3] + lines[4:]))
        equal(broken_line(daemon), 4, "a removed line")
        path.write_bytes(b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]))
        equal(broken_line(daemon), 3, "swapped lines")
        path.write_bytes(b"".join(lines[:-2]))
        equal(broken_line(daemon), count - 2, "a cut tail")
        path.write_bytes(b"".join([*lines[:3], b'{"eventName":"Innocent"}\n', *lines[3:]]))
        equal(broken_line(daemon), 4, "an added line")
        path.write_bytes(whole)
        assert verify(daemon)["ok"]
        # Without configuration: the files that are named.
        assert verify(daemon, str(path), "--head", str(daemon.state / "audit-head.json"))["headChecked"]
        assert not verify(daemon, str(path))["headChecked"]
        path.write_bytes(b"".join(lines[:-2]))
        assert verify(daemon, str(path))["ok"]
        equal(audit(daemon, "verify", str(daemon.folder / "none"))[0], 1)
        # A start does not cover up what is missing, and says so.
        daemon.start()
        assert "does not end with the record that was written last" in daemon.log(), daemon.log()
        equal(broken_line(daemon), count - 1)


@case("fragment")
def fragment_is_no_break():
    with Daemon(settings()) as daemon:
        assume_some(daemon, 1)
        daemon.kill()
        with daemon.audit_file.open("a") as log:
            log.write('{"eventVersion":"1.11","userIdent')
        daemon.start()
        assume_some(daemon, 1)
        found = verify(daemon)
        assert found["ok"] and len(found["notes"]) == 1, found


@case("pair")
def cross_account_pair():
    with Daemon(settings()) as daemon:
        equal(assume(daemon, OTHER).status, 200)
        pair = [r for r in daemon.audit() if "sharedEventID" in r]
        equal(len(pair), 2)
        equal(len({r["sharedEventID"] for r in pair}), 1)
        equal({r["recipientAccountId"]: r["userIdentity"]["type"] for r in pair},
              {OTHER: "AWSAccount", ACCOUNT: "IAMUser"})
        first, second = (r["auditChain"]["sequence"] for r in pair)
        equal(second, first + 1)
        equal(assume(daemon, OTHER, "none").status, 403)
        denied = daemon.audit()[-1]
        equal((denied["errorCode"], denied["responseElements"]), ("AccessDenied", None))


@case("rotate")
def files_rotate():
    with Daemon(settings(audit={"rotate": {"size": "64KiB", "keep": 3}})) as daemon:
        tail = subprocess.Popen(
            [BINARY, "audit", "tail", "-f", "-n", "0", "-o", "json", "--config", str(daemon.config_file)],
            stdout=subprocess.PIPE, text=True, env=daemon.environment)
        try:
            first = threading.Event()
            seen = []

            def read():
                for line in tail.stdout:
                    seen.append(json.loads(line))
                    first.set()
            threading.Thread(target=read, daemon=True).start()
            # Less than a file at a time: what is removed before it was read cannot be followed.
            while not first.wait(0.05):
                assume_some(daemon, 1)
            while not (daemon.state / "audit.jsonl.5").exists():
                assume_some(daemon, 20)
                told = records(daemon)[-1]["auditChain"]["sequence"]
                wait_until(lambda: seen[-1]["auditChain"]["sequence"] >= told, what="the followed log")
            files = log_files(daemon)
            equal(len(files), 4)
            assert all(path.stat().st_size <= 64 * 1024 for path in files), files
            assert all(path.stat().st_mode & 0o777 == 0o600 for path in files), files
            found = verify(daemon)
            assert found["ok"] and found["first"] > 1 and found["headChecked"], found
            last = records(daemon)[-1]["auditChain"]["sequence"]
            wait_until(lambda: seen[-1]["auditChain"]["sequence"] >= last, what="the followed log")
            numbers = [record["auditChain"]["sequence"] for record in seen]
            equal(numbers, list(range(numbers[0], numbers[0] + len(numbers))), "no gap")
        finally:
            tail.kill()
            tail.wait()
        # A restart goes on in the same file.
        daemon.stop()
        daemon.start()
        assert verify(daemon)["ok"]


@case("reopen")
def others_may_rotate():
    with Daemon(settings()) as daemon:
        assume_some(daemon, 2)
        daemon.audit_file.rename(daemon.state / "audit.jsonl.1")
        daemon.signal(10)  # SIGUSR1
        wait_until(daemon.audit_file.exists, what="the new file")
        assume_some(daemon, 2)
        found = verify(daemon)
        assert found["ok"] and found["first"] == 1 and not found["notes"], found


@case("tail")
def records_for_people():
    with Daemon(settings()) as daemon:
        # What the daemon asks for by itself is behind it.
        wait_until(lambda: [r["eventName"] for r in daemon.audit()].count("AssumeRole") == 2, what="its own calls")
        equal(assume(daemon).status, 200)
        equal(assume(daemon, role="none").status, 403)
        code, out, err = audit(daemon, "tail", "-n", "2")
        equal((code, err), (0, ""))
        done, denied = out.splitlines()
        assert re.fullmatch(
            rf"\S+Z AssumeRole by arn:aws:iam::{ACCOUNT}:user/alice from 127\.0\.0\.1 "
            rf"arn:aws:iam::{ACCOUNT}:role/app session audit -> ASIA\w+", done), done
        assert "FAILED AccessDenied" in denied, denied
        equal([json.loads(line)["eventName"] for line in
               audit(daemon, "tail", "-n2", "-o", "json")[1].splitlines()], ["AssumeRole"] * 2)
        equal(audit(daemon, "tail", str(daemon.folder / "none"))[0], 1)
    with Daemon(settings(audit={"output": "stdout"})) as daemon:
        for verb in ("tail", "verify"):
            code, _, err = audit(daemon, verb)
            equal(code, 1)
            assert "audit.output is stdout" in err, err


@case("journald")
def records_go_to_the_journal():
    """By the real library, to a socket of ours in a mount namespace."""
    need_root()
    if not shutil.which("unshare") or subprocess.run(["unshare", "--mount", "true"]).returncode:
        raise Skip("mount namespaces cannot be made here")
    with Daemon(settings(audit={"output": "journald"}), start=False) as daemon:
        inside = ["unshare", "--mount", "sh", "-c",
                  'mount -t tmpfs none /run && mkdir -p /run/systemd/journal && '
                  'if [ -e "$0" ]; then touch /run/systemd/journal/socket && '
                  'mount --bind "$0" /run/systemd/journal/socket; fi && exec "$@"']
        path = daemon.folder / "journal.sock"
        daemon.command = [*inside, str(path)]
        try:
            daemon.start()
            raise AssertionError("started without a journal")
        except AssertionError as problem:
            assert "audit log: journald: No such file or directory" in str(problem), problem
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(str(path))
            journal.settimeout(10)
            entries = []

            def read():
                while True:
                    try:
                        data = journal.recv(1 << 20).decode()
                    except OSError:
                        return
                    entries.append(dict(line.split("=", 1) for line in data.splitlines()))
            threading.Thread(target=read, daemon=True).start()
            daemon.start()
            answer = assume(daemon)
            equal(answer.status, 200)
            key_id = answer.find("AccessKeyId")
            entry = wait_until(lambda: next((e for e in entries if key_id in e["MESSAGE"]), None),
                               what="the entry")
            record = json.loads(entry["MESSAGE"])
            equal({name: entry[name] for name in entry if name.startswith("AWS_")},
                  {"AWS_EVENT_NAME": "AssumeRole", "AWS_EVENT_SOURCE": "sts.amazonaws.com",
                   "AWS_EVENT_ID": record["eventID"], "AWS_ACCOUNT": ACCOUNT})
            equal((entry["SYSLOG_IDENTIFIER"], entry["PRIORITY"]), ("imdsd-audit", "6"))
            assert answer.find("SecretAccessKey") not in str(entries)
            assert answer.find("SessionToken") not in str(entries)
            daemon.stop()


if __name__ == "__main__":
    suite.run()
