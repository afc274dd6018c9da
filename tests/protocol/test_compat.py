#!/usr/bin/env python3
"""The compat switches: what older hosts, and variants that never became general, answered."""

import json

import fixture
from fixture import CREDENTIALS, ROLE

from daemon import Daemon, TOKEN, TTL, configuration
from http_raw import build
from suite import Suite, equal

suite = Suite()
case = suite.case

EXTENDED = "/latest/meta-data/iam/security-credentials-extended/"
ID = "/latest/meta-data/instance-id"


def settings(**compat):
    return configuration({"imds": fixture.profile({"user_data": "#!/bin/sh\n"})}, compat=compat)


def exchange(daemon, method, target, headers=(), **more):
    """The answer, and whether the connection is still good for another request."""
    with daemon.connect() as c:
        answer = c.exchange(build(method, target, headers, **more))
        if answer.get("Connection") == "close":
            assert c.is_closed(), "the connection stays open after Connection: close"
            return answer, False
        return answer, c.exchange(build("GET", "/latest")).status in (200, 401)


@case("I16")
def extended_path_is_not_there(daemon):
    for path in (EXTENDED, EXTENDED[:-1], EXTENDED + ROLE):
        equal(daemon.get("imds", path).status, 404, path)
        equal(daemon.get("imds", path, daemon.token()).status, 404, path)
    assert "extended" not in daemon.get("imds", "/latest/meta-data/iam/").text


@case("I17")
def extended_path_switched_on(daemon):
    daemon.reload(settings(extended_credentials=True))
    daemon.credentials()
    equal(daemon.get("imds", EXTENDED).text, ROLE)
    classic, extended = daemon.get("imds", CREDENTIALS + ROLE), daemon.get("imds", EXTENDED + ROLE)
    document = json.loads(extended.body)
    for key in ("SecretAccessKey", "Token"):
        daemon.secrets.add(document[key])
    equal(list(document), ["Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token", "Expiration",
                           "AccountId"])
    equal(document["AccountId"], "123456789012")
    equal(extended.text.replace(',\n  "AccountId" : "123456789012"', ""), classic.text)
    equal(daemon.get("imds", EXTENDED + "other").status, 404)
    daemon.reload(settings())


@case("P05")
def slashless_directories_are_listed(daemon):
    for path in ("/latest/meta-data", "/latest/meta-data/iam/security-credentials", "/latest/dynamic"):
        with_slash = daemon.get("imds", path + "/")
        answer = daemon.get("imds", path)
        equal((answer.status, answer.body), (200, with_slash.body), path)


@case("P05r")
def slashless_directories_are_redirected(daemon):
    daemon.reload(settings(slashless_directories="redirect"))
    for path, location in (
            ("/latest/meta-data", "http://127.0.0.1/latest/meta-data/"),
            ("//latest/meta-data/placement", "http://127.0.0.1//latest/meta-data/placement/"),
            ("/2021-03-23/meta-data/iam/security-credentials?x=1",
             "http://127.0.0.1/2021-03-23/meta-data/iam/security-credentials/"),
            ("http://169.254.169.254/latest/dynamic", "http://169.254.169.254/latest/dynamic/")):
        answer, open_ = exchange(daemon, "GET", path)
        equal((answer.status, answer.get("Location"), answer.get("Content-Length"), open_),
              (301, location, "0", False), path)
        equal(answer.get("Server"), "EC2ws")
    answer, _ = exchange(daemon, "GET", "/latest/meta-data", host="169.254.169.254")
    equal(answer.get("Location"), "http://169.254.169.254/latest/meta-data/")
    answer, _ = exchange(daemon, "GET", "/latest/meta-data", {TOKEN: daemon.token()})
    equal(answer.status, 301)
    assert answer.get(TTL), answer.head
    # Never these, nor leaves, nor what does not exist.
    for path, status in (("/latest", 200), ("/2021-03-23", 200), ("/", 200), (ID, 200), (ID + "/", 200),
                         ("/latest/meta-data/nope", 404), ("/latest/user-data", 200)):
        answer, open_ = exchange(daemon, "GET", path)
        equal((answer.status, open_), (status, True), path)
    daemon.reload(settings())


@case("close")
def every_answer_is_the_last(daemon):
    answer, open_ = exchange(daemon, "GET", ID)
    equal((answer.get("Connection"), open_), (None, True))
    daemon.reload(settings(connection="close"))
    for method, path, headers in (("GET", ID, ()), ("GET", "/nope", ()), ("PUT", "/latest/api/token", {TTL: "60"}),
                                  ("HEAD", ID, ()), ("GET", ID, {TOKEN: "bad"}), ("GET", ID, {"Origin": "x"})):
        answer, open_ = exchange(daemon, method, path, headers)
        equal((answer.get("Connection"), open_), ("close", False), (method, path, headers))
    daemon.reload(settings())


@case("errors")
def unknown_switches_are_errors(daemon):
    for bad in ({"connection": "open"}, {"slashless_directories": True}, {"extended_credentials": "yes"},
                {"conection": "close"}):
        equal(daemon.reload(settings(**bad))["ok"], False, bad)
    daemon.reload(settings())


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
