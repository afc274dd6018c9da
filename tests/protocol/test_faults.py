#!/usr/bin/env python3
"""Faults that a configuration asks for: what goes over the wire, how often, and that nothing hides them from operators."""

import datetime
import json
import socket
import threading
import time

import fixture
from fixture import CREDENTIALS, ROLE

from daemon import SANITIZED, Daemon, TOKEN, TTL, configuration
from http_raw import Closed, build, wait_until
from suite import Suite, equal

suite = Suite()
case = suite.case

OTHER_LEAF = "/latest/meta-data/ami-id"
ID = "/latest/meta-data/instance-id"
DOCUMENT = CREDENTIALS + ROLE
PUT = "/latest/api/token"
ISO = "%Y-%m-%dT%H:%M:%SZ"


def settings(*faults, throttle=None, **more):
    profile = fixture.profile()
    if faults:
        profile["faults"] = list(faults)
    if throttle:
        profile["throttle"] = throttle
    return configuration({"imds": profile, "sound": fixture.profile()}, **more)


def use(daemon, *faults, **more):
    """Puts the faults into effect, and waits for the credentials that most of them spoil."""
    said = daemon.reload(settings(*faults, **more))
    equal(said["ok"], True, said)
    wait_until(lambda: daemon.get("sound", DOCUMENT).status == 200, 10, "credentials")


def remember(daemon, body):
    try:
        document = json.loads(body)
    except ValueError:
        return None
    for key in ("SecretAccessKey", "Token"):
        daemon.secrets.add(document[key])
    return document


@case("off")
def off_by_default(daemon):
    use(daemon)
    about = {p["name"]: p for p in daemon.status()["profiles"]}
    assert "faults" not in about["imds"], about
    equal(daemon.get("imds", ID).status, 200)


@case("loud")
def operators_are_told_and_clients_are_not(daemon):
    before = daemon.get("imds", ID)
    use(daemon, {"fault": "status", "status": 500, "path": "/latest/dynamic/**", "count": 2})
    assert "faults are injected" in daemon.log()
    about = {p["name"]: p for p in daemon.status()["profiles"]}
    equal(about["imds"]["faults"], ["status 500 on any method /latest/dynamic/**, 2 times"])
    assert "faults" not in about["sound"]
    code, text, _ = daemon.cli("status")
    assert code == 0 and "FAULT INJECTED: status 500" in text, text
    code, text, errors = daemon.cli("check", str(daemon.config_file), socket=False)
    assert code == 0 and "faults are injected" in text + errors, text + errors
    after = daemon.get("imds", ID)
    equal([name for name, _ in after.fields], [name for name, _ in before.fields])


@case("I21")
def error_500_once(daemon):
    use(daemon, {"fault": "status", "status": 500, "path": CREDENTIALS + "?*", "count": 1})
    equal(daemon.get("imds", CREDENTIALS).text, ROLE)
    answer = daemon.get("imds", DOCUMENT)
    equal((answer.status, answer.get("Content-Type"), answer.get("Server")), (500, "text/html", "EC2ws"))
    equal(daemon.get("imds", DOCUMENT).status, 200)
    equal(daemon.get("sound", DOCUMENT).status, 200)


@case("I20", fault="truncate_document")
@case("I20e", fault="empty")
@case("I20h", fault="html")
def spoiled_credentials(daemon, fault):
    use(daemon, {"fault": fault, "path": CREDENTIALS + "?*"})
    whole = daemon.get("sound", DOCUMENT)
    remember(daemon, whole.body)
    answer = daemon.get("imds", DOCUMENT)
    equal(answer.status, 200)
    if fault == "empty":
        equal((answer.body, answer.get("Content-Length"), answer.get("Content-Type")), (b"", "0", "text/plain"))
    elif fault == "html":
        assert answer.body.startswith(b"<html>") and answer.get("Content-Type") == "text/html", answer
    else:
        assert answer.body.startswith(b'{\n  "Code" : "Success"') and not answer.body.endswith(b"}"), answer
        equal(len(answer.body), int(answer.get("Content-Length")))
        assert abs(len(answer.body) * 2 - len(whole.body)) < 200
    equal(daemon.get("imds", CREDENTIALS).text, ROLE)


@case("F-truncate")
def connection_ends_inside_the_body(daemon):
    use(daemon, {"fault": "truncate", "bytes": 7, "path": ID})
    with daemon.connect() as c:
        try:
            c.exchange(build("GET", ID))
        except Closed as closed:
            equal(closed.received, b"i-12345")
        else:
            raise AssertionError("the whole body came")


@case("I18")
def expired_document(daemon):
    use(daemon, {"fault": "expired_document", "age": "5m", "path": CREDENTIALS + "?*"})
    good = remember(daemon, daemon.get("sound", DOCUMENT).body)
    answer = daemon.get("imds", DOCUMENT)
    document = remember(daemon, answer.body)
    equal((answer.status, list(document)), (200, list(good)))
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    past = (now - datetime.datetime.strptime(document["Expiration"], ISO)).total_seconds()
    assert 299 <= past <= 310, past
    assert document["LastUpdated"] <= document["Expiration"], document
    # Whoever gets it is on record, as with any other document.
    wait_until(lambda: any(
        r["eventName"] == "GetRoleCredentials" and
        r["responseElements"]["accessKeyId"] == document["AccessKeyId"] for r in daemon.audit()),
        what="the hand-out's record")


