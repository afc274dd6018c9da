#!/usr/bin/env python3
"""The issuer's actions, by botocore over HTTP: tokens, managed policies, boundaries, AssumeRoot, and the
story of a partner who assumes, chains, tags, narrows, is denied, and decodes why.

Case names: ids of issuer_cases.py where they have one.
"""

import datetime
import json

import fixture

from daemon import ACCOUNT, Daemon, configuration
from http_raw import wait_until
from sigv4 import Key
from suite import Suite, equal
from test_issuer import call, key_of, refused

try:
    import botocore.config
    import botocore.exceptions
    import botocore.session
except ImportError:
    botocore = None

suite = Suite("issuer")
case = suite.case

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER = "210987654321"
ALICE = Key("AKIAIOSFODNN7EXAMPLE", SECRET)
BOUND = Key("AKIABOUNDBOUNDBOUND1", SECRET)
NOBODY = Key("AKIANOBODYNOBODYNOB1", SECRET)
ROOT = Key("AKIAROOTROOTROOTROO1", SECRET)
PARTNER = Key("AKIAPARTNERPARTNERP1", SECRET)
TASKS = "arn:aws:iam::aws:policy/root-task/"


def role(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:role/{name}"


def policy(name):
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource} | more


def trusting(principal, *actions, **more):
    return document({"Effect": "Allow", "Principal": {"AWS": principal},
                     "Action": list(actions) or ["sts:AssumeRole"]} | more)


class Client:
    """botocore's client of the issuer under test; `secrets` are watched for in everything written."""

    def __init__(self, daemon, key):
        host, port = daemon.listeners["sts"]
        self.daemon = daemon
        self.client = botocore.session.Session().create_client(
            "sts", region_name="us-east-1", endpoint_url=f"http://{host}:{port}",
            aws_access_key_id=key.id, aws_secret_access_key=key.secret, aws_session_token=key.token,
            config=botocore.config.Config(retries={"max_attempts": 0}))

    def __call__(self, operation, **parameters):
        answer = getattr(self.client, operation)(**parameters)
        if "Credentials" in answer:
            key = Key.of(answer["Credentials"])
            self.daemon.secrets |= {key.secret, key.token}
        return answer

    def session(self, operation, **parameters):
        return Client(self.daemon, Key.of(self(operation, **parameters)["Credentials"]))

    def refused(self, code, text, operation, **parameters):
        try:
            self(operation, **parameters)
        except botocore.exceptions.ClientError as error:
            said = error.response["Error"]
            equal(said["Code"], code, said)
            assert text in said["Message"], said
            return error.response
        raise AssertionError(f"{operation} was allowed")

    @property
    def arn(self):
        return self("get_caller_identity")["Arn"]


def assume(name, account=ACCOUNT, **more):
    return {"RoleArn": role(name, account), "RoleSessionName": "s1"} | more


def records(daemon, request_id, count=1):
    """Of one call; the log is written behind the answers."""
    def found():
        kept = [r for r in daemon.audit() if r["requestID"] == request_id]
        return kept if len(kept) >= count else None
    kept = wait_until(found, what=f"{count} records of {request_id}")
    equal(len(kept), count, kept)
    return kept


def request_id(answer):
    return answer["ResponseMetadata"]["RequestId"]


# ---------------------------------------------------------------------------- tokens

@case("G1", operation="get_session_token", asked=None, life=43200)
@case("G2", operation="get_session_token", asked=900, life=900)
@case("G2b", operation="get_session_token", asked=129600, life=129600)
@case("G8b", operation="get_federation_token", asked=None, life=43200)
@case("G3", operation="get_session_token", asked=43200, life=3600, by=ROOT)
@case("G3b", operation="get_federation_token", asked=43200, life=3600, by=ROOT)
def lifetimes(daemon, operation, asked, life, by=ALICE):
    parameters = {"DurationSeconds": asked} if asked else {}
    if operation == "get_federation_token":
        parameters["Name"] = "bob"
    before = datetime.datetime.now(datetime.timezone.utc)
    given = Client(daemon, by)(operation, **parameters)["Credentials"]
    seconds = (given["Expiration"] - before).total_seconds()
    assert life - 2 <= seconds <= life + 5, seconds
    assert given["AccessKeyId"].startswith("ASIA") and len(given["SecretAccessKey"]) == 40


