"""The units in systemd/ under a systemd that is PID 1, in a container."""

import json
import pathlib
import subprocess
import sys
import time
import unittest

import podman_machine

ACCOUNT = "123456789012"
CALLER = "imdsd-test-caller.service"
USER = "alice"
USER_ID = 1000

# What a workload does, as a program of the machine: token, role name, document.
FETCH = r"""#!/bin/sh
base=http://169.254.169.254/latest
token=$(curl -s -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' -w '\n%{http_code}' $base/api/token)
echo "token: $(echo "$token" | tail -1)"
token=$(echo "$token" | head -1)
get() { curl -s -m 5 -H "X-aws-ec2-metadata-token: $token" -w '\n%{http_code}\n' "$base/meta-data/iam/$1"; }
role=$(get security-credentials/)
echo "role: $(echo "$role" | tr '\n' ' ')"
echo "document: $(get "security-credentials/$(echo "$role" | head -1)" | tr '\n' ' ')"
"""

# A client that never stops asking with one token: prints how many answers were not 200.
HAMMER = r"""
import http.client, pathlib, sys, time
stop = pathlib.Path("/run/hammer.stop")
def ask(method, path, headers):
    connection = http.client.HTTPConnection("169.254.169.254", timeout=8)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
status, token = ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "600"})
assert status == 200, token
good, bad = 0, []
pathlib.Path("/run/hammer.started").touch()
while not stop.exists():
    try:
        status, body = ask("GET", "/latest/meta-data/iam/security-credentials/",
                           {"X-aws-ec2-metadata-token": token})
        if status == 200:
            good += 1
        else:
            bad.append(f"{status} {body}")
    except OSError as error:
        bad.append(repr(error))
    time.sleep(0.01)
print(good, len(bad), bad[:3])
"""


def role(name):
    return {
        "trust_policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
             "Action": "sts:AssumeRole"}]}}


