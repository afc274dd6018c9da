#!/usr/bin/env python3
"""The verifier library as it is installed: a project of its own finds it with find_package and builds
programs in C and C++ with it. What botocore signs in random shapes verifies there with a key of one day,
region and service; with any bit changed it does not. And the whole way, against a running issuer.

usage: package_test.py BUILD_DIR [case]     needs IMDSD_BINARY, CMAKE; no network but loopback
"""

import calendar
import hashlib
import hmac
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

from daemon import ACCOUNT, Daemon  # noqa: E402
from suite import Skip, Suite, equal  # noqa: E402

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
except ImportError:
    botocore = None

suite = Suite()
case = suite.case

OK, NOT_SIGNED, MALFORMED, MISMATCH, EXPIRED, OTHER_CALLER = range(6)
UNKNOWN_CALLER, REFUSED = 7, 8
STANDARD, S3 = 0, 2
DECISION_ALLOWED, DECISION_IMPLICIT_DENY = 1, 2
KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SERVICE_ID, SERVICE_SECRET = "AKIASERVICEEXAMPLE00", "serviceSecretServiceSecretServiceSecret0"
SHAPES = 150         # random requests of the oracle
BITS = 80            # changed in each
SEED = int(os.environ.get("IMDSD_TEST_SEED", "20110615"))


def needs_botocore():
    if botocore is None:
        raise Skip("botocore is not installed")


def scoped_key(secret, date, region, service):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return key


class Request:
    def __init__(self, method, target, headers, body, date, region, service, dialect, token=None):
        self.method, self.target, self.headers, self.body = method, target, list(headers), body
        self.date, self.region, self.service, self.dialect, self.token = date, region, service, dialect, token
        self.now, self.key_id = None, KEY_ID

    def copy(self):
        made = Request(self.method, self.target, self.headers, self.body, self.date, self.region,
                       self.service, self.dialect, self.token)
        made.now, made.key_id = self.now, self.key_id
        return made

    def frame(self, key=None):
        def raw(text):
            return text if isinstance(text, bytes) else text.encode("latin-1")
        method, target = raw(self.method), raw(self.target)
        key = key.hex() if key else "-"
        out = [(f"{self.now} {self.dialect} {self.service} {self.key_id} {self.token or '-'} {self.date} "
                f"{self.region} {key} {len(method)} {len(target)} {len(self.body)} {len(self.headers)}\n"
                ).encode(), method, target, self.body]
        for name, value in self.headers:
            name, value = raw(name), raw(value)
            out += [f"{len(name)} {len(value)}\n".encode(), name, value]
        return b"".join(out)


def sign(url, method="GET", headers=(), body=b"", region="us-east-1", service="orders", presigned=False,
         token=None, expires=300):
    """By botocore's signers, with the time of now."""
    credentials = botocore.credentials.Credentials(KEY_ID, SECRET, token)
    s3 = service == "s3"
    classes = {(False, False): botocore.auth.SigV4Auth, (False, True): botocore.auth.SigV4QueryAuth,
               (True, False): botocore.auth.S3SigV4Auth, (True, True): botocore.auth.S3SigV4QueryAuth}
    more = {"expires": expires} if presigned else {}
    request = botocore.awsrequest.AWSRequest(method, url, headers=dict(headers), data=body)
    if s3:
        request.context["client_config"] = None
        request.context["payload_signing_enabled"] = True
    classes[s3, presigned](credentials, service, region, **more).add_auth(request)
    parts = urllib.parse.urlsplit(request.url)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    fields = [("Host", parts.netloc)] + [(k, v) for k, v in request.headers.items() if k.lower() != "host"]
    stamp = request.context["timestamp"]
    made = Request(method, target, fields, body, stamp[:8], region, service, S3 if s3 else STANDARD, token)
    made.now = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    return made


def random_request(rng):
    service = rng.choice(["orders", "orders", "s3", "execute-api"])
    alphabet = "abcXYZ019-_.~ +=&%?#@!'()*;:,éßĀ漢😀"
    text = lambda n: "".join(rng.choice(alphabet) for _ in range(rng.randint(1, n)))  # noqa: E731
    # One name once: botocore's signer takes a dictionary.
    query = {text(8) + str(i): text(20) for i in range(rng.randint(0, 4))}
    path = "/" + "/".join(urllib.parse.quote(text(8), safe="") for _ in range(rng.randint(0, 3)))
    url = f"https://{rng.choice(['orders.example', '127.0.0.1:8443'])}{path}"
    if query:
        url += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote, safe="-_.~")
    presigned = rng.random() < 0.4
    method = rng.choice(["GET", "DELETE"]) if presigned else rng.choice(["GET", "PUT", "POST"])
    body = b"" if presigned or method == "GET" else rng.randbytes(rng.randint(0, 200))
    headers = {}
    for i in range(rng.randint(0, 4)):
        value = "".join(rng.choice("abcXYZ019-_.~+/=;:,\"'()") for _ in range(rng.randint(1, 40)))
        headers[rng.choice(["X-Custom-", "x-amz-meta-", "Amz-Sdk-"]) + str(i)] = value
    if rng.random() < 0.3:
        headers["X-Spaced"] = "a   b  c"
    token = rng.choice([None, "a-session/token+with==" + str(rng.random())])
    return sign(url, method, headers, body, rng.choice(["us-east-1", "eu-central-1", "dc-1"]), service,
                presigned, token)


