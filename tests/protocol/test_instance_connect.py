#!/usr/bin/env python3
"""EC2 Instance Connect: the requests of its client in order, and what it verifies with openssl."""

import base64
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import fixture

from daemon import Daemon, TOKEN, TTL, configuration
from http_raw import build
from suite import Suite, equal

suite = Suite()
case = suite.case

META = "/latest/meta-data/"
USER = "ec2-user"
KEYS = META + f"managed-ssh-keys/active-keys/{USER}/"
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustATestKeyWithNoMeaningAtAll0000000000001 me"


def openssl(*words, folder, **more):
    done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def make_signer(folder):
    """A root, the signer's certificate under it, and the root's word that it is not revoked."""
    (folder / "signer.cnf").write_text("basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
                                       "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem",
            "-subj", "/CN=imdsd test root", "-days", "2", "-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
            folder=folder)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "signer.key", "-out", "signer.csr",
            "-subj", "/CN=managed-ssh-signer.us-east-1.amazonaws.com", folder=folder)
    openssl("x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "4711",
            "-days", "2", "-extfile", "signer.cnf", "-out", "signer.pem", folder=folder)
    subject = openssl("x509", "-in", "signer.pem", "-noout", "-serial", folder=folder).strip().split("=")[1]
    (folder / "index.txt").write_text(
        f"V\t{time.strftime('%y%m%d%H%M%SZ', time.gmtime(time.time() + 86400))}\t\t{subject}\tunknown\t/CN=x\n")
    openssl("ocsp", "-issuer", "root.pem", "-cert", "signer.pem", "-reqout", "request.der", "-no_nonce", folder=folder)
    openssl("ocsp", "-index", "index.txt", "-rsigner", "root.pem", "-rkey", "root.key", "-CA", "root.pem",
            "-reqin", "request.der", "-respout", "response.der", "-ndays", "1", folder=folder)
    (folder / "chain.pem").write_text((folder / "signer.pem").read_text() + (folder / "root.pem").read_text())
    print_ = openssl("x509", "-in", "signer.pem", "-noout", "-fingerprint", "-sha1", folder=folder)
    return print_.strip().split("=")[1].replace(":", "")


def settings(folder, fingerprint, **connect):
    profile = fixture.profile(http_tokens="required")
    profile["instance_connect"] = {
        "signer_certificate": str(folder / "chain.pem"), "signer_key": str(folder / "signer.key"),
        "signer_ocsp": {fingerprint: str(folder / "response.der")}} | connect
    return configuration({"imds": profile})


def push(daemon, *words):
    code, out, err = daemon.cli("event", "ssh-key", "--user", USER, *words, "-o", "json")
    equal(code, 0, err)
    return json.loads(out)["event"]["id"]


def session(daemon):
    """Asks on a connection of its own each time, with a token that lives five seconds, as curl does."""
    token = daemon.ask("imds", "PUT", "/latest/api/token", {TTL: "5"}).text
    daemon.secrets.add(token)

    def request(path, method="GET"):
        with daemon.connect() as c:
            return c.exchange(build(method, path, {TOKEN: token}))
    return request


def blocks_of(text):
    """(signed lines, signature) of each key, as the client's parser takes them apart."""
    found = []
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        at = next((i for i, line in enumerate(lines) if line.startswith("ssh")), None)
        if at is not None:
            found.append(("\n".join(lines[: at + 1]) + "\n", base64.b64decode("".join(lines[at + 1:]))))
    return found


