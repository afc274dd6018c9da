#!/usr/bin/env python3
"""The EC2 metadata protocol, case by case, against the running binary.

T: session tokens issued. U: tokens used. P: paths and HTTP. V: values. I: IAM. D: identity document.
"""

import concurrent.futures
import datetime
import email.utils
import json
import re
import socket
import time

import fixture
from fixture import CREDENTIALS, INSTANCE, KEY, ROLE

import packets
from daemon import Daemon, SANITIZED, TOKEN, TTL, configuration
from http_raw import Closed, Connection, ask, build
from sigv4 import Key, sign
from suite import Skip, Suite, equal

suite = Suite()
case = suite.case

TOKEN_PATH = "/latest/api/token"
ID = "/latest/meta-data/instance-id"
USER_DATA = bytes(range(256)) * 64  # 16384 bytes, the most that is allowed

PAGE_LENGTH = {400: 341, 401: 343, 403: 337, 404: 337, 405: 355, 503: 357}


def page(status, reason):
    """The XHTML error page of EC2, with one TAB before the system id."""
    return (
        '<?xml version="1.0" encoding="iso-8859-1"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"\n'
        '\t"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n <head>\n'
        f"  <title>{status} - {reason}</title>\n </head>\n <body>\n"
        f"  <h1>{status} - {reason}</h1>\n </body>\n</html>\n").encode()


PAGES = {400: page(400, "Bad Request"), 401: page(401, "Unauthorized"), 404: page(404, "Not Found")}


def base(answer):
    """What every answer carries."""
    equal(answer.get("Server"), "EC2ws", "Server")
    assert email.utils.parsedate_to_datetime(answer.get("Date")), answer.head
    equal(answer.get("Transfer-Encoding"), None, "Transfer-Encoding")
    assert answer.get("Content-Length") is not None
    return answer


def check(answer, status, body=None, headers=None):
    """Status, and body (bytes, text, or "page" for EC2's error page) and headers where given; a
    header given as None must be absent."""
    base(answer)
    equal(answer.status, status, f"status ({answer.body[:80]!r})")
    if body == "page":
        equal(len(PAGES[status]), PAGE_LENGTH[status], "the page in this test")
        equal(answer.body, PAGES[status], "body")
        equal(answer.get("Content-Type"), "text/html", "Content-Type")
    elif body is not None:
        equal(answer.body, body.encode() if isinstance(body, str) else body, "body")
    for name, value in (headers or {}).items():
        equal(answer.get(name), value, name)
    return answer


def put(ttl="60", path=TOKEN_PATH, **headers):
    return build("PUT", path, {TTL: ttl} | {k.replace("_", "-"): v for k, v in headers.items()})


# ---------------------------------------------------------------------------- T: token issue

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


# ---------------------------------------------------------------------------- U: token use

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


# ---------------------------------------------------------------------------- P: paths, HTTP

def listing(daemon, listener, path):
    answer = check(daemon.get(listener, path), 200)
    assert not answer.body.endswith(b"\n"), answer.body
    return answer.text.split("\n")


@case("P01")
def versions(daemon):
    for path in ("/", ""):
        names = listing(daemon, "v1", path or "http://127.0.0.1")
        equal(names[0], "1.0")
        equal(names[-1], "latest")
        assert "2009-04-04" in names and "2021-03-23" in names, names
        equal(names[:-1], sorted(names[:-1]))


@case("P02")
def version_listing(daemon):
    for path in ("/latest", "/latest/", "/2021-03-23"):
        check(daemon.get("v1", path), 200, "dynamic\nmeta-data")


@case("P03")
def version_listing_with_user_data(daemon):
    check(daemon.get("full", "/latest/"), 200, "dynamic\nmeta-data\nuser-data", {"Content-Length": "27"})


@case("P04")
def meta_data_listing(daemon):
    names = listing(daemon, "v1", "/latest/meta-data/")
    equal(names, sorted(names), "order")
    equal(len(names), len(set(names)))
    for name in ("ami-id", "iam/", "instance-id", "network/", "placement/", "public-keys/", "services/"):
        assert name in names, names
    assert "tags/" not in names and "spot/" not in names, names


@case("P05")
def directory_without_slash(daemon):
    for path in ("/latest/meta-data", "/latest/meta-data/placement", CREDENTIALS[:-1],
                 "/latest/dynamic/instance-identity"):
        equal(check(daemon.get("v1", path), 200).body, check(daemon.get("v1", path + "/"), 200).body)


