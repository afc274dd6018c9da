#!/usr/bin/env python3
"""The calls that Terraform's AWS provider makes for resources of IAM, in its order and with its expectations: what
it creates, reads back right away, finds unchanged in a second plan, changes in place, imports, and destroys with
force_destroy or force_detach_policies. Told by boto3; NOT the provider itself, which cannot be built here.

What the provider insists on: that what was created is found at once by the next read; that a read after apply shows
what was asked for, or the next plan has a difference; that NoSuchEntity, and nothing else, means "gone"; that a
policy read back means the same as the one that was written.
"""

import json
import urllib.parse

import fixture  # noqa: F401 - finds tests/support

from daemon import ACCOUNT
from iam_clients import Estate, allow, boto3, document, policy, refused, role, trusting, user
from suite import Suite, equal

suite = Suite("issuer")
case = suite.case

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EC2 = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"],
     "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"], "Condition": {"StringLike": {"s3:prefix": ["a/*"]}}}]},
    indent=2)
PROVIDED = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"


def tags(**pairs):
    return [{"Key": key, "Value": value} for key, value in sorted(pairs.items())]


def tag_map(found):
    return {one["Key"]: one["Value"] for one in found}


def pages(iam, name, key, **parameters):
    return [one for page in iam.get_paginator(name).paginate(**parameters) for one in page[key]]


# -- reads, as the provider makes them after each change, in each plan, and for an import by name or ARN ----------


def read_role(iam, name):
    found = iam.get_role(RoleName=name)["Role"]
    inline = {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
              for one in pages(iam, "list_role_policies", "PolicyNames", RoleName=name)}
    managed = [one["PolicyArn"] for one in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)]
    return {"arn": found["Arn"], "trust": found["AssumeRolePolicyDocument"], "path": found["Path"],
            "description": found.get("Description", ""), "duration": found["MaxSessionDuration"],
            "boundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
            "tags": tag_map(found.get("Tags", [])), "id": found["RoleId"], "inline": inline, "managed": managed}


def read_policy(iam, arn):
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    return {"arn": found["Arn"], "name": found["PolicyName"], "path": found["Path"], "id": found["PolicyId"],
            "description": found.get("Description", ""), "tags": tag_map(found.get("Tags", [])),
            "policy": version["Document"], "attachments": found["AttachmentCount"]}


def read_user(iam, name):
    found = iam.get_user(UserName=name)["User"]
    return {"arn": found["Arn"], "path": found["Path"], "id": found["UserId"], "tags": tag_map(found.get("Tags", [])),
            "boundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")}


def read_instance_profile(iam, name):
    found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    roles = [one["RoleName"] for one in found["Roles"]]
    for one in roles:
        iam.get_role(RoleName=one)
    return {"arn": found["Arn"], "path": found["Path"], "roles": roles, "tags": tag_map(found.get("Tags", []))}


def unchanged(read, *where):
    """A plan right after apply is empty, and so is the next one."""
    first = read(*where)
    equal(read(*where), first)
    return first


# -- destruction -------------------------------------------------------------------------------------------------


