#!/usr/bin/env python3
"""kill -9 of an issuer at random moments while several clients write: nothing that was acknowledged is
lost, nothing is there that nobody asked for, and what is killed starts again.

    test_kills.py              some kills of each kind
    test_kills.py --all        200 of each kind, as IMDSD_SLOW_ISSUERS=1 does
    test_kills.py --kills=N    as many
"""

import os
import random
import sys
import threading
import time

from fleet import Fleet, Issuer, Lost

from daemon import SANITIZED
from http_raw import wait_until
from postgresql import PostgreSQL
from suite import Suite, equal

suite = Suite()
case = suite.case

ALL = "--all" in sys.argv or "IMDSD_SLOW_ISSUERS" in os.environ
KILLS = next((int(word.split("=")[1]) for word in sys.argv if word.startswith("--kills=")),
             200 if ALL else 5 if SANITIZED else 20)
WRITERS = 3  # at each issuer
MOST_USERS = 6  # of each writer


class Writer(threading.Thread):
    """Makes, changes and deletes users of its own, one call after the other, until a call gets no
    answer. `known`: name -> the value of its tag, as acknowledged; `pending`: (name, value or None)
    of the call whose outcome is not known."""

    def __init__(self, issuer, credentials, name, known, number):
        super().__init__(daemon=True)
        self.iam = issuer.iam(credentials)
        self.path = f"/{name}/"
        self.name, self.known, self.number = name, dict(known), number
        self.pending = None
        self.failure = None
        self.written = 0
        self.stop = threading.Event()

    def run(self):
        try:
            while not self.stop.is_set():
                self.step()
        except Lost:
            pass  # its issuer was killed
        except Exception as error:  # noqa: BLE001 - told by whoever joins
            self.failure = error

    def step(self):
        self.number += 1
        value = str(self.number)
        what = random.choice(("create", "tag", "delete"))
        if what == "create" and len(self.known) >= MOST_USERS or what != "create" and not self.known:
            return
        name = f"{self.name}-{value}" if what == "create" else random.choice(sorted(self.known))
        self.pending = (name, None if what == "delete" else value)
        if what == "create":
            self.iam.create_user(UserName=name, Path=self.path, Tags=[{"Key": "value", "Value": value}])
        elif what == "tag":
            self.iam.tag_user(UserName=name, Tags=[{"Key": "value", "Value": value}])
        else:
            self.iam.delete_user(UserName=name)
        self.settle()
        self.written += 1

    def settle(self):
        """The pending call has taken place."""
        name, value = self.pending
        if value is None:
            del self.known[name]
        else:
            self.known[name] = value
        self.pending = None

    def check(self, seen):
        """What is there is what was acknowledged, with or without the one that has no answer."""
        mine = {name: value for name, (path, value) in seen.items() if path == self.path}
        allowed = [dict(self.known)]
        if self.pending:
            self.settle()
            allowed.append(self.known)
        assert mine in allowed, (f"{self.name}: there is {mine}, and there should be "
                                 + " or ".join(map(str, allowed)))
        self.known = mine


def users(issuer, credentials):
    """name -> (path, value of its tag)."""
    pages = issuer.iam(credentials).get_paginator("get_account_authorization_details").paginate(
        Filter=["User"])
    return {user["UserName"]: (user["Path"], {t["Key"]: t["Value"] for t in user["Tags"]}["value"])
            for page in pages for user in page["UserDetailList"] if user.get("Tags")}


def kill_often(issuers):
    credentials = issuers[0].administrator()
    known = {f"w{number}": ({}, 0) for number in range(WRITERS * len(issuers))}
    acknowledged = unknown = took_place = 0
    restarts = []
    for kill in range(KILLS):
        victim = random.choice(issuers)
        writers = [Writer(issuers[number % len(issuers)], credentials, name, *state)
                   for number, (name, state) in enumerate(known.items())]
        for writer in writers:
            writer.start()
        # Not before something was written, and then at any moment.
        wait_until(lambda: any(w.written for w in writers), 30, "a write")
        time.sleep(random.random() * 0.1)
        victim.kill()
        time.sleep(random.random() * 0.03)  # the others go on
        for writer in writers:
            writer.stop.set()
        for writer in writers:
            writer.join(60)
            assert not writer.is_alive(), f"{writer.name} hangs"
            if writer.failure:
                raise writer.failure
        started = time.monotonic()
        victim.start()
        restarts.append(time.monotonic() - started)
        # A backend whose client is gone may be about to commit what nobody waits for.
        seen = users(victim, credentials)
        if len(issuers) == 2:
            both = []

            def agree():
                both[:] = [users(issuer, credentials) for issuer in issuers]
                return both[0] == both[1]
            wait_until(agree, 15, f"agreement after kill {kill}")
            seen = both[0]
        for writer in writers:
            acknowledged += writer.written
            pending = writer.pending
            unknown += pending is not None
            writer.check(seen)
            if pending:
                name, value = pending
                took_place += writer.known.get(name) == value
            known[writer.name] = (writer.known, writer.number)
        extra = [name for name, (path, _) in seen.items() if path.strip("/") not in known]
        equal(extra, [])
    restarts.sort()
    print(f"  {KILLS} kills: {acknowledged} writes acknowledged, none lost; {unknown} without an answer, of "
          f"which {took_place} took place; started again in {restarts[len(restarts) // 2] * 1000:.0f} ms, at "
          f"worst {restarts[-1] * 1000:.0f} ms", flush=True)
    return acknowledged


def check_audit(issuers):
    """Every acknowledged write has its record, too: it was durable before the answer."""
    for issuer in issuers:
        code, out, err = issuer.cli("audit", "verify", "--config", str(issuer.config_file), socket=False)
        equal(code, 0, out + err)
    return sum(record["eventName"] in ("CreateUser", "TagUser", "DeleteUser")
               and "errorCode" not in record
               for issuer in issuers for record in issuer.audit())


@case("postgresql")
def two_on_postgresql():
    with PostgreSQL() as server, Fleet(server) as issuers:
        acknowledged = kill_often(issuers)
        recorded = check_audit(issuers)
        assert recorded >= acknowledged, f"{acknowledged} acknowledged, {recorded} recorded"


@case("sqlite")
def one_on_sqlite():
    with Issuer("sqlite") as one:
        acknowledged = kill_often([one])
        recorded = check_audit([one])
        assert recorded >= acknowledged, f"{acknowledged} acknowledged, {recorded} recorded"


if __name__ == "__main__":
    suite.run()
