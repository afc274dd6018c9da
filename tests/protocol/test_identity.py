#!/usr/bin/env python3
"""The instance identity document's signatures, verified as its users do, with the openssl program; and
the credentials that an instance has of itself. Case ids are those of the conformance specification."""

import base64
import json
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import threading

import fixture

from daemon import ACCOUNT, BINARY, SANITIZED, START_LIMIT, Daemon, configuration
from http_raw import ask, build, wait_until
from sigv4 import Key, sign
from suite import Suite, equal

suite = Suite()
case = suite.case

IDENTITY = "/latest/dynamic/instance-identity/"
OWN = "/latest/meta-data/identity-credentials/ec2/"
KINDS = ("signature", "pkcs7", "rsa2048")
KEY_ORDER = ["accountId", "architecture", "availabilityZone", "billingProducts", "devpayProductCodes",
             "marketplaceProductCodes", "imageId", "instanceId", "instanceType", "kernelId", "pendingTime",
             "privateIp", "ramdiskId", "region", "version"]
KEY_LIMIT = 120 if SANITIZED else 30


def settings(instance=None, **more):
    return configuration({"imds": fixture.profile(instance), "bare": fixture.profile(instance, role=None)},
                         **more)


def read(daemon, leaf, listener="imds"):
    """Waits for the keys at the first start."""
    def answered():
        answer = daemon.get(listener, IDENTITY + leaf)
        if answer.status == 503:
            equal(answer.get("Retry-After"), "1")
            return None
        equal(answer.status, 200, leaf)
        return answer
    return wait_until(answered, KEY_LIMIT, leaf).body


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, timeout=60)


def certificate(daemon, kind, folder):
    code, out, err = daemon.cli("identity", "certificate", "--kind", kind)
    equal(code, 0, err)
    path = pathlib.Path(folder) / f"{kind}.pem"
    path.write_text(out)
    return str(path)


def armour(body):
    return b"-----BEGIN PKCS7-----\n" + body + b"\n-----END PKCS7-----\n"


def smime(body, *more):
    return openssl("smime", "-verify", "-inform", "PEM", "-noverify", *more, data=armour(body))


def signature_verifies(document, signature, certificate_file, folder):
    public = openssl("x509", "-in", certificate_file, "-pubkey", "-noout").stdout
    (folder / "public.pem").write_bytes(public)
    (folder / "signature.bin").write_bytes(base64.b64decode(signature))
    done = openssl("dgst", "-sha256", "-verify", str(folder / "public.pem"), "-signature",
                   str(folder / "signature.bin"), data=document)
    return done.returncode == 0


class Fixture:
    """One daemon for the cases that only read."""
    def __init__(self, daemon, folder):
        self.daemon = daemon
        self.folder = pathlib.Path(folder)

    def certificate(self, kind):
        return certificate(self.daemon, kind, self.folder)


@case("D01")
def document_has_its_keys_in_order(f):
    answer = f.daemon.get("imds", IDENTITY + "document")
    equal(answer.status, 200)
    equal(answer.get("Content-Type"), "text/plain")
    assert not answer.body.endswith(b"\n")
    lines = answer.text.split("\n")
    equal([lines[0], lines[-1]], ["{", "}"])
    equal([re.match(r'  "(\w+)" : ', line)[1] for line in lines[1:-1]], KEY_ORDER)
    equal(list(json.loads(answer.body)), KEY_ORDER)


@case("D02")
def unset_values_are_null(f):
    document = json.loads(read(f.daemon, "document"))
    for name in ("billingProducts", "devpayProductCodes", "marketplaceProductCodes", "kernelId", "ramdiskId"):
        equal(document[name], None, name)