def destroy_role(iam, name):
    """With force_detach_policies."""
    for one in pages(iam, "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name):
        iam.remove_role_from_instance_profile(InstanceProfileName=one["InstanceProfileName"], RoleName=name)
    for one in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        iam.detach_role_policy(RoleName=name, PolicyArn=one["PolicyArn"])
    for one in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        iam.delete_role_policy(RoleName=name, PolicyName=one)
    iam.delete_role(RoleName=name)
    refused("NoSuchEntity", iam.get_role, RoleName=name)


def destroy_policy(iam, arn):
    for one in pages(iam, "list_policy_versions", "Versions", PolicyArn=arn):
        if not one["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=one["VersionId"])
    iam.delete_policy(PolicyArn=arn)
    refused("NoSuchEntity", iam.get_policy, PolicyArn=arn)


def destroy_user(iam, name):
    """With force_destroy: everything that could hang on a user is asked for."""
    for one in pages(iam, "list_groups_for_user", "Groups", UserName=name):
        iam.remove_user_from_group(GroupName=one["GroupName"], UserName=name)
    for one in pages(iam, "list_user_policies", "PolicyNames", UserName=name):
        iam.delete_user_policy(UserName=name, PolicyName=one)
    for one in pages(iam, "list_attached_user_policies", "AttachedPolicies", UserName=name):
        iam.detach_user_policy(UserName=name, PolicyArn=one["PolicyArn"])
    for one in pages(iam, "list_access_keys", "AccessKeyMetadata", UserName=name):
        iam.delete_access_key(UserName=name, AccessKeyId=one["AccessKeyId"])
    equal(pages(iam, "list_ssh_public_keys", "SSHPublicKeys", UserName=name), [])
    equal(pages(iam, "list_virtual_mfa_devices", "VirtualMFADevices", AssignmentStatus="Assigned"), [])
    equal(pages(iam, "list_mfa_devices", "MFADevices", UserName=name), [])
    refused("NoSuchEntity", iam.delete_login_profile, UserName=name)
    equal(pages(iam, "list_signing_certificates", "Certificates", UserName=name), [])
    equal(iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"], [])
    iam.delete_user(UserName=name)
    refused("NoSuchEntity", iam.get_user, UserName=name)


# -- resources ---------------------------------------------------------------------------------------------------


@case("provider", account=ACCOUNT)
def the_provider_itself(estate, account):
    """skip_requesting_account_id is off: it asks STS, and then IAM who it is."""
    equal(estate.admin.sts.get_caller_identity()["Account"], account)
    equal(estate.admin.iam.get_user()["User"]["UserName"], "administrator")
    equal(estate.admin.iam.list_account_aliases()["AccountAliases"], [])


@case("aws_iam_policy")
def aws_iam_policy(estate):
    iam = estate.admin.iam
    made = iam.create_policy(PolicyName="data-read", Path="/apps/", Description="Reads data", PolicyDocument=DOCUMENT,
                             Tags=tags(env="test", owner="a@example.com"))["Policy"]["Arn"]
    first = unchanged(read_policy, iam, made)
    equal((first["policy"], first["description"], first["tags"], first["path"]),
          (json.loads(DOCUMENT), "Reads data", {"env": "test", "owner": "a@example.com"}, "/apps/"))
    # Changed in place: a new version each time, and the oldest goes when there are five.
    for number in range(7):
        versions = pages(iam, "list_policy_versions", "Versions", PolicyArn=made)
        if len(versions) >= 5:
            oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
            iam.delete_policy_version(PolicyArn=made, VersionId=oldest["VersionId"])
        changed = document(allow("s3:GetObject", resource=f"arn:aws:s3:::data{number}/*"))
        iam.create_policy_version(PolicyArn=made, PolicyDocument=changed, SetAsDefault=True)
        equal(unchanged(read_policy, iam, made)["policy"], json.loads(changed))
    iam.untag_policy(PolicyArn=made, TagKeys=["owner"])
    iam.tag_policy(PolicyArn=made, Tags=tags(env="prod"))
    equal(read_policy(iam, made)["tags"], {"env": "prod"})
    # The data source looks it up by name.
    equal([p["Arn"] for p in pages(iam, "list_policies", "Policies", PathPrefix="/apps/")], [made])
    destroy_policy(iam, made)


@case("aws_iam_role")
def aws_iam_role(estate):
    iam = estate.admin.iam
    boundary = iam.create_policy(PolicyName="bounds", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_role(RoleName="web", Path="/apps/", AssumeRolePolicyDocument=EC2, Description="Serves\nthe web",
                    MaxSessionDuration=7200, PermissionsBoundary=boundary, Tags=tags(env="test"))
    # inline_policy and managed_policy_arns, then the read.
    iam.put_role_policy(RoleName="web", PolicyName="data", PolicyDocument=DOCUMENT)
    iam.attach_role_policy(RoleName="web", PolicyArn=PROVIDED)
    first = unchanged(read_role, iam, "web")
    equal((first["trust"], first["description"], first["duration"], first["boundary"], first["tags"],
           first["inline"], first["managed"], first["arn"]),
          (json.loads(EC2), "Serves\nthe web", 7200, boundary, {"env": "test"}, {"data": json.loads(DOCUMENT)},
           [PROVIDED], role("apps/web")))
    # Every attribute that changes in place.
    trust = trusting(ROOT)
    iam.update_assume_role_policy(RoleName="web", PolicyDocument=trust)
    iam.update_role_description(RoleName="web", Description="")
    iam.update_role(RoleName="web", MaxSessionDuration=3600)
    iam.delete_role_permissions_boundary(RoleName="web")
    iam.untag_role(RoleName="web", TagKeys=["env"])
    iam.tag_role(RoleName="web", Tags=tags(stage="x"))
    iam.delete_role_policy(RoleName="web", PolicyName="data")
    iam.detach_role_policy(RoleName="web", PolicyArn=PROVIDED)
    changed = unchanged(read_role, iam, "web")
    equal((changed["trust"], changed["description"], changed["duration"], changed["boundary"], changed["tags"],
           changed["inline"], changed["managed"], changed["id"]),
          (json.loads(trust), "", 3600, None, {"stage": "x"}, {}, [], first["id"]))
    # name_prefix: names that it makes up itself; name taken: an error that it shows.
    refused("EntityAlreadyExists", iam.create_role, RoleName="web", AssumeRolePolicyDocument=EC2)
    # What it names does not exist yet: the provider tries again while that is what it hears.
    said = refused("MalformedPolicyDocument", iam.create_role, RoleName="early",
                   AssumeRolePolicyDocument=trusting(user("late")))
    assert "Invalid principal in policy" in said, said
    iam.create_user(UserName="late")
    iam.create_role(RoleName="early", AssumeRolePolicyDocument=trusting(user("late")))
    equal(read_role(iam, "early")["trust"], json.loads(trusting(user("late"))))
    for name in ("web", "early"):
        destroy_role(iam, name)
    destroy_policy(iam, boundary)
    destroy_user(iam, "late")


@case("attachments")
def attachments(estate):
    """aws_iam_role_policy_attachment, its siblings, and aws_iam_policy_attachment, which owns them all."""
    iam = estate.admin.iam
    arn = iam.create_policy(PolicyName="shared", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=EC2)
    iam.create_user(UserName="u")
    iam.create_group(GroupName="g")
    for kind, name in (("role", "r"), ("user", "u"), ("group", "g")):
        which = {kind.title() + "Name": name}
        attach, detach = getattr(iam, f"attach_{kind}_policy"), getattr(iam, f"detach_{kind}_policy")
        attach(PolicyArn=arn, **which)
        attach(PolicyArn=arn, **which)  # again: no error, no second one
        equal([a["PolicyArn"] for a in pages(iam, f"list_attached_{kind}_policies", "AttachedPolicies", **which)],
              [arn])
        detach(PolicyArn=arn, **which)
        refused("NoSuchEntity", detach, PolicyArn=arn, **which)
        attach(PolicyArn=arn, **which)
    found = iam.list_entities_for_policy(PolicyArn=arn)
    equal([[one[key] for one in found[kind]] for kind, key in (("PolicyRoles", "RoleName"),
                                                               ("PolicyUsers", "UserName"),
                                                               ("PolicyGroups", "GroupName"))], [["r"], ["u"], ["g"]])
    equal(read_policy(iam, arn)["attachments"], 3)
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.detach_group_policy(GroupName="g", PolicyArn=arn)
    destroy_role(iam, "r")
    destroy_user(iam, "u")
    iam.delete_group(GroupName="g")
    destroy_policy(iam, arn)


@case("aws_iam_user")
def aws_iam_user(estate):
    iam = estate.admin.iam
    made = iam.create_user(UserName="app", Path="/svc/", Tags=tags(env="test"))["User"]
    equal(unchanged(read_user, iam, "app"), {"arn": user("svc/app"), "path": "/svc/", "id": made["UserId"],
                                             "tags": {"env": "test"}, "boundary": None})
    iam.update_user(UserName="app", NewUserName="app2", NewPath="/")
    equal(unchanged(read_user, iam, "app2")["id"], made["UserId"])
    refused("NoSuchEntity", iam.get_user, UserName="app")
    # aws_iam_access_key: created, made inactive, found among the user's, last use as data.
    key = iam.create_access_key(UserName="app2")["AccessKey"]
    estate.daemon.secrets.add(key["SecretAccessKey"])
    iam.update_access_key(UserName="app2", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    equal([(k["AccessKeyId"], k["Status"]) for k in pages(iam, "list_access_keys", "AccessKeyMetadata",
                                                          UserName="app2")], [(key["AccessKeyId"], "Inactive")])
    # aws_iam_user_policy, aws_iam_user_group_membership, aws_iam_group_membership
    iam.put_user_policy(UserName="app2", PolicyName="p", PolicyDocument=DOCUMENT)
    equal(iam.get_user_policy(UserName="app2", PolicyName="p")["PolicyDocument"], json.loads(DOCUMENT))
    for name in ("g1", "g2"):
        iam.create_group(GroupName=name)
        iam.add_user_to_group(GroupName=name, UserName="app2")
    equal([u["UserName"] for u in pages(iam, "get_group", "Users", GroupName="g1")], ["app2"])
    iam.attach_user_policy(UserName="app2", PolicyArn=PROVIDED)
    destroy_user(iam, "app2")
    for name in ("g1", "g2"):
        iam.delete_group(GroupName=name)


@case("aws_iam_group")
def aws_iam_group(estate):
    iam = estate.admin.iam
    made = iam.create_group(GroupName="devs", Path="/x/")["Group"]
    equal(iam.get_group(GroupName="devs")["Group"], made)
    iam.put_group_policy(GroupName="devs", PolicyName="p", PolicyDocument=DOCUMENT)
    equal(iam.get_group_policy(GroupName="devs", PolicyName="p")["PolicyDocument"], json.loads(DOCUMENT))
    iam.update_group(GroupName="devs", NewGroupName="team", NewPath="/")
    equal(iam.get_group(GroupName="team")["Group"]["GroupId"], made["GroupId"])
    iam.delete_group_policy(GroupName="team", PolicyName="p")
    refused("NoSuchEntity", iam.get_group_policy, GroupName="team", PolicyName="p")
    iam.delete_group(GroupName="team")
    refused("NoSuchEntity", iam.get_group, GroupName="team")


@case("aws_iam_instance_profile")
def aws_iam_instance_profile(estate):
    iam = estate.admin.iam
    for name in ("one", "two"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=EC2)
    iam.create_instance_profile(InstanceProfileName="box", Path="/f/", Tags=tags(a="b"))
    iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="box")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="one")
    equal(unchanged(read_instance_profile, iam, "box"),
          {"arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/f/box", "path": "/f/", "roles": ["one"],
           "tags": {"a": "b"}})
    iam.remove_role_from_instance_profile(InstanceProfileName="box", RoleName="one")
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="two")
    equal(read_instance_profile(iam, "box")["roles"], ["two"])
    destroy_role(iam, "two")  # while it is in the profile: force_detach
    equal(read_instance_profile(iam, "box")["roles"], [])
    iam.delete_instance_profile(InstanceProfileName="box")
    refused("NoSuchEntity", iam.get_instance_profile, InstanceProfileName="box")
    destroy_role(iam, "one")


@case("data_sources")
def data_sources(estate):
    """aws_iam_roles, aws_iam_users, aws_iam_principal_policy_simulation, aws_iam_session_context."""
    iam = estate.admin.iam
    iam.create_role(RoleName="seen", Path="/p/", AssumeRolePolicyDocument=EC2)
    iam.put_role_policy(RoleName="seen", PolicyName="p", PolicyDocument=document(allow("s3:Get*")))
    equal([r["Arn"] for r in pages(iam, "list_roles", "Roles", PathPrefix="/p/")], [role("p/seen")])
    equal([u["UserName"] for u in pages(iam, "list_users", "Users")], ["administrator"])
    found = pages(iam, "simulate_principal_policy", "EvaluationResults", PolicySourceArn=role("p/seen"),
                  ActionNames=["s3:GetObject", "s3:PutObject"], ResourceArns=["*"])
    equal([one["EvalDecision"] for one in found], ["allowed", "implicitDeny"])
    equal(iam.get_account_summary()["SummaryMap"]["Roles"], 1)
    destroy_role(iam, "seen")


@case("account_alias")
def aws_iam_account_alias(estate):
    iam = estate.admin.iam
    iam.create_account_alias(AccountAlias="first")
    equal(pages(iam, "list_account_aliases", "AccountAliases"), ["first"])
    iam.delete_account_alias(AccountAlias="first")
    refused("NoSuchEntity", iam.delete_account_alias, AccountAlias="first")


@case("encoded")
def documents_are_sent_percent_encoded(estate):
    """The Go SDK decodes nothing by itself: the provider does, and fails on what is not RFC 3986."""
    iam = estate.admin.iam
    raw = []
    iam.meta.events.register("after-call.iam.GetRole", lambda http_response, **_: raw.append(http_response.text))
    iam.create_role(RoleName="enc", AssumeRolePolicyDocument=EC2)
    iam.get_role(RoleName="enc")
    text = raw[0].split("<AssumeRolePolicyDocument>")[1].split("</AssumeRolePolicyDocument>")[0]
    assert text.startswith("%7B") and "+" not in text and " " not in text, text
    equal(json.loads(urllib.parse.unquote(text)), json.loads(EC2))
    destroy_role(iam, "enc")


@case("clean")
def nothing_is_left(estate):
    summary = estate.admin.iam.get_account_summary()["SummaryMap"]
    equal({name: summary[name] for name in ("Users", "Roles", "Groups", "Policies", "InstanceProfiles")},
          {"Users": 1, "Roles": 0, "Groups": 0, "Policies": 0, "InstanceProfiles": 0})
    estate.check_files()
    estate.check_audit_log()


if __name__ == "__main__":
    if boto3 is None:
        raise SystemExit("boto3 is not installed")
    with Estate() as running:
        suite.run(estate=running)
