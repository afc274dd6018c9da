#!/usr/bin/env python3
"""Services that find out who calls them. A presigned GetCallerIdentity, as aws-iam-authenticator and the
AWS login of Vault and OpenBao send it on: signed by botocore, checked as those check it. And VerifyCaller,
which gives a service the identity and the signing key of one day, region and service.

Case names: K aws-iam-authenticator, B Vault and OpenBao, V VerifyCaller.
"""

import base64
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import time
import urllib.parse
import xml.etree.ElementTree as xml

import fixture  # noqa: F401 - the path

from daemon import ACCOUNT, Daemon
from http_raw import wait_until
from suite import Skip, Suite, equal

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
except ImportError:
    botocore = None

suite = Suite()
case = suite.case

OTHER = "210987654321"
ALICE_ID, ALICE_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SERVICE_ID, SERVICE_SECRET = "AKIASERVICEEXAMPLE00", "serviceSecretServiceSecretServiceSecret0"
EVE_ID, EVE_SECRET = "AKIAEVEEVEEVEEVEEVE0", "eveSecretEveSecretEveSecretEveSecretEve0"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"
IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def statement(**members):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | members]}


def settings(window="strict", verifiable=True):
    scope = f"arn:aws:imdsd:*:{ACCOUNT}:scope/orders"
    eve = {"users": {"eve": {"access_keys": [{"id": EVE_ID, "secret": {"env": "TEST_EVE"}}]}}}
    if verifiable:
        eve["verification_policy"] = statement(
            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/orders"}, Action="imdsd:VerifyCaller",
            Resource=f"arn:aws:imdsd:*:{OTHER}:scope/orders")
    return {
        "apiVersion": "imdsd/v1",
        "listeners": [{"name": "sts", "serve": "sts", "address": "127.0.0.1:0"}],
        "issuer": {
            "compat": {"presigned_window": window},
            "accounts": {
                ACCOUNT: {
                    "users": {
                        "alice": {"access_keys": [{"id": ALICE_ID, "secret": {"env": "TEST_ALICE"}}],
                                  "tags": {"team": "blue"}},
                        "orders": {"access_keys": [{"id": SERVICE_ID, "secret": {"env": "TEST_SERVICE"}}],
                                   "policies": {"verify": statement(
                                       Action="imdsd:VerifyCaller",
                                       Resource=[scope, scope.replace(ACCOUNT, OTHER)])}}},
                    "roles": {"reader": {
                        "trust_policy": statement(Principal={"AWS": ALICE},
                                                  Action=["sts:AssumeRole", "sts:SetSourceIdentity"]),
                        "policies": {"get": statement(Action="orders:Get", Resource="*")}}}},
                OTHER: eve}},
    }


def credentials(key_id=ALICE_ID, secret=ALICE_SECRET, token=None):
    if botocore is None:
        raise Skip("botocore is not installed")
    return botocore.credentials.Credentials(key_id, secret, token)


