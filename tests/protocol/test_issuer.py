#!/usr/bin/env python3
"""The issuer's network face: the Query protocol, signatures of our own making and botocore's, AssumeRole.

Case names: ids of issuer_cases.py where they have one.
"""

import datetime
import json
import re
import urllib.parse
import xml.etree.ElementTree as xml

import fixture

from daemon import ACCOUNT, Daemon, configuration
from http_raw import ask, build
from sigv4 import Key, presign, sign, timestamp
from suite import Skip, Suite, equal

suite = Suite("issuer")
case = suite.case

NS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
FORM = "application/x-www-form-urlencoded"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ALICE = Key("AKIAIOSFODNN7EXAMPLE", SECRET)
BOB = Key("AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY")
INACTIVE = Key("AKIAINACTIVEKEYEXAMP", SECRET)


def role(name):
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def trust(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


class Answer:
    def __init__(self, response):
        self.response, self.status = response, response.status
        self.text = response.text

    def find(self, name):
        element = xml.fromstring(self.text).find(f".//{NS}{name}")
        return None if element is None else element.text

    @property
    def code(self):
        return self.find("Code")

    @property
    def message(self):
        return self.find("Message")


def call(daemon, key, parameters=None, method="POST", path="/", headers=None, body=None, tamper=None,
         host=None, **signing):
    """A signed call. `tamper` changes (headers, body) after they were signed."""
    address = daemon.listeners["sts"]
    pairs = {"Version": "2011-06-15"} | (parameters or {})
    form = urllib.parse.urlencode(pairs)
    query = []
    data = b""
    if method == "POST":
        data = form.encode() if body is None else body
    else:
        query = list(pairs.items())
    fields = {"Host": host or f"{address[0]}:{address[1]}"} | (headers or {})
    if data:
        fields["Content-Type"] = FORM
    if key is not None:
        fields = sign(key, method, signing.pop("signed_path", path), fields, data, query, **signing)
    if tamper:
        fields, data = tamper(fields, data)
    target = path + ("?" + "&".join(f"{urllib.parse.quote(k, safe='-_.~')}={urllib.parse.quote(v, safe='-_.~')}"
                                    for k, v in query) if query else "")
    fields["Content-Length"] = str(len(data))
    answer = Answer(ask(address, build(method, target, fields, data, host=None)))
    secret = answer.status == 200 and "SecretAccessKey" in answer.text
    if secret and answer.response.get("Content-Type") == "text/xml":
        daemon.secrets |= {answer.find("SecretAccessKey"), answer.find("SessionToken")}
    return answer


WHO = {"Action": "GetCallerIdentity"}


def refused(answer, status, code, text=""):
    equal((answer.status, answer.code), (status, code), answer.text)
    assert text in answer.message, answer.message
    return answer


def assume(daemon, key, name="reader", **parameters):
    return call(daemon, key, {"Action": "AssumeRole", "RoleArn": role(name),
                              "RoleSessionName": "session-1"} | parameters)


def key_of(answer):
    equal(answer.status, 200, answer.text)
    return Key(answer.find("AccessKeyId"), answer.find("SecretAccessKey"), answer.find("SessionToken"))


# ---------------------------------------------------------------------------- protocol

@case("P1")
def caller_identity(daemon):
    answer = call(daemon, ALICE, WHO)
    equal(answer.status, 200, answer.text)
    equal(answer.find("Arn"), f"arn:aws:iam::{ACCOUNT}:user/alice")
    equal(answer.find("Account"), ACCOUNT)
    assert re.fullmatch(r"AIDA[A-Z0-9]{17}", answer.find("UserId")), answer.text
    response = answer.response
    equal(response.get("Content-Type"), "text/xml")
    equal(response.get("x-amzn-RequestId"), answer.find("RequestId"))
    assert answer.text.startswith("<GetCallerIdentityResponse"), answer.text
    equal(call(daemon, ALICE, WHO).find("UserId"), answer.find("UserId"), "the id is stable")


@case("P2")
def by_get(daemon):
    equal(call(daemon, ALICE, WHO, method="GET").status, 200)


@case("P3")
def double_slash(daemon):
    equal(call(daemon, ALICE, WHO, path="//", signed_path="/").status, 200)


@case("P4")
def as_json(daemon):
    answer = call(daemon, ALICE, WHO, headers={"Accept": "application/json"})
    equal(answer.status, 200)
    equal(answer.response.get("Content-Type"), "application/json")
    said = json.loads(answer.text)["GetCallerIdentityResponse"]
    equal(said["GetCallerIdentityResult"]["Account"], ACCOUNT)
    equal(said["ResponseMetadata"]["RequestId"], answer.response.get("x-amzn-RequestId"))


@case("P5")
def unsigned_as_json(daemon):
    answer = call(daemon, None, WHO, headers={"Accept": "application/json"})
    equal(answer.status, 403)
    equal(json.loads(answer.text)["Error"]["Code"], "MissingAuthenticationToken")
    assert "RequestId" in json.loads(answer.text)


@case("P6")
def unsigned(daemon):
    refused(call(daemon, None, WHO), 403, "MissingAuthenticationToken",
            "Request is missing Authentication Token")


@case("P7")
def unknown_action(daemon):
    refused(call(daemon, ALICE, {"Action": "Nope"}), 400, "InvalidAction",
            "Could not find operation Nope for version 2011-06-15")


@case("P8")
def unknown_version(daemon):
    refused(call(daemon, ALICE, WHO | {"Version": "2010-01-01"}), 400, "InvalidAction", "2010-01-01")


@case("P9")
def no_action(daemon):
    refused(call(daemon, ALICE, {}), 400, "MissingAction")


@case("P20")
def error_shape(daemon):
    root = xml.fromstring(call(daemon, ALICE, {"Action": "Nope"}).text)
    equal(root.tag, NS + "ErrorResponse")
    equal([child.tag for child in root], [NS + "Error", NS + "RequestId"])
    equal(root.find(f"{NS}Error/{NS}Type").text, "Sender")


@case("P22")
def missing_session_name(daemon):
    answer = call(daemon, ALICE, {"Action": "AssumeRole", "RoleArn": role("reader")})
    refused(answer, 400, "ValidationError",
            "1 validation error detected: Value null at 'roleSessionName' failed to satisfy constraint: "
            "Member must not be null")


@case("P23")
def large_body(daemon):
    address = daemon.listeners["sts"]
    answer = ask(address, build("POST", "/", {"Content-Type": FORM, "Content-Length": str(1 << 20)},
                                host=f"{address[0]}:{address[1]}"))
    equal(answer.status, 413)
    json = ask(address, build("POST", "/", {"Content-Type": FORM, "Content-Length": str(1 << 20),
                                            "Accept": "application/json"}, host=f"{address[0]}:{address[1]}"))
    equal((json.status, json.get("Content-Type")), (413, "application/json"))
    long = ask(address, build("GET", "/?" + "a" * (21 << 10), {"Accept": "application/json"},
                              host=f"{address[0]}:{address[1]}"))
    equal((long.status, long.get("Content-Type")), (414, "application/json"))


@case("P24")
def large_body_that_is_allowed(daemon):
    body = urllib.parse.urlencode(WHO | {"Version": "2011-06-15", "Ignored": "x" * 300000}).encode()
    equal(call(daemon, ALICE, body=body).status, 200)


@case("P25")
def botocore_reads_the_errors(daemon):
    client, errors = boto(daemon, ALICE)
    try:
        client.assume_role(RoleArn=role("locked"), RoleSessionName="abc")
    except errors as error:
        equal(error.response["Error"]["Code"], "AccessDenied")
        assert error.response["ResponseMetadata"]["RequestId"], error.response
    else:
        raise AssertionError("assumed a role that trusts nobody")


@case("P26")
def path_prefix(daemon):
    equal(call(daemon, ALICE, WHO, path="/prefix").status, 200)
    equal(call(daemon, ALICE, WHO, path="/prefix/").status, 200)


@case("P28")
def duplicate_parameter(daemon):
    body = b"Action=GetCallerIdentity&Version=2011-06-15&Action=AssumeRole"
    equal(call(daemon, ALICE, body=body).status, 400)


@case("P29")
def other_methods_and_types(daemon):
    for method in ("PUT", "DELETE", "PATCH"):
        status = call(daemon, ALICE, WHO, method=method).status
        assert 400 <= status < 500, status


# ---------------------------------------------------------------------------- signatures

def boto(daemon, key):
    try:
        import botocore.exceptions
        import botocore.session
    except ImportError:
        raise Skip("botocore is not installed") from None
    host, port = daemon.listeners["sts"]
    client = botocore.session.Session().create_client(
        "sts", region_name="us-east-1", endpoint_url=f"http://{host}:{port}",
        aws_access_key_id=key.id, aws_secret_access_key=key.secret, aws_session_token=key.token)
    return client, botocore.exceptions.ClientError


@case("S39")
def botocore_signs(daemon):
    client, _ = boto(daemon, ALICE)
    equal(client.get_caller_identity()["Arn"], f"arn:aws:iam::{ACCOUNT}:user/alice")
    given = client.assume_role(RoleArn=role("reader"), RoleSessionName="by-botocore")
    key = Key.of(given["Credentials"])
    daemon.secrets |= {key.secret, key.token}
    equal(boto(daemon, key)[0].get_caller_identity()["Arn"],
          f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/by-botocore")
    assert isinstance(given["Credentials"]["Expiration"], datetime.datetime)


def flip(fields, data):
    last = fields["Authorization"][-1]
    return fields | {"Authorization": fields["Authorization"][:-1] + ("0" if last != "0" else "1")}, data


@case("S40", tamper=flip)
@case("S58", tamper=lambda f, d: (f, d.replace(b"Version=", b"X=&Version=")))
@case("S58b", tamper=lambda f, d: (f, d + b"&X=1"))
@case("S57", tamper=lambda f, d: (f | {"X-Amz-Foo": "bar"}, d))
@case("S66", tamper=lambda f, d: (
    f | {"Authorization": re.sub(r"Signature=(\w+)", lambda m: "Signature=" + m[1].upper(),
                                 f["Authorization"])}, d))
@case("S59", tamper=lambda f, d: (f | {"Content-Type": FORM + "; charset=utf-8"}, d))
def altered_after_signing(daemon, tamper):
    answer = call(daemon, ALICE, WHO, tamper=tamper)
    assert answer.status in (400, 403) and answer.code in (
        "SignatureDoesNotMatch", "IncompleteSignature"), answer.text


@case("S41", key=Key("AKIAUNKNOWNKEYEXAMPL", SECRET))
@case("S42", key=INACTIVE)
@case("S43", key=Key(ALICE.id, "not the secret at all, but as long as it"), code="SignatureDoesNotMatch")
@case("S44", key=Key(ALICE.id.lower(), SECRET))
@case("S44b", key=Key(ALICE.id + " ", SECRET))
@case("S45", key=Key(ALICE.id, SECRET, token="AQoDYXdzEJr"))
def wrong_keys(daemon, key, code="InvalidClientTokenId"):
    refused(call(daemon, key, WHO), 403, code)


@case("S47", offset=-14 * 60 - 30)
@case("S47b", offset=14 * 60 + 30)
def within_the_clock_skew(daemon, offset):
    equal(call(daemon, ALICE, WHO, stamp=timestamp(offset)).status, 200)


@case("S48", offset=-15 * 60 - 10, text="Signature expired: ")
@case("S49", offset=16 * 60, text="Signature not yet current: ")
def outside_the_clock_skew(daemon, offset, text):
    refused(call(daemon, ALICE, WHO, stamp=timestamp(offset)), 403, "SignatureDoesNotMatch", text)


@case("S50")
def scope_of_another_day(daemon):
    refused(call(daemon, ALICE, WHO, scope_date="20200101"), 403, "SignatureDoesNotMatch",
            "Date in Credential scope")


@case("any-region")
def scope_of_any_region(daemon):
    equal(call(daemon, ALICE, WHO, region="eu-central-1").status, 200)


@case("S52")
def scope_of_another_service(daemon):
    refused(call(daemon, ALICE, WHO, service="s3"), 403, "SignatureDoesNotMatch",
            "Credential should be scoped to correct service: 'sts'")


@case("S56")
def host_not_signed(daemon):
    equal(call(daemon, ALICE, WHO, leave_unsigned=("host",)).status, 403)


@case("S60")
def presigned(daemon):
    host, port = daemon.listeners["sts"]
    query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]
    fields = {"Host": f"{host}:{port}"}
    target = presign(ALICE, "/", query, fields)
    equal(ask((host, port), build("GET", target, fields, host=None)).status, 200)
    for bad in (target[:-1] + ("0" if target[-1] != "0" else "1"),
                target.replace("GetCallerIdentity", "AssumeRole"),
                target.replace("X-Amz-Expires=900", "X-Amz-Expires=901")):
        assert ask((host, port), build("GET", bad, fields, host=None)).status in (400, 403), bad


@case("S62")
def presigned_and_expired(daemon):
    host, port = daemon.listeners["sts"]
    fields = {"Host": f"{host}:{port}"}
    target = presign(ALICE, "/", [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")], fields,
                     expires=900, stamp=timestamp(-1200))
    equal(ask((host, port), build("GET", target, fields, host=None)).status, 403)


@case("S63")
def presigned_with_another_signed_header(daemon):
    host, port = daemon.listeners["sts"]
    fields = {"Host": f"{host}:{port}", "x-k8s-aws-id": "cluster-1"}
    target = presign(ALICE, "/", [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")], fields)

    def status(sent):
        return ask((host, port), build("GET", target, sent, host=None)).status
    equal(status(fields), 200)
    equal(status({"Host": fields["Host"]}), 403)
    equal(status(fields | {"x-k8s-aws-id": "cluster-2"}), 403)


@case("S64")
def header_and_presigned_at_once(daemon):
    host, port = daemon.listeners["sts"]
    fields = {"Host": f"{host}:{port}"}
    query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")]
    target = presign(ALICE, "/", query, fields)
    both = sign(ALICE, "GET", "/", fields, query=query)
    assert ask((host, port), build("GET", target, both, host=None)).status in (400, 403)


@case("S67")
def host_with_the_port(daemon):
    port = daemon.listeners["sts"][1]
    answer = call(daemon, ALICE, WHO,
                  tamper=lambda f, d: (f | {"Host": "127.0.0.1"}, d) if port != 80 else (f, d))
    refused(answer, 403, "SignatureDoesNotMatch")


@case("S68", value="AWS4-HMAC-SHA256 Credential=x", status=400, code="IncompleteSignature")
@case("S68b", value="AWS4-HMAC-SHA256 nonsense", status=400, code="IncompleteSignature")
@case("S68c", value="Basic dXNlcjpwYXNz", status=400, code="IncompleteSignature")
@case("S68d", value="AWS4-HMAC-SHA256 " + "," * 5000, status=400, code="IncompleteSignature")
def malformed_authorization(daemon, value, status, code):
    answer = call(daemon, None, WHO, headers={"Authorization": value, "X-Amz-Date": timestamp()})
    assert answer.status in (status, 403), answer.text
    assert answer.code in (code, "MissingAuthenticationToken"), answer.text
    if answer.code == code:
        assert value[17:] not in answer.text or len(value) < 60, "echoed"


# ---------------------------------------------------------------------------- AssumeRole

@case("A1")
def assumed_role(daemon):
    answer = assume(daemon, ALICE)
    key = key_of(answer)
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", key.id), key.id
    equal(answer.find("Arn"), f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session-1")
    assert re.fullmatch(r"AROA[A-Z0-9]{17}:session-1", answer.find("AssumedRoleId")), answer.text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.find("Expiration"))
    who = call(daemon, key, WHO)
    equal(who.find("Arn"), f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session-1")
    equal(who.find("UserId"), answer.find("AssumedRoleId"))


@case("A4", name="locked")
@case("A4-service", name="ec2-only")
@case("A13", name="missing")
def not_trusted(daemon, name):
    refused(assume(daemon, ALICE, name), 403, "AccessDenied",
            f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: sts:AssumeRole on "
            f"resource: {role(name)}")


@case("A3", proves="A2")
def trusted_account_needs_a_policy_of_the_user(daemon):
    """The account as principal delegates to the account's own policies: alice has one, bob has none."""
    equal(assume(daemon, ALICE, "account").status, 200)
    refused(assume(daemon, BOB, "account"), 403, "AccessDenied")


@case("shortest", duration="900", life=900)
@case("default", duration="3600", life=3600)
def durations(daemon, duration, life):
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = assume(daemon, ALICE, DurationSeconds=duration)
    key_of(answer)
    until = datetime.datetime.strptime(answer.find("Expiration"), "%Y-%m-%dT%H:%M:%SZ")
    seconds = (until.replace(tzinfo=datetime.timezone.utc) - before).total_seconds()
    assert life - 2 <= seconds <= life + 5, seconds


@case("A19", duration="899", code="ValidationError")
@case("A19b", duration="43201", code="ValidationError")
@case("A20", duration="7200", code="ValidationError")
@case("P13", duration="9e2", code="MalformedInput")
@case("P13-empty", duration="", code=None)
def refused_durations(daemon, duration, code):
    answer = assume(daemon, ALICE, DurationSeconds=duration)
    equal(answer.status, 400, answer.text)
    if code:
        equal(answer.code, code, answer.text)


@case("A17", name="a")
@case("A17b", name="x" * 65)
@case("A17c", name="a b")
@case("A17d", name="a:b")
def refused_session_names(daemon, name):
    refused(assume(daemon, ALICE, RoleSessionName=name), 400, "ValidationError", "roleSessionName")


@case("A27")
def external_id(daemon):
    refused(assume(daemon, ALICE, "partner"), 403, "AccessDenied")
    refused(assume(daemon, ALICE, "partner", ExternalId="other"), 403, "AccessDenied")
    equal(assume(daemon, ALICE, "partner", ExternalId="shared-42").status, 200)


@case("A30")
def malformed_session_policy(daemon):
    refused(assume(daemon, ALICE, Policy="{"), 400, "MalformedPolicyDocument")


@case("A35")
def session_policy(daemon):
    policy = json.dumps(trust({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}))
    answer = assume(daemon, ALICE, Policy=policy)
    assert 0 < int(answer.find("PackedPolicySize")) <= 100, answer.text
    key = key_of(answer)
    equal(call(daemon, key, WHO).status, 200)


@case("tampered-token")
def tampered_token(daemon):
    key = key_of(assume(daemon, ALICE))
    for index in (0, 3, 10, len(key.token) // 2, len(key.token) - 4):
        letter = "A" if key.token[index] != "A" else "B"
        bad = Key(key.id, key.secret, key.token[:index] + letter + key.token[index + 1:])
        refused(call(daemon, bad, WHO), 403, "InvalidClientTokenId",
                "The security token included in the request is invalid")
    for bad in (Key(key.id, key.secret), Key(key.id, key.secret, key.token[:-8]),
                Key(key.id, key.secret, "")):
        refused(call(daemon, bad, WHO), 403, "InvalidClientTokenId")


@case("token-of-another")
def token_of_another_session(daemon):
    first, second = key_of(assume(daemon, ALICE)), key_of(assume(daemon, ALICE))
    assert first.id != second.id
    refused(call(daemon, Key(first.id, first.secret, second.token), WHO), 403, "InvalidClientTokenId")
    refused(call(daemon, Key(second.id, first.secret, second.token), WHO), 403, "SignatureDoesNotMatch")


@case("A14")
def malformed_arn(daemon):
    refused(call(daemon, ALICE, {"Action": "AssumeRole", "RoleArn": "not-an-arn-of-a-role-at-all",
                                 "RoleSessionName": "ab"}), 400, "ValidationError")


@case("service")
def service_principal_cannot_be_claimed(daemon):
    """Nothing that a caller sends makes it the EC2 service."""
    for extra in ({"Service": "ec2.amazonaws.com"}, {"Principal.Service": "ec2.amazonaws.com"}):
        refused(assume(daemon, ALICE, "ec2-only", **extra), 403, "AccessDenied")
    refused(call(daemon, None, {"Action": "AssumeRole", "RoleArn": role("ec2-only"),
                                "RoleSessionName": "ab"}), 403, "MissingAuthenticationToken")


@case("chained")
def chained_role(daemon):
    key = key_of(assume(daemon, ALICE))
    answer = assume(daemon, key, "chained", RoleSessionName="second")
    equal(call(daemon, key_of(answer), WHO).find("Arn"),
          f"arn:aws:sts::{ACCOUNT}:assumed-role/chained/second")


@case("A38")
def tags_need_permission(daemon):
    tags = {"Tags.member.1.Key": "team", "Tags.member.1.Value": "x"}
    refused(assume(daemon, ALICE, "reader", **tags), 403, "AccessDenied", "sts:TagSession")
    equal(assume(daemon, ALICE, "tagged", **tags).status, 200)


@case("H1")
def foreign_host(daemon):
    """The issuer is for programs; a page that rebinds its name to this address is refused."""
    address = daemon.listeners["sts"]
    answer = ask(address, build("GET", "/?Action=GetCallerIdentity&Version=2011-06-15",
                                host="evil.example"))
    equal(answer.status, 403)


def settings():
    user = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}
    allow = {"Effect": "Allow", "Principal": user, "Action": "sts:AssumeRole"}
    roles = {
        "reader": {"trust_policy": trust(allow), "policies": {"chain": trust(
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role("chained")})}},
        "locked": {"trust_policy": trust(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody-else"},
             "Action": "sts:AssumeRole"})},
        "ec2-only": {"trust_policy": trust(
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
             "Action": "sts:AssumeRole"})},
        "account": {"trust_policy": trust(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
             "Action": "sts:AssumeRole"})},
        "partner": {"trust_policy": trust(
            allow | {"Condition": {"StringEquals": {"sts:ExternalId": "shared-42"}}})},
        "chained": {"trust_policy": trust(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
             "Action": "sts:AssumeRole"})},
        "tagged": {"trust_policy": trust(allow | {"Action": ["sts:AssumeRole", "sts:TagSession"]})},
    }
    users = {
        "alice": {
            "access_keys": [{"id": ALICE.id, "secret": {"env": "TEST_ALICE"}},
                            {"id": INACTIVE.id, "secret": {"env": "TEST_ALICE"}, "active": False}],
            "policies": {"assume": trust({"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
                                          "Resource": "*"})}},
        "bob": {"access_keys": [{"id": BOB.id, "secret": {"env": "TEST_BOB"}}]},
    }
    made = configuration({"imds": fixture.profile()}, roles=roles)
    made["issuer"]["accounts"][ACCOUNT]["users"] = users
    return made


if __name__ == "__main__":
    with Daemon(settings(), environment={"TEST_ALICE": SECRET, "TEST_BOB": BOB.secret}) as running:
        running.secrets |= {SECRET, BOB.secret}
        suite.run(daemon=running)
