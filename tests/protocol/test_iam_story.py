#!/usr/bin/env python3
"""The classic story, told by boto3 and by Debian's aws against an issuer that begins with nothing: make a user and
its key, groups, a role with trust and external id, policies with versions, boundaries; assume, act, be denied, have
it decoded, be narrowed, be revoked, be refused; over restarts and key rotations, with a whole audit log at the end.

Case names: ids of issuer_cases.py where they have one.
"""

import datetime
import json
import subprocess

import fixture  # noqa: F401 - finds tests/support

from daemon import ACCOUNT, BINARY
from http_raw import wait_until
from iam_clients import Clients, Estate, allow, boto3, document, issuer, policy, refused, role, trusting, user
from suite import Suite, equal

suite = Suite("issuer")
case = suite.case

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
EXTERNAL = {"StringEquals": {"sts:ExternalId": "shared-42"}}


def key_of(estate, name, admin=None):
    made = (admin or estate.admin).iam.create_access_key(UserName=name)["AccessKey"]
    return Clients(estate, made["AccessKeyId"], made["SecretAccessKey"])


def records(estate, name, code=None, count=1):
    def found():
        kept = [r for r in estate.daemon.audit() if r["eventName"] == name and r.get("errorCode") == code]
        return kept if len(kept) >= count else None
    return wait_until(found, what=f"a record of {name}")


@case("begin")
def begins_with_an_administrator(estate):
    equal(estate.admin.arn(), user("administrator"))
    equal(estate.admin_credentials()["AccessKeyId"], estate.admin.key_id)
    equal(sorted(estate.admin_credentials()), ["AccessKeyId", "SecretAccessKey", "Version"])
    state = estate.daemon.state
    equal((state.stat().st_mode & 0o777, (state / "issuer.db").stat().st_mode & 0o777,
           (state / "wrapping.key").stat().st_mode & 0o777), (0o700, 0o600, 0o600))


@case("replaced")
def the_administrators_key_can_be_replaced(estate):
    """By another, which is then the one that is told; without any there is nothing to tell."""
    iam, first = estate.admin.iam, estate.admin.key_id
    made = iam.create_access_key()["AccessKey"]
    new = Clients(estate, made["AccessKeyId"], made["SecretAccessKey"])
    new.iam.update_access_key(AccessKeyId=first, Status="Inactive")
    refused("InvalidClientTokenId", estate.admin.sts.get_caller_identity)
    equal(estate.admin_credentials()["AccessKeyId"], new.key_id)
    new.iam.create_user(UserName="deputy")
    new.iam.attach_user_policy(UserName="deputy", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    deputy = key_of(estate, "deputy", new)
    deputy.iam.update_access_key(UserName="administrator", AccessKeyId=new.key_id, Status="Inactive")
    done = estate.run_admin_credentials()
    equal((done.returncode, done.stdout), (1, ""), done.stderr)
    assert "the administrator, user 'administrator'" in done.stderr, done.stderr
    deputy.iam.update_access_key(UserName="administrator", AccessKeyId=first, Status="Active")
    deputy.iam.delete_access_key(UserName="administrator", AccessKeyId=new.key_id)
    equal(estate.admin_credentials()["AccessKeyId"], first)


@case("process")
def as_credential_process(estate):
    """The administrator's profile in a configuration file of AWS's clients: nothing else is needed."""
    place = estate.daemon.folder / "aws-config"
    place.write_text(f"[profile admin]\nregion = us-east-1\ncredential_process = {BINARY} issuer admin-credentials "
                     f"--config {estate.daemon.config_file}\n")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(estate.daemon.folder), "AWS_PAGER": "",
                   "AWS_CONFIG_FILE": str(place), "XDG_RUNTIME_DIR": estate.daemon.environment["XDG_RUNTIME_DIR"]}
    done = subprocess.run(["/usr/bin/aws", "--profile", "admin", "--endpoint-url", estate.url, "--output", "json",
                           "iam", "get-user"], env=environment, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stderr)
    equal(json.loads(done.stdout)["User"]["UserName"], "administrator")


