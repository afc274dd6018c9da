#!/usr/bin/env python3
"""Mistakes that issuers have shipped, each as a test against this one. Several of the classes are those of
public advisories; the name of a case says what went wrong elsewhere.

Not here: what concerns a token's `alg`, its issuer and audience, and the fetching of keys (this issuer takes
no web identities; tests/unit/jose and the pod identity suite have their own), XML signatures (it takes no
assertions), and the policy engine's (tests/unit/policy).
"""

import base64
import json
import re

import fixture

from daemon import ACCOUNT, TOKEN, TTL, Daemon, configuration
from http_raw import ask, build, wait_until
from sigv4 import Key, presign
from suite import Suite, equal
from test_issuer import FORM, Answer
from test_issuer_cases import (OTHER, ROOT, SECRET, USERS, Session, allow, check, document, records, role, to,
                               trusting, user)
from test_signing import Request, signed

try:
    import botocore.credentials
    import botocore.session
except ImportError:
    botocore = None

suite = Suite("issuer")
case = suite.case

INACTIVE = "AKIAINACTIVEINACTIV1"
CURIOUS = Key("AKIACURIOUSCURIOUS12", SECRET)
TASK = "arn:aws:iam::aws:policy/root-task/"


def raw(token):
    return base64.b64decode(token, validate=True)


def request_by(session, action, parameters=None, **how):
    """Signed and not yet sent."""
    key = botocore.credentials.Credentials(session.key.id, session.key.secret, session.key.token)
    return signed(session.daemon.listeners["sts"], {"Action": action} | (parameters or {}), key, **how)


def presigned_by(session, action="GetCallerIdentity"):
    host, port = session.daemon.listeners["sts"]
    fields = {"Host": f"{host}:{port}"}
    target = presign(session.key, "/", [("Action", action), ("Version", "2011-06-15")], fields)
    return Answer(ask((host, port), build("GET", target, fields, host=None)))


# ---------------------------------------------------------------------------- tokens

@case("unauthenticated-encryption")
def every_part_of_a_token_counts(daemon):
    session = Session.of(daemon, "alice").assume("reader")
    token = session.key.token
    for place in range(len(token.rstrip("=")) - 1):  # the last letter has bits that say nothing
        letter = "A" if token[place] != "A" else "B"
        changed = token[:place] + letter + token[place + 1:]
        bad = Session(daemon, Key(session.key.id, session.key.secret, changed))
        check(bad.ask("GetCallerIdentity"), 403, "InvalidClientTokenId")
    check(session.ask("GetCallerIdentity"), 200)


@case("constant-nonce")
def equal_requests_have_unlike_tokens(daemon):
    tokens = [raw(Session.of(daemon, "alice").assume("reader").key.token) for _ in range(8)]
    alike = [place for place in range(min(map(len, tokens))) if len({t[place] for t in tokens}) == 1]
    # The form and the name of the key that sealed it may be the same, and nothing behind them.
    assert max(alike, default=0) < 24, alike


@case("secret-from-readable-fields")
def nothing_in_a_token_can_be_read(daemon):
    alice = Session.of(daemon, "alice")
    first, second = (alice.assume("reader", SourceIdentity="carol", RoleSessionName="legible") for _ in range(2))
    assert first.key.secret != second.key.secret
    for text in ("legible", "carol", "reader", ACCOUNT, "AROA", first.key.id, first.key.secret, "sts"):
        assert text.encode() not in raw(first.key.token) and text not in first.key.token, text
    assert base64.b64decode(first.key.secret) not in raw(first.key.token)


@case("one-key-for-several-kinds")
def tokens_of_one_kind_are_not_of_another(daemon):
    alice = Session.of(daemon, "alice")
    refused = check(alice.ask("AssumeRole", to("locked")), 403, "AccessDenied")
    message = records(daemon, refused)[0]["additionalEventData"]["encodedAuthorizationMessages"][ACCOUNT]
    check(alice.ask("DecodeAuthorizationMessage", {"EncodedMessage": message}), 200)
    session = alice.assume("reader")
    imds = ask(daemon.listeners["imds"], build("PUT", "/latest/api/token", {TTL: "60"})).body.decode()
    for other in (message, imds):
        check(Session(daemon, Key(session.key.id, session.key.secret, other)).ask("GetCallerIdentity"), 403,
              "InvalidClientTokenId")
    for other in (session.key.token, imds):
        check(alice.ask("DecodeAuthorizationMessage", {"EncodedMessage": other}), 400,
              "InvalidAuthorizationMessageException")
    equal(ask(daemon.listeners["imds"], build("GET", "/latest/meta-data/", {TOKEN: session.key.token[:56]})).status, 401)


