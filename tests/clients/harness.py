"""What the files of this folder share: programs as people run them, unmodified and without
configuration, at the link-local address of a namespace, with IMDSv1 off. Each proves the
credentials that it found: to the issuer, or to a stand-in for S3 that verifies signatures.

    FAMILY_clients.py NAME...     only these clients
"""

import contextlib
import json
import os
import pathlib
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "network"))

import namespaces  # noqa: E402
from namespaces import LINK_LOCAL, LINK_LOCAL_6, World  # noqa: E402
from daemon import ACCOUNT, BINARY, configuration, role_arn  # noqa: E402
from http_raw import wait_until  # noqa: E402
from suite import Skip, equal, keep_outcomes  # noqa: E402

CONTAINERS = "169.254.170.2"
USER, STRANGER, V1_USER = 12001, 12002, 12003
ROLE, V1_ROLE = "backup", "old-times"
REGION = "eu-central-1"
INSTANCE = "i-0123456789abcdef0"
STS = "http://127.0.0.1:1340"
S3_ADDRESS = "127.0.0.1:9000"
S3_URL = f"http://{S3_ADDRESS}"
BUCKET = "a-bucket"
IDENTITY = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/{INSTANCE}"
V1_IDENTITY = f"arn:aws:sts::{ACCOUNT}:assumed-role/{V1_ROLE}/i-0fedcba9876543210"
# What hosts before Nitro are known for, all at once: a value of `compat`.
OLD_HOST = {"slashless_directories": "redirect", "connection": "close", "expect": "ec2"}

clients = {}
proves = {}  # name -> ids of the metadata table (tests/protocol/metadata_cases.py)


def client(name, proves="", **changes):
    """Decorator. `changes` go into the daemon's configuration."""
    def add(function):
        clients[name] = (function, changes)
        globals()["proves"][name] = proves
        return function
    return add


def profile(role, instance=INSTANCE, **metadata):
    return {"role": role_arn(role),
            "instance": {"id": instance, "region": REGION, "availability_zone": f"{REGION}a"},
            } | ({"metadata": metadata} if metadata else {})


def settings(more_bindings=(), more_listeners=(), profiles=None, **changes):
    return configuration(
        {ROLE: profile(ROLE),
         V1_ROLE: profile(V1_ROLE, "i-0fedcba9876543210", http_tokens="optional")}
        | (profiles or {}),
        listeners=[
            {"name": "imds", "serve": "imds", "address": f"{LINK_LOCAL}:80", "interface": "lo"},
            {"name": "imds6", "serve": "imds", "address": f"[{LINK_LOCAL_6}]:80",
             "interface": "lo"},
            {"name": "loopback", "serve": "imds", "address": "127.0.0.1:1338"},
            {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}, *more_listeners],
        bindings=[*more_bindings, {"user": USER, "profile": ROLE},
                  {"user": V1_USER, "profile": V1_ROLE}],
        **changes)


