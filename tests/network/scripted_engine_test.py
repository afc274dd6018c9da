"""Task metadata by an engine that does what the test wants: answers, lies, babbles, or hangs."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

import namespaces
from acceptor import Acceptor
from cgroup_test import Cgroups, cgroup2_mount
from namespaces import Daemon, World
from daemon import configuration, role_arn
from http_raw import ask, build, wait_until
from suite import Suite, equal

USER = 12001
PORT = 1339
OWN, OTHER = "a" * 64, "b" * 64
suite = Suite()


class Engine:
    """A unix socket; `answer` is called with the target and gives (status, body), or None to say
    nothing for as long as the client waits."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-engine-"))
        self.folder.chmod(0o711)
        self.path = self.folder / "engine.sock"
        self.answer = lambda target: (404, "{}")
        self.asked = []
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(self.path))
        self.path.chmod(0o666)
        server.listen(64)
        self.acceptor = Acceptor(server, self.serve)

    def serve(self, connection):
        with connection:
            data = b""
            while b"\r\n\r\n" not in data:
                got = connection.recv(4096)
                if not got:
                    return
                data += got
            target = data.split(b" ")[1].decode()
            self.asked.append(target)
            found = self.answer(target)
            try:
                if found is None:
                    connection.recv(1)  # until the client gives up
                    return
                status, body = found
                connection.sendall(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                                   + body.encode())
            except OSError:
                pass

    def close(self):
        self.acceptor.close()
        self.path.unlink()
        self.folder.rmdir()


def settings(engine):
    return configuration(
        {"web": {"role": role_arn("web")}},
        listeners=[{"name": "web", "serve": "container", "address": f"127.0.0.1:{PORT}"}],
        bindings=[{"user": USER, "profile": "web"}],
        container_engine={"socket": str(engine.path)})


def inspect(own, pid, **more):
    return json.dumps({"Id": own, "Name": "/real", "State": {"Status": "running", "Pid": pid}} | more)


def get(path, headers=()):
    begun = time.monotonic()
    answer = ask(("127.0.0.1", PORT), build("GET", path, headers), timeout=20)
    return answer.status, answer.text, time.monotonic() - begun


class Rig:
    def __init__(self, world, cgroups, engine, daemon):
        self.world, self.engine = world, engine
        self.container = cgroups.make(f"/imdsd-test-{os.getpid()}/docker-{OWN}.scope")
        self.pretender = cgroups.make(f"/imdsd-test-{os.getpid()}-user/docker-{OWN}.scope")
        # The container's first process.
        self.sleeper = subprocess.Popen(["sleep", "600"])
        (self.container / "cgroup.procs").write_text(str(self.sleeper.pid))
        code, out, err = daemon.cli("env", "--profile", "web", "-o", "json")
        equal(code, 0, err)
        found = json.loads(out)["variables"]
        self.token = found["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        daemon.secrets.add(self.token)
        self.endpoint = found["ECS_CONTAINER_METADATA_URI_V4"].rsplit("/", 1)[1]

    def metadata(self, rest="", cgroup=None, version="v4"):
        return self.world.run("host", get, f"/{version}/{self.endpoint}{rest}", uid=USER,
                              cgroup=cgroup or self.container)

    def credentials(self):
        status, text, took = self.world.run("host", get, "/credentials",
                                            {"Authorization": self.token}, uid=USER)
        return status, took

    def close(self):
        self.sleeper.kill()
        self.sleeper.wait()


# What an engine said is believed for two seconds: the cases in which it fails come first.


@suite.case("nonsense")
def nonsense(rig, daemon):
    rig.engine.answer = lambda target: (500, "{}")
    equal(rig.metadata("/task")[:2], (500, '"failed to get task metadata"'))
    for body in ("", "nonsense", "[]", '{"Id":1}', "{" * 100000, "x" * (5 << 20),
                 inspect(OTHER, 1, Name="x" * (5 << 20))):
        rig.engine.answer = lambda target, body=body: (200, body)
        equal(rig.metadata()[:2], (500, '"failed to get container metadata"'), body[:20])
    if not namespaces.daemon_module.SANITIZED:
        assert daemon.rss()[1] < 40 * 1024, daemon.rss()


@suite.case("an-engine-that-hangs")
def hanging(rig):
    rig.engine.answer = lambda target: None
    outcome = []
    waiting = [threading.Thread(target=lambda: outcome.append(rig.metadata())) for _ in range(3)]
    for one in waiting:
        one.start()
    time.sleep(0.5)
    # The worker that they wait on serves others meanwhile.
    for _ in range(5):
        status, took = rig.credentials()
        equal(status, 200)
        assert took < 1, took
    for one in waiting:
        one.join()
    for status, text, took in outcome:
        equal((status, text), (500, '"failed to get container metadata"'))
        assert took < 8, took


@suite.case("the-caller's-container")
def found(rig):
    def answer(target):
        if target == f"/containers/{OWN}/json":
            return 200, inspect(OWN, rig.sleeper.pid)
        if target == f"/containers/{OWN}/stats?stream=false":
            return 200, '{"read":"now"}\n'
        return (200, "[]") if target == "/containers/json" else (404, "{}")
    rig.engine.answer = answer
    status, text, _ = rig.metadata()
    equal((status, json.loads(text)["DockerId"]), (200, OWN))
    equal(rig.metadata("/stats")[:2], (200, '{"read":"now"}'))
    equal(rig.metadata("/task/stats")[:2], (200, '{"' + OWN + '":{"read":"now"}}'))
    status, text, _ = rig.metadata("/task", version="v3")
    equal((status, [one["DockerName"] for one in json.loads(text)["Containers"]]), (200, ["real"]))


@suite.case("a-cgroup-named-like-the-container's")
def pretender(rig):
    status, text, _ = rig.metadata(cgroup=rig.pretender)
    equal(status, 200)
    assert json.loads(text)["DockerId"] != OWN, "taken in by a name"
    equal(json.loads(text)["Name"], "web")


@suite.case("an-engine-that-is-gone")
def gone(rig):
    rig.engine.close()

    # What it said before is believed for a while.
    def failed():
        time.sleep(0.1)  # below the rate that one caller may ask at
        return rig.metadata()[0] == 500
    wait_until(failed, what="the engine's absence to be noticed")
    status, text, took = rig.metadata()
    equal((status, text), (500, '"failed to get container metadata"'))
    assert took < 2, took
    equal(rig.credentials()[0], 200)


def main():
    namespaces.require()
    mount = cgroup2_mount()
    if mount is None or not os.access(mount, os.W_OK):
        namespaces.skip("no cgroup2 hierarchy that can be written to")
    engine = Engine()
    with World() as world, Cgroups(mount) as cgroups:
        world.add("host")
        with Daemon(world, "host", settings(engine)) as daemon:
            rig = Rig(world, cgroups, engine, daemon)
            try:
                suite.run(rig=rig, daemon=daemon)
            finally:
                rig.close()


if __name__ == "__main__":
    main()
