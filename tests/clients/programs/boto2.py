"""Which credentials boto 2 finds by itself, as JSON: its S3 signs with version 2 only, so they are
handed to boto3, which asks the issuer about them."""

import json
import sys

import boto.provider

found = boto.provider.Provider("aws")
if found.access_key is None:
    print(json.dumps({"Arn": None}))
    sys.exit()
import boto3  # noqa: E402

identity = boto3.client(
    "sts", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id=found.access_key,
    aws_secret_access_key=found.secret_key, aws_session_token=found.security_token,
).get_caller_identity()
print(json.dumps({"Arn": identity["Arn"], "AccessKeyId": found.access_key}))
