#!/usr/bin/env python3
"""botocore's model of IAM reads every answer of every operation, and of their refusals: no element that it has no
name for, none missing that it requires, every value of its type and within its limits, every error one of those
that the operation has. Its paginators and waiters work.
"""

import base64
import json

import fixture  # noqa: F401 - finds tests/support

from daemon import ACCOUNT
from iam_clients import Estate, allow, boto3, document, policy, quiet_session, refused, role, trusting, user
from suite import Suite, equal

suite = Suite("issuer")
case = suite.case

TRUST = trusting(f"arn:aws:iam::{ACCOUNT}:root")
READ = document(allow("s3:Get*"))
WRITE = document(allow("s3:Put*", Condition={"Bool": {"aws:SecureTransport": "true"}}))
MANAGED = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
TAGS = [{"Key": "team", "Value": "blue = gr\u00fcn"}, {"Key": "cost", "Value": ""}]
# The model has them, and this issuer does not: what IAM does for passwords, MFA, federation, certificates and reports.
NOT_SERVED = set("""
AddClientIDToOpenIDConnectProvider ChangePassword CreateLoginProfile CreateOpenIDConnectProvider CreateSAMLProvider
CreateServiceLinkedRole CreateServiceSpecificCredential CreateVirtualMFADevice DeactivateMFADevice
DeleteAccountPasswordPolicy DeleteOpenIDConnectProvider DeleteSAMLProvider DeleteSSHPublicKey DeleteServerCertificate
DeleteServiceLinkedRole DeleteServiceSpecificCredential DeleteSigningCertificate DeleteVirtualMFADevice EnableMFADevice
GenerateCredentialReport GenerateOrganizationsAccessReport GenerateServiceLastAccessedDetails GetAccountPasswordPolicy
GetCredentialReport GetOpenIDConnectProvider GetOrganizationsAccessReport GetSAMLProvider GetSSHPublicKey
GetServerCertificate GetServiceLastAccessedDetails GetServiceLastAccessedDetailsWithEntities
GetServiceLinkedRoleDeletionStatus ListMFADeviceTags ListOpenIDConnectProviderTags ListOpenIDConnectProviders
ListPoliciesGrantingServiceAccess ListSAMLProviderTags ListSAMLProviders ListServerCertificateTags
ListServerCertificates RemoveClientIDFromOpenIDConnectProvider ResetServiceSpecificCredential ResyncMFADevice
SetSecurityTokenServicePreferences TagMFADevice TagOpenIDConnectProvider TagSAMLProvider TagServerCertificate
UntagMFADevice UntagOpenIDConnectProvider UntagSAMLProvider UntagServerCertificate UpdateAccountPasswordPolicy
UpdateLoginProfile UpdateOpenIDConnectProviderThumbprint UpdateSAMLProvider UpdateSSHPublicKey
UpdateServerCertificate UpdateServiceSpecificCredential UpdateSigningCertificate UploadSSHPublicKey
UploadServerCertificate UploadSigningCertificate""".split())
# Answers without anything in them, to people who look for passwords: there are none.
ALWAYS_REFUSED = {"GetLoginProfile", "DeleteLoginProfile"}