@case("cli", proves="A27 A29 G21 A5")
def with_the_aws_cli(estate):
    aws = estate.admin.aws
    aws("iam", "create-user", "--user-name", "alice", "--tags", "Key=team,Value=blue")
    made = aws("iam", "create-access-key", "--user-name", "alice")["AccessKey"]
    alice = Clients(estate, made["AccessKeyId"], made["SecretAccessKey"])
    aws("iam", "create-group", "--group-name", "engineers")
    aws("iam", "add-user-to-group", "--group-name", "engineers", "--user-name", "alice")
    aws("iam", "create-role", "--role-name", "deploy", "--assume-role-policy-document",
        trusting(ROOT, Condition=EXTERNAL))
    alice.aws_refused("AccessDenied", "sts", "assume-role", "--role-arn", role("deploy"), "--role-session-name", "nightly",
                      "--external-id", "shared-42")

    # The group's managed policy lets its people assume it; the trust asks for the external id.
    arn = aws("iam", "create-policy", "--policy-name", "may-deploy", "--policy-document",
              document(allow("sts:AssumeRole", resource=role("deploy")),
                       allow("sts:DecodeAuthorizationMessage")))["Policy"]["Arn"]
    aws("iam", "attach-group-policy", "--group-name", "engineers", "--policy-arn", arn)
    assume = ("sts", "assume-role", "--role-arn", role("deploy"), "--role-session-name", "nightly")
    alice.aws_refused("AccessDenied", *assume)
    given = alice.aws(*assume, "--external-id", "shared-42")["Credentials"]
    deploy = Clients(estate, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    equal(deploy.aws("sts", "get-caller-identity")["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/nightly")

    # The role can do what its policies say, from when they say it, on sessions that are there already.
    deploy.aws_refused("AccessDenied", "iam", "get-user", "--user-name", "alice")
    aws("iam", "put-role-policy", "--role-name", "deploy", "--policy-name", "read", "--policy-document",
        document(allow("iam:GetUser", resource=user("*"))))
    equal(deploy.aws("iam", "get-user", "--user-name", "alice")["User"]["UserName"], "alice")
    said = deploy.aws_refused("AccessDenied", "iam", "list-users")
    assert "is not authorized to perform: iam:ListUsers" in said and "assumed-role/deploy/nightly" in said, said

    # Why: in the record of the denial, for those who may decode it.
    record = records(estate, "ListUsers", "AccessDenied")[-1]
    message = record["additionalEventData"]["encodedAuthorizationMessages"][ACCOUNT]
    deploy.aws_refused("AccessDenied", "sts", "decode-authorization-message", "--encoded-message", message)
    told = json.loads(alice.aws("sts", "decode-authorization-message", "--encoded-message",
                                message)["DecodedMessage"])
    equal((told["allowed"], told["explicitDeny"], told["context"]["action"]), (False, False, "iam:ListUsers"))

    # A new version of the policy takes the permission away, and the old one gives it back.
    aws("iam", "create-policy-version", "--policy-arn", arn, "--set-as-default", "--policy-document",
        document(allow("sts:DecodeAuthorizationMessage"),
                 {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}))
    said = alice.aws_refused("AccessDenied", *assume, "--external-id", "shared-42")
    assert "with an explicit deny in an identity-based policy" in said, said
    aws("iam", "set-default-policy-version", "--policy-arn", arn, "--version-id", "v1")
    alice.aws(*assume, "--external-id", "shared-42")

    equal([u["UserName"] for u in aws("iam", "get-group", "--group-name", "engineers")["Users"]], ["alice"])
    equal(aws("iam", "get-access-key-last-used", "--access-key-id", alice.key_id)["UserName"], "alice")
    estate.alice, estate.deploy = alice, deploy


@case("last-used")
def keys_and_roles_know_when_they_were_used(estate):
    said = estate.admin.iam.get_access_key_last_used(AccessKeyId=estate.alice.key_id)["AccessKeyLastUsed"]
    equal((said["ServiceName"], said["Region"]), ("sts", "us-east-1"))
    last = estate.admin.iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"]
    equal(last["Region"], "us-east-1")
    now = datetime.datetime.now(datetime.timezone.utc)
    assert now - datetime.timedelta(minutes=10) < last["LastUsedDate"] <= now, last


@case("narrow", proves="A34 A35")
def narrowed_by_a_session_policy(estate):
    only = estate.alice.assume("deploy", ExternalId="shared-42",
                               Policy=document(allow("iam:GetUser", resource=user("alice"))))
    only.iam.get_user(UserName="alice")
    said = refused("AccessDenied", only.iam.get_user, UserName="administrator")
    assert "no session policy allows" in said, said
    managed = estate.admin.iam.create_policy(PolicyName="narrow", PolicyDocument=document(allow("iam:GetRole")))
    none = estate.alice.assume("deploy", ExternalId="shared-42", PolicyArns=[{"arn": managed["Policy"]["Arn"]}])
    refused("AccessDenied", none.iam.get_user, UserName="alice")
    # That policy is a reference: what it says now, narrows now; and the role's own still bounds it.
    estate.admin.iam.create_policy_version(PolicyArn=managed["Policy"]["Arn"], SetAsDefault=True,
                                           PolicyDocument=document(allow("iam:*")))
    none.iam.get_user(UserName="alice")
    refused("AccessDenied", none.iam.list_roles)


@case("boundary", proves="A60 E24")
def bounded(estate):
    iam = estate.admin.iam
    iam.create_policy(PolicyName="bounds", PolicyDocument=document(allow("iam:Get*", "iam:CreateUser")))
    iam.create_user(UserName="carl", PermissionsBoundary=policy("bounds"))
    iam.put_user_policy(UserName="carl", PolicyName="all", PolicyDocument=document(allow("iam:*", "sts:*")))
    carl = key_of(estate, "carl")
    carl.iam.get_user(UserName="alice")
    said = refused("AccessDenied", carl.iam.list_users)
    assert "because no permissions boundary allows the iam:ListUsers action" in said, said
    refused("AccessDenied", carl.sts.assume_role, RoleArn=role("deploy"), RoleSessionName="carl",
            ExternalId="shared-42")
    # He may make users only with the boundary that he has himself.
    iam.put_user_policy(UserName="carl", PolicyName="all", PolicyDocument=document(
        allow("iam:CreateUser", Condition={"StringEquals": {"iam:PermissionsBoundary": policy("bounds")}})))
    refused("AccessDenied", carl.iam.create_user, UserName="free")
    carl.iam.create_user(UserName="bound", PermissionsBoundary=policy("bounds"))
    refused("DeleteConflict", iam.delete_policy, PolicyArn=policy("bounds"))
    for name in ("carl", "bound"):
        iam.delete_user_permissions_boundary(UserName=name)
    iam.delete_user(UserName="bound")


@case("tags")
def by_tags(estate):
    """Who wears a tag may act on what wears the same."""
    iam = estate.admin.iam
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=document(
        allow("iam:TagUser", Condition={"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"},
                                        "ForAllValues:StringEquals": {"aws:TagKeys": ["color"]}})))
    for name, team in (("blue", "blue"), ("red", "red")):
        iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": team}])
    color = [{"Key": "color", "Value": "x"}]
    estate.alice.iam.tag_user(UserName="blue", Tags=color)
    refused("AccessDenied", estate.alice.iam.tag_user, UserName="red", Tags=color)
    refused("AccessDenied", estate.alice.iam.tag_user, UserName="blue", Tags=[{"Key": "team", "Value": "red"}])
    iam.delete_user_policy(UserName="alice", PolicyName="own")


