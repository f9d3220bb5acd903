#!/usr/bin/env python3
"""An organization with boto3 and the aws command line: a tree is built and policies are attached to it. They limit
the accounts below, with AWS's messages, and everything survives kill -9.

    authority_organizations.py PATH_OF_ATTACHE

Needs: pip install boto3 awscli.
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, case, events, finish, refused
from botocore.exceptions import ClientError

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
THIRD = "333333333333"
AUTHORITY = Authority(ATTACHE, accounts=(SOURCE, TARGET, THIRD))
ORG = AUTHORITY.client("organizations", SOURCE)
IAM = AUTHORITY.client("iam", TARGET)
SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
ROOT = ORG.list_roots()["Roots"][0]["Id"]
ID = ORG.describe_organization()["Organization"]["Id"]
ARN = f"arn:aws:organizations::{SOURCE}"


def statement(effect, actions, **more):
    actions = actions if isinstance(actions, list) else [actions]
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": actions, "Resource": "*", **more}]})


def trust(account):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}]})


def policy(name, content, kind=SCP):
    made = ORG.create_policy(Name=name, Description=f"what {name} says", Type=kind, Content=content)["Policy"]
    case(f"{name} is returned unchanged", made["Content"] == content and not made["PolicySummary"]["AwsManaged"], made)
    return made["PolicySummary"]["Id"]


def unit(name, parent):
    return ORG.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]


def reason(name, call, wanted):
    """The `Reason` of an exception about limits or input."""
    try:
        got = call()
    except ClientError as error:
        got = error.response.get("Reason")
    case(name, got == wanted, got)


def attached(target, kind=SCP):
    return sorted(p["Id"] for p in ORG.list_policies_for_target(TargetId=target, Filter=kind)["Policies"])


def worker(account, role="Worker"):
    """A session of a role with full access to its account."""
    got = AUTHORITY.client("sts", account).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="peer")
    return got["Credentials"], got["AssumedRoleUser"]["Arn"]


def tree():
    work = unit("Workloads", ROOT)
    prod, test = unit("Prod", work), unit("Test", work)
    got = ORG.describe_organizational_unit(OrganizationalUnitId=prod)["OrganizationalUnit"]
    case("a unit's ARN and path", (got["Arn"], got["Path"]) == (f"{ARN}:ou/{ID}/{prod}", f"{ID}/{ROOT}/{work}/{prod}/"), got)
    listed = ORG.list_organizational_units_for_parent(ParentId=work)["OrganizationalUnits"]
    case("a unit's units", sorted(u["Name"] for u in listed) == ["Prod", "Test"], listed)
    refused("a duplicate unit name under one parent", lambda: unit("Prod", work), "DuplicateOrganizationalUnitException",
            "An OU with the same name already exists.")
    case("the same name under another parent", unit("Prod", test).startswith(f"ou-{ROOT[2:]}-"))
    refused("a missing parent", lambda: unit("X", f"ou-{ROOT[2:]}-00000000"), "ParentNotFoundException",
            "You specified parent that doesn't exist.")
    deep = test
    for level in range(3, 6):
        deep = unit(f"level{level}", deep)
    message = "You cannot add an organizational unit to the specified parent because it would exceed the max depth allowed."
    refused("a sixth level", lambda: unit("level6", deep), "ConstraintViolationException", message)
    reason("and its reason", lambda: unit("level6", deep), "OU_DEPTH_LIMIT_EXCEEDED")
    renamed = ORG.update_organizational_unit(OrganizationalUnitId=deep, Name="deepest")["OrganizationalUnit"]
    case("a unit is renamed", renamed["Name"] == "deepest" and renamed["Id"] == deep, renamed)
    ORG.delete_organizational_unit(OrganizationalUnitId=deep)
    refused("a deleted unit", lambda: ORG.describe_organizational_unit(OrganizationalUnitId=deep),
            "OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
    refused("deleting a unit that has units", lambda: ORG.delete_organizational_unit(OrganizationalUnitId=work),
            "OrganizationalUnitNotEmptyException", "The specified OU is not empty. Move all accounts to another root "
            "or to other OUs, remove all child OUs, and try the operation again.")
    move = lambda account, source, to: ORG.move_account(AccountId=account, SourceParentId=source, DestinationParentId=to)
    move(TARGET, ROOT, prod)
    case("a moved account's parent", ORG.list_parents(ChildId=TARGET)["Parents"] == [{"Id": prod, "Type": "ORGANIZATIONAL_UNIT"}])
    case("a unit's parent", ORG.list_parents(ChildId=work)["Parents"] == [{"Id": ROOT, "Type": "ROOT"}])
    case("a unit's accounts", [a["Id"] for a in ORG.list_accounts_for_parent(ParentId=prod)["Accounts"]] == [TARGET])
    children = ORG.list_children(ParentId=ROOT, ChildType="ACCOUNT")["Children"]
    case("the root's accounts", [c["Id"] for c in children] == [SOURCE, THIRD], children)
    account = ORG.describe_account(AccountId=TARGET)["Account"]
    case("an account's path", account["Paths"] == [f"{ID}/{ROOT}/{work}/{prod}/{TARGET}/"], account)
    refused("a move from another parent", lambda: move(TARGET, ROOT, prod), "AccountNotFoundException",
            "You specified an account that doesn't exist.")
    refused("a move to the same parent", lambda: move(TARGET, prod, prod), "DuplicateAccountException",
            "That account is already present in the specified destination.")
    refused("a move to a missing parent", lambda: move(TARGET, prod, f"ou-{ROOT[2:]}-00000000"),
            "DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.")
    member = AUTHORITY.client("organizations", TARGET)
    refused("a member account has no access", member.list_accounts, "AccessDeniedException",
            "You don't have permissions to access this resource.")
    refused("an invalid ID", lambda: AUTHORITY.client("organizations", SOURCE, parameter_validation=False).list_children(
        ParentId="here", ChildType="ACCOUNT"), "InvalidInputException",
        "You provided a value that does not match the required pattern.")
    return work, prod, test


def policies(prod):
    deny = statement("Deny", "ec2:DescribeInstances")
    early = policy("DenyInstances", deny)
    refused("a type that is not enabled", lambda: ORG.attach_policy(PolicyId=early, TargetId=prod),
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types.")
    case("nothing is attached at first", attached(prod) == [])
    root = ORG.enable_policy_type(RootId=ROOT, PolicyType=SCP)["Root"]
    case("a type is enabled", root["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}], root)
    refused("enabling a type again", lambda: ORG.enable_policy_type(RootId=ROOT, PolicyType=SCP), "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled.")
    case("FullAWSAccess is attached everywhere", [attached(t) for t in (ROOT, prod, TARGET)] == [["p-FullAWSAccess"]] * 3)
    full = ORG.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]
    case("FullAWSAccess is AWS-managed", full["PolicySummary"]["AwsManaged"] and full["PolicySummary"]["Arn"]
         == "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess", full)
    reason("it cannot be changed", lambda: ORG.update_policy(PolicyId="p-FullAWSAccess", Name="Mine"), "IMMUTABLE_POLICY")
    refused("a duplicate policy name", lambda: ORG.create_policy(Name="DenyInstances", Description="", Type=SCP, Content=deny),
            "DuplicatePolicyException", "A policy with the specified name and type already exists.")
    refused("an invalid policy", lambda: ORG.create_policy(Name="Bad", Description="", Type=SCP, Content='{"Version": "2012-10-17"}'),
            "MalformedPolicyDocumentException",
            "The provided policy document does not meet the requirements of the specified policy type.")
    refused("a policy over the size limit", lambda: ORG.create_policy(Name="Long", Description="", Type=SCP, Content=deny + " " * 5120),
            "ConstraintViolationException", "You have exceeded the maximum policy size.")
    many = [policy(f"Extra{n}", statement("Deny", f"ec2:Extra{n}")) for n in range(4)]
    for one in many:
        ORG.attach_policy(PolicyId=one, TargetId=prod)
    refused("a sixth policy", lambda: ORG.attach_policy(PolicyId=early, TargetId=prod), "ConstraintViolationException",
            "You have attached the maximum number of policies to the specified target.")
    refused("attaching a policy twice", lambda: ORG.attach_policy(PolicyId=many[0], TargetId=prod), "DuplicatePolicyAttachmentException",
            "A policy with the specified name and type already exists.")
    refused("deleting an attached policy", lambda: ORG.delete_policy(PolicyId=many[0]), "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts "
            "before performing this operation.")
    for one in many:
        ORG.detach_policy(PolicyId=one, TargetId=prod)
        ORG.delete_policy(PolicyId=one)
    refused("detaching a policy that is not attached", lambda: ORG.detach_policy(PolicyId=early, TargetId=prod),
            "PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root.")
    refused("detaching the last policy", lambda: ORG.detach_policy(PolicyId="p-FullAWSAccess", TargetId=prod),
            "ConstraintViolationException", "You cannot remove the last policy attached to the specified target. "
            "You must have at least one attached at all times.")
    refused("a missing policy", lambda: ORG.describe_policy(PolicyId="p-00000000"), "PolicyNotFoundException",
            "You specified a policy that doesn't exist.")
    refused("a missing target", lambda: ORG.attach_policy(PolicyId=early, TargetId="999999999999"),
            "TargetNotFoundException", "You specified a target that doesn't exist.")
    names = [p["Name"] for p in ORG.list_policies(Filter=SCP)["Policies"]]
    case("policies are listed", sorted(names) == ["DenyInstances", "FullAWSAccess"], names)
    case("a type that is not enabled has no policies", ORG.list_policies(Filter="TAG_POLICY")["Policies"] == [])
    return early


def service_control(work, prod, test, denies):
    """The permissions that the accounts below still have."""
    IAM.create_role(RoleName="Worker", AssumeRolePolicyDocument=trust(TARGET))
    IAM.put_role_policy(RoleName="Worker", PolicyName="all", PolicyDocument=statement("Allow", "*"))
    keys, arn = worker(TARGET)
    ec2 = AUTHORITY.client("ec2", credentials=keys)
    case("a role with full access", len(ec2.describe_instances()["Reservations"]) > 0)
    ORG.attach_policy(PolicyId=denies, TargetId=work)
    targets = ORG.list_targets_for_policy(PolicyId=denies)["Targets"]
    case("the targets of the policy", targets == [{"TargetId": work, "Arn": f"{ARN}:ou/{ID}/{work}", "Name": "Workloads",
                                              "Type": "ORGANIZATIONAL_UNIT"}], targets)
    named = f"{ARN}:policy/{ID}/service_control_policy/{denies}"
    sentence = "You are not authorized to perform this operation. User: {} is not authorized to perform: " \
               "ec2:DescribeInstances "
    denial = sentence.format(arn) + f"with an explicit deny in a service control policy: {named}"
    refused("a policy two levels up denies, and is named", ec2.describe_instances, "UnauthorizedOperation", denial)
    case("other calls are allowed", len(ec2.describe_vpcs()["Vpcs"]) > 0)
    own = AUTHORITY.client("ec2", TARGET)
    refused("the account's administrator is denied too", own.describe_instances, "UnauthorizedOperation",
            denial.replace(arn, f"arn:aws:iam::{TARGET}:user/administrator"))
    case("an account outside the unit is not bound", len(AUTHORITY.client("ec2", THIRD).describe_instances()["Reservations"]) > 0)
    ORG.update_policy(PolicyId=denies, Content=statement(
        "Deny", "ec2:DescribeInstances", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    refused("a call in a denied region", ec2.describe_instances, "UnauthorizedOperation", denial)
    europe = AUTHORITY.client("ec2", credentials=keys, region="eu-west-1")
    case("a call in an allowed region", "Reservations" in europe.describe_instances())
    ORG.move_account(AccountId=TARGET, SourceParentId=prod, DestinationParentId=ROOT)
    case("an account that is moved out is not bound", len(ec2.describe_instances()["Reservations"]) > 0)
    ORG.move_account(AccountId=TARGET, SourceParentId=ROOT, DestinationParentId=test)
    refused("an account that is moved back is bound", ec2.describe_instances, "UnauthorizedOperation", denial)
    # An allow list: every level must allow.
    only = policy("OnlyQueues", statement("Allow", ["sqs:*", "sts:*"]))
    ORG.attach_policy(PolicyId=only, TargetId=TARGET)
    ORG.detach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
    refused("a level without an Allow", ec2.describe_vpcs, "UnauthorizedOperation",
            f"You are not authorized to perform this operation. User: {arn} is not authorized to perform: "
            "ec2:DescribeVpcs because no service control policy allows the ec2:DescribeVpcs action")
    case("the calls that it allows", "ResponseMetadata" in AUTHORITY.client("sqs", credentials=keys).list_queues())
    tables = AUTHORITY.client("dynamodb", credentials=keys)
    refused("the message in the JSON protocol", tables.list_tables, "AccessDeniedException", f"User: {arn} is not authorized to perform: "
            f"dynamodb:ListTables on resource: arn:aws:dynamodb:us-east-1:{TARGET}:table/* because no service control "
            "policy allows the dynamodb:ListTables action")
    ORG.attach_policy(PolicyId="p-FullAWSAccess", TargetId=TARGET)
    ORG.detach_policy(PolicyId=only, TargetId=TARGET)
    ORG.attach_policy(PolicyId=denies, TargetId=ROOT)
    case("the management account is never bound", len(AUTHORITY.client("ec2", SOURCE).describe_instances()["Reservations"]) > 0)
    ORG.detach_policy(PolicyId=denies, TargetId=ROOT)
    return denial


def resource_control(work):
    """Protection against confused deputies: the roles can be assumed only from within the organization."""
    IAM.create_role(RoleName="Open", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}))
    role = f"arn:aws:iam::{TARGET}:role/Open"
    assume = lambda account: AUTHORITY.client("sts", account).assume_role(RoleArn=role, RoleSessionName="deputy")
    guard = policy("OurOrganisation", statement(
        "Deny", "sts:AssumeRole", Principal="*",
        Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ID}}), RCP)
    ORG.enable_policy_type(RootId=ROOT, PolicyType=RCP)
    case("RCPFullAWSAccess is attached everywhere", attached(TARGET, RCP) == ["p-RCPFullAWSAccess"])
    reason("and cannot be detached", lambda: ORG.detach_policy(PolicyId="p-RCPFullAWSAccess", TargetId=TARGET),
           "NON_DETACHABLE_POLICY")
    case("an open role is open to all", "Credentials" in assume(THIRD))
    ORG.attach_policy(PolicyId=guard, TargetId=work)
    case("with the policy it is open to the organization", "Credentials" in assume(THIRD))
    ORG.remove_account_from_organization(AccountId=THIRD)
    outside = AUTHORITY.client("organizations", THIRD)
    refused("an account outside", outside.describe_organization, "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.")
    refused("is denied, without the name of the policy", lambda: assume(THIRD), "AccessDenied",
            f"User: arn:aws:iam::{THIRD}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {role}")
    other = outside.create_organization(FeatureSet="ALL")["Organization"]
    case("it creates another organization", other["Id"] != ID and other["MasterAccountId"] == THIRD, other)
    refused("which is denied too", lambda: assume(THIRD), "AccessDenied",
            f"User: arn:aws:iam::{THIRD}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {role}")
    refused("a second organization", outside.create_organization, "AlreadyInOrganizationException",
            "The provided account is already a member of an organization.")
    outside.delete_organization()
    ORG.update_policy(PolicyId=guard, Content=statement(
        "Deny", "sts:AssumeRole", Principal="*", Condition={"ForAnyValue:StringLike": {
            "aws:PrincipalOrgPaths": f"{ID}/{ROOT}/"}}))
    refused("a caller directly under the root is denied by its path, with the name of the policy", lambda: assume(SOURCE), "AccessDenied",
            f"User: arn:aws:iam::{SOURCE}:user/administrator is not authorized to perform: sts:AssumeRole on resource: "
            f"{role} with an explicit deny in a resource control policy: {ARN}:policy/{ID}/resource_control_policy/{guard}")
    case("a caller in the unit is allowed", "Credentials" in assume(TARGET))
    ORG.disable_policy_type(RootId=ROOT, PolicyType=RCP)
    case("a disabled type is attached nowhere", attached(work, RCP) == [] and "Credentials" in assume(SOURCE))
    ORG.delete_policy(PolicyId=guard)


def accounts():
    made = ORG.create_account(Email="sandbox@team.example", AccountName="Sandbox", Tags=[{"Key": "team", "Value": "x"}])
    request = made["CreateAccountStatus"]["Id"]
    case("a new account is in progress", made["CreateAccountStatus"]["State"] == "IN_PROGRESS", made)
    status = ORG.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
    case("then it exists", status["State"] == "SUCCEEDED", status)
    new = status["AccountId"]
    account = ORG.describe_account(AccountId=new)["Account"]
    case("with its name", (account["Name"], account["Email"], account["State"], account["JoinedMethod"])
         == ("Sandbox", "sandbox@team.example", "ACTIVE", "CREATED"), account)
    case("with its tags", ORG.list_tags_for_resource(ResourceId=new)["Tags"] == [{"Key": "team", "Value": "x"}])
    case("and its default policy", attached(new) == ["p-FullAWSAccess"])
    again = ORG.create_account(Email="sandbox@team.example", AccountName="Again")["CreateAccountStatus"]["Id"]
    status = ORG.describe_create_account_status(CreateAccountRequestId=again)["CreateAccountStatus"]
    case("a duplicate email address", (status["State"], status["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS"), status)
    failed = ORG.list_create_account_status(States=["FAILED"])["CreateAccountStatuses"]
    case("requests are listed by state", [s["Id"] for s in failed] == [again], failed)
    keys, arn = worker_of(new)
    case("the management account assumes OrganizationAccountAccessRole", arn == f"arn:aws:sts::{new}:assumed-role/OrganizationAccountAccessRole/peer", arn)
    inside = AUTHORITY.client("iam", credentials=keys)
    inside.create_role(RoleName="Own", AssumeRolePolicyDocument=trust(new))
    roles = sorted(role["RoleName"] for role in inside.list_roles()["Roles"])
    case("with full access", roles == ["OrganizationAccountAccessRole", "Own"], roles)
    case("the account is empty", AUTHORITY.client("ec2", credentials=keys).describe_instances()["Reservations"] == [])
    for n in range(20):
        ORG.create_account(Email=f"many{n}@team.example", AccountName=f"Many {n}")
    pages = list(ORG.get_paginator("list_accounts").paginate())
    ids = [a["Id"] for page in pages for a in page["Accounts"]]
    case("accounts are listed in pages of twenty", [len(page["Accounts"]) for page in pages] == [20, 3] and len(set(ids)) == 23, ids)
    ORG.tag_resource(ResourceId=new, Tags=[{"Key": "env", "Value": "test"}])
    ORG.untag_resource(ResourceId=new, TagKeys=["team"])
    case("tags are changed", ORG.list_tags_for_resource(ResourceId=new)["Tags"] == [{"Key": "env", "Value": "test"}])
    ORG.close_account(AccountId=new)
    state = ORG.describe_account(AccountId=new)["Account"]["State"]
    case("a closed account is closed", state == "CLOSED", state)
    refused("its sessions end", inside.list_roles, "InvalidClientTokenId",
            "The security token included in the request is invalid.")
    refused("its role cannot be assumed", lambda: worker_of(new), "AccessDenied", f"User: arn:aws:iam::{SOURCE}:user/administrator "
            f"is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{new}:role/OrganizationAccountAccessRole")
    refused("closing it again", lambda: ORG.close_account(AccountId=new), "AccountAlreadyClosedException",
            "The provided account is already closed.")
    reason("nor the management account at all", lambda: ORG.close_account(AccountId=SOURCE), "CANNOT_CLOSE_MANAGEMENT_ACCOUNT")


def worker_of(account):
    got = AUTHORITY.client("sts", SOURCE).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="peer")
    return got["Credentials"], got["AssumedRoleUser"]["Arn"]


def delegation():
    member, service = AUTHORITY.client("organizations", TARGET), "config.amazonaws.com"
    register = lambda: ORG.register_delegated_administrator(AccountId=TARGET, ServicePrincipal=service)
    refused("a delegated administrator before its service", register, "ConstraintViolationException", "You must enable service access "
            "before you delegate an administrator for this service. Call the AWS API EnableAWSServiceAccess first.")
    refused("an invalid service", lambda: ORG.enable_aws_service_access(ServicePrincipal="config"),
            "InvalidInputException", "You specified an unrecognized service principal.")
    ORG.enable_aws_service_access(ServicePrincipal=service)
    enabled = ORG.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    case("a service is enabled", [s["ServicePrincipal"] for s in enabled] == [service], enabled)
    register()
    refused("a duplicate delegated administrator", register, "AccountAlreadyRegisteredException",
            "The provided account is already a delegated administrator for your organization.")
    delegates = ORG.list_delegated_administrators()["DelegatedAdministrators"]
    case("delegated administrators are listed", [d["Id"] for d in delegates] == [TARGET], delegates)
    services = ORG.list_delegated_services_for_account(AccountId=TARGET)["DelegatedServices"]
    case("with their services", [s["ServicePrincipal"] for s in services] == [service], services)
    case("a delegated administrator can describe", len(member.list_accounts()["Accounts"]) == 20)
    case("every account", member.describe_account(AccountId=SOURCE)["Account"]["Id"] == SOURCE)
    refused("but not change anything", lambda: member.create_organizational_unit(ParentId=ROOT, Name="Mine"),
            "AccessDeniedException", "You don't have permissions to access this resource.")
    IAM.put_role_policy(RoleName="Worker", PolicyName="all", PolicyDocument=statement("Allow", "ec2:*"))
    keys, arn = worker(TARGET)
    refused("and not without a policy that allows it", AUTHORITY.client("organizations", credentials=keys).list_roots,
            "AccessDeniedException", f"User: {arn} is not authorized to perform: organizations:ListRoots on resource: * "
            "because no identity-based policy allows the organizations:ListRoots action")
    ORG.deregister_delegated_administrator(AccountId=TARGET, ServicePrincipal=service)
    refused("a deregistered administrator", member.list_accounts, "AccessDeniedException",
            "You don't have permissions to access this resource.")
    ORG.disable_aws_service_access(ServicePrincipal=service)


def command_line(prod, denies):
    for aws in ["aws", "/usr/bin/aws"]:
        def run(*arguments):
            done = subprocess.run([aws, "--endpoint-url", AUTHORITY.url, "organizations", *arguments], text=True,
                                  capture_output=True, env=AUTHORITY.environment(AWS_PROFILE=SOURCE))
            return json.loads(done.stdout) if done.stdout.strip() else done.stderr.strip()
        made = run("create-organizational-unit", "--parent-id", prod, "--name", "By hand")["OrganizationalUnit"]
        done = run("attach-policy", "--policy-id", denies, "--target-id", made["Id"])
        listed = run("list-policies-for-target", "--target-id", made["Id"], "--filter", SCP)["Policies"]
        case(f"{aws}: a unit with a policy", [done, sorted(p["Name"] for p in listed)] == ["", ["DenyInstances", "FullAWSAccess"]], (done, listed))
        done = run("detach-policy", "--policy-id", denies, "--target-id", made["Id"]) + run(
            "delete-organizational-unit", "--organizational-unit-id", made["Id"])
        case(f"{aws}: both are deleted", done == "", done)
        done = run("describe-account", "--account-id", "999999999999")
        case(f"{aws}: a denial", "(AccountNotFoundException)" in done
             and done.endswith("You specified an account that doesn't exist."), done)
        case(f"{aws}: all accounts", len(run("list-accounts")["Accounts"]) == 23)


def keeping(denial):
    """Everything that was answered survives kill -9."""
    global ORG
    before = snapshot()
    AUTHORITY.restart()
    ORG = AUTHORITY.client("organizations", SOURCE)
    case("the organization is unchanged", snapshot() == before, before)
    empty = next(a["Id"] for a in ORG.list_accounts()["Accounts"] if a["Name"].startswith("Many"))
    keys, _ = worker_of(empty)
    case("the created account is still empty", AUTHORITY.client("ec2", credentials=keys).describe_instances()["Reservations"] == [])
    ec2 = AUTHORITY.client("ec2", TARGET)
    refused("its policies still apply", ec2.describe_instances, "UnauthorizedOperation", denial)
    told = [e for e in events(AUTHORITY) if e["action"] == "ec2:DescribeInstances" and "service control" in e.get("reason", "")]
    case("the journal has the deciding statement", bool(told) and "DenyInstances" not in told[-1]["reason"]
         and "p-" in told[-1]["reason"], told[-1:])


def snapshot():
    def below(parent):
        units = ORG.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]
        members = ORG.list_accounts_for_parent(ParentId=parent)["Accounts"]
        return {"policies": attached(parent), "accounts": [(a["Id"], a["Name"], a["State"], attached(a["Id"])) for a in members],
                "units": {u["Name"]: below(u["Id"]) for u in units}}
    return below(ROOT)


WORK, PROD, TEST = tree()
DENIES = policies(PROD)
DENIAL = service_control(WORK, PROD, TEST, DENIES)
resource_control(WORK)
accounts()
delegation()
command_line(PROD, DENIES)
keeping(DENIAL.replace("assumed-role/Worker/peer", "user/administrator").replace("arn:aws:sts", "arn:aws:iam"))
finish()
