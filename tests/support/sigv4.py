"""AWS Signature Version 4, client side, header and presigned form. Independent of the daemon's code."""

import datetime
import hashlib
import hmac
import urllib.parse


def _quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def _hash(data):
    return hashlib.sha256(data).hexdigest()


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def timestamp(offset=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    return moment.strftime("%Y%m%dT%H%M%SZ")


class Key:
    def __init__(self, access_key_id, secret, token=None):
        self.id, self.secret, self.token = access_key_id, secret, token

    @classmethod
    def of(cls, document):
        """From an IMDS credential document or an STS Credentials structure."""
        return cls(document["AccessKeyId"], document["SecretAccessKey"],
                   document.get("Token") or document.get("SessionToken"))


def _signature(key, scope, stamp, canonical):
    date, region, service, _ = scope.split("/")
    signing = b"AWS4" + key.secret.encode()
    for part in (date, region, service, "aws4_request"):
        signing = _mac(signing, part)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, _hash(canonical.encode())])
    return hmac.new(signing, to_sign.encode(), hashlib.sha256).hexdigest()


def _canonical(method, path, query, headers, signed, payload_hash):
    pairs = "&".join(f"{_quote(k)}={_quote(v)}" for k, v in sorted(query))
    lower = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    listed = "".join(f"{name}:{lower[name]}\n" for name in signed)
    return "\n".join([method, path, pairs, listed, ";".join(signed), payload_hash])


def sign(key, method, path, headers, body=b"", query=(), region="us-east-1", service="sts",
         stamp=None, scope_date=None, leave_unsigned=()):
    """`headers` (Host among them) with X-Amz-Date, X-Amz-Security-Token and Authorization added."""
    stamp = stamp or timestamp()
    headers = dict(headers) | {"X-Amz-Date": stamp}
    if key.token:
        headers["X-Amz-Security-Token"] = key.token
    signed = sorted(name.lower() for name in headers if name.lower() not in leave_unsigned)
    scope = f"{scope_date or stamp[:8]}/{region}/{service}/aws4_request"
    canonical = _canonical(method, path, query, headers, signed, _hash(body))
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={';'.join(signed)}, "
        f"Signature={_signature(key, scope, stamp, canonical)}")
    return headers


def presign(key, path, query, headers, expires=900, region="us-east-1", service="sts", stamp=None):
    """Target of a presigned GET."""
    stamp = stamp or timestamp()
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signed = sorted(name.lower() for name in headers)
    query = list(query) + [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", f"{key.id}/{scope}"),
        ("X-Amz-Date", stamp), ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", ";".join(signed))]
    if key.token:
        query.append(("X-Amz-Security-Token", key.token))
    canonical = _canonical("GET", path, query, headers, signed, _hash(b""))
    query.append(("X-Amz-Signature", _signature(key, scope, stamp, canonical)))
    return path + "?" + "&".join(f"{_quote(k)}={_quote(v)}" for k, v in query)