@case("G2c", operation="get_session_token", parameters={"DurationSeconds": 129601})
@case("G11", operation="get_federation_token", parameters={"Name": "a:b"})
def constraints(daemon, operation, parameters):
    Client(daemon, ALICE).refused("ValidationError", "validation error detected: Value", operation,
                                  **parameters)


@case("G4")
def sessions_make_no_tokens(daemon):
    alice = Client(daemon, ALICE)
    for session in (alice.session("assume_role", **assume("reader")), alice.session("get_session_token"),
                    alice.session("get_federation_token", Name="bob")):
        session.refused("AccessDenied", "Cannot call GetSessionToken with session credentials",
                        "get_session_token")
        session.refused("AccessDenied", "Cannot call GetFederationToken with session credentials",
                        "get_federation_token", Name="eve")


@case("G7")
def no_devices(daemon):
    alice = Client(daemon, ALICE)
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/alice"
    alice.refused("AccessDenied", "must provide both", "get_session_token", SerialNumber=serial)
    alice.refused("AccessDenied", "unable to validate MFA code", "get_session_token",
                  SerialNumber=serial, TokenCode="123456")
    alice.refused("AccessDenied", "unable to validate MFA code", "assume_role",
                  **assume("reader", SerialNumber=serial, TokenCode="123456"))


@case("G8", proves="G13")
def federated_user(daemon):
    answer = Client(daemon, ALICE)("get_federation_token", Name="bob")
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
    equal(answer["FederatedUser"], {"FederatedUserId": f"{ACCOUNT}:bob", "Arn": arn})
    equal(answer["PackedPolicySize"], 0)
    bob = Client(daemon, Key.of(answer["Credentials"]))
    equal(bob.arn, arn)
    bob.refused("AccessDenied", f"User: {arn} is not authorized to perform: sts:AssumeRole",
                "assume_role", **assume("anyone"))


@case("A23")
def one_hour_from_a_session(daemon):
    session = Client(daemon, ALICE).session("get_session_token")
    equal(session.arn, f"arn:aws:iam::{ACCOUNT}:user/alice")
    session.refused("ValidationError", "1 hour session limit for roles assumed by role chaining",
                    "assume_role", **assume("long", DurationSeconds=7200))
    session("assume_role", **assume("long", DurationSeconds=3600))


@case("A25")
def root_assumes_nothing(daemon):
    root = Client(daemon, ROOT)
    equal(root.arn, f"arn:aws:iam::{ACCOUNT}:root")
    for client in (root, root.session("get_session_token")):
        client.refused("AccessDenied", "Roles may not be assumed by root accounts.", "assume_role",
                       **assume("anyone"))


@case("G17", id="ASIARZPUZDIKAAAAAAAA")
@case("G18", id=ALICE.id)
def access_key_info(daemon, id):
    equal(Client(daemon, ALICE)("get_access_key_info", AccessKeyId=id)["Account"], ACCOUNT)


@case("G19")
def access_keys_that_are_not_told(daemon):
    alice, nobody = Client(daemon, ALICE), Client(daemon, NOBODY)
    for unknown in (PARTNER.id, "AKIAXXXXXXXXXXXXXXXX", "ASIA6RVFFB77QAAAAAAA"):
        alice.refused("ValidationError", f"The access key ID {unknown} is not known here.",
                      "get_access_key_info", AccessKeyId=unknown)
    nobody.refused("AccessDenied", "sts:GetAccessKeyInfo", "get_access_key_info", AccessKeyId=ALICE.id)


