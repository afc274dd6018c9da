"""The credentials that the C runtime of the SDKs (aws-c-auth) finds by itself. Prints JSON."""

import json

import awscrt
from awscrt import auth, io

bootstrap = io.ClientBootstrap.get_or_create_static_default()
found = auth.AwsCredentialsProvider.new_default_chain(bootstrap).get_credentials().result(60)
print(json.dumps({"Version": awscrt.__version__, "AccessKeyId": found.access_key_id}))