@case("A57", proves="A57")
def a_role_made_again_is_another(estate):
    """Its name is the same, and neither its sessions nor the trust in it come back with it."""
    iam = estate.admin.iam
    iam.create_role(RoleName="gate", AssumeRolePolicyDocument=trusting(estate.admin.arn()))
    iam.put_role_policy(RoleName="gate", PolicyName="all", PolicyDocument=document(allow("sts:*", "iam:*")))
    iam.create_role(RoleName="vault", AssumeRolePolicyDocument=trusting(role("gate")))
    gate = estate.admin.assume("gate")
    gate.assume("vault")
    first = iam.get_role(RoleName="gate")["Role"]["RoleId"]

    iam.delete_role_policy(RoleName="gate", PolicyName="all")
    iam.delete_role(RoleName="gate")
    refused("InvalidClientTokenId", gate.sts.get_caller_identity)
    shown = iam.get_role(RoleName="vault")["Role"]["AssumeRolePolicyDocument"]
    equal(shown["Statement"][0]["Principal"]["AWS"], [first])

    iam.create_role(RoleName="gate", AssumeRolePolicyDocument=trusting(estate.admin.arn()))
    iam.put_role_policy(RoleName="gate", PolicyName="all", PolicyDocument=document(allow("sts:*", "iam:*")))
    assert iam.get_role(RoleName="gate")["Role"]["RoleId"] != first
    refused("InvalidClientTokenId", gate.sts.get_caller_identity)
    again = estate.admin.assume("gate")
    again.iam.list_users()
    refused("AccessDenied", again.sts.assume_role, RoleArn=role("vault"), RoleSessionName="story")
    # Whoever writes the trust anew means the one that is there now.
    iam.update_assume_role_policy(RoleName="vault", PolicyDocument=trusting(role("gate")))
    again.assume("vault")


