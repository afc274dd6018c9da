#!/usr/bin/env python3
"""Two issuers on one PostgreSQL: what is made at one is there at the other, and what is revoked at one is
refused at the other, within a second where the database tells of changes and five where it cannot."""

import concurrent.futures
import os
import sys

from fleet import ACCOUNT, Fleet, Issuer, allow, code_of, median, seconds_until, trust

from postgresql import PASSWORD, PostgreSQL
from proxy import Proxy
from suite import Suite, equal

suite = Suite()
case = suite.case

# With --all, each is measured as often as a figure needs; else as a test.
ALL = "--all" in sys.argv or "IMDSD_SLOW_ISSUERS" in os.environ
# The promise; and how often the database is asked where it should not be what brings the news.
TOLD = {"bound": 1.0, "store": {"poll": "10s", "max_age": "30s"}}
POLLED = {"bound": 5.0, "store": {}}


class Story:
    """A role with its session and a user with keys, made at one issuer and used at the other."""

    def __init__(self, here, there, number):
        self.here, self.there = here, there
        self.admin = here.administrator()
        self.iam = here.iam(self.admin)
        self.name = f"story{number}"
        self.role_arn = f"arn:aws:iam::{ACCOUNT}:role/{self.name}"
        self.user_arn = f"arn:aws:iam::{ACCOUNT}:user/{self.name}"
        self.iam.create_user(UserName=self.name)
        self.iam.put_user_policy(UserName=self.name, PolicyName="all",
                                 PolicyDocument=allow("sts:*", "iam:*"))
        self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust(self.user_arn))
        self.iam.put_role_policy(RoleName=self.name, PolicyName="read",
                                 PolicyDocument=allow("iam:ListUsers"))
        self.key = self.new_key()
        self.learned = seconds_until(lambda: self.works(self.key), 10, "the key is known there")

    def new_key(self):
        made = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        self.here.secrets.add(made["SecretAccessKey"])
        return made

    def works(self, credentials):
        """At the other issuer."""
        return code_of(self.there.sts(credentials).get_caller_identity)[0] == 200

    def assume(self):
        made = self.there.sts(self.key).assume_role(RoleArn=self.role_arn, RoleSessionName="story")
        self.there.secrets.add(made["Credentials"]["SecretAccessKey"])
        return made["Credentials"]

    def refused_after(self, credentials, end, bound):
        """Seconds from the moment that `end()` was acknowledged here, until refused there."""
        ask = self.there.sts(credentials).get_caller_identity
        equal(code_of(ask)[0], 200)
        end()
        return seconds_until(lambda: code_of(ask)[0] == 403, bound, "refused there")


def session_id(issuer, credentials):
    """As its audit records show it."""
    for record in reversed(issuer.audit()):
        made = (record.get("responseElements") or {}).get("credentials") or {}
        if made.get("accessKeyId") == credentials["AccessKeyId"]:
            return record["additionalEventData"]["sessionId"]
    raise AssertionError("the session has no record")


def walk(here, there, number, bound):
    """Seconds until enforced, by what was done."""
    story = Story(here, there, number)
    took = {"created": story.learned}

    def measure(what, credentials, end):
        took[what] = story.refused_after(credentials, end, bound)
        print(f"    {what}: enforced after {took[what] * 1000:.0f} ms", flush=True)

    assert story.learned < bound, f"known after {story.learned:.1f} s"
    measure("role revoked", story.assume(), lambda: here.revoke("role", story.role_arn))
    # What was issued from then on is none of it.
    equal(story.works(story.assume()), True)
    session = story.assume()
    other = story.assume()
    identifier = session_id(there, session)
    measure("session revoked", session, lambda: here.revoke("session", identifier))
    equal(story.works(other), True)
    measure("session's key revoked", other, lambda: here.revoke("key", other["AccessKeyId"]))
    own = there.sts(story.key).get_session_token()["Credentials"]
    there.secrets.add(own["SecretAccessKey"])
    measure("user revoked", own, lambda: here.revoke("user", story.user_arn))
    equal(story.works(story.key), True)
    second = story.new_key()
    seconds_until(lambda: story.works(second), bound, "the second key is known there")
    measure("key revoked", second, lambda: here.revoke("key", second["AccessKeyId"]))
    measure("key deleted", story.key, lambda: story.iam.delete_access_key(
        UserName=story.name, AccessKeyId=story.key["AccessKeyId"]))
    # A policy that is taken away counts at once, too.
    third = story.new_key()
    seconds_until(lambda: story.works(third), bound, "the third key is known there")
    ask = there.iam(third)
    equal(code_of(ask.list_users)[0], 200)
    story.iam.delete_user_policy(UserName=story.name, PolicyName="all")
    took["policy deleted"] = seconds_until(
        lambda: code_of(ask.list_users) == (403, "AccessDenied"), bound, "denied there")
    return took


