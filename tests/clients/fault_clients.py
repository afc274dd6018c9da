"""What programs do when the metadata service misbehaves: each meets the faults of a profile, one
after the other, and an old host. What it asks is read off the wire.

Where a program does not do as the table of the specification has it, the difference is said here."""

import json

import harness
import fetch
from harness import BUCKET, IDENTITY, REGION, ROLE, S3, S3_ADDRESS, S3_URL, STS, client, need
from daemon import TTL
from ec2_clients import CURL, WEB
from http_raw import wait_until
from javascript_clients import use as use_javascript
from namespaces import BASE
from python_clients import PYTHON
from suite import equal
from watch import Watch

PUT = {"path": "/latest/api/token", "method": "PUT"}
# What came of a run: its requests for credentials carried a token, or none; or it found nothing.
WITH, WITHOUT, NOTHING = "credentials by token", "credentials without a token", "no credentials"
# What hosts before Nitro are known for, all at once.
OLD_HOST = {"slashless_directories": "redirect", "connection": "close", "expect": "ec2"}


def misbehave(host, *faults, tokens="optional", **more):
    """The faults that the user's profile has from now on, and no others."""
    spoilt = harness.profile(ROLE, http_tokens=tokens) | more
    if faults:
        spoilt["faults"] = list(faults)
    said = host.daemon.reload(harness.settings(profiles={ROLE: spoilt}))
    assert said["ok"], said
    wait_for_credentials(host)


def wait_for_credentials(host):
    def has_them():
        (about,) = [one for one in host.daemon.status()["profiles"] if one["name"] == ROLE]
        return "expires_at" in about
    wait_until(has_them, 30, "the role's credentials")


class Run:
    def __init__(self, done, requests, outcome):
        self.done, self.requests, self.outcome = done, requests, outcome
        self.puts = [request for request in requests if request.method == "PUT"]

    def asked(self, path):
        return [request for request in self.requests if request.path == path]


class Program:
    """Words that succeed if and only if credentials are found. `proven(output)` is asked as well."""

    def __init__(self, host, *words, proven=lambda output: True, **environment):
        self.host, self.words, self.environment = host, words, environment
        self.proven = proven

    def run(self):
        with Watch(self.host) as watch:
            done = self.host.attempt(*self.words, timeout=120, **self.environment)
        asked = [request for request in watch.requests
                 if request.method == "GET" and request.path.startswith(BASE.rstrip("/"))]
        if done.returncode != 0:
            outcome = NOTHING
        else:
            assert self.proven(done.stdout), done
            tokens = {request.with_token for request in asked}
            assert len(tokens) == 1, asked
            outcome = WITH if tokens.pop() else WITHOUT
        return Run(done, watch.requests, outcome)

    def meets(self, *faults, expected, **more):
        misbehave(self.host, *faults, **more)
        run = self.run()
        equal(run.outcome, expected, f"{faults}: {run.requests}\n{run.done.stderr[-2000:]}")
        assert run.puts, run.requests
        return run

    def meets_all(self, refused=WITHOUT, unanswered=WITHOUT, reset=WITHOUT, reset_once=WITH,
                  without_ttl=WITH, newline=WITH):
        for status in (403, 404, 405):
            self.meets({"fault": "status", "status": status, **PUT}, expected=refused)
        self.meets({"fault": "drop", **PUT}, expected=unanswered)
        self.meets({"fault": "reset", **PUT}, expected=reset)
        self.meets({"fault": "reset", "count": 1, **PUT}, expected=reset_once)
        self.meets({"fault": "no_ttl_header", **PUT}, expected=without_ttl)
        if without_ttl == WITHOUT:
            # It throws such a token away. Where one is required, it is left with nothing.
            self.meets({"fault": "no_ttl_header", **PUT}, tokens="required", expected=NOTHING)
        self.meets({"fault": "extra_newline", "path": BASE}, expected=newline)
        near_end = self.meets_near_end()
        self.meets_old_host()
        return near_end

    def meets_near_end(self):
        """Credentials for ten minutes more are used all the same. And nobody asks for the extended
        path, which would be refused."""
        run = self.meets({"fault": "expiring_document", "age": "10m", "path": f"{BASE}?*"},
                         {"fault": "status", "status": 403, "path": "/latest/meta-data/iam/"
                          "security-credentials-extended/**"}, expected=WITH)
        equal([request for request in run.requests if "extended" in request.path], [])
        return run

    def meets_old_host(self):
        # Not every switch can be changed while the daemon runs.
        self.host.daemon.stop()
        self.host.daemon.write(harness.settings(compat=OLD_HOST))
        self.host.daemon.start()
        wait_for_credentials(self.host)
        run = self.run()
        equal(run.outcome, WITH, f"an old host: {run.requests}\n{run.done.stderr[-2000:]}")


