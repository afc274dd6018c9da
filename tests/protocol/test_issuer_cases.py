#!/usr/bin/env python3
"""The cases of issuer_cases.py that need a running issuer and no more than a request or two, as tables: who
asks for what, and what comes of it. Signed by botocore.

Case names: ids of issuer_cases.py where they have one.
"""

import datetime
import json
import urllib.parse

import fixture

from daemon import ACCOUNT, Daemon, configuration
from http_raw import ask, build, wait_until
from sigv4 import Key, presign, timestamp
from suite import Suite, equal
from test_issuer import Answer
from test_signing import Request, signed

try:
    import botocore.credentials
except ImportError:
    botocore = None

suite = Suite("issuer")
case = suite.case

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER = "210987654321"
USERS = {"alice": "AKIAIOSFODNN7EXAMPLE", "plain": "AKIAPLAINPLAINPLAIN1", "denied": "AKIADENIEDDENIEDDEN1",
         "revoked": "AKIAREVOKEDREVOKEDR1"}
ROOT = "AKIAROOTROOTROOTROO1"
GOOD_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


def role(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:role/{name}"


def user(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource} | more


def trusting(*principals, actions=("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"), **more):
    return {"trust_policy": document({"Effect": "Allow", "Principal": {"AWS": list(principals)},
                                      "Action": list(actions)} | more)}


class Session:
    """Long-term or temporary credentials of a caller."""

    def __init__(self, daemon, key):
        self.daemon, self.key = daemon, key

    @classmethod
    def of(cls, daemon, name):
        return cls(daemon, Key(ROOT if name == "root" else USERS[name], SECRET))

    def ask(self, action, parameters=None, **how):
        """The answer to a call. `how` goes to botocore's signer."""
        given = botocore.credentials.Credentials(self.key.id, self.key.secret, self.key.token)
        request = signed(self.daemon.listeners["sts"], {"Action": action} | (parameters or {}), given, **how)
        answer = Answer(request.send(self.daemon.listeners["sts"]))
        if answer.status == 200 and "<SecretAccessKey>" in answer.text:
            self.daemon.secrets |= {answer.find("SecretAccessKey"), answer.find("SessionToken")}
        return answer

    def session(self, action, parameters=None):
        answer = self.ask(action, parameters)
        equal(answer.status, 200, answer.text)
        return Session(self.daemon, Key(answer.find("AccessKeyId"), answer.find("SecretAccessKey"),
                                        answer.find("SessionToken")))

    def assume(self, name, **more):
        return self.session("AssumeRole", to(name, **more))


def to(name, **more):
    return {"RoleArn": name if name.startswith("arn:") else role(name), "RoleSessionName": "s1"} | more


def tags(**pairs):
    out = {}
    for place, (key, value) in enumerate(pairs.items(), 1):
        out |= {f"Tags.member.{place}.Key": key, f"Tags.member.{place}.Value": value}
    return out


def check(answer, status, code=None, text=""):
    equal((answer.status, answer.code if answer.status != 200 else None), (status, code), answer.text)
    if text:
        said = answer.message if status != 200 else answer.text
        assert text in said, said
    return answer


def life_of(answer, asked_at):
    until = datetime.datetime.strptime(answer.find("Expiration"), "%Y-%m-%dT%H:%M:%SZ")
    return (until.replace(tzinfo=datetime.timezone.utc) - asked_at).total_seconds()


def records(daemon, answer, count=1):
    wanted = answer.find("RequestId")

    def found():
        kept = [r for r in daemon.audit() if r.get("requestID") == wanted]
        return kept if len(kept) >= count else None
    kept = wait_until(found, what=f"{count} records of {wanted}")
    equal(len(kept), count, kept)
    return kept


# ---------------------------------------------------------------------------- parameters

NOT_NUMBERS = (" 900 ", " 900", "900 ", "900.0", "9e2", "2147483648", "-2147483649", "0x384", "9OO", "")
NULL = "failed to satisfy constraint: Member must not be null"


@case("P12", text="0900")
@case("P12-sign", text="+900")
@case("P12-zeros", text="0000000000900")
def integers(daemon, text):
    before = datetime.datetime.now(datetime.timezone.utc)
    answer = check(Session.of(daemon, "alice").ask("GetSessionToken", {"DurationSeconds": text}), 200)
    assert 895 <= life_of(answer, before) <= 905, answer.text


for _place, _text in enumerate(NOT_NUMBERS):
    @case(f"P13-{_place}", text=_text)
    def no_integers(daemon, text):
        check(Session.of(daemon, "alice").ask("GetSessionToken", {"DurationSeconds": text}), 400,
              "MalformedInput")


VALIDATION = [
    ("P14", "GetSessionToken", {"DurationSeconds": "0"}, "Value '0' at 'durationSeconds' failed to satisfy "
     "constraint: Member must have value greater than or equal to 900"),
    ("P14-negative", "GetSessionToken", {"DurationSeconds": "-900"}, "greater than or equal to 900"),
    ("G2-short", "GetSessionToken", {"DurationSeconds": "899"}, "greater than or equal to 900"),
    ("G2-long", "GetSessionToken", {"DurationSeconds": "129601"}, "less than or equal to 129600"),
    ("G2-federated", "GetFederationToken", {"Name": "bob", "DurationSeconds": "129601"},
     "less than or equal to 129600"),
    ("P22", "AssumeRole", {"RoleArn": role("reader")}, f"1 validation error detected: Value null at "
     f"'roleSessionName' {NULL}"),
    ("P22-both", "AssumeRole", {}, "2 validation errors detected: "),
    ("A14", "AssumeRole", to("arn:nonsense-but-longer-than-20"), "arn:nonsense-but-longer-than-20 is invalid"),
    ("A14-other", "AssumeRole", to("reader") | {"RoleArn": "nonsense-but-longer-than-20"},
     "nonsense-but-longer-than-20 is invalid"),
    ("A15", "AssumeRole", to(f"arn::iam::{ACCOUNT}:role/x"), f"arn::iam::{ACCOUNT}:role/x is invalid"),
    ("A15-short", "AssumeRole", to("arn:aws:iam:xxxxxxxxx"), "arn:aws:iam:xxxxxxxxx is invalid"),
    ("A16", "AssumeRole", to("arn:aws:iam::1:role"), "Value 'arn:aws:iam::1:role' at 'roleArn' failed to "
     "satisfy constraint: Member must have length greater than or equal to 20"),
    ("A17-short", "AssumeRole", to("reader", RoleSessionName="a"), "length greater than or equal to 2"),
    ("A17-blank", "AssumeRole", to("reader", RoleSessionName="has space"),
     r"Member must satisfy regular expression pattern: [\w+=,.@-]*"),
    ("A17-long", "AssumeRole", to("reader", RoleSessionName="x" * 65), "length less than or equal to 64"),
    ("A19-short", "AssumeRole", to("reader", DurationSeconds="899"), "greater than or equal to 900"),
    ("A19-long", "AssumeRole", to("reader", DurationSeconds="43201"), "less than or equal to 43200"),
    ("A20-reader", "AssumeRole", to("reader", DurationSeconds="7200"),
     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
    ("A31", "AssumeRole", to("reader", Policy=GOOD_POLICY + " " * 2049), "at 'policy' failed"),
    ("A31-federated", "GetFederationToken", {"Name": "bob", "Policy": GOOD_POLICY + " " * 2049},
     "at 'policy' failed"),
    ("A32", "AssumeRole", to("reader", **{f"PolicyArns.member.{i}.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"
                                           for i in range(1, 12)}), "'policyArns'"),
    ("A33-other", "AssumeRole", to("reader", **{"PolicyArns.member.1.arn": f"arn:aws:iam::{OTHER}:policy/p"}),
     f"arn:aws:iam::{OTHER}:policy/p"),
    ("A52", "AssumeRole", to("reader", SourceIdentity="aws:x"), "'sourceIdentity'"),
    ("sparse", "AssumeRole", to("reader", **{"Tags.member.2.Key": "a", "Tags.member.2.Value": "b"}),
     f"'tags.1.member.key' {NULL}"),
    ("external-id", "AssumeRole", to("reader", ExternalId="a b"), "'externalId'"),
    ("token-code", "GetSessionToken", {"SerialNumber": user("alice"), "TokenCode": "12345a"}, "'tokenCode'"),
    ("name", "GetFederationToken", {"Name": "x"}, "length greater than or equal to 2"),
    ("key-id", "GetAccessKeyInfo", {"AccessKeyId": "AKIA"}, "length greater than or equal to 16"),
    ("message", "DecodeAuthorizationMessage", {"EncodedMessage": ""}, "'encodedMessage'"),
]

for _name, _action, _parameters, _text in VALIDATION:
    @case(_name, action=_action, parameters=_parameters, text=_text)
    def refused_by_the_model(daemon, action, parameters, text):
        check(Session.of(daemon, "alice").ask(action, parameters), 400, "ValidationError", text)


@case("P16")
def leading_zeros_in_an_index(daemon):
    answer = Session.of(daemon, "alice").ask("AssumeRole", to(
        "wants-a-tag", **{"Tags.member.01.Key": "a", "Tags.member.1.Value": "b"}))
    check(answer, 200)
    equal(records(daemon, answer)[0]["requestParameters"]["tags"], [{"key": "a", "value": "b"}])


@case("P17", index="member.0.Key")
@case("P17-negative", index="member.-1.Key")
@case("P17-two", index="member.1.1.Key")
@case("P17-far", index="member.12.Key")
def bad_indexes(daemon, index):
    check(Session.of(daemon, "alice").ask("AssumeRole", to("reader", **{f"Tags.{index}": "a"})), 400,
          "MalformedInput")


@case("P24")
def the_largest_assertion(daemon):
    body = urllib.parse.urlencode({
        "Action": "AssumeRoleWithSAML", "Version": "2011-06-15", "RoleArn": role("reader"),
        "PrincipalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp", "SAMLAssertion": "+/=" * 33333 + "+"})
    assert len(body) > 300000
    host, port = daemon.listeners["sts"]
    answer = Answer(Request("POST", "/", {"Host": f"{host}:{port}",
                                          "Content-Type": "application/x-www-form-urlencoded"},
                            body.encode()).send((host, port)))
    assert answer.status == 400 and answer.code != "RequestEntityTooLarge", answer.text


# ---------------------------------------------------------------------------- signatures

@case("S65")
def signed_with_date(daemon):
    answer = Session.of(daemon, "alice").ask("GetCallerIdentity", headers={"Date": "now"})
    check(answer, 200)


@case("S61")
def presigned_for_a_minute(daemon):
    host, port = daemon.listeners["sts"]
    fields = {"Host": f"{host}:{port}"}

    def status(age, expires):
        target = presign(Key(USERS["alice"], SECRET), "/", [("Action", "GetCallerIdentity"),
                                                            ("Version", "2011-06-15")],
                         fields, expires=expires, stamp=timestamp(-age))
        return Answer(ask((host, port), build("GET", target, fields, host=None)))
    check(status(300, 60), 403, "SignatureDoesNotMatch", "Signature expired")
    check(status(300, 600), 200)
    # The longest life that can be asked for is cut at fifteen minutes.
    check(status(890, 604800), 200)
    check(status(910, 604800), 403, "SignatureDoesNotMatch", "Signature expired")


@case("L10")
def the_login_of_vault(daemon):
    """POST to a URL with two slashes, its own server id signed; the body holds nothing more."""
    answer = Session.of(daemon, "alice").ask("GetCallerIdentity", path="//",
                                             headers={"X-Vault-AWS-IAM-Server-ID": "vault.example"})
    check(answer, 200)
    equal(answer.response.get("Content-Type"), "text/xml")
    assert answer.text.startswith("<GetCallerIdentityResponse"), answer.text


# ---------------------------------------------------------------------------- who may assume what

TRUST = [
    # id, caller, role, parameters, allowed, text of the refusal
    ("A1-plain", "plain", "reader", {}, True, ""),
    ("A2", "plain", "account", {}, False, "sts:AssumeRole on resource: " + role("account")),
    ("A3", "alice", "account", {}, True, ""),
    ("A5", "denied", "reader", {}, False, "with an explicit deny in an identity-based policy"),
    ("A7", "plain", role("shared", OTHER), {}, False, "sts:AssumeRole"),
    ("A8", "alice", role("shared", OTHER), {}, True, ""),
    ("A8-shut", "alice", role("shut", OTHER), {}, False, "sts:AssumeRole"),
    ("A11", "alice", "team/LONG", {}, False, "sts:AssumeRole"),
    ("A11-path", "alice", "Team/long", {}, False, "sts:AssumeRole"),
    ("A11-none", "alice", "long", {}, False, "sts:AssumeRole"),
    ("A13", "alice", "nobody-made-this", {}, False, "sts:AssumeRole"),
    ("A21", "alice", "team/long", {"DurationSeconds": "43200"}, True, ""),
    ("A25", "root", "account", {}, False, "Roles may not be assumed by root accounts."),
    ("A27-without", "alice", "external", {}, False, "sts:AssumeRole"),
    ("A27-other", "alice", "external", {"ExternalId": "X1"}, False, "sts:AssumeRole"),
    ("A27", "alice", "external", {"ExternalId": "x1"}, True, ""),
    ("A29", "alice", "reader", {"ExternalId": "x1"}, True, ""),
    ("A38", "alice", "only-assume", tags(team="x"), False, "sts:TagSession"),
    ("A48", "alice", "only-assume", {"SourceIdentity": "bob"}, False, "sts:SetSourceIdentity"),
    ("A53", "alice", "own-name", {"RoleSessionName": "alice"}, True, ""),
    ("A53-other", "alice", "own-name", {}, False, "sts:AssumeRole"),
    ("A54", "alice", "other-network", {}, False, "sts:AssumeRole"),
    ("A61", "alice", "timed", {"DurationSeconds": "900"}, False, "sts:AssumeRole"),
    ("A63", "revoked", "account", {}, True, ""),
]

for _name, _who, _role, _more, _allowed, _text in TRUST:
    @case(_name, who=_who, name=_role, more=_more, allowed=_allowed, text=_text)
    def trusts(daemon, who, name, more, allowed, text):
        answer = Session.of(daemon, who).ask("AssumeRole", to(name, **more))
        check(answer, 200 if allowed else 403, None if allowed else "AccessDenied", text)


@case("A12", proves="G23")
def without_the_path(daemon):
    session = Session.of(daemon, "alice").assume("team/long")
    who = session.ask("GetCallerIdentity")
    equal(who.find("Arn"), f"arn:aws:sts::{ACCOUNT}:assumed-role/long/s1")
    assert who.find("UserId").startswith("AROA") and who.find("UserId").endswith(":s1"), who.text


@case("A22", first="AssumeRole", text="1 hour session limit for roles assumed by role chaining.")
@case("A23", first="GetSessionToken", text="1 hour session limit for roles assumed by role chaining.")
def an_hour_when_chained(daemon, first, text):
    alice = Session.of(daemon, "alice")
    session = alice.assume("reader") if first == "AssumeRole" else alice.session(first)
    check(session.ask("AssumeRole", to("team/long", DurationSeconds="3601")), 400, "ValidationError", text)
    check(session.ask("AssumeRole", to("team/long", DurationSeconds="3600")), 200)


@case("A30", text='{"temp":true}')
@case("A30-text", text="not json")
@case("A30-version", text='{"Version":"2020-01-01","Statement":[]}')
@case("A30-principal", text='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
                            '"Action":"s3:*","Resource":"*"}]}')
def malformed_session_policies(daemon, text):
    alice = Session.of(daemon, "alice")
    check(alice.ask("AssumeRole", to("reader", Policy=text)), 400, "MalformedPolicyDocument")
    check(alice.ask("GetFederationToken", {"Name": "bob", "Policy": text}), 400, "MalformedPolicyDocument")


@case("A34")
def nothing_in_common(daemon):
    """The role may assume, its session policy speaks of something else."""
    session = Session.of(daemon, "alice").assume("reader", Policy=GOOD_POLICY)
    check(session.ask("AssumeRole", to("next")), 403, "AccessDenied", "sts:AssumeRole")
    check(Session.of(daemon, "alice").assume("reader").ask("AssumeRole", to("next")), 200)


@case("A35")
def packed_size(daemon):
    answer = check(Session.of(daemon, "alice").ask("AssumeRole", to("reader", Policy=GOOD_POLICY)), 200)
    assert 0 < int(answer.find("PackedPolicySize")) <= 100, answer.text


@case("E29")
def garbage_in_a_condition(daemon):
    policy = json.dumps(document(allow("sts:*", Condition={"IpAddress": {"aws:SourceIp": "garbage"}})))
    session = Session.of(daemon, "alice").assume("reader", Policy=policy)
    check(session.ask("AssumeRole", to("next")), 403, "AccessDenied", "sts:AssumeRole")


INVALID = [
    ("A40", {"TransitiveTagKeys.member.1": "x"},
     "The specified transitive tag key must be included in the requested tags."),
    ("A41", tags(Team="a", team="b"), "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
    ("A47", {"Tags.member.1.Key": "aws:x", "Tags.member.1.Value": "y"}, "aws:"),
]

for _name, _parameters, _text in INVALID:
    @case(_name, parameters=_parameters, text=_text)
    def invalid_tags(daemon, parameters, text):
        check(Session.of(daemon, "alice").ask("AssumeRole", to("reader", **parameters)), 400,
              "InvalidParameterValue", text)


@case("A42", proves="A45")
def inherited_tags(daemon):
    session = Session.of(daemon, "alice").assume(
        "reader", **tags(Team="blue"), **{"TransitiveTagKeys.member.1": "Team"})
    check(session.ask("AssumeRole", to("next", **tags(team="red"))), 400, "InvalidParameterValue",
          "conflicts with a transitive tag key from the calling session")
    check(session.ask("AssumeRole", to("next-only-assume")), 403, "AccessDenied", "sts:TagSession")
    check(session.ask("AssumeRole", to("next")), 200)
    # A tag that is not transitive stays behind.
    plain = Session.of(daemon, "alice").assume("reader", **tags(Team="blue"))
    check(plain.ask("AssumeRole", to("next-only-assume")), 200)


@case("A46")
def session_tags_lie_over_the_roles(daemon):
    alice = Session.of(daemon, "alice")
    check(alice.assume("tagged").ask("AssumeRole", to("for-role-tag")), 200)
    check(alice.assume("tagged", **tags(TEAM="session")).ask("AssumeRole", to("for-role-tag")), 403, "AccessDenied")


@case("A49", proves="A50 L7")
def source_identities(daemon):
    first = Session.of(daemon, "alice").ask("AssumeRole", to("reader", SourceIdentity="bob"))
    equal(check(first, 200).find("SourceIdentity"), "bob")
    session = Session(daemon, Key(first.find("AccessKeyId"), first.find("SecretAccessKey"),
                                  first.find("SessionToken")))
    check(session.ask("AssumeRole", to("next", SourceIdentity="eve")), 403, "AccessDenied",
          "sts:SetSourceIdentity")
    again = check(session.ask("AssumeRole", to("next")), 200)
    equal(again.find("SourceIdentity"), "bob")
    context = records(daemon, again)[0]["userIdentity"]["sessionContext"]
    equal(context["sourceIdentity"], "bob")
    equal(context["sessionIssuer"]["arn"], role("reader"))


@case("A56")
def roles_that_assume_themselves(daemon):
    alice = Session.of(daemon, "alice")
    check(alice.assume("account").ask("AssumeRole", to("account")), 403, "AccessDenied", "sts:AssumeRole")
    check(alice.assume("self").ask("AssumeRole", to("self")), 200)


@case("A57")
def a_role_that_is_gone(daemon):
    """A session ends with its role, and what trusted the role trusts nobody until there is one again."""
    session = Session.of(daemon, "alice").assume("reader")
    check(session.ask("AssumeRole", to("next")), 200)
    changed = settings()
    roles = changed["issuer"]["accounts"][ACCOUNT]["roles"]
    roles["reader"] |= {"path": "/new/"}  # the same name, another role
    assert daemon.reload(changed)["ok"]
    refused = session.ask("AssumeRole", to("next"))
    check(refused, 403, "InvalidClientTokenId")
    other = Session.of(daemon, "alice").assume("new/reader")
    check(other.ask("AssumeRole", to("next")), 403, "AccessDenied", "sts:AssumeRole")
    assert daemon.reload(settings())["ok"]


@case("A60")
def silent_boundary(daemon):
    session = Session.of(daemon, "alice").assume("bounded")
    check(session.ask("AssumeRole", to("names-bounded")), 403, "AccessDenied", "sts:AssumeRole")


# ---------------------------------------------------------------------------- tokens

@case("G6")
def what_no_denial_stops(daemon):
    denied = Session.of(daemon, "denied")
    check(denied.ask("GetSessionToken"), 200)
    check(denied.ask("GetCallerIdentity"), 200)


FEDERATED = {"G9": {"Policy": json.dumps(document(allow("s3:Get*", "sts:*")))},
             "G10": {"Policy": json.dumps(document(allow("ec2:*")))}, "G13": {}}

for _name, _more in FEDERATED.items():
    @case(_name + "-calls", more=_more)
    def federated_users_call_nothing(daemon, more):
        """Whatever the session policy says: what it permits is for others to ask about."""
        bob = Session.of(daemon, "alice").session("GetFederationToken", {"Name": "bob"} | more)
        equal(bob.ask("GetCallerIdentity").find("Arn"), f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
        check(bob.ask("AssumeRole", to("anyone")), 403, "AccessDenied")
        check(bob.ask("GetSessionToken"), 403, "AccessDenied", "Cannot call GetSessionToken with session")
        check(bob.ask("GetFederationToken", {"Name": "eve"}), 403, "AccessDenied",
              "Cannot call GetFederationToken with session")
        check(bob.ask("GetAccessKeyInfo", {"AccessKeyId": USERS["alice"]}), 403, "AccessDenied")
        check(bob.ask("DecodeAuthorizationMessage", {"EncodedMessage": "x"}), 403, "AccessDenied")


FOR_OTHERS = [  # what the federated user bob may do elsewhere, as the engine decides
    ("G9", "s3:*", "s3:Get*", None, "s3:GetObject", True),
    ("G9-more", "s3:*", "s3:Get*", None, "s3:PutObject", False),
    ("G10", "ec2:*", "s3:Get*", None, "s3:GetObject", False),
    ("G8-engine", "s3:*", None, None, "s3:GetObject", False),
    ("G14", "ec2:*", None, f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "s3:GetObject", True),
    ("G14-other", "ec2:*", None, f"arn:aws:sts::{ACCOUNT}:federated-user/eve", "s3:GetObject", False),
    ("G14-account", "s3:*", None, f"arn:aws:iam::{ACCOUNT}:root", "s3:GetObject", False),
]

for _name, _own, _session, _named, _action, _allowed in FOR_OTHERS:
    @case(_name, own=_own, narrow=_session, named=_named, action=_action, allowed=_allowed)
    def federated_users_elsewhere(daemon, own, narrow, named, action, allowed):
        options = []
        for option, statement in (("--policy", allow(own)), ("--session-policy", narrow and allow(narrow)),
                                  ("--resource-policy", named and allow("s3:*", Principal={"AWS": named}))):
            if statement:
                place = daemon.folder / f"{option[2:]}.json"
                place.write_text(json.dumps(document(statement)))
                options += [option, str(place)]
        code, out, err = daemon.cli("policy", "simulate", "--caller",
                                    f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "--action", action,
                                    "--resource", "arn:aws:s3:::b/x", "--resource-account", ACCOUNT, *options,
                                    socket=False)
        equal(code, 0 if allowed else 5, out + err)


@case("G13-session-token")
def a_session_token_calls_little(daemon):
    session = Session.of(daemon, "alice").session("GetSessionToken")
    check(session.ask("GetCallerIdentity"), 200)
    check(session.ask("AssumeRole", to("reader")), 200)
    check(session.ask("GetAccessKeyInfo", {"AccessKeyId": USERS["alice"]}), 403, "AccessDenied")
    check(session.ask("DecodeAuthorizationMessage", {"EncodedMessage": "x"}), 403, "AccessDenied")


# ---------------------------------------------------------------------------- records

@case("L1")
def the_record_of_assume_role(daemon):
    answer = check(Session.of(daemon, "alice").ask("AssumeRole", to("reader", ExternalId="x1")), 200)
    [record] = records(daemon, answer)
    equal((record["eventSource"], record["eventName"], record["readOnly"]), ("sts.amazonaws.com", "AssumeRole", True))
    who = record["userIdentity"]
    equal((who["type"], who["arn"], who["userName"], who["accountId"], who["accessKeyId"]),
          ("IAMUser", user("alice"), "alice", ACCOUNT, USERS["alice"]))
    assert "sessionContext" not in who, who
    equal(record["requestParameters"], {"roleArn": role("reader"), "roleSessionName": "s1", "externalId": "x1"})
    equal(record["responseElements"]["credentials"]["accessKeyId"], answer.find("AccessKeyId"))
    equal(record["responseElements"]["assumedRoleUser"],
          {"assumedRoleId": answer.find("AssumedRoleId"), "arn": answer.find("Arn")})
    datetime.datetime.strptime(record["responseElements"]["credentials"]["expiration"], "%b %d, %Y, %I:%M:%S %p")
    equal(record["resources"], [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role("reader")}])
    assert "tlsDetails" not in record and "errorCode" not in record, record


@case("L2")
def the_records_of_two_accounts(daemon):
    answer = check(Session.of(daemon, "alice").ask("AssumeRole", to(role("shared", OTHER))), 200)
    both = {r["recipientAccountId"]: r for r in records(daemon, answer, 2)}
    equal(sorted(both), [ACCOUNT, OTHER])
    equal(both[ACCOUNT]["sharedEventID"], both[OTHER]["sharedEventID"])
    assert both[ACCOUNT]["eventID"] != both[OTHER]["eventID"]
    equal(both[ACCOUNT]["userIdentity"]["type"], "IAMUser")
    equal(sorted(both[OTHER]["userIdentity"]), ["accountId", "principalId", "type"])
    equal(both[OTHER]["userIdentity"]["type"], "AWSAccount")


@case("L3")
def the_record_of_a_denial(daemon):
    answer = check(Session.of(daemon, "plain").ask("AssumeRole", to("account")), 403, "AccessDenied")
    [record] = records(daemon, answer)
    equal((record["errorCode"], record["responseElements"]), ("AccessDenied", None))
    equal(record["errorMessage"], answer.message)


def settings():
    key = {"secret": {"env": "TEST_SECRET"}}
    sts = {"all": document(allow("sts:*", "s3:*"))}
    root = f"arn:aws:iam::{ACCOUNT}:root"
    alice, plain, denied, revoked = map(user, USERS)
    users = {name: {"access_keys": [{"id": id} | key]} for name, id in USERS.items()}
    users["alice"]["policies"] = sts
    users["denied"]["policies"] = {"no": document({"Effect": "Deny", "Action": "sts:*", "Resource": "*"})}
    users["revoked"]["policies"] = sts | {"revoke": document({
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2100-01-01T00:00:00Z"}}})}
    assume = ("sts:AssumeRole",)

    def when(**condition):
        return {"Condition": condition}
    roles = {
        "reader": trusting(alice, plain, denied) | {"policies": sts},
        "only-assume": trusting(alice, actions=assume),
        "account": trusting(root) | {"policies": sts},
        "anyone": trusting("*"),
        "next": trusting(role("reader")),
        "next-only-assume": trusting(role("reader"), actions=assume),
        "long": trusting(alice, role("reader")) | {"path": "/team/", "max_session_duration": "12h"},
        "external": trusting(alice, **when(StringEquals={"sts:ExternalId": "x1"})),
        "own-name": trusting(alice, **when(StringEquals={"sts:RoleSessionName": "${aws:username}"})),
        "other-network": trusting(alice, **when(IpAddress={"aws:SourceIp": "192.0.2.0/24"})),
        "timed": trusting(alice, **when(NumericLessThan={"sts:DurationSeconds": "3601"})),
        "wants-a-tag": trusting(alice, **when(StringEquals={"aws:RequestTag/a": "b"})),
        "tagged": trusting(alice) | {"tags": {"Team": "role"}},
        "for-role-tag": trusting(role("tagged"), **when(StringEquals={"aws:PrincipalTag/team": "role"})),
        "self": trusting(alice, role("self")),
        "bounded": trusting(alice) | {"policies": sts, "permissions_boundary": "narrow"},
        "names-bounded": trusting(role("bounded")),
    }
    made = configuration({"imds": fixture.profile()}, roles=roles)
    made["issuer"]["accounts"][ACCOUNT] |= {
        "root": {"access_keys": [{"id": ROOT} | key]},
        "managed_policies": {"narrow": document(allow("s3:*"))}, "users": users}
    made["issuer"]["accounts"][OTHER] = {"roles": {
        "shared": trusting(root), "shut": trusting(f"arn:aws:iam::{OTHER}:root")}}
    return made


if __name__ == "__main__":
    if botocore is None:
        raise SystemExit("botocore is not installed")
    with Daemon(settings(), environment={"TEST_SECRET": SECRET}) as running:
        running.secrets |= {SECRET}
        suite.run(daemon=running)
