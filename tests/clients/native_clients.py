"""The SDK for C++ and the common runtime of the SDKs, as packages for Python carry them."""

import json

import harness
import fetch
from harness import BUCKET, REGION, S3, S3_ADDRESS, client
from python_clients import PYTHON
from suite import equal


def use(host, requirement):
    host.variables["PYTHONPATH"] = str(host.use(fetch.pip(requirement)))


def arrow(host):
    """Apache Arrow's file system for S3 is the SDK for C++."""
    use(host, "pyarrow==26.0.1")
    return PYTHON, "-B", host.code / "programs/arrow.py", S3_ADDRESS, BUCKET, REGION


def runtime(host):
    use(host, "awscrt==0.38.1")
    return PYTHON, "-B", host.code / "programs/crt.py"


@client("cpp")
def cpp(host):
    words = arrow(host)
    with S3(host) as s3:
        equal(json.loads(host.run(*words))["Names"], [])
        host.check(s3.check())
        served = len([request for request in s3.requests() if not request["fault"]])
        host.refused(*words)
        equal(len([request for request in s3.requests() if not request["fault"]]), served,
              "requests of a stranger that were served")


@client("crt")
def crt(host):
    words = runtime(host)
    host.check(json.loads(host.run(*words))["AccessKeyId"])
    done = host.refused(*words)
    assert done.returncode != 0, done


if __name__ == "__main__":
    harness.main()