@case("signatures")
def content_type_and_listing(f):
    for leaf in KINDS:
        read(f.daemon, leaf)
        answer = f.daemon.get("imds", IDENTITY + leaf)
        equal(answer.get("Content-Type"), "text/plain")
        equal(answer.get("Last-Modified"),
              f.daemon.get("imds", IDENTITY + "document").get("Last-Modified"))
    equal(f.daemon.get("imds", IDENTITY).text, "document\npkcs7\nrsa2048\nsignature")
    equal(f.daemon.get("imds", "/2009-04-04/dynamic/instance-identity/").text,
          "document\npkcs7\nrsa2048\nsignature")


@case("lines")
def base64_is_wrapped_at_76_without_a_last_newline(f):
    for leaf in KINDS:
        lines = read(f.daemon, leaf).split(b"\n")
        assert all(len(line) == 76 for line in lines[:-1]), leaf
        assert 0 < len(lines[-1]) <= 76, leaf
        base64.b64decode(b"".join(lines), validate=True)


@case("signature")
def signature_is_rsa_1024_with_sha_256(f):
    document, signature = read(f.daemon, "document"), read(f.daemon, "signature")
    equal(len(signature), 174)
    equal(len(base64.b64decode(signature)), 128)
    assert signature_verifies(document, signature, f.certificate("signature"), f.folder)


@case("D06")
def changed_document_is_noticed(f):
    document, signature = read(f.daemon, "document"), read(f.daemon, "signature")
    known = f.certificate("signature")
    assert not signature_verifies(document + b"\n", signature, known, f.folder)
    for at in range(0, len(document), 97):
        changed = bytearray(document)
        changed[at] ^= 1
        assert not signature_verifies(bytes(changed), signature, known, f.folder), at
    for kind in ("pkcs7", "rsa2048"):
        der = bytearray(base64.b64decode(read(f.daemon, kind)))
        at = der.find(document)
        assert at > 0, kind
        der[at + 20] ^= 1
        done = smime(base64.encodebytes(bytes(der)).strip(), "-certfile", f.certificate(kind))
        assert done.returncode != 0, kind


@case("D07", kind="pkcs7")
@case("D08", kind="rsa2048")
def signed_data_verifies(f, kind):
    document, body = read(f.daemon, "document"), read(f.daemon, kind)
    known = f.certificate(kind)
    done = smime(body, "-certfile", known)
    equal(done.returncode, 0, done.stderr)
    equal(done.stdout, document)
    der = base64.b64decode(body)
    done = openssl("cms", "-verify", "-inform", "DER", "-certfile", known, "-noverify", "-binary", data=der)
    equal(done.returncode, 0, done.stderr)
    equal(done.stdout, document)


@case("form")
def signed_data_has_the_form_of_ec2(f):
    shown = {}
    for kind in ("pkcs7", "rsa2048"):
        der = base64.b64decode(read(f.daemon, kind))
        # Indefinite lengths, and three ends at the end: the text ends in a run of A.
        assert der.startswith(b"\x30\x80") and der.endswith(b"\0" * 6), kind
        parsed = openssl("asn1parse", "-inform", "DER", data=der).stdout.decode()
        shown[kind] = parsed
        for name in ("contentType", "signingTime", "messageDigest", "1.2.840.113549.1.9.52"):
            equal(parsed.count(f":{name}\n"), 1, f"{kind} {name}")
        serial = openssl("x509", "-in", f.certificate(kind), "-noout", "-serial").stdout.decode()
        assert f":{serial.strip().split('=')[1]}\n" in parsed, (kind, serial)
    times = {re.search(r"UTCTIME\s+:(\w+)", text)[1] for text in shown.values()}
    equal(len(times), 1, "one signing time")
    assert ":sha1\n" in shown["pkcs7"] and ":dsaWithSHA1\n" in shown["pkcs7"]
    assert ":sha256\n" in shown["rsa2048"] and ":sha256WithRSAEncryption\n" in shown["rsa2048"]
    assert re.search(r"l= 256 prim: OCTET STRING", shown["rsa2048"])