def walk_both_ways(issuers, bound, rounds):
    a, b = issuers
    equal(a.administrator(), b.administrator())
    seen = []
    for number in range(20 if ALL else rounds):
        here, there = (a, b) if number % 2 == 0 else (b, a)
        seen.append(walk(here, there, number, bound))
    for what in seen[0]:
        values = [each[what] for each in seen]
        print(f"  {what}: median {median(values) * 1000:.0f} ms, worst {max(values) * 1000:.0f} ms")


@case("told")
def changes_are_told(server):
    with Fleet(server, store=TOLD["store"]) as issuers:
        walk_both_ways(issuers, TOLD["bound"], 4)


@case("deaf", swallow_listen=True)
@case("lost-hints", swallow_notifications=True)
def changes_are_polled(server, swallow_listen=False, swallow_notifications=False):
    """LISTEN is never answered, or its notifications get lost on the way."""
    with Proxy(server.address, swallow_listen, swallow_notifications) as one, \
            Proxy(server.address, swallow_listen, swallow_notifications) as other, \
            Fleet(server, through=(one, other), store=POLLED["store"]) as issuers:
        walk_both_ways(issuers, POLLED["bound"], 1)
        assert one.swallowed and other.swallowed, (one.swallowed, other.swallowed)


@case("names")
def one_name_is_given_once(server):
    """Both are asked for the same at the same time: one of them makes it."""
    with Fleet(server) as (a, b), concurrent.futures.ThreadPoolExecutor(8) as pool:
        key = a.administrator()
        clients = [issuer.iam(key) for issuer in (a, b) for _ in range(4)]
        for number in range(10):
            outcomes = sorted(pool.map(
                lambda iam, name=f"same{number}": code_of(lambda: iam.create_user(UserName=name)), clients))
            equal(outcomes, [(200, "")] + 7 * [(409, "EntityAlreadyExists")])
        equal(*(sorted(u["UserId"] for u in issuer.iam(key).list_users()["Users"])
                for issuer in (a, b)))


GRANTS = """
    GRANT USAGE ON SCHEMA {schema} TO runner;
    GRANT SELECT ON {schema}.imdsd_schema TO runner;
    GRANT SELECT, UPDATE ON {schema}.imdsd_state TO runner;
    GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.imdsd_rows TO runner;
    GRANT SELECT, INSERT, DELETE ON {schema}.imdsd_changes, {schema}.imdsd_commits TO runner;
"""


@case("grants")
def the_documented_grants_are_enough(server):
    """Once the tables are there, an issuer needs no right to make any; trimming the log included."""
    with Fleet(server, through=(None,)) as (a,):
        schema = f"fleet{Fleet.schemas}"
        server.sql(f"CREATE ROLE runner LOGIN PASSWORD '{PASSWORD}';" + GRANTS.format(schema=schema)
                   + f"UPDATE {schema}.imdsd_commits SET committed_at = 0;")
        with Issuer({"postgresql": {"connection": server.connection(schema, user="runner"),
                                    "password": {"env": "IMDSD_TEST_PASSWORD"}}}, a.wrapping) as b:
            iam = b.iam(a.administrator())
            iam.create_user(UserName="runner")
            for number in range(400):  # past what the log keeps at least
                iam.tag_user(UserName="runner", Tags=[{"Key": "n", "Value": str(number)}])
            iam.delete_user(UserName="runner")
            oldest = int(server.sql(f"SELECT min(version) FROM {schema}.imdsd_commits;")[0])
            assert oldest > 1, "nothing was trimmed"
            equal(a.iam(a.administrator()).list_users(PathPrefix="/runner")["Users"], [])


@case("wrapping")
def another_wrapping_key_is_refused(server):
    """A replica that cannot open the ring does not start, and says why."""
    with Fleet(server) as (a, _):
        wrong = a.folder / "wrong.key"
        wrong.write_text("1" * 64)
        wrong.chmod(0o600)
        try:
            Issuer({"postgresql": {"connection": server.connection(f"fleet{Fleet.schemas}"),
                                         "password": {"env": "IMDSD_TEST_PASSWORD"}}}, wrong)
        except AssertionError as error:
            assert "wrapped by another key" in str(error), error
        else:
            raise AssertionError("it started")


if __name__ == "__main__":
    with PostgreSQL() as shared:
        suite.run(server=shared)
