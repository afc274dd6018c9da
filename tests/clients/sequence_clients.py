"""What some clients send, request by request and byte by byte: those whose way of asking broke
other servers, and what proxies make of it."""

import base64
import contextlib
import json
import os
import subprocess

import harness
from ec2_clients import CURL, KEY, RICH, WEB
from harness import HERE, IDENTITY, INSTANCE, REGION, ROLE, STRANGER, STS, USER, client
import http_raw
from daemon import TOKEN, TTL
from http_raw import wait_until
from namespaces import BASE, DAEMON_UID, LINK_LOCAL
from suite import equal

# -- s3fs ------------------------------------------------------------------------------------------

S3FS_PUT = (f"PUT /latest/api/token HTTP/1.1\r\nHost: {LINK_LOCAL}\r\n"
            "User-Agent: s3fs/1.90 (commit hash unknown; OpenSSL)\r\nAccept: */*\r\n"
            f"{TTL}: 21600\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n").encode()
S3FS_GET = (f"GET {BASE}{ROLE} HTTP/1.1\r\nHost: {LINK_LOCAL}\r\n"
            "User-Agent: s3fs/1.90 (commit hash unknown; OpenSSL)\r\nAccept: */*\r\n"
            f"{TOKEN}: %s\r\n\r\n")


def ask_like_s3fs(waits):
    """Both requests on one connection: the end of the empty chunked body comes when the server has
    said "100 Continue", or with the head. Returns (100 was said, status, document's Code)."""
    with http_raw.Connection((LINK_LOCAL, 80)) as connection:
        said = False
        connection.send(S3FS_PUT if waits else S3FS_PUT + b"0\r\n\r\n")
        if waits:
            said = connection.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.send(b"0\r\n\r\n")
        token = connection.receive()
        assert token.status == 200, token
        answer = connection.exchange((S3FS_GET % token.text).encode())
        again = connection.exchange((S3FS_GET % token.text).encode())
        equal(again.body, answer.body)
        return said, answer.status, json.loads(answer.text)["Code"]


@client("s3fs-put")
def s3fs_put(host):
    host.version = "the bytes of s3fs 1.90"
    equal(host.world.run("host", ask_like_s3fs, True, uid=USER), (True, 200, "Success"))
    equal(host.world.run("host", ask_like_s3fs, False, uid=USER), (False, 200, "Success"))
    host.check()


# -- GDAL ------------------------------------------------------------------------------------------


def ask_like_gdal():
    with http_raw.Connection((LINK_LOCAL, 80)) as connection:
        token = connection.exchange(http_raw.build("PUT", "/latest/api/token", {TTL: "10"},
                                                   host=LINK_LOCAL))
        role = connection.exchange(http_raw.build("GET", BASE, {TOKEN: token.text},
                                                  host=LINK_LOCAL))
        return token.status, token.get(TTL), role.text


@client("gdal-ttl")
def gdal_ttl(host):
    host.version = "the requests of GDAL 3.6"
    equal(host.world.run("host", ask_like_gdal, uid=USER), (200, "10", ROLE))


# -- proxies ---------------------------------------------------------------------------------------

AWS = ("/usr/bin/aws", "--endpoint-url", STS, "--region", "us-east-1", "--output", "json",
       "sts", "get-caller-identity")


@client("http-proxy")
def http_proxy(host):
    # Somebody's proxy setting leads to the daemon's own loopback listener: requests come there in
    # absolute form, and are answered.
    harness.need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    ours = {"HTTP_PROXY": "http://127.0.0.1:1338", "http_proxy": "http://127.0.0.1:1338"}
    token = host.run(*CURL, "-X", "PUT", f"{WEB}/latest/api/token", "-H", f"{TTL}: 60", **ours)
    equal(host.run(*CURL, "-H", f"{TOKEN}: {token}", f"{WEB}/latest/meta-data/instance-id", **ours),
          INSTANCE)
    before = host.counters()["requests"]
    answer = json.loads(host.run(*AWS, NO_PROXY="127.0.0.1", **ours))
    equal(answer["Arn"], IDENTITY)
    assert host.counters()["requests"] >= before + 3
    host.check()
    # A name that is not the daemon's gets nothing that way (DNS rebinding, with more effort).
    done = host.attempt(*CURL, "-X", "PUT", "http://elsewhere.test/latest/api/token",
                        "-H", f"{TTL}: 60", **ours)
    assert done.returncode == 22 and "403" in done.stderr, done


@contextlib.contextmanager
def forward_proxy(host, namespace, address):
    """Run by a user who is bound to nothing, as proxies are."""
    words = ["nsenter", f"--net={host.world.path(namespace)}", "/usr/bin/python3", "-B",
             str(HERE / "programs/forward_proxy.py"), address, "3128"]
    log = host.daemon.folder / "proxy.log"
    process = subprocess.Popen(
        words if namespace != "host" else
        host.inside("/usr/bin/python3", "-B", host.code / "programs/forward_proxy.py", address,
                    "3128", uid=STRANGER),
        stdin=subprocess.DEVNULL, stdout=log.open("w"), stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "ready" in log.read_text(), what="the proxy")
        yield lambda: log.read_text().splitlines()[1:]
    finally:
        process.kill()
        process.wait()


