#!/usr/bin/env python3
"""Requests as bytes: what a strict outsider, a careless client or an attacker may send. Each row says
which answers come, in order, and whether the connection is good for another request afterwards."""

import re

import fixture  # noqa: F401 - finds tests/support
import imds
from fixture import INSTANCE
from imds import ID, PAGES, TOKEN_PATH, base, check

from daemon import TOKEN, TTL
from http_raw import build
from suite import Suite, equal

suite = Suite()

HOST = b"Host: 127.0.0.1\r\n"
GET = b"GET " + ID.encode() + b" HTTP/1.1\r\n" + HOST
PUT = b"PUT " + TOKEN_PATH.encode() + b" HTTP/1.1\r\n" + HOST + TTL.encode() + b": 60\r\n"
END = b"\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OPEN, CLOSED = True, False
UTF8 = "/latest/meta-data/gr\u00fc\u00dfe".encode()


def get(target, version=b"1.1", fields=HOST):
    return b"GET " + target + b" HTTP/" + version + b"\r\n" + fields + b"\r\n"


def put(target, fields=b""):
    return b"PUT " + target + b" HTTP/1.1\r\n" + HOST + TTL.encode() + b": 60\r\n" + fields + b"\r\n"


ROWS = {
    # -- the request line
    "line-blank-in-target": (get(b"/a b"), [400], CLOSED),
    "line-two-blanks": (b"GET  / HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-blank-at-end": (b"GET / HTTP/1.1 \r\n" + HOST + END, [400], CLOSED),
    "line-tabs": (b"GET\t/\tHTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-blank-first": (b" GET / HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-no-target": (b"GET HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-http-0.9": (b"GET /\r\n\r\n", [400], CLOSED),
    "line-http-1.2": (get(b"/", b"1.2"), [505], CLOSED),
    "line-http-2.0": (get(b"/", b"2.0"), [505], CLOSED),
    "line-http-11": (get(b"/", b"11"), [400], CLOSED),
    "line-http-lower": (b"GET / http/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-bare-lf": (b"GET / HTTP/1.1\n" + HOST + END, [400], CLOSED),
    "line-bare-cr": (b"GET / HTTP/1.1\r" + HOST + END, [400], CLOSED),
    "line-nul": (b"GET /\0 HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-empty-lines-first": (b"\r\n\r\n" + GET + END, [200], OPEN),
    "line-too-many-empty-lines": (b"\r\n" * 17 + GET + END, [400], CLOSED),
    "line-lf-first": (b"\n" + GET + END, [400], CLOSED),
    "line-method-33": (b"A" * 33 + b" / HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-method-separator": (b"G(T / HTTP/1.1\r\n" + HOST + END, [400], CLOSED),
    "line-tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400], CLOSED),
    "line-proxy-protocol": (b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + GET + END, [400], CLOSED),
    # -- targets; what is no path of the tree names nothing, and the connection lives on
    "target-4096": (get(b"/" + b"a" * 4095), [404], OPEN),
    "target-4097": (get(b"/" + b"a" * 4096), [414], CLOSED),
    "target-huge": (get(b"/" + b"a" * 100000), [414], CLOSED),
    "target-less-than": (get(b"/latest/meta-data/<x>"), [404], OPEN),
    "target-delimiters": (get(b"/latest/meta-data/\"{}|\\^`[]'"), [404], OPEN),
    "target-utf-8": (get(UTF8), [400], OPEN),
    "target-escaped-utf-8": (get(b"/latest/meta-data/gr%C3%BC"), [404], OPEN),
    "target-fragment": (get(ID.encode() + b"#x"), [400], OPEN),
    "target-slash-escaped": (get(b"/latest/meta-data/placement%2Fregion"), [404], OPEN),
    "target-slash-escaped-lower": (get(b"/latest/meta-data/placement%2fregion"), [404], OPEN),
    "target-nul-escaped": (get(ID.encode() + b"%00"), [404], OPEN),
    "target-lf-escaped": (get(ID.encode() + b"%0A"), [404], OPEN),
    "target-blank-escaped": (get(ID.encode() + b"%20"), [404], OPEN),
    "target-plus": (get(b"/latest/meta+data/instance-id"), [404], OPEN),
    "target-dot-escaped": (get(b"/latest/%2e/meta-data/instance-id"), [404], OPEN),
    "target-dots-escaped": (get(b"/latest/meta-data/x/%2E%2e/instance-id"), [404], OPEN),
    "target-dots-half-escaped": (get(b"/latest/meta-data/.%2e/meta-data/instance-id"), [404], OPEN),
    "target-dots-twice-escaped": (get(b"/latest/meta-data/%252e%252e/meta-data/"), [404], OPEN),
    "target-dots-at-end": (get(b"/latest/meta-data/.."), [404], OPEN),
    "target-dots-only": (get(b"/.."), [404], OPEN),
    "target-broken-escape": (get(ID.encode() + b"%"), [404], OPEN),
    "target-broken-escape-2": (get(ID.encode() + b"%4"), [404], OPEN),
    "target-broken-escape-3": (get(ID.encode() + b"%zz"), [404], OPEN),
    "target-unicode-escape": (get(b"/latest/meta-data/%u0069"), [404], OPEN),
    "target-overlong-dot": (get(b"/latest/meta-data/%c0%ae%c0%ae/"), [404], OPEN),
    "target-parameters": (get(ID.encode() + b";v=1"), [404], OPEN),
    "target-parameters-inside": (get(b"/latest;v=1/meta-data/instance-id"), [404], OPEN),
    "target-query": (get(ID.encode() + b"?recursive=true&x=%00/../"), [200], OPEN),
    "target-empty-query": (get(ID.encode() + b"?"), [200], OPEN),
    "target-query-on-listing": (get(b"/latest?x"), [200], OPEN),
    "target-escaped-letters": (get(b"/%6C%61test/meta-data/%69nstance-id"), [200], OPEN),
    "target-slashes": (get(b"////latest////meta-data////instance-id////"), [200], OPEN),
    "target-deep": (get(b"/latest" + b"/a" * 2000), [404], OPEN),
    "target-many-slashes": (get(b"/" * 4000 + b"latest/meta-data/instance-id"), [200], OPEN),
    "target-asterisk": (b"OPTIONS * HTTP/1.1\r\n" + HOST + END, [400], OPEN),
    "target-authority": (b"CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + HOST + END, [400], OPEN),
    "target-relative": (get(b"latest/meta-data/"), [400], OPEN),
    "target-absolute": (get(b"http://127.0.0.1" + ID.encode()), [200], OPEN),
    "target-absolute-port": (get(b"http://127.0.0.1:80" + ID.encode()), [200], OPEN),
    "target-absolute-upper": (get(b"HTTP://127.0.0.1" + ID.encode()), [200], OPEN),
    "target-absolute-no-path": (get(b"http://127.0.0.1"), [200], OPEN),
    "target-absolute-query": (get(b"http://127.0.0.1?x=/"), [200], OPEN),
    "target-absolute-foreign": (get(b"http://evil.example" + ID.encode()), [403], OPEN),
    "target-absolute-user": (get(b"http://127.0.0.1@evil.example" + ID.encode()), [403], OPEN),
    "target-absolute-user-2": (get(b"http://evil@127.0.0.1" + ID.encode()), [403], OPEN),
    "target-absolute-other-scheme": (get(b"ftp://127.0.0.1" + ID.encode()), [400], OPEN),
    "target-absolute-no-host": (get(b"http:///latest/"), [400], OPEN),
    "target-absolute-without-host-field": (get(b"http://127.0.0.1/", fields=b""), [400], CLOSED),
    "target-absolute-1.0": (get(b"http://127.0.0.1/", b"1.0", b""), [200], CLOSED),
    # -- the token path in other words
    "token-slashes": (put(b"//latest//api/token"), [200], OPEN),
    "token-escaped": (put(b"/latest/api/%74oken"), [200], OPEN),
    "token-query": (put(b"/latest/api/token?ttl=1"), [200], OPEN),
    "token-absolute": (put(b"http://127.0.0.1/latest/api/token"), [200], OPEN),
    "token-parameters": (put(b"/latest/api/token;x"), [403], OPEN),
    "token-upper": (put(b"/latest/api/TOKEN"), [403], OPEN),
    "token-dots": (put(b"/latest/meta-data/../api/token"), [403], OPEN),
    "token-slash-escaped": (put(b"/latest/api%2Ftoken"), [403], OPEN),
    "token-two-slashes-at-end": (put(b"/latest/api/token//"), [403], OPEN),
    "token-below": (put(b"/latest/api/token/x"), [403], OPEN),
    "token-other-version": (put(b"/1.0/api/token"), [403], OPEN),
    "token-1.0": (b"PUT /latest/api/token HTTP/1.0\r\n" + TTL.encode() + b": 60\r\n\r\n", [200], CLOSED),
    "token-1.0-kept": (b"PUT /latest/api/token HTTP/1.0\r\nConnection: Keep-Alive\r\n" +
                       TTL.encode() + b": 60\r\n\r\n", [200], OPEN),
    # -- methods
    "method-lower": (b"get " + ID.encode() + b" HTTP/1.1\r\n" + HOST + END, [405], OPEN),
    "method-lower-put": (PUT.replace(b"PUT", b"put") + END, [405], OPEN),
    "method-trace": (b"TRACE / HTTP/1.1\r\n" + HOST + END, [405], OPEN),
    "method-options": (b"OPTIONS " + ID.encode() + b" HTTP/1.1\r\n" + HOST + END, [405], OPEN),
    "method-unknown": (b"BREW / HTTP/1.1\r\n" + HOST + END, [405], OPEN),
    "method-propfind": (b"PROPFIND / HTTP/1.1\r\n" + HOST + END, [405], OPEN),
    "method-post-body": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\na=b", [405], OPEN),
    # -- header fields
    "field-fold": (GET + b"X: a\r\n b\r\n\r\n", [400], CLOSED),
    "field-fold-first": (b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + END, [400], CLOSED),
    "field-fold-token": (GET + TOKEN.encode() + b":\r\n x\r\n\r\n", [400], CLOSED),
    "field-blank-before-colon": (GET + b"X : a\r\n\r\n", [400], CLOSED),
    "field-no-name": (GET + b": a\r\n\r\n", [400], CLOSED),
    "field-no-colon": (GET + b"abc\r\n\r\n", [400], CLOSED),
    "field-nul": (GET + b"X: a\0b\r\n\r\n", [400], CLOSED),
    "field-bare-cr": (GET + b"X: a\rb\r\n\r\n", [400], CLOSED),
    "field-bare-lf": (GET + b"X: a\nY: b\r\n\r\n", [400], CLOSED),
    "field-control": (GET + b"X: a\x01b\r\n\r\n", [400], CLOSED),
    "field-delete": (GET + b"X: a\x7f\r\n\r\n", [400], CLOSED),
    "field-high-bytes": (GET + b"X: \xff\xfe\r\n\r\n", [200], OPEN),
    "field-high-bytes-token": (GET + TOKEN.encode() + b": \xff\xfe\r\n\r\n", [401], OPEN),
    "field-empty": (GET + b"X:\r\nY: \t \r\n\r\n", [200], OPEN),
    "field-no-blank": (GET + b"X:a\r\n\r\n", [200], OPEN),
    "field-64": (GET + b"".join(b"X-%d: y\r\n" % i for i in range(63)) + END, [200], OPEN),
    "field-65": (GET + b"".join(b"X-%d: y\r\n" % i for i in range(64)) + END, [431], CLOSED),
    "field-1000": (GET + b"".join(b"X-%d: y\r\n" % i for i in range(1000)) + END, [431], CLOSED),
    "field-8k": (GET + b"X: " + b"y" * 8192 + b"\r\n\r\n", [200], OPEN),
    "field-70k": (GET + b"X: " + b"y" * 70000 + b"\r\n\r\n", [431], CLOSED),
    "field-long-name": (GET + b"X" * 3000 + b": y\r\n\r\n", [200], OPEN),
    "token-twice": (GET + (TOKEN.encode() + b": x\r\n") * 2 + END, [400], OPEN),
    "token-twice-other-case": (GET + TOKEN.encode() + b": x\r\n" + TOKEN.lower().encode() +
                               b": y\r\n\r\n", [400], OPEN),
    "token-empty": (GET + TOKEN.encode() + b":\r\n\r\n", [401], OPEN),
    "token-blanks": (GET + TOKEN.encode() + b":  \t \r\n\r\n", [401], OPEN),
    "token-two-words": (GET + TOKEN.encode() + b": a b\r\n\r\n", [401], OPEN),
    "ttl-twice-equal": (PUT + TTL.encode() + b": 60\r\n\r\n", [400], OPEN),
    "ttl-list": (PUT.replace(b": 60", b": 60, 60") + END, [400], OPEN),
    "ttl-inner-blank": (PUT.replace(b": 60", b": 6 0") + END, [400], OPEN),
    "ttl-trailing-dot": (PUT.replace(b": 60", b": 60.") + END, [400], OPEN),
    "ttl-quoted": (PUT.replace(b": 60", b': "60"') + END, [400], OPEN),
    "ttl-exponent": (PUT.replace(b": 60", b": 6e1") + END, [400], OPEN),
    "ttl-other-digits": (PUT.replace(b": 60", ": \u0666".encode()) + END, [400], OPEN),
    "ttl-leading-zero": (PUT.replace(b": 60", b": 060") + END, [200], OPEN),
    "ttl-blanks-around": (PUT.replace(b": 60", b": \t 60 \t ") + END, [200], OPEN),
    "ttl-as-query": (b"PUT /latest/api/token?" + TTL.encode() + b"=60 HTTP/1.1\r\n" + HOST + END, [400], OPEN),
    "ttl-similar-name": (PUT.replace(TTL.encode(), TTL.replace("-", "_").encode()) + END, [400], OPEN),
    "forwarded-empty": (PUT + b"X-Forwarded-For:\r\n\r\n", [403], OPEN),
    "forwarded-twice": (PUT + b"X-FORWARDED-FOR: a\r\nx-forwarded-for: b\r\n\r\n", [403], OPEN),
    "forwarded-similar": (PUT + b"X-Forwarded-Host: a\r\nX-Forwarded-Proto: http\r\nVia: 1.1 x\r\n\r\n",
                          [200], OPEN),
    "forwarded-in-trailer": (PUT + CHUNKED + b"\r\n0\r\nX-Forwarded-For: a\r\n\r\n", [200], OPEN),
    # -- Host
    "host-none": (get(b"/", fields=b""), [400], CLOSED),
    "host-none-1.0": (get(b"/", b"1.0", b""), [200], CLOSED),
    "host-twice": (get(b"/", fields=HOST * 2), [400], CLOSED),
    "host-port": (get(b"/", fields=b"Host: 127.0.0.1:8080\r\n"), [200], OPEN),
    "host-blanks": (get(b"/", fields=b"hOsT:   127.0.0.1  \r\n"), [200], OPEN),
    "host-list": (get(b"/", fields=b"Host: 127.0.0.1, evil.example\r\n"), [403], OPEN),
    "host-user": (get(b"/", fields=b"Host: 127.0.0.1@evil.example\r\n"), [403], OPEN),
    "host-user-2": (get(b"/", fields=b"Host: evil.example@127.0.0.1\r\n"), [403], OPEN),
    "host-path": (get(b"/", fields=b"Host: 127.0.0.1/evil\r\n"), [403], OPEN),
    "host-dot": (get(b"/", fields=b"Host: 127.0.0.1.\r\n"), [403], OPEN),
    "host-decimal": (get(b"/", fields=b"Host: 2130706433\r\n"), [403], OPEN),
    "host-short": (get(b"/", fields=b"Host: 127.1\r\n"), [403], OPEN),
    "host-nul": (get(b"/", fields=b"Host: 127.0.0.1\0\r\n"), [400], CLOSED),
    "host-long": (get(b"/", fields=b"Host: " + b"a" * 5000 + b"\r\n"), [403], OPEN),
    "forwarded-host": (get(b"/", fields=HOST + b"X-Forwarded-Host: evil.example\r\n"), [200], OPEN),
    # -- bodies and their lengths
    "body-on-get": (GET + b"Content-Length: 3\r\n\r\nabc", [200], OPEN),
    "body-on-get-chunked": (GET + CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n", [200], OPEN),
    "length-twice-equal": (PUT + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nab", [200], OPEN),
    "length-twice": (PUT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", [400], CLOSED),
    "length-list-other": (PUT + b"Content-Length: 2, 3\r\n\r\nabc", [400], CLOSED),
    "length-plus": (PUT + b"Content-Length: +2\r\n\r\nab", [400], CLOSED),
    "length-negative": (PUT + b"Content-Length: -2\r\n\r\n", [400], CLOSED),
    "length-hex": (PUT + b"Content-Length: 0x2\r\n\r\nab", [400], CLOSED),
    "length-empty": (PUT + b"Content-Length:\r\n\r\n", [400], CLOSED),
    "length-words": (PUT + b"Content-Length: 2 2\r\n\r\nab", [400], CLOSED),
    "length-overflow": (PUT + b"Content-Length: 18446744073709551618\r\n\r\nab", [400], CLOSED),
    "length-too-much": (PUT + b"Content-Length: 65537\r\n\r\n", [413], CLOSED),
    "length-most": (PUT + b"Content-Length: 65536\r\n\r\n" + b"x" * 65536, [200], OPEN),
    "length-and-chunked": (PUT + b"Content-Length: 5\r\n" + CHUNKED + b"\r\n0\r\n\r\n", [400], CLOSED),
    "chunked-and-length": (PUT + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", [400], CLOSED),
    "chunked": (PUT + CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n", [200], OPEN),
    "chunked-upper": (PUT + CHUNKED.upper() + b"\r\n2\r\nab\r\n0\r\n\r\n", [200], OPEN),
    "chunked-blanks": (PUT + b"Transfer-Encoding:\t chunked \t\r\n\r\n2\r\nab\r\n0\r\n\r\n", [200], OPEN),
    "chunked-extensions": (PUT + CHUNKED + b'\r\n2;a=b;c="d"\r\nab\r\n0;e\r\n\r\n', [200], OPEN),
    "chunked-trailers": (PUT + CHUNKED + b"\r\n1\r\na\r\n0\r\nA: b\r\nC: d\r\n\r\n", [200], OPEN),
    "chunked-trailer-token": (GET + CHUNKED + b"\r\n0\r\n" + TOKEN.encode() + b": x\r\n\r\n", [200], OPEN),
    "chunked-trailer-length": (PUT + CHUNKED + b"\r\n0\r\nContent-Length: 9\r\n\r\n", [400], CLOSED),
    "chunked-zeros": (PUT + CHUNKED + b"\r\n000002\r\nab\r\n000\r\n\r\n", [200], OPEN),
    "chunked-twice": (PUT + CHUNKED * 2 + b"\r\n0\r\n\r\n", [400], CLOSED),
    "chunked-chunked": (PUT + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", [501], CLOSED),
    "chunked-gzip": (PUT + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [501], CLOSED),
    "chunked-identity": (PUT + b"Transfer-Encoding: identity\r\n\r\n", [501], CLOSED),
    "chunked-similar": (PUT + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
                        [501], CLOSED),
    "chunked-vertical-tab": (PUT + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", [400], CLOSED),
    "chunked-1.0": (PUT.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-prefix": (PUT + CHUNKED + b"\r\n0x2\r\nab\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-negative": (PUT + CHUNKED + b"\r\n-2\r\nab\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-overflow": (PUT + CHUNKED + b"\r\n10000000000000002\r\nab\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-too-much": (PUT + CHUNKED + b"\r\n10001\r\nab", [413], CLOSED),
    "chunk-longer": (PUT + CHUNKED + b"\r\n2\r\nabc\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-no-size": (PUT + CHUNKED + b"\r\n\r\nab\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-long-extension": (PUT + CHUNKED + b"\r\n2;" + b"a" * 300 + b"\r\nab\r\n0\r\n\r\n", [400], CLOSED),
    "chunk-endless-extension": (PUT + CHUNKED + b"\r\n2;" + b"a" * 40000, [400], CLOSED),
    "chunk-endless-trailer": (PUT + CHUNKED + b"\r\n0\r\n" + b"A: b\r\n" * 7000, [400], CLOSED),
    "chunk-many": (PUT + CHUNKED + b"\r\n" + b"1\r\na\r\n" * 4000 + b"0\r\n\r\n", [200], OPEN),
    "chunk-too-many": (PUT + CHUNKED + b"\r\n" + b"1\r\na\r\n" * 5000 + b"0\r\n\r\n", [400], CLOSED),
    "trailer-bare-lf": (PUT + CHUNKED + b"\r\n0\r\nX: y\n\r\n" + GET + END, [400], CLOSED),
    # -- expectations, upgrades, connections
    "expect-no-body": (PUT + b"Expect: 100-continue\r\n\r\n", [200], OPEN),
    "expect-upper": (PUT + b"EXPECT: 100-CONTINUE\r\nContent-Length: 2\r\n\r\nab", [200], OPEN),
    "expect-on-get": (GET + b"Expect: 100-continue\r\n\r\n", [200], OPEN),
    "expect-1.0": (get(ID.encode(), b"1.0", b"Expect: 100-continue\r\n"), [200], CLOSED),
    "expect-other": (GET + b"Expect: the-best\r\n\r\n", [417], CLOSED),
    "upgrade": (GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", [200], OPEN),
    "upgrade-h2c": (GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                    b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", [200], OPEN),
    "upgrade-put-body": (PUT + b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nab", [200], OPEN),
    "connection-close": (GET + b"Connection: close\r\n\r\n", [200], CLOSED),
    "connection-close-upper": (GET + b"CONNECTION: CLOSE\r\n\r\n", [200], CLOSED),
    "connection-close-in-list": (GET + b"Connection: x, close\r\n\r\n", [200], CLOSED),
    "connection-close-second": (GET + b"Connection: keep-alive\r\nConnection: close\r\n\r\n", [200], CLOSED),
    "connection-close-404": (get(b"/nope", fields=HOST + b"Connection: close\r\n"), [404], CLOSED),
    "connection-close-put": (PUT + b"Connection: close\r\n\r\n", [200], CLOSED),
    "connection-token-field": (GET + b"Connection: " + TOKEN.encode() + b"\r\n" + TOKEN.encode() +
                               b": x\r\n\r\n", [401], OPEN),
    "http-1.0": (get(ID.encode(), b"1.0", b""), [200], CLOSED),
    "http-1.0-kept": (get(ID.encode(), b"1.0", b"Connection: x, Keep-Alive\r\n"), [200], OPEN),
    "http-1.0-404-kept": (get(b"/nope", b"1.0", b"Connection: keep-alive\r\n"), [404], OPEN),
    # -- pipelines
    "pipe-put-get": (PUT + END + GET + END, [200, 200], OPEN),
    "pipe-put-put-get": (PUT + END + PUT + END + GET + END, [200, 200, 200], OPEN),
    "pipe-chunked-get": (PUT + CHUNKED + b"\r\n1\r\na\r\n0\r\n\r\n" + GET + END, [200, 200], OPEN),
    "pipe-after-404": (get(b"/nope") + get(b"/nope") + GET + END, [404, 404, 200], OPEN),
    "pipe-after-405": (b"POST / HTTP/1.1\r\n" + HOST + END + GET + END, [405, 200], OPEN),
    "pipe-after-403": (put(b"/") + GET + END, [403, 200], OPEN),
    "pipe-close-in-the-middle": (GET + b"Connection: close\r\n\r\n" + GET + END, [200], CLOSED),
    "pipe-bad-in-the-middle": (GET + END + b"BAD\r\n\r\n" + GET + END, [200, 400], CLOSED),
    "pipe-length-too-short": (GET + b"Content-Length: 2\r\n\r\nabcd\r\n\r\n", [200, 400], CLOSED),
    "pipe-mixed-versions": (GET + END + get(ID.encode(), b"1.0", b"") + GET + END, [200, 200], CLOSED),
}

PROVES = {"target": "P25", "line-tls": "P25", "field-70k": "P37", "field-1000": "P37", "pipe": "P31",
          "connection-close": "P30", "chunked": "T28", "forwarded": "T14 T15", "forwarded-similar": "T16",
          "expect": "T29", "ttl": "T12 T13", "token-empty": "U16", "target-dots": "P22",
          "target-absolute": "P24", "method": "P28", "host": "P33", "token-other-version": "T17",
          "http-1.0": "P32", "token-two-slashes-at-end": "T19"}


def proves(name):
    return " ".join(ids for start, ids in PROVES.items() if name.startswith(start))


def row(daemon, data, statuses, reusable):
    with daemon.connect("v1") as c:
        c.send(data)
        for number, status in enumerate(statuses):
            answer = base(c.receive())
            equal(answer.status, status, f"answer {number} ({answer.body[:80]!r})")
            if status in PAGES:
                check(answer, status, "page")
            if status in (405, 417):
                check(answer, status, "", {"Content-Type": "text/plain"})
            if status == 403:
                equal(answer.get("Content-Type"), "text/plain")
            last = number + 1 == len(statuses)
            closes = (answer.get("Connection") or "").lower() == "close"
            equal(closes, last and not reusable, f"Connection of answer {number}")
        if reusable:
            check(c.exchange(build("GET", ID)), 200, INSTANCE["id"])
        else:
            assert c.is_closed(), f"open, or more came: {c.buffer!r}"


for _name, (_data, _statuses, _reusable) in ROWS.items():
    suite.case(_name, proves=proves(_name), data=_data, statuses=_statuses, reusable=_reusable)(row)


@suite.case("byte-by-byte", proves="P31")
def in_pieces(daemon):
    """Whatever the pieces, the answers are the same: the rows with several requests, split anywhere."""
    for name in ("pipe-put-get", "pipe-chunked-get", "chunked-trailers", "length-twice-equal"):
        data, statuses, _ = ROWS[name]
        for size in (1, 2, 7):
            with daemon.connect("v1") as c:
                for at in range(0, len(data), size):
                    c.send(data[at:at + size])
                for status in statuses:
                    equal(base(c.receive()).status, status, f"{name} by {size}")


@suite.case("no-continue-for-a-body-that-came", proves="T29")
def continue_only_when_awaited(daemon):
    with daemon.connect("v1") as c:
        c.send(PUT + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        c.socket.settimeout(5)
        equal(c.socket.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
        c.send(b"ab")
        equal(c.receive().status, 200)
    with daemon.connect("v1") as c:
        c.send(PUT + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab" + GET + b"Connection: close\r\n\r\n")
        received = b""
        while data := c.socket.recv(65536):
            received += data
        assert b"100 Continue" not in received, received
        equal(len(re.findall(rb"HTTP/1\.1 200 ", received)), 2)


@suite.case("order", proves="P35 U04 P19")
def header_order(daemon):
    """The fields come in the order that was captured."""
    def names(answer):
        return [name for name, _ in answer.fields]
    v1 = base(daemon.ask("v1", "GET", ID, {"Connection": "close"}))
    equal(names(v1), ["Content-Type", "Accept-Ranges", "Last-Modified", "Content-Length", "Date", "Server",
                      "Connection"])
    equal(v1.status_line, "HTTP/1.1 200 OK")
    token = daemon.token("v1")
    v2 = names(daemon.ask("v1", "GET", ID, {"Connection": "close", TOKEN: token}))
    equal([name for name in v2 if name != TTL], names(v1))
    assert TTL in v2, v2
    missing = names(daemon.ask("v1", "GET", "/nope", {"Connection": "close", TOKEN: token}))
    equal([name for name in missing if name != TTL],
          ["Content-Type", "Content-Length", "Date", "Server", "Connection"])
    assert TTL in missing, missing
    issued = names(daemon.ask("v1", "PUT", TOKEN_PATH, {TTL: "60"}))
    equal(sorted(issued), sorted([TTL, "Content-Type", "Server", "Content-Length", "Date"]))


@suite.case("head-everywhere", proves="P26 P27 T20")
def head_is_get_without_its_body(daemon):
    token = daemon.token("v2")
    with daemon.connect("v2") as c:
        for path in ("/", "/latest", "/latest/", ID, ID + "/", "/latest/meta-data/", "/latest/meta-data",
                     "/latest/dynamic/instance-identity/document", "/latest/meta-data/iam/info",
                     fixture.CREDENTIALS, fixture.CREDENTIALS + fixture.ROLE, "/nope", "/latest/user-data",
                     "/latest/api", "/%zz", TOKEN_PATH, TOKEN_PATH + "/"):
            for headers in ({TOKEN: token}, {}, {TOKEN: "bad"}):
                get_answer = c.exchange(build("GET", path, headers))
                head = c.exchange(build("HEAD", path, headers))
                equal((head.status_line, head.get("Content-Length"), head.get("Content-Type"),
                       head.get("Allow")),
                      (get_answer.status_line, str(len(get_answer.body)), get_answer.get("Content-Type"),
                       get_answer.get("Allow")), path)
                equal(head.get(TTL) is None, get_answer.get(TTL) is None, path)
                equal([n for n, _ in head.fields], [n for n, _ in get_answer.fields], path)
        equal(c.buffer, b"", "bytes too many")


@suite.case("methods-in-required-mode", proves="U08 P28")
def methods_without_a_token(daemon):
    """The method is looked at before the token: PUT is never a 401, nor is what is not allowed."""
    for method, path, status in (("POST", ID, 405), ("DELETE", "/nope", 405), ("PUT", ID, 403),
                                 ("PUT", "/nope", 403), ("GET", TOKEN_PATH, 405), ("HEAD", TOKEN_PATH, 405),
                                 ("OPTIONS", TOKEN_PATH, 200)):
        base(daemon.ask("v2", method, path))
        equal(daemon.ask("v2", method, path).status, status, f"{method} {path}")


@suite.case("refused-words-in-the-audit-log")
def audit_lines_are_utf8(daemon):
    """What a client sends ends up in the audit log as text, whatever it was."""
    target = b"/latest/\"\\\x7f"[:-1] + b"%00"
    for agent in (b"\xff\xfe\x80", "gr\u00fc\u00dfe \u2028".encode(), b'"}\\{"', b"x" * 8000):
        data = b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"User-Agent: " + agent + b"\r\n" + \
            TOKEN.encode() + b": bad\r\n\r\n"
        with daemon.connect("v2") as c:
            equal(c.exchange(data).status, 401)
    daemon.audit()  # is JSON, in UTF-8


if __name__ == "__main__":
    imds.run(suite)
