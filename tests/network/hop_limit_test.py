"""The hop limit of token answers, on real links: a router's hop away, and next door."""

import shutil
import subprocess
import time

import namespaces
from namespaces import BASE, LINK_LOCAL, LINK_LOCAL_6, Daemon, World, host_of
from daemon import TOKEN, TTL, configuration, role_arn
from http_raw import Closed, Connection, build
from sniffer import Sniffer
from suite import Skip, Suite, equal

DEFAULT = 64
# Ports of the listeners: profile and hop limit of their callers.
ONE, TWO, OPTIONAL, MOST, DUAL = 80, 81, 82, 83, 84
suite = Suite()

FAMILIES = {"ipv4": LINK_LOCAL, "ipv6": LINK_LOCAL_6}


def settings():
    listeners, bindings = [{"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}], []
    # One socket for both families, from the service manager: IPv4 clients have mapped addresses.
    listeners.append({"name": "dual", "serve": "imds", "address": f"[::]:{DUAL}"})
    bindings.append({"listener": "dual", "source_network": ["10.79.0.0/16", "fd00:79::/32"],
                     "profile": "one"})
    for port, profile in ((ONE, "one"), (TWO, "two"), (OPTIONAL, "optional"), (MOST, "most")):
        for family, address in FAMILIES.items():
            name = f"{profile}-{family}"
            listeners.append({"name": name, "serve": "imds",
                              "address": f"{host_of(address)}:{port}"})
            bindings.append({"listener": name, "source_network": ["10.79.0.0/16", "fd00:79::/32"],
                             "profile": profile})
    return configuration(
        {"one": {"role": role_arn("one"), "metadata": {"hop_limit": 1}},
         "two": {"role": role_arn("two"), "metadata": {"hop_limit": 2}},
         "most": {"role": role_arn("most"), "metadata": {"hop_limit": 64}},
         "optional": {"role": role_arn("optional"),
                      "metadata": {"hop_limit": 1, "http_tokens": "optional"}}},
        listeners=listeners, bindings=bindings)


def put(address, **more):
    return build("PUT", "/latest/api/token", {TTL: "60"}, host=host_of(address), **more)


def read_all(connection, within):
    """Every byte that comes, and how it ended: closed, reset or silence."""
    received, end = b"", time.monotonic() + within
    while (left := end - time.monotonic()) > 0:
        connection.socket.settimeout(left)
        try:
            data = connection.socket.recv(65536)
        except TimeoutError:
            break
        except ConnectionResetError:
            return received, "reset"
        if not data:
            return received, "closed"
        received += data
    return received, "silence"


for family, address in FAMILIES.items():

    @suite.case(f"{family}-limit-1-does-not-reach-past-a-router", proves="T34", address=address, port=ONE)
    @suite.case(f"{family}-limit-1-nor-through-a-dual-socket", proves="T34", address=address, port=DUAL)
    def swallowed(world, address, port):
        def ask():
            connection = Connection((address, port), timeout=5)  # the SYN-ACK arrives
            connection.send(put(address))
            return read_all(connection, 2)
        equal(world.run("client", ask), (b"", "silence"))

    @suite.case(f"{family}-other-answers-do-reach-past-a-router", address=address)
    def get_arrives(world, address):
        def ask(port, request):
            return Connection((address, port), timeout=5).exchange(request).status
        listing = build("GET", BASE, host=host_of(address))
        equal(world.run("client", ask, OPTIONAL, listing), 200)
        equal(world.run("client", ask, ONE, listing), 401, "without a token")

    @suite.case(f"{family}-limit-2-reaches-past-a-router", proves="T34", address=address, port=TWO, role="two")
    @suite.case(f"{family}-limit-64-does-too", proves="T34", address=address, port=MOST, role="most")
    def two_hops(world, address, port, role):
        def ask():
            with Connection((address, port), timeout=5) as connection:
                token = connection.exchange(put(address))
                name = connection.exchange(build("GET", BASE, {TOKEN: token.text},
                                                 host=host_of(address)))
                return token.status, name.status, name.text
        equal(world.run("client", ask), (200, 200, role))

    @suite.case(f"{family}-later-request-does-not-bring-the-token-through", address=address)
    def later_request(world, devices, address):
        """Whatever is unacknowledged is sent again with the socket's present limit: a server that
        just restored it would deliver the token together with the next answer."""
        def ask(port, pause):
            sniffer = Sniffer(devices["client"])
            connection = Connection((address, port), timeout=5)
            connection.send(put(address))
            time.sleep(pause)
            try:
                connection.send(build("GET", "/latest/meta-data/", host=host_of(address)))
            except ConnectionResetError:
                return b"", "reset", []
            received, outcome = read_all(connection, 8 if pause else 2)
            return received, outcome, [p.payload for p in sniffer.arrived(port) if p.payload]
        for port in (ONE, OPTIONAL):
            for pause in (0.0, 0.05, 0.6):
                received, outcome, payloads = world.run("client", ask, port, pause)
                equal((received, payloads), (b"", []), f"port {port}, pause {pause}")
                # The reset has the small limit as well. The client learns of it when it repeats
                # what nobody acknowledged, which a request sent at once may not need.
                assert outcome in ("reset", "closed") or pause == 0, (outcome, port, pause)

    @suite.case(f"{family}-pipelined-request-does-not-bring-the-token-through", address=address)
    def pipelined(world, devices, address):
        def ask():
            sniffer = Sniffer(devices["client"])
            connection = Connection((address, OPTIONAL), timeout=5)
            connection.send(put(address) + build("GET", "/latest/meta-data/", host=host_of(address)))
            received, _ = read_all(connection, 3)
            return received, [p.payload for p in sniffer.arrived(OPTIONAL) if p.payload]
        equal(world.run("client", ask), (b"", []))

    @suite.case(f"{family}-limit-is-on-the-token-answer-alone", proves="T34 T36", address=address)
    def limits_on_the_wire(world, devices, address):
        def ask(port):
            sniffer = Sniffer(devices["near"])
            with Connection((address, port), timeout=5) as connection:
                token = connection.exchange(put(address)).text
                connection.exchange(build("GET", BASE, {TOKEN: token}, host=host_of(address)))
                connection.exchange(put(address))
                connection.exchange(build("GET", BASE, {TOKEN: token}, host=host_of(address)))
                # Refusals carry no token.
                connection.exchange(build("PUT", "/latest/api/token", host=host_of(address)))
            packets = sniffer.arrived(port)
            handshake = {p.ttl for p in packets if p.syn}
            answers = [(p.ttl, p.payload.split(b"\r\n", 1)[0], b"56" in p.payload)
                       for p in packets if p.payload]
            return handshake, [ttl for ttl, *_ in answers], [line for _, line, _ in answers]
        for port, limit in ((ONE, 1), (TWO, 2), (MOST, 64), (DUAL, 1)):
            handshake, ttls, lines = world.run("near", ask, port)
            equal(handshake, {DEFAULT}, "SYN-ACK")
            equal(ttls, [limit, DEFAULT, limit, DEFAULT, DEFAULT], lines)

    @suite.case(f"{family}-keep-alive-next-door-works-with-limit-1", address=address)
    def keep_alive(world, address):
        def ask():
            statuses = set()
            with Connection((address, ONE), timeout=5) as connection:
                for _ in range(100):
                    token = connection.exchange(put(address))
                    name = connection.exchange(build("GET", BASE, {TOKEN: token.text},
                                                     host=host_of(address)))
                    statuses |= {(token.status, name.status)}
            return statuses
        equal(world.run("near", ask), {(200, 200)})

    @suite.case(f"{family}-connection-close-delivers-the-token-next-door", address=address)
    def closing(world, address):
        def ask():
            with Connection((address, ONE), timeout=5) as connection:
                connection.send(build("PUT", "/latest/api/token", {TTL: "60", "Connection": "close"},
                                      host=host_of(address)))
                answer = connection.receive()
                return answer.status, len(answer.body), connection.is_closed()
        equal(world.run("near", ask), (200, 56, True))


@suite.case("E17-curl-from-behind-a-bridge")
def curl(world):
    """A script as people write it, one hop away: with limit 1 it waits in vain, with 2 it gets a role."""
    if shutil.which("curl") is None:
        raise Skip("curl is not installed")

    def script(port):
        base = f"http://{LINK_LOCAL}:{port}/latest"
        return subprocess.run(
            ["sh", "-c", f"TOKEN=$(curl -sf -m 3 -X PUT -H '{TTL}: 60' {base}/api/token) || exit; "
             f"curl -sf -m 3 -H \"{TOKEN}: $TOKEN\" {base}/meta-data/iam/security-credentials/"],
            capture_output=True, text=True)
    refused = world.run("client", lambda: (script(ONE).returncode, script(ONE).stdout))
    equal(refused, (28, ""), "curl's exit code for a time-out")
    granted = world.run("client", lambda: (script(TWO).returncode, script(TWO).stdout))
    equal(granted, (0, "two"))


@suite.case("many-clients-behind-a-router-cost-the-neighbours-nothing")
def no_delay(world):
    """Answers that nobody acknowledges wait in the kernel, not in the daemon."""
    def leave_many():
        open_connections = [Connection((LINK_LOCAL, ONE), timeout=5) for _ in range(100)]
        for connection in open_connections:
            connection.send(put(LINK_LOCAL))
        return len(open_connections)
    equal(world.run("client", leave_many), 100)

    def ask():
        began = time.monotonic()
        with Connection((LINK_LOCAL, ONE), timeout=5) as connection:
            connection.exchange(put(LINK_LOCAL))
        return time.monotonic() - began
    assert world.run("near", ask) < 0.5


def build_network(world):
    for name in ("host", "router", "client", "near"):
        world.add(name)
    for address in (f"{LINK_LOCAL}/32", f"{LINK_LOCAL_6}/128"):
        world.ip("host", "address", "add", address, "dev", "lo")
    world.link("host", "router", ["10.79.1.1/24", "fd00:79:1::1/64"],
               ["10.79.1.2/24", "fd00:79:1::2/64"])
    _, client = world.link("router", "client", ["10.79.2.1/24", "fd00:79:2::1/64"],
                           ["10.79.2.2/24", "fd00:79:2::2/64"])
    _, near = world.link("host", "near", ["10.79.3.1/24", "fd00:79:3::1/64"],
                         ["10.79.3.2/24", "fd00:79:3::2/64"])
    for name in ("host", "router"):
        world.set(name, "net.ipv4.conf.all.rp_filter", 0)
    world.set("router", "net.ipv4.ip_forward", 1)
    world.set("router", "net.ipv6.conf.all.forwarding", 1)
    world.ip("host", "route", "add", "10.79.2.0/24", "via", "10.79.1.2")
    world.ip("host", "route", "add", "fd00:79:2::/64", "via", "fd00:79:1::2")
    for name, via in (("router", "1"), ("client", "2"), ("near", "3")):
        world.ip(name, "route", "add", f"{LINK_LOCAL}/32", "via", f"10.79.{via}.1")
        world.ip(name, "route", "add", f"{LINK_LOCAL_6}/128", "via", f"fd00:79:{via}::1")
    return {"client": client, "near": near}


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        devices = build_network(world)
        with Daemon(world, "host", settings(), [f"dual=[::]:{DUAL}"]) as daemon:
            suite.run(world=world, daemon=daemon, devices=devices)
