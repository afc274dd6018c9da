#!/usr/bin/env python3
"""Principals that the configuration file defines, beside those that the IAM API makes: the API shows them and
leaves them alone, naming the file; one name belongs to one of the two; and what goes from the file is gone, also
when it comes back.

Case names: ids of issuer_cases.py where they have one.
"""

import json

import fixture  # noqa: F401 - finds tests/support

from daemon import ACCOUNT
from iam_clients import Clients, Estate, allow, boto3, document, issuer, policy, refused, role, trusting, user
from suite import Suite, equal

suite = Suite("issuer")
case = suite.case

OTHER = "210987654321"
EVE, KEY, SECRET = "AKIAEVEEVEEVEEVEEVE1", "AKIAFILEDFILEDFILED1", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TRUST = json.loads(trusting(user("administrator")))
ALL = json.loads(document(allow("iam:*", "sts:*")))
FILED = {
    "roles": {"filed": {"trust_policy": TRUST, "policies": {"all": ALL}, "tags": {"team": "file"}}},
    "users": {"fred": {"access_keys": [{"id": KEY, "secret": {"env": "TEST_SECRET"}}], "groups": ["crew"],
                       "policies": {"all": ALL}}},
    "groups": {"crew": {}},
    "managed_policies": {"rules": json.loads(document(allow("s3:*")))},
    "instance_profiles": {"box": {"role": "filed"}},
}
THEIRS = {"users": {"eve": {"access_keys": [{"id": EVE, "secret": {"env": "TEST_SECRET"}}],
                            "policies": {"all": ALL}}}}
GONE = {"roles": {}, "instance_profiles": {}}


def settings(**changed):
    return issuer({ACCOUNT: FILED | changed, OTHER: THEIRS})


def reload(estate, **changed):
    """What came of it; the listener's address and all else as before."""
    return estate.daemon.reload(settings(**changed))


@case("shown")
def the_api_shows_them(estate):
    iam = estate.admin.iam
    equal((iam.get_role(RoleName="filed")["Role"]["AssumeRolePolicyDocument"],
           iam.get_role_policy(RoleName="filed", PolicyName="all")["PolicyDocument"],
           iam.list_role_tags(RoleName="filed")["Tags"]), (TRUST, ALL, [{"Key": "team", "Value": "file"}]))
    equal([u["UserName"] for u in iam.list_users()["Users"]], ["administrator", "fred"])
    equal([u["UserName"] for u in iam.get_group(GroupName="crew")["Users"]], ["fred"])
    equal([k["AccessKeyId"] for k in iam.list_access_keys(UserName="fred")["AccessKeyMetadata"]], [KEY])
    equal(iam.get_policy(PolicyArn=policy("rules"))["Policy"]["PolicyName"], "rules")
    equal([r["RoleName"] for r in iam.get_instance_profile(InstanceProfileName="box")["InstanceProfile"]["Roles"]],
          ["filed"])
    equal(Clients(estate, KEY, SECRET).arn(), user("fred"))


R, U, G, P, B = ({"RoleName": "filed"}, {"UserName": "fred"}, {"GroupName": "crew"}, {"PolicyArn": policy("rules")},
                 {"InstanceProfileName": "box"})
DOCUMENT = {"PolicyName": "x", "PolicyDocument": document(allow("s3:*"))}
TAG = {"Tags": [{"Key": "a", "Value": "b"}]}
CHANGES = [
    ("delete_role", R), ("update_role", R | {"Description": "x"}), ("tag_role", R | TAG),
    ("untag_role", R | {"TagKeys": ["team"]}), ("put_role_policy", R | DOCUMENT),
    ("delete_role_policy", R | {"PolicyName": "all"}), ("attach_role_policy", R | P),
    ("update_assume_role_policy", R | {"PolicyDocument": json.dumps(TRUST)}),
    ("put_role_permissions_boundary", R | {"PermissionsBoundary": policy("rules")}),
    ("update_role_description", R | {"Description": "x"}), ("delete_role_permissions_boundary", R),
    ("delete_user", U), ("update_user", U | {"NewUserName": "x"}), ("tag_user", U | TAG), ("create_access_key", U),
    ("update_access_key", U | {"AccessKeyId": KEY, "Status": "Inactive"}),
    ("delete_access_key", U | {"AccessKeyId": KEY}), ("put_user_policy", U | DOCUMENT),
    ("attach_user_policy", U | P), ("put_user_permissions_boundary", U | {"PermissionsBoundary": policy("rules")}),
    ("add_user_to_group", U | G), ("remove_user_from_group", U | G),
    ("delete_group", G), ("update_group", G | {"NewPath": "/x/"}), ("put_group_policy", G | DOCUMENT),
    ("attach_group_policy", G | P), ("delete_policy", P), ("tag_policy", P | TAG),
    ("create_policy_version", P | {"PolicyDocument": document(allow("s3:*"))}),
    ("delete_instance_profile", B), ("tag_instance_profile", B | TAG),
    ("remove_role_from_instance_profile", B | R),
]

