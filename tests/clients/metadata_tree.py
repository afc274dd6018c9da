"""A crawl of the metadata tree of our own, to compare those of others with. Run by World.run."""

import daemon
import http_raw
from namespaces import LINK_LOCAL, put_token


def crawl(root):
    """{path below `root`: body} of all leaves; `root` ends with a slash. Everything that is listed
    must be there. The first crawl of a new daemon may take KEYS_LIMIT."""
    status, token = put_token(ttl=600)
    assert status == 200, token
    leaves = {}

    def fetch(path):
        request = http_raw.build("GET", root + path, {daemon.TOKEN: token}, host=LINK_LOCAL)

        def answered():
            answer = http_raw.ask((LINK_LOCAL, 80), request)
            # A daemon that was just started may still be making the keys of the identity.
            return None if answer.status == 503 else answer
        answer = http_raw.wait_until(answered, daemon.KEYS_LIMIT, root + path)
        assert answer.status == 200, f"{root + path}: {answer}"
        return answer.body

    def walk(path):
        for entry in fetch(path).decode().splitlines():
            # A public key is listed as "0=name", and is a directory.
            key = path == "public-keys/" and "=" in entry
            name = entry.split("=")[0] + "/" if key else entry
            if name.endswith("/"):
                walk(path + name)
            elif name == "openssh-key" or not is_role(path):
                leaves[path + name] = fetch(path + name)

    def is_role(path):
        return path.endswith("security-credentials/")
    walk("")
    return leaves
