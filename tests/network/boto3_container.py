"""Fetches credentials with botocore's own chain, again for each line on standard input. Prints JSON
lines: what it found, or why it found nothing."""

import json
import sys

import botocore.session

session = botocore.session.Session()
credentials = None
for line in sys.stdin:
    try:
        if credentials is None:
            credentials = session.get_credentials()
        elif hasattr(credentials, "_protected_refresh"):
            credentials._protected_refresh(is_mandatory=True)
        told = {"method": getattr(credentials, "method", None),
                "key": credentials.access_key if credentials else None}
    except Exception as error:  # noqa: BLE001 - told to the test
        told = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(told), flush=True)