def flip(text, index, bit):
    raw = bytearray(text if isinstance(text, bytes) else text.encode("latin-1"))
    raw[index] ^= 1 << bit
    return bytes(raw) if isinstance(text, bytes) else raw.decode("latin-1")


def meaning(target, s3):
    """Targets that say the same: the signature covers what is said, not how it is encoded."""
    path, _, query = target.partition("?")
    path = urllib.parse.unquote(path, "latin-1") if s3 else path
    return path, sorted(tuple(urllib.parse.unquote_plus(half, "latin-1") for half in pair.partition("=")[::2])
                        for pair in query.split("&"))


def changed(rng, good):
    """The request with one bit changed that its signature covers; None when it means the same."""
    parts = ["method", "target"] + (["body"] if good.body and not unsigned_body(good) else [])
    parts += [i for i, (name, value) in enumerate(good.headers) if value and name.lower() != "user-agent"]
    part = rng.choice(parts)
    bad = good.copy()
    if not isinstance(part, int):
        text = getattr(good, part)
        made = flip(text, rng.randrange(len(text)), rng.randrange(8))
        setattr(bad, part, made)
        if part == "target" and meaning(made, good.dialect == S3) == meaning(text, good.dialect == S3):
            return None
        return bad
    name, value = good.headers[part]
    index = rng.randrange(len(value))
    if name == "Authorization":
        start = value.index("SignedHeaders=")
        if start <= index < value.index(", Signature="):
            return None  # letter case of these names means nothing
    bad.headers[part] = (name, flip(value, index, rng.randrange(8)))
    return bad


def unsigned_body(request):
    stated = [v for k, v in request.headers if k.lower() == "x-amz-content-sha256"]
    return request.dialect == S3 and stated in ([], ["UNSIGNED-PAYLOAD"])


def check(programs, frames):
    done = subprocess.run([programs / "check"], input=b"".join(frames), capture_output=True, timeout=240,
                          env={"LD_LIBRARY_PATH": str(programs.library)})
    equal(done.returncode, 0, done.stderr)
    return [(int(line.split(" ")[0]), line.split(" ")[1]) for line in done.stdout.decode().splitlines()]


def key_of(request, **other):
    scope = {"secret": SECRET, "date": request.date, "region": request.region,
             "service": request.service} | other
    return scoped_key(**scope)


@case("P1")
def only_the_interface_is_visible(programs):
    library = next(programs.library.glob("libimdsd-verifier.so"))
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True,
                             text=True).stdout
    names = {line.split()[-1] for line in symbols.splitlines()}
    header = (programs.prefix / "include/imdsd/verifier.h").read_text()
    declared = set(re.findall(r"\b(imdsd_\w+)\(", header))
    equal(names, declared)
    needed = subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout
    allowed = re.compile(r"lib(crypto|boost_(json|container)|stdc\+\+|gcc_s|c|m)\.so\.[\d.]+$|ld-linux")
    for name in re.findall(r"NEEDED.*\[(.*)\]", needed):
        assert allowed.match(name), name


@case("P2")
def what_botocore_signs_verifies_and_nothing_else(programs):
    needs_botocore()
    rng = random.Random(SEED)
    good = [random_request(rng) for _ in range(SHAPES)]
    answers = check(programs, [g.frame(key_of(g)) for g in good])
    for shape, (request, answer) in enumerate(zip(good, answers, strict=True)):
        equal(answer[0], OK, f"seed {SEED}, shape {shape}: {request.target} {request.headers} {answer}")
    bad = [b for g in good for b in (changed(rng, g) for _ in range(BITS)) if b]
    assert len(bad) > SHAPES * BITS / 2, len(bad)
    for request, answer in zip(bad, check(programs, [b.frame(key_of(b)) for b in bad]), strict=True):
        assert answer[0] in (NOT_SIGNED, MALFORMED, MISMATCH, EXPIRED, OTHER_CALLER), \
            f"seed {SEED}: {request.method} {request.target} {request.headers} {answer}"
    print(f"         {len(good)} requests verify, {len(bad)} with a changed bit do not")


