#!/usr/bin/env python3
"""The story of a partner, told with the AWS CLI: assume a role with an external id, chain to another with
tags and a narrower session policy, be denied, and have the account's auditor decode why.

Case names: ids of issuer_cases.py where they have one.
"""

import json
import os
import subprocess

import fixture

from daemon import ACCOUNT, Daemon, configuration
from http_raw import wait_until
from suite import Skip, Suite, equal
from test_issuer_cases import OTHER, SECRET, allow, document, role, trusting

suite = Suite("issuer")
case = suite.case

AWS = "/usr/bin/aws"
PARTNER, AUDITOR, CLERK = "AKIAPARTNERPARTNERP1", "AKIAAUDITORAUDITORA1", "AKIACLERKCLERKCLERK1"


class Cli:
    """The AWS CLI with one set of credentials; nothing of the machine's own configuration."""

    def __init__(self, daemon, key_id, secret=SECRET, token=None, path=""):
        if not os.access(AWS, os.X_OK):
            raise Skip("awscli is not installed")
        host, port = daemon.listeners["sts"]
        self.daemon, self.url = daemon, f"http://{host}:{port}{path}"
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(daemon.folder), "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret,
        } | ({"AWS_SESSION_TOKEN": token} if token else {})

    def run(self, command, *options):
        return subprocess.run([AWS, "sts", command, "--endpoint-url", self.url, "--output", "json", *options],
                              env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)

    def __call__(self, command, *options):
        done = self.run(command, *options)
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        if "Credentials" in answer:
            self.daemon.secrets |= {answer["Credentials"]["SecretAccessKey"], answer["Credentials"]["SessionToken"]}
        return answer

    def assume(self, name, *options):
        """The answer, and the CLI with the credentials in it."""
        answer = self("assume-role", "--role-arn", role(name), "--role-session-name", "nightly", *options)
        given = answer["Credentials"]
        return answer, Cli(self.daemon, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def refused(self, code, text, command, *options):
        done = self.run(command, *options)
        assert done.returncode != 0, done.stdout
        assert f"({code})" in done.stderr and text in done.stderr, done.stderr
        return done.stderr.strip()


def denied(cli, name, why="is not authorized to perform: sts:AssumeRole"):
    return cli.refused("AccessDenied", why, "assume-role", "--role-arn", role(name), "--role-session-name",
                       "nightly")


@case("P26")
def a_path_in_the_endpoint(daemon):
    for path in ("/prefix", "/prefix/"):
        equal(Cli(daemon, AUDITOR, path=path)("get-caller-identity")["Arn"],
              f"arn:aws:iam::{ACCOUNT}:user/auditor")


@case("story", proves="A27 A8 A13 A34 A45 A49 G21 G22 G23")
def story(daemon):
    partner = Cli(daemon, PARTNER)

    # Only with the external id that both agreed on.
    denied(partner, "vendor")
    partner.refused("AccessDenied", "sts:AssumeRole", "assume-role", "--role-arn", role("vendor"),
                    "--role-session-name", "nightly", "--external-id", "Shared-42")
    first, vendor = partner.assume(
        "vendor", "--external-id", "shared-42", "--source-identity", "carol",
        "--tags", "Key=team,Value=blue", "--transitive-tag-keys", "team", "--duration-seconds", "900")
    equal(first["SourceIdentity"], "carol")
    equal(vendor("get-caller-identity"),
          {"UserId": first["AssumedRoleUser"]["AssumedRoleId"], "Account": ACCOUNT,
           "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/vendor/nightly"})

    # Chained: the tag and the source identity go along; an hour at most; narrowed to one more role.
    vendor.refused("ValidationError", "1 hour session limit for roles assumed by role chaining.", "assume-role",
                   "--role-arn", role("stage"), "--role-session-name", "nightly", "--duration-seconds", "7200")
    narrow = json.dumps(document(allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity",
                                       resource=role("next"))))
    second, stage = vendor.assume("stage", "--policy", narrow)
    equal(second["SourceIdentity"], "carol")
    assert 0 < second["PackedPolicySize"] <= 100, second
    stage.assume("next")

    # Denied, in the same words as for what does not exist.
    said = denied(stage, "last")
    equal(denied(stage, "not-there").replace("not-there", "last"), said)
    assert "session policy" not in said, said

    # The auditor decodes why, from the record of the denial.
    def refusal():
        found = [r for r in daemon.audit() if r.get("errorCode") == "AccessDenied"
                 and (r["requestParameters"] or {}).get("roleArn") == role("last")]
        return found[-1] if found else None
    record = wait_until(refusal, what="the record of the denial")
    message = record["additionalEventData"]["encodedAuthorizationMessages"][ACCOUNT]
    told = json.loads(Cli(daemon, AUDITOR)("decode-authorization-message", "--encoded-message",
                                           message)["DecodedMessage"])
    equal((told["allowed"], told["explicitDeny"]), (False, False))
    context = told["context"]
    equal((context["action"], context["resource"], context["principal"]["arn"]),
          ("sts:AssumeRole", role("last"), f"arn:aws:sts::{ACCOUNT}:assumed-role/stage/nightly"))
    values = {c["key"].lower(): [v["value"] for v in c["values"]["items"]]
              for c in context["conditions"]["items"]}
    equal((values["aws:principaltag/team"], values["aws:sourceidentity"]), (["blue"], ["carol"]))
    assert any("session policy" in f["value"] for f in told["failures"]["items"]), told

    # Nobody else learns it: without the permission, and from the other account.
    Cli(daemon, CLERK).refused("AccessDenied", "sts:DecodeAuthorizationMessage", "decode-authorization-message",
                               "--encoded-message", message)
    partner.refused("InvalidAuthorizationMessageException", "", "decode-authorization-message",
                    "--encoded-message", message)


def settings():
    key = {"secret": {"env": "TEST_SECRET"}}
    sts = {"all": document(allow("sts:*"))}
    other, own = f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{ACCOUNT}:root"
    vendor = [{"Effect": "Allow", "Principal": {"AWS": other}, "Action": "sts:AssumeRole",
               "Condition": {"StringEquals": {"sts:ExternalId": "shared-42"}}},
              {"Effect": "Allow", "Principal": {"AWS": other}, "Action": ["sts:TagSession", "sts:SetSourceIdentity"]}]
    roles = {
        "vendor": {"trust_policy": document(*vendor), "policies": sts},
        "stage": trusting(role("vendor")) | {"policies": sts, "max_session_duration": "12h"},
        "next": trusting(own),
        "last": trusting(own),
    }
    made = configuration({"imds": fixture.profile()}, roles=roles)
    made["issuer"]["accounts"][ACCOUNT]["users"] = {
        "auditor": {"access_keys": [{"id": AUDITOR} | key],
                    "policies": {"decode": document(allow("sts:DecodeAuthorizationMessage"))}},
        "clerk": {"access_keys": [{"id": CLERK} | key]}}
    made["issuer"]["accounts"][OTHER] = {
        "users": {"partner": {"access_keys": [{"id": PARTNER} | key], "policies": sts}}}
    return made


if __name__ == "__main__":
    with Daemon(settings(), environment={"TEST_SECRET": SECRET}) as running:
        running.secrets |= {SECRET}
        suite.run(daemon=running)
