"""Programs that know nothing of session tokens. With IMDSv1 off they are refused, counted and
named; a user whose binding's profile allows it can run them."""

import json

import harness
import fetch
from harness import BUCKET, ROLE, S3, S3_ADDRESS, S3_URL, STS, USER, V1_IDENTITY, V1_ROLE, \
    V1_USER, client
from http_raw import wait_until
from s3_clients import s3fs_script
from suite import equal


def refused_without_token(host, *words, uid=USER, **more):
    done = host.attempt(*words, uid=uid, **more)
    counters = host.counters()
    assert counters["denied"].get("v1_disabled", 0) > 0, (done, counters)
    equal(host.handed_out(uid), set(), "keys without a token")
    # Whoever wants to know which program of which user that was finds it in the audit log.
    refusal = wait_until(lambda: next(
        (line for line in host.daemon.refusals() if line["userIdentity"].get("uid") == uid), None),
        what="the refusal in the audit log")
    assert "1" in refusal["errorMessage"], refusal
    return done


@client("ruby-v1")
def ruby_v1(host):
    tree = host.use(fetch.debian("ruby-aws-sdk", "ruby"))
    words = (tree / "usr/bin/ruby3.1", host.code / "programs/whoami_v1.rb", S3_ADDRESS)
    with S3(host) as s3:
        refused_without_token(host, *words)
        equal(s3.requests(), [])
        found = json.loads(host.run(*words, uid=V1_USER))
        equal(found["Buckets"], [BUCKET])
        equal(host.handed_out(V1_USER), {s3.check(V1_ROLE)})


@client("boto2")
def boto2(host):
    host.use(fetch.debian("python3-boto"))
    words = ("/usr/bin/python3", "-B", host.code / "programs/boto2.py", STS)
    done = refused_without_token(host, *words)
    assert V1_IDENTITY not in done.stdout and "ASIA" not in done.stdout, done
    found = json.loads(host.run(*words, uid=V1_USER))
    equal(found["Arn"], V1_IDENTITY)
    equal(host.handed_out(V1_USER), {found["AccessKeyId"]})


@client("s3backer")
def s3backer(host):
    host.use(fetch.debian("s3backer"))

    def words(role):
        return ("s3backer", f"--accessEC2IAM={role}", f"--baseURL={S3_URL}/",
                "--size=1M", "--blockSize=4k", "--erase", "--force", BUCKET)
    with S3(host) as s3:
        refused_without_token(host, *words(ROLE))
        equal([request for request in s3.requests() if not request["fault"]], [])
        host.run(*words(V1_ROLE), uid=V1_USER)
        equal(host.handed_out(V1_USER), {s3.check(V1_ROLE)})


@client("s3fs-auto", more_bindings=[{"user": 0, "profile": ROLE}])
def s3fs_auto(host):
    host.use(fetch.debian("s3fs"))
    with S3(host) as s3:
        refused_without_token(host, "sh", "-c", s3fs_script(host, "iam_role=auto"), uid=0)
        equal(s3.requests(), [])


@client("s3fs-auto-v1", more_bindings=[{"user": 0, "profile": V1_ROLE}])
def s3fs_auto_with_v1(host):
    host.use(fetch.debian("s3fs"))
    with S3(host) as s3:
        done = host.attempt("sh", "-c", s3fs_script(host, "iam_role=auto"), uid=0)
        equal((done.returncode, done.stdout), (0, "written through the mount\n"), done.stderr)
        equal(host.handed_out(0), {s3.check(V1_ROLE)})


if __name__ == "__main__":
    harness.main()
