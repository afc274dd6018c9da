#!/usr/bin/env python3
"""The command line against a running daemon: what it prints and what it exits with."""

import json
import os

import fixture

from as_user import as_user
from daemon import Daemon, configuration
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case


@case("version")
def version(daemon):
    code, out, _ = daemon.cli("version", socket=False)
    equal(code, 0)
    assert out.startswith("imdsd 0."), out
    code, out, _ = daemon.cli("version", "-o", "json", socket=False)
    equal(code, 0)
    assert json.loads(out)["version"], out


@case("help")
def help_text(daemon):
    code, out, _ = daemon.cli("--help", socket=False)
    equal(code, 0)
    for verb in ("serve", "check", "status", "whoami", "explain", "version", "healthcheck"):
        assert verb in out, out


@case("usage", words=("nonsense",))
@case("usage2", words=("serve", "--nonsense"))
@case("usage3", words=())
def usage_errors(daemon, words):
    equal(daemon.cli(*words, socket=False)[0], 2)


@case("check")
def check_good(daemon):
    code, out, err = daemon.cli("check", str(daemon.config_file), socket=False)
    equal(code, 0, out + err)


@case("check-bad")
def check_bad(daemon):
    bad = daemon.folder / "bad.yaml"
    bad.write_text("apiVersion: imdsd/v1\nlistners: []\nprofiles: {a: {role: nonsense}}\n")
    code, out, err = daemon.cli("check", str(bad), socket=False)
    equal(code, 3)
    said = out + err
    assert "bad.yaml:2:1: " in said and "listeners" in said, said
    assert "bad.yaml:3:" in said, said


@case("serve-bad")
def serve_bad(daemon):
    bad = daemon.folder / "bad2.yaml"
    bad.write_text("apiVersion: imdsd/v1\nlistners: []\n")
    code, out, err = daemon.cli("serve", "--config", str(bad), socket=False)
    equal(code, 3, out + err)
    assert "bad2.yaml:2:" in err, err


@case("missing")
def missing_file(daemon):
    code, _, err = daemon.cli("check", "/nonexistent.yaml", socket=False)
    equal(code, 3)
    assert "/nonexistent.yaml" in err, err


@case("status")
def status(daemon):
    daemon.credentials()
    said = daemon.status()
    equal(said["ready"], True)
    equal({listener["name"] for listener in said["listeners"]}, {"imds", "sts"})
    profile = said["profiles"][0]
    equal((profile["name"], profile["state"]), ("imds", "fresh"))
    code, out, _ = daemon.cli("status")
    equal(code, 0)
    assert "imds" in out and "fresh" in out, out


@case("whoami")
def whoami(daemon):
    code, out, err = daemon.cli("whoami", "-o", "json")
    equal(code, 0, out + err)
    equal(json.loads(out)["allowed"], True)


@case("whoami-other")
def whoami_of_another(daemon):
    need_root()
    os.chmod(daemon.folder, 0o755)
    code, out, err = as_user(61003, lambda: daemon.cli("whoami", "-o", "json"))
    assert code in (4, 5), (code, out, err)
    assert "app-role" not in out + err


@case("status-other")
def status_for_another(daemon):
    need_root()
    os.chmod(daemon.folder, 0o755)
    code, out, err = as_user(61003, lambda: daemon.cli("status", "-o", "json"))
    assert code in (4, 5), (code, out, err)
    assert "app-role" not in out + err


@case("health")
def healthcheck(daemon):
    equal(daemon.cli("healthcheck")[0], 0)


@case("unreachable")
def unreachable(daemon):
    for verb in ("status", "whoami", "healthcheck"):
        code, _, err = daemon.cli(verb, "--socket", str(daemon.folder / "none.sock"), socket=False)
        equal(code, 4 if verb != "healthcheck" else code, err)
        assert code != 0


if __name__ == "__main__":
    bindings = [{"user": "self", "profile": "imds"}]
    with Daemon(configuration({"imds": fixture.profile()}, bindings=bindings)) as running:
        suite.run(daemon=running)
