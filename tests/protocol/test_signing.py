#!/usr/bin/env python3
"""The issuer's front as an oracle sees it: botocore signs requests of random shapes, and they verify; with
any bit changed they do not. botocore's service model reads the answers. TLS, CORS, throttling, endpoints.

Case names: ids of issuer_cases.py where they have one.
"""

import contextlib
import http.client
import json
import os
import random
import re
import socket
import ssl
import subprocess
import time
import urllib.parse
import warnings
import xml.etree.ElementTree as xml

import fixture

from certificates import Authority
from daemon import ACCOUNT, Daemon
from http_raw import Closed, ask, build, wait_until
from suite import Skip, Suite, equal

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
    import botocore.session
except ImportError:
    botocore = None

suite = Suite("issuer")
case = suite.case

KEY_ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SHAPES = 60          # random requests of the oracle
BITS = 100           # changed in each
SEED = int(os.environ.get("IMDSD_TEST_SEED", "20110615"))


def needs_botocore():
    if botocore is None:
        raise Skip("botocore is not installed")


def settings(folder):
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": ["sts:AssumeRole", "sts:TagSession"]}]}
    only_tls = json.loads(json.dumps(trust))
    only_tls["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    tls = {"certificate": str(folder / "sts.pem"), "key": str(folder / "sts.key")}
    return {
        "apiVersion": "imdsd/v1",
        "limits": {"header_time": "2s"},
        "listeners": [
            {"name": "sts", "serve": "sts", "address": "127.0.0.1:0"},
            {"name": "tls", "serve": "sts", "address": "127.0.0.1:0", "tls": tls}],
        "issuer": {
            "endpoints": {"global.example": "global", "eu.example": "eu-west-1"},
            "allowed_origins": ["https://app.example.com"],
            "accounts": {ACCOUNT: {
                "disabled_regions": ["ap-south-1"],
                "users": {"alice": {"access_keys": [{"id": KEY_ID, "secret": {"env": "TEST_ALICE"}}]}},
                "roles": {"reader": {"trust_policy": trust}, "only-tls": {"trust_policy": only_tls}}}}},
    }


class Request:
    """What goes over the wire, in parts that can be changed."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, dict(headers), body

    def send(self, address):
        fields = self.headers | {"Content-Length": str(len(self.body))}
        data = (f"{self.method} {self.target} HTTP/1.1\r\n"
                + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n").encode("latin-1")
        return ask(address, data + self.body)


def signed(address, parameters, credentials, presigned=False, get=False, headers=(), path="/",
           region="us-east-1", host=None, service="sts"):
    """By botocore's signers, with the time of now."""
    host = host or f"{address[0]}:{address[1]}"
    parameters = {"Version": "2011-06-15"} | parameters
    query = get or presigned
    target = path
    if query:
        target += "?" + urllib.parse.urlencode(parameters, quote_via=urllib.parse.quote, safe="-_.~")
    body = b"" if query else urllib.parse.urlencode(parameters).encode()
    fields = dict(headers) | ({} if query else {"Content-Type": FORM})
    request = botocore.awsrequest.AWSRequest("GET" if query else "POST", f"http://{host}{target}",
                                             headers=fields, data=body)
    signer = (botocore.auth.SigV4QueryAuth(credentials, service, region, expires=300) if presigned
              else botocore.auth.SigV4Auth(credentials, service, region))
    signer.add_auth(request)
    parts = urllib.parse.urlsplit(request.url)
    return Request(request.method, parts.path + ("?" + parts.query if parts.query else ""),
                   {"Host": host} | dict(request.headers.items()), body)


def long_term():
    needs_botocore()
    return botocore.credentials.Credentials(KEY_ID, SECRET)


def random_text(rng, least=1, most=30):
    alphabet = "abcXYZ019 -_.~+/=&%?#@!'()*;:,[]éßĀ漢ﬀ😀"
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


def random_request(rng, address, credentials):
    presigned = rng.random() < 0.4
    parameters = {"Action": "GetCallerIdentity"}
    for _ in range(rng.randint(0, 4)):
        parameters["X" + random_text(rng)] = random_text(rng, 0)
    if rng.random() < 0.3:
        parameters[f"List.member.{rng.randint(1, 5)}"] = random_text(rng)
    headers = {}
    for i in range(rng.randint(0, 4)):
        value = "".join(rng.choice("abcXYZ019-_.~+/=;:,\"'()") for _ in range(rng.randint(1, 40)))
        headers[rng.choice(["X-Custom-", "x-amz-meta-", "Amz-Sdk-"]) + str(i)] = value
    if rng.random() < 0.3:
        headers["X-Spaced"] = "a   b  c"
    if rng.random() < 0.3:
        headers["x-k8s-aws-id"] = "cluster-1"
    path = rng.choice(["/", "/", "/sts", "/sts/", "/a/b"])
    return signed(address, parameters, credentials, presigned=presigned, get=rng.random() < 0.3,
                  headers=headers, path=path, region=rng.choice(["us-east-1", "eu-central-1", "dc-1"]))


def flip(text, index, bit):
    raw = bytearray(text if isinstance(text, bytes) else text.encode("latin-1"))
    raw[index] ^= 1 << bit
    return bytes(raw) if isinstance(text, bytes) else raw.decode("latin-1")


def meaning(target):
    """Targets that say the same: the signature covers what is said, not how it is encoded."""
    path, _, query = target.partition("?")
    return path, sorted(tuple(urllib.parse.unquote_plus(half, "latin-1") for half in pair.partition("=")[::2])
                        for pair in query.split("&"))


def parts_of(request):
    """Everything that the signature covers, as (name, text, put)."""
    out = [("method", request.method, lambda r, v: setattr(r, "method", v)),
           ("target", request.target, lambda r, v: setattr(r, "target", v))]
    if request.body:
        out.append(("body", request.body, lambda r, v: setattr(r, "body", v)))
    for name, value in request.headers.items():
        if name in ("User-Agent",):  # which botocore leaves unsigned
            continue
        out.append((name, value, lambda r, v, name=name: r.headers.__setitem__(name, v)))
    return out


def status_of(request, address):
    try:
        return request.send(address).status
    except (Closed, OSError):
        return 0


# ---------------------------------------------------------------------------- oracle

@case("oracle")
def what_botocore_signs_verifies_and_nothing_else(daemon):
    rng = random.Random(SEED)
    address = daemon.listeners["sts"]
    role = signed(address, {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/reader",
                            "RoleSessionName": "oracle"}, long_term()).send(address)
    equal(role.status, 200, role.text)
    found = xml.fromstring(role.text)
    ns = "{https://sts.amazonaws.com/doc/2011-06-15/}"
    given = [found.find(f".//{ns}{name}").text for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    daemon.secrets |= set(given[1:])
    temporary = botocore.credentials.Credentials(*given)
    tried = 0
    for shape in range(SHAPES):
        good = random_request(rng, address, rng.choice([long_term(), temporary]))
        said = good.send(address)
        equal(said.status, 200, f"seed {SEED}, shape {shape}: {good.target} {good.headers}\n{said.text}")
        parts = [p for p in parts_of(good) if p[1]]
        for _ in range(BITS):
            name, text, put = rng.choice(parts)
            index, bit = rng.randrange(len(text)), rng.randrange(8)
            changed = flip(text, index, bit)
            if name == "target" and meaning(changed) == meaning(text):
                continue
            if name == "Authorization" and not relevant(text, index):
                continue
            bad = Request(good.method, good.target, good.headers, good.body)
            put(bad, changed)
            status = status_of(bad, address)
            assert status != 200, f"seed {SEED}, shape {shape}: {name} {text!r} -> {changed!r} verified"
            tried += 1
    assert tried > SHAPES * BITS / 2, tried


def relevant(authorization, index):
    """Bits of names of signed headers may change their case, which means nothing."""
    start = authorization.index("SignedHeaders=") + len("SignedHeaders=")
    return not start <= index < authorization.index(", Signature=")


@case("L9", proves="S63")
def the_authenticators_proof(daemon):
    """As aws-iam-authenticator sends it: presigned, the cluster's name signed, asked for as JSON."""
    address = daemon.listeners["sts"]
    proof = signed(address, {"Action": "GetCallerIdentity"}, long_term(), presigned=True,
                   headers={"x-k8s-aws-id": "cluster-1"})
    proof.headers["Accept"] = "application/json"
    got = proof.send(address)
    equal(got.status, 200, got.text)
    equal(json.loads(got.text)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Arn"], ALICE)
    # A name in other letters counts neither twice nor instead.
    for bad in (proof.target + "&x-amz-expires=900", proof.target.replace("X-Amz-Expires", "x-amz-expires"),
                proof.target + "&action=AssumeRole"):
        request = Request("GET", bad, proof.headers, b"")
        assert request.send(address).status in (400, 403), bad


# ---------------------------------------------------------------------------- TLS

def trusting(folder, version=None):
    context = ssl.create_default_context(cafile=str(folder / "ca" / "ca.pem"))
    if version:
        context.minimum_version = context.maximum_version = version
    return context


def tls_ask(daemon, folder, request, context=None, source="127.0.0.1"):
    host, port = daemon.listeners["tls"]
    connection = http.client.HTTPSConnection(host, port, timeout=10, context=context or trusting(folder),
                                             source_address=(source, 0))
    connection.request(request.method, request.target, request.body, request.headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), connection


@case("tls-1.2", version="TLSv1_2")
@case("tls-1.3", version="TLSv1_3")
def over_tls(daemon, folder, version):
    address = daemon.listeners["tls"]
    context = trusting(folder, getattr(ssl.TLSVersion, version))
    request = signed(address, {"Action": "GetCallerIdentity"}, long_term())
    status, text, connection = tls_ask(daemon, folder, request, context)
    equal(status, 200, text)
    for _ in range(3):  # the connection is kept
        connection.request(request.method, request.target, request.body, request.headers)
        answer = connection.getresponse()
        equal((answer.status, b"alice" in answer.read()), (200, True))
    connection.close()


@case("tls-old")
def old_tls_and_no_tls(daemon, folder):
    context = trusting(folder)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    host, port = daemon.listeners["tls"]
    try:
        with socket.create_connection((host, port), 10) as plain:
            context.wrap_socket(plain, server_hostname=host)
    except (ssl.SSLError, OSError):
        pass
    else:
        raise AssertionError("TLS 1.1 was taken")
    with socket.create_connection((host, port), 10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b""
        try:
            while piece := plain.recv(4096):
                said += piece
        except ConnectionResetError:
            pass
        assert b"HTTP/1.1 2" not in said and b"Error" not in said, said


@case("tls-secure-transport")
def secure_transport(daemon, folder):
    parameters = {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/only-tls",
                  "RoleSessionName": "tls"}
    plain = signed(daemon.listeners["sts"], parameters, long_term()).send(daemon.listeners["sts"])
    equal(plain.status, 403, plain.text)
    status, text, connection = tls_ask(daemon, folder, signed(daemon.listeners["tls"], parameters, long_term()))
    connection.close()
    equal(status, 200, text)
    found = xml.fromstring(text)
    for name in ("SecretAccessKey", "SessionToken"):
        daemon.secrets.add(found.find(".//{https://sts.amazonaws.com/doc/2011-06-15/}" + name).text)


@case("tls-record", version="TLSv1_2", source="127.0.1.2")
@case("tls-record-1.3", version="TLSv1_3", source="127.0.1.3")
def the_record_says_what_tls_was_used(daemon, folder, version, source):
    """Of answers and of refusals; without TLS there is nothing to say."""
    parameters = {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/absent",
                  "RoleSessionName": version}
    unknown = botocore.credentials.Credentials("AKIAUNKNOWNUNKNOWN12", SECRET)
    for credentials in (long_term(), unknown):  # of the latter a record a minute and source
        address = daemon.listeners["tls"]
        host = f"{address[0]}:{address[1]}"
        context = trusting(folder, getattr(ssl.TLSVersion, version))
        status, text, connection = tls_ask(daemon, folder, signed(address, parameters, credentials), context,
                                           source)
        agreed = connection.sock.cipher()
        connection.close()
        equal(status, 403, text)
        wanted = re.search("<RequestId>(.*)</RequestId>", text)[1]
        [record] = wait_until(lambda: [r for r in daemon.audit() if r.get("requestID") == wanted], what="the record")
        equal(record["tlsDetails"], {"tlsVersion": version.replace("_", "."), "cipherSuite": agreed[0],
                                     "clientProvidedHostHeader": host})
    signed(daemon.listeners["sts"], parameters, long_term()).send(daemon.listeners["sts"])
    assert wait_until(lambda: [r for r in daemon.audit() if r["eventName"] == "AssumeRole"
                               and r.get("errorCode") == "AccessDenied" and "tlsDetails" not in r],
                      what="a record without TLS")


@case("tls-large")
def large_bodies_and_answers(daemon, folder):
    address = daemon.listeners["tls"]
    request = signed(address, {"Action": "GetCallerIdentity", "Ignored": "x" * 400000}, long_term())
    status, text, connection = tls_ask(daemon, folder, request)
    connection.close()
    equal(status, 200, text)


@case("tls-reload")
def reload_brings_the_new_certificate(daemon, folder):
    def serial():
        host, port = daemon.listeners["tls"]
        with socket.create_connection((host, port), 10) as plain, \
                trusting(folder).wrap_socket(plain, server_hostname=host) as secure:
            return secure.getpeercert()["serialNumber"]
    before = serial()
    address = daemon.listeners["tls"]
    request = signed(address, {"Action": "GetCallerIdentity"}, long_term())
    _, _, kept = tls_ask(daemon, folder, request)
    key_text = (folder / "sts.key").read_text()
    make_certificate(folder)
    assert daemon.reload()["ok"]
    assert serial() != before
    kept.request(request.method, request.target, request.body, request.headers)
    equal(kept.getresponse().status, 200, "connections that are open stay")
    kept.close()
    now = serial()
    (folder / "sts.key").write_text(key_text)  # which is not the certificate's
    assert not daemon.reload()["ok"]
    equal(serial(), now, "a reload that is refused changes nothing")
    assert key_text.splitlines()[1] not in daemon.log()
    make_certificate(folder)
    assert daemon.reload()["ok"]


@case("tls-drips")
def a_handshake_that_drips_has_one_deadline(daemon):
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(400)
    with socket.create_connection(daemon.listeners["tls"], 10) as plain:
        started = time.monotonic()
        try:
            for byte in hello:
                plain.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - started < 6, "held longer than header_time allows"


@case("tls-botocore")
def botocore_over_tls(daemon, folder):
    needs_botocore()
    host, port = daemon.listeners["tls"]
    client = botocore.session.Session().create_client(
        "sts", region_name="us-east-1", endpoint_url=f"https://{host}:{port}",
        verify=str(folder / "ca" / "ca.pem"), aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET)
    equal(client.get_caller_identity()["Arn"], ALICE)


# ---------------------------------------------------------------------------- the rest of the front

@case("endpoint-global", host="global.example", region="us-east-1", status=200)
@case("endpoint-global-other", proves="S51", host="global.example", region="eu-west-1", status=403)
@case("endpoint-own", host="eu.example:8443", region="eu-west-1", status=200)
@case("endpoint-own-other", proves="S51", host="EU.example", region="us-east-1", status=403)
@case("endpoint-unnamed", host="other.example", region="eu-north-1", status=200)
def endpoints(daemon, host, region, status):
    address = daemon.listeners["sts"]
    got = signed(address, {"Action": "GetCallerIdentity"}, long_term(), host=host, region=region).send(address)
    equal(got.status, status, got.text)
    if status != 200:
        assert f"Credential should be scoped to a valid region, not &apos;{region}&apos;. " in got.text \
            or f"Credential should be scoped to a valid region, not '{region}'. " in got.text, got.text


@case("disabled-region")
def a_disabled_region(daemon):
    address = daemon.listeners["sts"]
    got = signed(address, {"Action": "GetCallerIdentity"}, long_term(), region="ap-south-1").send(address)
    equal(got.status, 403, got.text)
    assert "<Code>RegionDisabledException</Code>" in got.text, got.text


@case("cross-origin")
def a_page_may_call(daemon):
    address = daemon.listeners["sts"]
    fields = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"}
    got = ask(address, build("OPTIONS", "/", fields, host="sts"))
    equal((got.status, got.get("Access-Control-Allow-Origin")), (200, fields["Origin"]))
    refused = ask(address, build("OPTIONS", "/", fields | {"Origin": "https://evil.example"}, host="sts"))
    equal((refused.status, refused.get("Access-Control-Allow-Origin")), (403, None))


@case("refusals")
def refusals_of_http_are_in_form(daemon):
    address = daemon.listeners["sts"]
    got = ask(address, build("POST", "/", {"Content-Type": FORM, "Content-Length": str(1 << 20)}, host="sts"))
    equal(got.status, 413)
    assert "<Code>RequestEntityTooLarge</Code>" in got.text and got.get("x-amzn-RequestId"), got.text


@case("throttled")
def throttled_after_a_reload(daemon, folder):
    limited = settings(folder)
    limited["issuer"]["limits"] = {"principal": {"requests_per_second": 1, "burst": 2}}
    assert daemon.reload(limited)["ok"]
    address = daemon.listeners["sts"]
    codes = [signed(address, {"Action": "GetCallerIdentity"}, long_term()).send(address) for _ in range(6)]
    assert any(c.status == 400 and "<Code>Throttling</Code>" in c.text and "Rate exceeded" in c.text
               for c in codes), [c.text for c in codes]
    assert daemon.reload(settings(folder))["ok"]


@case("F6")
def the_longest_session_can_be_presigned(daemon):
    address = daemon.listeners["sts"]
    statement = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    text = text.replace(":::", ":::" + "\u00e9" * (2048 - len(text)))
    got = signed(address, {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/reader",
                           "RoleSessionName": "n" * 64, "Policy": text}, long_term()).send(address)
    equal(got.status, 200)
    made = {e.tag.partition("}")[2]: e.text for e in xml.fromstring(got.text).iter()}
    session = botocore.credentials.Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    for how in ({}, {"presigned": True}):
        request = signed(address, {"Action": "GetCallerIdentity"}, session, **how)
        equal((how, request.send(address).status), (how, 200))
    assert len(request.target) > 4096, len(request.target)


@case("F7")
def limits_of_connections_follow_a_reload(daemon, folder):
    address = daemon.listeners["sts"]

    def served(connections):
        """How many of so many connections at once are."""
        sockets = [socket.create_connection(address, 5) for _ in range(connections)]
        try:
            count = 0
            for one in sockets:
                one.sendall(build("GET", "/", host="sts"))
                with contextlib.suppress(ConnectionError):
                    count += one.recv(1) != b""
            return count
        finally:
            for one in sockets:
                one.close()

    equal(served(4), 4)
    limited = settings(folder)
    limited["limits"]["per_peer"] = 2
    assert daemon.reload(limited)["ok"]
    wait_until(lambda: served(4) == 2)
    assert daemon.reload(settings(folder))["ok"]
    wait_until(lambda: served(4) == 4)


def make_certificate(folder):
    made, key = folder.authority.issue(["IP:127.0.0.1", "DNS:localhost"])
    (folder / "sts.pem").write_bytes(made.read_bytes())
    (folder / "sts.key").write_bytes(key.read_bytes())


if __name__ == "__main__":
    import pathlib
    import tempfile

    class Folder(type(pathlib.Path())):
        authority = None

    with tempfile.TemporaryDirectory(prefix="imdsd-tls-") as name:
        place = Folder(name)
        Folder.authority = Authority(place / "ca")
        make_certificate(place)
        with Daemon(settings(place), environment={"TEST_ALICE": SECRET}) as running:
            running.secrets.add(SECRET)
            suite.run(daemon=running, folder=place)
