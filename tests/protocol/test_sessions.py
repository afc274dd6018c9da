#!/usr/bin/env python3
"""Connections: browsers, slow and hostile clients, limits, many at once."""

import concurrent.futures
import os
import socket
import threading
import time

import fixture

from as_user import as_user
from daemon import Daemon, SANITIZED, TOKEN, TTL, configuration
from http_raw import Closed, Connection, ask, build, wait_until
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case

ID = "/latest/meta-data/instance-id"
VALUE = fixture.INSTANCE["id"].encode()
PUT = build("PUT", "/latest/api/token", {TTL: "60"})
HEADER_TIME, IDLE_TIME = 2, 3


@case("origin", headers={"Origin": "http://evil.example"})
@case("origin2", headers={"Origin": "null"})
@case("referer", headers={"Referer": "http://evil.example/page"})
@case("referer2", headers={"referer": ""})
@case("fetch", headers={"Sec-Fetch-Site": "cross-site"})
@case("fetch2", headers={"Sec-Fetch-Mode": "navigate"})
@case("fetch3", headers={"sec-fetch-dest": "empty"})
def browsers_are_refused(daemon, headers):
    for method, path in (("GET", ID), ("GET", "/nope"), ("HEAD", ID), ("OPTIONS", ID)):
        answer = daemon.ask("imds", method, path, headers)
        equal((answer.status, answer.get("Content-Type"), answer.get("Server")),
              (403, "text/plain", "EC2ws"))
        equal(answer.get("Access-Control-Allow-Origin"), None)
    equal(daemon.ask("imds", "PUT", "/latest/api/token", headers | {TTL: "60"}).status, 403)


@case("referer-own")
def following_a_redirect_is_no_browser(daemon):
    """Go's client names where it was sent on from."""
    host, port = daemon.listeners["imds"]
    own = {"Referer": f"http://{host}:{port}/latest/meta-data"}
    equal(daemon.ask("imds", "GET", ID, own, host=f"{host}:{port}").status, 200)


@case("split")
def request_byte_by_byte(daemon):
    with daemon.connect() as c:
        for byte in PUT:
            c.send(bytes([byte]))
        equal(c.receive().status, 200)


@case("slow")
def slow_clients_are_cut_and_delay_nobody(daemon):
    """One that never finishes its request is closed at header_time, counted from its first byte."""
    slow = [daemon.connect(timeout=30) for _ in range(20)]
    started = time.monotonic()
    stop = threading.Event()

    def drip():
        while not stop.wait(0.3):
            for connection in slow:
                try:
                    connection.send(b"X")
                except OSError:
                    pass
    for connection in slow:
        connection.send(b"GET / HTTP/1.1\r\nX-Slow: ")
    dripping = threading.Thread(target=drip)
    dripping.start()
    try:
        while time.monotonic() - started < 1:
            before = time.monotonic()
            equal(daemon.get("imds", ID).status, 200)
            assert time.monotonic() - before < 1, "held up by the slow ones"
        for connection in slow:
            try:
                answer = connection.receive()
                equal(answer.status, 408)
            except Closed:
                pass
            assert time.monotonic() - started < HEADER_TIME + (8 if SANITIZED else 3)
    finally:
        stop.set()
        dripping.join()
        for connection in slow:
            connection.close()


@case("idle")
def idle_connections_are_closed(daemon):
    started = time.monotonic()
    with daemon.connect() as used, daemon.connect() as unused:
        equal(used.exchange(build("GET", ID)).status, 200)
        assert used.is_closed(IDLE_TIME + 5) and unused.is_closed(IDLE_TIME + 5)
    assert time.monotonic() - started > 1, "closed at once"


@case("unread")
def client_that_does_not_read(daemon):
    """Answers pile up until the window is full; the session is dropped and others go on."""
    with daemon.connect() as c:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.socket.settimeout(1)
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                c.send(build("GET", "/latest/user-data") * 100)
                sent += 1
        except (TimeoutError, ConnectionError):
            pass
        else:
            raise AssertionError("the daemon read without end")
        equal(daemon.get("imds", ID).body, VALUE)


