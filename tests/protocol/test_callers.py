#!/usr/bin/env python3
"""Who gets what: bindings by user, group and listener; refusals; tokens of another user."""

import fixture
from fixture import CREDENTIALS

from as_user import as_user
from daemon import Daemon, TOKEN, TTL, configuration
from http_raw import Closed, Connection, ask, build, wait_until
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case

ALICE, BOB, MALLORY, OPS, OVERFLOW = 61001, 61002, 61003, 61100, 65534
ID = "/latest/meta-data/instance-id"


def role_of(address):
    """What one user sees: the role that IMDSv2 lists for it, or the refusal."""
    answer = ask(address, build("PUT", "/latest/api/token", {TTL: "60"}))
    if answer.status != 200:
        return answer.status, answer.text
    return 200, ask(address, build("GET", CREDENTIALS, {TOKEN: answer.text})).text


@case("each-their-own")
def each_user_gets_its_role(daemon):
    need_root()
    address = daemon.listeners["imds"]
    equal(as_user(ALICE, lambda: role_of(address)), (200, "alice-role"))
    equal(as_user(BOB, lambda: role_of(address)), (200, "bob-role"))
    equal(role_of(address), (200, "own-role"))


@case("group")
def supplementary_and_primary_group(daemon):
    need_root()
    # A group list that a process gave itself is no fact: the user's groups are those of the system's
    # databases, and this user has none there.
    address = daemon.listeners["imds"]
    status, _ = as_user(MALLORY, lambda: role_of(address), groups=[OPS])
    equal(status, 403)


@case("unbound")
@case("overflow", uid=OVERFLOW)
def unbound_users_are_refused(daemon, uid=MALLORY):
    need_root()

    def attempt():
        answers = []
        for request in (build("PUT", "/latest/api/token", {TTL: "60"}), build("GET", ID),
                        build("GET", "/"), build("GET", "/nope"), build("HEAD", ID),
                        build("GET", CREDENTIALS + "alice-role")):
            answer = ask(address, request)
            answers.append((answer.status, answer.get("Content-Type"), answer.get("Server"),
                            answer.text))
        return answers
    address = daemon.listeners["imds"]
    for status, kind, server, text in as_user(uid, attempt):
        equal((status, kind, server), (403, "text/plain", "EC2ws"))
        assert text.count("\n") <= 1 and "alice" not in text and "bob" not in text, text


@case("order")
def first_match_wins(daemon):
    need_root()
    address = daemon.listeners["second"]
    equal(as_user(ALICE, lambda: role_of(address)), (200, "bob-role"))


@case("nobody")
def listener_without_a_binding(daemon):
    status, text = role_of(daemon.listeners["unbound"])
    equal(status, 403)
    assert text, "a reason"


@case("replay")
def a_token_is_no_use_to_another_user(daemon):
    need_root()
    address = daemon.listeners["imds"]

    def token():
        return ask(address, build("PUT", "/latest/api/token", {TTL: "60"})).text

    def use(stolen):
        return [ask(address, build("GET", path, {TOKEN: stolen})).status
                for path in (ID, CREDENTIALS, CREDENTIALS + "alice-role", "/nope")]
    stolen = as_user(ALICE, token)
    daemon.secrets.add(stolen)
    equal(as_user(ALICE, lambda: use(stolen))[:3], [200, 200, 200])
    equal(as_user(BOB, lambda: use(stolen)), [401] * 4)
    equal(use(stolen), [401] * 4)
    equal(as_user(MALLORY, lambda: use(stolen)), [403] * 4)


@case("shared")
def one_user_over_two_listeners(daemon):
    """The token belongs to the user, not to the rule or the profile."""
    token = daemon.token("imds")
    equal(daemon.get("third", ID, token).status, 200)


@case("other-role")
def the_role_of_another_is_not_found(daemon):
    need_root()
    address = daemon.listeners["imds"]

    def attempt():
        token = ask(address, build("PUT", "/latest/api/token", {TTL: "60"})).text
        return ask(address, build("GET", CREDENTIALS + "bob-role", {TOKEN: token})).status
    equal(as_user(ALICE, attempt), 404)


@case("early-close")
def closing_early_gains_nothing(daemon):
    """Requests of one who is gone before the daemon looks; its port may by then be another's."""
    need_root()
    address = daemon.listeners["imds"]
    before = daemon.status()["counters"]["tokens_issued"]

    def attempt():
        for number in range(200):
            connection = Connection(address)
            connection.send(build("PUT", "/latest/api/token", {TTL: "60"}))
            connection.reset() if number % 2 else connection.close()
        return True
    as_user(MALLORY, attempt)
    equal(role_of(address), (200, "own-role"))
    issued = wait_until(lambda: daemon.status()["counters"]["tokens_issued"], what="counters")
    equal(issued - before, 1, "tokens issued meanwhile")


@case("half-close")
def half_closed_connection(daemon):
    """A client that has shut down its sending side is served, or refused when its socket was no
    longer open when it was looked at; never left hanging."""
    import socket
    with daemon.connect("imds") as c:
        c.send(build("PUT", "/latest/api/token", {TTL: "60"}))
        c.socket.shutdown(socket.SHUT_WR)
        try:
            status = c.receive().status
            assert status in (200, 403), status
        except Closed:
            pass


@case("passed-on")
def a_socket_handed_to_another_user(daemon):
    """Identity is that of who opened the socket: what the kernel says at accept."""
    need_root()
    address = daemon.listeners["imds"]

    def attempt():
        return inherited.exchange(build("PUT", "/latest/api/token", {TTL: "60"})).status
    with Connection(address) as inherited:
        # Opened by root's uid here, used by another: still this user's connection.
        equal(as_user(MALLORY, attempt), 200)


@case("explain")
def explain_agrees(daemon):
    need_root()
    import json
    for uid, allowed in ((ALICE, True), (MALLORY, False), (OVERFLOW, False)):
        code, out, err = daemon.cli("explain", "--user", str(uid), "--listener", "imds", "-o", "json")
        said = json.loads(out)
        equal(said["allowed"], allowed, f"{out}{err}")
        equal(code, 0 if allowed else 5, "exit code")


@case("explain-nothing")
def explain_answers_what_was_asked(daemon):
    """What the answer would not depend on is refused, not passed over."""
    code, out, err = daemon.cli("explain", "--user", "self", "--address", "10.0.0.1")
    equal(code, 2, out + err)
    code, out, _ = daemon.cli("explain", "--user", "0", "--listener", "nosuch")
    equal(code, 5)
    assert "nosuch" in out, out


def settings():
    own = {name: fixture.profile(role=f"{name}-role", http_tokens="required")
           for name in ("alice", "bob", "own")}
    return configuration(
        own,
        listeners=[{"name": name, "serve": "imds", "address": "127.0.0.1:0"}
                   for name in ("imds", "second", "third", "unbound")],
        bindings=[
            {"listener": "second", "user": [ALICE, BOB], "profile": "bob"},
            {"listener": "second", "user": ALICE, "profile": "alice"},
            {"listener": "imds", "user": ALICE, "profile": "alice"},
            {"listener": "imds", "user": BOB, "profile": "bob"},
            {"listener": "imds", "user": OVERFLOW, "profile": "own"},
            {"listener": "imds", "group": OPS, "profile": "alice"},
            {"listener": ["imds", "third"], "user": "self", "profile": "own"},
        ])


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
