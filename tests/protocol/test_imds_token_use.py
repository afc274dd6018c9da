#!/usr/bin/env python3
"""Session tokens used (U): with, without, expired, altered, and somebody else's."""

import base64
import concurrent.futures
import time

import fixture
from fixture import CREDENTIALS, INSTANCE, ROLE
import imds
from imds import ID, check, put

from daemon import TOKEN, TTL, Daemon, configuration
from http_raw import ask, build
from suite import Skip, Suite, equal

suite = Suite()
case = suite.case


@case("U01")
def v1_request(daemon):
    check(daemon.get("v1", ID), 200, INSTANCE["id"], {TTL: None})


@case("U02")
def v2_request(daemon):
    answer = check(daemon.get("v1", ID, daemon.token("v1", 60)), 200, INSTANCE["id"])
    assert answer.get(TTL) in ("59", "60"), answer.head


@case("U04")
def missing_path_with_token(daemon):
    answer = check(daemon.get("v1", "/latest/meta-data/nope", daemon.token("v1")), 404, "page",
                   {"Last-Modified": None, "Accept-Ranges": None})
    assert answer.get(TTL) in ("59", "60")


@case("U05")
def missing_path_without_token(daemon):
    check(daemon.get("v1", "/latest/meta-data/nope"), 404, "page", {TTL: None})


@case("U06", path=ID)
@case("U07", path="/latest/meta-data/nope")
@case("U08a", path="/")
@case("U08b", path="/latest/")
@case("U08c", path="/latest/user-data")
@case("U08d", path="/latest/dynamic/instance-identity/document")
@case("U25", path=CREDENTIALS)
@case("I19", path=CREDENTIALS + ROLE)
def required_without_token(daemon, path):
    check(daemon.get("v2", path), 401, "page", {"WWW-Authenticate": None, TTL: None})


@case("U09")
def required_with_token(daemon):
    check(daemon.get("v2", ID, daemon.token("v2")), 200, INSTANCE["id"])


@case("U10")
@case("U11")
@case("U24")
def token_expires(daemon):
    tokens = {listener: daemon.token(listener, 1) for listener in ("v1", "v2")}
    started = time.monotonic()
    for listener, token in tokens.items():
        answer = daemon.get(listener, ID, token)
        if time.monotonic() - started < 0.9:
            check(answer, 200)
    time.sleep(max(0.0, 1.1 - (time.monotonic() - started)))
    for listener, token in tokens.items():
        check(daemon.get(listener, ID, token), 401, "page")


@case("U12", token="invalid")
@case("U12b", token="A" * 56)
@case("U12c", token="AQAE" + "A" * 51 + "=")
@case("U12d", token="x" * 5000)
@case("U16", token="")
def bad_token(daemon, token):
    for listener in ("v1", "v2"):
        check(daemon.ask(listener, "GET", ID, {TOKEN: token}), 401, "page")


@case("U13")
def altered_token(daemon):
    token = daemon.token("v2")
    for index in (0, 4, 8, 20, 40, 53):
        other = token[:index] + ("B" if token[index] != "B" else "C") + token[index + 1:]
        check(daemon.get("v2", ID, other), 401, "page")
    check(daemon.get("v2", ID, token.lower()), 401)
    check(daemon.get("v2", ID, token[:-2]), 401)


@case("U13c")
def every_bit_counts(daemon):
    """Any bit of the forty bytes flipped, any byte more or less, and the same bytes in other words."""
    token = daemon.token("v2")
    raw = base64.urlsafe_b64decode(token)
    equal(len(raw), 40)
    others = []
    for bit in range(320):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << (bit % 8)
        others.append(base64.urlsafe_b64encode(changed).decode())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = token[53]
    # Four bits of the last character stand for nothing; only zeros there are the token.
    others += [token[:53] + c + "==" for c in alphabet if alphabet.index(c) >> 4 == alphabet.index(last) >> 4
               and c != last]
    others += [base64.b64encode(raw).decode().replace("+", "*"), token[:54], token[:54] + "%3D%3D", token + "=",
               token + "A", "A" + token, token[:-1] + " ", f'"{token}"', f"{token},{token}", token + ";x",
               token.replace("=", "-"), token[:28] + " " + token[28:], raw.hex(),
               base64.urlsafe_b64encode(raw + b"\0").decode(), base64.urlsafe_b64encode(raw[:-1]).decode()]
    with daemon.connect("v2") as c:
        check(c.exchange(build("GET", ID, {TOKEN: token})), 200)
        for other in others:
            if other != token and other.strip() != token:
                equal(c.exchange(build("GET", ID, {TOKEN: other})).status, 401, other)
        # The connection that has seen the good one, and was asked with so many bad ones, knows it still.
        check(c.exchange(build("GET", ID, {TOKEN: token})), 200)


