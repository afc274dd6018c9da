#!/usr/bin/env python3
"""The HTTP client that fetches keys: what it accepts, and that nothing else gets through."""

import errno
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from acceptor import Acceptor
from certificates import Authority
from suite import Suite, equal

FETCH = os.environ.get("FETCH_URL") or str(
    pathlib.Path(__file__).resolve().parents[2] / "build/debug/tests/http_client/fetch_url")

suite = Suite()
case = suite.case


def reserve(address, port=0):
    """A socket that holds a port and lets nobody in: connections to it are refused."""
    held = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        held.bind((address, port))
    except OSError:
        held.close()
        raise
    return held


def listen_on(address):
    held = reserve(address)
    held.listen()
    return [held]


def listen_as_localhost():
    """On 127.0.0.1, with the port of ::1 held: "localhost" may be either, and the port of the other
    must not belong to another test."""
    for _ in range(20):
        listening = listen_on("127.0.0.1")
        try:
            return listening + [reserve("::1", listening[0].getsockname()[1])]
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                return listening  # no IPv6 here
            listening[0].close()
    raise AssertionError("no port that is free for both addresses")


class Server:
    """Answers each connection with a function of (stream, request)."""

    def __init__(self, answer, certificate=None, minimum=None, maximum=None, family=socket.AF_INET,
                 close_alert=True):
        self.requests = []
        self.answer = answer
        self.context = None
        self.close_alert = close_alert
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
            if maximum:
                warnings.simplefilter("ignore", DeprecationWarning)
                self.context.minimum_version = minimum
                self.context.maximum_version = maximum
                self.context.set_ciphers("ALL:@SECLEVEL=0")
        listening = listen_on("::1") if family == socket.AF_INET6 else listen_as_localhost()
        self.port = listening[0].getsockname()[1]
        self.reserved = listening[1:]
        self.acceptor = Acceptor(listening[0], self._serve)

    def _serve(self, raw):
        try:
            stream = self.context.wrap_socket(raw, server_side=True) if self.context else raw
            request = b""
            while b"\r\n\r\n" not in request:
                got = stream.recv(4096)
                if not got:
                    return
                request += got
            self.requests.append(request.decode())
            self.answer(stream)
            if self.context and self.close_alert:
                stream.unwrap()
            stream.close()
        except OSError:
            raw.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.acceptor.close()
        for reserved in self.reserved:
            reserved.close()


def says(text):
    return lambda stream: stream.sendall(text.encode())


def body(text):
    return says(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}")


def fetch(url, *words):
    """(exit code, what it printed, seconds)"""
    started = time.monotonic()
    # Where the time is not the matter, a busy machine gets enough of it.
    done = subprocess.run([FETCH, url, "--time", "60000", *map(str, words)], capture_output=True,
                          text=True, timeout=100)
    return done.returncode, done.stdout.strip(), time.monotonic() - started


def fails(outcome, *parts):
    code, text, _ = outcome
    equal(code, 1, text)
    for part in parts:
        assert part in text, text


@case("good")
def a_good_server_is_answered(authority, good):
    with Server(body('{"keys":[]}'), good) as server:
        equal(fetch(f"https://localhost:{server.port}/openid/v1/jwks?x=1", "--ca", authority.file)[1],
              '200 11 {"keys":[]}')
        lines = server.requests[0].split("\r\n")
        equal(lines[0], "GET /openid/v1/jwks?x=1 HTTP/1.1")
        assert f"Host: localhost:{server.port}" in lines, lines
        assert not any(line.startswith("Authorization") for line in lines), lines
        equal(fetch(f"https://127.0.0.1:{server.port}/", "--ca", authority.file)[1],
              '200 11 {"keys":[]}')


@case("ipv6")
def an_ipv6_address_is_verified_as_such(authority, good):
    with Server(body("six"), good, family=socket.AF_INET6) as server:
        equal(fetch(f"https://[::1]:{server.port}/", "--ca", authority.file)[1], "200 3 six")
        assert f"Host: [::1]:{server.port}" in server.requests[0]


@case("bearer")
def the_bearer_is_sent_to_the_verified_server_alone(authority, good, other):
    with Server(body("ok"), good) as server:
        fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--bearer", "abc.def")
        assert "\r\nAuthorization: Bearer abc.def\r\n" in server.requests[0]
        fails(fetch(f"https://localhost:{server.port}/", "--ca", other.file, "--bearer", "abc"))
        equal(len(server.requests), 1)
        for bad in ("a b", "a\r\nX: y", "ä"):
            fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--bearer", bad),
                  "invalid:")
        equal(len(server.requests), 1)


@case("chunked")
def chunked_answers_are_put_together(authority, good):
    with Server(says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n"), good) as server:
        equal(fetch(f"https://localhost:{server.port}/", "--ca", authority.file)[1],
              "200 11 hello world")


@case("to-the-end")
def an_answer_that_ends_with_the_connection_needs_the_closing_alert(authority, good):
    with Server(says("HTTP/1.1 200 OK\r\n\r\nall of it"), good) as server:
        equal(fetch(f"https://localhost:{server.port}/", "--ca", authority.file)[1],
              "200 9 all of it")
    with Server(says("HTTP/1.1 200 OK\r\n\r\npart of it"), good, close_alert=False) as server:
        fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file), "unavailable:")


@case("wrong-host")
def a_certificate_for_another_host_is_refused(authority):
    for names in (["DNS:other.example"], ["DNS:*.localhost"], ["IP:127.0.0.2"], []):
        with Server(body("x"), authority.issue(names, subject="localhost")) as server:
            for host in ("localhost", "127.0.0.1"):
                fails(fetch(f"https://{host}:{server.port}/", "--ca", authority.file),
                      "certificate is refused", "mismatch")
            equal(server.requests, [])
    # A name in a certificate is no address, and the other way round.
    with Server(body("x"), authority.issue(["DNS:127.0.0.1"])) as server:
        fails(fetch(f"https://127.0.0.1:{server.port}/", "--ca", authority.file), "mismatch")