def told(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@case("users")
def users(estate):
    iam = estate.admin.iam
    iam.create_policy(PolicyName="edge", PolicyDocument=READ)
    made = iam.create_user(UserName="ann", Path="/team/", Tags=TAGS, PermissionsBoundary=policy("edge"))["User"]
    equal((made["Arn"], made["Tags"], made["PermissionsBoundary"]["PermissionsBoundaryArn"]),
          (user("team/ann"), TAGS, policy("edge")))
    equal(iam.get_user(UserName="ann")["User"], made)
    iam.delete_user_permissions_boundary(UserName="ann")
    iam.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=policy("edge"))
    iam.tag_user(UserName="ann", Tags=[{"Key": "cost", "Value": "7"}])
    iam.untag_user(UserName="ann", TagKeys=["team"])
    equal(told(iam.list_user_tags(UserName="ann")), {"Tags": [{"Key": "cost", "Value": "7"}], "IsTruncated": False})
    iam.update_user(UserName="ann", NewUserName="anna", NewPath="/")
    equal([u["UserName"] for u in iam.list_users()["Users"]], ["administrator", "anna"])
    iam.put_user_policy(UserName="anna", PolicyName="in", PolicyDocument=WRITE)
    equal(iam.get_user_policy(UserName="anna", PolicyName="in")["PolicyDocument"], json.loads(WRITE))
    equal(iam.list_user_policies(UserName="anna")["PolicyNames"], ["in"])
    iam.attach_user_policy(UserName="anna", PolicyArn=MANAGED)
    equal(iam.list_attached_user_policies(UserName="anna")["AttachedPolicies"],
          [{"PolicyName": "IAMReadOnlyAccess", "PolicyArn": MANAGED}])
    for name in ("mfa_devices", "ssh_public_keys", "signing_certificates"):
        equal([len(v) for k, v in iam.__getattribute__("list_" + name)(UserName="anna").items()
               if isinstance(v, list)], [0])
    equal(told(iam.list_service_specific_credentials(UserName="anna")), {"ServiceSpecificCredentials": []})
    equal(told(iam.list_virtual_mfa_devices()), {"VirtualMFADevices": [], "IsTruncated": False})
    refused("NoSuchEntity", iam.get_login_profile, UserName="anna")
    refused("NoSuchEntity", iam.delete_login_profile, UserName="anna")
    refused("DeleteConflict", iam.delete_user, UserName="anna")


