#!/usr/bin/env python3
"""What outlives the process: session tokens, issued credentials; and what must not run twice."""

import stat
import subprocess
import tempfile

import fixture

import daemon as support
from daemon import Daemon, configuration
from http_raw import ask, build
from sigv4 import Key, sign
from suite import Suite, equal

suite = Suite()
case = suite.case

ID = "/latest/meta-data/instance-id"


def settings():
    return configuration({"imds": fixture.profile(http_tokens="required")})


def identity(daemon, key):
    host, port = daemon.listeners["sts"]
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = sign(key, "POST", "/", {"Host": f"{host}:{port}", "Content-Type":
                                      "application/x-www-form-urlencoded"}, body)
    return ask((host, port), build("POST", "/", headers | {"Content-Length": str(len(body))}, body, host=None))


@case("stop", how=Daemon.stop)
@case("kill", how=Daemon.kill)
def tokens_and_credentials_survive(how):
    with Daemon(settings()) as daemon:
        token = daemon.token()
        key = Key.of(daemon.credentials())
        how(daemon)
        daemon.start()
        equal(daemon.get("imds", ID, token).status, 200)
        equal(identity(daemon, key).status, 200)
        equal(Key.of(daemon.credentials()).id[:4], "ASIA")


@case("twice")
def one_daemon_for_a_state_directory():
    with Daemon(settings()) as daemon:
        second = daemon.folder / "second.yaml"
        second.write_text(daemon.config_file.read_text().replace("admin.sock", "second.sock"))
        done = subprocess.run([support.BINARY, "serve", "--config", str(second)], capture_output=True,
                              text=True, env=daemon.environment, timeout=support.START_LIMIT)
        assert done.returncode == 1, (done.returncode, done.stderr)
        assert str(daemon.state) in done.stderr, done.stderr
        equal(daemon.get("imds", ID, daemon.token()).status, 200)


@case("busy")
def address_in_use():
    with Daemon(settings()) as daemon:
        host, port = daemon.listeners["imds"]
        with tempfile.TemporaryDirectory() as folder:
            other = settings()
            other["listeners"][0]["address"] = f"{host}:{port}"
            second = Daemon(other, folder=folder, start=False)
            try:
                second.start()
            except AssertionError as error:
                assert f"{port}" in str(error), error
            else:
                second.stop()
                raise AssertionError("two daemons on one address")


@case("private")
def state_is_private():
    with Daemon(settings()) as daemon:
        daemon.credentials()
        equal(stat.S_IMODE(daemon.state.stat().st_mode), 0o700)
        for path in daemon.state.rglob("*"):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode & 0o077 == 0, f"{path} {mode:o}"


@case("foreign")
def keys_that_others_can_read_are_refused_or_mended():
    with Daemon(settings()) as daemon:
        token = daemon.token()
        daemon.stop()
        keys = [p for p in daemon.state.rglob("*") if p.is_file() and p.suffix != ".jsonl"]
        for path in keys:
            path.chmod(0o644)
        try:
            daemon.start()
        except AssertionError:
            assert "imdsd" in daemon.log()  # it says why and hands out nothing
            return
        for path in keys:
            if path.exists():
                equal(stat.S_IMODE(path.stat().st_mode), 0o600, str(path))
        equal(daemon.get("imds", ID, token).status, 200)


@case("damaged")
def damaged_keys_are_not_silently_replaced():
    with Daemon(settings()) as daemon:
        daemon.stop()
        keys = [p for p in daemon.state.rglob("*")
                if p.is_file() and p.suffix != ".jsonl" and p.stat().st_size > 0]
        assert keys, "the state directory holds keys"
        for path in keys:
            content = path.read_bytes()
            path.write_bytes(content[: len(content) // 2])
        try:
            daemon.start()
        except AssertionError:
            log = daemon.log()
            assert any(str(path) in log for path in keys), log
            return
        raise AssertionError("started with half a key")


if __name__ == "__main__":
    suite.run()
