#!/usr/bin/env python3
"""Instance metadata options changed at run time: at once, tokens stay good, a reset takes them back."""

import json

import fixture

from daemon import Daemon, TOKEN, TTL, configuration
from http_raw import Connection, build
from suite import Suite, equal

suite = Suite()
case = suite.case

ID = "/latest/meta-data/instance-id"
TAGS = "/latest/meta-data/tags/instance"


def settings(**metadata):
    return configuration(
        {"imds": fixture.profile({"tags": {"Name": "one"}}, **metadata),
         "odd": fixture.profile({"tags": {"a b": "no path"}})},
        listeners=[{"name": "imds", "serve": "imds", "address": "127.0.0.1:0"},
                   {"name": "odd", "serve": "imds", "address": "127.0.0.1:0"},
                   {"name": "imds6", "serve": "imds", "address": "[::1]:0"}],
        bindings=[{"listener": name, "user": "self", "profile": profile} for name, profile in
                  (("imds", "imds"), ("imds6", "imds"), ("odd", "odd"))], workers=2)


def options(daemon, *words, code=0):
    done, out, err = daemon.cli("options", *words, "-o", "json")
    equal(done, code, f"{words}: {out}{err}")
    return err if code else {p["name"]: p for p in json.loads(out)["profiles"]}


def reset(daemon):
    options(daemon, "--reset")


@case("U21")
def tokens_become_required(daemon):
    token = daemon.token()
    with daemon.connect() as c:
        with_token, without = build("GET", ID, {TOKEN: token}), build("GET", ID)
        equal((c.exchange(with_token).status, c.exchange(without).status), (200, 200))
        options(daemon, "--http-tokens", "required", "--profile", "imds")
        equal((c.exchange(with_token).status, c.exchange(without).status), (200, 401))
        equal(daemon.get("odd", ID).status, 200, "another profile is as it was")
        reset(daemon)
        equal((c.exchange(with_token).status, c.exchange(without).status), (200, 200))


@case("U22")
@case("U23")
@case("T39")
def endpoint_disabled_and_enabled(daemon):
    token = daemon.token()
    request = build("GET", ID, {TOKEN: token})
    with daemon.connect() as c:
        equal(c.exchange(request).status, 200)
        options(daemon, "--http-endpoint", "disabled")
        for refused in (request, build("GET", ID), build("PUT", "/latest/api/token", {TTL: "60"}),
                        build("PUT", "/latest/api/token")):
            answer = c.exchange(refused)
            equal((answer.status, answer.body, answer.get("Content-Type")), (403, b"", "text/plain"))
        options(daemon, "--http-endpoint", "enabled")
        equal(c.exchange(request).status, 200)
    reset(daemon)


@case("tags")
def tags_come_and_go(daemon):
    equal(daemon.get("imds", TAGS).status, 404)
    options(daemon, "--instance-metadata-tags", "enabled", "--profile", "imds")
    equal(daemon.get("imds", TAGS).text, "Name")
    assert "cannot show" in options(daemon, "--instance-metadata-tags", "enabled", code=2)
    assert "'a b'" in options(daemon, "--instance-metadata-tags", "enabled", "--profile", "odd", code=2)
    equal(daemon.get("odd", TAGS).status, 404)
    reset(daemon)
    equal(daemon.get("imds", TAGS).status, 404)


@case("ipv6")
def ipv6_is_a_disabled_endpoint(daemon):
    def over_ipv6(method="GET", target=ID, headers=()):
        with Connection(daemon.listeners["imds6"]) as c:
            return c.exchange(build(method, target, headers, host="[::1]"))
    token = daemon.token()
    equal(over_ipv6(headers={TOKEN: token}).status, 200)
    options(daemon, "--http-protocol-ipv6", "disabled", "--profile", "imds")
    for method, target, headers in (("GET", ID, ()), ("GET", ID, {TOKEN: token}),
                                    ("PUT", "/latest/api/token", {TTL: "60"})):
        answer = over_ipv6(method, target, headers)
        equal((answer.status, answer.body), (403, b""))
    equal(daemon.get("imds", ID, token).status, 200, "IPv4 stays")
    reset(daemon)
    equal(over_ipv6(headers={TOKEN: token}).status, 200)


