"""Task metadata against a real engine: podman's service, asked about containers that ask the daemon.

    container_engine_test.py IMDSD
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
os.environ["IMDSD_BINARY"] = sys.argv[1]

import podman_machine  # noqa: E402
from daemon import Daemon, configuration, role_arn  # noqa: E402
from http_raw import wait_until  # noqa: E402
from podman_machine import podman, skip  # noqa: E402
from suite import equal  # noqa: E402

PORT = 13391
SUBNET, GATEWAY = "10.97.83.0/24", "10.97.83.1"
IMAGE = "localhost/imdsd-engine-test:7"
failed = []


def case(name):
    def run(function):
        begun = time.monotonic()
        try:
            function()
            outcome = "ok"
        except Exception as error:  # noqa: BLE001 - this case's failure
            import traceback
            traceback.print_exc()
            outcome = f"FAILED: {error}"
            failed.append(name)
        print(f"{name}: {outcome}  ({time.monotonic() - begun:.1f} s)", flush=True)
    return run


def pack(archive, programs):
    """A root with these programs of the host and what they load."""
    files = set()
    for program in programs:
        path = shutil.which(program)
        if path is None:
            skip(f"{program} is not installed")
        files.add(path)
        for word in subprocess.run(["ldd", path], capture_output=True, text=True).stdout.split():
            if word.startswith("/"):
                files.add(word)
    with tarfile.open(archive, "w") as tar:
        for path in sorted(files):
            tar.add(os.path.realpath(path), arcname=path)


class Engine(podman):
    """A private podman with a network and an API of its own."""

    def __init__(self):
        super().__init__()
        networks = self.directory / "networks"
        networks.mkdir()
        with open(self.directory / "containers.conf", "a") as configuration_file:
            configuration_file.write(f'[network]\nnetwork_config_dir = "{networks}"\n')
        self.socket = self.directory / "engine.sock"
        self.network = f"imdsd{os.getpid()}"
        self.has_network = False
        self.service = None
        self.devices = set(os.listdir("/sys/class/net"))

    def start(self):
        self.service = subprocess.Popen(
            [*self.command, "system", "service", "--time", "0", f"unix://{self.socket}"],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.socket.exists, 20, "podman's service")
        made = self.run("network", "create", "--subnet", SUBNET, self.network, check=False)
        self.has_network = made.returncode == 0
        if not self.has_network:
            print(f"no network of its own: {made.stdout.strip()}", flush=True)

    def __exit__(self, *exception):
        if self.service:
            self.service.terminate()
            self.service.wait(20)
        self.run("rm", "--force", "--all", "--time", "1", check=False)
        if self.has_network:
            self.run("network", "rm", "--force", self.network, check=False)
        # The bridge outlives its network where the plug-in does not take it away.
        for device in set(os.listdir("/sys/class/net")) - self.devices:
            shown = subprocess.run(["ip", "-o", "addr", "show", "dev", device],
                                   capture_output=True, text=True).stdout
            if f" {GATEWAY}/" in shown:
                subprocess.run(["ip", "link", "delete", device], check=False)
        super().__exit__(*exception)

    def get(self, container, url, *headers):
        """What a program in the container gets: (status, text)."""
        words = [word for header in headers for word in ("-H", header)]
        done = self.run("exec", container, "/usr/bin/curl", "--silent", "--show-error", "--max-time",
                        "15", "--write-out", "\n%{http_code}", *words, url)
        text, status = done.stdout.rsplit("\n", 1)
        return int(status), text


def settings(engine, more_bindings=()):
    listeners = [{"name": "host", "serve": "container", "address": f"127.0.0.1:{PORT}"}]
    if engine.has_network:
        # The bridge is there once a container uses it.
        listeners.append({"name": "bridge", "serve": "container", "address": f"{GATEWAY}:{PORT}"})
    return configuration(
        {"web": {"role": role_arn("web"), "container": {"cluster": "prod"}}}, listeners=listeners,
        bindings=[{"user": "self", "profile": "web"}, *more_bindings],
        container_engine={"socket": str(engine.socket)})


def variables(daemon, *words):
    code, out, err = daemon.cli("env", "-o", "json", *words)
    equal(code, 0, err)
    found = json.loads(out)["variables"]
    if token := found.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        daemon.secrets.add(token)
    return found


def main():
    podman_machine.require("podman", "runc", "curl", "ldd", "sleep")
    with Engine() as engine, tempfile.TemporaryDirectory() as folder:
        archive = pathlib.Path(folder) / "root.tar"
        pack(archive, ["curl", "sleep", "true"])
        engine.run("import", archive, IMAGE)
        tried = engine.run("run", "--rm", "--network", "none", IMAGE, "/usr/bin/true", check=False)
        if tried.returncode != 0:
            skip(f"podman cannot run a container here:\n{tried.stdout}")
        engine.start()
        check(engine)
    if failed:
        sys.exit(1)


def check(engine):
    def run(name, *options):
        return engine.run("run", "--detach", "--name", name, *options, IMAGE, "/usr/bin/sleep",
                          "600").stdout.strip()

    web = run("shop_web", "--network", "host", "--label", "com.docker.compose.project=shop",
              "--label", "com.docker.compose.service=web", "--memory", "64m",
              "--env", "SECRET_OF_THE_CONTAINER=1")
    helper = run("shop_helper", "--network", "host", "--label", "com.docker.compose.project=shop")
    alone = run("alone", "--network", "host")
    bindings = []
    if engine.has_network:
        bridged = run("bridged", "--network", engine.network)
        sharing = run("sharing", "--network", "container:bridged")
        device = next(name for name in os.listdir("/sys/class/net")
                      if f" {GATEWAY}/" in subprocess.run(["ip", "-o", "addr", "show", "dev", name],
                                                          capture_output=True, text=True).stdout)
        bindings = [{"source_network": SUBNET, "interface": device, "profile": "web"}]

    with Daemon(settings(engine, bindings)) as daemon:
        local = variables(daemon, "--binding", place(daemon, 0))
        metadata = local["ECS_CONTAINER_METADATA_URI_V4"]

        @case("the-container-that-asks")
        def own_container():
            status, text = engine.get(web, metadata)
            equal(status, 200, text)
            found = json.loads(text)
            equal((found["DockerId"], found["Name"], found["DockerName"], found["Image"]),
                  (web, "web", "shop_web", IMAGE))
            equal((found["KnownStatus"], found["Limits"]), ("RUNNING", {"CPU": 0, "Memory": 64}))
            equal(found["Networks"], [{"NetworkMode": "host"}])
            assert found["ImageID"].startswith("sha256:"), found
            assert "SECRET_OF_THE_CONTAINER" not in text
            equal(json.loads(engine.get(alone, metadata)[1])["DockerId"], alone)

        @case("its-task-is-its-compose-project")
        def task():
            status, text = engine.get(web, f"{metadata}/task")
            equal(status, 200, text)
            found = json.loads(text)
            equal({one["DockerId"] for one in found["Containers"]}, {web, helper})
            equal((found["Cluster"], found["Family"]), ("prod", "shop"))
            from_helper = json.loads(engine.get(helper, f"{metadata}/task")[1])
            equal(from_helper["TaskARN"], found["TaskARN"])
            other = json.loads(engine.get(alone, f"{metadata}/task")[1])
            equal([one["DockerId"] for one in other["Containers"]], [alone])
            assert other["TaskARN"] != found["TaskARN"]

        @case("statistics")
        def statistics():
            status, text = engine.get(web, f"{metadata}/stats")
            equal(status, 200, text)
            found = json.loads(text)
            assert found["cpu_stats"]["cpu_usage"]["total_usage"] > 0, text
            status, text = engine.get(web, f"{metadata}/task/stats")
            equal(status, 200, text)
            equal(list(json.loads(text)), sorted([web, helper]))

        @case("credentials-inside-the-container")
        def credentials():
            status, text = engine.get(
                web, local["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
                f"Authorization: {local['AWS_CONTAINER_AUTHORIZATION_TOKEN']}")
            equal(status, 200, text)
            document = json.loads(text)
            daemon.secrets.update((document["SecretAccessKey"], document["Token"]))
            equal(document["RoleArn"], role_arn("web"))

        @case("who-is-in-no-container-is-described-by-the-profile")
        def on_the_host():
            done = subprocess.run(["curl", "--silent", metadata], capture_output=True, text=True)
            equal(json.loads(done.stdout)["Name"], "web")
            assert json.loads(done.stdout)["DockerId"] not in (web, helper, alone)

        if engine.has_network:
            remote = variables(daemon, "--binding", place(daemon, 1))

            @case("a-container-on-a-network-is-found-by-its-address")
            def by_address():
                status, text = engine.get(bridged, remote["ECS_CONTAINER_METADATA_URI_V4"])
                equal(status, 200, text)
                found = json.loads(text)
                equal(found["DockerId"], bridged)
                network = found["Networks"][0]
                equal((network["NetworkMode"], network["IPv4SubnetCIDRBlock"],
                       network["SubnetGatewayIpv4Address"]), (engine.network, SUBNET, GATEWAY))
                # Another's endpoint id is no use to it.
                status, _ = engine.get(bridged, metadata.replace("127.0.0.1", GATEWAY))
                equal(status, 404)

            @case("containers-that-share-a-network-are-one-task")
            def shared():
                status, text = engine.get(bridged, remote["ECS_CONTAINER_METADATA_URI_V4"] + "/task")
                equal(status, 200, text)
                equal({one["DockerId"] for one in json.loads(text)["Containers"]},
                      {bridged, sharing})
        else:
            print("SKIPPED: containers on a network: podman makes none here", flush=True)

        @case("an-engine-that-is-gone")
        def engine_gone():
            engine.service.terminate()
            engine.service.wait(20)

            def gone():
                status, text = engine.get(web, metadata)
                return (status, text) == (500, '"failed to get container metadata"')
            # What was remembered is believed for two seconds.
            wait_until(gone, 10, "the engine's absence to be noticed")


def place(daemon, number):
    """Where a binding is written, as explain tells it."""
    lines = daemon.config_file.read_text().splitlines()
    first = next(i for i, line in enumerate(lines) if '"bindings"' in line)
    starts = [i for i, line in enumerate(lines) if i > first and line == "  {"]
    return f"{daemon.config_file}:{starts[number] + 1}"


if __name__ == "__main__":
    main()
