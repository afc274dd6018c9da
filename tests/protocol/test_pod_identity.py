#!/usr/bin/env python3
"""The EKS Pod Identity agent's protocol to the byte, and whose token opens what (cases K*)."""

import json
import pathlib
import re
import socket
import ssl
import tempfile
import time

import fixture  # noqa: F401 - puts tests/support on the path

from acceptor import Acceptor
from as_user import as_user
from certificates import Authority
from daemon import Daemon, configuration, role_arn
from http_raw import ask, build, wait_until
from jwt import AUDIENCE, ISSUER, Key, base64url, key_set, pod_uid
from suite import Suite, equal, need_root

suite = Suite()
case = suite.case

HOST = "169.254.170.23"
PATH = "/v1/credentials"
STRANGER = 61777
KEYS = ["AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"]
REQUEST_ID = r"\[[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\]"


def settings(clusters, associations=None, more=None, **changes):
    return configuration(
        {"app": {"role": role_arn("app-role")}, "other": {"role": role_arn("other-role")},
         "plain": {}},
        listeners=[{"name": "pods", "serve": "pod_identity", "address": "127.0.0.1:0",
                    "allowed_hosts": ["pods.internal"]},
                   {"name": "probes", "serve": "health", "address": "127.0.0.1:0"},
                   {"name": "imds", "serve": "imds", "address": "127.0.0.1:0"}],
        bindings=[{"listener": "pods", "user": "self", "profile": "plain"},
                  {"user": STRANGER, "profile": "plain"}] + (more or []),
        pod_identity={
            "clusters": clusters,
            "associations": associations or [
                {"cluster": "prod", "namespace": "default", "service_account": "app",
                 "profile": "app"},
                {"cluster": "prod", "namespace": "web", "service_account": "app",
                 "profile": "other"}]},
        **changes)


def get(daemon, token=None, method="GET", path=PATH, host=HOST, headers=()):
    return daemon.ask("pods", method, path,
                      ([("Authorization", token)] if token is not None else []) + list(headers),
                      host=host)


def credentials(daemon, token, **more):
    answer = get(daemon, token, **more)
    equal(answer.status, 200, answer.text)
    document = json.loads(answer.text)
    daemon.secrets |= {document["SecretAccessKey"], document["Token"], token}
    return document


def is_error(answer, status, text):
    """Go's http.Error, byte for byte. `text` may be a compiled pattern."""
    equal(answer.status, status, answer.text)
    equal(answer.get("Content-Type"), "text/plain; charset=utf-8")
    equal(answer.get("X-Content-Type-Options"), "nosniff")
    equal(answer.get("Server"), None)
    if isinstance(text, str):
        equal(answer.text, text + "\n")
    else:
        assert text.fullmatch(answer.text), answer.text


def upstream(code, message, fault="client"):
    return re.compile(rf"{REQUEST_ID}: \({code}\): {message}, fault: {fault}\n")


# -- the wire -------------------------------------------------------------------------------------