def verify(folder, signed, signature):
    (folder / "data").write_text(signed)
    (folder / "signature").write_bytes(signature)
    openssl("x509", "-in", "signer.pem", "-pubkey", "-noout", "-out", "signer.pub", folder=folder)
    done = subprocess.run(["openssl", "dgst", "-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
                           "rsa_pss_saltlen:32", "-verify", "signer.pub", "-signature", "signature", "data"],
                          cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


@case("V42")
def no_keys_no_answer(daemon):
    request = session(daemon)
    instance = request(META + "instance-id/")
    assert re.fullmatch(r"i-[0-9a-f]{8,32}", instance.text), instance
    equal(request(KEYS, "HEAD").status, 404)


@case("E15")
def whole_sequence(daemon, folder, fingerprint):
    event = push(daemon, "--key", SSH_KEY)
    request = session(daemon)
    instance = request(META + "instance-id/").text
    equal(request(KEYS, "HEAD").status, 200)
    zone = request(META + "placement/availability-zone/").text
    assert re.fullmatch(r"([a-z]+-){2,3}[0-9][a-z]", zone), zone
    domain = request(META + "services/domain/").text
    certificate = request(META + "managed-ssh-keys/signer-cert/").text
    equal(certificate, (folder / "chain.pem").read_text())
    subject = openssl("x509", "-noout", "-subject", input=certificate, folder=folder)
    openssl("verify", "-x509_strict", "-CAfile", "root.pem", "signer.pem", folder=folder)
    equal(re.search(r"CN\s*=\s*(\S+)", subject)[1], f"managed-ssh-signer.{zone[:-1]}.{domain}")
    equal(request(META + "managed-ssh-keys/signer-ocsp/").text.split(), [fingerprint])
    staple = base64.b64decode(request(META + f"managed-ssh-keys/signer-ocsp/{fingerprint}").body)
    (folder / "staple.der").write_bytes(staple)
    said = openssl("ocsp", "-no_nonce", "-issuer", "root.pem", "-cert", "signer.pem", "-VAfile", "root.pem",
                   "-respin", "staple.der", folder=folder)
    assert said.startswith("signer.pem: good"), said

    blocks = blocks_of(request(KEYS).text)
    equal(len(blocks), 1)
    signed, signature = blocks[0]
    lines = signed.splitlines()
    equal(lines[1:], [f"#Instance={instance}", SSH_KEY])
    left = int(lines[0].removeprefix("#Timestamp=")) - time.time()
    assert 50 < left <= 60, left
    assert verify(folder, signed, signature)
    assert not verify(folder, signed.replace("me", "you"), signature)
    code, _, err = daemon.cli("event", "cancel", event)
    equal(code, 0, err)
    equal(request(KEYS, "HEAD").status, 404)


@case("E15l")
def a_list_that_is_signed_already(daemon, folder):
    """Whoever pushes may sign for himself: that list goes out byte for byte."""
    mine = f"#Timestamp=1\n#Instance=i-1\n{SSH_KEY}\nc2lnbmF0dXJl\n\n"
    path = folder / "list"
    path.write_text(mine + "\n")
    first, second = push(daemon, "--key-file", str(path)), push(daemon, "--key", SSH_KEY)
    text = session(daemon)(KEYS).text
    assert text.startswith(mine), text
    equal(len(blocks_of(text)), 2)
    for event in (first, second):
        daemon.cli("event", "cancel", event)


@case("errors")
def unfit_signers_are_errors(daemon, folder, fingerprint):
    good = settings(folder, fingerprint)
    for connect in ({"signer_key": str(folder / "root.pem")}, {"signer_certificate": str(folder / "signer.key")},
                    {"signer_ocsp": {"a/b": str(folder / "response.der")}}, {"signer_key": str(folder / "none")}):
        said = daemon.reload(settings(folder, fingerprint, **connect))
        equal(said["ok"], False, connect)
        assert "PRIVATE KEY" not in daemon.log()
    equal(daemon.reload(good)["ok"], True)


if __name__ == "__main__":
    if not shutil.which("openssl"):
        print("needs the openssl program")
        raise SystemExit(0)
    with tempfile.TemporaryDirectory(prefix="imdsd-connect-") as name:
        place = pathlib.Path(name)
        sha1 = make_signer(place)
        with Daemon(settings(place, sha1)) as running:
            suite.run(daemon=running, folder=place, fingerprint=sha1)