@contextlib.contextmanager
def signing_time(seconds_ago):
    """botocore takes the time from its module; here it is that long ago."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    name = "get_current_datetime" if hasattr(botocore.auth, "get_current_datetime") else "datetime"
    before = getattr(botocore.auth, name)
    if name == "datetime":
        class Fixed(datetime.datetime):
            @classmethod
            def utcnow(cls):
                return then.replace(tzinfo=None)

        class Module:
            datetime = Fixed
        setattr(botocore.auth, name, Module)
    else:
        setattr(botocore.auth, name, lambda remove_tzinfo=True: then.replace(tzinfo=None))
    try:
        yield
    finally:
        setattr(botocore.auth, name, before)


def send(daemon, method, target, headers, body=b""):
    """(status, text, content type)"""
    connection = http.client.HTTPConnection(*daemon.listeners["sts"], timeout=10)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.getheader("Content-Type")


def session(daemon, **more):
    """Credentials of a role session of alice's."""
    got = sts_call(daemon, credentials(), {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": ROLE,
                                           "RoleSessionName": "pod"} | more)
    equal(got[0], 200, got[1])
    found = [xml.fromstring(got[1]).find(f".//{NAMESPACE}{name}").text
             for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")]
    daemon.secrets |= set(found[1:])
    return credentials(*found)


def sts_call(daemon, by, parameters, accept=None):
    host = "{}:{}".format(*daemon.listeners["sts"])
    body = urllib.parse.urlencode(parameters).encode()
    request = botocore.awsrequest.AWSRequest("POST", f"http://{host}/", data=body, headers={"Content-Type": FORM})
    botocore.auth.SigV4Auth(by, "sts", "us-east-1").add_auth(request)
    headers = {"Host": host} | dict(request.headers.items()) | ({"Accept": accept} if accept else {})
    return send(daemon, "POST", "/", headers, body)


# ------------------------------------------------------------------------ aws-iam-authenticator

class Refused(Exception):
    """By the verifier itself: the issuer was not asked, or its answer was not believed."""


PREFIX = "k8s-aws-v1."
LISTED = {"action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires",
          "x-amz-security-token", "x-amz-signature", "x-amz-signedheaders"}


def cluster_token(daemon, by, cluster="cluster-1", ago=0, expires=60, host=None):
    """As `aws eks get-token` and aws-iam-authenticator make it."""
    host = host or "{}:{}".format(*daemon.listeners["sts"])
    request = botocore.awsrequest.AWSRequest("GET", f"http://{host}/?{IDENTITY}",
                                             headers={"x-k8s-aws-id": cluster})
    with signing_time(ago):
        botocore.auth.SigV4QueryAuth(by, "sts", "us-east-1", expires=expires).add_auth(request)
    return PREFIX + base64.urlsafe_b64encode(request.url.encode()).decode().rstrip("=")


def authenticate(daemon, token, cluster="cluster-1"):
    """What the authenticator's server does with a token; gives the identity that it believes."""
    if len(token) > 4096 or not token.startswith(PREFIX):
        raise Refused("form")
    text = token[len(PREFIX):]
    url = urllib.parse.urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    host = "{}:{}".format(*daemon.listeners["sts"])
    if url.netloc != host or url.path != "/":
        raise Refused("host or path")
    query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
    names = [name.lower() for name in query]
    if any(name not in LISTED for name in names) or len(set(names)) != len(names) \
            or any(len(values) != 1 for values in query.values()):
        raise Refused("query")
    if query["Action"] != ["GetCallerIdentity"] \
            or "x-k8s-aws-id" not in query["X-Amz-SignedHeaders"][0].split(";") \
            or not 0 <= int(query["X-Amz-Expires"][0]) <= 900:
        raise Refused("parameters")
    signed = time.mktime(time.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ")) - time.timezone
    if time.time() > signed + 15 * 60:
        raise Refused("too old")
    status, said, kind = send(daemon, "GET", f"/?{url.query}", {
        "Host": host, "x-k8s-aws-id": cluster, "accept": "application/json", "User-Agent": "Go-http-client/1.1"})
    if status != 200:
        raise Refused(f"{status}: {said}")
    equal(kind, "application/json")
    result = json.loads(said)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    arn, user_id = result["Arn"], result["UserId"]
    if ":assumed-role/" in arn:
        equal(len(user_id.split(":")), 2, user_id)
    equal(result["Account"], arn.split(":")[4])
    return arn


def refuses(call, *arguments, saying="", **more):
    try:
        call(*arguments, **more)
    except Refused as why:
        assert saying in str(why), why
    else:
        raise AssertionError(f"not refused: {arguments}")


@case("K1")
def a_user_and_a_role_session_log_in_to_a_cluster(daemon):
    equal(authenticate(daemon, cluster_token(daemon, credentials())), ALICE)
    role = session(daemon)
    token = cluster_token(daemon, role)
    assert len(token) <= 4096, len(token)
    equal(authenticate(daemon, token), f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/pod")


@case("K2")
def a_token_is_for_one_cluster(daemon):
    token = cluster_token(daemon, credentials())
    refuses(authenticate, daemon, token, cluster="cluster-2", saying="SignatureDoesNotMatch")


@case("K3")
def a_token_lives_as_long_as_it_says_or_as_at_aws(daemon):
    """X-Amz-Expires=60 is meant by default; `presigned_window: fixed` gives the 15 minutes of AWS, which
    clients that keep a token for longer rely on."""
    equal(authenticate(daemon, cluster_token(daemon, credentials(), ago=45)), ALICE)
    old = cluster_token(daemon, credentials(), ago=120)
    refuses(authenticate, daemon, old, saying="Signature expired")
    assert daemon.reload(settings("fixed"))["ok"]
    equal(authenticate(daemon, old), ALICE)
    equal(authenticate(daemon, cluster_token(daemon, credentials(), ago=14 * 60)), ALICE)
    # The authenticator's own rule, and the issuer's: see L9 of the specification.
    ancient = cluster_token(daemon, credentials(), ago=16 * 60)
    refuses(authenticate, daemon, ancient, saying="too old")
    status, said, _ = send(daemon, "GET", "/?" + decoded(ancient).partition("/?")[2],
                           {"Host": "{}:{}".format(*daemon.listeners["sts"]), "x-k8s-aws-id": "cluster-1"})
    equal(status, 403, said)
    assert daemon.reload(settings())["ok"]


def decoded(token):
    text = token[len(PREFIX):]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


@case("K4")
def nothing_can_be_added_to_a_token(daemon):
    host = "{}:{}".format(*daemon.listeners["sts"])
    url = decoded(cluster_token(daemon, credentials()))
    target = url[url.index("/?"):]
    fields = {"Host": host, "x-k8s-aws-id": "cluster-1", "Accept": "application/json"}
    equal(send(daemon, "GET", target, fields)[0], 200)
    for bad in (target + "&Action=AssumeRole", target + "&action=AssumeRole", target + "&X-Amz-Expires=900",
                target + "&x-amz-expires=900", target.replace("GetCallerIdentity", "GetSessionToken"),
                target.replace("X-Amz-Expires=60", "X-Amz-Expires=900")):
        status, said, _ = send(daemon, "GET", bad, fields)
        assert status in (400, 403), (bad, said)
    without = {name: value for name, value in fields.items() if name != "x-k8s-aws-id"}
    equal(send(daemon, "GET", target, without)[0], 403)
    equal(send(daemon, "POST", target, fields)[0], 403)


# ------------------------------------------------------------------------ Vault and OpenBao

SERVER_ID = "X-Vault-AWS-IAM-Server-ID"


def login(daemon, by, server="vault.example", body=IDENTITY, path="/", server_signed=True):
    """The four values of auth/aws/login, as the clients of Vault and OpenBao send them."""
    host = "{}:{}".format(*daemon.listeners["sts"])
    fields = {"Content-Type": FORM}
    if server_signed:
        fields[SERVER_ID] = server
    request = botocore.awsrequest.AWSRequest("POST", f"http://{host}{path}", data=body.encode(), headers=fields)
    botocore.auth.SigV4Auth(by, "sts", "us-east-1").add_auth(request)
    headers = {"Host": [host], "Content-Length": [str(len(body))]}
    headers |= {name: [value] for name, value in request.headers.items()} | {SERVER_ID: [server]}

    def packed(text):
        return base64.b64encode(text.encode()).decode()
    return {"iam_http_request_method": "POST", "iam_request_url": packed(f"http://{host}{path}"),
            "iam_request_body": packed(body), "iam_request_headers": packed(json.dumps(headers))}


def vault(daemon, form, server="vault.example"):
    """What the server makes of them: it sends the request on to the endpoint that it is configured with,
    and reads the answer strictly."""
    def unpacked(name):
        return base64.b64decode(form[name]).decode()
    headers = {name: ",".join(values) for name, values in json.loads(unpacked("iam_request_headers")).items()}
    body = unpacked("iam_request_body")
    query = urllib.parse.parse_qs(body, keep_blank_values=True, strict_parsing=True)
    if form["iam_http_request_method"] != "POST" or set(query) - {"Action", "Version"} \
            or query.get("Action") != ["GetCallerIdentity"]:
        raise Refused("request")
    signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    if headers.get(SERVER_ID) != server or SERVER_ID.lower() not in signed:
        raise Refused("server id")
    url = urllib.parse.urlsplit(unpacked("iam_request_url"))
    headers.pop("Content-Length", None)
    # It joins its endpoint, "http://host/", and the path of the request: that makes "//".
    status, said, kind = send(daemon, "POST", "/" + url.path, headers, body.encode())
    if status != 200:
        raise Refused(f"{status}: {said}")
    equal(kind, "text/xml")
    found = xml.fromstring(said)
    equal(found.tag, NAMESPACE + "GetCallerIdentityResponse")
    return found.find(f"{NAMESPACE}GetCallerIdentityResult/{NAMESPACE}Arn").text


@case("B1")
def a_user_and_a_role_session_log_in_to_vault(daemon):
    equal(vault(daemon, login(daemon, credentials())), ALICE)
    equal(vault(daemon, login(daemon, session(daemon))), f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/pod")


@case("B2")
def a_login_is_for_one_server(daemon):
    stolen = login(daemon, credentials(), server="other.example")
    refuses(vault, daemon, stolen, saying="server id")
    # One who claims otherwise, and so breaks the signature.
    headers = json.loads(base64.b64decode(stolen["iam_request_headers"]))
    headers[SERVER_ID] = ["vault.example"]
    stolen["iam_request_headers"] = base64.b64encode(json.dumps(headers).encode()).decode()
    refuses(vault, daemon, stolen, saying="SignatureDoesNotMatch")
    refuses(vault, daemon, login(daemon, credentials(), server_signed=False), saying="server id")


@case("B3")
def a_login_is_for_one_call(daemon):
    form = login(daemon, credentials())
    body = IDENTITY + "&Extra=1"
    refuses(vault, daemon, form | {"iam_request_body": base64.b64encode(body.encode()).decode()}, saying="request")
    headers = {name: values[0] for name, values in json.loads(base64.b64decode(form["iam_request_headers"])).items()
               if name != "Content-Length"}
    for other in (body, IDENTITY.replace("GetCallerIdentity", "GetSessionToken")):
        status, said, _ = send(daemon, "POST", "//", headers, other.encode())
        equal(status, 403, said)
        assert "SignatureDoesNotMatch" in said


# ------------------------------------------------------------------------ VerifyCaller

def scoped_key(secret, date, region, service):
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return key


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d")


def verify(daemon, about, by=None, **more):
    """(status, result or error)"""
    parameters = {"Action": "VerifyCaller", "Version": "imdsd/v1", "AccessKeyId": about.access_key,
                  "Date": today(), "Region": "eu-west-1", "Service": "orders"} | more
    if about.token:
        parameters["SessionToken"] = about.token
    status, text, _ = sts_call(daemon, by or credentials(SERVICE_ID, SERVICE_SECRET), parameters, "application/json")
    read = json.loads(text)
    if status != 200:
        return status, read["Error"]
    result = read["VerifyCallerResponse"]["VerifyCallerResult"]
    daemon.secrets.add(result["SigningKey"]["Key"])
    return status, result


@case("V1")
def identity_end_and_key_of_one_scope(daemon):
    caller = session(daemon, SourceIdentity="alice")
    status, result = verify(daemon, caller)
    equal(status, 200, result)
    key = result.pop("SigningKey")
    equal(base64.b64decode(key.pop("Key")), scoped_key(caller.secret_key, today(), "eu-west-1", "orders"))
    equal(key, {"Date": today(), "Region": "eu-west-1", "Service": "orders"})
    assert 3500 < result.pop("Expiration") - time.time() <= 3601
    assert abs(result.pop("IssueTime") - time.time()) < 60
    role_id, name = result.pop("UserId").split(":")
    equal((role_id[:4], name), ("AROA", "pod"))
    equal(result, {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/pod", "Account": ACCOUNT,
                   "AccessKeyId": caller.access_key, "PrincipalType": "AssumedRole", "RoleArn": ROLE,
                   "SessionName": "pod", "SourceIdentity": "alice", "CacheSeconds": 300})
    status, result = verify(daemon, credentials())
    equal((result["Arn"], result["Tags"]), (ALICE, [{"Key": "team", "Value": "blue"}]))
    assert "Expiration" not in result


@case("V2")
def the_key_is_of_no_use_elsewhere(daemon):
    """Whoever has it signs as the caller for that day, region and service; not at the issuer."""
    status, result = verify(daemon, credentials())
    equal(status, 200, result)
    key = base64.b64decode(result["SigningKey"]["Key"])
    host = "{}:{}".format(*daemon.listeners["sts"])

    class Scoped(botocore.auth.SigV4Auth):
        def signature(self, string_to_sign, request):
            return hmac.new(key, string_to_sign.encode(), hashlib.sha256).hexdigest()
    for service, region in (("orders", "eu-west-1"), ("sts", "eu-west-1")):
        request = botocore.awsrequest.AWSRequest("POST", f"http://{host}/", data=IDENTITY.encode(),
                                                 headers={"Content-Type": FORM})
        Scoped(credentials(), service, region).add_auth(request)
        status, said, _ = send(daemon, "POST", "/", {"Host": host} | dict(request.headers.items()), IDENTITY.encode())
        equal(status, 403, said)
    equal(verify(daemon, credentials(), Service="sts")[1]["Code"], "ValidationError")


@case("V3")
def who_may_verify_whom(daemon):
    alice, eve = credentials(), credentials(EVE_ID, EVE_SECRET)
    equal(verify(daemon, alice, by=alice)[1]["Code"], "AccessDenied")
    equal(verify(daemon, alice, Service="payments")[1]["Code"], "AccessDenied")
    equal(verify(daemon, eve)[1]["Account"], OTHER)
    equal(verify(daemon, alice, by=eve)[1]["Code"], "AccessDenied")
    assert daemon.reload(settings(verifiable=False))["ok"]
    unknown = verify(daemon, credentials("AKIA0000000000000000", "x" * 40))
    equal(unknown[1]["Code"], "UnknownCaller")
    equal(verify(daemon, eve), unknown)
    assert daemon.reload(settings())["ok"]
    equal(verify(daemon, eve)[0], 200)


@case("V4")
def a_decision(daemon):
    caller = session(daemon)
    asked = {"ActionName": "orders:Get", "ResourceArn": f"arn:aws:orders:eu-west-1:{ACCOUNT}:order/1"}
    status, result = verify(daemon, caller, **asked)
    equal(result["Decision"], {"EvalActionName": "orders:Get", "EvalResourceName": asked["ResourceArn"],
                               "EvalDecision": "allowed", "DecidedBy": "identity-based policy"})
    equal(verify(daemon, caller, **asked | {"ActionName": "orders:Drop"})[1]["Decision"]["EvalDecision"], "implicitDeny")
    narrowed = session(daemon, Policy=json.dumps(statement(Action="orders:List", Resource="*")))
    equal(verify(daemon, narrowed, **asked)[1]["Decision"]["EvalDecision"], "implicitDeny")


@case("V5")
def on_record(daemon):
    verify(daemon, credentials(), ActionName="orders:Get", ResourceArn="*")
    verify(daemon, credentials(), by=credentials())
    def records():
        last = [r for r in daemon.audit() if r["eventName"] == "VerifyCaller"][-2:]
        # Written by a thread of its own.
        return last if last and last[-1]["userIdentity"]["userName"] == "alice" else None
    done, denied = wait_until(records, 10, "the records")
    equal((done["eventSource"], done["userIdentity"]["userName"]), ("sts.imdsd", "orders"))
    equal(done["requestParameters"] | {"date": ""}, {
        "accessKeyId": ALICE_ID, "date": "", "region": "eu-west-1", "service": "orders",
        "actionName": "orders:Get", "resourceArn": "*"})
    equal(done["responseElements"], {"arn": ALICE, "accountId": ACCOUNT, "evalDecision": "implicitDeny"})
    equal((denied["errorCode"], denied["responseElements"]), ("AccessDenied", None))


if __name__ == "__main__":
    with Daemon(settings(), environment={"TEST_ALICE": ALICE_SECRET, "TEST_SERVICE": SERVICE_SECRET,
                                         "TEST_EVE": EVE_SECRET}) as running:
        running.secrets |= {ALICE_SECRET, SERVICE_SECRET, EVE_SECRET}
        suite.run(daemon=running)