ROWS_P = [
    ("P06", "/latest/meta-data/instance-id/", 200, INSTANCE["id"]),
    ("P07", "/latest/meta-data/placement/availability-zone/", 200, "us-east-1a"),
    ("P08", "//latest/meta-data/instance-id", 200, INSTANCE["id"]),
    ("P09", "/latest//meta-data///instance-id", 200, INSTANCE["id"]),
    ("P10", "/latest/meta-data/instance-id?x=y", 200, INSTANCE["id"]),
    ("P11", "/latest/meta-data/instance%2Did", 200, INSTANCE["id"]),
    ("P11b", "/latest/meta-data%2Finstance-id", 404, "page"),
    ("P11c", "/latest/meta-data/instance-id%00", 404, "page"),
    ("P11d", "/LATEST/meta-data/instance-id", 404, "page"),
    ("P11e", "/latest/meta-data/Instance-Id", 404, "page"),
    ("P11f", "/latest/meta-data/instance%252Did", 404, "page"),
    ("P18", "/2020-01-01/meta-data/", 404, "page"),
    ("P19", "/latest/meta-data/nope", 404, "page"),
    ("P20", "/latest/meta-data/instance-id/nope", 404, "page"),
    ("P21", "/nope", 404, "page"),
    ("P22a", "/latest/meta-data/../user-data", 404, "page"),
    ("P22b", "/latest/meta-data/%2e%2e/user-data", 404, "page"),
    ("P22c", "/latest/meta-data/./instance-id", 404, "page"),
    ("P22d", "/../../etc/passwd", 404, "page"),
    ("P23", "/latest/meta-data/iam/security-credentials/" + "x" * 300, 404, "page"),
]


def path_row(daemon, path, status, body):
    check(daemon.get("v1", path), status, body)


for _name, _path, _status, _body in ROWS_P:
    case(_name, path=_path, status=_status, body=_body)(path_row)


def crawl(daemon, listener, path, seen):
    """Fetches everything that is listed below a directory; every entry must be there."""
    for name in listing(daemon, listener, path):
        if "=" in name and "public-keys" in path:
            name = name.split("=")[0] + "/"
        child = path + name
        seen.append(child)
        if name.endswith("/"):
            crawl(daemon, listener, child, seen)
        else:
            check(daemon.get(listener, child), 200)
    return seen


@case("P12", listener="v1")
@case("P12b", listener="full")
@case("P12c", listener="bare")
def crawl_latest(daemon, listener):
    seen = crawl(daemon, listener, "/latest/meta-data/", [])
    seen += crawl(daemon, listener, "/latest/dynamic/instance-identity/", [])
    assert len(seen) > 40, seen


@case("P13")
def crawl_versions(daemon):
    older = set()
    for version in listing(daemon, "full", "/"):
        prefix = f"/{version}/meta-data/"
        now = {path.removeprefix(prefix) for path in crawl(daemon, "full", prefix, [])}
        assert older <= now, f"{version} lost {older - now}"
        older = now


@case("P17")
def first_version(daemon):
    seen = {p.removeprefix("/1.0/meta-data/") for p in crawl(daemon, "v1", "/1.0/meta-data/", [])}
    assert "ami-id" in seen and "instance-id" in seen, seen
    for newer in ("iam/", "placement/", "services/", "network/"):
        assert newer not in seen, seen
        check(daemon.get("v1", "/1.0/meta-data/" + newer), 404)
    check(daemon.get("v1", "/2008-02-01/meta-data/placement/region"), 404)
    check(daemon.get("v1", "/2008-02-01/meta-data/placement/availability-zone"), 200, "us-east-1a")


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
    when = datetime.datetime.strptime(stamps[0], "%a, %d %b %Y %H:%M:%S GMT")
    assert when.replace(tzinfo=datetime.timezone.utc).timestamp() <= time.time() + 1, stamps


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


# ---------------------------------------------------------------------------- V: values