@case("G28")
def what_is_not_here(daemon):
    refused(call(daemon, ALICE, {"Action": "GetWebIdentityToken", "Audience.member.1": "x",
                                 "SigningAlgorithm": "RS256"}),
            403, "OutboundWebIdentityFederationDisabledException")
    refused(call(daemon, ALICE, {"Action": "GetWebIdentityToken", "Audience.member.1": "x"}),
            400, "ValidationError", "at 'signingAlgorithm'")
    refused(call(daemon, ALICE, {"Action": "GetDelegatedAccessToken", "TradeInToken": "x"}),
            400, "InvalidAction", "is not available")
    Client(daemon, ALICE).refused("InvalidAction", "AssumeRoleWithWebIdentity is not available",
                  "assume_role_with_web_identity", RoleArn=role("reader"), RoleSessionName="s1",
                  WebIdentityToken="abcd")


# ---------------------------------------------------------------------------- policies

@case("managed", arns=["narrow"], allowed=False)
@case("managed-wide", arns=["team/wide"], allowed=True)
@case("managed-both", arns=["narrow", "team/wide"], allowed=True)
def managed_session_policies(daemon, arns, allowed):
    session = Client(daemon, ALICE).session(
        "assume_role", **assume("reader", PolicyArns=[{"arn": policy(a)} for a in arns]))
    if allowed:
        session("assume_role", **assume("next"))
    else:
        session.refused("AccessDenied", "sts:AssumeRole", "assume_role", **assume("next"))


@case("A33", arn=f"arn:aws:iam::{OTHER}:policy/theirs")
@case("A33b", arn=f"arn:aws:iam::{ACCOUNT}:policy/absent")
@case("A33c", arn=TASKS + "S3UnlockBucketPolicy")
def managed_policies_that_cannot_be_passed(daemon, arn):
    Client(daemon, ALICE).refused("ValidationError", arn, "assume_role",
                                  **assume("reader", PolicyArns=[{"arn": arn}]))


@case("A60")
def boundary(daemon):
    Client(daemon, BOUND).refused("AccessDenied", "no permissions boundary allows the "
                                  "sts:GetFederationToken action", "get_federation_token", Name="bob")
    session = Client(daemon, ALICE).session("assume_role", **assume("bounded"))
    session.refused("AccessDenied", "sts:AssumeRole", "assume_role", **assume("names-bounded"))


@case("managed-referenced")
def managed_policies_are_referenced(daemon):
    """A reload that changes a managed policy changes the sessions that refer to it."""
    session = Client(daemon, ALICE).session(
        "assume_role", **assume("reader", PolicyArns=[{"arn": policy("team/wide")}]))
    session("assume_role", **assume("next"))
    changed = settings()
    changed["issuer"]["accounts"][ACCOUNT]["managed_policies"]["/team/wide"] = document(allow("s3:*"))
    daemon.reload(changed)
    session.refused("AccessDenied", "sts:AssumeRole", "assume_role", **assume("next"))
    daemon.reload(settings())
    session("assume_role", **assume("next"))


# ---------------------------------------------------------------------------- AssumeRoot

def as_root(daemon, key, target=OTHER, task="S3UnlockBucketPolicy", **more):
    """botocore of Debian 12 does not know the action yet."""
    return call(daemon, key, {"Action": "AssumeRoot", "TargetPrincipal": target,
                              "TaskPolicyArn.arn": TASKS + task} | more)