@case("D10")
def without_the_certificate_nothing_verifies(f):
    for kind, other in (("pkcs7", "rsa2048"), ("rsa2048", "pkcs7")):
        body = read(f.daemon, kind)
        assert smime(body).returncode != 0, kind
        assert smime(body, "-certfile", f.certificate(other)).returncode != 0, kind


@case("D11")
def a_hundred_reads_are_equal(f):
    for leaf in ("document", *KINDS):
        first = read(f.daemon, leaf)
        for _ in range(99):
            equal(f.daemon.get("imds", IDENTITY + leaf).body, first, leaf)


@case("D12")
def restart_signs_anew_with_the_same_keys():
    with Daemon(settings({"pending_time": "2026-01-02T03:04:05Z"})) as daemon, \
            tempfile.TemporaryDirectory() as folder:
        before = {leaf: read(daemon, leaf) for leaf in ("document", *KINDS)}
        known = {kind: certificate(daemon, kind, folder) for kind in KINDS}
        other = read(daemon, "signature", "bare")
        # The same document has the same signatures, whoever asks and through a reload.
        equal(other, before["signature"])
        equal(daemon.reload()["ok"], True)
        equal({leaf: read(daemon, leaf) for leaf in before}, before)

        daemon.stop()
        daemon.write(settings({"pending_time": "2026-01-02T04:05:06Z"}))
        daemon.start()
        after = {leaf: read(daemon, leaf) for leaf in before}
        equal(json.loads(after["document"])["pendingTime"], "2026-01-02T04:05:06Z")
        for leaf in before:
            assert after[leaf] != before[leaf], leaf
        for kind in ("pkcs7", "rsa2048"):
            done = smime(after[kind], "-certfile", known[kind])
            equal((done.returncode, done.stdout), (0, after["document"]), kind)
        assert signature_verifies(after["document"], after["signature"], known["signature"],
                                  pathlib.Path(folder))


@case("D12r")
def reload_signs_a_changed_document():
    with Daemon(settings()) as daemon, tempfile.TemporaryDirectory() as folder:
        before = read(daemon, "document"), read(daemon, "rsa2048")
        equal(daemon.reload(settings({"type": "c7i.large"}))["ok"], True)
        document, body = read(daemon, "document"), read(daemon, "rsa2048")
        equal(json.loads(document)["instanceType"], "c7i.large")
        assert before != (document, body)
        done = smime(body, "-certfile", certificate(daemon, "rsa2048", folder))
        equal((done.returncode, done.stdout), (0, document))
        # Back to what it was: signed again, and it verifies again.
        equal(daemon.reload(settings())["ok"], True)
        done = smime(read(daemon, "rsa2048"), "-certfile", f"{folder}/rsa2048.pem")
        equal((done.returncode, done.stdout), (0, before[0]))


@case("D13")
def document_agrees_with_the_metadata(f):
    document = json.loads(read(f.daemon, "document"))
    for key, path in (("privateIp", "local-ipv4"), ("instanceType", "instance-type"),
                      ("region", "placement/region"), ("availabilityZone", "placement/availability-zone"),
                      ("instanceId", "instance-id"), ("imageId", "ami-id")):
        equal(document[key], f.daemon.get("imds", "/latest/meta-data/" + path).text, key)
    equal(document["accountId"], ACCOUNT)


@case("profiles")
def profiles_have_documents_of_their_own():
    two = configuration({"one": fixture.profile(), "two": fixture.profile({"id": "i-0fedcba9876543210"})})
    with Daemon(two) as daemon, tempfile.TemporaryDirectory() as folder:
        bodies = {name: read(daemon, "rsa2048", name) for name in ("one", "two")}
        known = certificate(daemon, "rsa2048", folder)
        for name, body in bodies.items():
            done = smime(body, "-certfile", known)
            equal((done.returncode, done.stdout), (0, read(daemon, "document", name)), name)
        assert bodies["one"] != bodies["two"]


