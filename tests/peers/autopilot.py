#!/usr/bin/env python3
"""AWS's iam-policy-autopilot: it reads the authority's denials, adds what is missing to the role or user through the
authority's IAM, and says so where a permission cannot mend it.

    autopilot.py PATH_OF_ATTACHE

Needs: pip install boto3 iam-policy-autopilot.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, case, finish
from botocore.exceptions import ClientError

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
BESIDE = Path(sys.executable).parent / "iam-policy-autopilot"
AUTOPILOT = str(BESIDE) if BESIDE.exists() else shutil.which("iam-policy-autopilot")
if not AUTOPILOT:
    sys.exit("iam-policy-autopilot is missing: pip install iam-policy-autopilot")
HOME = tempfile.TemporaryDirectory(prefix="attache-autopilot-")
AUTHORITY = Authority(ATTACHE)
IAM = AUTHORITY.client("iam", TARGET)
ORG = AUTHORITY.client("organizations", SOURCE)
ROLE = f"arn:aws:iam::{TARGET}:role/Worker"
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"

MENDED = [("iam", "list_roles"), ("sqs", "list_queues"), ("ec2", "describe_instances"), ("s3", "list_buckets"),
          ("dynamodb", "list_tables"), ("eks", "list_clusters"), ("lambda", "list_functions"),
          ("rds", "describe_db_instances"), ("elbv2", "describe_load_balancers"), ("account", "list_regions")]
CANNOT = "cannot be automatically fixed"


def document(effect, actions, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": actions, "Resource": "*"} | more]})


def trust(account):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]})


def session(role=ROLE, **more):
    return AUTHORITY.client("sts", TARGET).assume_role(RoleArn=role, RoleSessionName="peer", **more)["Credentials"]


def client(service, credentials):
    return AUTHORITY.client(service, credentials=credentials, s3={"addressing_style": "path"})


def denial(call):
    """The message of a call that is denied, or None."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Message"]