class Host:
    """The namespace, the daemon in it, and a home directory for each user who runs programs."""

    def __init__(self, world, daemon):
        self.world, self.daemon = world, daemon
        self.version = "version unknown"
        self.mounts = []
        self.variables = {}
        # The source tree may be closed to other users: they see what is mounted for them.
        self.code = self.mount(HERE, "code")

    def mount(self, folder, name):
        """A place where every user of the namespace sees that folder."""
        seen = self.daemon.folder / "seen" / name
        if not seen.exists():
            seen.mkdir(parents=True)
            (self.daemon.folder / "seen").chmod(0o755)
            self.mounts.append((folder, seen))
        return seen

    def use(self, tree, version=True):
        """Makes a fetched tree (fetch.py) usable; its path, as programs see it."""
        seen = self.mount(tree.path, tree.path.name)
        for name, value in tree.environment(seen).items():
            self.variables[name] = ":".join(filter(None, (value, self.variables.get(name))))
        if version:
            self.version = tree.version
        return seen

    def home(self, uid=USER):
        home = self.daemon.folder / f"home-{uid}"
        if not home.exists():
            home.mkdir()
            os.chown(home, uid, uid)
        return home

    def inside(self, *words, uid=USER):
        mounts = [f"mount --bind {shlex.quote(str(source))} {shlex.quote(str(seen))}"
                  for source, seen in self.mounts]
        return ["nsenter", f"--net={self.world.path('host')}", "unshare", "--mount", "sh", "-c",
                " && ".join([*mounts, 'exec "$@"']), "sh", "setpriv", "--reuid", str(uid),
                "--regid", str(uid), "--clear-groups", "--", *map(str, words)]

    def environment(self, more, uid=USER):
        # Not the caller's: his keys, profiles and proxies must not help, nor hinder.
        out = {"HOME": str(self.home(uid)), "LC_ALL": "C.UTF-8"} | self.variables
        out["PATH"] = ":".join(filter(None, (
            self.variables.get("PATH"), "/usr/bin:/bin:/usr/local/bin:/usr/sbin:/sbin")))
        return out | {name: str(value) for name, value in more.items()}

    def attempt(self, *words, uid=USER, timeout=120, stdin="", **environment):
        return subprocess.run(self.inside(*words, uid=uid), capture_output=True, text=True,
                              env=self.environment(environment, uid), cwd=self.home(uid),
                              timeout=timeout, input=stdin, errors="replace")

    def run(self, *words, **more):
        """Its standard output; it has to succeed."""
        done = self.attempt(*words, **more)
        equal(done.returncode, 0, f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    # -- what the daemon says of it -------------------------------------------------------------

    def counters(self):
        return self.daemon.status()["counters"]

    def handed_out(self, uid=USER):
        return {line["responseElements"]["accessKeyId"] for line in self.daemon.hand_outs()
                if line["userIdentity"]["uid"] == uid}

    def check(self, key_id=None):
        """The credentials came by IMDSv2, and the hand-out is on record."""
        counters = self.counters()
        equal(counters["imdsv1_requests"], 0, "requests without a token")
        equal(counters["denied"].get("v1_disabled", 0), 0, "refused requests without a token")
        handed_out = self.handed_out()
        assert handed_out, "no hand-out in the audit log"
        if key_id is not None:
            equal(handed_out, {key_id})

    def refused(self, *words, **more):
        """Runs it as a user without a binding: he is refused, by name, and gets no role at all."""
        before = sum(self.counters()["denied"].values())
        done = self.attempt(*words, uid=STRANGER, **more)
        assert sum(self.counters()["denied"].values()) > before, f"nobody was refused: {done}"
        equal(self.handed_out(STRANGER), set(), "keys for a stranger")
        named = wait_until(lambda: [line for line in self.daemon.refusals()
                                    if line["userIdentity"].get("uid") == STRANGER],
                           what="the refusal in the audit log")
        assert named
        for text in (IDENTITY, *self.handed_out()):
            assert text not in done.stdout, f"a stranger saw {text}"
        return done


class S3:
    """The stand-in, in the namespace, as the daemon's user: it reads the daemon's key ring."""

    def __init__(self, host, tls=None, buckets=(BUCKET,)):
        self.host, self.tls, self.buckets = host, tls, buckets

    def __enter__(self):
        folder = self.host.daemon.folder
        built = os.environ.get("CLIENTS_STAND_IN") or (
            pathlib.Path(BINARY).parent / "tests/clients/stand_in/clients_stand_in")
        program = folder / "stand_in"
        if not program.exists():
            shutil.copy(built, program)
        words = [program, "--keys", self.ring(), "--port", S3_ADDRESS.split(":")[1]]
        for bucket in self.buckets:
            words += ["--bucket", bucket]
        if self.tls is not None:
            words += ["--certificate", self.tls[0], "--key", self.tls[1]]
        self.log = open(folder / "s3.log", "w")
        self.process = subprocess.Popen(
            self.host.inside(*words, uid=namespaces.DAEMON_UID), stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=subprocess.STDOUT)
        wait_until(lambda: "ready" in self.text(), 30, "the S3 stand-in")
        return self

    def ring(self):
        """A copy of the issuer's ring, still wrapped, where the wrapping key is."""
        store = f"file:{self.host.daemon.state}/issuer.db?mode=ro"
        with contextlib.closing(sqlite3.connect(store, uri=True)) as rows:
            ((text,),) = rows.execute("SELECT body FROM rows WHERE kind = 'key-ring'")
        copy = self.host.daemon.state / "stand-in-ring.json"
        copy.touch(0o600)
        os.chown(copy, namespaces.DAEMON_UID, namespaces.DAEMON_UID)
        copy.write_text(text)
        return copy

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def requests(self):
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def __exit__(self, kind, *_):
        if kind is not None:
            print("--- the S3 stand-in said:\n" + self.text())
        self.process.kill()
        self.process.wait()
        self.log.close()

    def check(self, role=ROLE):
        """Every request was signed with the role's credentials. Returns the access key id."""
        # Some first ask which region to sign for, as they would on AWS.
        requests = [request for request in self.requests()
                    if request["code"] != "AuthorizationHeaderMalformed"]
        assert requests, "the program never came"
        equal([request for request in requests if request["fault"]], [])
        equal({request["role"] for request in requests}, {role_arn(role)})
        return requests[-1]["key"]


def need(program):
    if not pathlib.Path(program).exists() and shutil.which(program) is None:
        raise Skip(f"{program} is not installed")


def need_slow():
    if os.environ.get("IMDSD_SLOW_CLIENTS") != "1":
        raise Skip("takes minutes to compile; IMDSD_SLOW_CLIENTS=1 (./test --all) runs it")


def installed_version(package):
    """Of a Debian package that this machine has."""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True)
    return f"{package} {done.stdout}" if done.returncode == 0 else package


def run_one(name):
    function, changes = clients[name]
    with World() as world:
        world.add("host")
        for address in (f"{LINK_LOCAL}/32", f"{CONTAINERS}/32", f"{LINK_LOCAL_6}/128"):
            world.ip("host", "address", "add", address, "dev", "lo")
        with namespaces.Daemon(world, "host", settings(**changes)) as daemon:
            host = Host(world, daemon)
            try:
                function(host)
            except Skip as why:
                return f"SKIPPED: {why}"
            return f"ok: {host.version}"


def main():
    names = sys.argv[1:] or list(clients)
    namespaces.require()
    skipped = False
    for name in names:
        started = time.monotonic()
        try:
            outcome = run_one(name)
        except Exception:
            keep_outcomes({name: "FAILED"})
            raise
        skipped = skipped or outcome.startswith("SKIPPED")
        keep_outcomes({name: "skipped" if outcome.startswith("SKIPPED") else "ok"})
        print(f"{name}: {outcome} ({time.monotonic() - started:.1f} s)", flush=True)
    if skipped:
        sys.exit(namespaces.SKIP)
