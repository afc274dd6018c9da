#!/usr/bin/env python3
"""Session tokens issued (T): who gets one, for how long, and how the answer travels."""

import re
import time

import fixture  # noqa: F401 - finds tests/support
from fixture import INSTANCE
import imds
from imds import ID, TOKEN_PATH, check, put

import packets
from daemon import SANITIZED, TTL
from http_raw import Connection, ask, build
from suite import Suite, equal

suite = Suite()
case = suite.case


ROWS_T = [
    # id, request, status, body, headers
    ("T02", put("1"), 200, None, {TTL: "1"}),
    ("T03", build("PUT", TOKEN_PATH, {TTL.lower(): "60"}), 200, None, {TTL: "60"}),
    ("T04", build("PUT", TOKEN_PATH, {TTL.upper(): "21600"}), 200, None, {TTL: "21600"}),
    ("T05", b"PUT /latest/api/token HTTP/1.1\r\nHost: localhost\r\n" + TTL.encode() + b":60\r\n\r\n",
     200, None, {TTL: "60"}),
    ("T06", build("PUT", TOKEN_PATH), 400, "page", {TTL: None}),
    ("T07", put("0"), 400, "page", {}),
    ("T08", put("21601"), 400, "page", {}),
    ("T09", put("-1"), 400, "page", {}),
    ("T10", put("abc"), 400, "page", {}),
    ("T11", put(""), 400, "page", {}),
    ("T12a", put("60.5"), 400, "page", {}),
    ("T12b", put("+60"), 400, "page", {}),
    ("T12c", put("0x3c"), 400, "page", {}),
    ("T12d", put("99999999999999999999"), 400, "page", {}),
    ("T12e", put("6 0"), 400, "page", {}),
    ("T13", build("PUT", TOKEN_PATH, [(TTL, "60"), (TTL, "120")]), 400, None, {}),
    ("T14", put(X_Forwarded_For="203.0.113.7"), 403, "", {"Content-Type": "text/plain"}),
    ("T15", build("PUT", TOKEN_PATH, {TTL: "60", "x-forwarded-for": "203.0.113.7"}), 403, "", {}),
    ("T15b", build("PUT", TOKEN_PATH, {TTL: "60", "X-Forwarded-For": ""}), 403, "", {}),
    ("T16a", put(Forwarded="for=203.0.113.7"), 200, None, {}),
    ("T16b", put(X_Real_IP="203.0.113.7"), 200, None, {}),
    ("T17", put(path="/2021-03-23/api/token"), 403, "", {"Content-Type": "text/plain"}),
    ("T20", build("GET", TOKEN_PATH), 405, "", {"Allow": "OPTIONS, PUT", "Content-Type": "text/plain"}),
    ("T21", build("POST", TOKEN_PATH, {TTL: "60"}), 405, "", {"Allow": "OPTIONS, PUT"}),
    ("T22", build("DELETE", TOKEN_PATH), 405, "", {"Allow": "OPTIONS, PUT"}),
    ("T23", build("OPTIONS", TOKEN_PATH), 200, "", {"Allow": "OPTIONS, PUT"}),
    ("T23b", build("HEAD", TOKEN_PATH), 405, "", {"Allow": "OPTIONS, PUT"}),
    ("T24a", build("GET", "/latest/api"), 404, "page", {}),
    ("T24b", build("GET", "/latest/api/"), 404, "page", {}),
    ("T25", put(path=ID), 403, "", {}),
    ("T25b", put(path="/"), 403, "", {}),
    ("T26", put(), 200, None, {}),
    ("T27", put(Content_Length="0"), 200, None, {}),
    ("T39", build("PUT", TOKEN_PATH), 403, "", {}),
]


def row(daemon, listener, request, status, body, headers):
    check(ask(daemon.listeners[listener], request), status, body, headers)


for _name, _request, _status, _body, _headers in ROWS_T:
    case(_name, listener="off" if _name == "T39" else "v1", request=_request, status=_status,
         body=_body, headers=_headers)(row)