@case("G18", proves="G18 G17")
def the_account_of_a_key(estate):
    equal(estate.admin.sts.get_access_key_info(AccessKeyId=estate.alice.key_id)["Account"], ACCOUNT)
    equal(estate.admin.sts.get_access_key_info(AccessKeyId=estate.deploy.key_id)["Account"], ACCOUNT)


@case("key-states", proves="S42")
def inactive_and_deleted_keys(estate):
    iam = estate.admin.iam
    iam.create_user(UserName="dan")
    dan = key_of(estate, "dan")
    equal(dan.arn(), user("dan"))
    iam.update_access_key(UserName="dan", AccessKeyId=dan.key_id, Status="Inactive")
    refused("InvalidClientTokenId", dan.sts.get_caller_identity)
    iam.update_access_key(UserName="dan", AccessKeyId=dan.key_id, Status="Active")
    equal(dan.arn(), user("dan"))
    iam.delete_access_key(UserName="dan", AccessKeyId=dan.key_id)
    refused("InvalidClientTokenId", dan.sts.get_caller_identity)
    iam.delete_user(UserName="dan")


@case("self-service")
def users_keep_their_own_keys(estate):
    """Without a UserName it is about the caller."""
    iam = estate.admin.iam
    iam.put_user_policy(UserName="alice", PolicyName="keys", PolicyDocument=document(
        allow("iam:*AccessKey*", resource="arn:aws:iam::*:user/${aws:username}")))
    second = estate.alice.iam.create_access_key()["AccessKey"]
    equal(second["UserName"], "alice")
    Clients(estate, second["AccessKeyId"], second["SecretAccessKey"]).arn()
    equal(len(estate.alice.iam.list_access_keys()["AccessKeyMetadata"]), 2)
    estate.alice.iam.delete_access_key(AccessKeyId=second["AccessKeyId"])
    refused("AccessDenied", estate.alice.iam.create_access_key, UserName="administrator")


@case("revoke-policy")
def revoked_by_policy(estate):
    """As AWS's console does it: AWSRevokeOlderSessions."""
    iam = estate.admin.iam
    old = estate.alice.assume("deploy", ExternalId="shared-42")
    old.iam.get_user(UserName="alice")
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    iam.put_role_policy(RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(
        {"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
         "Condition": {"DateLessThan": {"aws:TokenIssueTime": until.strftime("%Y-%m-%dT%H:%M:%SZ")}}}))
    said = refused("AccessDenied", old.iam.get_user, UserName="alice")
    assert "with an explicit deny in an identity-based policy" in said, said
    # A session from after that time is not concerned.
    past = until - datetime.timedelta(hours=2)
    iam.put_role_policy(RoleName="deploy", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(
        {"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
         "Condition": {"DateLessThan": {"aws:TokenIssueTime": past.strftime("%Y-%m-%dT%H:%M:%SZ")}}}))
    old.iam.get_user(UserName="alice")


@case("revoke")
def revoked_by_the_operator(estate):
    sessions = {name: estate.alice.assume("deploy", ExternalId="shared-42", RoleSessionName=name)
                for name in ("one", "two", "three")}
    own = estate.alice.sts.get_session_token()["Credentials"]
    token = Clients(estate, own["AccessKeyId"], own["SecretAccessKey"], own["SessionToken"])

    estate.imdsd("revoke", "key", sessions["one"].key_id)
    refused("InvalidClientTokenId", sessions["one"].sts.get_caller_identity)
    sessions["two"].iam.get_user(UserName="alice")
    begun, = (r for r in records(estate, "AssumeRole") if r["responseElements"]["credentials"]["accessKeyId"]
              == sessions["two"].key_id)
    estate.imdsd("revoke", "session", begun["additionalEventData"]["sessionId"])
    refused("InvalidClientTokenId", sessions["two"].sts.get_caller_identity)
    sessions["three"].iam.get_user(UserName="alice")
    estate.imdsd("revoke", "role", role("deploy"), "--reason", "a laptop was lost")
    for one in sessions.values():
        refused("InvalidClientTokenId", one.sts.get_caller_identity)
        refused("InvalidClientTokenId", one.iam.get_user, UserName="alice")
    token.arn()
    estate.imdsd("revoke", "user", user("alice"))
    refused("InvalidClientTokenId", token.sts.get_caller_identity)
    estate.alice.arn()  # her key is no session
    said = estate.imdsd("revoke", "list")
    assert role("deploy") in said and user("alice") in said and "a laptop was lost" in said, said
    estate.imdsd("revoke", "key", estate.alice.key_id)
    refused("InvalidClientTokenId", estate.alice.sts.get_caller_identity)
    equal([k["Status"] for k in estate.admin.iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]],
          ["Inactive"])