@case("keys")
def access_keys(estate):
    iam = estate.admin.iam
    keys = [iam.create_access_key(UserName="anna")["AccessKey"] for _ in range(2)]
    equal([(k["UserName"], k["Status"]) for k in keys], [("anna", "Active")] * 2)
    refused("LimitExceeded", iam.create_access_key, UserName="anna")
    iam.update_access_key(UserName="anna", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
    equal(sorted(k["Status"] for k in iam.list_access_keys(UserName="anna")["AccessKeyMetadata"]),
          ["Active", "Inactive"])
    said = told(iam.get_access_key_last_used(AccessKeyId=keys[1]["AccessKeyId"]))
    equal((said["UserName"], said["AccessKeyLastUsed"]), ("anna", {"ServiceName": "N/A", "Region": "N/A"}))
    for key in keys:
        iam.delete_access_key(UserName="anna", AccessKeyId=key["AccessKeyId"])
    refused("NoSuchEntity", iam.delete_access_key, UserName="anna", AccessKeyId=keys[0]["AccessKeyId"])


@case("groups")
def groups(estate):
    iam = estate.admin.iam
    made = iam.create_group(GroupName="crew", Path="/g/")["Group"]
    refused("EntityAlreadyExists", iam.create_group, GroupName="Crew")
    iam.add_user_to_group(GroupName="crew", UserName="anna")
    said = iam.get_group(GroupName="crew")
    equal((said["Group"], [u["UserName"] for u in said["Users"]]), (made, ["anna"]))
    equal(iam.list_groups_for_user(UserName="anna")["Groups"], [made])
    iam.put_group_policy(GroupName="crew", PolicyName="in", PolicyDocument=READ)
    equal(iam.get_group_policy(GroupName="crew", PolicyName="in")["PolicyDocument"], json.loads(READ))
    equal(iam.list_group_policies(GroupName="crew")["PolicyNames"], ["in"])
    iam.attach_group_policy(GroupName="crew", PolicyArn=policy("edge"))
    equal(len(iam.list_attached_group_policies(GroupName="crew")["AttachedPolicies"]), 1)
    refused("DeleteConflict", iam.delete_group, GroupName="crew")
    iam.update_group(GroupName="crew", NewGroupName="staff", NewPath="/")
    equal([g["Arn"] for g in iam.list_groups()["Groups"]], [f"arn:aws:iam::{ACCOUNT}:group/staff"])


@case("roles")
def roles(estate):
    iam = estate.admin.iam
    made = iam.create_role(RoleName="desk", Path="/p/", AssumeRolePolicyDocument=TRUST, Description="A desk\n& more",
                           MaxSessionDuration=7200, Tags=TAGS, PermissionsBoundary=policy("edge"))["Role"]
    equal((made["AssumeRolePolicyDocument"], made["Tags"]), (json.loads(TRUST), TAGS))
    got = iam.get_role(RoleName="desk")["Role"]
    equal({k: v for k, v in got.items() if k != "RoleLastUsed"},
          made | {"MaxSessionDuration": 7200, "Description": "A desk\n& more"})
    iam.update_role(RoleName="desk", Description="", MaxSessionDuration=3600)
    equal(iam.update_role_description(RoleName="desk", Description="new")["Role"]["Description"], "new")
    iam.update_assume_role_policy(RoleName="desk", PolicyDocument=trusting(user("anna")))
    iam.delete_role_permissions_boundary(RoleName="desk")
    iam.put_role_permissions_boundary(RoleName="desk", PermissionsBoundary=policy("edge"))
    iam.tag_role(RoleName="desk", Tags=[{"Key": "Team", "Value": "red"}])
    iam.untag_role(RoleName="desk", TagKeys=["cost"])
    equal(told(iam.list_role_tags(RoleName="desk"))["Tags"], [{"Key": "Team", "Value": "red"}])
    iam.put_role_policy(RoleName="desk", PolicyName="in", PolicyDocument=READ)
    equal(iam.get_role_policy(RoleName="desk", PolicyName="in")["PolicyDocument"], json.loads(READ))
    equal(iam.list_role_policies(RoleName="desk")["PolicyNames"], ["in"])
    iam.attach_role_policy(RoleName="desk", PolicyArn=policy("edge"))
    equal(len(iam.list_attached_role_policies(RoleName="desk")["AttachedPolicies"]), 1)
    equal([r["RoleName"] for r in iam.list_roles(PathPrefix="/p/")["Roles"]], ["desk"])
    refused("DeleteConflict", iam.delete_role, RoleName="desk")
    refused("MalformedPolicyDocument", iam.update_assume_role_policy, RoleName="desk", PolicyDocument="{}")


@case("policies")
def managed_policies(estate):
    iam = estate.admin.iam
    made = iam.create_policy(PolicyName="book", Path="/lib/", PolicyDocument=READ, Description="reads",
                             Tags=TAGS)["Policy"]
    arn = made["Arn"]
    equal((arn, made["AttachmentCount"], made["DefaultVersionId"]), (policy("lib/book"), 0, "v1"))
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE, SetAsDefault=True)["PolicyVersion"]
    equal((version["VersionId"], version["IsDefaultVersion"]), ("v2", True))
    equal(iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"], json.loads(WRITE))
    equal([v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]], ["v2", "v1"])
    refused("DeleteConflict", iam.delete_policy_version, PolicyArn=arn, VersionId="v2")
    refused("DeleteConflict", iam.delete_policy, PolicyArn=arn)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    for _ in range(4):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=WRITE)
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=arn, PolicyDocument=WRITE)
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "x", "Value": "y"}])
    iam.untag_policy(PolicyArn=arn, TagKeys=["team", "cost"])
    equal(told(iam.list_policy_tags(PolicyArn=arn))["Tags"], [{"Key": "x", "Value": "y"}])
    got = iam.get_policy(PolicyArn=arn)["Policy"]
    equal((got["Description"], got["IsAttachable"], got["PermissionsBoundaryUsageCount"]), ("reads", True, 0))
    equal(iam.get_policy(PolicyArn=policy("edge"))["Policy"]["PermissionsBoundaryUsageCount"], 2)
    said = iam.list_entities_for_policy(PolicyArn=policy("edge"), PolicyUsageFilter="PermissionsBoundary")
    equal(([u["UserName"] for u in said["PolicyUsers"]], [r["RoleName"] for r in said["PolicyRoles"]]),
          (["anna"], ["desk"]))
    equal(sorted(p["PolicyName"] for p in iam.list_policies(Scope="Local")["Policies"]), ["book", "edge"])
    provided = iam.get_policy(PolicyArn=MANAGED)["Policy"]
    iam.get_policy_version(PolicyArn=MANAGED, VersionId=provided["DefaultVersionId"])
    refused("MalformedPolicyDocument", iam.create_policy, PolicyName="bad", PolicyDocument='{"Statement":[]}')