@case("G25")
def assume_root(daemon):
    answer = as_root(daemon, ALICE)
    root = Client(daemon, key_of(answer))
    equal(root("get_caller_identity")["UserId"], OTHER)
    equal(root.arn, f"arn:aws:iam::{OTHER}:root")
    root.refused("AccessDenied", "with an explicit deny", "get_access_key_info", AccessKeyId=ALICE.id)
    refused(as_root(daemon, ALICE, task="AdministratorAccess"), 400, "ValidationError",
            "Request must contain valid AWS managed task policy ARN")
    kept = records(daemon, answer.find("RequestId"), 2)
    equal([r["recipientAccountId"] for r in kept], [OTHER, ACCOUNT])
    shared = {r["sharedEventID"] for r in kept}
    equal(len(shared), 1, shared)


@case("G25b", key=ALICE, task="IAMAuditRootUserCredentials")
@case("G25c", key=ALICE, target=ACCOUNT)
@case("G25d", key=NOBODY)
@case("G25e", key=ROOT)
@case("G25f", key=PARTNER, target=ACCOUNT)
def who_may_not_assume_root(daemon, key, target=OTHER, task="S3UnlockBucketPolicy"):
    refused(as_root(daemon, key, target, task), 403, "AccessDenied",
            "is not authorized to perform: sts:AssumeRoot")


@case("G27", proves="G26 S46")
def assume_root_for_no_time(daemon):
    refused(as_root(daemon, ALICE, DurationSeconds="901"), 400, "ValidationError", "durationSeconds")
    root = Client(daemon, key_of(as_root(daemon, ALICE, DurationSeconds="0")))
    root.refused("ExpiredToken", "expired", "get_caller_identity")


@case("G24")
def assume_root_at_the_global_endpoint(daemon):
    changed = settings()
    changed["issuer"]["endpoints"] = {"127.0.0.1": "global"}
    daemon.reload(changed)
    refused(as_root(daemon, ALICE), 400, "InvalidAction", "Could not find operation AssumeRoot")
    daemon.reload(settings())
    equal(as_root(daemon, ALICE).status, 200)


# ---------------------------------------------------------------------------- the story