for _operation, _parameters in CHANGES:
    @case(f"change-{_operation}", operation=_operation, parameters=_parameters)
    def the_api_leaves_them_alone(estate, operation, parameters):
        said = refused("UnmodifiableEntity", getattr(estate.admin.iam, operation), **parameters)
        assert f"is defined by {estate.daemon.config_file} and cannot be changed by this API" in said, said


@case("mixed")
def both_work_together(estate):
    """The API's principals may use those of the file: in trusts, as policies, as members of groups."""
    iam = estate.admin.iam
    iam.create_user(UserName="ann")
    iam.create_role(RoleName="made", AssumeRolePolicyDocument=trusting(role("filed"), user("fred")))
    iam.attach_role_policy(RoleName="made", PolicyArn=policy("rules"))
    Clients(estate, KEY, SECRET).assume("made").arn()
    estate.admin.assume("filed").assume("made").arn()
    iam.create_instance_profile(InstanceProfileName="mine")
    iam.add_role_to_instance_profile(InstanceProfileName="mine", RoleName="filed")
    equal([p["InstanceProfileName"] for p in
           iam.list_instance_profiles_for_role(RoleName="filed")["InstanceProfiles"]], ["box", "mine"])
    iam.remove_role_from_instance_profile(InstanceProfileName="mine", RoleName="filed")
    iam.delete_instance_profile(InstanceProfileName="mine")


@case("accounts", proves="A8 A27")
def accounts_are_apart(estate):
    """Nothing of one is seen or changed from the other; a role may be assumed where both sides say so."""
    iam, eve = estate.admin.iam, Clients(estate, EVE, SECRET)
    equal([u["UserName"] for u in eve.iam.list_users()["Users"]], ["eve"])
    equal((eve.iam.list_roles()["Roles"], eve.iam.list_policies(Scope="Local")["Policies"]), ([], []))
    refused("NoSuchEntity", eve.iam.get_role, RoleName="filed")
    refused("AccessDenied", eve.iam.create_policy_version, PolicyArn=policy("rules"), SetAsDefault=True,
            PolicyDocument=document(allow("*")))
    eve.iam.create_role(RoleName="filed", AssumeRolePolicyDocument=json.dumps(TRUST))  # the name is free there
    refused("AccessDenied", eve.sts.assume_role, RoleArn=role("filed"), RoleSessionName="story")
    iam.create_role(RoleName="partner", AssumeRolePolicyDocument=trusting(
        f"arn:aws:iam::{OTHER}:root", Condition={"StringEquals": {"sts:ExternalId": "shared-42"}}))
    refused("AccessDenied", eve.sts.assume_role, RoleArn=role("partner"), RoleSessionName="story")
    equal(eve.assume("partner", ExternalId="shared-42").arn(),
          f"arn:aws:sts::{ACCOUNT}:assumed-role/partner/story")
    eve.iam.create_user(UserName="mallory")
    equal([u["UserName"] for u in iam.list_users()["Users"]], ["administrator", "ann", "fred"])
    equal(eve.iam.get_account_summary()["SummaryMap"]["Users"], 2)


