"""token_file.py FILE: asks the container credentials endpoint twice, and spoils the token's file in
between. Prints whether each went well."""

import json
import sys

from botocore.credentials import ContainerProvider
from botocore.exceptions import CredentialRetrievalError

outcomes = []
provider = ContainerProvider()
for content in ("spoilt", None):
    try:
        outcomes.append({"ok": provider.load() is not None})
    except CredentialRetrievalError as failure:
        outcomes.append({"ok": False, "why": str(failure)})
    if content is not None:
        with open(sys.argv[1], "w") as file:
            file.write(content)
print(json.dumps(outcomes))