MAC = "network/interfaces/macs/02:29:96:8f:6a:2d/"
ROWS_V = [
    ("V01a", "v1", "ami-id", INSTANCE["image_id"]),
    ("V01b", "v1", "instance-type", "m5.large"),
    ("V01c", "v1", "local-ipv4", "10.0.1.17"),
    ("V01d", "v1", "mac", INSTANCE["mac"]),
    ("V02", "v1", "ami-manifest-path", "(unknown)"),
    ("V03", "v1", "ami-launch-index", "0"),
    ("V04", "v1", "public-ipv4", "203.0.113.25"),
    ("V05", "v1", "public-keys/", "0=my-key"),
    ("V06", "v1", "public-keys/0/", "openssh-key"),
    ("V06b", "v1", "public-keys/0=my-key", None),
    ("V07", "v1", "public-keys/0/openssh-key", KEY + "\n"),
    ("V08", "bare", "public-keys/", None),
    ("V09", "v1", "network/interfaces/macs/", "02:29:96:8f:6a:2d/"),
    ("V11", "v1", MAC + "ipv4-associations/203.0.113.25", "10.0.1.17"),
    ("V12", "bare", MAC + "ipv4-associations/", None),
    ("V12b", "bare", "public-ipv4", None),
    ("V12c", "bare", "public-hostname", None),
    ("V13a", "v1", "ipv6", None),
    ("V13b", "v1", MAC + "ipv6s", None),
    ("V13c", "v1", MAC + "subnet-ipv6-cidr-blocks", None),
    ("V15", "v1", "placement/region", "us-east-1"),
    ("V15b", "v1", "placement/availability-zone-id", "use1-az4"),
    ("V16a", "v1", "services/domain", "amazonaws.com"),
    ("V16b", "v1", "services/partition", "aws"),
    ("V16c", "full", "services/domain", "amazonaws.com.cn"),
    ("V16d", "full", "services/partition", "aws-cn"),
    ("V17a", "v1", "instance-life-cycle", "on-demand"),
    ("V17b", "full", "instance-life-cycle", "spot"),
    ("V19a", "v1", "spot/instance-action", None),
    ("V19b", "v1", "spot/termination-time", None),
    ("V23a", "v1", "events/maintenance/scheduled", "[]"),
    ("V23b", "v1", "events/maintenance/history", "[]"),
    ("V26", "v1", "events/recommendations/rebalance", None),
    ("V27", "v1", "autoscaling/target-lifecycle-state", None),
    ("V29", "v1", "tags/", None),
    ("V29b", "v1", "tags/instance/Name", None),
    ("V30", "full", "tags/", "instance/"),
    ("V30b", "full", "tags/instance", "Name\nempty\nteam:unit"),
    ("V31", "full", "tags/instance/Name", "gr\u00fc\u00dfe an alle"),
    ("V31b", "full", "tags/instance/empty", ""),
    ("V32", "full", "tags/instance/name", None),
]


def value_row(daemon, listener, path, body):
    answer = daemon.get(listener, "/latest/meta-data/" + path)
    if body is None:
        check(answer, 404, "page")
    else:
        check(answer, 200, body, {"Content-Type": "text/plain"})


for _name, _listener, _path, _body in ROWS_V:
    case(_name, listener=_listener, path=_path, body=_body)(value_row)


@case("V08b")
def absent_is_not_listed(daemon):
    names = listing(daemon, "bare", "/latest/meta-data/")
    for absent in ("public-keys/", "public-ipv4", "public-hostname", "iam/", "tags/", "ipv6"):
        assert absent not in names, names


@case("V14")
def security_groups(daemon):
    name = check(daemon.get("v1", "/latest/meta-data/security-groups"), 200).text
    equal(check(daemon.get("v1", "/latest/meta-data/" + MAC + "security-groups"), 200).text, name)
    identifier = check(daemon.get("v1", "/latest/meta-data/" + MAC + "security-group-ids"), 200).text
    assert identifier.startswith("sg-"), identifier


@case("V33")
@case("V38")
def refused_configurations(daemon):
    def refused(instance, **metadata):
        daemon_file = daemon.folder / "refused.yaml"
        made = configuration({"a": fixture.profile(instance, **metadata)})
        daemon_file.write_text(json.dumps(made))
        code, out, err = daemon.cli("check", str(daemon_file), socket=False)
        equal(code, 3, f"exit code of check ({out}{err})")
        assert "refused.yaml:" in out + err, out + err
    for key in ("a b", "a/b", "..", "_index"):
        refused({"tags": {key: "x"}}, instance_metadata_tags="enabled")
    refused({"user_data": "x" * 16385})


