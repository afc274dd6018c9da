"""The SDK for Ruby, on the distribution's Ruby."""

import json

import harness
import fetch
from harness import IDENTITY, STS, client
from suite import equal


@client("ruby")
def ruby(host):
    tree = host.use(fetch.debian("ruby-aws-sdk-s3", "ruby"))
    words = (tree / "usr/bin/ruby3.1", host.code / "programs/whoami.rb", STS)
    found = json.loads(host.run(*words))
    equal((found["Arn"], found["Provider"]), (IDENTITY, "Aws::InstanceProfileCredentials"))
    host.check(found["AccessKeyId"])
    done = host.refused(*words)
    assert done.returncode != 0, done


if __name__ == "__main__":
    harness.main()
