#!/usr/bin/env python3
"""Sockets that a service manager passes in: taken over by name, every one of them served."""

import pathlib
import subprocess
import sys
import tempfile

import fixture

from daemon import BINARY, Daemon, START_LIMIT, configuration
from suite import Suite, equal

suite = Suite()
case = suite.case

ID = "/latest/meta-data/instance-id"
VALUE = fixture.INSTANCE["id"].encode()
ACTIVATE = pathlib.Path(fixture.__file__).resolve().parents[1] / "support" / "activate.py"


def settings(**more):
    return configuration({"imds": fixture.profile()}, **more)


def activated(*sockets, **more):
    return Daemon(settings(**more), command=[sys.executable, "-B", str(ACTIVATE), *sockets, "--"])


def refused(*sockets):
    """What a daemon says that does not start with these sockets."""
    daemon = Daemon(settings(), start=False)
    with daemon:
        done = subprocess.run(
            [sys.executable, "-B", str(ACTIVATE), *sockets, "--", BINARY, "serve", "--config",
             str(daemon.config_file)], capture_output=True, text=True, timeout=START_LIMIT,
            env=daemon.environment)
    equal(done.returncode, 1)
    assert "ready" not in done.stderr, done.stderr
    return done.stderr


@case("one", sockets=1, workers=1)
@case("shared", sockets=1, workers=3)
@case("more", sockets=3, workers=1)
@case("uneven", sockets=3, workers=2)
def every_socket_is_served(sockets, workers):
    """The kernel spreads connections over all sockets of an address: one that nobody accepts from
    would leave some of them without an answer."""
    with activated(*["imds=127.0.0.1:0"] * sockets, workers=workers) as daemon:
        for _ in range(40):
            equal(daemon.get("imds", ID).body, VALUE)


@case("issuer")
def issuer_takes_sockets_as_well():
    with activated("sts=127.0.0.1:0", "sts=127.0.0.1:0") as daemon:
        for _ in range(20):
            assert daemon.get("sts", "/").status in (400, 403), "no answer of the issuer"


@case("unknown")
def socket_without_a_listener():
    assert "'imsd'" in refused("imsd=127.0.0.1:0")


@case("datagram", address="udp")
@case("unix", address="unix:PATH")
def socket_of_another_kind(address):
    with tempfile.TemporaryDirectory(prefix="imdsd-test-") as folder:
        said = refused("imds=" + address.replace("PATH", folder + "/socket"))
    assert "not a listening TCP socket" in said, said


@case("two-addresses")
def one_listener_has_one_address():
    """Its Host list and its name stand for one address; a second one needs a listener of its own."""
    said = refused("imds=127.0.0.1:0", "imds=127.0.0.2:0")
    assert "127.0.0.1" in said and "127.0.0.2" in said, said


if __name__ == "__main__":
    suite.run()
