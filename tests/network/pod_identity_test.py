"""A node with two pods: service account tokens at the agent's own addresses, over IPv4 and IPv6, by
current client libraries; a token alone opens nothing."""

import json
import os
import pathlib
import subprocess

import namespaces
from namespaces import Daemon, World
from daemon import configuration, role_arn
from http_raw import ask, build, wait_until
from jwt import ISSUER, Key, key_set
from suite import Skip, Suite, equal

V4, V6 = "169.254.170.23", "fd00:ec2::23"
PATH = "/v1/credentials"
POD_UID = 12001
suite = Suite()


def settings(bindings):
    return configuration(
        {"app": {"role": role_arn("app")}, "pods": {}},
        listeners=[{"name": "pods", "serve": "pod_identity", "address": f"{V4}:80"},
                   {"name": "pods6", "serve": "pod_identity", "address": f"[{V6}]:80"},
                   {"name": "probes", "serve": "health", "address": "127.0.0.1:2703"}],
        bindings=bindings,
        pod_identity={
            "clusters": {"here": {"issuer": ISSUER, "jwks": {"file": "./jwks.json"}}},
            "associations": [{"cluster": "here", "namespace": "default", "service_account": "app",
                              "profile": "app"}]})


def bound(device):
    return [{"listener": ["pods", "pods6"], "source_network": network, "interface": device,
             "profile": "pods"} for network in ("10.244.0.7", "fd00:10:244::7")]


def attempt(token, address):
    host = f"[{address}]" if ":" in address else address
    answer = ask((address, 80), build("GET", PATH, {"Authorization": token}, host=host))
    return answer.status, answer.text


def pod_asks(world, pod, token, address=V4):
    return world.run(pod, attempt, token, address, uid=POD_UID)


@suite.case("refused-until-bound")
def a_token_from_elsewhere_is_refused_until_a_rule_names_address_and_interface(
        world, daemon, device, other_device, key):
    token = key.token()
    # Bound are the node's own processes: another network namespace is none of them.
    for address in (V4, V6):
        status, text = pod_asks(world, "pod", token, address)
        equal(status, 403)
        assert "it must name both source_network and interface" in text, text
    # The reader refuses one without the other.
    outcome = daemon.reload(settings([{"listener": "pods", "profile": "pods"} | rule for rule in (
        {"source_network": "10.244.0.7"}, {"interface": device})]))
    equal(outcome["ok"], False)
    equal(sum("needs both" in error for error in outcome["errors"]), 2)
    # The right address by another device.
    assert daemon.reload(settings(bound(other_device)))["ok"]
    equal(pod_asks(world, "pod", token)[0], 403)
    # A listener-only rule matches local callers, not this one.
    assert daemon.reload(settings([{"listener": ["pods", "pods6"], "profile": "pods"}]))["ok"]
    equal(pod_asks(world, "pod", token)[0], 403)
    assert daemon.reload(settings(bound(device)))["ok"]
    for address in (V4, V6):
        status, text = pod_asks(world, "pod", token, address)
        equal(status, 200, text)
        document = json.loads(text)
        daemon.secrets |= {document["SecretAccessKey"], document["Token"], token}


@suite.case("stolen")
def a_stolen_token_is_worthless_in_another_pod(world, daemon, key):
    token = key.token()
    for address in (V4, V6):
        status, text = pod_asks(world, "thief", token, address)
        equal(status, 403)
        assert "no binding for listener" in text, text
    # An address that is not its own does not come back to it; what it can do is ask from its own.
    refusals = wait_until(lambda: [r for r in daemon.refusals()
                                   if r["userIdentity"].get("address") == "10.244.1.8"])
    equal(refusals[0]["errorCode"], "no_binding")


