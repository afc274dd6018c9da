"""Programs as people run them, unmodified and without configuration, at the link-local address with
IMDSv1 off. Each proves the credentials it found: to the issuer, or to an S3 that checks signatures.

    clients_test.py NAME...     only these clients
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "network"))

import namespaces  # noqa: E402
from namespaces import BASE, LINK_LOCAL, LINK_LOCAL_6, Daemon, World  # noqa: E402
from daemon import ACCOUNT, TOKEN, TTL, configuration, role_arn  # noqa: E402
from http_raw import wait_until  # noqa: E402
from suite import Skip, equal  # noqa: E402

USER, STRANGER = 12001, 12002
ROLE = "backup"
REGION = "eu-central-1"
STS = "http://127.0.0.1:1340"
S3_PORT = 9000
IDENTITY = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/i-0123456789abcdef0"

SETTINGS = configuration(
    {"backup": {"role": role_arn(ROLE),
                "instance": {"id": "i-0123456789abcdef0", "region": REGION,
                             "availability_zone": f"{REGION}a"}}},
    listeners=[
        {"name": "imds", "serve": "imds", "address": f"{LINK_LOCAL}:80", "interface": "lo"},
        {"name": "imds6", "serve": "imds", "address": f"[{LINK_LOCAL_6}]:80", "interface": "lo"},
        {"name": "loopback", "serve": "imds", "address": "127.0.0.1:1338"},
        {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
    bindings=[{"user": USER, "profile": "backup"}])

clients = {}


def client(name):
    def add(function):
        clients[name] = function
        return function
    return add


class Host:
    """The namespace, the daemon in it, and a home directory for the user who runs programs."""

    def __init__(self, world, daemon):
        self.world, self.daemon = world, daemon
        self.build = pathlib.Path(os.environ.get("CLIENTS_BUILD_DIR") or
                                  HERE.parents[1] / "build/clients")
        self.home = daemon.folder / "home"
        self.home.mkdir()
        os.chown(self.home, USER, USER)

    def inside(self, *words, uid=USER):
        return ["nsenter", f"--net={self.world.path('host')}", "setpriv", "--reuid", str(uid),
                "--regid", str(uid), "--clear-groups", "--", *map(str, words)]

    def environment(self, more):
        # Not the caller's: his keys, profiles and proxies must not help, nor hinder.
        return {"PATH": "/usr/bin:/bin:/usr/local/bin:/usr/local/go/bin", "HOME": str(self.home),
                "LC_ALL": "C.UTF-8"} | more

    def run(self, *words, uid=USER, fails=False, **environment):
        done = subprocess.run(self.inside(*words, uid=uid), capture_output=True, text=True,
                              env=self.environment(environment), cwd=self.home, timeout=60,
                              stdin=subprocess.DEVNULL)
        if not fails:
            equal(done.returncode, 0, f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def program(self, path):
        """A copy that the user may read: the source and build trees may be closed to him."""
        path = pathlib.Path(path)
        copy = self.home / path.name
        if not copy.exists():
            (shutil.copytree if path.is_dir() else shutil.copy)(path, copy, **(
                {"symlinks": True} if path.is_dir() else {}))
        return copy

    def check(self, key_id=None):
        """The credentials came by IMDSv2, and the hand-out is on record."""
        counters = self.daemon.status()["counters"]
        equal(counters["imdsv1_requests"], 0, "requests without a token")
        equal(counters["denied"].get("v1_disabled", 0), 0, "refused requests without a token")
        handed_out = {line["responseElements"]["accessKeyId"] for line in self.daemon.hand_outs()
                      if line["userIdentity"]["uid"] == USER}
        assert handed_out, "no hand-out in the audit log"
        if key_id is not None:
            equal(handed_out, {key_id})


def need(program):
    if not pathlib.Path(program).exists() and shutil.which(program) is None:
        raise Skip(f"{program} is not installed")


class S3:
    def __init__(self, host):
        self.host = host
        self.lines = []

    def __enter__(self):
        self.log = open(self.host.home / "s3.log", "w+")
        code = self.host.daemon.folder / "code"
        for folder in ("clients", "network", "support"):
            shutil.copytree(HERE.parent / folder, code / folder, dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("__pycache__"))
        self.process = subprocess.Popen(
            self.host.inside("/usr/bin/python3", "-B", code / "clients/s3_stand_in.py", S3_PORT),
            env=self.host.environment({}), stdout=self.log, stderr=subprocess.STDOUT)
        wait_until(lambda: "ready" in self.text(), what="the S3 stand-in")
        return self

    def text(self):
        return pathlib.Path(self.log.name).read_text()

    def requests(self):
        return [json.loads(line) for line in self.text().splitlines() if line.startswith("{")]

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def check(self):
        requests = self.requests()
        assert requests, f"the program never came: {self.text()}"
        faults = [request["fault"] for request in requests if request["fault"]]
        equal(faults, [], self.text())
        return requests[-1]["key"]


@client("awscli")
def awscli(host):
    need("/usr/bin/aws")
    words = ("/usr/bin/aws", "--endpoint-url", STS, "--region", "us-east-1", "--output", "json",
             "sts", "get-caller-identity")
    equal(json.loads(host.run(*words))["Arn"], IDENTITY)
    listed = host.run("/usr/bin/aws", "configure", "list")
    assert "iam-role" in listed, listed
    host.check()
    # By IPv6, and at an endpoint of one's own.
    equal(json.loads(host.run(*words, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="IPv6"))["Arn"],
          IDENTITY)
    equal(json.loads(host.run(*words, AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1338/"))
          ["Arn"], IDENTITY)
    host.check()
    # A user without a binding: no credentials (exit code 253), and soon.
    out = host.run(*words, uid=STRANGER, fails=True)
    equal(out, "")


@client("boto3")
def boto3(host):
    need("/usr/bin/python3")
    if subprocess.run(["/usr/bin/python3", "-c", "import boto3"], capture_output=True).returncode:
        raise Skip("python3-boto3 is not installed")
    program = host.program(HERE / "boto3_program.py")

    def ask(**environment):
        return json.loads(host.run("/usr/bin/python3", "-B", program, STS, **environment))
    found = ask()
    equal((found["Arn"], found["Method"], found["Region"]), (IDENTITY, "iam-role", REGION))
    host.check(found["AccessKeyId"])
    for endpoint in ("http://127.0.0.1:1338/", "http://127.0.0.1:1338"):
        equal(ask(AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint)["Arn"], IDENTITY, endpoint)
    before = host.daemon.status()["counters"]["requests"]
    equal(ask(AWS_EC2_METADATA_DISABLED="true")["Arn"], None)
    equal(host.daemon.status()["counters"]["requests"], before)


@client("curl")
def curl(host):
    need("curl")
    quiet = ("curl", "--silent", "--show-error", "--fail", "--max-time", "5")
    base = f"http://{LINK_LOCAL}"
    token = host.run(*quiet, "-X", "PUT", f"{base}/latest/api/token", "-H", f"{TTL}: 21600")
    header = ("-H", f"{TOKEN}: {token}")
    role = host.run(*quiet, *header, f"{base}{BASE}")
    equal(role, ROLE)
    document = json.loads(host.run(*quiet, *header, f"{base}{BASE}{role}"))
    equal(host.run(*quiet, *header, f"{base}/latest/meta-data/placement/region"), REGION)
    # The other spellings that scripts use.
    for path in ("//latest/meta-data/instance-id", "/latest//meta-data/instance-id/",
                 "/2021-07-15/meta-data/instance-id"):
        equal(host.run(*quiet, *header, base + path), "i-0123456789abcdef0", path)
    answer = host.run(*quiet, "--aws-sigv4", "aws:amz:us-east-1:sts",
                      "--user", f"{document['AccessKeyId']}:{document['SecretAccessKey']}",
                      "-H", f"X-Amz-Security-Token: {document['Token']}",
                      "-H", "Accept: application/json",
                      "--data", "Action=GetCallerIdentity&Version=2011-06-15", f"{STS}/")
    assert IDENTITY in answer, answer
    host.check(document["AccessKeyId"])


@client("rclone")
def rclone(host):
    need("rclone")
    with S3(host) as s3:
        out = host.run("rclone", "lsd", "--retries", "1", "--s3-provider=Other", "--s3-env-auth",
                       "--s3-endpoint", f"http://127.0.0.1:{S3_PORT}", ":s3:")
        assert "a-bucket" in out, out
        host.check(s3.check())


@client("s3cmd")
def s3cmd(host):
    need("s3cmd")
    with S3(host) as s3:
        address = f"127.0.0.1:{S3_PORT}"
        out = host.run("s3cmd", f"--host={address}", f"--host-bucket={address}", "--no-ssl", "ls")
        assert "s3://a-bucket" in out, out
        host.check(s3.check())


@client("javascript-v3")
def javascript(host):
    need("node")
    need("npm")
    installed = host.build / "js"
    installed.mkdir(parents=True, exist_ok=True)
    if not (installed / "node_modules/@aws-sdk/client-sts/package.json").exists():
        shutil.copy(HERE / "js/package.json", installed)
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                               "--no-package-lock"], cwd=installed, capture_output=True, text=True,
                              timeout=150, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Skip(f"npm cannot install the SDK here: {done.stderr[-300:]}")
    host.program(installed / "node_modules")
    found = json.loads(host.run("node", host.program(HERE / "js/whoami.mjs"), STS))
    equal((found["Arn"], found["DefaultChainArn"]), (IDENTITY, IDENTITY))
    host.check(found["AccessKeyId"])


@client("go-v2")
def go(host):
    need("go")
    binary = host.build / "go-whoami"
    host.build.mkdir(parents=True, exist_ok=True)
    fetched = subprocess.run(["go", "mod", "download"], cwd=HERE / "go", capture_output=True,
                             text=True, timeout=200, stdin=subprocess.DEVNULL)
    if fetched.returncode != 0:
        raise Skip(f"the modules of the SDK cannot be fetched here: {fetched.stderr[-300:]}")
    # Tests share the machine with others: one compiler at a time.
    built = subprocess.run(["go", "build", "-p", "1", "-o", str(binary), "."], cwd=HERE / "go",
                           capture_output=True, text=True, timeout=400, stdin=subprocess.DEVNULL,
                           env=dict(os.environ, CGO_ENABLED="0", GOFLAGS="-mod=readonly"))
    equal(built.returncode, 0, built.stderr)
    found = json.loads(host.run(host.program(binary), STS))
    equal((found["Arn"], found["Region"], found["Provider"]),
          (IDENTITY, REGION, "EC2RoleProvider"))
    assert found["CanExpire"]
    host.check(found["AccessKeyId"])


def main():
    names = sys.argv[1:] or list(clients)
    namespaces.require()
    skipped = []
    for name in names:
        with World() as world:
            world.add("host")
            for address in (f"{LINK_LOCAL}/32", f"{LINK_LOCAL_6}/128"):
                world.ip("host", "address", "add", address, "dev", "lo")
            with Daemon(world, "host", SETTINGS) as daemon:
                try:
                    clients[name](Host(world, daemon))
                    print(f"{name}: ok", flush=True)
                except Skip as why:
                    print(f"{name}: SKIPPED: {why}", flush=True)
                    skipped.append(name)
    if skipped:
        sys.exit(namespaces.SKIP)


if __name__ == "__main__":
    main()