@case("V35")
def tags_in_an_old_version(daemon):
    check(daemon.get("full", "/2020-10-27/meta-data/tags/instance/Name"), 404)
    check(daemon.get("full", "/2021-03-23/meta-data/tags/instance/Name"), 200)


@case("V36")
def no_user_data(daemon):
    check(daemon.get("v1", "/latest/user-data"), 404, "page")


@case("V37")
@case("V39")
def user_data(daemon):
    for path in ("/latest/user-data", "/latest/user-data/", "/1.0/user-data"):
        check(daemon.get("full", path), 200, USER_DATA,
              {"Content-Type": "application/octet-stream", "Content-Length": "16384"})


@case("V42")
def no_pushed_keys(daemon):
    check(daemon.get("v1", "/latest/meta-data/managed-ssh-keys/active-keys/ec2-user/"), 404)


# ---------------------------------------------------------------------------- I: IAM

@case("I01")
def role_listing(daemon):
    check(daemon.get("v1", CREDENTIALS), 200, ROLE, {"Content-Length": "8"})


@case("I02")
@case("I03")
@case("I04")
def credential_document(daemon):
    answer = check(daemon.get("v1", CREDENTIALS + ROLE), 200, None, {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey",
                                      "Token", "Expiration"])
    expected = "{\n" + ",\n".join(f'  "{key}" : "{value}"' for key, value in pairs) + "\n}"
    equal(answer.text, expected, "layout")
    document = dict(pairs)
    daemon.secrets |= {document["SecretAccessKey"], document["Token"]}
    equal(document["Code"], "Success")
    equal(document["Type"], "AWS-HMAC")
    for key in ("LastUpdated", "Expiration"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document[key]), document[key]
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", document["AccessKeyId"]), document["AccessKeyId"]
    equal(len(document["SecretAccessKey"]), 40)
    assert re.fullmatch(r"[A-Za-z0-9+/=]{200,2000}", document["Token"]), len(document["Token"])
    left = datetime.datetime.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=datetime.timezone.utc).timestamp() - time.time()
    assert 1800 < left <= 3600, left


@case("I05")
def same_document_twice(daemon):
    equal(daemon.get("v1", CREDENTIALS + ROLE).body, daemon.get("v1", CREDENTIALS + ROLE + "/").body)


@case("I07")
def credentials_are_good_for_the_issuer(daemon):
    key = Key.of(daemon.credentials("v2"))
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    host, port = daemon.listeners["sts"]
    headers = sign(key, "POST", "/", {"Host": f"{host}:{port}",
                                      "Content-Type": "application/x-www-form-urlencoded"}, body)
    answer = ask((host, port), build("POST", "/", headers | {"Content-Length": str(len(body))}, body,
                                     host=None))
    equal(answer.status, 200, answer.body)
    assert f"arn:aws:sts::123456789012:assumed-role/{ROLE}/{INSTANCE['id']}" in answer.text, answer.text


@case("I08")
def unknown_role(daemon):
    for role in ("other", "APP-ROLE", ROLE + "x", ROLE[:-1], ROLE + "/x"):
        check(daemon.get("v1", CREDENTIALS + role), 404, "page")


@case("I09")
def iam_info(daemon):
    answer = check(daemon.get("v1", "/latest/meta-data/iam/info"), 200, None,
                   {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], ["Code", "LastUpdated", "InstanceProfileArn", "InstanceProfileId"])
    equal(answer.text, "{\n" + ",\n".join(f'  "{k}" : "{v}"' for k, v in pairs) + "\n}", "layout")
    equal(dict(pairs)["InstanceProfileArn"], "arn:aws:iam::123456789012:instance-profile/app-profile")
    assert re.fullmatch(r"AIPA[A-Z0-9]{17}", dict(pairs)["InstanceProfileId"]), pairs


@case("I10")
def iam_listing(daemon):
    check(daemon.get("v1", "/latest/meta-data/iam/"), 200, "info\nsecurity-credentials/")


@case("I11")
def no_role(daemon):
    for path in ("iam/", "iam", "iam/info", "iam/security-credentials/", "iam/security-credentials/x"):
        check(daemon.get("bare", "/latest/meta-data/" + path), 404, "page")


@case("I12")
def role_that_does_not_trust(daemon):
    answer = check(daemon.get("denied", CREDENTIALS + "untrusting"), 200, None,
                   {"Content-Type": "text/plain"})
    document = json.loads(answer.body)
    equal(document["Code"], "AssumeRoleUnauthorizedAccess")
    equal(set(document), {"Code", "Message", "LastUpdated"})
    check(daemon.get("denied", CREDENTIALS), 200, "untrusting")
    check(daemon.get("denied", ID), 200)


