"""The SDKs for JavaScript."""

import json

import harness
import fetch
from harness import BUCKET, IDENTITY, S3, S3_ADDRESS, STS, client, need
from suite import equal


def use(host, *packages):
    need("node")
    tree = fetch.npm(*packages)
    host.variables["NODE_PATH"] = str(host.use(tree) / "node_modules")


@client("javascript-v3")
def javascript_v3(host):
    use(host, "@aws-sdk/client-sts@3.726.1", "@aws-sdk/credential-providers@3.726.1")
    words = ("node", host.code / "programs/whoami_v3.js", STS)
    found = json.loads(host.run(*words))
    equal((found["Arn"], found["DefaultChainArn"]), (IDENTITY, IDENTITY))
    host.check(found["AccessKeyId"])
    host.refused(*words)


@client("javascript-v2")
def javascript_v2(host):
    use(host, "aws-sdk@2.1693.0")
    words = ("node", host.code / "programs/whoami_v2.js", STS)
    found = json.loads(host.run(*words))
    equal((found["Arn"], found["Provider"]), (IDENTITY, "EC2MetadataCredentials"))
    host.check(found["AccessKeyId"])
    host.refused(*words)


def minio(host, s3):
    return ("node", host.code / "programs/minio.js", *S3_ADDRESS.split(":"), BUCKET)


@client("minio-js", compat={"access_key_id_alias": True})
def minio_with_alias(host):
    # It reads AccessKeyID, which no other program asks for.
    use(host, "minio@8.0.7")
    with S3(host) as s3:
        words = minio(host, s3)
        equal(json.loads(host.run(*words)), {"Size": 7})
        host.check(s3.check())
        host.refused(*words)


@client("minio-js-without-alias")
def minio_without_alias(host):
    # The tokens and the document are served all the same; the program finds no key id in it.
    use(host, "minio@8.0.7")
    with S3(host) as s3:
        done = host.attempt(*minio(host, s3))
        assert done.returncode != 0, done
        equal([request for request in s3.requests() if not request["fault"]], [])
        host.check()


if __name__ == "__main__":
    harness.main()
