"""Programs that are told of the container credentials endpoint by their environment, on a machine
that has instance metadata as well: the role that they get tells which of the two they asked."""

import json
import os

import harness
import fetch
from harness import ACCOUNT, CONTAINERS, INSTANCE, S3, S3_ADDRESS, STS, USER, client, need
from daemon import role_arn
from javascript_clients import use as use_javascript
from python_clients import PYTHON
from s3_clients import s3fs_script
from suite import equal

TASK = "task"
TASK_IDENTITY = f"arn:aws:sts::{ACCOUNT}:assumed-role/{TASK}/{INSTANCE}"
LISTENERS = ["containers", "containers-loopback"]
ENDPOINT = {
    "more_listeners": [
        {"name": "containers", "serve": "container", "address": f"{CONTAINERS}:80",
         "interface": "lo"},
        {"name": "containers-loopback", "serve": "container", "address": "127.0.0.1:1339"}],
    "more_bindings": [{"user": USER, "listener": LISTENERS, "profile": TASK},
                      {"user": 0, "listener": LISTENERS, "profile": "root-task"}],
    "profiles": {name: {"role": role_arn(name), "source": "local", "instance": {"id": INSTANCE}}
                 for name in (TASK, "root-task")}}
RELATIVE, FULL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
TOKEN, TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"


def variables(host, profile=TASK):
    """As `imdsd env` prints them: ({RELATIVE}, {FULL, TOKEN})."""
    code, out, err = host.daemon.cli("env", "-o", "json", "--profile", profile)
    equal(code, 0, err)
    found = json.loads(out)["variables"]
    host.daemon.secrets.add(found[TOKEN])
    return {RELATIVE: found[RELATIVE]}, {FULL: found[FULL], TOKEN: found[TOKEN]}


def task_keys(host):
    """Access key ids of the task's role that somebody got. Some programs go on to the instance's
    metadata, and its role, when the endpoint refuses them."""
    return [(line["userIdentity"]["uid"], line["responseElements"]["accessKeyId"])
            for line in host.daemon.hand_outs() if role_arn(TASK) in json.dumps(line)]


def finds_the_task(host, arn, *words):
    """In both ways. A wrong token, and a stranger with the right one, get nothing."""
    relative, full = variables(host)
    for environment in (relative, full):
        equal(arn(host.run(*words, **environment)), TASK_IDENTITY, str(list(environment)))
    handed_out = task_keys(host)
    assert handed_out
    done = host.attempt(*words, **full | {TOKEN: "0" * len(full[TOKEN])})
    assert TASK_IDENTITY not in done.stdout, done
    done = host.attempt(*words, uid=harness.STRANGER, **full)
    assert TASK_IDENTITY not in done.stdout, done
    equal(task_keys(host), handed_out)
    equal(host.handed_out(harness.STRANGER), set())


def member(name):
    return lambda out: json.loads(out)[name]


@client("awscli-in-container", **ENDPOINT)
def awscli(host):
    need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    finds_the_task(host, member("Arn"), "/usr/bin/aws", "--endpoint-url", STS, "--region",
                   "us-east-1", "--output", "json", "sts", "get-caller-identity")


@client("boto3-in-container", **ENDPOINT)
def boto3(host):
    tree = fetch.pip("boto3")
    host.variables["PYTHONPATH"] = str(host.use(tree))
    words = (PYTHON, "-B", host.code / "programs/boto3_program.py", STS)
    finds_the_task(host, member("Arn"), *words)
    # Both variables: the relative one wins, the other address is not even there.
    relative, full = variables(host)
    equal(member("Arn")(host.run(*words, **relative | {FULL: "http://127.0.0.1:9/"})),
          TASK_IDENTITY)
    # Hosts that are nobody's business are not asked.
    before = host.counters()["requests"]
    done = host.attempt(*words, **{FULL: "http://example.com/"})
    assert done.returncode != 0 and "example.com" in done.stderr, done
    equal(host.counters()["requests"], before)
    # The token's file is read again for each request.
    file = host.home() / "token"
    file.write_text(full[TOKEN])
    os.chown(file, USER, USER)
    out = host.run(PYTHON, "-B", host.code / "programs/token_file.py", file,
                   **{FULL: full[FULL], TOKEN_FILE: file})
    first, second = json.loads(out)
    equal((first["ok"], second["ok"]), (True, False), out)
    file.write_text(full[TOKEN])
    equal(member("Arn")(host.run(*words, **{FULL: full[FULL], TOKEN_FILE: file})), TASK_IDENTITY)


@client("go-v1-in-container", **ENDPOINT)
def go_v1(host):
    finds_the_task(host, member("Arn"), host.use(fetch.go("go_v1")) / "program", STS)


@client("go-v2-in-container", **ENDPOINT)
def go_v2(host):
    finds_the_task(host, member("Arn"), host.use(fetch.go("go_v2")) / "program", STS)


@client("javascript-v3-in-container", **ENDPOINT)
def javascript_v3(host):
    use_javascript(host, "@aws-sdk/client-sts@3.726.1", "@aws-sdk/credential-providers@3.726.1")
    finds_the_task(host, member("DefaultChainArn"), "node",
                   host.code / "programs/whoami_v3.js", STS)


@client("javascript-v2-in-container", **ENDPOINT)
def javascript_v2(host):
    use_javascript(host, "aws-sdk@2.1693.0")
    finds_the_task(host, member("Arn"), "node", host.code / "programs/whoami_v2.js", STS)


@client("restic-in-container", **ENDPOINT)
def restic(host):
    host.use(fetch.debian("restic"))
    words = ("restic", "--no-cache", "-r", f"s3:http://{S3_ADDRESS}/{harness.BUCKET}")
    with S3(host) as s3:
        for environment, verb in zip(variables(host), ("init", "snapshots")):
            host.run(*words, verb, RESTIC_PASSWORD="x", **environment)
        s3.check(TASK)


@client("ruby-in-container", **ENDPOINT)
def ruby(host):
    # It knows no FULL_URI.
    tree = host.use(fetch.debian("ruby-aws-sdk-s3", "ruby"))
    relative, _ = variables(host)
    out = host.run(tree / "usr/bin/ruby3.1", host.code / "programs/whoami.rb", STS, **relative)
    equal(json.loads(out)["Arn"], TASK_IDENTITY)


@client("s3fs-in-container", **ENDPOINT)
def s3fs(host):
    # It asks for RoleArn in the document.
    host.use(fetch.debian("s3fs"))
    relative, _ = variables(host, "root-task")
    with S3(host) as s3:
        done = host.attempt("sh", "-c", s3fs_script(host, "ecs"), uid=0, **relative)
        equal((done.returncode, done.stdout), (0, "written through the mount\n"), done.stderr)
        s3.check("root-task")


if __name__ == "__main__":
    harness.main()
