"""A neighbour on the LAN, with a route to this host for the link-local address, gets nothing unless
a rule names its network."""

import socket
import threading

import namespaces
from namespaces import BASE, LINK_LOCAL, Daemon, World, get, put_token
from daemon import TTL, configuration, role_arn
from http_raw import ask, build
from suite import Suite, equal

HOST, NEIGHBOUR, OTHER, FORBIDDEN = "10.78.1.1", "10.78.1.2", "10.78.1.3", "10.78.1.4"
OPEN = 8080  # a listener that is not bound to a device
suite = Suite()


def settings(device):
    return configuration(
        {"guest": {"role": role_arn("guest")}, "local": {"role": role_arn("local")}},
        listeners=[
            {"name": "imds", "serve": "imds", "address": f"{LINK_LOCAL}:80", "interface": "lo"},
            {"name": "open", "serve": "imds", "address": f"{LINK_LOCAL}:{OPEN}"},
            {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
        bindings=[
            {"source_network": f"{OTHER}/32", "interface": "lo", "profile": "guest"},
            {"source_network": f"{NEIGHBOUR}/32", "interface": device, "profile": "guest"},
            # Matches every caller of the host itself, and must match nobody else.
            {"listener": ["imds", "open"], "profile": "local"}])


def try_connect(address, port, source):
    try:
        socket.create_connection((address, port), timeout=2, source_address=(source, 0)).close()
        return "connected"
    except OSError as error:
        return type(error).__name__


def open_put(source):
    from http_raw import Connection
    with Connection((LINK_LOCAL, OPEN), source=(source, 0)) as connection:
        answer = connection.exchange(build("PUT", "/latest/api/token", {TTL: "60"}, host=LINK_LOCAL))
        return answer.status, answer.text


@suite.case("the-attack-works-on-an-unprotected-server")
def control(world):
    """Otherwise the next case would show nothing but a missing route."""
    def serve_once(address):
        server = socket.create_server((address, 81))
        server.settimeout(10)
        server.accept()
        return True
    for address in (LINK_LOCAL, HOST):
        server = threading.Thread(target=world.run, args=("host", serve_once, address))
        server.start()

        def connect(to=address):
            import time
            end = time.monotonic() + 5
            while (outcome := try_connect(to, 81, NEIGHBOUR)) != "connected":
                if time.monotonic() > end:
                    break
                time.sleep(0.05)
            return outcome
        equal(world.run("lan", connect), "connected")
        server.join()


@suite.case("listener-bound-to-lo-cannot-be-reached")
def bound_to_lo(world):
    for source in (NEIGHBOUR, OTHER):
        outcome = world.run("lan", try_connect, LINK_LOCAL, 80, source)
        assert outcome in ("ConnectionRefusedError", "TimeoutError"), outcome
    # Nor by any other address of the host.
    assert world.run("lan", try_connect, HOST, 80, NEIGHBOUR) != "connected"
    # The host's own programs are served.
    equal(world.run("host", put_token)[0], 200)


@suite.case("unnamed-neighbour-is-refused-with-a-reason")
def refused(world):
    for source in (OTHER, FORBIDDEN):
        status, text = world.run("lan", open_put, source)
        equal(status, 403)
        assert source in text, text
    def get_everything():
        return [ask((LINK_LOCAL, OPEN), build("GET", path, host=LINK_LOCAL)).status
                for path in ("/", "/latest/meta-data/", BASE, BASE + "local", BASE + "guest")]
    world.ip("lan", "route", "replace", f"{LINK_LOCAL}/32", "via", HOST, "src", FORBIDDEN)
    equal(world.run("lan", get_everything), [403] * 5)


@suite.case("neighbour-named-by-network-and-interface-is-served")
def named(world, daemon):
    status, token = world.run("lan", open_put, NEIGHBOUR)
    equal(status, 200, token)
    world.ip("lan", "route", "replace", f"{LINK_LOCAL}/32", "via", HOST, "src", NEIGHBOUR)
    equal(world.run("lan", get, BASE, token, LINK_LOCAL, OPEN), (200, "guest"))
    equal(world.run("lan", get, BASE + "guest", token, LINK_LOCAL, OPEN)[0], 200)
    addresses = {line["userIdentity"].get("address") for line in daemon.hand_outs()}
    equal(addresses, {NEIGHBOUR})


@suite.case("token-of-a-neighbour-is-nobody-elses")
def replay(world):
    _, token = world.run("lan", open_put, NEIGHBOUR)
    equal(world.run("host", get, BASE, token, LINK_LOCAL, OPEN)[0], 401)


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        world.add("host")
        world.add("lan")
        host_device, _ = world.link("host", "lan", [f"{HOST}/24"],
                                    [f"{a}/24" for a in (NEIGHBOUR, OTHER, FORBIDDEN)])
        world.ip("host", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo")
        world.ip("lan", "route", "add", f"{LINK_LOCAL}/32", "via", HOST)
        for name in ("all", "default", host_device):
            world.set("host", f"net.ipv4.conf.{name}.rp_filter", 0)
        with Daemon(world, "host", settings(host_device)) as daemon:
            suite.run(world=world, daemon=daemon)
