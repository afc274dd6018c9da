"""What the suites of the metadata protocol share: requests as EC2's clients send them, answers as EC2
gives them, and the one daemon with its profiles that the conformance cases are written against."""

import datetime
import email.utils
import pathlib
import socket
import tempfile
import time

import fixture
from fixture import KEY, ROLE  # noqa: F401 - for the suites

from daemon import TTL, Daemon, configuration
from http_raw import build
from suite import Suite, equal

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


def instant(text):
    """Seconds since 1970 of an IMF-fixdate (RFC 9110, 5.6.7), which is this and no other form."""
    when = datetime.datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT")
    equal(text, email.utils.format_datetime(when.replace(tzinfo=datetime.timezone.utc), usegmt=True))
    return when.replace(tzinfo=datetime.timezone.utc).timestamp()


def base(answer):
    """What every answer carries."""
    equal(answer.get("Server"), "EC2ws", "Server")
    assert abs(instant(answer.get("Date")) - time.time()) < 60, answer.head
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


def listing(daemon, listener, path):
    answer = check(daemon.get(listener, path), 200)
    assert not answer.body.endswith(b"\n"), answer.body
    return answer.text.split("\n")


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


def run(suite):
    """One daemon for all cases of a suite."""
    with tempfile.TemporaryDirectory(prefix="imdsd-test-") as name:
        with Daemon(settings(pathlib.Path(name)), folder=name) as running:
            running.wait_for_identity("v1", "full", "bare")
            suite.run(daemon=running)