@case("G21", proves="A13 G22 A34")
def story(daemon):
    """Assume with an external id, chain, tag, narrow, be denied, decode why."""
    partner = Client(daemon, PARTNER)
    partner.refused("AccessDenied", "sts:AssumeRole", "assume_role", **assume("vendor"))
    first = partner("assume_role", **assume(
        "vendor", ExternalId="shared-42", SourceIdentity="carol",
        Tags=[{"Key": "team", "Value": "blue"}], TransitiveTagKeys=["team"]))
    equal(first["SourceIdentity"], "carol")
    vendor = Client(daemon, Key.of(first["Credentials"]))
    second = vendor("assume_role", **assume(
        "stage", Policy=json.dumps(document(allow("sts:AssumeRole", "sts:TagSession",
                                                  "sts:SetSourceIdentity", resource=role("next"))))))
    equal(second["SourceIdentity"], "carol")
    assert 0 < second["PackedPolicySize"] <= 100
    stage = Client(daemon, Key.of(second["Credentials"]))
    denied = stage.refused("AccessDenied", "is not authorized to perform: sts:AssumeRole",
                           "assume_role", **assume("last"))
    absent = stage.refused("AccessDenied", "", "assume_role", **assume("none"))
    equal(absent["Error"]["Message"].replace("/none", "/last"), denied["Error"]["Message"])

    record = records(daemon, request_id(denied))[0]
    messages = record["additionalEventData"]["encodedAuthorizationMessages"]
    equal(list(messages), [ACCOUNT])
    auditor = Client(daemon, ALICE)
    told = json.loads(auditor("decode_authorization_message", EncodedMessage=messages[ACCOUNT])["DecodedMessage"])
    equal((told["allowed"], told["explicitDeny"]), (False, False))
    equal(told["context"]["action"], "sts:AssumeRole")
    equal(told["context"]["resource"], role("last"))
    equal(told["context"]["principal"]["arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/stage/s1")
    values = {c["key"].lower(): [v["value"] for v in c["values"]["items"]]
              for c in told["context"]["conditions"]["items"]}
    equal(values["aws:principaltag/team"], ["blue"])
    equal(values["aws:sourceidentity"], ["carol"])
    assert any("session policy" in f["value"] for f in told["failures"]["items"]), told
    # Who has no permission, and who belongs to another account, learns nothing.
    Client(daemon, NOBODY).refused("AccessDenied", "sts:DecodeAuthorizationMessage",
                                   "decode_authorization_message", EncodedMessage=messages[ACCOUNT])
    partner.refused("InvalidAuthorizationMessageException", "", "decode_authorization_message",
                    EncodedMessage=messages[ACCOUNT])


@case("L6")
def token_records(daemon):
    alice = Client(daemon, ALICE)
    for operation, event, parameters, read_only in (
            ("get_session_token", "GetSessionToken", {"DurationSeconds": 900}, False),
            ("get_federation_token", "GetFederationToken", {"Name": "bob"}, False),
            ("get_access_key_info", "GetAccessKeyInfo", {"AccessKeyId": ALICE.id}, True),
            ("get_caller_identity", "GetCallerIdentity", {}, True)):
        [record] = records(daemon, request_id(alice(operation, **parameters)))
        equal((record["eventName"], record["readOnly"]), (event, read_only))
        equal(record["requestParameters"],
              {k[0].lower() + k[1:]: v for k, v in parameters.items()} or None)
        equal(record["userIdentity"]["type"], "IAMUser")


def settings():
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    sts = {"all": document(allow("sts:*"))}
    key = {"secret": {"env": "TEST_SECRET"}}
    roles = {
        "reader": {"trust_policy": trusting(alice), "policies": sts},
        "next": {"trust_policy": trusting(f"arn:aws:iam::{ACCOUNT}:root", "sts:*")},
        "last": {"trust_policy": trusting(f"arn:aws:iam::{ACCOUNT}:root", "sts:*")},
        "long": {"trust_policy": trusting(alice), "max_session_duration": "12h"},
        "anyone": {"trust_policy": trusting("*", "sts:*")},
        "bounded": {"trust_policy": trusting(alice), "policies": sts, "permissions_boundary": "narrow"},
        "names-bounded": {"trust_policy": trusting(role("bounded"))},
        "vendor": {"trust_policy": document(*[
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": action} | more
            for action, more in (("sts:AssumeRole",
                                  {"Condition": {"StringEquals": {"sts:ExternalId": "shared-42"}}}),
                                 ("sts:TagSession", {}), ("sts:SetSourceIdentity", {}))]),
            "policies": sts},
        "stage": {"trust_policy": trusting(role("vendor"), "sts:*"), "policies": sts},
    }
    made = configuration({"imds": fixture.profile()}, roles=roles)
    made["issuer"]["accounts"][ACCOUNT] |= {
        "root": {"access_keys": [{"id": ROOT.id} | key]},
        "managed_policies": {"narrow": document(allow("s3:*")), "/team/wide": document(allow("*"))},
        "users": {
            "alice": {"access_keys": [{"id": ALICE.id} | key], "managed_policies": ["/team/wide"]},
            "bound": {"access_keys": [{"id": BOUND.id} | key], "policies": sts,
                      "permissions_boundary": policy("narrow")},
            "nobody": {"access_keys": [{"id": NOBODY.id} | key]},
        }}
    made["issuer"]["accounts"][OTHER] = {
        "managed_policies": {"theirs": document(allow("*"))},
        "users": {"partner": {"access_keys": [{"id": PARTNER.id} | key], "policies": sts}}}
    made["issuer"]["organization"] = {"management_account": ACCOUNT, "features": ["root_sessions"]}
    return made


if __name__ == "__main__":
    if botocore is None:
        raise SystemExit("botocore is not installed")
    with Daemon(settings(), environment={"TEST_SECRET": SECRET}) as running:
        running.secrets |= {SECRET}
        suite.run(daemon=running)
