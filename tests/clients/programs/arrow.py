"""Lists buckets' content with whatever credentials the SDK for C++ in Apache Arrow finds by itself.

    arrow.py ADDRESS BUCKET REGION
"""

import json
import sys

import pyarrow
from pyarrow import fs

address, bucket, region = sys.argv[1:]
store = fs.S3FileSystem(endpoint_override=address, scheme="http", region=region,
                        connect_timeout=5, request_timeout=5)
found = store.get_file_info(fs.FileSelector(bucket))
print(json.dumps({"Version": pyarrow.__version__, "Names": [info.path for info in found]}))
