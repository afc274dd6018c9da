#!/usr/bin/env python3
"""The ECS container protocols: credentials by id and by token, task metadata, who gets them."""

import json
import re
import shutil
import stat

import fixture
from fixture import ROLE

from as_user import as_user
from daemon import ACCOUNT, BINARY, Daemon, configuration, role_arn
from http_raw import ask, build, wait_until
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case

ALICE, BOB, MALLORY = 61001, 61002, 61003
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
KEYS = ["RoleArn", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"]
V2 = "/v2/credentials/"
TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"]}]}


def variables(daemon, *words):
    code, out, err = daemon.cli("env", "-o", "json", *words)
    equal(code, 0, err)
    found = json.loads(out)["variables"]
    daemon.secrets.add(found["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    return found


class Identifiers:
    """What `imdsd env` tells of one binding."""

    def __init__(self, daemon, *words):
        found = variables(daemon, *words)
        self.token = found["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        self.endpoint = found["ECS_CONTAINER_METADATA_URI_V4"].rsplit("/", 1)[1]


def document(answer):
    equal((answer.status, answer.get("Content-Type")), (200, JSON))
    found = json.loads(answer.body)
    equal(answer.text, json.dumps(found, separators=(",", ":")), "compact")
    return found


def credentials(daemon, target, headers=()):
    found = document(daemon.ask("web", "GET", target, headers))
    daemon.secrets.update((found["SecretAccessKey"], found["Token"]))
    return found


def error(answer, status, code, message):
    equal((answer.status, answer.get("Content-Type")), (status, JSON))
    equal(answer.text, json.dumps({"code": code, "message": message, "HTTPErrorCode": status},
                                  separators=(",", ":")))


def credentials_id(daemon, profile="web"):
    """RELATIVE_URI is printed for 169.254.170.2:80 alone, which a test on loopback does not have; so
    the id is derived as the daemon does, from the secret that it keeps."""
    import hashlib
    import hmac
    text = (daemon.state / "container-ids.key").read_text().split()
    secret = bytes.fromhex(text[1])
    shown = [profile, "user=self", "listener=web"]
    binding = "".join(f"{len(part)}:{part}," for part in shown)
    bits = bytearray(hmac.new(secret, b"credentials-id\0" + binding.encode(), hashlib.sha256).digest())
    bits[6] = bits[6] & 0x0F | 0x80
    bits[8] = bits[8] & 0x3F | 0x80
    digits = bytes(bits[:16]).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@case("C01")
def credentials_v2(daemon):
    found = credentials(daemon, V2 + credentials_id(daemon))
    equal(list(found), KEYS)
    equal(found["RoleArn"], role_arn(ROLE))
    assert re.fullmatch(r"ASIA[A-Z0-9]{16}", found["AccessKeyId"]), found["AccessKeyId"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["Expiration"])


@case("C02")
def unknown_id(daemon):
    error(daemon.ask("web", "GET", V2 + "00000000-0000-4000-8000-000000000000"), 400,
          "InvalidIdInRequest", "CredentialsV2Request: Credentials not found")


@case("C03")
def no_id(daemon):
    error(daemon.ask("web", "GET", V2), 400, "NoIdInRequest",
          "CredentialsV2Request: No Credential ID in the request")


@case("C04")
def credentials_pending():
    """An issuer that cannot issue, since its audit log is full, and a profile that it has issued
    nothing for yet."""
    with Daemon(settings(audit={"output": "/dev/full", "on_failure": "deny"})) as daemon:
        wait_until(lambda: not daemon.status()["audit"]["healthy"], what="the sink to fail")
        changed = settings(audit={"output": "/dev/full", "on_failure": "deny"},
                           bindings=[{"user": "self", "listener": "web", "profile": "late"}])
        changed["profiles"]["late"] = fixture.profile()
        equal(daemon.reload(changed)["ok"], True)
        own = credentials_id(daemon, "late")
        for target, version in ((V2 + own, "V2"), (f"/v1/credentials?id={own}", "V1")):
            error(daemon.ask("web", "GET", target), 503, "CredentialsUninitialized",
                  f"Credentials{version}Request: Credentials uninitialized for ID")
        # A known id, not any.
        equal(daemon.ask("web", "GET", V2 + "x").status, 400)


@case("C05")
def credentials_v1(daemon):
    own = credentials_id(daemon)
    found = credentials(daemon, f"/v1/credentials?id={own}")
    equal(list(found), KEYS)
    equal(found, credentials(daemon, V2 + own))


@case("C06")
def v1_without_id(daemon):
    error(daemon.ask("web", "GET", "/v1/credentials"), 400, "NoIdInRequest",
          "CredentialsV1Request: No Credential ID in the request")


@case("C07")
def any_method(daemon):
    for method in ("POST", "PUT", "DELETE"):
        answer = daemon.ask("web", method, V2 + credentials_id(daemon))
        equal(list(document(answer)), KEYS)
    with daemon.connect("web") as c:
        answer = c.exchange(build("HEAD", V2 + credentials_id(daemon)))
        equal((answer.status, answer.body), (200, b""))
        assert int(answer.get("Content-Length")) > 300


@case("C08")
def rate_limit():
    need_root()
    with Daemon(settings(bindings=[{"user": ["self", ALICE], "profile": "web"}])) as daemon:
        answers = []
        with daemon.connect("web") as c:
            for _ in range(200):
                answers.append(c.exchange(build("GET", "/v4/x", {"X-Forwarded-For": "192.0.2.9"})))
        limited = [a for a in answers if a.status == 429]
        assert limited, "nothing was limited"
        equal([a.status for a in answers[:60]], [404] * 60)
        one = limited[0]
        equal((one.get("Content-Type"), one.text),
              (TEXT, "You have reached maximum request limit."))
        equal((one.get("X-Rate-Limit-Limit"), one.get("X-Rate-Limit-Duration"),
               one.get("X-Rate-Limit-Request-Forwarded-For")), ("40.00", "1", "192.0.2.9"))
        assert re.fullmatch(r"127\.0\.0\.1:\d+", one.get("X-Rate-Limit-Request-Remote-Addr"))
        # Another user is served all the same.
        address = daemon.listeners["web"]
        equal(as_user(ALICE, lambda: ask(address, build("GET", "/v4/x")).status), 404)


@case("C09")
def path_cleaning(daemon):
    for raw, clean in (("//v2//x", "/v2/x"), ("/v4/./x/../y/", "/v4/y/"),
                       ("//v1/credentials?id=1", "/v1/credentials?id=1")):
        answer = daemon.ask("web", "GET", raw)
        equal((answer.status, answer.get("Location"), answer.body), (301, clean, b""), raw)


@case("C10")
def credentials_by_token(daemon):
    found = credentials(daemon, "/credentials", {"Authorization": Identifiers(daemon).token,
                                                 "Accept": JSON})
    equal(list(found), KEYS)


@case("C11")
def wrong_tokens(daemon):
    token = Identifiers(daemon).token
    for headers in ({}, {"Authorization": "x"}, {"Authorization": f"Bearer {token}"},
                    {"Authorization": token[:-1]}):
        answer = daemon.ask("web", "GET", "/credentials", headers)
        equal((answer.status, answer.get("Content-Type")), (403, "text/plain"))
        assert b"ASIA" not in answer.body and answer.text.count("\n") == 1
    answer = daemon.ask("web", "GET", "/credentials",
                        [("Authorization", token), ("Authorization", token)])
    equal(answer.status, 400)


@case("C15")
def container_metadata(daemon):
    found = document(daemon.ask("web", "GET", f"/v4/{Identifiers(daemon).endpoint}"))
    equal(list(found), ["DockerId", "Name", "DockerName", "Image", "ImageID", "Labels",
                        "DesiredStatus", "KnownStatus", "Limits", "CreatedAt", "StartedAt", "Type",
                        "ContainerARN", "Networks", "RestartCount"])
    equal((found["Name"], found["Image"], found["Type"]), ("front", "nginx:1", "NORMAL"))
    equal(found["Networks"][0]["IPv4Addresses"], ["10.0.1.17"])
    equal(found["Labels"]["com.amazonaws.ecs.task-definition-family"], "shop")
    assert re.fullmatch(r"[0-9a-f]{64}", found["DockerId"])


@case("C16")
def task_metadata(daemon):
    endpoint = Identifiers(daemon).endpoint
    found = document(daemon.ask("web", "GET", f"/v4/{endpoint}/task"))
    equal(list(found), ["Cluster", "TaskARN", "Family", "Revision", "DesiredStatus", "KnownStatus",
                        "PullStartedAt", "PullStoppedAt", "AvailabilityZone", "LaunchType",
                        "Containers", "VPCID", "ServiceName", "Group", "FaultInjectionEnabled",
                        "AvailabilityZoneID"])
    equal((found["Cluster"], found["Family"], found["Revision"]), ("prod", "shop", "7"))
    equal((found["ServiceName"], found["FaultInjectionEnabled"]), ("shop-front", False))
    assert found["TaskARN"].startswith(f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/prod/")
    one = document(daemon.ask("web", "GET", f"/v4/{endpoint}"))
    equal(found["Containers"], [one])
    tagged = document(daemon.ask("web", "GET", f"/v4/{endpoint}/taskWithTags"))
    equal((tagged["TaskTags"], tagged["ContainerInstanceTags"]), ({"team": "x"}, {"rack": "7"}))


@case("C17")
def task_metadata_v3(daemon):
    found = document(daemon.ask("web", "GET", f"/v3/{Identifiers(daemon).endpoint}/task"))
    equal(list(found), ["Cluster", "TaskARN", "Family", "Revision", "DesiredStatus", "KnownStatus",
                        "Containers", "PullStartedAt", "PullStoppedAt", "AvailabilityZone",
                        "LaunchType"])
    members = list(found["Containers"][0])
    assert members.index("Networks") < members.index("ContainerARN")
    assert "RestartCount" not in members


@case("C18", path="/v4/bad", status=404,
      text="V4 container metadata handler: unable to get container ID from request: unable to get "
           "docker ID from v3 endpoint ID: bad")
@case("C18-task", path="/v4/bad/task", status=404,
      text="V4 task metadata handler: unable to get task arn from request: unable to get task Arn "
           "from v3 endpoint ID: bad")
@case("C19", path="/v3/bad", status=500,
      text="V3 container metadata handler: unable to get container ID from request: unable to get "
           "docker ID from v3 endpoint ID: bad")
@case("C20", path="/v4/bad/associations/x", status=400,
      text="V4 container associations handler: unable to get container id from request: unable to "
           "get docker ID from v3 endpoint ID: bad")
def unknown_endpoint(daemon, path, status, text):
    answer = daemon.ask("web", "GET", path)
    equal((answer.status, answer.get("Content-Type"), answer.text),
          (status, JSON, json.dumps(text)))


@case("C21")
def associations_and_statistics(daemon):
    endpoint = Identifiers(daemon).endpoint
    equal(daemon.ask("web", "GET", f"/v4/{endpoint}/associations/x").text, '{"Associations":[]}')
    equal(daemon.ask("web", "GET", f"/v4/{endpoint}/associations/x/y").status, 400)
    # Without an engine nobody measures.
    answer = daemon.ask("web", "GET", f"/v4/{endpoint}/stats")
    equal(answer.status, 500)
    assert answer.text.startswith('"Unable to get container stats for: '), answer.text


@case("C22")
def unmatched_routes(daemon):
    for path in (f"/v4/{Identifiers(daemon).endpoint}/nope", "/", "/latest/meta-data/",
                 "/v1/credentials/"):
        answer = daemon.ask("web", "GET", path)
        equal((answer.status, answer.get("Content-Type"), answer.text,
               answer.get("X-Content-Type-Options"), answer.get("Server")),
              (404, TEXT, "404 page not found\n", "nosniff", None), path)


@case("go-400")
def what_cannot_be_parsed(daemon):
    answer = daemon.ask("web", "GET", "/%zz")
    equal((answer.status, answer.text), (400, "400 Bad Request"))


@case("refusals")
def host_and_browsers(daemon):
    own = V2 + credentials_id(daemon)
    for host in ("127.0.0.1", "localhost", "localhost:1339", "169.254.170.2"):
        equal(daemon.ask("web", "GET", own, host=host).status, 200, host)
    for host, headers in (("evil.example", {}), ("169.254.169.254", {}),
                          ("127.0.0.1", {"Origin": "http://evil.example"}),
                          ("127.0.0.1", {"Referer": "http://evil.example/"}),
                          ("127.0.0.1", {"Sec-Fetch-Mode": "no-cors"})):
        answer = daemon.ask("web", "GET", own, headers, host=host)
        equal((answer.status, answer.get("Content-Type"), answer.text.count("\n")),
              (403, "text/plain", 1), host)


@case("bound-too")
def an_id_alone_is_no_use():
    """Whoever has another's id and token gets nothing: bound to nothing, or bound to another."""
    need_root()
    with Daemon(two_users()) as daemon:
        tokens = {name: Identifiers(daemon, "--profile", name) for name in ("alice", "bob")}
        address = daemon.listeners["web"]

        def attempt(shown):
            found = []
            for target, headers in (("/credentials", {"Authorization": shown.token}),
                                    (f"/v4/{shown.endpoint}", {}),
                                    (f"/v3/{shown.endpoint}/task", {})):
                answer = ask(address, build("GET", target, headers))
                assert b"SecretAccessKey" not in answer.body or answer.status == 200
                role = json.loads(answer.body).get("RoleArn") if answer.status == 200 else None
                found.append((answer.status, role))
            return found
        equal(as_user(ALICE, lambda: attempt(tokens["alice"])),
              [(200, role_arn("alice-role")), (200, None), (200, None)])
        equal(as_user(BOB, lambda: attempt(tokens["alice"])), [(403, None), (404, None), (500, None)])
        equal(as_user(MALLORY, lambda: attempt(tokens["alice"])), [(403, None)] * 3)
        denied = daemon.status()["counters"]["denied"]
        equal((denied["bad_token"], denied["unknown_id"], denied["no_binding"]), (1, 2, 3))
        # Ids are in no record.
        assert tokens["alice"].endpoint not in daemon.audit_file.read_text()
        daemon.secrets.add(tokens["alice"].endpoint)
        # Who may not ask for others' is told nothing. The build tree may be closed to them.
        shutil.copy(BINARY, daemon.folder / "imdsd")
        daemon.folder.chmod(0o711)
        for words, status in ((("--profile", "alice"), 5), ((), 0)):
            code, out, _ = as_user(BOB, lambda: run_env(daemon, words))
            equal(code, status, words)
            assert tokens["alice"].token not in out
        equal(as_user(MALLORY, lambda: run_env(daemon, ()))[0], 5)


def run_env(daemon, words):
    import subprocess
    done = subprocess.run([str(daemon.folder / "imdsd"), "env", *words, "--socket",
                           str(daemon.socket_path)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@case("audit")
def hand_outs_are_on_record(daemon):
    found = credentials(daemon, V2 + credentials_id(daemon))
    lines = [line for line in daemon.audit() if line["eventName"] == "GetRoleCredentials"]
    equal(len([line for line in lines
               if line["responseElements"]["accessKeyId"] == found["AccessKeyId"]]), 1)
    equal(lines[0]["requestParameters"]["listener"], "web")
    equal(lines[0]["requestParameters"]["path"], V2 + "{id...}")
    assert "imdsVersion" not in lines[0]["requestParameters"]


@case("stable")
def ids_stay():
    """Over restarts, reloads and other bindings; not when the binding goes."""
    with Daemon(settings()) as daemon:
        before = variables(daemon)
        daemon.stop()
        daemon.start()
        names = ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "ECS_CONTAINER_METADATA_URI")

        def told(found):
            return found[names[0]], found[names[1]].rsplit("/", 1)[1]
        equal(told(variables(daemon)), told(before))
        changed = settings(compat={"access_key_id_alias": True}, bindings=[
            {"user": 61009, "profile": "web"}, {"user": "self", "listener": "web", "profile": "web"}])
        equal(daemon.reload(changed)["ok"], True)
        equal(told(variables(daemon)), told(before))
        with daemon.connect("web") as kept:
            request = build("GET", "/credentials", {"Authorization": before[names[0]]})
            found = json.loads(kept.exchange(request).body)
            daemon.secrets.update((found["SecretAccessKey"], found["Token"]))
            equal(list(found), KEYS + ["Code", "AccessKeyID"])
            equal((found["Code"], found["AccessKeyID"]), ("Success", found["AccessKeyId"]))
            # Another binding: another token, on open connections as well.
            equal(daemon.reload(settings(bindings=[{"user": "self", "profile": "web"}]))["ok"], True)
            equal(kept.exchange(request).status, 403)
        assert told(variables(daemon)) != told(before)


@case("alias")
def alias_in_the_metadata_document():
    made = settings(compat={"access_key_id_alias": True},
                    bindings=[{"user": "self", "profile": "web"}])
    made["listeners"].append({"name": "imds", "serve": "imds", "address": "127.0.0.1:0"})
    with Daemon(made) as daemon:
        found = daemon.credentials("imds")
        equal(list(found)[-1], "AccessKeyID")
        equal(found["AccessKeyID"], found["AccessKeyId"])


@case("denied-role")
def a_role_that_is_denied():
    made = settings()
    made["issuer"]["accounts"][ACCOUNT]["roles"][ROLE]["trust_policy"] = {
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole"}]}
    with Daemon(made) as daemon:
        answer = daemon.ask("web", "GET", "/credentials",
                            {"Authorization": Identifiers(daemon).token})
        equal((answer.status, answer.get("Content-Type")), (403, "text/plain"))
        assert answer.text.startswith("refused: the issuer denies the role: "), answer.text


@case("token-file")
def token_in_a_file(daemon):
    path = daemon.folder / "token"
    code, out, err = daemon.cli("env", "--token-file", str(path))
    equal(code, 0, err)
    token = Identifiers(daemon).token
    equal(path.read_text(), token)
    equal(stat.S_IMODE(path.stat().st_mode), 0o600)
    assert f"export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE='{path}'" in out and token not in out, out


@case("shell")
def output_for_a_shell(daemon):
    """What eval makes of it."""
    import subprocess
    code, out, _ = daemon.cli("env")
    equal(code, 0)
    done = subprocess.run(["sh", "-c", out + "\nenv"], capture_output=True, text=True, env={})
    got = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    for name, value in variables(daemon).items():
        equal(got[name], value)
    host, port = daemon.listeners["web"]
    equal(got["AWS_CONTAINER_CREDENTIALS_FULL_URI"], f"http://{host}:{port}/credentials")


@case("no-proxy")
def proxies_are_told_to_keep_out(daemon):
    daemon.environment["HTTP_PROXY"] = "http://proxy.example:3128"
    daemon.environment["NO_PROXY"] = "corp.example"
    try:
        equal(variables(daemon)["NO_PROXY"], "corp.example,127.0.0.1")
        daemon.environment["NO_PROXY"] = "127.0.0.1, corp.example"
        assert "NO_PROXY" not in variables(daemon)
    finally:
        del daemon.environment["HTTP_PROXY"], daemon.environment["NO_PROXY"]


@case("which")
def which_binding(daemon):
    code, _, err = daemon.cli("env", "--profile", "nope")
    equal(code, 1)
    assert "no binding uses the profile 'nope'" in err, err
    with Daemon(settings(bindings=[{"user": "self", "profile": "web"},
                                   {"user": ALICE, "profile": "web"}])) as other:
        code, _, err = other.cli("env", "--profile", "web")
        equal(code, 1)
        places = re.findall(r"\S+imdsd\.yaml:\d+", err)
        equal(len(places), 2, err)
        first = Identifiers(other, "--binding", places[0].rstrip(","))
        second = Identifiers(other, "--binding", places[1].rsplit("/", 1)[1])
        equal(first.token, Identifiers(other).token)
        assert first.token != second.token


def settings(**more):
    profile = fixture.profile({"tags": {"rack": "7"}}) | {
        "tags": {"team": "x"},
        "container": {"name": "front", "image": "nginx:1", "family": "shop", "revision": "7",
                      "cluster": "prod", "service": "shop-front"}}
    made = configuration({"web": profile}, listeners=[
        {"name": "web", "serve": "container", "address": "127.0.0.1:0"}],
        bindings=[{"user": "self", "listener": "web", "profile": "web"}]) | more
    made["issuer"]["accounts"][ACCOUNT]["roles"][ROLE]["trust_policy"] = TRUST
    return made


def two_users():
    return configuration(
        {name: fixture.profile(role=f"{name}-role") for name in ("alice", "bob")},
        listeners=[{"name": "web", "serve": "container", "address": "127.0.0.1:0"}],
        bindings=[{"user": ALICE, "profile": "alice"}, {"user": BOB, "profile": "bob"}])


if __name__ == "__main__":
    with Daemon(settings()) as running:
        suite.run(daemon=running)
