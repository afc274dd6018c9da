"""Runs the imdsd binary under test with a configuration of its own, and watches what it says."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import http_raw

BINARY = os.environ.get("IMDSD_BINARY") or str(
    pathlib.Path(__file__).resolve().parents[2] / "build" / "release" / "imdsd")
ACCOUNT = "123456789012"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
# Sanitizers make everything slower; bounds on time and memory hold for the release binary only.
SANITIZED = any(f"/build/{name}" in BINARY or f"-{name}" in BINARY for name in ("asan", "tsan"))
START_LIMIT = 60 if SANITIZED else 20
# RSA keys are made in the background, after everything else that the machine does.
KEYS_LIMIT = 120

TRUST_EC2 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                   "Action": "sts:AssumeRole"}],
}


def role_arn(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def configuration(profiles, listeners=None, bindings=None, roles=None, **more):
    """A configuration as data. By default: one listener for each profile, named like it and bound
    to it for the daemon's own user; an STS listener; and a role that trusts EC2 for every role that
    a profile names."""
    names = [p["role"].rsplit("/", 1)[1] for p in profiles.values() if "role" in p]
    return {
        "apiVersion": "imdsd/v1",
        "listeners": listeners or
            [{"name": name, "serve": "imds", "address": "127.0.0.1:0"} for name in profiles]
            + [{"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}],
        "sources": {"local": {"type": "core"}},
        "profiles": {name: ({"source": "local"} if "role" in p else {}) | p
                     for name, p in profiles.items()},
        "bindings": bindings if bindings is not None else
            [{"listener": name, "user": "self", "profile": name} for name in profiles],
        "issuer": {"accounts": {ACCOUNT: {
            "roles": {name: {"trust_policy": TRUST_EC2} for name in names} | (roles or {})}}},
    } | more


class Daemon:
    """`with Daemon(configuration) as daemon:` runs until the block ends, and then checks that it
    stopped cleanly and that no secret which it handed out is in anything that it wrote."""

    def __init__(self, settings, folder=None, environment=None, start=True, command=(), verb="serve"):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="imdsd-test-"))
        self.owns_folder = folder is None
        self.state = self.folder / "state"
        self.config_file = self.folder / "imdsd.yaml"
        self.command = list(command)
        self.verb = verb  # "issuer": the issuer alone
        self.environment = {
            key: value for key, value in os.environ.items()
            if not key.startswith(("AWS_", "IMDSD_", "XDG_", "NOTIFY_", "LISTEN_"))}
        self.environment |= {
            "HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "xdg-state"),
            "XDG_RUNTIME_DIR": str(self.folder / "xdg-run"),
        } | (environment or {})
        for name in ("xdg-state", "xdg-run"):
            (self.folder / name).mkdir(exist_ok=True, mode=0o700)
        self.output = []     # lines of stderr and stdout, of all runs
        self.secrets = set()
        self.listeners = {}  # name -> (host, port)
        self.process = None
        self.write(settings)
        if start:
            self.start()

    # -- configuration ------------------------------------------------------------------------

    def write(self, settings):
        """JSON is YAML. Text is written as it is."""
        if not isinstance(settings, str):
            settings = {"state_directory": str(self.state),
                        "admin": {"socket": str(self.socket_path)}} | settings
            settings = json.dumps(settings, indent=1)
        self.config_file.write_text(settings)

    @property
    def socket_path(self):
        return self.folder / "admin.sock"

    @property
    def audit_file(self):
        return self.state / "audit.jsonl"

    def audit(self):
        if not self.audit_file.exists():
            return []
        return [json.loads(line) for line in self.audit_file.read_text().splitlines()]

    # -- life ---------------------------------------------------------------------------------

    def start(self):
        self.listeners = {}
        self._ready = threading.Event()
        self._ended = threading.Event()
        self.process = subprocess.Popen(
            [*self.command, BINARY, self.verb, "--config", str(self.config_file)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.environment, text=True, errors="replace")
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        end = time.monotonic() + START_LIMIT
        while not self._ready.wait(0.02):
            if self._ended.is_set() or time.monotonic() > end:
                self._kill()
                self.process = None
                raise AssertionError("imdsd did not become ready:\n" + self.log())
        return self

    def _read(self):
        for line in self.process.stdout:
            line = line.rstrip("\n")
            self.output.append(line)
            heard = re.match(r"listening (\S+) (\S+) (?:\[(.+)\]|([^:\s]+)):(\d+)$", line)
            if heard:
                self.listeners[heard[1]] = (heard[3] or heard[4], int(heard[5]))
            elif line == "imdsd ready":
                self._ready.set()
        self._ended.set()

    def log(self):
        return "\n".join(self.output)

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self, settings=None):
        """SIGHUP, and waits for the daemon to say what came of it."""
        if settings is not None:
            self.write(settings)
        def state():
            now = self.status()["configuration"]
            return now["generation"], now["last_reload"]
        before = state()
        self.signal(signal.SIGHUP)

        def changed():
            now = state()
            return now[1] if now != before else None
        return http_raw.wait_until(changed, START_LIMIT, "reload")

    def kill(self):
        """As a crash would: no clean-up."""
        self._kill()

    def _kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
            self._reader.join(5)

    def stop(self, expected=0):
        """SIGTERM; asserts the exit code and that no secret is in the logs or the audit trail."""
        self.process.terminate()
        try:
            code = self.process.wait(START_LIMIT)
        except subprocess.TimeoutExpired:
            self._kill()
            raise AssertionError("imdsd did not stop:\n" + self.log()) from None
        self._reader.join(5)
        assert code == expected, f"exit code {code}\n{self.log()}"
        self.check_nothing_leaked()

    def check_nothing_leaked(self):
        written = self.log()
        if self.audit_file.exists():
            written += self.audit_file.read_text()
        for secret in self.secrets:
            assert secret not in written, f"a secret is in the logs: {secret[:6]}..."

    def rss(self):
        """(VmRSS, RssAnon) in KiB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(int(re.search(rf"^{key}:\s+(\d+)", text, re.M)[1]) for key in ("VmRSS", "RssAnon"))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None and self.process and self.process.poll() is None:
                self.stop()
            elif kind is None and self.process and self.process.returncode not in (0, -9):
                raise AssertionError(f"imdsd ended by itself ({self.process.returncode}):\n{self.log()}")
            elif kind is not None:
                print("--- imdsd said:\n" + self.log())
        finally:
            self._kill()
            if self.owns_folder:
                shutil.rmtree(self.folder, ignore_errors=True)

    # -- talking to it ------------------------------------------------------------------------

    def cli(self, *arguments, socket=True):
        """Runs a verb of the command line against this daemon: (code, stdout, stderr)."""
        words = [BINARY, *arguments] + (["--socket", str(self.socket_path)] if socket else [])
        done = subprocess.run(words, capture_output=True, text=True, env=self.environment,
                              stdin=subprocess.DEVNULL, timeout=START_LIMIT)
        return done.returncode, done.stdout, done.stderr

    def status(self):
        code, out, err = self.cli("status", "-o", "json")
        assert code == 0, err
        return json.loads(out)

    def connect(self, listener="imds", timeout=10.0):
        return http_raw.Connection(self.listeners[listener], timeout)

    def ask(self, listener, method, target, headers=(), **more):
        return http_raw.ask(self.listeners[listener], http_raw.build(method, target, headers, **more))

    def token(self, listener="imds", ttl=60):
        answer = self.ask(listener, "PUT", "/latest/api/token", {TTL: str(ttl)})
        assert answer.status == 200, answer
        self.secrets.add(answer.text)
        return answer.text

    def get(self, listener, path, token=None, **more):
        return self.ask(listener, "GET", path, {TOKEN: token} if token else {}, **more)

    def wait_for_identity(self, *listeners):
        """Until the identity documents are signed: keys are made in the background at the first start."""
        for listener in listeners or ("imds",):
            def signed():
                answer = self.get(listener, "/latest/dynamic/instance-identity/rsa2048", self.token(listener))
                assert answer.status in (200, 503), answer
                return answer.status == 200
            http_raw.wait_until(signed, KEYS_LIMIT, "signatures")

    def credentials(self, listener="imds", role=None):
        """The parsed credential document, by IMDSv2."""
        token = self.token(listener)
        base = "/latest/meta-data/iam/security-credentials/"
        role = role or self.get(listener, base, token).text
        answer = self.get(listener, base + role, token)
        assert answer.status == 200, answer
        document = json.loads(answer.body)
        for key in ("SecretAccessKey", "Token"):
            if key in document:
                self.secrets.add(document[key])
        return document
