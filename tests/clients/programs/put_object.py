"""put_object.py URL BUCKET KEY FILE: with whatever credentials boto3 finds."""

import sys

import boto3

url, bucket, key, file = sys.argv[1:]
with open(file, "rb") as body:
    boto3.client("s3", endpoint_url=url, region_name="eu-central-1").put_object(
        Bucket=bucket, Key=key, Body=body)
