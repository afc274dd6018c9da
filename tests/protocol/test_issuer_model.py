#!/usr/bin/env python3
"""botocore's service model reads every answer of the issuer: no element that it has no name for, none missing
that it requires, every value of its type and within its limits.

Where the installed botocore does not know an action yet, that action is left out.
"""

import datetime
import xml.etree.ElementTree as xml

import fixture  # noqa: F401 - finds tests/support

from aws_model import outside, unnamed
from daemon import Daemon
from suite import Skip, Suite, equal
from test_issuer_cases import OTHER, SECRET, USERS, Session, check, records, role, tags, to
from test_issuer_mistakes import TASK, settings

try:
    import botocore.parsers
    import botocore.session
    import botocore.validate
except ImportError:
    botocore = None

suite = Suite("issuer")
case = suite.case

NS = "{https://sts.amazonaws.com/doc/2011-06-15/}"
GOOD = {
    "GetCallerIdentity": {},
    "AssumeRole": to("reader", SourceIdentity="carol", Policy='{"Version":"2012-10-17","Statement":[{"Effect":'
                     '"Allow","Action":"s3:*","Resource":"*"}]}', **tags(team="a b/c=\u00e9")),
    "GetSessionToken": {"DurationSeconds": "900"},
    "GetFederationToken": {"Name": "bob", **tags(team="blue")},
    "GetAccessKeyInfo": {"AccessKeyId": USERS["alice"]},
    "DecodeAuthorizationMessage": {},
    "AssumeRoot": {"TargetPrincipal": OTHER, "TaskPolicyArn.arn": TASK + "S3UnlockBucketPolicy"},
}
NOT_SERVED = {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "GetWebIdentityToken", "GetDelegatedAccessToken"}


def model():
    return botocore.session.Session().get_service_model("sts")


def read(answer, shape):
    parser = botocore.parsers.create_parser("query")
    return parser.parse({"status_code": answer.status, "headers": dict(answer.response.fields),
                         "body": answer.response.body}, shape)


def denial(daemon):
    refused = check(Session.of(daemon, "alice").ask("AssumeRole", to("locked")), 403, "AccessDenied")
    return records(daemon, refused)[0]["additionalEventData"]["encodedAuthorizationMessages"]["123456789012"]


for _action in GOOD:
    @case(f"answer-{_action}", action=_action)
    def answers(daemon, action):
        if action not in model().operation_names:
            raise Skip("the installed botocore does not know it")
        parameters = GOOD[action] or ({"EncodedMessage": denial(daemon)} if "Decode" in action else {})
        answer = check(Session.of(daemon, "alice").ask(action, parameters), 200)
        root = xml.fromstring(answer.text)
        equal(root.tag, NS + action + "Response")
        equal([child.tag for child in root], [NS + action + "Result", NS + "ResponseMetadata"])
        shape = model().operation_model(action).output_shape
        equal(list(unnamed(root[0], shape)), [], answer.text)
        said = read(answer, shape)
        assert said["ResponseMetadata"]["RequestId"] == answer.response.get("x-amzn-RequestId"), answer.text
        said = {name: value for name, value in said.items() if name != "ResponseMetadata"}
        report = botocore.validate.ParamValidator().validate(said, shape)
        assert not report.has_errors(), report.generate_report()
        equal(list(outside(said, shape)), [], answer.text)
        if "Credentials" in shape.members:
            equal(sorted(said["Credentials"]), ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken"])
            assert isinstance(said["Credentials"]["Expiration"], datetime.datetime)
        optional = {"PackedPolicySize", "SourceIdentity"} & set(shape.members)
        equal(set(said) | ({"SourceIdentity"} if action == "AssumeRoot" else set()), set(shape.members),
              f"everything that can be there is: {optional}")


@case("every-action")
def every_action_is_served_or_named(daemon):
    """What the model has and this issuer does not offer says so, in the shape of a refusal."""
    for action in model().operation_names:
        if action in GOOD:
            continue
        assert action in NOT_SERVED, f"{action} is new in the service model"
        answer = Session.of(daemon, "alice").ask(action, {"RoleArn": role("reader")})
        said = read(answer, model().operation_model(action).output_shape)
        assert answer.status in (400, 403) and said["Error"]["Type"] == "Sender", answer.text
        assert said["Error"]["Code"] and said["Error"]["Message"] and said["ResponseMetadata"]["RequestId"], answer.text


ERRORS = [("MalformedPolicyDocument", "AssumeRole", to("reader", Policy='{"temp":true}')),
          ("PackedPolicyTooLarge", "AssumeRole", to("reader", **tags(**{f"T{n}": "x" * 250 for n in range(9)}))),
          ("InvalidAuthorizationMessageException", "DecodeAuthorizationMessage", {"EncodedMessage": "x"})]

for _code, _action, _parameters in ERRORS:
    @case(f"error-{_code}", code=_code, action=_action, parameters=_parameters)
    def modelled_errors(daemon, code, action, parameters):
        """botocore raises its own exception for them: code and status are the model's."""
        answer = check(Session.of(daemon, "alice").ask(action, parameters), 400, code)
        shapes = {s.metadata["error"].get("code", s.name): s.metadata["error"]["httpStatusCode"]
                  for s in model().operation_model(action).error_shapes}
        equal(shapes[code], answer.status)


if __name__ == "__main__":
    if botocore is None:
        raise SystemExit("botocore is not installed")
    with Daemon(settings(), environment={"TEST_SECRET": SECRET}) as running:
        running.secrets |= {SECRET}
        suite.run(daemon=running)
