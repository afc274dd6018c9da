"""Units by the cgroup of the caller's socket: a unit of the same name elsewhere is another unit."""

import itertools
import os
import pathlib
import time

import namespaces
from namespaces import BASE, LINK_LOCAL, Daemon, World, get, put_token, whole_flow
from daemon import configuration, role_arn
from suite import Suite, equal

WORKER, OTHER = 12001, 12002
UNIT = f"imdsd-test-{os.getpid()}.service"
USER_UNIT = f"imdsd-test-{os.getpid()}-user.service"
GLOBBED = f"imdsd-test-{os.getpid()}-glob"
suite = Suite()

SETTINGS = configuration(
    {"unit": {"role": role_arn("unit")}, "user-unit": {"role": role_arn("user-unit")},
     "cgroup": {"role": role_arn("cgroup")}},
    listeners=[{"name": "imds", "serve": "imds", "address": f"{LINK_LOCAL}:80", "interface": "lo"},
               {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
    bindings=[{"unit": UNIT, "profile": "unit"},
              {"user_unit": USER_UNIT, "user": WORKER, "profile": "user-unit"},
              {"cgroup": f"/{GLOBBED}/*.slice/x*.service", "profile": "cgroup"}])


def cgroup2_mount():
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ")
        if after.split()[0] == "cgroup2" and before.split()[3] == "/":
            return pathlib.Path(before.split()[4])
    return None


class Cgroups:
    """Makes cgroups and removes the ones that it made."""

    def __init__(self, mount):
        self.mount, self.made = mount, []

    def __enter__(self):
        return self

    def make(self, path):
        place = self.mount
        for part in path.strip("/").split("/"):
            place = place / part
            if not place.exists():
                place.mkdir()
                self.made.append(place)
        return place

    def __exit__(self, *_):
        end = time.monotonic() + 5
        for place in reversed(self.made):
            while True:
                try:
                    place.rmdir()
                    break
                except OSError:  # a process that has just ended is still in it
                    if time.monotonic() > end:
                        break
                    time.sleep(0.02)


# The daemon bounds how often one user makes it look through the tree: a new user for each try.
fresh_users = itertools.count(13000)


def flow(world, place, uid=None):
    return world.run("host", whole_flow, uid=uid or next(fresh_users), cgroup=place)


@suite.case("unit-of-the-system-manager-gets-its-role")
def granted(world, cgroups):
    for path in (f"/system.slice/{UNIT}", f"/system.slice/system-x.slice/{UNIT}", f"/{UNIT}"):
        status, text = flow(world, cgroups.make(path))
        equal(status, 200, f"{path}: {text}")
        assert '"AccessKeyId"' in text


@suite.case("equally-named-unit-elsewhere-is-refused")
def refused(world, cgroups):
    for path in (
            # a container with systemd in it
            f"/machine.slice/libpod-{os.getpid()}.scope/container/system.slice/{UNIT}",
            f"/system.slice/docker-{os.getpid()}.scope/system.slice/{UNIT}",
            f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope/system.slice/{UNIT}",
            # a unit of a user's own manager
            f"/user.slice/user-{WORKER}.slice/user@{WORKER}.service/app.slice/{UNIT}",
            f"/user.slice/user-{WORKER}.slice/user@{WORKER}.service/{UNIT}",
            # below a unit that manages its own subtree
            f"/system.slice/imdsd-test-delegate.service/{UNIT}",
            # names that only resemble it
            f"/system.slice/x{UNIT}", f"/system.slice/{UNIT}x"):
        place = cgroups.make(path)
        status, text = flow(world, place)
        equal(status, 403, path)
        assert "AccessKeyId" not in text


@suite.case("caller-in-no-unit-is-refused")
def none(world, cgroups):
    equal(flow(world, cgroups.mount)[0], 403)


@suite.case("user-unit-counts-with-its-user-only")
def user_units(world, cgroups):
    def place(manager):
        return cgroups.make(
            f"/user.slice/user-{manager}.slice/user@{manager}.service/app.slice/{USER_UNIT}")
    equal(flow(world, place(WORKER), WORKER)[0], 200)
    # Another user's manager can have a unit of any name.
    equal(flow(world, place(OTHER), OTHER)[0], 403)
    equal(flow(world, place(OTHER), WORKER)[0], 403)
    equal(flow(world, place(WORKER), OTHER)[0], 403)
    equal(flow(world, cgroups.make(f"/system.slice/{USER_UNIT}"))[0], 403)


@suite.case("cgroup-glob-is-anchored-and-stays-on-its-level")
def globs(world, cgroups):
    for path, expected in ((f"/{GLOBBED}/a.slice/x1.service", 200),
                           (f"/{GLOBBED}/a.slice/b.slice/x1.service", 403),
                           (f"/{GLOBBED}/a.slice/y1.service", 403),
                           (f"/{GLOBBED}/a.slice/x1.service/more", 403),
                           (f"/x.slice/{GLOBBED}/a.slice/x1.service", 403)):
        equal(flow(world, cgroups.make(path))[0], expected, path)


@suite.case("token-survives-a-second-session-of-the-user")
def same_user(world, cgroups):
    """Tokens are bound to the user, not to the cgroup that asked."""
    first = cgroups.make(f"/system.slice/{UNIT}")
    second = cgroups.make(f"/{GLOBBED}/a.slice/x2.service")
    status, token = world.run("host", put_token, uid=WORKER, cgroup=first)
    equal(status, 200)
    equal(world.run("host", get, BASE, token, uid=WORKER, cgroup=second), (200, "cgroup"))


@suite.case("cgroup-made-a-moment-ago-is-known")
def fresh(world, cgroups):
    """A name that is used again is a new cgroup: nothing old is believed."""
    for _ in range(3):
        place = cgroups.make(f"/system.slice/{UNIT}")
        equal(flow(world, place)[0], 200)
        end = time.monotonic() + 5
        while place.exists():
            try:
                place.rmdir()
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.02)
        other = cgroups.make(f"/system.slice/imdsd-test-{os.getpid()}-other.service")
        equal(flow(world, other)[0], 403)


if __name__ == "__main__":
    namespaces.require()
    mount = cgroup2_mount()
    if mount is None or not os.access(mount, os.W_OK):
        namespaces.skip("no cgroup2 hierarchy that can be written to")
    with World() as world, Cgroups(mount) as cgroups:
        world.add("host")
        world.ip("host", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo")
        with Daemon(world, "host", SETTINGS) as daemon:
            suite.run(world=world, cgroups=cgroups)