@case("F10")
def document_about_to_expire(daemon):
    use(daemon, {"fault": "expiring_document", "age": "10m", "path": CREDENTIALS + "?*"})
    document = remember(daemon, daemon.get("imds", DOCUMENT).body)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    left = (datetime.datetime.strptime(document["Expiration"], ISO) - now).total_seconds()
    assert 590 <= left <= 600, left


@case("F02")
def put_unavailable(daemon):
    use(daemon, {"fault": "unavailable", "retry_after": "2s", "path": PUT, "method": "PUT", "count": 1})
    answer = daemon.ask("imds", "PUT", PUT, {TTL: "60"})
    equal((answer.status, answer.get("Retry-After"), len(answer.body)), (503, "2", 357))
    equal(daemon.ask("imds", "PUT", PUT, {TTL: "60"}).status, 200)


@case("F03")
def put_not_supported(daemon):
    for status in (403, 404, 405):
        use(daemon, {"fault": "status", "status": status, "path": PUT, "method": "PUT"})
        answer = daemon.ask("imds", "PUT", PUT, {TTL: "60"})
        equal(answer.status, status)
        equal(len(answer.body), 337 if status == 404 else 0)
        if status == 405:
            equal(answer.reason, "Not Allowed")
            assert answer.get("Allow")
        equal(daemon.get("imds", ID).status, 200, "IMDSv1 goes on")


@case("F-429")
def too_many_requests(daemon):
    use(daemon, {"fault": "status", "status": 429, "retry_after": "1s"})
    answer = daemon.get("imds", ID)
    equal((answer.status, answer.reason, answer.get("Retry-After")), (429, "Too Many Requests", "1"))


@case("F05")
def put_never_answered(daemon):
    use(daemon, {"fault": "drop", "path": PUT})
    with daemon.connect() as c:
        c.send(build("PUT", PUT, {TTL: "60"}))
        c.socket.settimeout(1.0)
        try:
            got = c.socket.recv(100)
        except TimeoutError:
            got = None
        equal(got, None, "an answer, or the end of the connection")
        equal(daemon.get("imds", ID).status, 200, "another connection is served meanwhile")
    # What was asked before is answered before.
    with daemon.connect() as c:
        c.send(build("GET", ID) + build("PUT", PUT, {TTL: "60"}))
        equal(c.receive().text, "i-1234567890abcdef0")


@case("F07")
def reset(daemon):
    use(daemon, {"fault": "reset", "path": PUT, "count": 1})
    with daemon.connect() as c:
        c.send(build("PUT", PUT, {TTL: "60"}))
        try:
            got = c.socket.recv(100)
        except ConnectionResetError:
            got = "reset"
        equal(got, "reset")
    equal(daemon.ask("imds", "PUT", PUT, {TTL: "60"}).status, 200)


@case("F08")
def no_ttl_header(daemon):
    use(daemon, {"fault": "no_ttl_header", "path": PUT})
    answer = daemon.ask("imds", "PUT", PUT, {TTL: "60"})
    equal((answer.status, answer.get(TTL), len(answer.text)), (200, None, 56))
    daemon.secrets.add(answer.text)
    equal(daemon.get("imds", ID, answer.text).status, 200)


@case("F09")
def role_listing_with_newline(daemon):
    use(daemon, {"fault": "extra_newline", "path": CREDENTIALS})
    answer = daemon.get("imds", CREDENTIALS)
    equal((answer.text, answer.get("Content-Length")), (ROLE + "\n", "9"))
    remember(daemon, daemon.get("imds", DOCUMENT).body)


@case("F12")
def extended_path_forbidden(daemon):
    path = "/latest/meta-data/iam/security-credentials-extended/"
    use(daemon, {"fault": "status", "status": 403, "path": path + "**"})
    equal((daemon.get("imds", path).status, daemon.get("imds", path + ROLE).status), (403, 403))


@case("F-401")
def unauthorized_once(daemon):
    use(daemon, {"fault": "unauthorized_once", "path": "/latest/meta-data/**"})
    token = daemon.token()
    answers = [daemon.get("imds", ID, token) for _ in range(3)]
    equal([a.status for a in answers], [401, 200, 200])
    equal(len(answers[0].body), 343)


