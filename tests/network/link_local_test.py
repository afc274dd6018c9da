"""One host, its link-local address, several users: nobody gets the role of another."""

import json
import os
import pathlib
import signal
import socket
import struct
import subprocess

import namespaces
from namespaces import BASE, LINK_LOCAL, Daemon, World, get, put_token, whole_flow
from daemon import TOKEN, TTL, configuration, role_arn
from http_raw import Closed, Connection, build, wait_until
from suite import Suite, equal

ALICE, BOB, STRANGER = 12001, 12002, 12003
suite = Suite()

SETTINGS = configuration(
    {
        "alice": {"role": role_arn("alpha")},
        "bob": {"role": role_arn("beta")},
        # What a caller would get who is taken for root: without a token even.
        "root": {"role": role_arn("omega"), "metadata": {"http_tokens": "optional"}},
    },
    listeners=[{"name": "imds", "serve": "imds", "address": f"{LINK_LOCAL}:80", "interface": "lo"},
               {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
    bindings=[{"user": ALICE, "profile": "alice"}, {"user": BOB, "profile": "bob"},
              {"user": 0, "profile": "root"}])


def curl(world, uid, *words):
    done = subprocess.run(
        ["nsenter", f"--net={world.path('host')}", "setpriv", "--reuid", str(uid), "--regid",
         str(uid), "--clear-groups", "--", "curl", "--silent", "--show-error", "--max-time", "5",
         *words], capture_output=True, text=True)
    equal(done.returncode, 0, done.stderr)
    return done.stdout


@suite.case("curl-gets-credentials")
def curl_flow(world):
    base = f"http://{LINK_LOCAL}"
    token = curl(world, ALICE, "--request", "PUT", "--header", f"{TTL}: 21600",
                 f"{base}/latest/api/token")
    equal(len(token), 56)
    header = ("--header", f"{TOKEN}: {token}")
    equal(curl(world, ALICE, *header, base + BASE), "alpha")
    document = json.loads(curl(world, ALICE, *header, base + BASE + "alpha"))
    equal(document["Code"], "Success")
    without = curl(world, ALICE, "--output", "/dev/null", "--write-out", "%{http_code}", base + BASE)
    equal(without, "401", "IMDSv1 is off")


@suite.case("each-user-has-the-role-of-his-own-profile")
def own_roles(world, daemon):
    documents = {}
    for uid, role, other in ((ALICE, "alpha", "beta"), (BOB, "beta", "alpha")):
        status, text = world.run("host", whole_flow, uid=uid)
        equal(status, 200, text)
        documents[role] = json.loads(text)
        daemon.secrets |= {documents[role]["SecretAccessKey"], documents[role]["Token"]}

        def try_other(role=other):
            return get(BASE + role, put_token()[1])
        status, text = world.run("host", try_other, uid=uid)
        equal(status, 404)
        assert "AccessKeyId" not in text
    assert documents["alpha"]["AccessKeyId"] != documents["beta"]["AccessKeyId"]


@suite.case("user-without-a-binding-gets-nothing")
def unbound(world):
    for ask in (put_token, lambda: get("/"), lambda: get(BASE), lambda: get(BASE + "alpha")):
        status, text = world.run("host", ask, uid=STRANGER)
        equal(status, 403)
        assert str(STRANGER) in text and text.endswith("\n"), text


@suite.case("token-of-another-user-is-no-token")
def replay(world):
    status, token = world.run("host", put_token, uid=ALICE)
    equal(status, 200)
    for path in (BASE, BASE + "alpha", BASE + "beta", "/latest/meta-data/instance-id"):
        equal(world.run("host", get, path, token, uid=BOB)[0], 401)
        equal(world.run("host", get, path, token, uid=STRANGER)[0], 403)
    # It has not been spoiled for its owner.
    equal(world.run("host", get, BASE + "alpha", token, uid=ALICE)[0], 200)


@suite.case("inherited-connection-stays-its-makers")
def inherited(world):
    """The kernel vouches for who made the socket, not for who writes into it now."""
    def connect_then_become(uid):
        connection = Connection((LINK_LOCAL, 80))
        os.setresuid(uid, uid, uid)
        return connection.exchange(build("PUT", "/latest/api/token", {TTL: "60"},
                                         host=LINK_LOCAL)).status
    equal(world.run("host", connect_then_become, STRANGER, uid=None), 200)  # root's
    # And the other way round: a socket of a stranger is a stranger's.
    equal(world.run("host", put_token, uid=STRANGER)[0], 403)


def is_stopped(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return all((task / "stat").read_text().rsplit(")", 1)[1].split()[0] == "T" for task in tasks)


def leave_while_frozen(daemon, world, uid, how, request):
    """Sends a request while the daemon is stopped, and is gone before it wakes: at accept time the
    kernel reports such a socket with uid 0 and inode 0. Returns what a half-closed client reads."""
    daemon.signal(signal.SIGSTOP)
    wait_until(lambda: is_stopped(daemon.process.pid), what="the daemon stops")
    try:
        def client():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, 0)  # root again below, to wake the daemon
            connection = Connection((LINK_LOCAL, 80))
            if request:
                connection.send(request)
            if how == "close":
                connection.close()
            elif how == "reset":
                connection.reset()
            else:
                connection.socket.shutdown(socket.SHUT_WR)
            os.setresuid(0, 0, 0)
            os.kill(daemon.process.pid, signal.SIGCONT)
            if how != "shutdown":
                return b""
            received = b""
            connection.socket.settimeout(5)
            try:
                while data := connection.socket.recv(65536):
                    received += data
            except ConnectionResetError:
                pass
            return received
        return world.run("host", client)
    finally:
        daemon.signal(signal.SIGCONT)


@suite.case("closing-early-makes-nobody-root")
def closing_early(world, daemon):
    def strangers_hand_outs():
        return [line for line in daemon.hand_outs()
                if line["requestParameters"]["profile"] == "root"]
    before = len(strangers_hand_outs())
    _, token = world.run("host", put_token, uid=ALICE)
    requests = [
        build("GET", BASE + "omega", host=LINK_LOCAL),                  # root needs no token
        build("GET", BASE + "alpha", {TOKEN: token}, host=LINK_LOCAL),  # a stolen token
        build("PUT", "/latest/api/token", {TTL: "60"}, host=LINK_LOCAL),
        b"",
    ]
    asked = daemon.status()["counters"]["tokens_issued"]
    for how in ("close", "reset", "shutdown"):
        for request in requests:
            for uid in (STRANGER, BOB):
                received = leave_while_frozen(daemon, world, uid, how, request)
                assert b"AccessKeyId" not in received, (how, request, received)
    # Everything above has been dealt with when a later connection is answered.
    equal(world.run("host", whole_flow, uid=ALICE)[0], 200)
    # Bob may have a token of his own when he only half-closes. Nobody else got one; Alice has one.
    issued = daemon.status()["counters"]["tokens_issued"] - asked
    assert issued <= 2, issued
    wait_until(lambda: any(line["errorCode"] == "unknown_caller" for line in daemon.refusals()),
               what="a refusal of an unknown caller in the audit log")
    equal(len(strangers_hand_outs()), before, "hand-outs of root's role")
    for line in daemon.hand_outs():
        owner = {"alice": ALICE, "bob": BOB, "root": 0}[line["requestParameters"]["profile"]]
        equal(line["userIdentity"].get("uid"), owner)


@suite.case("closing-early-in-a-race-makes-nobody-root")
def closing_race(world, daemon):
    before = len(daemon.hand_outs())

    def race():
        request = build("GET", BASE + "omega", host=LINK_LOCAL)
        for round_number in range(400):
            sock = socket.create_connection((LINK_LOCAL, 80), timeout=5)
            sock.send(request)
            if round_number % 2:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
    world.run("host", race, uid=STRANGER)
    equal(world.run("host", put_token, uid=ALICE)[0], 200)
    equal(len(daemon.hand_outs()), before)


@suite.case("half-closed-client-is-itself-or-unknown")
def half_closed(world):
    """Served when it was looked at before its FIN arrived; afterwards it counts as closed: refused."""
    def ask(path, token):
        connection = Connection((LINK_LOCAL, 80))
        connection.send(build("GET", path, {TOKEN: token}, host=LINK_LOCAL))
        connection.socket.shutdown(socket.SHUT_WR)
        try:
            return connection.receive().status
        except Closed:
            return None
    _, token = world.run("host", put_token, uid=ALICE)
    for uid, good in ((ALICE, 200), (BOB, 401)):
        status = world.run("host", ask, BASE + "alpha", token, uid=uid)
        assert status in (good, 403), (uid, status)


@suite.case("every-hand-out-is-on-record")
def on_record(daemon):
    seen = {(line["userIdentity"].get("uid"), line["requestParameters"]["role"])
            for line in daemon.hand_outs()}
    equal(seen, {(ALICE, role_arn("alpha")), (BOB, role_arn("beta"))})


if __name__ == "__main__":
    namespaces.require()
    with World() as world:
        world.add("host")
        world.ip("host", "address", "add", f"{LINK_LOCAL}/32", "dev", "lo")
        with Daemon(world, "host", SETTINGS) as daemon:
            suite.run(world=world, daemon=daemon)