@case("restart")
def everything_is_there_after_a_restart(estate):
    iam = estate.admin.iam
    gate = estate.admin.assume("gate")

    def everything():
        said = iam.get_account_authorization_details()
        return {name: value for name, value in said.items() if name.endswith("List") or name == "Policies"}
    used = iam.get_access_key_last_used(AccessKeyId=estate.alice.key_id)["AccessKeyLastUsed"]
    before = everything()
    alias = "example-" + ACCOUNT
    iam.create_account_alias(AccountAlias=alias)
    estate.keep_port()
    estate.daemon.stop()
    equal(estate.admin_credentials()["AccessKeyId"], estate.admin.key_id)  # needs no daemon
    estate.daemon.start()
    equal(everything(), before)
    equal(iam.get_access_key_last_used(AccessKeyId=estate.alice.key_id)["AccessKeyLastUsed"], used)
    equal(iam.list_account_aliases()["AccountAliases"], [alias])
    gate.arn()
    refused("InvalidClientTokenId", estate.deploy.sts.get_caller_identity)
    refused("InvalidClientTokenId", estate.alice.sts.get_caller_identity)
    equal(estate.admin_credentials()["AccessKeyId"], estate.admin.key_id)
    assert role("deploy") in estate.imdsd("revoke", "list")
    # And after one that had no time to tidy up.
    iam.create_user(UserName="late")
    estate.kill_and_start()
    iam.get_user(UserName="late")
    iam.delete_user(UserName="late")


@case("rotate")
def sessions_outlive_the_keys_that_sealed_them(estate):
    gate = estate.admin.assume("gate")
    estate.imdsd("keys", "rotate")
    gate.arn()
    estate.imdsd("keys", "rotate", "--purpose", "stored_secret")
    equal(estate.admin.arn(), user("administrator"))
    estate.restart()
    gate.arn()
    equal(estate.admin.arn(), user("administrator"))
    estate.admin.assume("gate").arn()
    equal(estate.admin_credentials()["AccessKeyId"], estate.admin.key_id)


@case("L1", proves="L1 L3 L6")
def records_of_calls(estate):
    """What CloudTrail would have of it."""
    estate.admin.sts.get_session_token()
    made = [r for r in records(estate, "AssumeRole") if r["userIdentity"]["arn"] == user("alice")][-1]
    equal((made["eventSource"], made["readOnly"], made["userIdentity"]["type"], made["userIdentity"]["userName"]),
          ("sts.amazonaws.com", True, "IAMUser", "alice"))
    equal(made["requestParameters"]["roleArn"], role("deploy"))
    assert made["requestParameters"]["roleSessionName"] and made["responseElements"]["credentials"]["accessKeyId"]
    denied = [r for r in records(estate, "AssumeRole", "AccessDenied")][-1]
    equal(denied["responseElements"], None)
    equal(records(estate, "GetSessionToken")[-1]["readOnly"], False)
    created, = (r for r in records(estate, "CreateUser") if r["requestParameters"]["userName"] == "alice")
    equal((created["eventSource"], created["readOnly"], created["requestParameters"]["userName"],
           created["responseElements"]["user"]["userName"]), ("iam.amazonaws.com", False, "alice", "alice"))
    equal(records(estate, "ListUsers")[-1]["readOnly"], True)
    key = next(key for r in records(estate, "CreateAccessKey") if (key := r["responseElements"]["accessKey"])["userName"] == "alice")
    equal((key["userName"], "secretAccessKey" in key), ("alice", False))
    assert [r for r in records(estate, "GetUser") if r["userIdentity"].get("sessionContext", {}).get(
        "sessionIssuer", {}).get("arn") == role("deploy")]


@case("L8", proves="L8")
def nothing_secret_is_written(estate):
    assert len(estate.daemon.secrets) > 10
    estate.check_files()
    assert estate.check_audit_log() >= len(estate.daemon.audit()) - 1 > 100


if __name__ == "__main__":
    if boto3 is None:
        raise SystemExit("boto3 is not installed")
    with Estate(issuer()) as running:
        suite.run(estate=running)
