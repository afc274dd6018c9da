#!/usr/bin/env python3
"""Clients that mean harm: what they cost is bounded, and another user is served meanwhile."""

import contextlib
import os
import random
import signal
import socket
import threading
import time

import fixture

from as_user import as_user
from daemon import SANITIZED, TOKEN, TTL, Daemon, configuration
from http_raw import Closed, Connection, ask, build, wait_until
from suite import Skip, Suite, equal, need_root

suite = Suite()
case = suite.case

ATTACKER, VICTIM = 61011, 61012
ID = "/latest/meta-data/instance-id"
VALUE = fixture.INSTANCE["id"].encode()
GET = build("GET", ID)
PUT = build("PUT", "/latest/api/token", {TTL: "60"})
HEADER_TIME, IDLE_TIME, WRITE_TIME = 2, 4, 2
MiB = 1024 * 1024
# For an answer while others attack: shorter than any time that a victim would wait behind them.
PATIENCE = 5.0 if SANITIZED else 0.9 * min(HEADER_TIME, WRITE_TIME)


@contextlib.contextmanager
def attack(function, *arguments):
    """Runs `function` in a process of another user until the block ends."""
    need_root()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            os.setgroups([])
            os.setgid(ATTACKER)
            os.setuid(ATTACKER)
            function(*arguments)
            time.sleep(60)
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def served(address, rounds=10):
    """What another user sees: its slowest whole exchange, in seconds."""
    def measure():
        slowest = 0.0
        for _ in range(rounds):
            started = time.monotonic()
            token = ask(address, PUT)
            equal(token.status, 200)
            equal(ask(address, build("GET", ID, {TOKEN: token.text})).body, VALUE)
            slowest = max(slowest, time.monotonic() - started)
        return slowest
    return as_user(VICTIM, measure)


def check_served(daemon):
    slowest = served(daemon.listeners["imds"])
    assert slowest < PATIENCE, f"{slowest:.2f} s"


def connections(daemon):
    """Sockets of the daemon, its listeners and a few of its own among them."""
    folder = f"/proc/{daemon.process.pid}/fd"
    count = 0
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            count += os.readlink(f"{folder}/{name}").startswith("socket:")
    return count


@contextlib.contextmanager
def bounded_memory(daemon, kib):
    """RssAnon does not grow by more, at any time while the block runs."""
    before, highest = daemon.rss()[1], 0
    done = threading.Event()

    def watch():
        nonlocal highest
        while not done.wait(0.01):
            highest = max(highest, daemon.rss()[1] - before)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
    if not SANITIZED:
        assert highest < kib, f"RssAnon grew by {highest} KiB"


def pour(address, start, piece, total):
    """Sends `start`, then `piece` again and again: how many bytes went, and what came back."""
    with Connection(address, timeout=HEADER_TIME + 10) as c:
        sent, received = 0, b""
        try:
            c.send(start)
            while sent < total:
                c.send(piece)
                sent += len(piece)
        except (ConnectionError, TimeoutError):
            pass
        try:
            while data := c.socket.recv(65536):
                received += data
        except (ConnectionError, TimeoutError):
            pass
        return sent, received