@case("D15")
def dsa2048_is_not_there(f):
    equal(f.daemon.get("imds", IDENTITY + "dsa2048").status, 404)


@case("D16")
def monitoring_is_there_when_it_is_configured():
    with Daemon(settings({"monitoring": "enabled"})) as daemon:
        equal(daemon.get("imds", "/latest/dynamic/fws/instance-monitoring").text, "enabled")
        equal(daemon.get("imds", "/latest/dynamic/").text, "fws/\ninstance-identity/")
        equal(daemon.reload(settings())["ok"], True)
        equal(daemon.get("imds", "/latest/dynamic/fws/instance-monitoring").status, 404)
        equal(daemon.get("imds", "/latest/dynamic/").text, "instance-identity/")


# -- keys ---------------------------------------------------------------------------------------


@case("key-files")
def keys_are_private_and_stay(f):
    read(f.daemon, "signature")
    for kind in KINDS:
        path = f.daemon.state / f"identity-{kind}.pem"
        equal(stat.S_IMODE(path.stat().st_mode), 0o600, kind)
        text = path.read_text()
        equal(text.count("PRIVATE KEY-----"), 2, kind)
        secret = text.split("\n")[1]
        assert secret not in f.daemon.log(), kind
        equal(f.certificate(kind) and pathlib.Path(f.certificate(kind)).read_text(),
              text[text.index("-----BEGIN CERTIFICATE"):], kind)


@case("key-damaged")
def damaged_key_prevents_the_start_and_is_named():
    with Daemon(settings()) as daemon:
        read(daemon, "signature")
        daemon.stop()
        path = daemon.state / "identity-rsa2048.pem"
        good = path.read_text()

        def refused(text, mode=0o600, file=path):
            file.write_text(text)
            file.chmod(mode)
            done = subprocess.run([BINARY, "serve", "--config", str(daemon.config_file)],
                                  capture_output=True, text=True, env=daemon.environment,
                                  timeout=START_LIMIT)
            equal(done.returncode, 1, done.stderr)
            assert str(file) in done.stderr, done.stderr
            assert good.split("\n")[1] not in done.stderr
            equal(file.read_text(), text, "it is left alone")

        refused(good[:500])
        refused("")
        refused(good.replace("-----BEGIN CERTIFICATE", "-----BEGIN NOTHING"))
        refused(good, mode=0o644)
        other = (daemon.state / "identity-signature.pem").read_text()
        refused(other)  # RSA, but too short
        refused(good[:good.index("-----BEGIN CERT")] + other[other.index("-----BEGIN CERT"):])
        path.write_text(good)
        daemon.start()
        read(daemon, "signature")


@case("key-lost")
def one_lost_key_is_made_anew():
    with Daemon(settings()) as daemon, tempfile.TemporaryDirectory() as folder:
        read(daemon, "signature")
        kept = (daemon.state / "identity-rsa2048.pem").read_text()
        daemon.stop()
        (daemon.state / "identity-pkcs7.pem").unlink()
        daemon.start()
        done = smime(read(daemon, "pkcs7"), "-certfile", certificate(daemon, "pkcs7", folder))
        equal((done.returncode, done.stdout), (0, read(daemon, "document")))
        equal((daemon.state / "identity-rsa2048.pem").read_text(), kept)


@case("key-own")
def operators_may_bring_keys_of_their_own():
    with Daemon(settings(), start=False) as daemon, tempfile.TemporaryDirectory() as folder:
        daemon.state.mkdir(mode=0o700, parents=True)
        path = daemon.state / "identity-signature.pem"
        done = openssl("req", "-x509", "-newkey", "rsa:3072", "-nodes", "-subj", "/O=example/CN=own",
                       "-days", "30", "-keyout", f"{folder}/key", "-out", f"{folder}/cert")
        equal(done.returncode, 0, done.stderr)
        path.write_text(pathlib.Path(folder, "key").read_text() + pathlib.Path(folder, "cert").read_text())
        path.chmod(0o600)
        daemon.start()
        signature = read(daemon, "signature")
        equal(len(base64.b64decode(signature)), 384)
        assert signature_verifies(read(daemon, "document"), signature, f"{folder}/cert", pathlib.Path(folder))


