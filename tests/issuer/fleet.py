"""Issuers run alone on one store, and botocore's clients of them."""

import json
import pathlib
import secrets
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import botocore.config  # noqa: E402
import botocore.exceptions  # noqa: E402
import botocore.session  # noqa: E402

from daemon import BINARY, Daemon  # noqa: E402
from postgresql import PASSWORD  # noqa: E402

ACCOUNT = "123456789012"
REGION = "us-east-1"
Refused = botocore.exceptions.ClientError
# What botocore raises when an answer does not arrive: the call may have taken place, or not.
Lost = (botocore.exceptions.HTTPClientError, botocore.exceptions.EndpointConnectionError)

_session = botocore.session.Session()
_session.set_config_variable("config_file", "/dev/null")
_session.set_config_variable("credentials_file", "/dev/null")


def client(service, endpoint, credentials, timeout=60):
    """Makes each call once."""
    return _session.create_client(
        service, region_name=REGION, endpoint_url=endpoint,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
        config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=timeout,
                                      connect_timeout=5, parameter_validation=False))


def code_of(call):
    """(status, code) of a call: (200, "") when it succeeded."""
    try:
        call()
        return 200, ""
    except Refused as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]


def trust(principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}]})


def allow(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


class Issuer(Daemon):
    """`imdsd issuer` with a state directory of its own. `store`: issuer.store; with PostgreSQL, `wrapping`
    is the file of the key that all share."""

    def __init__(self, store, wrapping=None, start=True, port=0, audit=None, limits=None, **more):
        endless = {"requests_per_second": 1_000_000, "burst": 1_000_000}
        issuer = {"account": ACCOUNT, "region": REGION, "store": store,
                  "limits": {"address": endless, "principal": endless}}
        if wrapping:
            issuer["keys"] = {"wrapped_by": {"file": str(wrapping)}}
        settings = {
            "apiVersion": "imdsd/v1",
            "listeners": [{"name": "sts", "serve": "sts", "address": f"127.0.0.1:{port}"}],
            "limits": {"per_peer": 2000} | (limits or {}),
            "issuer": issuer,
        } | ({"audit": audit} if audit else {})
        self.wrapping = wrapping
        super().__init__(settings, environment={"IMDSD_TEST_PASSWORD": PASSWORD}, verb="issuer",
                         start=start, **more)

    @property
    def endpoint(self):
        host, port = self.listeners["sts"]
        return f"http://{host}:{port}"

    def administrator(self):
        code, out, err = self.cli("issuer", "admin-credentials", "--config", str(self.config_file),
                                  socket=False)
        assert code == 0, err
        made = json.loads(out)
        self.secrets.add(made["SecretAccessKey"])
        return made

    def iam(self, credentials, **more):
        return client("iam", self.endpoint, credentials, **more)

    def sts(self, credentials, **more):
        return client("sts", self.endpoint, credentials, **more)

    def revoke(self, *words):
        code, _, err = self.cli("revoke", *words)
        assert code == 0, err


class Fleet:
    """`with Fleet(server) as (a, b):` two issuers on one PostgreSQL, in a schema of their own.
    `through`: a proxy for each of them, or None. `store`: more of issuer.store.postgresql."""

    schemas = 0

    def __init__(self, server, through=(None, None), store=None, **more):
        Fleet.schemas += 1
        schema = server.new_schema(f"fleet{Fleet.schemas}")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-test-fleet-"))
        wrapping = self.folder / "wrapping.key"
        wrapping.write_text(secrets.token_hex(32))
        wrapping.chmod(0o600)
        self.issuers = []
        try:
            for proxy in through:
                self.issuers.append(Issuer({"postgresql": {
                    "connection": server.connection(schema, proxy and proxy.address),
                    "password": {"env": "IMDSD_TEST_PASSWORD"}} | (store or {})}, wrapping, **more))
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise

    def __enter__(self):
        return self.issuers

    def __exit__(self, *why):
        try:
            for issuer in self.issuers:
                issuer.__exit__(*why)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def seconds_until(true, limit, what):
    """From now until `true()`; polled without pause, for what is measured is short."""
    started = time.monotonic()
    while not true():
        took = time.monotonic() - started
        assert took < limit, f"{what}: not within {limit} s"
    return time.monotonic() - started


def median(values):
    return sorted(values)[len(values) // 2]