@case("P3")
def a_key_is_good_for_its_scope_only(programs):
    needs_botocore()
    request = sign("https://orders.example/a", "POST", body=b"x")
    other = {"secret": "another" * 6}, {"date": "20200101"}, {"region": "eu-west-1"}, {"service": "payments"}
    answers = check(programs, [request.frame(key_of(request, **change)) for change in other])
    equal([status for status, _ in answers], [MISMATCH] * len(other), answers)
    # A grant of another scope, whatever its key.
    moved = []
    for name, value in (("date", "20200101"), ("region", "eu-west-1"), ("key_id", "AKIAANOTHEREXAMPLE00"),
                        ("token", "stray")):
        moved.append(request.copy())
        setattr(moved[-1], name, value)
    answers = check(programs, [m.frame(key_of(request)) for m in moved])
    equal([status for status, _ in answers], [OTHER_CALLER] * len(moved), answers)


@case("P4")
def times(programs):
    needs_botocore()
    def at(request, seconds):
        made = request.copy()
        made.now += seconds
        return made
    plain = sign("https://orders.example/a")
    short = sign("https://orders.example/a", presigned=True, expires=60)
    frames = [at(plain, 899), at(plain, 901), at(plain, -901), at(short, 60), at(short, 61)]
    answers = check(programs, [f.frame(key_of(f)) for f in frames])
    equal([status for status, _ in answers], [OK, EXPIRED, MISMATCH, OK, EXPIRED])
    equal(answers[1][1], "SignatureDoesNotMatch")


def ask_issuer(programs, daemon, request, action="orders:Get", resource="*", service=(SERVICE_ID, SERVICE_SECRET)):
    host, port = daemon.listeners["sts"]
    done = subprocess.run([programs / "service", host, str(port), action, resource], input=request.frame(),
                          capture_output=True, timeout=30,
                          env={"LD_LIBRARY_PATH": str(programs.library), "SERVICE_KEY_ID": service[0],
                               "SERVICE_SECRET": service[1]})
    lines = done.stdout.decode().splitlines()
    assert lines, done.stderr
    return int(lines[0].split(" ")[0]), lines[1:], done.stderr.decode()


@case("P5")
def the_whole_way(programs, daemon):
    """A service that knows no caller asks the issuer, verifies itself, and has a decision."""
    needs_botocore()
    request = sign("https://orders.example/1?x=y", "POST", {"X-Custom": "a"}, b"body")
    arn = f"arn:aws:iam::{ACCOUNT}:user/alice"
    equal(ask_issuer(programs, daemon, request)[:2], (OK, [f"{arn} {DECISION_ALLOWED}"]))
    equal(ask_issuer(programs, daemon, request, "orders:Drop")[:2], (OK, [f"{arn} {DECISION_IMPLICIT_DENY}"]))
    bad = request.copy()
    bad.body = b"bodY"
    equal(ask_issuer(programs, daemon, bad)[0], MISMATCH)
    equal(ask_issuer(programs, daemon, sign("https://orders.example/", service="payments"))[0], REFUSED)
    equal(ask_issuer(programs, daemon, sign("https://orders.example/", token="stray"))[0], UNKNOWN_CALLER)
    equal(ask_issuer(programs, daemon, request, service=(KEY_ID, SECRET))[0], REFUSED)
    equal(ask_issuer(programs, daemon, request, service=(SERVICE_ID, "wrong" * 8))[0], REFUSED)


def settings():
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "imdsd:VerifyCaller",
         "Resource": f"arn:aws:imdsd:*:{ACCOUNT}:scope/orders"}]}
    orders = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "orders:Get", "Resource": "*",
         "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}]}
    return {
        "apiVersion": "imdsd/v1",
        "listeners": [{"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}],
        "issuer": {"accounts": {ACCOUNT: {"users": {
            "alice": {"policies": {"orders": orders},
                      "access_keys": [{"id": KEY_ID, "secret": {"env": "TEST_ALICE"}}]},
            "orders": {"policies": {"verify": policy},
                       "access_keys": [{"id": SERVICE_ID, "secret": {"env": "TEST_SERVICE"}}]}}}}},
    }


class Programs(type(pathlib.Path())):
    prefix = library = None


def install(build_dir, folder):
    cmake = os.environ.get("CMAKE") or shutil.which("cmake")
    prefix, build = folder / "prefix", folder / "build"

    def run(*command):
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=200)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    run(cmake, "--install", build_dir, "--component", "verifier", "--prefix", prefix)
    run(cmake, "-S", HERE / "consumer", "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF")
    run(cmake, "--build", build)
    Programs.prefix = prefix
    Programs.library = next(prefix.rglob("libimdsd-verifier.so")).parent
    return Programs(build)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="imdsd-verifier-") as name:
        made = install(sys.argv.pop(1), pathlib.Path(name))
        with Daemon(settings(), environment={"TEST_ALICE": SECRET, "TEST_SERVICE": SERVICE_SECRET}) as running:
            running.secrets |= {SECRET, SERVICE_SECRET}
            suite.run(programs=made, daemon=running)