@case("U02b")
@case("U24b")
def life_left_is_told(daemon):
    """Rounded up: the whole life right after the issue, and never 0 while the token is good."""
    started = time.monotonic()
    token, short = daemon.token("v2", 21600), daemon.token("v2", 2)
    first = daemon.get("v2", ID, token).get(TTL)
    if time.monotonic() - started < 0.9:
        equal(first, "21600")
    seen = []
    with daemon.connect("v2") as c:
        while True:
            answer = c.exchange(build("GET", ID, {TOKEN: short}))
            if answer.status == 401:
                equal(answer.get(TTL), None)
                break
            seen.append(int(answer.get(TTL)))
            assert time.monotonic() - started < 10, "it does not expire"
            time.sleep(0.02)
    equal(seen, sorted(seen, reverse=True))
    assert set(seen) <= {2, 1} and 1 in seen, set(seen)
    elapsed = time.monotonic() - started
    assert elapsed > 1.9, elapsed
    later = int(daemon.get("v2", ID, token).get(TTL))
    assert 21600 - (time.monotonic() - started) - 1 < later < 21600 - 1, later


@case("U08e")
def unauthorized_everywhere(daemon):
    """Without a token nothing is said, not even that a target makes no sense of a path."""
    for headers in ({}, {TOKEN: "x"}):
        for path in ("/", "/latest", "/latest/", "/1.0/", "/2999-01-01/", "/latest/api", "/latest/api/",
                     "/latest/meta-data", CREDENTIALS, CREDENTIALS + "app-role", CREDENTIALS + "other", "/x" * 100,
                     "/%zz", "/..", "/latest/meta-data/%2e%2e/", "/latest/user-data/", "/latest/api/token/",
                     "/favicon.ico", "/latest/dynamic/"):
            for method in ("GET", "HEAD"):
                answer = daemon.ask("v2", method, path, headers)
                check(answer, 401, "page" if method == "GET" else "",
                      {"Content-Length": "343", "WWW-Authenticate": None, TTL: None, "Last-Modified": None})


@case("U13b")
def two_token_headers(daemon):
    token = daemon.token("v2")
    for headers in ([(TOKEN, token), (TOKEN, token)], [(TOKEN, token), (TOKEN, "x")]):
        equal(ask(daemon.listeners["v2"], build("GET", ID, headers)).status, 400)


@case("U14")
def token_of_another_daemon(daemon):
    with Daemon(configuration({"v2": fixture.profile(http_tokens="required")})) as other:
        token = other.token("v2")
        check(other.get("v2", ID, token), 200)
        check(daemon.get("v2", ID, token), 401)


@case("U15")
def padded_token(daemon):
    check(daemon.ask("v2", "GET", ID, {TOKEN: f"  {daemon.token('v2')}\t "}), 200)


@case("U17")
def header_name_in_any_case(daemon):
    token = daemon.token("v2")
    for name in (TOKEN.lower(), TOKEN.upper()):
        check(daemon.ask("v2", "GET", ID, {name: token}), 200)


@case("U18")
def forwarded_get(daemon):
    check(daemon.ask("v2", "GET", ID, {TOKEN: daemon.token("v2"), "X-Forwarded-For": "10.0.0.9"}), 200)
    check(daemon.ask("v1", "GET", ID, {"X-Forwarded-For": "10.0.0.9"}), 200)


@case("U19")
def token_in_parallel(daemon):
    token = daemon.token("v2")

    def hundred(_):
        with daemon.connect("v2") as c:
            request = build("GET", ID, {TOKEN: token})
            return [c.exchange(request).status for _ in range(100)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for statuses in pool.map(hundred, range(2)):
            equal(statuses, [200] * 100)


@case("U20")
def token_over_both_families(daemon):
    if "v6" not in daemon.listeners:
        raise Skip("no IPv6 here")
    token = daemon.token("v2")
    check(ask(daemon.listeners["v6"], build("GET", ID, {TOKEN: token}, host="[::1]")), 200)


@case("U22")
def disabled_endpoint(daemon):
    for request in (build("GET", ID), build("GET", ID, {TOKEN: daemon.token("v1")}),
                    build("GET", "/nope"), put(), build("HEAD", ID)):
        check(ask(daemon.listeners["off"], request), 403, "", {"Content-Type": "text/plain"})


@case("U26")
def ttl_header_on_a_get(daemon):
    answer = check(daemon.ask("v2", "GET", ID, {TOKEN: daemon.token("v2"), TTL: "9"}), 200)
    assert answer.get(TTL) in ("59", "60")


if __name__ == "__main__":
    imds.run(suite)