def says_who(host):
    """Of programs that print the identity which STS told them."""
    def proven(output):
        found = json.loads(output)
        assert found.get("AccessKeyId") in (None, *host.handed_out()), output
        return found["Arn"] == IDENTITY
    return proven


# -- botocore --------------------------------------------------------------------------------------


def botocore(host, *words):
    # One attempt; and the newline does it no harm: Python's parser of URLs drops it.
    return Program(host, *words, proven=says_who(host)).meets_all(reset_once=WITHOUT)


def boto3_program(host):
    host.version = "boto3 " + host.run(PYTHON, "-c", "import boto3; print(boto3.__version__)").strip()
    near_end = botocore(host, PYTHON, "-B", host.code / "programs/boto3_program.py", STS, "INFO")
    assert "Attempting credential expiration extension" in near_end.done.stderr, near_end.done
    equal(len(near_end.asked(BASE + ROLE)), 1, "the extended credentials are kept")


@client("boto3-faults", proves="F03 F05 F07 F08 F09 F10")
def boto3(host):
    need("/usr/lib/python3/dist-packages/boto3")
    boto3_program(host)


@client("boto3-current-faults", proves="F03 F05 F07 F08 F09 F10")
def boto3_current(host):
    host.variables["PYTHONPATH"] = str(host.use(fetch.pip("boto3")))
    boto3_program(host)


@client("awscli-faults", proves="F03 F05 F07 F08 F09 F10")
def awscli(host):
    need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    botocore(host, "/usr/bin/aws", "--endpoint-url", STS, "--region", "us-east-1", "--output", "json",
             "sts", "get-caller-identity")


# -- the other SDKs --------------------------------------------------------------------------------


@client("go-v1-faults", proves="F03 F05 F07 F08 F09 F10")
def go_v1(host):
    program = host.use(fetch.go("go_v1")) / "program"
    Program(host, program, STS, proven=says_who(host)).meets_all(without_ttl=WITHOUT)


@client("go-v2-faults", proves="F03 F05 F07 F08 F09 F10")
def go_v2(host):
    program = host.use(fetch.go("go_v2")) / "program"
    Program(host, program, STS, proven=says_who(host)).meets_all(without_ttl=WITHOUT)


@client("javascript-v3-faults", proves="F03 F05 F07 F08 F09 F10")
def javascript_v3(host):
    use_javascript(host, "@aws-sdk/client-sts@3.726.1", "@aws-sdk/credential-providers@3.726.1")
    Program(host, "node", host.code / "programs/whoami_v3.js", STS, "default-chain",
            proven=says_who(host)).meets_all(reset_once=WITHOUT)


@client("javascript-v2-faults", proves="F03 F05 F07 F08 F09 F10")
def javascript_v2(host):
    use_javascript(host, "aws-sdk@2.1693.0")
    Program(host, "node", host.code / "programs/whoami_v2.js", STS,
            proven=says_who(host)).meets_all()


@client("ruby-faults", proves="F03 F05 F07 F08 F09 F10")
def ruby(host):
    tree = host.use(fetch.debian("ruby-aws-sdk-s3", "ruby"))
    # A connection that is reset again and again ends its search.
    Program(host, tree / "usr/bin/ruby3.1", host.code / "programs/whoami.rb", STS,
            proven=says_who(host)).meets_all(reset=NOTHING, without_ttl=WITHOUT)


@client("java-v2-faults", proves="F03 F05 F07 F08 F09 F10")
def java_v2(host):
    need("javac")
    tree = host.use(fetch.maven("java_v2"))
    Program(host, "java", "-XX:TieredStopAtLevel=1", "-cp", f"{tree}/lib/*:{tree}/classes",
            "Whoami", STS, proven=says_who(host)).meets_all()


@client("rust-faults", proves="F05 F07 F08 F09")
def rust(host):
    harness.need_slow()
    program = Program(host, host.use(fetch.cargo("rust")) / "program", STS, proven=says_who(host))
    # It knows no way without tokens.
    program.meets_all(refused=NOTHING, unanswered=NOTHING, reset=NOTHING, reset_once=NOTHING,
                      without_ttl=NOTHING, newline=NOTHING)


@client("cpp-faults", proves="F03 F05 F07 F08 F09 F10")
def cpp(host):
    # The SDK for C++ as Apache Arrow has it. It lists the roles without a slash.
    tree = fetch.pip("pyarrow")
    host.variables["PYTHONPATH"] = str(host.use(tree))
    with S3(host) as s3:
        program = Program(host, PYTHON, "-B", host.code / "programs/arrow.py", S3_ADDRESS, BUCKET,
                          REGION)
        program.meets_all()
        s3.check()