@case("expired")
def an_expired_certificate_is_refused(authority):
    with Server(body("x"), authority.issue(["DNS:localhost"], expired=True)) as server:
        fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file),
              "certificate is refused", "expired")
        equal(server.requests, [])


@case("unknown-authority")
def an_unknown_authority_is_refused(authority, other, good):
    with Server(body("x"), good) as server:
        fails(fetch(f"https://localhost:{server.port}/", "--ca", other.file), "certificate is refused")
        fails(fetch(f"https://localhost:{server.port}/"), "certificate is refused")
        fails(fetch(f"https://localhost:{server.port}/", "--ca", "/nonexistent"), "invalid:",
              "/nonexistent")
        fails(fetch(f"https://localhost:{server.port}/", "--ca", "/dev/null"), "invalid:")
        equal(server.requests, [])


@case("old-tls")
def old_tls_is_refused(authority, good):
    with Server(body("x"), good, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1) as server:
        fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file), "TLS")
    with Server(body("x"), good, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2) as server:
        equal(fetch(f"https://localhost:{server.port}/", "--ca", authority.file)[1], "200 1 x")


@case("plain")
def plain_http_is_for_loopback(authority, good):
    with Server(body("plain")) as server:
        equal(fetch(f"http://127.0.0.1:{server.port}/")[1], "200 5 plain")
        fails(fetch(f"http://localhost:{server.port}/"), "invalid:", "loopback")
        fails(fetch("http://192.0.2.1/"), "invalid:", "loopback")
        # A server without TLS gets no request.
        fails(fetch(f"https://127.0.0.1:{server.port}/", "--ca", authority.file, "--time", 500))
        equal(len(server.requests), 1)


@case("slow-drip")
def a_server_that_drips_is_left(authority, good):
    def drip(stream):
        stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            stream.sendall(b"x")
            time.sleep(0.05)
    with Server(drip, good) as server:
        outcome = fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--time", 600)
        fails(outcome, "unavailable:", "in time")
        assert 0.5 < outcome[2] < 40, outcome  # to the end it would be 50


@case("silent")
def a_silent_server_is_left(authority, good):
    with Server(lambda stream: time.sleep(30), good) as server:
        fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--time", 400),
              "in time")
        fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--time", 30000,
                    "--cancel-after", 6), "given up")
    # One that accepts and never begins with TLS.
    listening = socket.create_server(("127.0.0.1", 0))
    fails(fetch(f"https://127.0.0.1:{listening.getsockname()[1]}/", "--ca", authority.file,
                "--time", 400), "in time")


@case("too-large")
def answers_beyond_the_limit_are_refused(authority, good):
    def endless(stream):
        stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            stream.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
    for answer in (body("x" * 2000), says("HTTP/1.1 200 OK\r\n\r\n" + "x" * 2000), endless,
                   says("HTTP/1.1 200 OK\r\n" + "A: b\r\n" * 10000 + "\r\n"),
                   says("HTTP/1.1 200 OK\r\nA: " + "b" * 100000)):
        with Server(answer, good) as server:
            fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file, "--body", 1000),
                  "exhausted:", "longer")


@case("truncated")
def answers_that_are_cut_short_are_refused(authority, good):
    for text in ("", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"):
        for alert in (True, False):
            with Server(says(text), good, close_alert=alert) as server:
                fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file),
                      "unavailable:")


@case("no-http")
def what_is_no_http_is_refused(authority, good):
    for text in ("SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
                 "HTTP/1.1 100 Continue\r\n\r\n"):
        with Server(says(text), good) as server:
            fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file), "unavailable:")


@case("redirect")
def redirects_are_not_followed(authority, good):
    with Server(body("stolen"), good) as target:
        for status in (301, 302, 303, 307, 308):
            where = f"https://localhost:{target.port}/"
            with Server(says(f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\n"
                             "Content-Length: 0\r\n\r\n"), good) as server:
                fails(fetch(f"https://localhost:{server.port}/", "--ca", authority.file),
                      "invalid:", "redirects")
        equal(target.requests, [])


@case("status")
def other_statuses_are_the_callers_matter(authority, good):
    with Server(says("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), good) as server:
        equal(fetch(f"https://localhost:{server.port}/", "--ca", authority.file)[1], "403 2 no")


@case("unreachable")
def nobody_there(authority):
    closed = reserve("127.0.0.1")
    fails(fetch(f"https://127.0.0.1:{closed.getsockname()[1]}/", "--ca", authority.file),
          "unavailable:", "refused")
    closed.close()
    fails(fetch("https://no-such-host.invalid/", "--time", 3000), "unavailable:")


@case("urls")
def urls_that_are_refused():
    for url in ("", "localhost", "ftp://localhost/", "file:///etc/passwd", "https://",
                "https://user@localhost/", "https://localhost/#x", "https://local host/",
                "https://localhost:0/", "https://localhost:65536/", "https://localhost:8x/",
                "https://[::1/", "https://[localhost]/", "https://::1/", "https://a..b/",
                "https://localhost\r\nX: y/", "https://-_/"):
        fails(fetch(url), "invalid:")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(pathlib.Path(folder) / "a")
        suite.run(authority=authority, other=Authority(pathlib.Path(folder) / "b"),
                  good=authority.issue(["DNS:localhost", "IP:127.0.0.1", "IP:::1"]))