@case("status")
def shown_as_changed(daemon):
    options(daemon, "--http-tokens", "required", "--hop-limit", "5", "--profile", "imds")
    mine = options(daemon, "--profile", "imds")["imds"]
    equal(mine["changed"], {"http_tokens": "required", "hop_limit": 5})
    equal(mine["options"], {"http_endpoint": "enabled", "http_tokens": "required", "hop_limit": 5,
                            "http_protocol_ipv6": "enabled", "instance_metadata_tags": "disabled"})
    about = {p["name"]: p for p in daemon.status()["profiles"]}
    equal(about["imds"]["options_changed"], mine["changed"])
    assert "options_changed" not in about["odd"]
    code, text, _ = daemon.cli("status")
    assert code == 0 and "changed at run time: http_tokens required, hop_limit 5" in text, text
    code, text, _ = daemon.cli("options")
    assert "required*" in text and "5*" in text, text
    # A second change adds to the first.
    options(daemon, "--hop-limit", "6", "--profile", "imds")
    equal(options(daemon)["imds"]["changed"], {"http_tokens": "required", "hop_limit": 6})
    reset(daemon)
    equal(options(daemon)["imds"]["changed"], {})


@case("reload")
def reload_keeps_them(daemon):
    options(daemon, "--http-tokens", "required", "--profile", "imds")
    equal(daemon.reload(settings(hop_limit=3))["ok"], True)
    equal(daemon.get("imds", ID).status, 401)
    equal(options(daemon)["imds"]["options"]["hop_limit"], 3)
    reset(daemon)
    equal(daemon.get("imds", ID).status, 200)
    options(daemon, "--instance-metadata-tags", "enabled", "--profile", "imds")
    bad = settings()
    bad["profiles"]["imds"]["instance"]["tags"] = {"a b": "x"}
    said = daemon.reload(bad)
    equal(said["ok"], False)
    assert "'a b'" in said["errors"][0], said
    equal(daemon.get("imds", TAGS + "/Name").text, "one")
    reset(daemon)
    equal(daemon.reload(settings())["ok"], True)


@case("restart")
def they_survive_a_crash(daemon):
    options(daemon, "--http-tokens", "required", "--profile", "imds")
    daemon.kill()
    daemon.start()
    equal((daemon.get("imds", ID).status, daemon.get("odd", ID).status), (401, 200))
    reset(daemon)
    daemon.kill()
    daemon.start()
    equal(daemon.get("imds", ID).status, 200)


@case("arguments")
def wrong_arguments(daemon):
    for words, says in ((("--http-tokens", "yes"), "required or optional"), (("--hop-limit", "0"), "1 to 64"),
                        (("--hop-limit", "65"), "1 to 64"), (("--http-endpoint", "off"), "enabled or disabled"),
                        (("--reset", "--hop-limit", "2"), "no other option"),
                        (("--profile", "nobody", "--hop-limit", "2"), "there is no profile 'nobody'")):
        said = options(daemon, *words, code=2)
        assert says in said, (words, said)
    code, out, _ = daemon.cli("options", "--help")
    for word in ("--http-tokens", "--http-endpoint", "--hop-limit", "--http-protocol-ipv6",
                 "--instance-metadata-tags", "--reset", "--profile"):
        assert word in out, out


@case("file")
def ipv6_in_the_configuration(daemon):
    daemon.reload(settings(http_protocol_ipv6="disabled"))
    with Connection(daemon.listeners["imds6"]) as c:
        equal(c.exchange(build("GET", ID, host="[::1]")).status, 403)
    equal(daemon.get("imds", ID).status, 200)
    daemon.reload(settings())


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