@case("K01")
def credentials_document(daemon, key):
    answer = get(daemon, key.token())
    equal(answer.status, 200, answer.text)
    equal(answer.get("Content-Type"), "application/json")
    equal(answer.get("Server"), None)
    document = json.loads(answer.text)
    daemon.secrets |= {document["SecretAccessKey"], document["Token"]}
    equal(list(document), KEYS)
    equal(answer.text, json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    equal(document["AccountId"], "123456789012")
    assert document["AccessKeyId"].startswith("ASIA"), document["AccessKeyId"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["Expiration"]), document


@case("K02")
def no_token(daemon):
    is_error(get(daemon), 400, "Service account token cannot be empty")
    is_error(get(daemon, ""), 400, "Service account token cannot be empty")


@case("K03")
def a_scheme_word(daemon, key):
    for word in ("Bearer", "bearer", "BEARER"):
        is_error(get(daemon, f"{word} {key.token()}"), 400,
                 "Service account token cannot be parsed: token is malformed: "
                 "tokenstring should not contain 'bearer '")
    for text, why in (
            ("x", "token is malformed: token contains an invalid number of segments"),
            ("a.b", "token is malformed: token contains an invalid number of segments"),
            ("!.e30.AA", "token is malformed: could not base64 decode header: .*"),
            ("e30.e30.AA", r"token is unverifiable: signing method \(alg\) is unspecified"),
            ("W10.e30.AA", "token is malformed: could not JSON decode header: .*")):
        is_error(get(daemon, text), 400,
                 re.compile(f"Service account token cannot be parsed: {why}\n"))


@case("K03-twice")
def two_tokens(daemon, key):
    token = key.token()
    is_error(get(daemon, token, headers=[("Authorization", token)]), 400,
             "Service account token cannot be parsed: token is malformed: more than one "
             "Authorization field")


@case("K04")
def claims_out_of_time(daemon, key):
    now = int(time.time())
    start = "Service account token failed basic claim validations: "
    is_error(get(daemon, key.token(exp=now - 1)), 400, start + "token is expired")
    is_error(get(daemon, key.token(exp=now)), 400, start + "token is expired")
    is_error(get(daemon, key.token(nbf=now + 600)), 400, start + "token is not valid yet")
    is_error(get(daemon, key.token(iat=now + 600)), 400, start + "token used before issued")
    is_error(get(daemon, key.token(exp=None)), 400,
             start + "token is missing required claim: exp claim is required")
    # Clocks of nodes differ a little.
    credentials(daemon, key.token(nbf=now + 5, iat=now + 5))
    # The agent looks at the times before anyone has checked the signature.
    forged = key.token(exp=now - 1).rsplit(".", 1)[0] + ".AAAA"
    is_error(get(daemon, forged), 400, start + "token is expired")


DENIED = ("Access Denied. Called agent through invalid address, please use either "
          "[169.254.170.23 fd00:ec2::23 pods.internal] address not ")


@case("K06")
def wrong_host(daemon, key):
    for host, shown in (("localhost", "localhost"), ("127.0.0.1:80", "127.0.0.1"),
                        ("evil.example:8080", "evil.example"), ("[::1]:80", "::1"),
                        ("[fd00:ec2::254]", "fd00:ec2::254"), ("169.254.170.2", "169.254.170.2"),
                        ("169.254.170.23.evil.example", "169.254.170.23.evil.example")):
        is_error(get(daemon, key.token(), host=host), 403, DENIED + shown)


@case("K07")
def host_comes_before_the_token(daemon):
    is_error(get(daemon, host="localhost"), 403, DENIED + "localhost")
    is_error(get(daemon, "Bearer x", host="localhost"), 403, DENIED + "localhost")


@case("K08", host="169.254.170.23:80")
@case("K08-bare", host="169.254.170.23")
@case("K09-name", host="[fd00:ec2::23]")
@case("K09-port", host="[fd00:ec2::23]:80")
@case("K08-more", host="pods.internal")
def good_hosts(daemon, key, host):
    credentials(daemon, key.token(), host=host)


@case("K10-absolute")
def absolute_form(daemon, key):
    credentials(daemon, key.token(), path=f"http://{HOST}{PATH}")
    is_error(get(daemon, key.token(), path=f"http://evil.example{PATH}"), 403,
             DENIED + "evil.example")


@case("K11")
def any_method(daemon, key):
    token = key.token()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"):
        credentials(daemon, token, method=method)
    answer = daemon.ask("pods", "HEAD", PATH, {"Authorization": token}, host=HOST)
    equal(answer.status, 200)
    assert int(answer.get("Content-Length")) > 100


@case("K11-body")
def a_body_is_drained(daemon, key):
    with daemon.connect("pods") as connection:
        for _ in range(2):
            answer = connection.exchange(build("POST", PATH, {
                "Authorization": key.token(), "Content-Length": "5"}, b"hello", host=HOST))
            equal(answer.status, 200, answer.text)
            daemon.secrets.add(json.loads(answer.text)["SecretAccessKey"])


@case("K12")
def no_association(daemon, key):
    for namespace, account in (("default", "nobody"), ("nowhere", "app"), ("web", "default")):
        is_error(get(daemon, key.token(namespace, account)), 404,
                 upstream("ResourceNotFoundException",
                          f"no association for service account {namespace}/{account}"))


@case("K12-own")
def each_service_account_its_own(daemon, key):
    first = credentials(daemon, key.token("default", "app"))
    second = credentials(daemon, key.token("web", "app"))
    assert first["AccessKeyId"] != second["AccessKeyId"]


@case("K13-paths")
def only_one_path(daemon, key):
    for path in ("/", "/v1", "/v1/", "/v1/credentials/", "/v1/credentialsx", "/V1/credentials",
                 "/v1/Credentials", "/v1%2Fcredentials", "/latest/meta-data/", "/healthz"):
        is_error(get(daemon, key.token(), path=path), 404, "404 page not found")
    credentials(daemon, key.token(), path=PATH + "?x=y")
    credentials(daemon, key.token(), path="/v1/%63redentials")


@case("K13-clean")
def paths_are_cleaned_by_redirect(daemon, key):
    for path, clean in (("//v1/credentials", PATH), ("/v1//credentials", PATH),
                        ("/v1/./credentials", PATH), ("/x/../v1/credentials", PATH),
                        ("/v1/credentials/.", PATH), ("/v1/credentials//", PATH + "/"),
                        ("//evil.example/x", "/evil.example/x"), ("/..", "/"),
                        ("//v1/credentials?a=b&c", PATH + "?a=b&c"),
                        ("//v1/%63redentials", "/v1/%2563redentials")):
        answer = get(daemon, key.token(), path=path)
        equal(answer.status, 301, path)
        equal(answer.get("Location"), clean)
        equal(answer.get("Content-Type"), "text/html; charset=utf-8")
        equal(answer.text, f'<a href="{clean.replace("&", "&amp;")}">Moved Permanently</a>.\n\n')
    answer = get(daemon, key.token(), method="POST", path="//v1/credentials")
    equal((answer.status, answer.get("Content-Type"), answer.text), (301, None, ""))


@case("K14")
def the_same_credentials_while_they_last(daemon, key):
    token = key.token()
    first = credentials(daemon, token)
    equal(credentials(daemon, token), first)
    # Another token of the same account as well: they are the profile's.
    equal(credentials(daemon, key.token(pod="app-1")), first)
    with daemon.connect("pods") as connection:
        for _ in range(3):
            answer = connection.exchange(build("GET", PATH, {"Authorization": token}, host=HOST))
            equal(json.loads(answer.text), first)


@case("K16")
def probes(daemon):
    for path in ("/healthz", "/readyz"):
        for host in ("localhost", "10.0.0.5:2703"):
            answer = daemon.ask("probes", "GET", path, host=host)
            equal((answer.status, answer.text), (200, ""))
    is_error(daemon.ask("probes", "GET", PATH), 404, "404 page not found")
    is_error(daemon.ask("probes", "GET", "/"), 404, "404 page not found")


@case("malformed")
def what_is_no_http(daemon):
    with daemon.connect("pods") as connection:
        answer = connection.exchange(b"GET /v1/credentials HTTP/1.1\r\nHost: a\r\nHost: b\r\n"
                                     b"Content-Length: x\r\n\r\n")
        equal(answer.status, 400)
        equal(answer.text, "400 Bad Request")
        equal(answer.get("Connection"), "close")


# -- whose token ----------------------------------------------------------------------------------


@case("forged")
def forged_tokens(daemon, key, attacker):
    bad = upstream("InvalidTokenException", "the token is not valid: .*")
    good = key.token()
    head, payload, signature = good.split(".")
    other_payload = base64url(json.dumps({
        "aud": [AUDIENCE], "exp": int(time.time()) + 600, "iss": ISSUER,
        "sub": "system:serviceaccount:default:app"}).encode())
    for token in (
            attacker.token(header={"alg": "RS256", "kid": key.kid}),
            attacker.token(header={"alg": "RS256", "kid": key.kid, "jwk": attacker.jwk()}),
            f"{head}.{other_payload}.{signature}", f"{head}.{payload}.", f"{head}.{payload}.AAAA",
            # PSS, and a key that is for RS256 alone.
            key.token(header={"alg": "PS256", "kid": key.kid})):
        is_error(get(daemon, token), 400, bad)
    # The public key as an HMAC secret, and none at all: there are no such algorithms.
    for alg in ("HS256", "none", "None", ""):
        forged = base64url(json.dumps({"alg": alg, "kid": key.kid}).encode()) + f".{payload}."
        is_error(get(daemon, forged), 400,
                 "Service account token cannot be parsed: token is unverifiable: "
                 "signing method (alg) is unavailable")
    is_error(get(daemon, good[:-1] + ("A" if good[-1] != "A" else "B")), 400, re.compile(".*\n"))


@case("wrong-party")
def tokens_for_others(daemon, key):
    invalid = "InvalidTokenException"
    audience = upstream(invalid, "the token is not valid: token has invalid audience")
    for aud in (None, [], "", "sts.amazonaws.com", ["https://kubernetes.default.svc"],
                AUDIENCE.upper()):
        is_error(get(daemon, key.token(aud=aud)), 400, audience)
    credentials(daemon, key.token(aud=AUDIENCE))
    credentials(daemon, key.token(aud=["x", AUDIENCE]))
    unknown = upstream(invalid, "the token's issuer is not known here")
    for iss in (None, "", ISSUER + "/", "https://evil.example"):
        is_error(get(daemon, key.token(iss=iss)), 400, unknown)


@case("subject")
def who_the_token_speaks_for(daemon, key):
    # Without the claim of Kubernetes the subject says it.
    credentials(daemon, key.token(**{"kubernetes.io": None}))
    for changes in ({"kubernetes.io": None, "sub": None},
                    {"kubernetes.io": None, "sub": "system:node:node-1"},
                    {"kubernetes.io": None, "sub": "system:serviceaccount:default"},
                    {"kubernetes.io": None, "sub": "system:serviceaccount:default:app:x"},
                    {"kubernetes.io": {}}, {"kubernetes.io": "x"},
                    {"kubernetes.io": {"namespace": "default", "serviceaccount": {"name": 1}}},
                    {"sub": "system:serviceaccount:web:app"}, {"sub": "somebody"}):
        is_error(get(daemon, key.token(**changes)), 400,
                 upstream("InvalidTokenException", "the token is not valid: .*"))


@case("caller")
def a_token_alone_is_not_enough(daemon, key):
    need_root()
    token = key.token()
    address = daemon.listeners["pods"]
    expected = re.compile(r"Access Denied\. no binding for listener pods matches uid=61777.*\n")

    def attempt():
        answers = []
        for headers in ({"Authorization": token}, {}, {"Authorization": "x"}):
            answer = ask(address, build("GET", PATH, headers, host=HOST))
            answers.append((answer.status, answer.text))
        return answers
    # That user is bound, but not to this listener.
    for status, text in as_user(STRANGER, attempt):
        equal(status, 403)
        assert expected.fullmatch(text), text


@case("browser")
def web_pages_are_refused(daemon, key):
    for field in (("Origin", "http://evil.example"), ("Referer", "http://evil.example/"), ("Sec-Fetch-Site", "cross-site")):
        is_error(get(daemon, key.token(), headers=[field]), 403,
                 "Access Denied. requests made by web pages are not served")


@case("audit")
def hand_outs_are_on_record(daemon, key):
    token = key.token("web", "app", pod="audited-0")
    given = credentials(daemon, token)
    credentials(daemon, token)
    get(daemon, key.token("web", "unknown-account", pod="audited-1"))

    def records(name):
        return [r for r in daemon.audit() if r["eventName"] == name
                and (r["requestParameters"] or {}).get("kubernetes", {}).get("pod", "")
                .startswith("audited")]
    hand_outs = wait_until(lambda: records("GetRoleCredentials"))
    equal(len(hand_outs), 1)
    parameters = hand_outs[0]["requestParameters"]
    equal(parameters["kubernetes"], {
        "cluster": "prod", "namespace": "web", "serviceAccount": "app", "pod": "audited-0",
        "podUid": pod_uid("audited-0")})
    equal(parameters["profile"], "other")
    equal(parameters["role"], role_arn("other-role"))
    assert "imdsVersion" not in parameters, parameters
    equal(hand_outs[0]["responseElements"]["accessKeyId"], given["AccessKeyId"])
    refused = wait_until(lambda: records("RefuseCaller"))
    equal(refused[0]["errorCode"], "no_association")
    equal(refused[0]["requestParameters"]["kubernetes"]["serviceAccount"], "unknown-account")
    text = daemon.audit_file.read_text()
    for part in token.split("."):
        assert part not in text, "a part of the token is on record"


@case("rate")
def one_caller_is_limited(daemon):
    statuses = []
    with daemon.connect("pods") as connection:
        request = build("GET", PATH, host=HOST)
        end = time.monotonic() + 20
        while 429 not in statuses and time.monotonic() < end:
            connection.send(request * 100)
            for _ in range(100):
                answer = connection.receive()
                statuses.append(answer.status)
                if answer.status == 429:
                    is_error(answer, 429, "Too Many Requests")
    if 429 not in statuses:
        # The bucket refills a thousand times a second: a slow binary never empties it.
        assert len(statuses) < 20 * 1000, "no limit"
    # Other paths are not limited.
    is_error(get(daemon, path="/x"), 404, "404 page not found")


# -- keys -----------------------------------------------------------------------------------------


class KeyServer:
    """An API server's /openid/v1/jwks, by TLS, for those with the bearer token."""

    def __init__(self, certificate, body, bearer=None):
        self.body, self.bearer = body, bearer
        self.requests = 0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.context = context
        listening = socket.create_server(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self.acceptor = Acceptor(listening, self._serve)

    def _serve(self, raw):
        try:
            with self.context.wrap_socket(raw, server_side=True) as stream:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += stream.recv(4096) or b"\r\n\r\n"
                self.requests += 1
                allowed = (self.bearer is None or
                           f"\r\nAuthorization: Bearer {self.bearer}\r\n" in request.decode())
                body = self.body.encode() if allowed else b"{}"
                stream.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s"
                               % (200 if allowed else 403, len(body), body))
                stream.unwrap()
        except OSError:
            pass

    def close(self):
        self.acceptor.close()


def url_settings(folder, port, **jwks):
    return settings({"prod": {"issuer": ISSUER, "jwks": {
        "url": f"https://localhost:{port}/openid/v1/jwks"} | jwks}})


@case("keys-url")
def keys_from_the_api_server(folder, key, attacker, authority):
    certificate = authority.issue(["DNS:localhost"])
    bearer = folder / "bearer"
    bearer.write_text("the-token-of-the-agent\n")
    server = KeyServer(certificate, key_set(key), "the-token-of-the-agent")
    with Daemon(url_settings(folder, server.port, ca_file=str(authority.file),
                             token_file=str(bearer))) as daemon:
        daemon.secrets.add("the-token-of-the-agent")
        # The first caller waits for the keys if it must.
        credentials(daemon, key.token())
        equal(server.requests, 1)
        # A key that is not known: the keys are read again, but not for everybody who makes one up.
        second = Key("second")
        server.body = key_set(key, second)
        for _ in range(5):
            get(daemon, attacker.token(header={"alg": "RS256", "kid": "made-up"}))
        assert server.requests <= 2, server.requests
        # Within ten seconds of the last read the new key is not fetched; a reload does it.
        daemon.reload()
        wait_until(lambda: get(daemon, second.token()).status == 200, 10, "the second key")
        # An outage: the keys that are there go on.
        server.close()
        daemon.reload()
        wait_until(lambda: daemon.status()["clusters"][0]["failure"], 10, "the outage is known")
        credentials(daemon, key.token())
        credentials(daemon, second.token())
        equal(daemon.ask("probes", "GET", "/readyz").status, 200)
        assert "cluster keys cannot be read" in daemon.log()


@case("keys-missing")
def without_keys_nothing_is_believed(folder, key, authority, other_authority):
    server = KeyServer(authority.issue(["DNS:localhost"]), key_set(key))
    # The server's certificate is of an authority that is not the configured one.
    with Daemon(url_settings(folder, server.port, ca_file=str(other_authority.file))) as daemon:
        answer = get(daemon, key.token())
        is_error(answer, 503, upstream("ServiceUnavailableException",
                                       "the keys of the token's issuer are not at hand", "server"))
        equal(answer.get("Retry-After"), "1")
        answer = daemon.ask("probes", "GET", "/readyz")
        is_error(answer, 500, "the keys of a cluster are not at hand")
        equal(daemon.ask("probes", "GET", "/healthz").status, 200)
        equal(server.requests, 0)
        assert "certificate" in daemon.status()["clusters"][0]["failure"]
        server.close()


@case("keys-file")
def a_key_file_is_read_again_at_a_reload(folder, key, attacker):
    file = folder / "rotating.json"
    file.write_text(key_set(key))
    with Daemon(settings({"prod": {"issuer": ISSUER, "jwks": {"file": str(file)}}})) as daemon:
        token = key.token()
        credentials(daemon, token)
        credentials(daemon, token)
        second = Key("second")
        file.write_text(key_set(second))
        daemon.reload()
        wait_until(lambda: get(daemon, second.token()).status == 200, 10, "the new key")
        # What was verified with a key that is gone is not believed any more, cached or not.
        is_error(get(daemon, token), 400, upstream("InvalidTokenException", ".*"))
        # A damaged file refuses the reload; what is in force stays.
        file.write_text("{}")
        assert not daemon.reload()["ok"]
        credentials(daemon, second.token())


@case("reload")
def an_association_that_is_gone_is_gone_on_open_connections(folder, key):
    file = folder / "static.json"
    file.write_text(key_set(key))
    clusters = {"prod": {"issuer": ISSUER, "jwks": {"file": str(file)}}}
    with Daemon(settings(clusters)) as daemon, daemon.connect("pods") as connection:
        request = build("GET", PATH, {"Authorization": key.token()}, host=HOST)
        equal(connection.exchange(request).status, 200)
        changed = settings(clusters, [{"cluster": "prod", "namespace": "x", "service_account": "y",
                                       "profile": "app"}])
        assert daemon.reload(changed)["ok"]
        equal(connection.exchange(request).status, 404)
        # Neither is the caller's binding for ever.
        changed["bindings"] = [{"listener": "imds", "user": "self", "profile": "plain"}]
        assert daemon.reload(changed)["ok"]
        equal(connection.exchange(request).status, 403)


@case("clusters")
def keys_of_one_cluster_do_not_count_for_another(folder, key, attacker):
    for name, one in (("a", key), ("b", attacker)):
        (folder / f"{name}.json").write_text(key_set(one))
    associations = [{"cluster": name, "namespace": "default", "service_account": "app",
                     "profile": profile} for name, profile in (("a", "app"), ("b", "other"))]
    clusters = {name: {"issuer": issuer, "jwks": {"file": str(folder / f"{name}.json")}}
                for name, issuer in (("a", ISSUER), ("b", "https://b.example"))}
    with Daemon(settings(clusters, associations)) as daemon:
        first = credentials(daemon, key.token())
        second = credentials(daemon, attacker.token(iss="https://b.example"))
        assert first["AccessKeyId"] != second["AccessKeyId"]
        for token in (attacker.token(), key.token(iss="https://b.example"),
                      attacker.token(header={"alg": "RS256"})):
            is_error(get(daemon, token), 400, upstream("InvalidTokenException", ".*"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        key = Key("first")
        (folder / "jwks.json").write_text(key_set(key))
        clusters = {"prod": {"issuer": ISSUER, "jwks": {"file": str(folder / "jwks.json")}}}
        with Daemon(settings(clusters)) as daemon:
            suite.run(daemon=daemon, key=key, attacker=Key("first"), folder=folder,
                      authority=Authority(folder / "ca"),
                      other_authority=Authority(folder / "other"))