@case("instance-profiles")
def instance_profiles(estate):
    iam = estate.admin.iam
    made = iam.create_instance_profile(InstanceProfileName="box", Path="/f/", Tags=TAGS)["InstanceProfile"]
    equal((made["Roles"], made["Tags"]), ([], TAGS))
    iam.add_role_to_instance_profile(InstanceProfileName="box", RoleName="desk")
    refused("LimitExceeded", iam.add_role_to_instance_profile, InstanceProfileName="box", RoleName="desk")
    got = iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]
    equal([r["RoleName"] for r in got["Roles"]], ["desk"])
    equal([p["InstanceProfileName"] for p in
           iam.list_instance_profiles_for_role(RoleName="desk")["InstanceProfiles"]], ["box"])
    equal(len(iam.list_instance_profiles(PathPrefix="/f/")["InstanceProfiles"]), 1)
    iam.tag_instance_profile(InstanceProfileName="box", Tags=[{"Key": "x", "Value": "y"}])
    iam.untag_instance_profile(InstanceProfileName="box", TagKeys=["team", "cost"])
    equal(told(iam.list_instance_profile_tags(InstanceProfileName="box"))["Tags"], [{"Key": "x", "Value": "y"}])
    refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName="box")


@case("account")
def account(estate):
    iam = estate.admin.iam
    iam.create_account_alias(AccountAlias="example")
    equal(told(iam.list_account_aliases()), {"AccountAliases": ["example"], "IsTruncated": False})
    summary = iam.get_account_summary()["SummaryMap"]
    equal((summary["Users"], summary["Roles"], summary["Groups"], summary["InstanceProfiles"]), (2, 1, 1, 1))
    said = iam.get_account_authorization_details()
    equal([(u["UserName"], [p["PolicyName"] for p in u.get("UserPolicyList", [])], u["GroupList"])
           for u in said["UserDetailList"] if u["UserName"] == "anna"], [("anna", ["in"], ["staff"])])
    desk, = (r for r in said["RoleDetailList"] if r["RoleName"] == "desk")
    equal((len(desk["InstanceProfileList"]), desk["RolePolicyList"][0]["PolicyDocument"]), (1, json.loads(READ)))
    book, = (p for p in said["Policies"] if p["PolicyName"] == "book")
    equal(len(book["PolicyVersionList"]), 5)
    equal(sorted(told(iam.get_account_authorization_details(Filter=["Group"]))),
          ["GroupDetailList", "IsTruncated", "Policies", "RoleDetailList", "UserDetailList"])
    iam.delete_account_alias(AccountAlias="example")


@case("simulation")
def simulation(estate):
    iam = estate.admin.iam
    said = iam.simulate_custom_policy(PolicyInputList=[READ], ActionNames=["s3:GetObject", "s3:PutObject"])
    equal([r["EvalDecision"] for r in said["EvaluationResults"]], ["allowed", "implicitDeny"])
    said = iam.simulate_principal_policy(PolicySourceArn=role("p/desk"), ActionNames=["s3:GetObject"],
                                         ResourceArns=["arn:aws:s3:::a/b"])
    equal(said["EvaluationResults"][0]["EvalDecision"], "allowed")
    equal(iam.get_context_keys_for_custom_policy(PolicyInputList=[WRITE])["ContextKeyNames"],
          ["aws:securetransport"])
    equal(iam.get_context_keys_for_principal_policy(PolicySourceArn=user("anna"))["ContextKeyNames"],
          ["aws:securetransport"])


