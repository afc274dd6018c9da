"""Programs on botocore: each finds the role by its default chain."""

import json
import subprocess

import harness
import fetch
from harness import BUCKET, IDENTITY, REGION, S3, S3_URL, STS, client, need
from suite import Skip, equal

PYTHON = "/usr/bin/python3"


@client("awscli", proves="E01 E06")
def awscli(host):
    need("/usr/bin/aws")
    host.version = harness.installed_version("awscli")
    words = ("/usr/bin/aws", "--endpoint-url", STS, "--region", "us-east-1", "--output", "json",
             "sts", "get-caller-identity")
    equal(json.loads(host.run(*words))["Arn"], IDENTITY)
    listed = host.run("/usr/bin/aws", "configure", "list")
    assert "iam-role" in listed, listed
    host.check()
    # By IPv6, and at an endpoint of one's own.
    equal(json.loads(host.run(*words, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE="IPv6"))["Arn"],
          IDENTITY)
    equal(json.loads(host.run(*words, AWS_EC2_METADATA_SERVICE_ENDPOINT="http://127.0.0.1:1338/"))
          ["Arn"], IDENTITY)
    with S3(host) as s3:
        (host.home() / "file").write_text("content of the file")
        aws = ("/usr/bin/aws", "--endpoint-url", S3_URL, "--region", REGION)
        host.run(*aws, "s3", "cp", "file", f"s3://{BUCKET}/a folder/file+1")
        assert "file+1" in host.run(*aws, "s3", "ls", f"s3://{BUCKET}/a folder/")
        equal(host.run(*aws, "s3", "cp", f"s3://{BUCKET}/a folder/file+1", "-"),
              "content of the file")
        # A presigned request is verified like any other.
        url = host.run(*aws, "s3", "presign", f"s3://{BUCKET}/a folder/file+1").strip()
        equal(host.run("curl", "-sS", "--fail", url), "content of the file")
        s3.check()
        wrong = host.attempt("curl", "-sS", url.replace("Expires=3600", "Expires=3601"))
        assert "SignatureDoesNotMatch" in wrong.stdout, wrong
    host.check()
    # A user without a binding: no credentials (exit code 253), and soon.
    done = host.refused(*words)
    equal((done.returncode, done.stdout), (253, ""))


def boto3_program(host):
    program = host.code / "programs/boto3_program.py"

    def ask(**environment):
        return json.loads(host.run(PYTHON, "-B", program, STS, **environment))
    found = ask()
    equal((found["Arn"], found["Method"], found["Region"]), (IDENTITY, "iam-role", REGION))
    host.version = f"boto3 {found['Version']}"
    host.check(found["AccessKeyId"])
    for endpoint in ("http://127.0.0.1:1338/", "http://127.0.0.1:1338"):
        equal(ask(AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint)["Arn"], IDENTITY, endpoint)
    before = host.counters()["requests"]
    equal(ask(AWS_EC2_METADATA_DISABLED="true")["Arn"], None)
    equal(host.counters()["requests"], before)
    equal(json.loads(host.refused(PYTHON, "-B", program, STS).stdout)["Arn"], None)


@client("boto3", proves="E02 E03 E04")
def boto3(host):
    if subprocess.run([PYTHON, "-c", "import boto3"], capture_output=True).returncode:
        raise Skip("python3-boto3 is not installed")
    boto3_program(host)


@client("boto3-current", proves="E02 E03 E04")
def boto3_current(host):
    # What the package index has today, on purpose: its users do not wait for a distribution.
    tree = fetch.pip("boto3")
    host.variables["PYTHONPATH"] = str(host.use(tree))
    boto3_program(host)
    equal(host.version, tree.version)


@client("s4cmd")
def s4cmd(host):
    tree = host.use(fetch.debian("s4cmd"))
    words = (PYTHON, "-B", tree / "usr/bin/s4cmd", f"--endpoint-url={S3_URL}")
    with S3(host) as s3:
        (host.home() / "file").write_text("content")
        host.run(*words, "put", "file", f"s3://{BUCKET}/file")
        assert f"s3://{BUCKET}/file" in host.run(*words, "ls", f"s3://{BUCKET}/")
        host.check(s3.check())
        served = len(s3.requests())
        host.refused(*words, "ls")
        equal(len(s3.requests()), served, "requests of a stranger")


@client("duplicity")
def duplicity(host):
    need("gpg")
    tree = host.use(fetch.debian("duplicity"))
    duplicity = (PYTHON, "-B", tree / "usr/bin/duplicity")
    where = ("--no-encryption", f"--s3-endpoint-url={S3_URL}")
    data = host.home() / "data"
    data.mkdir()
    (data / "file").write_text("to be kept")
    data.chmod(0o755)
    with S3(host) as s3:
        url = f"boto3+s3://{BUCKET}/backup"
        host.run(*duplicity, "full", *where, data, url)
        host.run(*duplicity, "restore", *where, url, "restored")
        equal((host.home() / "restored/file").read_text(), "to be kept")
        host.check(s3.check())


@client("barman")
def barman(host):
    tree = host.use(fetch.debian("barman-cli-cloud"))
    words = (PYTHON, "-B", tree / "usr/bin/barman-cloud-backup-list", f"--endpoint-url={S3_URL}",
             f"s3://{BUCKET}/backups", "main")
    with S3(host) as s3:
        assert "Backup ID" in host.run(*words)
        host.check(s3.check())
        served = len(s3.requests())
        host.refused(*words)
        equal(len(s3.requests()), served, "requests of a stranger")


@client("ansible")
def ansible(host):
    tree = host.use(fetch.debian("ansible"))

    def words(module, arguments):
        return (PYTHON, "-B", tree / "usr/bin/ansible", "localhost", "--one-line", "-e",
                f"ansible_python_interpreter={PYTHON}", "-m", f"amazon.aws.{module}", "-a",
                f"region={REGION} {arguments}")
    who = words("aws_caller_info", f"endpoint_url={STS}")
    assert f'"{IDENTITY}"' in host.run(*who)
    (host.home() / "file").write_text("content")
    with S3(host) as s3:
        bucket = f"endpoint_url={S3_URL} bucket={BUCKET}"
        host.run(PYTHON, "-B", host.code / "programs/put_object.py", S3_URL, BUCKET, "folder/file",
                 host.home() / "file")
        assert '"folder/file"' in host.run(*words("s3_object", f"{bucket} mode=list"))
        # Objects' tags, which it wants when it uploads, are not among what the stand-in keeps.
        host.run(*words("s3_object", f"{bucket} mode=get object=folder/file dest=copy"))
        equal((host.home() / "copy").read_text(), "content")
        host.check(s3.check())
    host.refused(*who)


if __name__ == "__main__":
    harness.main()