def gets_nothing_but_around_it(host, url, lines):
    proxied = {"HTTP_PROXY": url, "http_proxy": url}
    done = host.attempt(*AWS, NO_PROXY="127.0.0.1", **proxied)
    assert done.returncode != 0 and "Arn" not in done.stdout, done
    assert any(LINK_LOCAL in line for line in lines()), "the program did not use its proxy"
    assert not any(line.endswith(" 200") for line in lines()), lines()
    equal(host.daemon.hand_outs(), [])
    answer = json.loads(host.run(*AWS, NO_PROXY=f"127.0.0.1,{LINK_LOCAL}", **proxied))
    equal(answer["Arn"], IDENTITY)


@client("proxy-on-the-host")
def proxy_on_the_host(host):
    # What comes through it is the proxy's, who is nobody here; and says that it is forwarded.
    harness.need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    with forward_proxy(host, "host", "127.0.0.1") as lines:
        gets_nothing_but_around_it(host, "http://127.0.0.1:3128", lines)


@client("proxy-on-the-lan")
def proxy_on_the_lan(host):
    harness.need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    host.world.add("lan")
    _, device = host.world.link("host", "lan", ["10.9.0.1/24"], ["10.9.0.2/24"])
    host.world.ip("lan", "route", "add", f"{LINK_LOCAL}/32", "via", "10.9.0.1", "dev", device)
    with forward_proxy(host, "lan", "10.9.0.2") as lines:
        gets_nothing_but_around_it(host, "http://10.9.0.2:3128", lines)


# -- EC2 Instance Connect --------------------------------------------------------------------------

EIC_CURL = ("curl", "-s", "-f", "-m", "1")


class InstanceConnect:
    """The requests of eic_curl_authorized_keys and its wrapper, in their order (spec 5.18)."""

    def __init__(self, host):
        self.host = host
        self.token = host.run(*EIC_CURL, "-X", "PUT", "-H", f"{TTL}: 5", f"{WEB}/latest/api/token")

    def get(self, path, *more, **options):
        return self.host.attempt(*EIC_CURL, "-H", f"{TOKEN}: {self.token}", *more,
                                 f"{WEB}/latest/meta-data/{path}", **options)

    def identity(self):
        equal(self.get("instance-id/").stdout, INSTANCE)

    def active(self, user):
        """The status code of its look for keys."""
        return self.get(f"managed-ssh-keys/active-keys/{user}/", "-o", "/dev/null", "-I",
                        "-w", "%{http_code}").stdout

    def place(self):
        equal(self.get("placement/availability-zone/").stdout, f"{REGION}a")
        equal(self.get("services/domain/").stdout, "amazonaws.com")


@client("instance-connect-without-keys", **RICH)
def instance_connect_without_keys(host):
    host.version = "the requests of EC2 Instance Connect"
    connect = InstanceConnect(host)
    connect.identity()
    equal(connect.active("admin"), "404")
    connect.place()


def with_signer(host):
    """The profile with a signer's certificate and one OCSP response, whose bytes are returned: they
    are handed on, whatever they are."""
    folder = host.daemon.folder
    response = bytes(range(256))
    (folder / "ocsp.der").write_bytes(response)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", f"/CN=managed-ssh-signer.{REGION}.amazonaws.com",
                    "-keyout", str(folder / "signer.key"), "-out", str(folder / "signer.pem")],
                   check=True, capture_output=True)
    for name in ("ocsp.der", "signer.key", "signer.pem"):
        os.chown(folder / name, DAEMON_UID, DAEMON_UID)
    profile = RICH["profiles"][ROLE] | {"instance_connect": {
        "signer_certificate": str(folder / "signer.pem"),
        "signer_key": str(folder / "signer.key"),
        "signer_ocsp": {"0123ABCD": str(folder / "ocsp.der")}}}
    done = host.daemon.reload(harness.settings(profiles={ROLE: profile}))
    assert done["ok"], done
    return (folder / "signer.pem").read_text(), response


@client("instance-connect", proves="E15", **RICH)
def instance_connect(host):
    host.version = "the requests of EC2 Instance Connect"
    certificate, response = with_signer(host)
    code, out, err = host.daemon.cli("event", "ssh-key", "--profile", ROLE, "--user", "admin",
                                     "--key", KEY)
    equal(code, 0, out + err)
    connect = InstanceConnect(host)
    connect.identity()
    equal((connect.active("admin"), connect.active("root")), ("200", "404"))
    connect.place()
    equal(connect.get("managed-ssh-keys/signer-cert/").stdout, certificate)
    names = connect.get("managed-ssh-keys/signer-ocsp/").stdout.split()
    equal(names, ["0123ABCD"])
    equal(base64.b64decode(connect.get("managed-ssh-keys/signer-ocsp/0123ABCD").stdout), response)
    assert KEY in connect.get("managed-ssh-keys/active-keys/admin/").stdout


if __name__ == "__main__":
    harness.main()
