"""The SDKs for Go, and servers that are built on them."""

import hashlib
import json
import subprocess

import harness
import fetch
from harness import ACCOUNT, BUCKET, IDENTITY, REGION, S3, S3_URL, STS, client
from http_raw import wait_until
from suite import equal


def whoami(host, module):
    program = host.use(fetch.go(module)) / "program"
    found = json.loads(host.run(program, STS))
    equal((found["Arn"], found["Region"], found["Provider"]), (IDENTITY, REGION, "EC2RoleProvider"))
    host.check(found["AccessKeyId"])
    done = host.refused(program, STS)
    assert done.returncode != 0, done


@client("go-v1")
def go_v1(host):
    whoami(host, "go_v1")


@client("go-v2")
def go_v2(host):
    whoami(host, "go_v2")


@client("ecr-credential-helper")
def ecr_credential_helper(host):
    # It signs a request to ECR, whose name leads nowhere here: the credentials are all there is to see.
    host.use(fetch.debian("amazon-ecr-credential-helper"))
    registry = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com\n"
    words = ("docker-credential-ecr-login", "get")
    done = host.attempt(*words, stdin=registry)
    log = (host.home() / ".ecr/log/ecr-login.log").read_text()
    assert f"api.ecr.{REGION}.amazonaws.com" in log, (done, log)
    host.check()
    host.refused(*words, stdin=registry)


class Server:
    """A program that runs until the block ends."""

    def __init__(self, host, *words, **environment):
        self.log = host.daemon.folder / "server.log"
        self.process = subprocess.Popen(
            host.inside(*words), stdin=subprocess.DEVNULL, stdout=self.log.open("w"),
            stderr=subprocess.STDOUT, env=host.environment(environment), cwd=host.home())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print("--- the server said:\n" + self.log.read_text()[-4000:])
        self.process.kill()
        self.process.wait()


@client("prometheus")
def prometheus(host):
    # No region: it asks the metadata for it.
    host.use(fetch.debian("prometheus"))
    (host.home() / "prometheus.yml").write_text(json.dumps({"scrape_configs": [{
        "job_name": "ec2",
        "ec2_sd_configs": [{"endpoint": S3_URL, "port": 9100, "refresh_interval": "2s"}]}]}))

    def targets():
        done = host.attempt("curl", "-sS", "http://127.0.0.1:9090/api/v1/targets")
        return "10.0.0.42:9100" in done.stdout
    with S3(host) as ec2, Server(host, "prometheus", "--config.file=prometheus.yml",
                                 "--storage.tsdb.path=tsdb",
                                 "--web.listen-address=127.0.0.1:9090"):
        wait_until(targets, 30, "the instance among the targets")
        host.check(ec2.check())
        equal({request["service"] for request in ec2.requests()}, {"ec2"})


@client("packer")
def packer(host):
    # It finds no image to start from; that answer was for a signed request.
    host.use(fetch.debian("packer"))
    settings = host.daemon.folder / "build.json"
    settings.write_text(json.dumps({"builders": [{
        "type": "amazon-ebs", "region": REGION, "custom_endpoint_ec2": S3_URL,
        "skip_region_validation": True, "instance_type": "m5.large", "ssh_username": "admin",
        "ami_name": "an-image",
        "source_ami_filter": {"filters": {"name": "debian-12"}, "owners": ["self"]}}]}))
    settings.chmod(0o644)
    words = ("packer", "build", settings)
    with S3(host) as ec2:
        done = host.attempt(*words, CHECKPOINT_DISABLE="1")
        assert "No AMI was found matching filters" in done.stdout, done
        host.check(ec2.check())
        equal({request["service"] for request in ec2.requests()}, {"ec2"})
        served = len(ec2.requests())
        host.refused(*words, CHECKPOINT_DISABLE="1")
        equal(len(ec2.requests()), served, "requests of a stranger")


@client("docker-registry")
def docker_registry(host):
    host.use(fetch.debian("docker-registry"))
    (host.home() / "registry.yml").write_text(json.dumps({
        "version": 0.1, "http": {"addr": "127.0.0.1:5000"},
        "storage": {"s3": {"region": REGION, "regionendpoint": S3_URL, "bucket": BUCKET,
                           "secure": False}}}))
    base = "http://127.0.0.1:5000/v2/"
    curl = ("curl", "-sS", "--fail", "--max-time", "20")

    def answers():
        return host.attempt(*curl, base).returncode == 0
    with S3(host) as s3, Server(host, "docker-registry", "serve", "registry.yml"):
        wait_until(answers, 20, "the registry")
        layer = "the content of a layer"
        digest = "sha256:" + hashlib.sha256(layer.encode()).hexdigest()
        begun = host.run(*curl, "-i", "-X", "POST", f"{base}image/blobs/uploads/")
        (where,) = [line.split(" ", 1)[1] for line in begun.splitlines()
                    if line.lower().startswith("location:")]
        host.run(*curl, "-X", "PUT", "-H", "Content-Type: application/octet-stream",
                 "--data-binary", layer, f"{where.strip()}&digest={digest}")
        # The answer is a presigned address of the stand-in, which verifies it.
        equal(host.run(*curl, "-L", f"{base}image/blobs/{digest}"), layer)
        host.check(s3.check())
        assert any("X-Amz-Signature=" in request["target"] for request in s3.requests())


if __name__ == "__main__":
    harness.main()
