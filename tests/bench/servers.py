"""The two servers that are compared, each pinned to one core, answering the same bytes."""

import os
import pathlib
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("support", "protocol", "issuer")]

import fixture  # noqa: E402
import http_raw  # noqa: E402
import sigv4  # noqa: E402
from daemon import ACCOUNT, BINARY, TOKEN, Daemon, configuration, role_arn  # noqa: E402

IAM = "2010-05-08"
SERVER_CORE, CLIENT_CORE = "0", "1" if os.cpu_count() > 1 else "0"
NGINX_PORT = 18338


def ticks_of(pids):
    """CPU seconds that these processes have used."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


class Imdsd:
    name = "imdsd"

    def __init__(self, folder=None):
        settings = configuration({"imds": fixture.profile(http_tokens="required")},
                                 limits={"per_peer": 2000})
        self.daemon = Daemon(settings, folder=folder, command=["taskset", "-c", SERVER_CORE])
        self.token = self.daemon.token("imds", 21600)
        self.path = fixture.CREDENTIALS + fixture.ROLE
        self.headers = [f"{TOKEN}: {self.token}"]
        host, port = self.daemon.listeners["imds"]
        self.url = f"http://{host}:{port}{self.path}"
        self.token_url = f"http://{host}:{port}/latest/api/token"
        self.answer = self.daemon.get("imds", self.path, self.token)
        assert self.answer.status == 200, self.answer

    def cpu(self):
        return ticks_of([self.daemon.process.pid])

    def stop(self):
        self.daemon.__exit__(None, None, None)


class Issuer:
    """imdsd's STS with a user alice who may assume a role by its external id. wrk repeats one signed POST."""
    name = "issuer"
    headers = ()
    key = sigv4.Key("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")

    def __init__(self, audit=None, store=None, environment=()):
        """`audit`, `store`: those parts of the configuration. The state is on the disk that builds are on: /tmp may be
        memory, where a flush costs nothing."""
        trust = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"},
            "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "bench"}}}]}
        endless = {"requests_per_second": 1_000_000, "burst": 1_000_000}  # the limiter is not what is measured
        settings = {
            "apiVersion": "imdsd/v1",
            "listeners": [{"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}],
            "limits": {"per_peer": 2000},
            "issuer": {
                "limits": {"address": endless, "principal": endless},
                "accounts": {ACCOUNT: {
                    "users": {"alice": {
                        "access_keys": [{"id": self.key.id, "secret": {"env": "BENCH_ALICE"}}],
                        "policies": {"all": {"Version": "2012-10-17", "Statement": [
                            {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}}}},
                    "roles": {"reader": {"trust_policy": trust}}}}},
        }
        if store:
            settings["issuer"] |= {"store": store, "keys": {"wrapped_by": {"env": "BENCH_WRAPPING"}}}
        if audit:
            settings["audit"] = audit
        self.folder = tempfile.TemporaryDirectory(prefix="imdsd-bench-", dir=pathlib.Path(BINARY).parent)
        self.daemon = Daemon(settings, folder=self.folder.name, environment={
            "BENCH_ALICE": self.key.secret, "BENCH_WRAPPING": secrets.token_hex(32)} | dict(environment),
                             command=["taskset", "-c", SERVER_CORE])
        host, port = self.daemon.listeners["sts"]
        self.address = (host, port)
        self.url = f"http://{host}:{port}/"

    def assume_role(self):
        return {"Action": "AssumeRole", "RoleArn": role_arn("reader"), "RoleSessionName": "bench",
                "ExternalId": "bench"}, self.key

    def get_caller_identity(self):
        """By a session of the role."""
        answer = self.call(*self.assume_role())
        found = dict(re.findall(r"<(AccessKeyId|SecretAccessKey|SessionToken)>([^<]*)<", answer.text))
        assert answer.status == 200, answer
        return {"Action": "GetCallerIdentity"}, sigv4.Key.of(found)

    def put_user_policy(self):
        """Of a user that is made first."""
        made = self.call({"Version": IAM, "Action": "CreateUser", "UserName": "bob"}, self.key)
        assert made.status == 200, made
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
        return {"Version": IAM, "Action": "PutUserPolicy", "UserName": "bob", "PolicyName": "all",
                "PolicyDocument": policy}, self.key

    def call(self, parameters, key):
        headers, body = self._signed(parameters, key)
        return http_raw.ask(self.address, http_raw.build(
            "POST", "/", headers | {"Content-Length": str(len(body))}, body, host=None))

    def _signed(self, parameters, key):
        parameters = {"Version": "2011-06-15"} | parameters
        body = urllib.parse.urlencode(parameters).encode()
        host, port = self.address
        return sigv4.sign(key, "POST", "/", {
            "Host": f"{host}:{port}", "Content-Type": "application/x-www-form-urlencoded"}, body,
            service="iam" if parameters["Version"] == IAM else "sts"), body

    def script(self, parameters, key):
        """A file for wrk -s."""
        headers, body = self._signed(parameters, key)
        lines = ["wrk.method = 'POST'", f"wrk.body = '{body.decode()}'"]
        lines += [f"wrk.headers['{name}'] = '{value}'" for name, value in headers.items()]
        file = pathlib.Path(self.daemon.folder) / "call.lua"
        file.write_text("\n".join(lines))
        return file

    def cpu(self):
        return ticks_of([self.daemon.process.pid])

    def stop(self):
        self.daemon.__exit__(None, None, None)


class Nginx:
    """`return 200` with the body and the headers of imdsd's answer; one worker, no logs."""
    name = "nginx"

    def __init__(self, answer):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="imdsd-bench-nginx-"))
        extra = "".join(
            f"add_header {name} '{value}';" for name, value in answer.fields
            if name.lower() not in ("content-type", "content-length", "date", "server", "connection"))
        body = answer.text.replace("\\", "\\\\").replace("'", "\\'")
        (self.folder / "nginx.conf").write_text(f"""
            worker_processes 1; worker_cpu_affinity 01; daemon off; error_log stderr crit;
            pid {self.folder}/pid; {"user root;" if os.geteuid() == 0 else ""}
            events {{ worker_connections 4096; }}
            http {{
              access_log off; default_type text/plain; keepalive_requests 1000000000; server_tokens off;
              server {{
                listen 127.0.0.1:{NGINX_PORT} backlog=4096;
                location / {{ {extra} return 200 '{body}'; }}
              }}
            }}""")
        binary = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CORE, binary, "-p", str(self.folder), "-c", "nginx.conf"],
            stdin=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{NGINX_PORT}{fixture.CREDENTIALS}{fixture.ROLE}"
        # The same request bytes, so that both parse the same.
        self.headers = [f"{TOKEN}: {'A' * 56}"]

        def answers():
            try:
                return http_raw.ask(("127.0.0.1", NGINX_PORT), http_raw.build("GET", "/x"))
            except OSError:
                return None
        got = http_raw.wait_until(answers, what="nginx")
        assert got.body == answer.body, "nginx serves other bytes"
        self.answer_size = len(got.head) + len(got.body)
        time.sleep(0.1)

    def cpu(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return ticks_of(children.split())

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
