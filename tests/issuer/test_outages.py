#!/usr/bin/env python3
"""PostgreSQL is stopped, restarted and cut off under load: what is known is served from memory, what would
have to be written is refused with 503, sessions are refused when too much may have been revoked unseen,
and everything recovers by itself."""

import signal
import threading
import time

from fleet import ACCOUNT, Fleet, Lost, Refused, allow, code_of, seconds_until, trust

from http_raw import wait_until
from postgresql import PostgreSQL
from proxy import Proxy
from suite import Suite, equal

suite = Suite()
case = suite.case

MAX_AGE = 3
UNAVAILABLE = (503, "ServiceUnavailable")


class Load(threading.Thread):
    """One call after the other, of one kind; counts outcomes and keeps the slowest."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call = call
        self.stop = threading.Event()
        self.outcomes = {}
        self.slowest = 0.0
        self.made = []  # names that were acknowledged
        self.start()

    def run(self):
        number = 0
        while not self.stop.is_set():
            number += 1
            started = time.monotonic()
            try:
                outcome = code_of(lambda: self.call(self, number))
            except Lost as error:
                outcome = (0, type(error).__name__)
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def forget(self):
        self.outcomes, self.slowest = {}, 0.0

    def end(self):
        self.stop.set()
        self.join(90)
        assert not self.is_alive(), "a call hangs"


class Scene:
    """Two issuers, a role with a session, and load on the first: writes, AssumeRole, reads."""

    def __init__(self, issuers):
        self.a, self.b = issuers
        self.admin = self.a.administrator()
        iam = self.a.iam(self.admin)
        iam.create_user(UserName="worker")
        iam.put_user_policy(UserName="worker", PolicyName="all", PolicyDocument=allow("*"))
        self.key = iam.create_access_key(UserName="worker")["AccessKey"]
        self.role = f"arn:aws:iam::{ACCOUNT}:role/worker"
        iam.create_role(RoleName="worker",
                        AssumeRolePolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:user/worker"))
        iam.put_role_policy(RoleName="worker", PolicyName="all", PolicyDocument=allow("iam:*"))
        for issuer in issuers:
            wait_until(lambda i=issuer: code_of(i.sts(self.key).get_caller_identity)[0] == 200, 10,
                       "the key is known")
        self.session = self.assume(self.a)

    def assume(self, issuer):
        return issuer.sts(self.key).assume_role(RoleArn=self.role, RoleSessionName="load")["Credentials"]

    def session_works(self, issuer):
        return code_of(issuer.sts(self.session).get_caller_identity)[0] == 200

    def loads(self):
        def write(load, number):
            name = f"made-{load.ident}-{number}"
            writing.create_user(UserName=name)
            load.made.append(name)
        writing = self.a.iam(self.key)
        writers = [Load(write) for _ in range(6)]
        sts = self.a.sts(self.key)
        assuming = Load(lambda *_: sts.assume_role(RoleArn=self.role, RoleSessionName="load"))
        reading_iam = self.a.iam(self.key)
        reading = Load(lambda *_: reading_iam.get_role(RoleName="worker"))
        return writers, assuming, reading

    def all_agree(self, writers):
        """Everything that was acknowledged is there, at both."""
        made = {name for writer in writers for name in writer.made}

        def names(issuer):
            pages = issuer.iam(self.admin).get_paginator("list_users").paginate()
            return {user["UserName"] for page in pages for user in page["Users"]}
        wait_until(lambda: names(self.a) == names(self.b), 15, "agreement")
        equal(made - names(self.a), set(), "acknowledged and lost")
        return len(made)


def outage(scene, begin, end, write_limit):
    """`begin()`; then what works and what does not, before and after max_age; `end()`; then all works."""
    a, b = scene.a, scene.b
    writers, assuming, reading = scene.loads()
    loads = [*writers, assuming, reading]
    wait_until(lambda: all(load.outcomes.get((200, "")) for load in loads), 20, "load")
    begin()
    started = time.monotonic()
    stale = seconds_until(lambda: not scene.session_works(a), MAX_AGE + 5, "sessions are refused")
    # Not earlier, or a hiccup would end everybody's work; the look before the cut counts.
    assert stale > MAX_AGE - 1.6, f"sessions were refused after {stale:.1f} s"
    equal(code_of(a.sts(scene.session).get_caller_identity), UNAVAILABLE)
    equal(code_of(a.iam(scene.session).list_users), UNAVAILABLE)
    assert "sessions are refused: what was revoked is not known" in a.log(), a.log()
    for load in loads:
        load.forget()
    # Long-term keys, which are known, go on working; so does what needs no write.
    equal(code_of(a.sts(scene.key).get_caller_identity), (200, ""))
    write = time.monotonic()
    equal(code_of(lambda: a.iam(scene.key).create_user(UserName="nobody")), UNAVAILABLE)
    write = time.monotonic() - write
    assert write < write_limit, f"a write was refused only after {write:.1f} s"
    wait_until(lambda: all(load.outcomes for load in loads), write_limit + 10, "outcomes")
    end()
    ended = time.monotonic()
    for load in (assuming, reading):
        equal(set(load.outcomes), {(200, "")})
        print(f"    while it was away: {sum(load.outcomes.values())} answers, the slowest after "
              f"{load.slowest * 1000:.0f} ms", flush=True)
        assert load.slowest < 2, f"an answer from memory took {load.slowest:.1f} s"
    for issuer in (a, b):
        seconds_until(lambda i=issuer: scene.session_works(i), 60, "recovery")
    recovered = time.monotonic() - ended
    for load in loads:
        load.forget()
    wait_until(lambda: all(load.outcomes.get((200, "")) for load in loads), 60, "writes again")
    for load in loads:
        load.end()
    seen = set().union(*(load.outcomes for load in loads))
    assert seen <= {(200, ""), UNAVAILABLE}, seen
    count = scene.all_agree(writers)
    # What was refused did not take place later.
    equal(code_of(lambda: a.iam(scene.admin).get_user(UserName="nobody")), (404, "NoSuchEntity"))
    print(f"  away for {ended - started:.1f} s: sessions refused after {stale:.2f} s, a write after "
          f"{write * 1000:.0f} ms; all back {recovered * 1000:.0f} ms after it; {count} acknowledged "
          f"writes are there", flush=True)


@case("stopped")
def the_server_crashes_and_comes_back():
    with PostgreSQL() as server, Fleet(server, store={"poll": "1s", "max_age": f"{MAX_AGE}s"}) as issuers:
        outage(Scene(issuers), server.stop, server.start, write_limit=20)


@case("cut")
def connections_are_cut():
    through_proxies("cut", write_limit=20)


@case("silent")
def nothing_comes_back():
    """The cable is pulled: nothing is closed, nothing answers."""
    through_proxies("silent", write_limit=60)


def through_proxies(mode, write_limit):
    with PostgreSQL() as server, Proxy(server.address) as one, Proxy(server.address) as other, \
            Fleet(server, through=(one, other),
                  store={"poll": "1s", "max_age": f"{MAX_AGE}s"}) as issuers:
        def set_modes(value):
            one.mode = other.mode = value
        outage(Scene(issuers), lambda: set_modes(mode), lambda: set_modes("pass"), write_limit)


@case("one-side")
def only_one_is_cut_off():
    """The other goes on writing; what was revoked there meanwhile is refused here at once afterwards."""
    with PostgreSQL() as server, Proxy(server.address) as proxy, \
            Fleet(server, through=(proxy, None),
                  store={"poll": "1s", "max_age": f"{MAX_AGE}s"}) as (a, b):
        scene = Scene((a, b))
        proxy.mode = "cut"
        b.revoke("role", scene.role)
        equal(code_of(b.sts(scene.session).get_caller_identity)[0], 403)
        b.iam(scene.admin).create_user(UserName="meanwhile")
        seconds_until(lambda: code_of(a.sts(scene.session).get_caller_identity) == UNAVAILABLE,
                      MAX_AGE + 5, "sessions are refused")
        equal(code_of(lambda: a.iam(scene.admin).get_user(UserName="meanwhile"))[0], 404)
        proxy.mode = "pass"
        seconds_until(lambda: code_of(a.sts(scene.session).get_caller_identity)[0] == 403, 20,
                      "what was revoked is known")
        equal(code_of(lambda: a.iam(scene.admin).get_user(UserName="meanwhile"))[0], 200)
        equal(code_of(a.sts(scene.assume(a)).get_caller_identity)[0], 200)


@case("terminated")
def it_stops_while_nothing_comes_back():
    """Whatever hangs at the database, the service manager's patience is longer."""
    with PostgreSQL() as server, Proxy(server.address) as proxy, \
            Fleet(server, through=(proxy, None)) as (a, _):
        admin = a.administrator()
        iam = a.iam(admin, timeout=2)
        proxy.mode = "silent"
        for number in range(3):  # clients that go away while their writes hang
            try:
                iam.create_user(UserName=f"lost-{number}")
            except (*Lost, Refused):
                pass
            equal(code_of(a.sts(admin).get_caller_identity)[0], 200)
        started = time.monotonic()
        a.process.terminate()
        a.process.wait(60)
        print(f"  ended after {time.monotonic() - started:.1f} s")
        equal(a.process.returncode, 0)


