"""What botocore's model of a service says of an answer."""

import json
import re
import xml.etree.ElementTree as xml

try:
    import botocore.validate
except ImportError:
    botocore = None

# Of the query protocol, of signatures, and for what a file defines: every operation may answer with them, and
# models list them for few or none.
COMMON_ERRORS = {"AccessDenied", "InvalidAction", "InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken",
                 "ValidationError", "Throttling", "MissingAuthenticationToken", "InvalidParameterValue",
                 "MalformedInput", "UnmodifiableEntity"}
# The models of some years require it, where the documentation says that an unused key has none.
DOCUMENTED = {'Missing required parameter in AccessKeyLastUsed: "LastUsedDate"'}


def unnamed(element, shape, path=""):
    """What the service model has no name for."""
    here = f"{path}/{element.tag.rpartition('}')[2]}"
    if shape.type_name == "structure":
        for child in element:
            name = child.tag.rpartition("}")[2]
            if name in shape.members:
                yield from unnamed(child, shape.members[name], here)
            else:
                yield f"{here}/{name}"
    elif shape.type_name == "list":
        for child in element:
            if child.tag.rpartition("}")[2] != "member":
                yield f"{here}/{child.tag}"
            yield from unnamed(child, shape.member, here)
    elif shape.type_name == "map":
        for entry in element:
            if [child.tag.rpartition("}")[2] for child in entry] != ["key", "value"]:
                yield f"{here}: an entry that is none"


def outside(value, shape, path=""):
    """Values beyond the limits that botocore's own validation does not look at."""
    if shape.type_name == "structure":
        for name, inner in value.items():
            if name in shape.members:
                yield from outside(inner, shape.members[name], f"{path}/{name}")
    elif shape.type_name == "list":
        for inner in value:
            yield from outside(inner, shape.member, path)
    elif shape.type_name == "string" and isinstance(value, str):
        if not shape.metadata.get("min", 0) <= len(value) <= shape.metadata.get("max", len(value)):
            yield f"{path} is of a wrong length"
        # Its documentation shows what the service sends, which is not what the model lists.
        if shape.enum and value not in shape.enum and (shape.name, value) != ("PermissionsBoundaryAttachmentType",
                                                                              "Policy"):
            yield f"{path} is {value}, none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and "\\u" not in pattern and "\\p" not in pattern and not re.fullmatch(pattern, value, re.ASCII):
            yield f"{path} is not {pattern}"
    elif shape.type_name == "integer":
        if not shape.metadata.get("min", value) <= value <= shape.metadata.get("max", value):
            yield f"{path} is out of range"


def texts(value, shape):
    """As it was sent: botocore parses policies into mappings, where the model has them as text."""
    if shape.type_name == "structure":
        return {name: texts(inner, shape.members[name]) if name in shape.members else inner
                for name, inner in value.items()}
    if shape.type_name == "list":
        return [texts(inner, shape.member) for inner in value]
    return json.dumps(value) if shape.type_name == "string" and isinstance(value, dict) else value


def held_against_the_model(http, parsed, model):
    """What is wrong with an answer; parsed by botocore already."""
    root = xml.fromstring(http.content)
    name, namespace = model.name, model.service_model.metadata["xmlNamespace"]
    if http.status_code >= 300:
        code = parsed["Error"]["Code"]
        if root.tag != f"{{{namespace}}}ErrorResponse" and code != "InternalFailure":
            yield f"the refusal is a {root.tag}"
        if not parsed["Error"].get("Message") or not parsed["ResponseMetadata"].get("RequestId"):
            yield "a refusal without text or request id"
        if code in COMMON_ERRORS:
            return
        known = {s.metadata["error"].get("code", s.name): s.metadata["error"]["httpStatusCode"]
                 for s in model.error_shapes}
        if known.get(code) != http.status_code:
            yield f"{code} ({http.status_code}) is none of {known}"
        return
    if root.tag != f"{{{namespace}}}{name}Response":
        yield f"the answer is a {root.tag}"
    shape, said = model.output_shape, {k: v for k, v in parsed.items() if k != "ResponseMetadata"}
    parts = [child.tag.rpartition("}")[2] for child in root]
    if parts != ([name + "Result"] if shape else []) + ["ResponseMetadata"]:
        yield f"the answer has {parts}"
    if not parsed["ResponseMetadata"].get("RequestId"):
        yield "an answer without a request id"
    if shape:
        yield from unnamed(root[0], shape)
        said = texts(said, shape)
        report = botocore.validate.ParamValidator().validate(said, shape)
        mistakes = [line for line in report.generate_report().splitlines() if line not in DOCUMENTED]
        if mistakes:
            yield mistakes
        yield from outside(said, shape)