@case("paginators")
def paginators(estate):
    """Every list there is comes whole in pages of one, and each entry once."""
    iam = estate.admin.iam
    for number in range(2):
        iam.create_user(UserName=f"u{number}")
        iam.create_group(GroupName=f"g{number}")
        iam.add_user_to_group(GroupName=f"g{number}", UserName="anna")
        iam.add_user_to_group(GroupName="staff", UserName=f"u{number}")
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST)
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=READ)["Policy"]["Arn"]
        iam.create_instance_profile(InstanceProfileName=f"i{number}")
        iam.add_role_to_instance_profile(InstanceProfileName=f"i{number}", RoleName="desk")
        iam.create_access_key(UserName="anna")
        for kind, name in (("User", "anna"), ("Role", "desk"), ("Group", "staff")):
            getattr(iam, f"attach_{kind.lower()}_policy")(**{kind + "Name": name, "PolicyArn": made})
            getattr(iam, f"put_{kind.lower()}_policy")(**{kind + "Name": name, "PolicyName": f"in{number}",
                                                          "PolicyDocument": READ})
        iam.tag_user(UserName="anna", Tags=[{"Key": f"k{number}", "Value": "v"}])
        iam.tag_role(RoleName="desk", Tags=[{"Key": f"k{number}", "Value": "v"}])
        iam.tag_policy(PolicyArn=policy("lib/book"), Tags=[{"Key": f"k{number}", "Value": "v"}])
        iam.tag_instance_profile(InstanceProfileName="box", Tags=[{"Key": f"k{number}", "Value": "v"}])
    of_user, of_role, of_group = {"UserName": "anna"}, {"RoleName": "desk"}, {"GroupName": "staff"}
    two = {"PolicyInputList": [READ], "ActionNames": ["s3:GetObject", "s3:PutObject"]}
    lists = {
        "get_account_authorization_details": {}, "get_group": of_group, "list_access_keys": of_user,
        "list_account_aliases": {}, "list_attached_group_policies": of_group,
        "list_attached_role_policies": of_role, "list_attached_user_policies": of_user,
        "list_entities_for_policy": {"PolicyArn": made}, "list_group_policies": of_group, "list_groups": {},
        "list_groups_for_user": of_user, "list_instance_profiles": {}, "list_instance_profiles_for_role": of_role,
        "list_mfa_devices": of_user, "list_policies": {}, "list_policy_versions": {"PolicyArn": policy("lib/book")},
        "list_role_policies": of_role, "list_roles": {}, "list_ssh_public_keys": of_user,
        "list_signing_certificates": of_user, "list_user_policies": of_user, "list_user_tags": of_user,
        "list_users": {}, "list_virtual_mfa_devices": {}, "simulate_custom_policy": two,
        "simulate_principal_policy": {"PolicySourceArn": user("anna"), "ActionNames": two["ActionNames"]},
    }
    served = {name for name in lists if iam.can_paginate(name)}
    equal(served, set(lists))
    for name, parameters in lists.items():
        paginator = iam.get_paginator(name)
        keys = [expression.expression for expression in paginator.result_keys]
        whole, pages, entries = told(getattr(iam, name)(**parameters)), 0, {key: [] for key in keys}
        assert not whole["IsTruncated"], name
        for page in paginator.paginate(**parameters, PaginationConfig={"PageSize": 1}):
            pages += 1
            equal(sum(len(page.get(key, [])) for key in keys) <= 1, True, f"{name}: a page of one")
            for key in keys:
                entries[key] += page.get(key, [])
        for key in keys:
            equal(entries[key], whole.get(key, []), f"{name}: {key}")
        if name not in ("list_mfa_devices", "list_ssh_public_keys", "list_signing_certificates",
                        "list_virtual_mfa_devices", "list_account_aliases"):
            assert pages > 1, f"{name} has one page"
    # Those that this botocore has no paginator for.
    for name, parameters in (("list_role_tags", of_role), ("list_policy_tags", {"PolicyArn": policy("lib/book")}),
                             ("list_instance_profile_tags", {"InstanceProfileName": "box"})):
        whole, found, marker = getattr(iam, name)(**parameters)["Tags"], [], {}
        while True:
            page = getattr(iam, name)(**parameters, MaxItems=1, **marker)
            found += page["Tags"]
            if not page["IsTruncated"]:
                break
            marker = {"Marker": page["Marker"]}
        equal(found, whole)
        assert len(found) > 1, name


