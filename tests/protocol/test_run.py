#!/usr/bin/env python3
"""./run as a person uses it: what it prints works as pasted, and it leaves nothing behind.

Each case runs in a network namespace of its own, so that neither ports nor addresses are the machine's.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import fixture  # noqa: F401 - finds the test support

from suite import Skip, Suite, equal, need_root

suite = Suite()
case = suite.case

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Running:
    """./run in a namespace; `inside` runs a command in the same one."""

    def __init__(self, *arguments, before="true"):
        need_root()
        self.home = tempfile.mkdtemp(prefix="imdsd-run-")
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("AWS_", "XDG_", "IMDSD_", "SUDO_"))}
        self.environment |= {"HOME": self.home, "XDG_STATE_HOME": self.home + "/state",
                             "XDG_RUNTIME_DIR": self.home}
        words = ["unshare", "-n", "sh", "-c", f'ip link set lo up && {before} && exec "$0" "$@"']
        self.log = pathlib.Path(self.home) / "log"
        self.process = subprocess.Popen([*words, str(ROOT / "run"), *arguments],
                                        stdin=subprocess.DEVNULL, stdout=self.log.open("wb"),
                                        stderr=subprocess.STDOUT, env=self.environment)

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_until_running(self):
        end = time.monotonic() + 120
        while "Ctrl-C stops it." not in self.said():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError("./run did not start:\n" + self.said())
            time.sleep(0.05)

    def inside(self, command):
        return subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", "sh", "-c", command],
                              capture_output=True, text=True, env=self.environment, timeout=60)

    def pasted(self):
        line = re.search(r"^    (.*sts get-caller-identity)$", self.said(), re.M)[1]
        if not shutil.which("aws", path="/usr/bin:/bin"):
            raise Skip("awscli is not installed")
        return self.inside("PATH=/usr/bin:/bin; " + line)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(20)
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


def with_run(*arguments, **more):
    def decorate(function):
        def wrapped():
            running = Running(*arguments, **more)
            try:
                function(running)
            finally:
                running.close()
        return wrapped
    return decorate


def try_it():
    """README's commands for whoever tries it, as they stand there."""
    section = (ROOT / "README.md").read_text().split("## Try it")[1].split("\n## ")[0]
    return re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)


@case("quick")
@with_run()
def quickstart(running):
    running.wait_until_running()
    done = running.pasted()
    assert ":assumed-role/quickstart/" in done.stdout, done.stdout + done.stderr + running.said()
    equal(running.stop(), 130)


@case("readme")
@with_run()
def what_readme_says_to_try(running):
    running.wait_until_running()
    first, iam = try_it()
    assert running.pasted().args[-1].endswith(first.strip()), first
    done = running.inside(f"cd {ROOT}; PATH=/usr/bin:/bin; set -e\n{iam}")
    equal(done.returncode, 0, done.stdout + done.stderr)
    for said in ("user/alice", "AKIA", "role/deploy", '"EvalDecision": "implicitDeny"', "UserDetailList"):
        assert said in done.stdout, done.stdout + done.stderr
    # And what ./run itself says.
    printed = "\n".join(re.findall(r"^    (aws .*)$", running.said(), re.M))
    done = running.inside("PATH=/usr/bin:/bin; set -e\n" + printed)
    assert "arn:aws:iam::000000000000:user/administrator" in done.stdout, done.stdout + done.stderr + printed
    equal(running.stop(), 130)


@case("link-local")
@with_run("--link-local", "--force")
def link_local(running):
    running.wait_until_running()
    assert "ip address add 169.254.169.254/32 dev lo" in running.said(), running.said()
    assert "169.254.169.254/32" in running.inside("ip -o address show dev lo").stdout
    done = running.pasted()
    assert ":assumed-role/quickstart/" in done.stdout, done.stdout + done.stderr + running.said()
    namespace = os.open(f"/proc/{running.process.pid}/ns/net", os.O_RDONLY)
    try:
        equal(running.stop(), 130)
        left = subprocess.run(["nsenter", f"--net=/proc/self/fd/{namespace}", "ip", "-o", "address", "show"],
                              capture_output=True, text=True, pass_fds=[namespace])
        assert "127.0.0.1" in left.stdout and "169.254.169.254" not in left.stdout, left
    finally:
        os.close(namespace)


@case("terminated")
@with_run("--link-local", "--force")
def undone_on_sigterm_as_well(running):
    running.wait_until_running()
    equal(running.stop(signal.SIGTERM), 143)
    assert "ip address del 169.254.169.254/32 dev lo" in running.said(), running.said()


@case("taken")
@with_run("--link-local", before="ip address add 169.254.169.254/32 dev lo")
def refuses_when_the_address_is_there(running):
    equal(running.process.wait(60), 1)
    assert "already an address of this machine" in running.said(), running.said()
    assert "--force" in running.said()


@case("usage")
@with_run("--nonsense")
def unknown_option(running):
    equal(running.process.wait(60), 1)
    assert "--nonsense" in running.said()


if __name__ == "__main__":
    suite.run()