@case("claims-before-the-signature")
def an_unproven_caller_is_nobody(daemon):
    """What a token says counts for nothing while the signature is not shown to be its key's."""
    session = Session.of(daemon, "alice").assume("reader")
    thief = Session(daemon, Key(session.key.id, "x" * 40, session.key.token))
    answer = check(thief.ask("AssumeRole", to("next")), 403, "SignatureDoesNotMatch")
    [record] = records(daemon, answer)
    equal(record["userIdentity"], {"type": "Unknown"})
    equal(record["requestParameters"], None)
    assert session.key.id not in json.dumps(record)


# ---------------------------------------------------------------------------- parameters

def too_much(shape):
    """A value over the limits of the service model, as (suffix of the name, value) pairs; None where the
    model has no limit."""
    if shape.type_name == "integer":
        return [("", "2000000000")]
    if shape.type_name == "string":
        return [("", "a" * (shape.metadata["max"] + 1))] if shape.metadata.get("max", 0) < 300000 and \
            "max" in shape.metadata else None
    if shape.type_name == "list":
        member = shape.member
        if member.type_name == "string":
            inner = too_much(member)
            return inner and [(f".member.1{s}", v) for s, v in inner]
        for name in member.members:
            inner = too_much(member.members[name])
            if inner:
                return [(f".member.1.{name}{s}", v) for s, v in inner]
    if shape.type_name == "structure":
        for name in shape.members:
            inner = too_much(shape.members[name])
            if inner:
                return [(f".{name}{s}", v) for s, v in inner]
    return None


GOOD = {
    "AssumeRole": to("reader"), "GetSessionToken": {}, "GetFederationToken": {"Name": "bob"},
    "GetAccessKeyInfo": {"AccessKeyId": USERS["alice"]}, "DecodeAuthorizationMessage": {"EncodedMessage": "x"},
    "AssumeRoot": {"TargetPrincipal": OTHER, "TaskPolicyArn.arn": TASK + "S3UnlockBucketPolicy"},
}


@case("accepted-and-ignored")
def every_parameter_of_the_model_is_looked_at(daemon):
    """A value that the model does not allow is refused by the name of its parameter."""
    model = botocore.session.Session().get_service_model("sts")
    alice, tried = Session.of(daemon, "alice"), set()
    for action, good in GOOD.items():
        if action not in model.operation_names:
            continue
        shape = model.operation_model(action).input_shape
        for name in shape.members if shape else ():
            bad = too_much(shape.members[name])
            if bad is None:
                continue
            answer = alice.ask(action, good | {name + suffix: value for suffix, value in bad})
            check(answer, 400, "ValidationError")
            assert name[0].lower() + name[1:] in answer.message, (name, answer.message)
            tried.add(name)
    assert tried >= {"RoleArn", "RoleSessionName", "PolicyArns", "DurationSeconds", "Tags", "TransitiveTagKeys",
                     "ExternalId", "SerialNumber", "TokenCode", "SourceIdentity", "Name", "AccessKeyId",
                     "EncodedMessage"}, tried