@suite.case("K08-K09")
def the_agents_hosts(world, key):
    def asks(host, address):
        answer = ask((address, 80), build("GET", PATH, {"Authorization": token}, host=host))
        return answer.status
    token = key.token()
    for host in (V4, f"{V4}:80", f"[{V6}]", f"[{V6}]:80"):
        for address in (V4, V6):
            equal(world.run("pod", asks, host, address, uid=POD_UID), 200, host)
    equal(world.run("pod", asks, "localhost", V4, uid=POD_UID), 403)


@suite.case("K16")
def probes_at_the_agents_port(world):
    def asks(path):
        return ask(("127.0.0.1", 2703), build("GET", path, host="localhost")).status
    equal(world.run("node", asks, "/healthz"), 200)
    equal(world.run("node", asks, "/readyz"), 200)


def client_library():
    """A Python with the current boto3: Debian's is older than that address."""
    folder = pathlib.Path(os.environ.get("CLIENTS_BUILD_DIR") or
                          pathlib.Path(__file__).resolve().parents[2] / "build/clients")
    venv = folder / "boto3-current"
    python = venv / "bin/python3"
    if subprocess.run([str(python), "-c", "import boto3"], capture_output=True).returncode \
            if python.exists() else True:
        for command in (["/usr/bin/python3", "-m", "venv", str(venv)],
                        [str(python), "-m", "pip", "install", "--quiet",
                         "--disable-pip-version-check", "boto3"]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            if done.returncode != 0:
                raise Skip("the current boto3 cannot be installed: " +
                           (done.stderr or done.stdout).strip()[-300:])
    return python


PROGRAM = """
import boto3, json
found = boto3.Session().get_credentials()
frozen = found.get_frozen_credentials()
print(json.dumps([found.method, frozen.access_key, frozen.secret_key, frozen.token,
                  getattr(frozen, "account_id", None)]))
"""


@suite.case("K15", address=V4)
@suite.case("K15-ipv6", address=f"[{V6}]")
def boto3_with_a_token_file(world, daemon, key, address):
    python = client_library()
    token = key.token()
    file = daemon.folder / "eks-pod-identity-token"
    file.write_text(token)
    file.chmod(0o644)
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("AWS_", "PYTHON")) and "proxy" not in name.lower()}
    done = subprocess.run(
        ["nsenter", f"--net={world.path('pod')}", str(python), "-c", PROGRAM],
        capture_output=True, text=True, timeout=60, env=environment | {
            "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{address}{PATH}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)})
    equal(done.returncode, 0, done.stderr)
    method, access_key, secret, session, account = json.loads(done.stdout)
    daemon.secrets |= {secret, session, token}
    equal(method, "container-role")
    equal(access_key, json.loads(pod_asks(world, "pod", token)[1])["AccessKeyId"])
    equal(account, "123456789012")


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        for name in ("node", "pod", "thief"):
            world.add(name)
        device, _ = world.link("node", "pod", ["10.244.0.1/24", "fd00:10:244::1/64"],
                               ["10.244.0.7/24", "fd00:10:244::7/64"])
        other, _ = world.link("node", "thief", ["10.244.1.1/24", "fd00:10:245::1/64"],
                              ["10.244.1.8/24", "fd00:10:245::8/64"])
        for pod, four, six in (("pod", "10.244.0.1", "fd00:10:244::1"),
                               ("thief", "10.244.1.1", "fd00:10:245::1")):
            world.ip(pod, "route", "add", "default", "via", four)
            world.ip(pod, "-6", "route", "add", "default", "via", six)
        world.ip("node", "address", "add", f"{V4}/32", "dev", "lo")
        world.ip("node", "-6", "address", "add", f"{V6}/128", "dev", "lo")
        key = Key("node")

        class Node(Daemon):
            def write(self, configured):
                (self.folder / "jwks.json").write_text(key_set(key))
                super().write(configured)
        with Node(world, "node", settings(
                [{"listener": ["pods", "pods6"], "user": "self", "profile": "pods"}])) as daemon:
            suite.run(world=world, daemon=daemon, device=device, other_device=other, key=key)