def fix(message, account=TARGET):
    """The exit code of `fix-access-denied --yes` with the keys of the account's administrator, and what it says."""
    environment = AUTHORITY.environment(
        AWS_PROFILE=account, AWS_ENDPOINT_URL=AUTHORITY.url, HOME=HOME.name,
        DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY="true")
    done = subprocess.run([AUTOPILOT, "fix-access-denied", "--yes", message], env=environment, capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def mended(name, call):
    """Denied, mended, then allowed."""
    message = denial(call)
    code, answer = fix(message or "")
    after = denial(call)
    case(f"{name} is mended", message and code == 0 and after is None, (message, code, answer, after))


def not_mended(name, call, sentence, reason=CANNOT, account=TARGET):
    """A denial whose message has the sentence; the tool changes nothing and says why."""
    before, message = policies(), denial(call) or ""
    code, answer = fix(message, account)
    case(f"{name} is not mended", sentence in message and code == 2 and reason in answer and policies() == before,
         (message, code, answer))


def policies():
    """The policies of the account's roles and users."""
    details = IAM.get_account_authorization_details(Filter=["Role", "User"])
    for entity in details["RoleDetailList"]:
        entity.pop("RoleLastUsed", None)
    return details["RoleDetailList"], details["UserDetailList"]


def organization_policy(kind, content):
    """Attaches a policy to the account; returns the call that takes it back."""
    made = ORG.create_policy(Name="peer", Description="", Type=kind, Content=content)["Policy"]["PolicySummary"]["Id"]
    ORG.attach_policy(PolicyId=made, TargetId=TARGET)

    def take_back():
        ORG.detach_policy(PolicyId=made, TargetId=TARGET)
        ORG.delete_policy(PolicyId=made)
    return take_back


def of_a_role():
    """A new role can do nothing: every service's denial, in its own protocol, names what is missing."""
    IAM.create_role(RoleName="Worker", AssumeRolePolicyDocument=trust(TARGET))
    worker = session()
    for service, operation in MENDED:
        mended(f"a role: {service} {operation}", getattr(client(service, worker), operation))
    made = IAM.get_role_policy(RoleName="Worker", PolicyName="IamPolicyAutopilot-Worker")["PolicyDocument"]
    added = {statement["Action"]: statement["Resource"] for statement in made["Statement"]}
    case("a role: one policy with a statement for each", len(added) == len(MENDED)
         and added.get("iam:ListRoles") == f"arn:aws:iam::{TARGET}:role/", made)


def of_a_user():
    IAM.create_user(UserName="dev")
    key = IAM.create_access_key(UserName="dev")["AccessKey"] | {"SessionToken": None}
    iam = client("iam", key)
    mended("a user: iam get_user", lambda: iam.get_user(UserName="administrator"))
    message = denial(iam.list_groups)
    code, answer = fix(message, SOURCE)
    case("with the keys of another account nothing is changed", code == 2 and "account_mismatch" in answer
         and denial(iam.list_groups) == message, (code, answer))
    found = AUTHORITY.client("cloudtrail", TARGET).lookup_events(LookupAttributes=[
        {"AttributeKey": "EventName", "AttributeValue": "ListGroups"}])["Events"]
    code, answer = fix(found[0]["CloudTrailEvent"])
    case("a user: from the event in CloudTrail", code == 0 and denial(iam.list_groups) is None, (code, answer))
    code, answer = fix(message)
    case("a user: what is allowed already", code == 1 and "duplicate statement" in answer, (code, answer))


def cannot():
    """Denials that no permission of the caller's mends: each is told apart by its words."""
    IAM.create_role(RoleName="Bound", AssumeRolePolicyDocument=trust(TARGET))
    bound, worker = session(f"arn:aws:iam::{TARGET}:role/Bound"), session()
    only = document("Allow", ["iam:Get*", "sts:*"])
    IAM.put_role_policy(RoleName="Bound", PolicyName="all", PolicyDocument=document("Allow", "*"))
    IAM.put_role_policy(RoleName="Worker", PolicyName="deny", PolicyDocument=document("Deny", "iam:ListGroups"))
    not_mended("an explicit deny of its own policy", client("iam", worker).list_groups,
               "with an explicit deny in an identity-based policy", "explicit Deny statement")
    narrow = session(f"arn:aws:iam::{TARGET}:role/Bound", Policy=only)
    not_mended("a session policy", client("iam", narrow).list_users,
               "because no session policy allows the iam:ListUsers action")
    boundary = IAM.create_policy(PolicyName="boundary", PolicyDocument=only)["Policy"]["Arn"]
    IAM.put_role_permissions_boundary(RoleName="Bound", PermissionsBoundary=boundary)
    not_mended("a permissions boundary", client("iam", bound).list_users,
               "because no permissions boundary allows the iam:ListUsers action")
    IAM.delete_role_permissions_boundary(RoleName="Bound")
    by_the_organization(client("iam", bound), bound)
    AUTHORITY.client("iam", SOURCE).create_role(RoleName="Far", AssumeRolePolicyDocument=trust(TARGET))
    far = f"arn:aws:iam::{SOURCE}:role/Far"
    not_mended("a role of another account", lambda: client("sts", worker).assume_role(
        RoleArn=far, RoleSessionName="peer"), f"is not authorized to perform: sts:AssumeRole on resource: {far}")


def by_the_organization(iam, credentials):
    root = ORG.list_roots()["Roots"][0]["Id"]
    for kind in (SCP, RCP):
        ORG.enable_policy_type(RootId=root, PolicyType=kind)
    take_back = organization_policy(SCP, document("Deny", "iam:ListUsers"))
    not_mended("a service control policy's deny", iam.list_users, "with an explicit deny in a service control policy",
               "explicit Deny statement")
    take_back()
    take_back = organization_policy(SCP, document("Allow", ["iam:*", "sts:*"]))
    ORG.detach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
    not_mended("a service control policy's missing allow", AUTHORITY.client("sqs", credentials=credentials).list_queues,
               "because no service control policy allows the sqs:listqueues action")
    ORG.attach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
    take_back()
    take_back = organization_policy(RCP, document("Deny", "sts:AssumeRole", Principal="*"))
    not_mended("a resource control policy", lambda: client("sts", credentials).assume_role(
        RoleArn=ROLE, RoleSessionName="peer"), "with an explicit deny in a resource control policy",
        "explicit Deny statement")
    take_back()


of_a_role()
of_a_user()
cannot()
finish()