@case("T01")
def token_and_headers(daemon):
    answer = check(ask(daemon.listeners["v1"], put("21600")), 200, None,
                   {TTL: "21600", "Content-Type": "text/plain", "Content-Length": "56",
                    "Last-Modified": None, "Accept-Ranges": None})
    assert re.fullmatch(r"AQA[A-Za-z0-9_-]{51}==", answer.text), answer.text


@case("T19")
def token_path_with_slash(daemon):
    with daemon.connect("v1") as c:
        check(c.exchange(put(path=TOKEN_PATH + "/")), 403, "",
              {"Content-Length": "0", "Content-Type": "text/plain"})
        check(c.exchange(build("GET", ID)), 200, INSTANCE["id"])


@case("T20r")
def reason_phrase(daemon):
    equal(ask(daemon.listeners["v1"], build("GET", TOKEN_PATH)).reason, "Not Allowed")


@case("T28")
def put_with_a_body(daemon):
    for body in (build("PUT", TOKEN_PATH, {TTL: "60", "Content-Length": "5"}, b"hello"),
                 build("PUT", TOKEN_PATH, {TTL: "60", "Transfer-Encoding": "chunked"},
                       b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n")):
        with daemon.connect("v1") as c:
            check(c.exchange(body), 200)
            check(c.exchange(build("GET", ID)), 200, INSTANCE["id"])


@case("T29")
def put_with_expect(daemon):
    with daemon.connect("v1") as c:
        check(c.exchange(put(Expect="100-continue")), 200)
        check(c.exchange(build("PUT", TOKEN_PATH, {TTL: "60", "Expect": "100-continue",
                                                   "Content-Length": "2"}, b"hi")), 200)
        check(c.exchange(build("GET", ID)), 200)


@case("T30")
def two_tokens(daemon):
    first, second = daemon.token("v2"), daemon.token("v2")
    assert first != second
    for token in (first, second):
        check(daemon.get("v2", ID, token), 200)


@case("T31")
def ten_thousand_tokens(daemon):
    batch = 100
    request = put() * batch
    seen = set()
    with daemon.connect("v1", timeout=60) as c:
        before = None
        for round_ in range(100):
            c.send(request)
            for _ in range(batch):
                answer = c.receive()
                equal(answer.status, 200)
                seen.add(answer.body)
            if round_ == 9:
                before = daemon.rss()
        after = daemon.rss()
    equal(len(seen), 10000, "distinct tokens")
    if not SANITIZED:
        assert after[1] - before[1] < 512, f"RssAnon grew from {before[1]} to {after[1]} KiB"


@case("T34")
def hop_limit_on_the_wire(daemon):
    for listener, limit in (("v1", 1), ("hop2", 2), ("hop64", 64)):
        address = daemon.listeners[listener]
        with packets.Capture(address[1]) as capture:
            with daemon.connect(listener) as c:
                check(c.exchange(put()), 200)
                time.sleep(0.05)
        sent = capture.from_server()
        handshake = [p for p in sent if p.syn]
        answers = [p for p in sent if b"HTTP/1.1 200" in p.payload]
        assert handshake and answers, sent
        assert all(p.ttl >= 64 for p in handshake), handshake
        equal({p.ttl for p in answers}, {limit}, "TTL of the answer")


@case("T36")
def hop_limit_does_not_stay(daemon):
    with packets.Capture(daemon.listeners["v1"][1]) as capture:
        with daemon.connect("v1") as c:
            answer = check(c.exchange(put()), 200)
            if (answer.get("Connection") or "").lower() == "close":
                return
            check(c.exchange(build("GET", ID)), 200)
            check(c.exchange(put()), 200)
            time.sleep(0.05)
    sent = [p for p in capture.from_server() if p.payload]
    got = [(INSTANCE["id"].encode() in p.payload, p.ttl) for p in sent]
    equal([ttl for is_get, ttl in got if is_get], [64], "TTL of the GET answer")
    equal([ttl for is_get, ttl in got if not is_get], [1, 1], "TTL of the PUT answers")


if __name__ == "__main__":
    imds.run(suite)
