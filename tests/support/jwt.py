"""Tokens of a Kubernetes cluster for tests, signed by the openssl program."""

import base64
import json
import pathlib
import re
import subprocess
import tempfile
import time
import uuid

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCE = "pods.eks.amazonaws.com"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def pod_uid(pod):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, pod))


class Key:
    """An RSA key with a key id."""

    def __init__(self, kid, bits=2048):
        self.kid = kid
        self.folder = tempfile.TemporaryDirectory(prefix="imdsd-key-")
        self.file = pathlib.Path(self.folder.name) / "key.pem"
        self._openssl("genrsa", "-out", str(self.file), str(bits))

    def _openssl(self, *words, data=None):
        return subprocess.run(["openssl", *words], input=data, check=True, capture_output=True).stdout

    def jwk(self, **more):
        text = self._openssl("rsa", "-in", str(self.file), "-noout", "-modulus").decode()
        modulus = bytes.fromhex(re.search(r"Modulus=([0-9A-F]+)", text)[1])
        return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid,
                "n": base64url(modulus), "e": "AQAB"} | more

    def sign(self, header, payload):
        signed = ".".join(base64url(json.dumps(part).encode() if not isinstance(part, bytes) else part)
                          for part in (header, payload))
        signature = self._openssl("dgst", "-sha256", "-sign", str(self.file), data=signed.encode())
        return signed + "." + base64url(signature)

    def token(self, namespace="default", account="app", pod="app-0", header=None, **changes):
        """A token as the API server issues it; a claim that is None is left out."""
        now = int(time.time())
        claims = {
            "aud": [AUDIENCE], "exp": now + 3600, "iat": now, "nbf": now, "iss": ISSUER,
            "jti": f"{namespace}-{account}-{now}",
            "kubernetes.io": {
                "namespace": namespace,
                "node": {"name": "node-1", "uid": "6c9e9f0c-0000-4000-8000-000000000001"},
                "pod": {"name": pod, "uid": pod_uid(pod)},
                "serviceaccount": {"name": account, "uid": "6c9e9f0c-0000-4000-8000-000000000003"}},
            "sub": f"system:serviceaccount:{namespace}:{account}",
        } | changes
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.sign(header or {"alg": "RS256", "kid": self.kid}, claims)


def key_set(*keys):
    return json.dumps({"keys": [key if isinstance(key, dict) else key.jwk() for key in keys]})