POURED = {
    "empty-lines": (b"", b"\r\n" * 32768),
    "method": (b"", b"A" * 65536),
    "target": (b"GET /", b"a" * 65536),
    "name": (b"GET / HTTP/1.1\r\n", b"a" * 65536),
    "value": (b"GET / HTTP/1.1\r\nX: ", b"a" * 65536),
    "fields": (b"GET / HTTP/1.1\r\n", b"X: y\r\n" * 10000),
    "bare-cr": (b"GET / HTTP/1.1\r\nX: ", b"\r" * 65536),
    "chunk-size": (PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
    "chunk-extension": (PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 65536),
    "chunks": (PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n" * 10000),
    "trailer": (PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10000),
    "body": (PUT[:-2] + b"Content-Length: 9999999999\r\n\r\n", b"a" * 65536),
}


def poured(daemon, start, piece):
    with bounded_memory(daemon, 4096):
        _, received = pour(daemon.listeners["imds"], start, piece, 256 * MiB)
    assert received == b"" or received.startswith(b"HTTP/1.1 4"), received[:80]
    equal(daemon.get("imds", ID).body, VALUE)


for _name, (_start, _piece) in POURED.items():
    case(f"pour-{_name}", proves="P37", start=_start, piece=_piece)(poured)


def hold(address, count, send=b"", half_close=False):
    held = []
    for _ in range(count):
        try:
            c = socket.create_connection(address, timeout=5)
            if send:
                c.sendall(send)
            if half_close:
                c.shutdown(socket.SHUT_WR)
            held.append(c)
        except OSError:
            pass
    time.sleep(60)
    return held


@case("idle-thousand", proves="P38")
def thousand_idle_connections():
    """As many as the configuration allows are kept, each for little; all are closed when idle."""
    need_root()
    made = settings() | {"limits": {"per_peer": 1200, "idle_time": "6s", "header_time": "2s"}}
    with Daemon(made) as daemon, bounded_memory(daemon, 1000 * 16):
        with attack(hold, daemon.listeners["bound"], 1000, GET):
            wait_until(lambda: connections(daemon) >= 1000, 20, "a thousand connections")
            check_served(daemon)
            wait_until(lambda: connections(daemon) < 50, 20, "idle time")


@case("silent-hundreds", proves="P38")
def connections_without_a_request(daemon):
    """They are kept no longer than a request may take."""
    with attack(hold, daemon.listeners["bound"], 200):
        wait_until(lambda: connections(daemon) > 150, 10, "the crowd")
        started = time.monotonic()
        check_served(daemon)
        wait_until(lambda: connections(daemon) < 20, IDLE_TIME + 8, "their end")
        if not SANITIZED:
            assert time.monotonic() - started < IDLE_TIME, "kept as if they had asked"


@case("idle-over-the-limit", proves="P38")
def more_than_allowed_for_one(daemon):
    with attack(hold, daemon.listeners["imds"], 1000):
        time.sleep(0.5)
        check_served(daemon)


@case("slow-headers")
def slow_headers(daemon):
    """Hundreds that send a byte now and then: cut in time, and nobody waits for them."""
    def drip(address):
        held = []
        for _ in range(200):
            c = socket.create_connection(address, timeout=5)
            c.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            held.append(c)
        while True:
            time.sleep(0.2)
            for c in held:
                try:
                    c.sendall(b"x")
                except OSError:
                    pass
    with attack(drip, daemon.listeners["imds"]):
        wait_until(lambda: connections(daemon) > 150, 10, "slow connections")
        check_served(daemon)
        wait_until(lambda: connections(daemon) < 20, HEADER_TIME + 8, "header time")


@case("slow-body")
def slow_body(daemon):
    def drip(address):
        held = []
        for _ in range(100):
            c = socket.create_connection(address, timeout=5)
            c.sendall(PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n")
            held.append(c)
        while True:
            time.sleep(0.2)
            for c in held:
                try:
                    c.sendall(b"1\r\na\r\n")
                except OSError:
                    pass
    with attack(drip, daemon.listeners["imds"]):
        wait_until(lambda: connections(daemon) > 80, 10, "slow connections")
        check_served(daemon)
        wait_until(lambda: connections(daemon) < 20, HEADER_TIME + 8, "header time")


@case("half-closed")
@case("half-closed-request", send=GET)
@case("half-closed-half-request", send=GET[:20])
@case("half-closed-token", send=PUT)
def half_closed_flood(daemon, send=b""):
    with attack(hold, daemon.listeners["imds"], 240, send, True):
        time.sleep(0.3)
        check_served(daemon)
    wait_until(lambda: connections(daemon) < 20, HEADER_TIME + 8, "their end")


@case("early-close")
def early_close_flood(daemon):
    """Closed before anybody looks: no owner is left. Refused, never taken for uid 0."""
    def storm(address):
        number = 0
        while True:
            number += 1
            with contextlib.suppress(OSError):
                c = socket.create_connection(address, timeout=5)
                c.sendall(PUT if number % 3 else GET)
                if number % 2:
                    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                c.close()
    before = daemon.status()["counters"]["tokens_issued"]
    with attack(storm, daemon.listeners["imds"]):
        time.sleep(0.3)
        check_served(daemon)
    issued = daemon.status()["counters"]["tokens_issued"] - before
    # The attacker is bound to nothing; a token more than the victim's ten would be somebody else's.
    equal(issued, 10, "tokens")


@case("unread-pipeline")
def ten_thousand_requests_without_reading(daemon):
    """The daemon stops reading when nobody takes its answers, and drops the connection in time."""
    request = build("GET", "/latest/user-data")
    with bounded_memory(daemon, 2048), daemon.connect() as c:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        c.socket.settimeout(0.5)
        sent = 0
        try:
            while sent < 10000:
                c.send(request * 100)
                sent += 100
        except (TimeoutError, ConnectionError):
            pass
        equal(daemon.get("imds", ID).body, VALUE)
        wait_until(lambda: is_gone(c), WRITE_TIME + 8, "the end of the connection")


def is_gone(connection):
    """True once the kernel says that the peer reset or closed it."""
    try:
        connection.socket.send(b"x")
        return False
    except TimeoutError:
        return False
    except OSError:
        return True


@case("unread-many")
def many_that_do_not_read(daemon):
    def leave(address):
        held = []
        for _ in range(100):
            c = socket.socket()
            c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            c.connect(address)
            c.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(20):
                    c.send(build("GET", "/latest/user-data") * 100)
            held.append(c)
        time.sleep(60)
    # Each may hold one batch of answers (64 KiB and one answer more) and its input.
    with bounded_memory(daemon, 100 * 160 + 4096), attack(leave, daemon.listeners["bound"]):
        wait_until(lambda: connections(daemon) > 90, 10, "the crowd")
        check_served(daemon)
    wait_until(lambda: connections(daemon) < 20, WRITE_TIME + 8, "their end")


@case("token-flood", proves="T31")
def token_flood(daemon):
    def flood(address):
        with Connection(address) as c:
            while True:
                c.exchange(PUT)
    with bounded_memory(daemon, 1024), contextlib.ExitStack() as attackers:
        for _ in range(4):
            attackers.enter_context(attack(flood, daemon.listeners["bound"]))
        time.sleep(0.5)
        check_served(daemon)


@case("bad-token-flood")
def bad_token_flood(daemon):
    """Guesses cost a MAC each, and the audit log is not filled with them."""
    def flood(address):
        request = build("GET", ID, {TOKEN: "AQAE" + "x" * 50 + "=="})
        with Connection(address) as c:
            while True:
                c.send(request * 50)
                for _ in range(50):
                    c.receive()
    before = daemon.audit_file.stat().st_size
    with bounded_memory(daemon, 1024), attack(flood, daemon.listeners["bound"]):
        time.sleep(1.0)
        check_served(daemon)
    grown = daemon.audit_file.stat().st_size - before
    assert grown < 256 * 1024, f"the audit log grew by {grown} bytes"


@case("per-peer-is-per-user-not-per-family", proves="U20")
def limit_over_both_families(daemon):
    """One user's connections count together, whatever address they came to; another's do not."""
    if "v6" not in daemon.listeners:
        raise Skip("no IPv6 here")
    need_root()

    def crowd():
        held, answered = [], 0
        for number in range(300):
            address = daemon.listeners["bound" if number % 2 else "v6"]
            try:
                c = Connection(address, timeout=5)
                held.append(c)
                answered += c.exchange(build("GET", ID, host="localhost")).status == 200
            except (OSError, Closed):
                pass
        return answered
    equal(as_user(ATTACKER, crowd), 256)
    check_served(daemon)


@case("issuer-crowd")
def one_user_cannot_take_the_issuer(daemon):
    """All local users come from one address; the limit is each user's own."""
    def ask_issuer():
        return ask(daemon.listeners["sts"], build("GET", "/?Action=GetCallerIdentity&Version=2011-06-15")).status
    with attack(hold, daemon.listeners["sts"], 400):
        wait_until(lambda: connections(daemon) > 250, 10, "the crowd")
        equal(as_user(VICTIM, ask_issuer), 403)


@case("resets-everywhere")
def resets(daemon):
    """RST at every point of an exchange."""
    exchanges = [PUT + GET, build("GET", "/latest/user-data") * 40,
                 PUT[:-2] + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
                 b"BAD\r\n\r\n" + GET * 10,
                 PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"]
    for data in exchanges:
        for number, at in enumerate(range(1, len(data), max(1, len(data) // 40))):
            c = daemon.connect()
            c.send(data[:at])
            if number % 3 == 0:
                c.socket.settimeout(0.01)
                with contextlib.suppress(OSError):
                    c.socket.recv(100)
            c.reset()
    equal(daemon.get("imds", ID).body, VALUE)
    wait_until(lambda: connections(daemon) < 20, 10, "their end")


@case("noise", proves="P25")
def noise(daemon):
    """Requests damaged at random, always the same ones. Whatever comes back is an answer of ours."""
    chance = random.Random(20240411)
    seeds = [PUT, GET, build("GET", "http://127.0.0.1" + ID), build("HEAD", "/latest/"),
             PUT[:-2] + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: x\r\n\r\n",
             build("GET", ID, {TOKEN: "AQAE" + "x" * 50 + "==", "Connection": "keep-alive"})]
    pieces = [b"\r\n", b"\n", b"\0", b" ", b"\t", b"%2F", b"%00", b"..", b"//", b":", b"Host: x\r\n", b"\xff",
              b"Content-Length: 1\r\n", b"Transfer-Encoding: chunked\r\n", b"?", b"#", b"HTTP/1.1", b"0"]
    known = {100, 200, 400, 401, 403, 404, 405, 408, 413, 414, 417, 431, 501, 505}
    for _ in range(1500):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                data[at:at] = chance.choice(pieces)
            elif kind == 2:
                del data[at:at + chance.randrange(1, 8)]
            else:
                data[at:at] = data[chance.randrange(len(data)):][:chance.randrange(1, 60)]
        with daemon.connect(timeout=HEADER_TIME + 10) as c:
            c.send(bytes(data))
            c.socket.shutdown(socket.SHUT_WR)
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while more := c.socket.recv(65536):
                    received += more
        for line in received.split(b"\r\n"):
            if line.startswith(b"HTTP/1.1 "):
                assert int(line[9:12]) in known, (bytes(data), line)
        assert not received or received.startswith(b"HTTP/1.1 "), (bytes(data), received)
    equal(daemon.get("imds", ID).body, VALUE)


def settings():
    listeners = [{"name": name, "serve": "imds", "address": "127.0.0.1:0"} for name in ("imds", "bound")]
    listeners.append({"name": "sts", "serve": "sts", "address": "127.0.0.1:0"})
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        listeners.append({"name": "v6", "serve": "imds", "address": "[::1]:0"})
    except OSError:
        pass
    bound = [one["name"] for one in listeners if one["name"] in ("bound", "v6")]
    return configuration(
        {"imds": fixture.profile({"user_data": "x" * 16000})}, listeners=listeners,
        bindings=[{"listener": "imds", "user": ["self", VICTIM], "profile": "imds"},
                  {"listener": bound, "user": ["self", ATTACKER], "profile": "imds"}],
        limits={"header_time": f"{HEADER_TIME}s", "idle_time": f"{IDLE_TIME}s",
                "write_time": f"{WRITE_TIME}s"})


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
