"""The same metadata over IPv6; and hosts that have none."""

import namespaces
from namespaces import BASE, LINK_LOCAL, LINK_LOCAL_6, Daemon, World, get, put_token, whole_flow
from daemon import KEYS_LIMIT, TOKEN, configuration, role_arn
from http_raw import Connection, ask, build, wait_until
from suite import Suite, equal

USER = 12001
suite = Suite()


BOTH = (f"{LINK_LOCAL}:80", f"[{LINK_LOCAL_6}]:80")


def settings(addresses=BOTH):
    return configuration(
        {"alpha": {"role": role_arn("alpha"), "metadata": {"http_tokens": "required"}}},
        listeners=[{"name": f"imds-{number}", "serve": "imds", "address": address}
                   for number, address in enumerate(addresses)],
        bindings=[{"user": [0, USER], "profile": "alpha"}])


def crawl(address, token):
    """{path: (status, head without its dates, body)} of everything below the root."""
    host = f"[{address}]" if ":" in address else address
    seen, waiting = {}, ["/", "/nope", "/latest/api/token"]
    with Connection((address, 80)) as connection:
        while waiting:
            path = waiting.pop()
            answer = connection.exchange(build("GET", path, {TOKEN: token}, host=host))
            fields = [(name, value) for name, value in answer.fields
                      if name != "Date" and not name.lower().endswith("ttl-seconds")]
            seen[path] = (answer.status_line, fields, answer.body)
            directory = path.endswith("/") and path.count("/") < 12
            if not directory or answer.status != 200 or path.startswith("/20"):
                continue
            for name in answer.text.split("\n"):
                name = name.split("=")[0] + "/" if "=" in name else name
                # The entries of "/" and "/latest/" are shown without their slash.
                name += "/" if path == "/" or name in ("meta-data", "dynamic") else ""
                waiting.append(path + name)
    return seen


@suite.case("U20-same-tree-and-tokens-over-both-families")
def same_everything(world):
    def look():
        _, four = put_token(LINK_LOCAL, ttl=600)
        _, six = put_token(LINK_LOCAL_6, ttl=600)
        # The identity's keys are made in the background: the first crawl would see it unsigned.
        wait_until(lambda: get("/latest/dynamic/instance-identity/rsa2048", four)[0] == 200,
                   KEYS_LIMIT, "the signed identity")
        return [crawl(address, token) for address in (LINK_LOCAL, LINK_LOCAL_6) for token in (four, six)]
    first, *others = world.run("host", look, uid=USER, timeout=KEYS_LIMIT + 60)
    assert len(first) > 60 and first["/latest/meta-data/instance-id"][0] == "HTTP/1.1 200 OK", len(first)
    for other in others:
        equal(other, first)


@suite.case("U20-token-is-bound-to-its-user-over-both-families")
def other_user(world):
    _, token = world.run("host", put_token, LINK_LOCAL, uid=USER)
    equal(world.run("host", get, BASE, token, LINK_LOCAL_6, uid=0)[0], 401)
    equal(world.run("host", get, BASE, token, LINK_LOCAL_6, uid=USER), (200, "alpha"))
    equal(world.run("host", whole_flow, LINK_LOCAL_6, uid=12002)[0], 403)


@suite.case("host-field-over-ipv6", proves="P33")
def hosts(world):
    def statuses():
        return [ask((LINK_LOCAL_6, 80), build("PUT", "/latest/api/token", {
            "X-aws-ec2-metadata-token-ttl-seconds": "60"}, host=host)).status
            for host in (f"[{LINK_LOCAL_6}]", f"[{LINK_LOCAL_6}]:80", "[FD00:EC2::254]", "[fd00:ec2:0:0:0:0:0:254]", LINK_LOCAL,
                         "[fd00:ec2::255]", f"[{LINK_LOCAL_6}", LINK_LOCAL_6, "evil.example")]
    equal(world.run("host", statuses, uid=USER), [200, 200, 200, 200, 200, 403, 403, 403, 403])


@suite.case("host-without-ipv6-leaves-the-listener-out")
def no_ipv6(world):
    world.add("four")
    world.set("four", "net.ipv6.conf.all.disable_ipv6", 1)
    world.ip("four", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo")
    for addresses, there, out in ((BOTH, "imds-0", "imds-1"), (BOTH[::-1], "imds-1", "imds-0")):
        with Daemon(world, "four", settings(addresses)) as daemon:
            equal(list(daemon.listeners), [there])
            said = [line for line in daemon.output if "IPv6" in line]
            equal(len(said), 1, daemon.log())
            assert out in said[0] and LINK_LOCAL_6 in said[0], said
            equal(world.run("four", whole_flow, LINK_LOCAL, uid=USER)[0], 200)
            # Each listener keeps what is its own, also after a reload.
            changed = settings(addresses)
            changed["listeners"][int(there[-1])]["allowed_hosts"] = ["metadata.example"]
            daemon.reload(changed)
            equal(world.run("four", status_for_host, "metadata.example", uid=USER), 401)


def status_for_host(host):
    return ask((LINK_LOCAL, 80), build("GET", "/", host=host)).status


def does_not_start(world, short, addresses):
    try:
        with Daemon(world, short, settings(addresses)):
            pass
    except AssertionError as failed:
        return str(failed)
    raise AssertionError("it started")


@suite.case("nothing-but-ipv6-where-there-is-none-is-an-error")
def only_ipv6(world):
    assert "IPv6" in does_not_start(world, "four", (f"[{LINK_LOCAL_6}]:80", "[::1]:81"))


@suite.case("other-failures-to-listen-stay-errors")
def other_failures(world):
    """An address that the host does not have, of either family, and one that is taken."""
    for address in ("10.99.99.99:80", "[fd00:99::1]:80"):
        assert "not on this host" in does_not_start(world, "host", (address,)), address
    for address in (f"{LINK_LOCAL}:80", f"[{LINK_LOCAL_6}]:80"):
        assert "another program" in does_not_start(world, "host", (address,)), address
    assert "not on this host" in does_not_start(world, "four", ("10.99.99.99:80",))


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        world.add("host")
        world.ip("host", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo")
        world.ip("host", "address", "add", f"{LINK_LOCAL_6}/128", "dev", "lo")
        with Daemon(world, "host", settings()):
            suite.run(world=world)