@case("waiters")
def waiters(estate):
    iam = estate.admin.iam
    equal(sorted(iam.waiter_names), ["instance_profile_exists", "policy_exists", "role_exists", "user_exists"])
    for name, here, absent in (
            ("user_exists", {"UserName": "anna"}, {"UserName": "nobody"}),
            ("role_exists", {"RoleName": "desk"}, {"RoleName": "nobody"}),
            ("policy_exists", {"PolicyArn": policy("edge")}, {"PolicyArn": policy("nothing")}),
            ("instance_profile_exists", {"InstanceProfileName": "box"}, {"InstanceProfileName": "nothing"})):
        once = {"WaiterConfig": {"Delay": 0, "MaxAttempts": 2}}
        iam.get_waiter(name).wait(**here, **once)
        try:
            iam.get_waiter(name).wait(**absent, **once)
        except boto3.session.botocore.exceptions.WaiterError as error:
            assert "Max attempts exceeded" in str(error), error
        else:
            raise AssertionError(f"{name} found what is not there")


ANNA, DESK = {"UserName": "anna"}, {"RoleName": "desk"}
CREW, BOX = {"GroupName": "staff"}, {"InstanceProfileName": "box"}
NOBODY = {"UserName": "nobody"}
ERRORS = {
    "NoSuchEntity": [
        ("get_user", NOBODY), ("delete_user", NOBODY), ("update_user", NOBODY), ("create_access_key", NOBODY),
        ("list_access_keys", NOBODY), ("tag_user", NOBODY | {"Tags": TAGS}), ("list_user_tags", NOBODY),
        ("get_role", {"RoleName": "no"}), ("delete_role", {"RoleName": "no"}), ("list_role_tags", {"RoleName": "no"}),
        ("list_role_policies", {"RoleName": "no"}), ("get_role_policy", DESK | {"PolicyName": "no"}),
        ("delete_role_policy", DESK | {"PolicyName": "no"}), ("get_policy", {"PolicyArn": policy("no")}),
        ("get_policy_version", {"PolicyArn": policy("edge"), "VersionId": "v9"}),
        ("attach_role_policy", DESK | {"PolicyArn": policy("no")}),
        ("detach_role_policy", DESK | {"PolicyArn": MANAGED}), ("delete_policy", {"PolicyArn": policy("no")}),
        ("list_entities_for_policy", {"PolicyArn": policy("no")}), ("get_group", {"GroupName": "no"}),
        ("remove_user_from_group", {"GroupName": "no", "UserName": "anna"}),
        ("get_instance_profile", {"InstanceProfileName": "no"}),
        ("remove_role_from_instance_profile", BOX | {"RoleName": "no"}),
        ("update_access_key", ANNA | {"AccessKeyId": "AKIANOTHERENOTHERE12", "Status": "Active"}),
        ("delete_role_permissions_boundary", {"RoleName": "no"}),
        ("put_user_permissions_boundary", ANNA | {"PermissionsBoundary": policy("no")}),
        ("delete_account_alias", {"AccountAlias": "nothing"}),
        ("simulate_principal_policy", {"PolicySourceArn": user("nobody"), "ActionNames": ["s3:GetObject"]}),
        ("get_context_keys_for_principal_policy", {"PolicySourceArn": user("nobody")})],
    "EntityAlreadyExists": [
        ("create_user", {"UserName": "ANNA"}), ("create_role", DESK | {"AssumeRolePolicyDocument": TRUST}),
        ("create_policy", {"PolicyName": "Edge", "PolicyDocument": READ}), ("create_group", CREW),
        ("create_instance_profile", BOX), ("update_user", ANNA | {"NewUserName": "u0"})],
    "MalformedPolicyDocument": [
        ("put_user_policy", ANNA | {"PolicyName": "b", "PolicyDocument": "no json"}),
        ("put_role_policy", DESK | {"PolicyName": "b", "PolicyDocument": '{"Version":"2012-10-17"}'}),
        ("put_group_policy", CREW | {"PolicyName": "b", "PolicyDocument": "[]"}),
        ("create_policy_version", {"PolicyArn": policy("edge"), "PolicyDocument": '{"a":1}'}),
        ("create_role", {"RoleName": "n", "AssumeRolePolicyDocument": READ}),
        ("create_role", {"RoleName": "n", "AssumeRolePolicyDocument": trusting(user("nobody"))})],
    "ValidationError": [
        ("create_user", {"UserName": "a b"}), ("create_user", {}), ("create_role", {"RoleName": "x"}),
        ("list_users", {"MaxItems": 0}), ("list_users", {"MaxItems": 1001}), ("list_roles", {"Marker": "?"}),
        ("create_user", {"UserName": "x", "Path": "no"}), ("get_role", {"RoleName": "x" * 65}),
        ("update_role", DESK | {"MaxSessionDuration": 60}),
        ("update_access_key", ANNA | {"AccessKeyId": "AKIANOTHERENOTHERE12", "Status": "Off"})],
    "LimitExceeded": [
        ("tag_user", ANNA | {"Tags": [{"Key": f"t{n}", "Value": ""} for n in range(50)]}),
        ("put_user_policy", ANNA | {"PolicyName": "big", "PolicyDocument": document(allow("s3:" + "x" * 2048))})],
    "AccessDenied": [("create_policy_version", {"PolicyArn": MANAGED, "PolicyDocument": READ}),
                     ("delete_policy", {"PolicyArn": MANAGED})],
}

