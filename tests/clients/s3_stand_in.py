"""A very small S3: lists one bucket, for requests that are signed with the credentials which the
metadata service serves at that moment to the user that this program runs as. One line of JSON on
standard output for each request."""

import hashlib
import hmac
import http.server
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "network"))

from namespaces import whole_flow  # noqa: E402

BUCKETS = b"""<?xml version="1.0" encoding="UTF-8"?>
<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>1</ID>
<DisplayName>test</DisplayName></Owner><Buckets><Bucket><Name>a-bucket</Name>
<CreationDate>2024-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"""


def served_credentials():
    status, text = whole_flow()
    assert status == 200, text
    return json.loads(text)


def fault(request, credentials):
    """What is wrong with the request's signature; None when it is right."""
    given = request.headers.get("Authorization", "")
    if not given.startswith("AWS4-HMAC-SHA256 "):
        return f"not signed with version 4: {given[:20]}"
    parts = dict(part.strip().split("=", 1) for part in given.split(" ", 1)[1].split(","))
    key_id, date, region, service, end = parts["Credential"].rsplit("/", 4)
    if key_id != credentials["AccessKeyId"]:
        return "another access key"
    if request.headers.get("X-Amz-Security-Token") != credentials["Token"]:
        return "another session token"
    names = parts["SignedHeaders"].split(";")
    if "host" not in names or "x-amz-security-token" not in names:
        return f"signed headers: {names}"
    path, _, query = request.path.partition("?")
    pairs = sorted(tuple(urllib.parse.quote(x, safe="-_.~") for x in pair)
                   for pair in urllib.parse.parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([
        request.command, path, "&".join(f"{k}={v}" for k, v in pairs),
        *(f"{name}:{' '.join(request.headers[name].split())}" for name in names), "",
        ";".join(names), request.headers["X-Amz-Content-Sha256"]])
    scope = f"{date}/{region}/{service}/{end}"
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers["X-Amz-Date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + credentials["SecretAccessKey"].encode()
    for word in (date, region, service, end):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return None if hmac.compare_digest(right, parts["Signature"]) else "the signature is wrong"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        credentials = served_credentials()
        wrong = fault(self, credentials)
        print(json.dumps({"path": self.path, "fault": wrong, "agent": self.headers["User-Agent"],
                          "key": credentials["AccessKeyId"]}), flush=True)
        body = BUCKETS if wrong is None else b"<Error><Code>AccessDenied</Code></Error>"
        self.send_response(200 if wrong is None else 403)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("ready", flush=True)
    server.serve_forever()