@case("malformed")
def malformed_requests(daemon):
    host = b"Host: 127.0.0.1\r\n"
    for data, statuses in [
        (b"GARBAGE\r\n\r\n", (400,)),
        (b"GET /\r\n\r\n", (400,)),
        (b"GET / HTTP/2.0\r\n" + host + b"\r\n", (400, 505)),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
        (b"GET / HTTP/1.1\n" + host + b"\n\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"Bad Name: x\r\n\r\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"X : x\r\n\r\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"X: a\0b\r\n\r\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"X: a\r\n folded\r\n\r\n", (400, 200)),
        (b"GET / HTTP/1.1\r\n" + host + b"Content-Length: x\r\n\r\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n", (400,)),
        (b"GET / HTTP/1.1\r\n" + host + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", (400,)),
        (b"PUT / HTTP/1.1\r\n" + host + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
        (b"PUT / HTTP/1.1\r\n" + host + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
        (b"PUT / HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", (400,)),
        (b"PUT / HTTP/1.1\r\n" + host + b"Content-Length: 99999999\r\n\r\n", (413,)),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400, 408)),  # no line ever ends
        (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1\r\n" + host + b"\r\n", (400, 505)),
    ]:
        with daemon.connect() as c:
            c.send(data)
            try:
                answer = c.receive()
                assert answer.status in statuses, (data, answer)
                equal(answer.get("Server"), "EC2ws", str(data))
                if answer.status != 200:
                    equal(answer.get("Connection"), "close", str(data))
                    assert c.is_closed(), data
            except Closed as closed:
                raise AssertionError(f"{data!r}: closed without an answer {closed.received!r}") from None
    equal(daemon.get("imds", ID).body, VALUE)


@case("smuggle")
def body_of_a_get_is_not_a_request(daemon):
    inner = build("GET", "/latest/meta-data/mac")
    with daemon.connect() as c:
        c.send(build("GET", ID, {"Content-Length": str(len(inner))}, inner) + build("GET", ID))
        equal([c.receive().body, c.receive().body], [VALUE, VALUE])


@case("limits")
def header_limits(daemon):
    for request, statuses in [
        (build("GET", "/" + "a" * 5000), (414,)),
        (build("GET", ID, {"X": "y" * 20000}), (431,)),
        (build("GET", ID, [(f"X-{i}", "y") for i in range(100)]), (431,)),
    ]:
        answer = ask(daemon.listeners["imds"], request)
        assert answer.status in statuses, answer
    equal(ask(daemon.listeners["imds"], build("GET", ID, {"X": "y" * 8000})).status, 200)
    equal(ask(daemon.listeners["imds"], build("GET", ID, [(f"X-{i}", "y") for i in range(50)])).status, 200)


@case("close")
def client_gone_in_the_middle(daemon):
    for number in range(100):
        connection = daemon.connect()
        connection.send(PUT[: number % len(PUT)] or b"G")
        connection.reset() if number % 2 else connection.close()
    equal(daemon.get("imds", ID).body, VALUE)


@case("pipeline")
def long_pipeline(daemon):
    with daemon.connect(timeout=60) as c:
        count = 2000
        sender = threading.Thread(target=c.send, args=(build("GET", ID) * count,))
        sender.start()
        for _ in range(count):
            equal(c.receive().body, VALUE)
        sender.join()


@case("abandon")
def pipeline_that_nobody_reads_to_its_end(daemon):
    for _ in range(20):
        connection = daemon.connect()
        connection.send(build("GET", "/latest/user-data") * 50)
        connection.receive()
        connection.reset()
    equal(daemon.get("imds", ID).body, VALUE)


@case("parallel")
def many_clients(daemon):
    def client(_):
        for _ in range(20):
            token = ask(daemon.listeners["imds"], PUT).text
            equal(daemon.get("imds", ID, token).body, VALUE)
        return True
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert all(pool.map(client, range(16)))


@case("peer")
def connections_of_one_peer_are_limited():
    """The limit is per user; beyond it the newcomer is closed, and all is well when some end."""
    made = configuration({"imds": fixture.profile()}, limits={"per_peer": 64})
    with Daemon(made) as daemon:
        crowd(daemon)


def crowd(daemon):
    held = []
    try:
        for _ in range(80):
            held.append(Connection(daemon.listeners["imds"], timeout=5))
        answered = 0
        for connection in held:
            try:
                connection.send(build("GET", ID))
                answered += connection.receive().status == 200
            except (Closed, ConnectionError, BrokenPipeError):
                pass
        assert 0 < answered <= 64, answered
    finally:
        for connection in held:
            connection.close()

    def served():
        try:
            return daemon.get("imds", ID).status == 200
        except (Closed, ConnectionError):
            return False
    wait_until(served, what="service after the crowd has gone")


@case("peer-issuer")
def one_user_cannot_take_the_issuer_from_others():
    """All local callers come from one address: the issuer's connections are counted by user too."""
    need_root()
    crowd_size = 24
    made = configuration({"imds": fixture.profile()}, limits={"per_peer": 16})
    with Daemon(made) as daemon:
        address = daemon.listeners["sts"]

        def hold():
            held = [Connection(address, timeout=5) for _ in range(crowd_size)]
            for connection in held:
                try:
                    connection.send(b"GET / HTTP/1.1\r\n")
                except OSError:
                    pass
            os.write(ready[1], b"x")
            os.read(over[0], 1)
            return len(held)
        ready, over = os.pipe(), os.pipe()
        crowd_ended = []
        crowding = threading.Thread(target=lambda: crowd_ended.append(as_user(61003, hold)))
        crowding.start()
        try:
            os.read(ready[0], 1)
            equal(daemon.get("sts", "/").status, 400)
        finally:
            os.write(over[1], b"x")
            crowding.join()
        equal(crowd_ended, [crowd_size])


@case("workers")
def several_workers():
    settings = configuration({"imds": fixture.profile()}, workers=3)
    with Daemon(settings) as daemon:
        token = daemon.token("imds")
        for _ in range(30):
            equal(daemon.get("imds", ID, token).status, 200)
        daemon.credentials("imds")


@case("expect-ec2")
def expect_refused_as_on_ec2():
    with Daemon(configuration({"imds": fixture.profile()}, compat={"expect": "ec2"})) as daemon:
        answer = ask(daemon.listeners["imds"],
                     build("PUT", "/latest/api/token", {TTL: "60", "Expect": "100-continue"}))
        equal(answer.status, 417)


@case("forwarded")
def forwarded_get_can_be_refused():
    settings = configuration({"imds": fixture.profile()}, listeners=[
        {"name": "imds", "serve": "imds", "address": "127.0.0.1:0", "refuse_forwarded_get": True}])
    with Daemon(settings) as daemon:
        equal(daemon.ask("imds", "GET", ID, {"X-Forwarded-For": "x"}).status, 403)
        equal(daemon.ask("imds", "GET", ID).status, 200)


def settings():
    return configuration(
        {"imds": fixture.profile({"user_data": "x" * 16000})},
        limits={"header_time": f"{HEADER_TIME}s", "idle_time": f"{IDLE_TIME}s", "write_time": "2s"})


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
