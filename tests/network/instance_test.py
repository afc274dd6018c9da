"""What a profile leaves to the host is taken from the host: its interfaces and their addresses."""

import json

import namespaces
from namespaces import Daemon, World, get
from daemon import configuration
from suite import Suite, equal

MACS = "/latest/meta-data/network/interfaces/macs/"
suite = Suite()


def settings():
    def profile(**instance):
        return {"metadata": {"http_tokens": "optional"}, "instance": instance}
    profiles = {"plain": profile(), "six": profile(ipv6="auto"),
                "all": profile(ipv6="auto", interfaces="auto")}
    listeners = [{"name": name, "serve": "imds", "address": f"127.0.0.1:{9000 + i}"}
                 for i, name in enumerate(profiles)]
    return configuration(
        profiles, listeners=listeners + [{"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
        bindings=[{"listener": name, "profile": name} for name in profiles])


PORTS = {"plain": 9000, "six": 9001, "all": 9002}


def ask(world, profile, path):
    return world.run("host", get, path, None, "127.0.0.1", PORTS[profile])


def mac_of(world, device):
    return json.loads(world.ip("host", "-j", "link", "show", device))[0]["address"]


@suite.case("the-first-interface-alone")
def first(world, devices):
    mac = mac_of(world, devices[0])
    for profile in ("plain", "six"):
        equal(ask(world, profile, MACS), (200, mac + "/"))
        equal(ask(world, profile, "/latest/meta-data/mac"), (200, mac))
        equal(ask(world, profile, "/latest/meta-data/local-ipv4"), (200, "10.79.1.1"))
        equal(ask(world, profile, MACS + mac + "/local-ipv4s"), (200, "10.79.1.1\n10.79.1.9"))
        equal(ask(world, profile, MACS + mac + "/subnet-ipv4-cidr-block"), (200, "10.79.0.0/20"))


@suite.case("IPv6-only-when-asked-for")
def ipv6(world, devices):
    mac = mac_of(world, devices[0])
    equal(ask(world, "plain", "/latest/meta-data/ipv6")[0], 404)
    equal(ask(world, "six", "/latest/meta-data/ipv6"), (200, "2001:db8:79::1"))
    # The link-local address is none to show.
    equal(ask(world, "six", MACS + mac + "/ipv6s"), (200, "2001:db8:79::1"))
    equal(ask(world, "six", MACS + mac + "/subnet-ipv6-cidr-blocks"), (200, "2001:db8:79::/64"))


@suite.case("all-interfaces-when-asked-for")
def every(world, devices):
    macs = [mac_of(world, device) for device in devices]
    equal(ask(world, "all", MACS), (200, "\n".join(mac + "/" for mac in sorted(macs))))
    for number, (mac, address) in enumerate(zip(macs, ("10.79.1.1\n10.79.1.9", "10.79.64.1"))):
        equal(ask(world, "all", MACS + mac + "/device-number"), (200, str(number)))
        equal(ask(world, "all", MACS + mac + "/local-ipv4s"), (200, address))
    equal(ask(world, "all", MACS + macs[1] + "/local-hostname"), (200, "ip-10-79-64-1.ec2.internal"))
    equal(ask(world, "all", MACS + macs[1] + "/subnet-ipv4-cidr-block"), (200, "10.79.64.0/20"))


@suite.case("a-reload-sees-new-addresses")
def moved(world, devices, daemon):
    identity = ask(world, "plain", "/latest/meta-data/instance-id")
    # The second one goes with the first.
    world.ip("host", "address", "del", "10.79.1.1/24", "dev", devices[0])
    world.ip("host", "address", "add", "10.79.1.77/24", "dev", devices[0])
    equal(ask(world, "plain", "/latest/meta-data/local-ipv4"), (200, "10.79.1.1"))
    daemon.reload(settings())
    equal(ask(world, "plain", "/latest/meta-data/local-ipv4"), (200, "10.79.1.77"))
    equal(ask(world, "plain", "/latest/meta-data/instance-id"), identity)


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        world.add("host")
        world.add("lan")
        devices = [
            world.link("host", "lan", ["10.79.1.1/24", "10.79.1.9/24", "2001:db8:79::1/64"], [])[0],
            world.link("host", "lan", ["10.79.64.1/24"], [])[0]]
        with Daemon(world, "host", settings()) as daemon:
            suite.run(world=world, devices=devices, daemon=daemon)