for _code, _calls in ERRORS.items():
    for _place, (_operation, _parameters) in enumerate(_calls):
        @case(f"{_code}-{_place}", code=_code, operation=_operation, parameters=_parameters)
        def errors(estate, code, operation, parameters):
            refused(code, getattr(estate.admin.iam, operation), **parameters)


@case("remove")
def everything_goes_again(estate):
    iam = estate.admin.iam
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        name = profile["InstanceProfileName"]
        for one in profile["Roles"]:
            iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=one["RoleName"])
        iam.delete_instance_profile(InstanceProfileName=name)
    for kind, names in (("user", ["anna", "u0", "u1"]), ("group", ["staff", "g0", "g1"]),
                        ("role", ["desk", "r0", "r1"])):
        for name in names:
            which = {kind.title() + "Name": name}
            if kind == "user":
                for key in iam.list_access_keys(**which)["AccessKeyMetadata"]:
                    iam.delete_access_key(AccessKeyId=key["AccessKeyId"], **which)
                for group in iam.list_groups_for_user(**which)["Groups"]:
                    iam.remove_user_from_group(GroupName=group["GroupName"], **which)
            for one in getattr(iam, f"list_attached_{kind}_policies")(**which)["AttachedPolicies"]:
                getattr(iam, f"detach_{kind}_policy")(PolicyArn=one["PolicyArn"], **which)
            for one in getattr(iam, f"list_{kind}_policies")(**which)["PolicyNames"]:
                getattr(iam, f"delete_{kind}_policy")(PolicyName=one, **which)
            getattr(iam, f"delete_{kind}")(**which)
    for one in iam.list_policies(Scope="Local")["Policies"]:
        for version in iam.list_policy_versions(PolicyArn=one["Arn"])["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=one["Arn"], VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=one["Arn"])
    equal(iam.get_account_summary()["SummaryMap"]["Users"], 1)


@case("every-operation")
def every_operation_is_served_or_named(estate):
    """Each that is served was answered above; what the model has and this issuer has not is InvalidAction."""
    model = quiet_session().get_service_model("iam")
    for name in sorted(set(model.operation_names) & NOT_SERVED):
        method = boto3.session.botocore.xform_name(name)
        said = refused("InvalidAction", getattr(estate.admin.iam, method))
        assert f"Could not find operation {name} for version 2010-05-08" in said, said
    # A newer model may have more: what it adds must be looked at, and lands in one of the two.
    served = {name for service, name in estate.answered if service == "iam"} - NOT_SERVED
    good = {name for (service, name), codes in estate.answered.items() if service == "iam" and "ok" in codes}
    equal(sorted(served - good), sorted(ALWAYS_REFUSED))


if __name__ == "__main__":
    if boto3 is None:
        raise SystemExit("boto3 is not installed")
    with Estate() as running:
        suite.run(estate=running)