@case("I16")
def extended_path(daemon):
    for path in ("", ROLE):
        check(daemon.get("v1", "/latest/meta-data/iam/security-credentials-extended/" + path), 404)


# ---------------------------------------------------------------------------- D: identity document

IDENTITY = "/latest/dynamic/instance-identity/"
IDENTITY_KEYS = ("accountId architecture availabilityZone billingProducts devpayProductCodes "
                 "marketplaceProductCodes imageId instanceId instanceType kernelId pendingTime privateIp "
                 "ramdiskId region version").split()


@case("D01")
@case("D02")
@case("D13")
def identity_document(daemon):
    answer = check(daemon.get("v1", IDENTITY + "document"), 200, None, {"Content-Type": "text/plain"})
    pairs = json.loads(answer.body, object_pairs_hook=list)
    equal([key for key, _ in pairs], IDENTITY_KEYS)
    equal(answer.text, "{\n" + ",\n".join(
        f'  "{key}" : {json.dumps(value)}' for key, value in pairs) + "\n}", "layout")
    document = dict(pairs)
    for key in ("billingProducts", "devpayProductCodes", "marketplaceProductCodes", "kernelId", "ramdiskId"):
        equal(document[key], None, key)
    for key, path in (("privateIp", "local-ipv4"), ("instanceType", "instance-type"),
                      ("region", "placement/region"), ("instanceId", "instance-id"),
                      ("imageId", "ami-id"), ("availabilityZone", "placement/availability-zone")):
        equal(document[key], daemon.get("v1", "/latest/meta-data/" + path).text, key)
    equal(document["accountId"], "123456789012")
    equal(document["version"], "2017-09-30")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["pendingTime"])


@case("D11")
def identity_document_is_stable(daemon):
    first = daemon.get("v1", IDENTITY + "document").body
    with daemon.connect("v1") as c:
        for _ in range(100):
            equal(c.exchange(build("GET", IDENTITY + "document")).body, first)


@case("D15")
def no_signatures(daemon):
    check(daemon.get("v1", IDENTITY), 200, "document")
    for name in ("pkcs7", "signature", "rsa2048", "dsa2048"):
        check(daemon.get("v1", IDENTITY + name), 404)
    check(daemon.get("v1", "/latest/dynamic/"), 200, "instance-identity/")
    check(daemon.get("v1", "/latest/dynamic/fws/instance-monitoring"), 404)


# ---------------------------------------------------------------------------- the daemon for all

def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def settings(folder):
    bare = {"public_ipv4": None, "public_keys": None, "account": None}
    user_data = folder / "user-data"
    user_data.write_bytes(USER_DATA)
    profiles = {
        "v1": fixture.profile(),
        "v2": fixture.profile(http_tokens="required"),
        "off": fixture.profile(http_endpoint="disabled"),
        "hop2": fixture.profile(hop_limit=2),
        "hop64": fixture.profile(hop_limit=64),
        "bare": fixture.profile(bare, role=None),
        "denied": fixture.profile(role="untrusting"),
        "full": fixture.profile(
            {"region": "cn-north-1", "availability_zone": "cn-north-1a", "life_cycle": "spot",
             "user_data": {"file": str(user_data)},
             "tags": {"team:unit": "x", "Name": "gr\u00fc\u00dfe an alle", "empty": ""}},
            instance_metadata_tags="enabled"),
    }
    made = configuration(profiles, roles={"untrusting": {"trust_policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
                       "Action": "sts:AssumeRole"}]}}})
    # The same profile for callers by another family, and under another name.
    extra = [{"name": "named", "serve": "imds", "address": "127.0.0.1:0",
              "allowed_hosts": ["169.254.169.254", "metadata.example"]}]
    if has_ipv6():
        extra.append({"name": "v6", "serve": "imds", "address": "[::1]:0"})
    made["listeners"] += extra
    made["bindings"].append({"listener": ["named", "v6"][:len(extra)], "user": "self", "profile": "v1"})
    return made


if __name__ == "__main__":
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory(prefix="imdsd-test-") as name:
        with Daemon(settings(pathlib.Path(name)), folder=name) as running:
            suite.run(daemon=running)
