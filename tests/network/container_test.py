"""The container protocols where containers look for them: 169.254.170.2 in a network namespace, by
both families, by a peer in another namespace, and by botocore."""

import json
import pathlib
import shutil
import subprocess
import sys

import namespaces
from namespaces import Daemon, World, host_of
from daemon import configuration, role_arn
from http_raw import Connection, ask, build
from suite import Skip, Suite, equal

HERE = pathlib.Path(__file__).resolve().parent
CONTAINER, CONTAINER_6 = "169.254.170.2", "fd00:ec2::170:2"
HOST, GUEST, STRANGER = "10.79.1.1", "10.79.1.2", "10.79.1.3"
HOST_6, GUEST_6 = "fd79::1", "fd79::2"
USER, OTHER = 0, 12002
OPEN, LOOPBACK = 8080, 1339
suite = Suite()


def settings(device):
    both = {"source_network": [f"{GUEST}/32", f"{GUEST_6}/128"], "interface": device}
    return configuration(
        {"local": {"role": role_arn("local")}, "guest": {"role": role_arn("guest")}},
        listeners=[
            {"name": "link", "serve": "container", "address": f"{CONTAINER}:80", "interface": "lo"},
            {"name": "link6", "serve": "container", "address": f"[{CONTAINER_6}]:80",
             "interface": "lo"},
            {"name": "loopback", "serve": "container", "address": f"127.0.0.1:{LOOPBACK}"},
            {"name": "open", "serve": "container", "address": f"{HOST}:{OPEN}", "interface": device},
            {"name": "open6", "serve": "container", "address": f"[{HOST_6}]:{OPEN}",
             "interface": device},
            # Without a device, as no one should: what is refused there is refused for the binding.
            {"name": "any", "serve": "container", "address": f"{HOST}:{OPEN + 1}"}],
        bindings=[
            {"user": USER, "profile": "local"},
            both | {"listener": ["open", "open6"], "profile": "guest"},
            {"source_network": f"{STRANGER}/32", "profile": "guest"},
            {"source_network": f"{GUEST}/32", "profile": "guest"}])


def variables(daemon, *words):
    code, out, err = daemon.cli("env", "-o", "json", *words)
    equal(code, 0, err)
    found = json.loads(out)["variables"]
    if token := found.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"):
        daemon.secrets.add(token)
    return found


def get(address, port, path, headers=(), source=None):
    with Connection((address, port), source=(source, 0) if source else None) as connection:
        answer = connection.exchange(build("GET", path, headers, host=host_of(address)))
        return answer.status, answer.text


def role_of(daemon, answer):
    status, text = answer
    if status != 200:
        return status, None
    found = json.loads(text)
    daemon.secrets.update((found["SecretAccessKey"], found["Token"]))
    return status, found["RoleArn"]