@client("crt-faults", proves="F03 F05 F07 F08 F09 F10")
def crt(host):
    # The common runtime of the SDKs; its aws-c-auth takes the newline for a part of the name.
    host.variables["PYTHONPATH"] = str(host.use(fetch.pip("awscrt")))
    Program(host, PYTHON, "-B", host.code / "programs/crt.py",
            proven=lambda output: json.loads(output)["AccessKeyId"] in host.handed_out()
            ).meets_all(newline=NOTHING)


@client("minio-go-faults", proves="F07 F08 F09 F10")
def minio_go(host):
    # restic has it. Without a token it asks for nothing more, and goes unsigned.
    host.use(fetch.debian("restic"))
    words = ("restic", "--no-cache", "-r", f"s3:{S3_URL}/{BUCKET}")
    with S3(host):
        host.run(*words, "init", RESTIC_PASSWORD="x")
        Program(host, *words, "snapshots", RESTIC_PASSWORD="x").meets_all(
            refused=NOTHING, unanswered=NOTHING, reset=NOTHING)


# -- 503 -------------------------------------------------------------------------------------------

UNAVAILABLE_ONCE = {"fault": "unavailable", "retry_after": "2s", "count": 1, **PUT}


def crawl(host):
    """(what cloud-init found, its requests, its log)"""
    with Watch(host) as watch:
        done = host.attempt(PYTHON, "-B", host.code / "programs/cloud_init_crawl.py", "DEBUG",
                            timeout=120)
    equal(done.returncode, 0, done.stderr[-2000:])
    return json.loads(done.stdout)["crawled"], watch.requests, done.stderr


def without_ipv6(host):
    """A machine that is slow for a moment would be asked over IPv6 as well."""
    host.world.ip("host", "address", "delete", f"{harness.LINK_LOCAL_6}/128", "dev", "lo")


@client("cloud-init-unavailable")
def cloud_init_unavailable(host):
    # That of Debian 12 does not know the field, and gives up.
    host.use(fetch.debian("cloud-init"))
    without_ipv6(host)
    misbehave(host, UNAVAILABLE_ONCE, tokens="required")
    found, requests, log = crawl(host)
    equal((found, [request.method for request in requests]), ({}, ["PUT"]))
    assert "Fatal error while requesting Ec2 IMDSv2 API tokens" in log, log


@client("cloud-init-retry-after", proves="F02")
def cloud_init_retry_after(host):
    # The libraries that it needs are those that its older version needs.
    host.use(fetch.debian("cloud-init"))
    host.use(fetch.debian_of("trixie", "cloud-init"))
    without_ipv6(host)
    misbehave(host, UNAVAILABLE_ONCE, tokens="required")
    found, requests, log = crawl(host)
    equal([request.method for request in requests[:3]], ["PUT", "PUT", "GET"])
    # By its own clock.
    refused, again = (int(line.split()[0]) for line in log.splitlines()
                      if '"PUT /latest/api/token' in line)
    assert again - refused >= 2000, log
    equal(found["meta-data"]["instance-id"], harness.INSTANCE)
    # Told that it is forbidden, it does not come again; nor go on without a token.
    misbehave(host, {"fault": "status", "status": 403, **PUT})
    found, requests, _ = crawl(host)
    equal((found, [request.method for request in requests]), ({}, ["PUT"]))


@client("curl-retries", proves="F01 F02")
def curl_retries(host):
    # As in scripts: for as long as it is told to wait, and then again.
    need("curl")
    host.version = host.run("curl", "--version").split(" (")[0]
    misbehave(host, UNAVAILABLE_ONCE)
    with Watch(host) as watch:
        done = host.attempt("curl", "--fail", "--retry", "3", "-X", "PUT", "-H", f"{TTL}: 60",
                            f"{WEB}/latest/api/token")
    equal((done.returncode, len(watch.requests)), (0, 2), done.stderr)
    assert "Will retry in 2 seconds" in done.stderr, done.stderr
    # One that comes too often gets its answers, too, though not all at the first time.
    misbehave(host, throttle={"requests_per_second": 2, "burst": 2})
    where = f"{WEB}/latest/meta-data/instance-id"
    with Watch(host) as watch:
        done = host.attempt(*CURL, "--retry", "10", "--retry-delay", "1", *6 * (where,))
    equal((done.returncode, done.stdout), (0, 6 * harness.INSTANCE), done.stderr)
    assert "503" in done.stderr and len(watch.requests) > 6, (done.stderr, watch.requests)


if __name__ == "__main__":
    harness.main()