@case("F-delay")
def delayed(daemon):
    use(daemon, {"fault": "delay", "delay": "400ms", "path": PUT})
    started = time.monotonic()
    answer = daemon.ask("imds", "PUT", PUT, {TTL: "60"})
    took = time.monotonic() - started
    equal(answer.status, 200)
    daemon.secrets.add(answer.text)
    assert took >= 0.4, took
    started = time.monotonic()
    equal(daemon.get("imds", ID).status, 200)
    assert time.monotonic() - started < 0.4 or SANITIZED
    # A delayed error, with an answer before it and one behind it on the same connection.
    use(daemon, {"fault": "status", "status": 500, "delay": "200ms", "path": OTHER_LEAF, "count": 1})
    with daemon.connect() as c:
        started = time.monotonic()
        c.send(build("GET", ID) + build("GET", OTHER_LEAF + "/") + build("GET", ID))
        equal(c.receive().status, 200)
        equal(c.receive().status, 500)
        assert time.monotonic() - started >= 0.2
        equal(c.receive().status, 200)


@case("F-count")
def counts_are_shared_by_workers(daemon):
    with Daemon(settings({"fault": "status", "status": 500, "path": ID, "count": 5}, workers=4)) as several:
        assert "faults are injected" in several.log(), several.log()
        answers = [several.get("imds", ID).status for _ in range(40)]
    equal((answers.count(500), answers[5:].count(500)), (5, 0))


@case("F-chance")
def probability(daemon):
    use(daemon, {"fault": "status", "status": 500, "path": ID, "probability": 0.5})
    with daemon.connect() as c:
        answers = [c.exchange(build("GET", ID)).status for _ in range(400)]
    assert 120 < answers.count(500) < 280, answers.count(500)


@case("F-first")
def the_first_that_fits_is_taken(daemon):
    use(daemon, {"fault": "status", "status": 500, "path": ID, "count": 1},
        {"fault": "status", "status": 404, "path": "/latest/**", "method": "GET", "count": 1})
    equal([daemon.get("imds", ID).status for _ in range(3)], [500, 404, 200])


@case("F01")
def throttled(daemon):
    use(daemon, throttle={"requests_per_second": 2, "burst": 5})
    with daemon.connect() as c:
        answers = [c.exchange(build("GET", ID)) for _ in range(12)]
    statuses = [a.status for a in answers]
    equal(statuses[:5], [200] * 5)
    assert statuses.count(503) >= 5, statuses
    refused = next(a for a in answers if a.status == 503)
    equal(len(refused.body), 357)
    wait_until(lambda: daemon.get("imds", ID).status == 200, 5, "a turn")
    equal(daemon.get("sound", ID).status, 200)
    about = {p["name"]: p for p in daemon.status()["profiles"]}
    equal(about["imds"]["faults"], ["throttled to 2 requests per second, burst 5, the surplus refused"])


@case("F01d")
def throttled_by_delay(daemon):
    use(daemon, throttle={"requests_per_second": 10, "burst": 1, "excess": "delay"})
    with daemon.connect() as c:
        started = time.monotonic()
        equal({c.exchange(build("GET", ID)).status for _ in range(5)}, {200})
        assert time.monotonic() - started >= 0.38


@case("F-stop")
def stopping_does_not_wait_for_faults(daemon):
    """Drops end at once; what is held back is given the usual time to drain."""
    with Daemon(settings({"fault": "drop", "path": PUT}, {"fault": "delay", "delay": "5m", "path": ID})) as held:
        connections = []
        for path, method in ((PUT, "PUT"), (ID, "GET")):
            c = held.connect()
            c.send(build(method, path, {TTL: "60"}))
            connections.append(c)
        wait_until(lambda: held.status()["counters"]["requests"] >= 2, 5, "both requests")
        started = time.monotonic()
        held.stop()
        assert time.monotonic() - started < 9
        for c in connections:
            assert c.is_closed()


@case("F-load")
def drops_do_not_hold_others_up(daemon):
    use(daemon, {"fault": "drop", "path": PUT})
    held = []
    for _ in range(50):
        c = daemon.connect()
        c.send(build("PUT", PUT, {TTL: "60"}))
        held.append(c)
    outcome = []

    def ask():
        outcome.append(daemon.get("imds", ID).status)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    equal(outcome, [200] * 8)
    for c in held:
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        c.close()
    equal(daemon.get("imds", ID).status, 200)


@case("errors")
def unfit_faults_are_errors(daemon):
    for bad, says in (
            ({"fault": "explode"}, "'fault' must be"), ({"path": "/x"}, "'fault'"), ({"fault": "delay"}, "'delay'"),
            ({"fault": "status"}, "'status'"), ({"fault": "status", "status": 200}, "300 to 599"),
            ({"fault": "drop", "delay": "1s"}, "no meaning"), ({"fault": "empty", "bytes": 3}, "truncate"),
            ({"fault": "empty", "path": "latest"}, "pattern"), ({"fault": "empty", "method": "get"}, "method"),
            ({"fault": "empty", "probability": 2}, "probability"), ({"fault": "empty", "count": 0}, "count"),
            ({"fault": "delay", "delay": "1h"}, "delay"), ({"fault": "unauthorized_once", "count": 2}, "itself")):
        said = daemon.reload(settings(bad))
        equal(said["ok"], False, bad)
        assert any(says in line and "imdsd.yaml:" in line for line in said["errors"]), (bad, said)
    use(daemon)


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