@suite.case("link-local-by-both-families")
def link_local(world, daemon):
    relative = variables(daemon)["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
    for address in (CONTAINER, CONTAINER_6):
        equal(role_of(daemon, world.run("host", get, address, 80, relative)),
              (200, role_arn("local")), address)
        # Another user has the id, and gets nothing by it.
        status, text = world.run("host", get, address, 80, relative, uid=OTHER)
        equal(status, 403, address)
        assert text.startswith("refused: no binding matches uid=12002"), text


@suite.case("metadata-of-the-link-local-address")
def metadata(world, daemon):
    found = variables(daemon)
    for name, version in (("ECS_CONTAINER_METADATA_URI", "v3"),
                          ("ECS_CONTAINER_METADATA_URI_V4", "v4")):
        base = f"http://{CONTAINER}"
        assert found[name].startswith(f"{base}/{version}/"), found[name]
        status, text = world.run("host", get, CONTAINER, 80, found[name][len(base):] + "/task")
        equal(status, 200, text)
        equal(json.loads(text)["Family"], "local")


@suite.case("another-namespace-needs-address-and-interface")
def other_namespace(world, daemon):
    listed = daemon.cli("env", "--profile", "guest")
    equal(listed[0], 1, "three bindings")
    places = [place.rstrip(",") for place in listed[2].split() if ".yaml:" in place]
    equal(len(places), 3, listed[2])
    # The one that names both; what is printed for it is what its peer can reach.
    full = variables(daemon, "--binding", places[0])
    equal({name: value.split("/v")[0] for name, value in full.items()},
          {"ECS_CONTAINER_METADATA_URI": f"http://{HOST}:{OPEN}",
           "ECS_CONTAINER_METADATA_URI_V4": f"http://{HOST}:{OPEN}"})
    endpoint = full["ECS_CONTAINER_METADATA_URI_V4"].rsplit("/", 1)[1]
    for address, source in ((HOST, GUEST), (HOST_6, GUEST_6)):
        status, text = world.run("guest", get, address, OPEN, f"/v4/{endpoint}", (), source)
        equal(status, 200, text)
        equal(json.loads(text)["Name"], "guest")
    # By a listener where only the rule with its address matches: refused, and told why.
    for source in (GUEST, STRANGER):
        status, text = world.run("guest", get, HOST, OPEN + 1, f"/v4/{endpoint}", (), source)
        equal(status, 403, text)
        assert "until its binding names both source_network and interface" in text, text
    # Its neighbour, with the id that works next door.
    status, text = world.run("guest", get, HOST, OPEN, f"/v4/{endpoint}", (), STRANGER)
    equal(status, 403, text)
    # Listeners on lo are not there for it.
    try:
        world.run("guest", get, CONTAINER, 80, "/")
    except AssertionError as failure:
        assert "Error" in str(failure)
    else:
        raise AssertionError("the link-local address can be reached from another namespace")


# -- botocore -----------------------------------------------------------------------------------


def interpreter(attribute=None):
    """A Python whose botocore has the container provider's newer settings, when one is named."""
    test = ("import botocore.credentials as c; c.ContainerProvider"
            + (f".{attribute}" if attribute else ""))
    for candidate in ("/usr/bin/python3", sys.executable, shutil.which("python3")):
        if candidate and subprocess.run([candidate, "-c", test], capture_output=True).returncode == 0:
            return candidate
    raise Skip("no botocore" + (f" with {attribute}" if attribute else "") + " is installed")


class Program:
    def __init__(self, world, python, environment):
        self.process = subprocess.Popen(
            ["nsenter", f"--net={world.path('host')}", python, "-B", HERE / "boto3_container.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent",
                 "AWS_EC2_METADATA_DISABLED": "true"} | environment)

    def ask(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(20)


def hand_outs(daemon):
    return [line["requestParameters"]["listener"] for line in daemon.hand_outs()]


@suite.case("C10-boto3-full-uri")
def full_uri(world, daemon):
    found = variables(daemon)
    equal(found["AWS_CONTAINER_CREDENTIALS_FULL_URI"], f"http://127.0.0.1:{LOOPBACK}/credentials")
    names = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
    with Program(world, interpreter(), {name: found[name] for name in names}) as program:
        told = program.ask()
    equal(told.get("method"), "container-role", told)
    assert told["key"].startswith("ASIA"), told


@suite.case("boto3-wrong-token")
def wrong_token(world, daemon):
    found = variables(daemon)
    with Program(world, interpreter(), {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": found["AWS_CONTAINER_CREDENTIALS_FULL_URI"],
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "tok"}) as program:
        told = program.ask()
    assert "error" in told and "403" in told["error"], told


@suite.case("C14-boto3-relative-wins")
def relative_wins(world, daemon):
    """A full URI that would fail is not tried."""
    found = variables(daemon)
    before = daemon.status()["counters"]["denied"].get("bad_token", 0)
    with Program(world, interpreter(), {
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI":
                found["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
            "AWS_CONTAINER_CREDENTIALS_FULL_URI":
                found["AWS_CONTAINER_CREDENTIALS_FULL_URI"]}) as program:
        told = program.ask()
    equal(told.get("method"), "container-role", told)
    equal(daemon.status()["counters"]["denied"].get("bad_token", 0), before)


@suite.case("C13-boto3-foreign-host")
def foreign_host(world):
    with Program(world, interpreter(), {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"}) as program:
        told = program.ask()
    assert "Unsupported host" in told.get("error", ""), told


@suite.case("C12-boto3-token-file-rewritten")
def token_file(world, daemon, device):
    python = interpreter("ENV_VAR_AUTH_TOKEN_FILE")
    path = daemon.folder / "token"
    code, out, err = daemon.cli("env", "--token-file", str(path))
    equal(code, 0, err)
    first = path.read_text()
    daemon.secrets.add(first)
    uri = variables(daemon)["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    with Program(world, python, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": uri,
                                 "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path)}) as program:
        told = program.ask()
        equal(told.get("method"), "container-role", told)
        # Another binding, and so another token: the old one is refused, the file's new one served.
        changed = settings(device)
        changed["bindings"][0] = {"user": [USER, 12009], "profile": "local"}
        equal(daemon.reload(changed)["ok"], True)
        told = program.ask()
        assert "403" in told.get("error", ""), told
        code, _, err = daemon.cli("env", "--token-file", str(path))
        equal(code, 0, err)
        assert path.read_text() != first
        daemon.secrets.add(path.read_text())
        told = program.ask()
        assert told.get("key", "").startswith("ASIA"), told
    equal(daemon.reload(settings(device))["ok"], True)


def main():
    namespaces.require()
    with World() as world:
        world.add("host")
        world.add("guest")
        device, _ = world.link("host", "guest", [f"{HOST}/24", f"{HOST_6}/64"],
                               [f"{GUEST}/24", f"{STRANGER}/24", f"{GUEST_6}/64"])
        for address in (f"{CONTAINER}/32", f"{CONTAINER_6}/128"):
            world.ip("host", "address", "add", address, "dev", "lo")
        world.ip("guest", "route", "add", f"{CONTAINER}/32", "via", HOST)
        with Daemon(world, "host", settings(device)) as daemon:
            suite.run(world=world, daemon=daemon, device=device)


if __name__ == "__main__":
    main()