@case("key-busy")
def nothing_else_waits_for_the_keys():
    """While keys are made the document and credentials are served; signatures are 200 or 503."""
    with Daemon(settings()) as daemon:
        seen, faults = [], []

        def reader(leaf):
            try:
                for _ in range(20):
                    answer = daemon.get("imds", IDENTITY + leaf)
                    seen.append((leaf, answer.status, answer.body))
                    if answer.status == 503:
                        equal(answer.get("Retry-After"), "1")
            except Exception as error:  # noqa: BLE001 - reported below
                faults.append(error)
        threads = [threading.Thread(target=reader, args=(leaf,)) for leaf in (*KINDS, "document") * 3]
        for thread in threads:
            thread.start()
        daemon.credentials()
        for thread in threads:
            thread.join()
        assert not faults, faults
        equal({status for leaf, status, _ in seen if leaf == "document"}, {200})
        assert {status for _, status, _ in seen} <= {200, 503}
        for leaf in KINDS:
            final = read(daemon, leaf)
            equal({body for name, status, body in seen if name == leaf and status == 200} - {final}, set())


@case("certificates")
def certificates_from_the_daemon_and_from_the_files():
    with Daemon(settings()) as daemon:
        read(daemon, "signature")
        code, online, err = daemon.cli("identity", "certificate", "-o", "json")
        equal(code, 0, err)
        online = json.loads(online)
        equal([one["kind"] for one in online["certificates"]], list(KINDS))
        equal(len({one["serial_number"] for one in online["certificates"]}), 3)
        equal(len({one["subject"] for one in online["certificates"]}), 1)
        code, text, err = daemon.cli("identity", "certificate")
        equal((code, text.count("BEGIN CERTIFICATE")), (0, 3), err)
        assert "PRIVATE" not in text
        daemon.stop()
        words = ("identity", "certificate", "-o", "json", "--config", str(daemon.config_file))
        code, offline, err = daemon.cli(*words, socket=False)
        equal(code, 0, err)
        equal(json.loads(offline), online)
        equal(err, "")
        code, _, err = daemon.cli("identity", "certificate", "--kind", "dsa2048")
        equal(code, 2, err)
        (daemon.state / "identity-pkcs7.pem").unlink()
        code, _, err = daemon.cli(*words, socket=False)
        equal(code, 4, err)
        assert "identity-pkcs7.pem" in err, err
        daemon.start()


# -- the instance's own credentials ---------------------------------------------------------------


def own_credentials(daemon, listener):
    def answered():
        answer = daemon.get(listener, OWN + "security-credentials/ec2-instance")
        return answer if answer.status == 200 else equal(answer.status, 503)
    document = json.loads(wait_until(answered, START_LIMIT, "credentials").body)
    daemon.secrets.update((document["SecretAccessKey"], document["Token"]))
    return document


def call(daemon, key, body):
    host, port = daemon.listeners["sts"]
    body = (body + "&Version=2011-06-15").encode()
    headers = sign(key, "POST", "/", {"Host": f"{host}:{port}", "Content-Type":
                                      "application/x-www-form-urlencoded"}, body)
    return ask((host, port), build("POST", "/", headers | {"Content-Length": str(len(body))}, body, host=None))