@case("taken")
def one_name_belongs_to_one_of_them(estate):
    iam = estate.admin.iam
    for create, name in (("role", "Filed"), ("user", "FRED"), ("group", "Crew"), ("instance_profile", "BOX"),
                         ("policy", "Rules")):
        which = {create.title().replace("_", "") + "Name" if create != "instance_profile" else "InstanceProfileName":
                 name}
        more = {"role": {"AssumeRolePolicyDocument": json.dumps(TRUST)},
                "policy": {"PolicyDocument": document(allow("s3:*"))}}.get(create, {})
        refused("EntityAlreadyExists", getattr(iam, "create_" + create), **which, **more)
    iam.update_user(UserName="ann", NewUserName="anna")
    refused("EntityAlreadyExists", iam.update_user, UserName="anna", NewUserName="Fred")
    for section, name, kind in (("users", "Anna", "user 'anna'"), ("roles", "made", "role 'made'")):
        body = {"trust_policy": TRUST} if section == "roles" else {}
        said = reload(estate, **{section: FILED[section] | {name: body}})
        equal(said["ok"], False)
        error, = said["errors"]
        assert (f"{estate.daemon.config_file}: account {ACCOUNT}, {kind}: the store has one of this name, made by "
                "the IAM API; delete it there, or give the file's another name") in error, error
    estate.admin.arn()  # all goes on as before
    equal(reload(estate)["ok"], True)


@case("A57", proves="A57")
def what_was_removed_does_not_come_back(estate):
    """A role, a user: same name, another unique id; sessions and trusts of the first one are dead."""
    iam = estate.admin.iam
    first = iam.get_role(RoleName="filed")["Role"]["RoleId"], iam.get_user(UserName="fred")["User"]["UserId"]
    session = estate.admin.assume("filed")
    session.assume("made")
    fred = Clients(estate, KEY, SECRET)
    given = fred.sts.get_session_token()["Credentials"]
    token = Clients(estate, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    token.arn()

    equal(reload(estate, users={}, **GONE)["ok"], True)
    refused("NoSuchEntity", iam.get_role, RoleName="filed")
    for one in (session, token, fred):
        refused("InvalidClientTokenId", one.sts.get_caller_identity)
    shown = iam.get_role(RoleName="made")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    equal(sorted(shown), sorted(first))

    equal(reload(estate)["ok"], True)
    now = iam.get_role(RoleName="filed")["Role"]["RoleId"], iam.get_user(UserName="fred")["User"]["UserId"]
    assert not set(now) & set(first), (now, first)
    for one in (session, token):
        refused("InvalidClientTokenId", one.sts.get_caller_identity)
    equal(fred.arn(), user("fred"))  # the file says so: the same key, another user
    for one in (fred, estate.admin.assume("filed")):
        refused("AccessDenied", one.sts.assume_role, RoleArn=role("made"), RoleSessionName="story")


@case("same")
def what_stays_is_the_same(estate):
    """Reloads and restarts change nobody's id, nor end a session."""
    iam = estate.admin.iam
    before = iam.get_role(RoleName="filed")["Role"]
    session = estate.admin.assume("filed")
    changed = {"filed": FILED["roles"]["filed"] | {"max_session_duration": "2h", "tags": {}}}
    equal(reload(estate, roles=changed)["ok"], True)
    session.arn()
    after = iam.get_role(RoleName="filed")["Role"]
    equal((after["RoleId"], after["CreateDate"], after["MaxSessionDuration"]),
          (before["RoleId"], before["CreateDate"], 7200))
    equal(reload(estate)["ok"], True)
    estate.restart()
    session.arn()
    equal(iam.get_role(RoleName="filed")["Role"]["RoleId"], before["RoleId"])


@case("away-restart", proves="A57")
def also_when_it_was_away_at_a_restart(estate):
    iam = estate.admin.iam
    before = iam.get_role(RoleName="filed")["Role"]["RoleId"]
    session = estate.admin.assume("filed")
    for changed in (GONE, {}):
        estate.daemon.write(settings(**changed))
        estate.restart()
    refused("InvalidClientTokenId", session.sts.get_caller_identity)
    assert iam.get_role(RoleName="filed")["Role"]["RoleId"] != before


@case("revoke")
def their_sessions_are_revoked_like_others(estate):
    session = estate.admin.assume("filed")
    estate.imdsd("revoke", "role", role("filed"))
    refused("InvalidClientTokenId", session.sts.get_caller_identity)
    # A key of the file is for the file to make inactive.
    code, _, err = estate.daemon.cli("revoke", "key", KEY)
    assert code != 0 and "active: false" in err, (code, err)


@case("clean")
def nothing_secret_is_written(estate):
    estate.check_files()
    estate.check_audit_log()


if __name__ == "__main__":
    if boto3 is None:
        raise SystemExit("boto3 is not installed")
    with Estate(settings(), environment={"TEST_SECRET": SECRET}) as running:
        suite.run(estate=running)