def configuration(profile_of_root=None):
    bindings = [{"unit": CALLER, "profile": "backup"}]
    if profile_of_root:
        bindings.append({"user": "root", "profile": profile_of_root})
    return {
        "apiVersion": "imdsd/v1",
        "listeners": [
            {"name": "imds", "serve": "imds", "address": "169.254.169.254:80", "interface": "lo"},
            {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
        "sources": {"local": {"type": "core"}},
        "profiles": {
            name: {"role": f"arn:aws:iam::{ACCOUNT}:role/{name}", "source": "local"}
            for name in ("backup", "loader")},
        "bindings": bindings,
        "issuer": {"accounts": {ACCOUNT: {"roles": {n: role(n) for n in ("backup", "loader")}}}},
        "admin": {"group": "imdsd-admin"},
        "audit": {"output": "/var/log/imdsd/audit.jsonl"},
    }


class machine:
    """A container whose PID 1 is systemd, with imdsd installed as its package would install it."""

    def __init__(self, podman, image):
        self.podman = podman
        # A cgroup namespace of its own: the container's systemd is the system manager of a host.
        podman.run("run", "--detach", "--name", "machine", "--systemd=always", "--privileged",
                   "--cgroupns=private", "--network", "none", image, "/sbin/init")

    def run(self, *command, check=True, user=None, environment=()):
        options = ["--user", user] if user else []
        for variable in environment:
            options += ["--env", variable]
        return self.podman.run("exec", *options, "machine", *command, check=check)

    def write(self, path, text, mode=0o644):
        local = self.podman.directory / "file"
        local.write_text(text)
        local.chmod(mode)
        self.copy(local, path)

    def copy(self, local, path):
        self.run("mkdir", "-p", str(pathlib.PurePosixPath(path).parent))
        self.podman.run("cp", str(local), f"machine:{path}")

    def wait_for(self, seconds, *command):
        end = time.monotonic() + seconds
        while True:
            done = self.run(*command, check=False)
            if done.returncode == 0 or time.monotonic() > end:
                return done
            time.sleep(0.2)

    def property_of(self, unit, name):
        return self.run("systemctl", "show", unit, "--property", name, "--value").stdout.strip()


class units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.podman = podman_machine.podman()
        cls.addClassCleanup(cls.podman.__exit__)
        image = cls.podman.import_base(CACHE)
        cls.podman.usable_or_skip(image)
        cls.machine = machine(cls.podman, image)
        m = cls.machine
        booted = m.wait_for(30, "systemctl", "is-system-running", "--wait")
        if booted.returncode != 0 and "degraded" not in booted.stdout:
            podman_machine.skip(f"systemd does not come up in a container here: {booted.stdout}")

        m.copy(BINARY, "/usr/bin/imdsd")
        for unit in sorted((SOURCE / "systemd").glob("imdsd*.s[eo][rc]*")):
            m.copy(unit, f"/usr/lib/systemd/system/{unit.name}")
        m.copy(SOURCE / "systemd/imdsd.sysusers", "/usr/lib/sysusers.d/imdsd.conf")
        m.copy(SOURCE / "systemd/imdsd.tmpfiles", "/usr/lib/tmpfiles.d/imdsd.conf")
        m.run("systemd-sysusers")
        m.run("systemd-tmpfiles", "--create", "imdsd.conf")
        m.run("useradd", "--create-home", "--uid", str(USER_ID), USER)
        m.write("/usr/local/bin/fetch", FETCH, 0o755)
        m.write("/usr/local/lib/hammer.py", HAMMER)
        cls.configure(configuration())
        m.run("systemctl", "daemon-reload")
        started = m.run("systemctl", "enable", "--now", "imdsd-net.service", "imdsd.socket",
                        "imdsd-sts.socket", "imdsd.service", check=False)
        if started.returncode != 0:
            raise AssertionError(started.stdout + cls.journal())

    @classmethod
    def configure(cls, content):
        # JSON is YAML.
        cls.machine.write("/etc/imdsd/imdsd.yaml", json.dumps(content, indent=1), 0o640)
        cls.machine.run("chown", "root:imdsd", "/etc/imdsd/imdsd.yaml")

    @classmethod
    def journal(cls):
        return cls.machine.run("journalctl", "--unit", "imdsd*", "--no-pager", "--lines", "25",
                                check=False).stdout

    def fetch_in_unit(self, unit):
        return self.machine.run("systemd-run", "--quiet", "--wait", "--pipe", "--collect",
                                f"--unit={unit}", "--uid=daemon", "/usr/local/bin/fetch",
                                check=False).stdout

    def test_1_units_are_accepted_by_systemd_and_start(self):
        m = self.machine
        for unit in ("imdsd.service", "imdsd.socket", "imdsd-sts.socket", "imdsd-net.service"):
            self.assertEqual(m.run("systemctl", "is-active", unit, check=False).stdout.strip(),
                             "active", unit + self.journal())
        complaints = m.run("systemd-analyze", "verify", "imdsd.service", "imdsd.socket",
                           "imdsd-sts.socket", "imdsd-net.service", "imdsd-issuer.service",
                           check=False).stdout
        # The manual page comes with the package.
        complaints = [line for line in complaints.splitlines() if "man" not in line]
        self.assertEqual([line for line in complaints if "imdsd" in line], [])

    def test_2_readiness_and_watchdog_are_the_daemons_own(self):
        m = self.machine
        self.assertEqual(m.property_of("imdsd.service", "Type"), "notify")
        self.assertEqual(m.property_of("imdsd.service", "WatchdogUSec"), "30s")
        # Set by READY=1 and by every WATCHDOG=1.
        self.assertNotIn(m.property_of("imdsd.service", "WatchdogTimestampMonotonic"), ("", "0"))
        self.assertEqual(m.property_of("imdsd.service", "NRestarts"), "0")

    def test_3_daemon_runs_without_privileges(self):
        pid = self.machine.property_of("imdsd.service", "MainPID")
        status = self.machine.run("cat", f"/proc/{pid}/status").stdout
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        self.assertNotIn("0", fields["Uid"].split())
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(fields[name], 16), 0, name)
        self.assertEqual(fields["NoNewPrivs"].strip(), "1")
        limits = self.machine.run("cat", f"/proc/{pid}/limits").stdout
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"])

    def test_4_exposure_is_low(self):
        done = self.machine.run("systemd-analyze", "security", "--no-pager", "imdsd.service",
                                check=False)
        overall = [line for line in done.stdout.splitlines() if "Overall exposure" in line]
        print("\n" + "\n".join(overall))
        self.assertTrue(overall, done.stdout)
        self.assertLessEqual(float(overall[0].split(":")[1].split()[0]), 2.0, done.stdout)

    def test_5_bound_unit_gets_its_role_and_others_do_not(self):
        out = self.fetch_in_unit(CALLER)
        self.assertIn("token: 200", out, out + self.journal())
        self.assertIn("role: backup 200", out)
        self.assertIn('"Code" : "Success"', out)
        out = self.fetch_in_unit("imdsd-test-other.service")
        self.assertIn("token: 403", out)
        self.assertNotIn("AccessKeyId", out)

    def test_6_equally_named_unit_of_a_user_manager_is_refused(self):
        m = self.machine
        m.write(f"/home/{USER}/.config/systemd/user/{CALLER}",
                "[Service]\nType=oneshot\nStandardOutput=truncate:/tmp/user-unit.out\n"
                "ExecStart=/usr/local/bin/fetch\n")
        m.run("chown", "-R", f"{USER}:{USER}", f"/home/{USER}")
        m.run("systemctl", "start", f"user@{USER_ID}.service")
        ran = m.run("systemctl", "--user", "start", CALLER, user=USER, check=False,
                    environment=[f"XDG_RUNTIME_DIR=/run/user/{USER_ID}"])
        self.assertEqual(ran.returncode, 0, ran.stdout)
        out = m.run("cat", "/tmp/user-unit.out").stdout
        self.assertIn("token: 403", out)
        self.assertNotIn("AccessKeyId", out)
        # The same text does get the role as a unit of the system: the name was the only likeness.
        self.assertIn("role: backup 200", self.fetch_in_unit(CALLER))

    def test_7_reload_takes_a_good_file_and_refuses_a_bad_one(self):
        m = self.machine
        pid = m.property_of("imdsd.service", "MainPID")
        self.assertIn("token: 403", m.run("/usr/local/bin/fetch").stdout)
        self.configure(configuration(profile_of_root="loader"))
        done = m.run("systemctl", "reload", "imdsd.service", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + self.journal())
        self.assertIn("role: loader 200", m.run("/usr/local/bin/fetch").stdout)

        m.write("/etc/imdsd/imdsd.yaml", "apiVersion: imdsd/v1\nlistners: []\n", 0o644)
        done = m.run("systemctl", "reload", "imdsd.service", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("listners", self.journal())
        # By signal, as `kill -HUP` or another supervisor would.
        m.run("systemctl", "kill", "--signal=HUP", "--kill-who=main", "imdsd.service")
        refused = m.wait_for(5, "sh", "-c", "imdsd status -o json | grep -q '\"ok\": *false'")
        self.assertEqual(refused.returncode, 0, m.run("imdsd", "status", "-o", "json",
                                                      check=False).stdout + self.journal())
        self.assertIn("role: loader 200", m.run("/usr/local/bin/fetch").stdout)
        self.assertEqual(m.property_of("imdsd.service", "MainPID"), pid)
        self.configure(configuration())
        m.run("systemctl", "kill", "--signal=HUP", "--kill-who=main", "imdsd.service")
        taken = m.wait_for(5, "sh", "-c", "/usr/local/bin/fetch | grep -q 'token: 403'")
        self.assertEqual(taken.returncode, 0, self.journal())

    def test_8_restart_refuses_no_connection_and_keeps_tokens(self):
        m = self.machine
        self.configure(configuration(profile_of_root="loader"))
        m.run("systemctl", "reload", "imdsd.service")
        m.run("rm", "-f", "/run/hammer.stop", "/run/hammer.started")
        hammer = subprocess.Popen(
            [*self.podman.command, "exec", "machine", "python3", "/usr/local/lib/hammer.py"],
            env=self.podman.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        m.wait_for(10, "test", "-e", "/run/hammer.started")
        pids = set()
        for _ in range(3):
            done = m.run("systemctl", "restart", "imdsd.service", check=False)
            self.assertEqual(done.returncode, 0, done.stdout + self.journal())
            pids.add(m.property_of("imdsd.service", "MainPID"))
        m.run("touch", "/run/hammer.stop")
        output, _ = hammer.communicate(timeout=30)
        good, bad = output.split()[:2]
        self.assertEqual(len(pids), 3)
        self.assertEqual(bad, "0", output + self.journal())
        self.assertGreater(int(good), 20)

    def test_9_watchdog_ends_a_daemon_that_hangs(self):
        m = self.machine
        m.write("/run/systemd/system/imdsd.service.d/watchdog.conf",
                "[Service]\nWatchdogSec=2\n")
        m.run("systemctl", "daemon-reload")
        m.run("systemctl", "restart", "imdsd.service")
        # Fed in time: three periods pass without a restart.
        pid = m.property_of("imdsd.service", "MainPID")
        time.sleep(6)
        self.assertEqual(m.property_of("imdsd.service", "MainPID"), pid, self.journal())
        m.run("sh", "-c", f"kill -STOP {pid}")
        again = m.wait_for(20, "sh", "-c",
                           f"test $(systemctl show imdsd -P MainPID) -ne {pid} && "
                           f"test $(systemctl show imdsd -P MainPID) -ne 0 && "
                           "systemctl is-active --quiet imdsd.service")
        self.assertEqual(again.returncode, 0, self.journal())
        self.assertIn("role: backup 200", self.fetch_in_unit(CALLER))

    def test_9_an_issuer_of_its_own_runs_beside(self):
        m = self.machine
        m.write("/etc/imdsd/issuer.yaml", json.dumps({
            "apiVersion": "imdsd/v1",
            "state_directory": "/var/lib/imdsd-issuer",
            "admin": {"socket": "/run/imdsd-issuer/admin.sock"},
            "listeners": [{"name": "sts", "serve": "sts", "address": "127.0.0.1:1341"}],
            "issuer": {"account": "123456789012"}}), 0o640)
        m.run("chown", "root:imdsd", "/etc/imdsd/issuer.yaml")
        started = m.run("systemctl", "start", "imdsd-issuer.service", check=False)
        self.assertEqual(started.returncode, 0, started.stdout + self.journal())
        said = m.run("imdsd", "issuer", "admin-credentials", "--config", "/etc/imdsd/issuer.yaml",
                     check=False)
        self.assertEqual(said.returncode, 0, said.stdout)
        self.assertEqual(sorted(json.loads(said.stdout)), ["AccessKeyId", "SecretAccessKey", "Version"])
        done = m.run("systemctl", "reload", "imdsd-issuer.service", check=False)
        self.assertEqual(done.returncode, 0, done.stdout + self.journal())
        m.run("systemctl", "stop", "imdsd-issuer.service")
        self.assertEqual(m.property_of("imdsd-issuer.service", "Result"), "success", self.journal())

    def test_a_stop_is_clean_and_the_address_goes_with_its_unit(self):
        m = self.machine
        m.run("systemctl", "stop", "imdsd.service", "imdsd.socket", "imdsd-sts.socket")
        self.assertEqual(m.property_of("imdsd.service", "Result"), "success", self.journal())
        self.assertIn("169.254.169.254", m.run("ip", "address", "show", "dev", "lo").stdout)
        m.run("systemctl", "stop", "imdsd-net.service")
        self.assertNotIn("169.254.169.254", m.run("ip", "address", "show", "dev", "lo").stdout)


if __name__ == "__main__":
    podman_machine.require("podman", "runc", "debootstrap")
    BINARY, SOURCE, CACHE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    unittest.main(argv=sys.argv[:1], verbosity=2, failfast=False)