@case("often")
def restarts_under_load():
    """Crash after crash of the server, without a pause: nothing acknowledged is lost."""
    with PostgreSQL() as server, Fleet(server, store={"poll": "1s", "max_age": "30s"}) as issuers:
        scene = Scene(issuers)
        writers, assuming, reading = scene.loads()
        for _ in range(5):
            for writer in writers:
                writer.forget()
            wait_until(lambda: any(w.outcomes.get((200, "")) for w in writers), 30, "a write")
            server.stop(signal.SIGQUIT)
            server.start()
        for load in (*writers, assuming, reading):
            load.end()
        for load in (assuming, reading):
            equal(set(load.outcomes), {(200, "")})
        equal(scene.session_works(issuers[0]), True)
        print(f"  {scene.all_agree(writers)} acknowledged writes are there")


@case("start")
def without_its_database_it_does_not_start():
    with PostgreSQL() as server, Fleet(server) as (a, b):
        b.stop()
        server.stop()
        try:
            b.start()
        except AssertionError as error:
            assert "PostgreSQL" in str(error) and "refused" in str(error), error
        else:
            raise AssertionError("it started")
        server.start()
        b.start()
        equal(code_of(b.sts(b.administrator()).get_caller_identity)[0], 200)
        assert a.process.poll() is None


if __name__ == "__main__":
    suite.run()
