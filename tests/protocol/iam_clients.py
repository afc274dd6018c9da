"""A running issuer with an administrator, and the AWS clients that talk to it: boto3, each answer held against
botocore's model of the service, and Debian's aws."""

import json
import os
import subprocess

import fixture  # noqa: F401 - finds tests/support

from aws_model import held_against_the_model
from daemon import ACCOUNT, BINARY, Daemon
from suite import Skip

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    boto3 = None

AWS = "/usr/bin/aws"
STS_LISTENER = {"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}


def issuer(accounts=None, **more):
    """A configuration of an issuer and nothing else."""
    own = {"account": ACCOUNT, "region": "us-east-1"} | ({"accounts": accounts} if accounts else {})
    return {"apiVersion": "imdsd/v1", "listeners": [STS_LISTENER], "issuer": own | more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource} | more


def trusting(*principals, actions=("sts:AssumeRole",), **more):
    return document({"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": list(actions)} | more)


# -- clients ---------------------------------------------------------------------------------------


class Clients:
    """boto3 and aws with one set of credentials; nothing of the machine's own configuration."""

    def __init__(self, estate, key_id, secret, token=None):
        self.estate = estate
        self.key_id, self.secret, self.token = key_id, secret, token
        estate.daemon.secrets |= {secret} | ({token} if token else set())
        session = boto3.session.Session(botocore_session=quiet_session())
        self.iam, self.sts = (self._client(session, name) for name in ("iam", "sts"))

    def _client(self, session, name):
        client = session.client(
            name, endpoint_url=self.estate.url, region_name="us-east-1", aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret, aws_session_token=self.token,
            config=botocore.config.Config(retries={"total_max_attempts": 1}, parameter_validation=False))
        client.meta.events.register("after-call", self._seen)
        return client

    def _seen(self, http_response, parsed, model, **_):
        self.estate.answered.setdefault((model.service_model.service_name, model.name), set()).add(
            parsed["Error"]["Code"] if "Error" in parsed else "ok")
        for place in ("Credentials", "AccessKey"):
            for name in ("SecretAccessKey", "SessionToken"):
                if value := (parsed.get(place) or {}).get(name):
                    self.estate.daemon.secrets.add(value)
        mistakes = list(held_against_the_model(http_response, parsed, model))
        assert not mistakes, f"{model.name}: {mistakes}\n{http_response.content.decode()}"

    def assume(self, name, **more):
        given = self.sts.assume_role(RoleArn=name if name.startswith("arn:") else role(name),
                                     **{"RoleSessionName": "story"} | more)["Credentials"]
        return Clients(self.estate, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    def arn(self):
        return self.sts.get_caller_identity()["Arn"]

    def run_aws(self, *words):
        if not os.access(AWS, os.X_OK):
            raise Skip("awscli is not installed")
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.estate.daemon.folder), "AWS_PAGER": "",
            "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret,
        } | ({"AWS_SESSION_TOKEN": self.token} if self.token else {})
        return subprocess.run([AWS, "--endpoint-url", self.estate.url, "--output", "json", *words],
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def aws(self, *words):
        """What Debian's aws prints, as data."""
        done = self.run_aws(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        said = json.loads(done.stdout) if done.stdout.strip() else None
        for place in ("Credentials", "AccessKey"):
            if isinstance(said, dict) and place in said:
                self.estate.daemon.secrets |= {v for k, v in said[place].items()
                                               if k in ("SecretAccessKey", "SessionToken")}
        return said

    def aws_refused(self, code, *words):
        done = self.run_aws(*words)
        assert done.returncode != 0 and f"({code})" in done.stderr, f"{words}: {done.stdout} {done.stderr}"
        return done.stderr.strip()


def quiet_session():
    import botocore.session
    made = botocore.session.Session()
    made.set_config_variable("config_file", "/dev/null")
    made.set_config_variable("credentials_file", "/dev/null")
    return made


def role(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:role/{name}"


def policy(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:policy/{name}"


def user(name, account=ACCOUNT):
    return f"arn:aws:iam::{account}:user/{name}"


def refused(code, call, /, **parameters):
    """The text of a refusal that must be."""
    try:
        said = call(**parameters)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, f"{parameters}: {error}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"{parameters}: not refused, but {said}")


class Estate:
    """`with Estate() as estate:` runs an issuer; `estate.admin` are its administrator's clients."""

    def __init__(self, settings=None, verb="issuer", **how):
        self.daemon = Daemon(settings or issuer(), verb=verb, **how)
        self.answered = {}  # (service, operation) -> codes of its answers, "ok" among them

    def __enter__(self):
        self.daemon.__enter__()
        try:
            said = self.admin_credentials()
            self.admin = Clients(self, said["AccessKeyId"], said["SecretAccessKey"])
        except BaseException:
            self.daemon.__exit__(AssertionError, None, None)
            raise
        return self

    def __exit__(self, *why):
        self.daemon.__exit__(*why)

    @property
    def url(self):
        host, port = self.daemon.listeners["sts"]
        return f"http://{host}:{port}"

    def run_admin_credentials(self):
        return subprocess.run([BINARY, "issuer", "admin-credentials", "--config", str(self.daemon.config_file)],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=self.daemon.environment, timeout=60)

    def admin_credentials(self):
        done = self.run_admin_credentials()
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        self.daemon.secrets.add(said["SecretAccessKey"])
        return said

    def keep_port(self):
        """So that clients live on when the issuer starts again."""
        host, port = self.daemon.listeners["sts"]
        settings = json.loads(self.daemon.config_file.read_text())
        settings["listeners"][0]["address"] = f"{host}:{port}"
        self.daemon.write(settings)

    def restart(self):
        self.keep_port()
        self.daemon.stop()
        self.daemon.start()

    def kill_and_start(self):
        self.keep_port()
        self.daemon.kill()
        self.daemon.start()

    def check_audit_log(self):
        """No record was lost or changed; returns how many there are."""
        code, out, err = self.daemon.cli("audit", "verify", "-o", "json", "--config", str(self.daemon.config_file),
                                         socket=False)
        found = json.loads(out)
        assert code == 0 and found["ok"], out + err
        return found["records"]

    def imdsd(self, *words):
        code, out, err = self.daemon.cli(*words)
        assert code == 0, f"imdsd {words}: {out} {err}"
        return out

    def check_files(self):
        """No secret that was handed out is in any file that the issuer keeps."""
        for place in self.daemon.state.rglob("*"):
            if not place.is_file():
                continue
            kept = place.read_bytes()
            for secret in self.daemon.secrets:
                assert secret.encode() not in kept, f"a secret is in {place.name}: {secret[:6]}..."