@case("V41", listener="bare")
@case("V41r", listener="imds")
def instance_has_credentials_of_its_own(f, listener):
    document = own_credentials(f.daemon, listener)
    equal(list(document), ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"])
    equal(document["Code"], "Success")
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", document["AccessKeyId"])
    body = f.daemon.get(listener, OWN + "security-credentials/ec2-instance").text
    assert body.startswith('{\n  "Code" : "Success",\n  "LastUpdated" : "') and body.endswith('"\n}')
    info = json.loads(f.daemon.get(listener, OWN + "info").body)
    equal(info, {"Code": "Success", "LastUpdated": document["LastUpdated"], "AccountId": ACCOUNT})
    equal(list(info), ["Code", "LastUpdated", "AccountId"])
    equal(f.daemon.get(listener, OWN).text, "info\nsecurity-credentials/")
    equal(f.daemon.get(listener, OWN + "security-credentials/").text, "ec2-instance")


@case("own-who", listener="bare")
def instance_credentials_name_the_instance_and_permit_nothing(f, listener):
    key = Key.of(own_credentials(f.daemon, listener))
    answer = call(f.daemon, key, "Action=GetCallerIdentity")
    equal(answer.status, 200, answer.text)
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-instance/{fixture.INSTANCE['id']}"
    assert f"<Arn>{arn}</Arn>" in answer.text, answer.text
    assert re.search(rf"<UserId>AROA[A-Z2-7]{{17}}:{fixture.INSTANCE['id']}</UserId>", answer.text)
    for role in (fixture.ROLE, "open-to-the-account", "there-is-none"):
        answer = call(f.daemon, key, "Action=AssumeRole&RoleSessionName=try&RoleArn="
                      f"arn%3Aaws%3Aiam%3A%3A{ACCOUNT}%3Arole%2F{role}")
        equal(answer.status, 403, answer.text)
        assert "AccessDenied" in answer.text, answer.text


@case("own-audit", listener="bare")
def instance_credentials_are_audited(f, listener):
    document = own_credentials(f.daemon, listener)

    def recorded():
        return [r for r in f.daemon.audit() if document["AccessKeyId"] in json.dumps(r)]
    records = wait_until(lambda: len(recorded()) >= 2 and recorded(), START_LIMIT, "audit records")
    names = [r["eventName"] for r in records]
    assert "AssumeRole" in names, names
    handed = [r for r in records if r["eventName"] != "AssumeRole"]
    assert any("assumed-role/aws:ec2-instance/" in json.dumps(r) for r in handed), handed


@case("versions")
def instance_credentials_since_their_version(f):
    path = "meta-data/identity-credentials/ec2/info"
    for version, status in (("2018-03-28", 404), ("2018-08-17", 200), ("2021-03-23", 200), ("2018-05-23", 404)):
        equal(f.daemon.get("bare", f"/{version}/{path}").status, status, version)
    assert "identity-credentials/" in f.daemon.get("bare", "/latest/meta-data/").text
    assert "identity-credentials" not in f.daemon.get("bare", "/2016-09-02/meta-data/").text


@case("absent")
def without_a_source_there_are_none():
    alone = configuration({"bare": fixture.profile(role=None)})
    del alone["sources"]
    with Daemon(alone) as daemon:
        for path in ("", "info", "security-credentials/", "security-credentials/ec2-instance"):
            equal(daemon.get("bare", OWN + path).status, 404, path)
        assert "identity-credentials" not in daemon.get("bare", "/latest/meta-data/").text
        read(daemon, "signature", "bare")


@case("own-restart")
def instance_credentials_outlive_the_process():
    with Daemon(settings()) as daemon:
        key = Key.of(own_credentials(daemon, "bare"))
        equal(daemon.reload()["ok"], True)
        equal(Key.of(own_credentials(daemon, "bare")).id, key.id)
        daemon.stop()
        daemon.start()
        equal(call(daemon, key, "Action=GetCallerIdentity").status, 200)


if __name__ == "__main__":
    roles = {"open-to-the-account": {"trust_policy": {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                "Principal": {"AWS": ACCOUNT}}]}}}
    with Daemon(settings(roles=roles)) as shared, tempfile.TemporaryDirectory() as scratch:
        suite.run(f=Fixture(shared, scratch))