UNMET = [  # what a caller may ask for and this issuer cannot give is refused, not left out
    ("SerialNumber", {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice"}, 403, "AccessDenied"),
    ("TokenCode", {"TokenCode": "123456"}, 403, "AccessDenied"),
    ("both", {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/alice", "TokenCode": "123456"}, 403, "AccessDenied"),
    ("PolicyArns", {"PolicyArns.member.1.arn": f"arn:aws:iam::{ACCOUNT}:policy/absent"}, 400, "ValidationError"),
    ("ProvidedContexts", {"ProvidedContexts.member.1.ProviderArn": "arn:aws:iam::aws:contextProvider/x",
                          "ProvidedContexts.member.1.ContextAssertion": "assertion"}, 400, "ValidationError"),
    ("ExternalId", {"ExternalId": "wrong-id"}, 403, "AccessDenied"),
]

for _name, _more, _status, _code in UNMET:
    @case(f"accepted-and-ignored-{_name}", more=_more, status=_status, code=_code)
    def what_cannot_be_met_is_refused(daemon, more, status, code):
        name = "external" if "ExternalId" in more else "reader"
        check(Session.of(daemon, "alice").ask("AssumeRole", to(name, **more)), status, code)


@case("silent-clamping")
def no_duration_is_shortened(daemon):
    alice = Session.of(daemon, "alice")
    for action, more, seconds in (("AssumeRole", to("reader"), 3601), ("GetSessionToken", {}, 129601),
                                  ("GetFederationToken", {"Name": "bob"}, 129601), ("AssumeRoot", GOOD["AssumeRoot"], 901)):
        check(alice.ask(action, more | {"DurationSeconds": str(seconds)}), 400, "ValidationError")
        check(alice.ask(action, more | {"DurationSeconds": str(seconds - 1)}), 200)
    check(alice.assume("reader").ask("AssumeRole", to("next", DurationSeconds="3601")), 400, "ValidationError")


@case("repeated-names", body=b"Action=GetCallerIdentity&Version=2011-06-15&Action=AssumeRole")
@case("repeated-names-case", body=b"Action=GetCallerIdentity&Version=2011-06-15&action=AssumeRole")
@case("repeated-names-url", target="/?Action=AssumeRole", body=b"Action=GetCallerIdentity&Version=2011-06-15")
@case("repeated-names-list", body=b"Action=AssumeRole&Version=2011-06-15&Tags.member.1.Key=a&Tags.member.01.Key=b")
def repeated_names_are_refused(daemon, body, target="/"):
    """Signed as they are: two readers of one request must not see two requests."""
    import botocore.auth
    import botocore.awsrequest
    host, port = daemon.listeners["sts"]
    made = botocore.awsrequest.AWSRequest("POST", f"http://{host}:{port}{target}", data=body,
                                          headers={"Content-Type": FORM})
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(USERS["alice"], SECRET), "sts",
                            "us-east-1").add_auth(made)
    answer = Answer(Request("POST", target, {"Host": f"{host}:{port}"} | dict(made.headers.items()),
                            body).send((host, port)))
    equal(answer.status, 400, answer.text)
    assert answer.code in ("InvalidParameterCombination", "MalformedQueryString"), answer.text


@case("steered-elsewhere")
def a_forwarded_proof_is_of_this_call_only(daemon):
    """Who forwards a signed GetCallerIdentity gets the answer to that, or none."""
    alice = Session.of(daemon, "alice")
    good = request_by(alice, "GetCallerIdentity")
    address = daemon.listeners["sts"]
    check(Answer(good.send(address)), 200)
    for change in ({"target": "/?Action=AssumeRole"}, {"target": "/elsewhere"}, {"method": "PUT"},
                   {"body": good.body.replace(b"GetCallerIdentity", b"GetSessionToken")},
                   {"body": good.body + b"&RoleArn=x"},
                   {"headers": good.headers | {"Host": "sts.example.com"}},
                   {"headers": good.headers | {"X-Amz-Target": "x"}},
                   {"headers": good.headers | {"X-HTTP-Method-Override": "GET"}, "body": b""}):
        parts = {"method": good.method, "target": good.target, "headers": good.headers, "body": good.body} | change
        answer = Answer(Request(**parts).send(address))
        assert answer.status in (400, 403, 405), (change, answer.text)
        assert answer.response.get("Location") is None


# ---------------------------------------------------------------------------- where from, and who

FORWARDED = {"X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.7;proto=https", "X-Real-IP": "192.0.2.7",
             "X-Forwarded-Proto": "https", "X-Forwarded-Host": "sts.amazonaws.com", "Via": "1.1 proxy"}


@case("headers-feed-conditions", name="other-network")
@case("headers-feed-conditions-tls", name="only-tls")
def forwarded_fields_say_nothing(daemon, name):
    alice = Session.of(daemon, "alice")
    answer = check(alice.ask("AssumeRole", to(name), headers=FORWARDED), 403, "AccessDenied")
    [record] = records(daemon, answer)
    equal(record["sourceIPAddress"], "127.0.0.1")


def without_what_differs(answer, *words):
    text = re.sub(r"<RequestId>.*</RequestId>", "", answer.text)
    for word in words:
        text = text.replace(word, "x")
    return answer.status, text, sorted(n.lower() for n, _ in answer.response.fields)


@case("enumeration-of-keys")
def unknown_keys_look_like_inactive_ones(daemon):
    said = [without_what_differs(Session(daemon, Key(id, SECRET)).ask("GetCallerIdentity"), id)
            for id in (INACTIVE, "AKIAUNKNOWNUNKNOWN12", "AKIA7777777777777777")]
    equal(said[1:], said[:1] * 2)


@case("enumeration-of-roles", account=ACCOUNT)
@case("enumeration-of-roles-elsewhere", account=OTHER)
def unknown_roles_look_like_closed_ones(daemon, account):
    alice = Session.of(daemon, "alice")
    said = [without_what_differs(alice.ask("AssumeRole", to(role(name, account))), name)
            for name in ("locked", "absent")]
    equal(said[0], said[1])
    nowhere = alice.ask("AssumeRole", to(role("locked", "999999999999")))
    equal(without_what_differs(nowhere, "locked")[1].replace("999999999999", account), said[0][1])


@case("tags-of-roles-elsewhere")
def what_a_role_elsewhere_is_tagged_with_is_its_own_matter(daemon):
    """A caller's conditions on the role's tags would tell its tags, and so that it exists."""
    said, told = [], []
    for name in ("tagged", "absent"):
        answer = Session(daemon, CURIOUS).ask("AssumeRole", to(role(name, OTHER)))
        said.append(without_what_differs(answer, name))
        message = records(daemon, answer)[-1]["additionalEventData"]["encodedAuthorizationMessages"][ACCOUNT]
        decoded = check(Session.of(daemon, "alice").ask("DecodeAuthorizationMessage", {"EncodedMessage": message}), 200)
        told.append(decoded.find("DecodedMessage").replace(name, "ROLE"))
    equal(said[0], said[1])
    assert "implicit" in told[0] or "allowed" in told[0], told[0]
    assert "secret" not in told[0] and "ResourceTag" not in told[0], told[0]
    equal(len(told[0]), len(told[1]))


@case("permission-sets")
def roles_of_permission_sets_are_not_assumed(daemon):
    name = "AWSReservedSSO_Admin_0123456789abcdef"
    check(Session.of(daemon, "alice").ask("AssumeRole", to(name)), 403, "AccessDenied")


# ---------------------------------------------------------------------------- ends

def every_way(session):
    """(what, answer) of each way to use a session."""
    for action in ("GetCallerIdentity", "AssumeRole", "GetSessionToken", "GetFederationToken",
                   "GetAccessKeyInfo", "DecodeAuthorizationMessage", "AssumeRoot"):
        yield action, session.ask(action, GOOD.get(action))
        yield action + " by GET", session.ask(action, GOOD.get(action), get=True)
    yield "presigned", presigned_by(session)


@case("expiry-on-one-path", proves="S46")
def an_expired_session_ends_on_every_path(daemon):
    session = Session.of(daemon, "alice").session("AssumeRoot", GOOD["AssumeRoot"] | {"DurationSeconds": "0"})
    for what, answer in every_way(session):
        equal((what, answer.status, answer.code), (what, 403, "ExpiredToken"))


@case("revocation-on-one-path")
def a_revoked_session_ends_on_every_path(daemon):
    alice = Session.of(daemon, "alice")
    sessions = [alice.assume("reader"), alice.session("GetSessionToken"),
                alice.session("GetFederationToken", {"Name": "bob"})]
    changed = settings()
    account = changed["issuer"]["accounts"][ACCOUNT]
    del account["users"]["alice"], account["roles"]["reader"]
    assert daemon.reload(changed)["ok"]
    try:
        for session in [alice, *sessions]:
            for what, answer in every_way(session):
                equal((what, answer.status, answer.code), (what, 403, "InvalidClientTokenId"))
    finally:
        assert daemon.reload(settings())["ok"]
    # Who has the names again is somebody else.
    for session in sessions:
        check(session.ask("GetCallerIdentity"), 403, "InvalidClientTokenId")
    check(alice.ask("GetCallerIdentity"), 200)


@case("denials-on-one-path")
def a_policy_of_the_user_reaches_its_sessions(daemon):
    """A denial that is added later holds for sessions that are there already."""
    session = Session.of(daemon, "alice").session("GetSessionToken")
    check(session.ask("AssumeRole", to("reader")), 200)
    changed = settings()
    changed["issuer"]["accounts"][ACCOUNT]["users"]["alice"]["policies"]["no"] = document(
        {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"})
    assert daemon.reload(changed)["ok"]
    try:
        check(session.ask("AssumeRole", to("reader")), 403, "AccessDenied", "with an explicit deny")
    finally:
        assert daemon.reload(settings())["ok"]


@case("sessions-that-vanish")
def a_session_outlives_the_process(daemon):
    session = Session.of(daemon, "alice").assume("reader", SourceIdentity="carol")
    before = session.ask("GetCallerIdentity").find("Arn")
    daemon.stop()
    daemon.start()
    session.daemon = daemon
    equal(check(session.ask("GetCallerIdentity"), 200).find("Arn"), before)
    equal(check(session.ask("AssumeRole", to("next")), 200).find("SourceIdentity"), "carol")


@case("secrets-in-texts")
def no_answer_repeats_a_secret(daemon):
    session = Session.of(daemon, "alice").assume("reader")
    good = request_by(session, "GetCallerIdentity")
    signature = good.headers["Authorization"][-64:]
    for change in ({"Authorization": good.headers["Authorization"].replace("Credential=", "Credential:")},
                   {"Authorization": good.headers["Authorization"][:-1]},
                   {"Authorization": good.headers["Authorization"] + ", Extra"},
                   {"X-Amz-Security-Token": session.key.token + "x"}, {"X-Amz-Date": "now"}):
        answer = Answer(Request(good.method, good.target, good.headers | change, good.body)
                        .send(daemon.listeners["sts"]))
        assert answer.status in (400, 403), answer.text
        assert session.key.token[:40] not in answer.text and signature[:40] not in answer.text, answer.text
    answer = Session.of(daemon, "alice").ask("AssumeRole", to("reader", SerialNumber=user("alice"), TokenCode="918273645"))
    check(answer, 400, "ValidationError")
    assert "918273645" not in answer.text, answer.text
    assert wait_until(lambda: daemon.audit(), what="records")
    assert "918273645" not in json.dumps(daemon.audit())


@case("limits")
def a_flood_of_guesses_is_slowed(daemon):
    changed = settings()
    changed["issuer"]["limits"] = {"address": {"requests_per_second": 1, "burst": 5}}
    assert daemon.reload(changed)["ok"]
    try:
        codes = [Session(daemon, Key(f"AKIAGUESS{n:011d}", SECRET)).ask("GetCallerIdentity").code
                 for n in range(12)]
    finally:
        assert daemon.reload(settings())["ok"]
    assert "Throttling" in codes and set(codes) <= {"Throttling", "InvalidClientTokenId"}, codes


def settings():
    key = {"secret": {"env": "TEST_SECRET"}}
    sts = {"all": document(allow("sts:*"))}
    alice = user("alice")

    def when(**condition):
        return {"Condition": condition}
    roles = {
        "reader": trusting(alice) | {"policies": sts},
        "next": trusting(role("reader")),
        "locked": trusting(user("nobody")),
        "external": trusting(alice, **when(StringEquals={"sts:ExternalId": "right-id"})),
        "other-network": trusting(alice, **when(IpAddress={"aws:SourceIp": "192.0.2.0/24"})),
        "only-tls": trusting(alice, **when(Bool={"aws:SecureTransport": "true"})),
        "AWSReservedSSO_Admin_0123456789abcdef": trusting(alice),
    }
    curious = {"p": document(allow("*"), {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
                             | when(Null={"aws:ResourceTag/team": "false"}))}
    made = configuration({"imds": fixture.profile()}, roles=roles)
    made["issuer"]["accounts"][ACCOUNT] |= {
        "root": {"access_keys": [{"id": ROOT} | key]},
        "users": {"alice": {"access_keys": [{"id": USERS["alice"]} | key, {"id": INACTIVE, "active": False} | key],
                            "policies": sts},
                  "curious": {"access_keys": [{"id": CURIOUS.id} | key], "policies": curious}}}
    made["issuer"]["accounts"][OTHER] = {"roles": {
        "locked": trusting(f"arn:aws:iam::{OTHER}:root"),
        "tagged": trusting(f"arn:aws:iam::{OTHER}:root") | {"tags": {"team": "secret"}}}}
    made["issuer"]["organization"] = {"management_account": ACCOUNT, "features": ["root_sessions"]}
    return made


if __name__ == "__main__":
    if botocore is None:
        raise SystemExit("botocore is not installed")
    with Daemon(settings(), environment={"TEST_SECRET": SECRET}) as running:
        running.secrets |= {SECRET}
        suite.run(daemon=running)
