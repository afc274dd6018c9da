#!/usr/bin/env python3
"""HTTP on the metadata face (P): methods, targets, hosts, connections, header fields."""

import email.utils
import time

import fixture  # noqa: F401 - finds tests/support
from fixture import CREDENTIALS, INSTANCE
import imds
from imds import ID, TOKEN_PATH, base, check, instant, put

from daemon import SANITIZED, TTL
from http_raw import Closed, Connection, ask, build
from suite import Suite, equal

suite = Suite()
case = suite.case


@case("P24")
def absolute_form(daemon):
    for authority in ("169.254.169.254", "127.0.0.1", "LOCALHOST:80"):
        request = build("GET", f"http://{authority}{ID}", host=authority)
        check(ask(daemon.listeners["named"], request), 200, INSTANCE["id"])
    # The authority stands for Host (RFC 9112, 3.2.2): neither may be foreign.
    for authority, host in (("evil.example", "127.0.0.1"), ("127.0.0.1", "evil.example")):
        check(ask(daemon.listeners["named"], build("GET", f"http://{authority}{ID}", host=host)), 403)


@case("P25")
def absurd_targets(daemon):
    bad = [b"/latest/meta-data/<html>", b"/latest/meta-data/\xff\xfe", b"/a b", b"*", b"foo", b"",
           CREDENTIALS.encode() + b"%3C%3Fxml%20version%3D%221.0%22%3E%0A" * 16,
           b"/" + b"a/" * 500, b"/%zz", b"/%", b"http://", b"http://[::1", b"/\x01", b"/x#y"]
    for target in bad:
        try:
            status = ask(daemon.listeners["v1"], build("GET", target)).status
            # A raw '<' or high bytes may be no target at all (400) or one that names nothing (404);
            # an authority that is not ours is refused (403).
            assert status in (400, 403, 404, 505), (target, status)
        except Closed:
            pass
    check(daemon.get("v1", ID), 200)


@case("P26")
@case("P27")
def head_requests(daemon):
    with daemon.connect("v1") as c:
        check(c.exchange(build("HEAD", ID)), 200, "", {"Content-Length": "19"})
        check(c.exchange(build("HEAD", "/latest/meta-data/")), 200, "")
        check(c.exchange(build("HEAD", "/latest/meta-data/nope")), 404, "", {"Content-Length": "337"})
        check(c.exchange(build("GET", ID)), 200, INSTANCE["id"])


@case("P28", method="POST")
@case("P28b", method="DELETE")
@case("P28c", method="PATCH")
@case("P29", method="BREW")
def other_methods(daemon, method):
    answer = base(daemon.ask("v1", method, ID))
    assert answer.status in ((405,) if method != "BREW" else (405, 501)), answer
    if answer.status == 405:
        check(answer, 405, "", {"Allow": "GET, HEAD, OPTIONS"})


@case("P30")
def connection_close(daemon):
    with daemon.connect("v1") as c:
        check(c.exchange(build("GET", ID, {"Connection": "close"})), 200, None, {"Connection": "close"})
        assert c.is_closed()


@case("P31")
def pipelining(daemon):
    with daemon.connect("v1") as c:
        c.send(build("GET", ID) + build("GET", "/latest/meta-data/mac") + put() + build("GET", "/nope"))
        check(c.receive(), 200, INSTANCE["id"])
        check(c.receive(), 200, INSTANCE["mac"])
        check(c.receive(), 200)
        check(c.receive(), 404)


@case("P32")
def http_1_0(daemon):
    with daemon.connect("v1") as c:
        check(c.exchange(build("GET", ID, version="1.0", host=None)), 200, INSTANCE["id"])
        assert c.is_closed()
    with daemon.connect("v1") as c:
        request = build("GET", ID, {"Connection": "keep-alive"}, version="1.0")
        check(c.exchange(request), 200, None, {"Connection": "keep-alive"})
        check(c.exchange(request), 200)


@case("P33", host="evil.example", status=403)
@case("P33b", host="evil.example:80", status=403)
@case("P33c", host="127.0.0.1", status=200)
@case("P33d", host="LOCALHOST", status=200)
@case("P33e", host="127.0.0.1.evil.example", status=403)
@case("P33f", host="", status=(400, 403))
@case("P33g", host="127.0.0.1:1:2", status=(400, 403))
def host_allow_list(daemon, host, status):
    for method, path in (("GET", ID), ("GET", "/nope"), ("PUT", TOKEN_PATH)):
        answer = base(daemon.ask("v1", method, path, {TTL: "60"} if method == "PUT" else {}, host=host))
        if status == 200:
            assert answer.status in (200, 404), answer
        else:
            assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
        if answer.status == 403:
            equal(answer.get("Content-Type"), "text/plain")
            assert answer.text.strip().count("\n") == 0 and answer.text.strip(), answer.body


@case("P34")
def missing_and_double_host(daemon):
    for request in (build("GET", ID, host=None),
                    build("GET", ID, [("Host", "127.0.0.1")], host="127.0.0.1"),
                    build("GET", ID, [("Host", "evil.example")], host="127.0.0.1")):
        equal(ask(daemon.listeners["v1"], request).status, 400)


@case("P35")
@case("P36")
def text_leaf_headers(daemon):
    answers = [check(daemon.get("v1", ID), 200, None,
                     {"Content-Type": "text/plain", "Accept-Ranges": "none", "ETag": None})
               for _ in range(2)]
    stamps = [answer.get("Last-Modified") for answer in answers]
    equal(stamps[0], stamps[1])
    assert instant(stamps[0]) <= time.time() + 1, stamps


@case("P35b")
def conditional_and_range_requests(daemon):
    for headers in ({"Range": "bytes=0-3"}, {"If-Modified-Since": email.utils.formatdate(usegmt=True)},
                    {"If-None-Match": "*"}, {"Accept-Encoding": "gzip"}):
        check(daemon.ask("v1", "GET", ID, headers), 200, INSTANCE["id"], {"Content-Encoding": None})


@case("P37")
def oversized_header(daemon):
    for request in (build("GET", ID, {"X-Big": "x" * 70000}),
                    build("GET", ID, [(f"X-{i}", "y") for i in range(2000)])):
        try:
            answer = ask(daemon.listeners["v1"], request)
            assert answer.status in (400, 431), answer
        except (Closed, ConnectionError):
            pass
    check(daemon.get("v1", ID), 200)


@case("P38")
def idle_connections(daemon):
    idle = [daemon.connect("v1") for _ in range(50)]
    try:
        times = []
        for _ in range(5):
            started = time.monotonic()
            check(daemon.get("v1", ID), 200)
            times.append(time.monotonic() - started)
        assert min(times) < (2.5 if SANITIZED else 0.25), times
    finally:
        for connection in idle:
            connection.close()


@case("P39")
def time_to_first_byte(daemon):
    times = []
    for _ in range(20):
        started = time.monotonic()
        check(daemon.get("v1", ID), 200)
        times.append(time.monotonic() - started)
    assert sorted(times)[10] < (0.5 if SANITIZED else 0.05), times


if __name__ == "__main__":
    imds.run(suite)
