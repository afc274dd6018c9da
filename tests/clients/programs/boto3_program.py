"""Asks STS who it is, with whatever credentials boto3 finds by itself. Prints JSON.

    boto3_program.py STS [LOG-LEVEL]
"""

import json
import logging
import sys

import boto3
from botocore.utils import InstanceMetadataRegionFetcher

if len(sys.argv) > 2:
    logging.basicConfig(level=sys.argv[2])
session = boto3.Session(region_name="us-east-1")
credentials = session.get_credentials()
if credentials is None:
    print(json.dumps({"Arn": None, "Version": boto3.__version__}))
    sys.exit()
identity = session.client("sts", endpoint_url=sys.argv[1]).get_caller_identity()
print(json.dumps({
    "Arn": identity["Arn"],
    "Version": boto3.__version__,
    "AccessKeyId": credentials.access_key,
    "Method": credentials.method,
    "Region": InstanceMetadataRegionFetcher().retrieve_region(),
}))
