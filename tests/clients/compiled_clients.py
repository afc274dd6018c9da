"""SDKs that compile a program against what their registries give."""

import json

import harness
import fetch
from harness import IDENTITY, REGION, STS, client, need
from suite import equal


def whoami(host, *words):
    found = json.loads(host.run(*words, STS))
    equal((found["Arn"], found["Region"]), (IDENTITY, REGION))
    host.check(found["AccessKeyId"])
    done = host.refused(*words, STS)
    assert done.returncode != 0, done


@client("java-v2")
def java_v2(host):
    need("javac")
    tree = host.use(fetch.maven("java_v2"))
    whoami(host, "java", "-XX:TieredStopAtLevel=1", "-cp", f"{tree}/lib/*:{tree}/classes", "Whoami")


@client("rust")
def rust(host):
    # It compiles for up to three minutes.
    harness.need_slow()
    whoami(host, host.use(fetch.cargo("rust")) / "program")


if __name__ == "__main__":
    harness.main()
