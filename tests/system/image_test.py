"""The image of container/Containerfile: built, run, asked for its health."""

import json
import pathlib
import subprocess
import sys
import time
import unittest

import podman_machine

ACCOUNT = "123456789012"

CONFIGURATION = {
    "apiVersion": "imdsd/v1",
    "listeners": [
        {"name": "imds", "serve": "imds", "address": "127.0.0.1:1338"},
        {"name": "sts", "serve": "sts", "address": "127.0.0.1:1340"}],
    "sources": {"local": {"type": "core"}},
    "profiles": {"app": {"role": f"arn:aws:iam::{ACCOUNT}:role/app", "source": "local"}},
    "bindings": [{"user": 1000, "profile": "app"}],
    "issuer": {"accounts": {ACCOUNT: {"roles": {"app": {"trust_policy": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                       "Action": "sts:AssumeRole"}]}}}}}},
    "audit": {"output": "stdout"},
}

FETCH = r"""
base=http://127.0.0.1:1338/latest
token=$(curl -sf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $base/api/token) || exit 9
curl -sf -m 5 -H "X-aws-ec2-metadata-token: $token" $base/meta-data/iam/security-credentials/app
"""


class image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.podman = podman_machine.podman()
        cls.addClassCleanup(cls.podman.__exit__)
        cls.base = cls.podman.import_base(CACHE)
        cls.podman.usable_or_skip(cls.base)
        cls.build()
        cls.work = cls.podman.directory / "etc"
        cls.work.mkdir()
        (cls.work / "imdsd.yaml").write_text(json.dumps(CONFIGURATION))
        cls.podman.run("run", "--detach", "--name", "imdsd", "--network", "none", "--read-only",
                       "--cap-drop", "all", "--security-opt", "no-new-privileges",
                       "--volume", f"{cls.work}:/etc/imdsd:ro", "localhost/imdsd")

    @classmethod
    def build(cls):
        """Everything of the Containerfile but the compilation, which has been done already: its
        stage `build` is replaced by an image with the files that the stage's last step collects."""
        files = cls.podman.directory / "files"
        files.mkdir()
        cls.podman.run("run", "--rm", "--network", "none",
                       "--volume", f"{BINARY}:/build/imdsd:ro",
                       "--volume", f"{SOURCE / 'container'}:/src/container:ro",
                       "--volume", f"{files}:/out", cls.base,
                       "sh", "/src/container/collect-files", "/build/imdsd", "/out/image")
        archive = cls.podman.directory / "files.tar"
        subprocess.run(["tar", "-C", str(files), "-cf", str(archive), "."], check=True)
        cls.podman.run("import", archive, "imdsd-build")
        context = cls.podman.directory / "context"
        context.mkdir()
        built = cls.podman.run("build", "--network", "none", "--format", "docker",
                               "--build-context", "build=container-image://localhost/imdsd-build",
                               "--file", SOURCE / "container/Containerfile", "--tag", "imdsd",
                               context, check=False)
        if built.returncode != 0:
            raise AssertionError(built.stdout)

    def logs(self):
        return self.podman.run("logs", "imdsd", check=False).stdout

    def test_1_image_is_small_and_has_no_shell(self):
        about = json.loads(self.podman.run("inspect", "localhost/imdsd").stdout)[0]
        print(f"\nimage: {about['Size'] / 1e6:.1f} MB")
        self.assertEqual(about["Config"]["User"], "65532:65532")
        self.assertEqual(about["Healthcheck"]["Test"], ["CMD", "imdsd", "healthcheck"])
        tried = self.podman.run("run", "--rm", "--network", "none", "--entrypoint", "/bin/sh",
                                "localhost/imdsd", "-c", "true", check=False)
        self.assertNotEqual(tried.returncode, 0)

    def test_2_healthcheck_turns_green(self):
        end = time.monotonic() + 15
        while True:
            done = self.podman.run("exec", "imdsd", "imdsd", "healthcheck", check=False)
            if done.returncode == 0 or time.monotonic() > end:
                break
            time.sleep(0.2)
        self.assertEqual(done.returncode, 0, done.stdout + self.logs())

    def test_3_program_of_the_same_pod_gets_its_role(self):
        def fetch(user):
            return self.podman.run("run", "--rm", "--network", "container:imdsd", "--user", user,
                                   self.base, "sh", "-c", FETCH, check=False)
        bound = fetch("1000")
        self.assertEqual(bound.returncode, 0, bound.stdout + self.logs())
        document = json.loads(bound.stdout)
        self.assertEqual(document["Code"], "Success")
        stranger = fetch("1001")
        self.assertEqual(stranger.returncode, 9, stranger.stdout)
        self.assertNotIn(document["SecretAccessKey"], self.logs())
        self.assertNotIn(document["Token"], self.logs())

    def test_4_stops_on_sigterm(self):
        began = time.monotonic()
        self.podman.run("stop", "--time", "10", "imdsd")
        self.assertLess(time.monotonic() - began, 4)
        code = self.podman.run("inspect", "--format", "{{.State.ExitCode}}", "imdsd").stdout.strip()
        self.assertEqual(code, "0", self.logs())
        failed = self.podman.run("run", "--rm", "--network", "none", "--entrypoint", "/usr/bin/imdsd",
                                 "localhost/imdsd", "healthcheck", check=False)
        self.assertNotEqual(failed.returncode, 0)


if __name__ == "__main__":
    podman_machine.require("podman", "runc", "debootstrap")
    BINARY, SOURCE, CACHE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    unittest.main(argv=sys.argv[:1], verbosity=2)
