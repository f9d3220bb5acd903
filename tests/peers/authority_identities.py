#!/usr/bin/env python3
"""Users, groups and access keys of the authority with boto3 and `aws`: all policies of a user count, and a trust
policy means the principal that it named, not a later one with the same name. Also simulations, reports of last
use, and the sessions that a user starts.

    authority_identities.py PATH_OF_ATTACHE

Needs: pip install boto3; `aws` on the path.
"""

import json
import sys
from pathlib import Path

import boto3

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, case, finish, refused

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
AUTHORITY = Authority(ATTACHE)
IAM = AUTHORITY.client("iam", TARGET)


def client(service, keys, region="us-east-1"):
    """A client with the credentials of a response."""
    return boto3.client(service, region_name=region, endpoint_url=AUTHORITY.url,
                        aws_access_key_id=keys["AccessKeyId"],
                        aws_secret_access_key=keys["SecretAccessKey"],
                        aws_session_token=keys.get("SessionToken"))


def policy(effect, *actions, resource="*", **more):
    return {"Effect": effect, "Action": list(actions), "Resource": resource, **more}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal, action="sts:AssumeRole"):
    return document({"Effect": "Allow", "Principal": principal, "Action": action})


def users():
    ann = IAM.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "Team", "Value": "a"}])["User"]
    case("a user's ARN and ID", (ann["Arn"], ann["UserId"][:4])
         == (f"arn:aws:iam::{TARGET}:user/team/ann", "AIDA"), ann)
    refused("a duplicate user", lambda: IAM.create_user(UserName="Ann"), "EntityAlreadyExists",
            "User with name Ann already exists.")
    refused("a missing user", lambda: IAM.get_user(UserName="bob"), "NoSuchEntity",
            "The user with name bob cannot be found.")
    case("GetUser without a name returns the caller", IAM.get_user()["User"]["UserName"] == "administrator")
    names = [u["UserName"] for page in IAM.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1})
             for u in page["Users"]]
    case("users are listed in pages of one", names == ["administrator", "ann"], names)
    keys = IAM.create_access_key(UserName="ann")["AccessKey"]
    who = client("sts", keys).get_caller_identity()
    case("an access key authenticates its user", (who["Arn"], who["UserId"], who["Account"]) == (ann["Arn"], ann["UserId"], TARGET), who)
    second = IAM.create_access_key(UserName="ann")["AccessKey"]
    refused("a third access key", lambda: IAM.create_access_key(UserName="ann"), "LimitExceeded",
            "Cannot exceed quota for AccessKeysPerUser: 2")
    IAM.update_access_key(UserName="ann", AccessKeyId=second["AccessKeyId"], Status="Inactive")
    refused("an inactive access key", lambda: client("sts", second).get_caller_identity(), "InvalidClientTokenId",
            "The security token included in the request is invalid.")
    listed = {k["AccessKeyId"]: k["Status"] for k in IAM.list_access_keys(UserName="ann")["AccessKeyMetadata"]}
    case("both keys are listed", listed == {keys["AccessKeyId"]: "Active", second["AccessKeyId"]: "Inactive"}, listed)
    IAM.delete_access_key(UserName="ann", AccessKeyId=second["AccessKeyId"])
    return ann, keys


def permissions(ann, keys):
    own = client("iam", keys)
    refused("a user without policies", own.list_roles, "AccessDenied",
            f"User: {ann['Arn']} is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::{TARGET}:role/ because no "
            "identity-based policy allows the iam:ListRoles action")
    IAM.put_user_policy(UserName="ann", PolicyName="roles", PolicyDocument=document(
        policy("Allow", "iam:ListRoles", resource=f"arn:aws:iam::{TARGET}:role/*")))
    case("a list is authorized for its path", "Roles" in own.list_roles())
    refused("and not for another path", own.list_policies, "AccessDenied",
            f"User: {ann['Arn']} is not authorized to perform: iam:ListPolicies on resource: policy path / because no "
            "identity-based policy allows the iam:ListPolicies action")
    IAM.delete_user_policy(UserName="ann", PolicyName="roles")
    group = IAM.create_group(GroupName="readers")["Group"]
    case("a group's ID", group["GroupId"].startswith("AGPA"), group)
    IAM.put_group_policy(GroupName="readers", PolicyName="list", PolicyDocument=document(policy("Allow", "iam:List*")))
    IAM.add_user_to_group(GroupName="readers", UserName="ann")
    case("a group's policy allows its members", "Roles" in own.list_roles())
    case("the group lists its member", [u["UserName"] for u in IAM.get_group(GroupName="readers")["Users"]] == ["ann"])
    IAM.put_user_policy(UserName="ann", PolicyName="no", PolicyDocument=document(policy("Deny", "iam:ListUsers")))
    refused("a deny in the user's policy", own.list_users, "AccessDenied",
            f"User: {ann['Arn']} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::{TARGET}:user/ "
            "with an explicit deny in an identity-based policy")
    boundary = IAM.create_policy(PolicyName="edge", PolicyDocument=document(policy("Allow", "iam:ListRoles")))
    IAM.put_user_permissions_boundary(UserName="ann", PermissionsBoundary=boundary["Policy"]["Arn"])
    refused("a call outside the boundary", own.list_groups, "AccessDenied",
            f"User: {ann['Arn']} is not authorized to perform: iam:ListGroups on resource: arn:aws:iam::{TARGET}:group/ because no "
            "permissions boundary allows the iam:ListGroups action")
    IAM.delete_user_permissions_boundary(UserName="ann")
    IAM.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
    case("an attached policy allows", own.get_user(UserName="ann")["User"]["UserName"] == "ann")
    case("the policy lists its user", [u["UserName"] for u in IAM.list_entities_for_policy(
        PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")["PolicyUsers"]] == ["ann"])


def trusted(ann, keys):
    refused("a trust policy with a missing principal", lambda: IAM.create_role(
        RoleName="r", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{TARGET}:user/nobody"})),
        "MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"arn:aws:iam::{TARGET}:user/nobody"')
    IAM.create_user(UserName="eve")
    eve = IAM.get_user(UserName="eve")["User"]
    IAM.create_role(RoleName="forEve", AssumeRolePolicyDocument=trust({"AWS": eve["Arn"]}))
    first = IAM.create_access_key(UserName="eve")["AccessKey"]
    role = f"arn:aws:iam::{TARGET}:role/forEve"
    got = client("sts", first).assume_role(RoleArn=role, RoleSessionName="one")
    case("a trusted user assumes the role", got["AssumedRoleUser"]["Arn"].endswith("assumed-role/forEve/one"), got)
    IAM.update_user(UserName="eve", NewUserName="eva")
    kept = IAM.get_role(RoleName="forEve")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    case("a renamed user stays trusted", kept == f"arn:aws:iam::{TARGET}:user/eva", kept)
    refused("deleting a user with access keys", lambda: IAM.delete_user(UserName="eva"), "DeleteConflict",
            "Cannot delete entity, must delete access keys first.")
    IAM.delete_access_key(UserName="eva", AccessKeyId=first["AccessKeyId"])
    IAM.delete_user(UserName="eva")
    kept = IAM.get_role(RoleName="forEve")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    case("a deleted user is replaced by the unique ID", kept == eve["UserId"], kept)
    IAM.create_user(UserName="eva")
    namesake = IAM.create_access_key(UserName="eva")["AccessKey"]
    refused("a new user with the same name is not trusted", lambda: client("sts", namesake).assume_role(
        RoleArn=role, RoleSessionName="two"), "AccessDenied",
        f"User: arn:aws:iam::{TARGET}:user/eva is not authorized to perform: sts:AssumeRole on resource: {role}")


def sessions(ann, keys):
    session = client("sts", keys).get_session_token(DurationSeconds=900)["Credentials"]
    case("a user's session is the user", client("sts", session).get_caller_identity()["Arn"] == ann["Arn"])
    refused("it cannot call IAM", client("iam", session).list_roles, "InvalidClientTokenId",
            "The security token included in the request is invalid.")
    refused("it cannot start a session", client("sts", session).get_session_token, "AccessDenied",
            "Cannot call GetSessionToken with session credentials")
    refused("GetFederationToken without permission",
            lambda: client("sts", keys).get_federation_token(Name="bob"), "AccessDenied",
            f"User: {ann['Arn']} is not authorized to perform: sts:GetFederationToken on resource: "
            f"arn:aws:sts::{TARGET}:federated-user/bob because no identity-based policy allows the "
            "sts:GetFederationToken action")
    IAM.put_user_policy(UserName="ann", PolicyName="lend", PolicyDocument=document(
        policy("Allow", "sts:GetFederationToken", "sqs:ListQueues", "ec2:DescribeVpcs")))
    lent = client("sts", keys).get_federation_token(Name="bob", Policy=document(policy("Allow", "ec2:*")))
    bob = f"arn:aws:sts::{TARGET}:federated-user/bob"
    case("a federated user", lent["FederatedUser"] == {"FederatedUserId": f"{TARGET}:bob", "Arn": bob}, lent["FederatedUser"])
    case("it has the permissions that both policies allow", "Vpcs" in client("ec2", lent["Credentials"]).describe_vpcs())
    try:
        client("sqs", lent["Credentials"]).list_queues()
        case("and not those of the user only", False)
    except client("sqs", lent["Credentials"]).exceptions.ClientError as error:
        case("and not those of the user only", "because no session policy allows" in str(error), error)
    refused("a federated user cannot assume a role", lambda: client("sts", lent["Credentials"]).assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/forEve", RoleSessionName="xx"), "AccessDenied",
        f"User: {bob} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::{TARGET}:role/forEve")


def encoded(ann, keys):
    try:
        client("ec2", keys).run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)
        case("RunInstances without permission is denied", False)
    except client("ec2", keys).exceptions.ClientError as error:
        said = error.response["Error"]
    case("RunInstances without permission is denied", said["Code"] == "UnauthorizedOperation", said)
    message = said["Message"].rpartition("Encoded authorization failure message: ")[2]
    told = json.loads(AUTHORITY.client("sts", TARGET).decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    case("the decoded message has the request", (told["allowed"], told["context"]["action"], told["context"]["principal"]["arn"])
         == (False, "ec2:RunInstances", ann["Arn"]), told)
    refused("DecodeAuthorizationMessage without permission", lambda: client("sts", keys).decode_authorization_message(EncodedMessage=message),
            "AccessDenied", f"User: {ann['Arn']} is not authorized to perform: sts:DecodeAuthorizationMessage "
            "because no identity-based policy allows the sts:DecodeAuthorizationMessage action")
    refused("an invalid encoded message", lambda: AUTHORITY.client("sts", TARGET).decode_authorization_message(
        EncodedMessage=message[:-4] + "AAAA"), "InvalidAuthorizationMessageException", "Message is not valid.")


def simulations(ann):
    def decided(**asked):
        return [(r["EvalActionName"], r["EvalDecision"]) for page in
                IAM.get_paginator("simulate_principal_policy").paginate(PolicySourceArn=ann["Arn"], **asked,
                                                                        PaginationConfig={"PageSize": 1})
                for r in page["EvaluationResults"]]
    got = decided(ActionNames=["iam:ListRoles", "iam:ListUsers", "iam:CreateRole"])
    case("the simulation of a user agrees with its policies", got == [
        ("iam:ListRoles", "allowed"), ("iam:ListUsers", "explicitDeny"), ("iam:CreateRole", "implicitDeny")], got)
    result = IAM.simulate_principal_policy(PolicySourceArn=ann["Arn"], ActionNames=["iam:ListUsers"])["EvaluationResults"][0]
    case("the simulation returns the deciding statement", [(s["SourcePolicyId"], s["StartPosition"]["Line"]) for s in
                                        result["MatchedStatements"]] == [("user_ann_no", 1)], result)
    custom = document(policy("Allow", "s3:GetObject", Condition={"StringEquals": {"aws:PrincipalTag/Team": "a"}}))
    def simulate(**more):
        return IAM.simulate_custom_policy(PolicyInputList=[custom], ActionNames=["s3:GetObject"], **more)["EvaluationResults"][0]
    case("the simulation returns a missing context key", (simulate()["EvalDecision"], simulate()["MissingContextValues"])
         == ("implicitDeny", ["aws:PrincipalTag/Team"]), simulate())
    entry = {"ContextKeyName": "aws:PrincipalTag/Team", "ContextKeyValues": ["a"], "ContextKeyType": "string"}
    case("with the key it is allowed", simulate(ContextEntries=[entry])["EvalDecision"] == "allowed")
    edge = simulate(ContextEntries=[entry], PermissionsBoundaryPolicyInputList=[document(policy("Allow", "sqs:*"))])
    case("the simulation returns the boundary's decision", (edge["EvalDecision"], edge["PermissionsBoundaryDecisionDetail"])
         == ("implicitDeny", {"AllowedByPermissionsBoundary": False}), edge)
    several = simulate(ContextEntries=[entry], ResourceArns=["arn:aws:s3:::a/x", "arn:aws:s3:::b/x"])
    case("each resource has a result within its action's", several["EvalDecisionDetails"] == {} and [
        (r["EvalResourceName"], r["EvalResourceDecision"]) for r in several["ResourceSpecificResults"]] == [
        ("arn:aws:s3:::a/x", "allowed"), ("arn:aws:s3:::b/x", "allowed")], several)
    level = {"ServiceControlPolicyInputList": [document(policy("Allow", "sqs:*"))]}
    ended = simulate(ContextEntries=[entry], OrderedOrganizationPolicyInputList=[level])
    case("the simulation returns the organization's decision", (ended["EvalDecision"], ended["OrganizationsDecisionDetail"])
         == ("implicitDeny", {"AllowedByOrganizations": False}), ended)
    keys = IAM.get_context_keys_for_custom_policy(PolicyInputList=[custom])["ContextKeyNames"]
    case("the keys of a policy", keys == ["aws:PrincipalTag/Team"], keys)
    refused("a simulation of an invalid policy", lambda: IAM.simulate_custom_policy(
        PolicyInputList=["{}"], ActionNames=["s3:GetObject"]), "InvalidInput",
        "PolicyInputList.1: Syntax errors in policy.")


def what_nobody_has():
    """Terraform's `force_destroy` lists all of these and deletes what it finds."""
    lists = [IAM.list_mfa_devices(UserName="ann")["MFADevices"], IAM.list_virtual_mfa_devices()["VirtualMFADevices"],
             IAM.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"],
             IAM.list_signing_certificates(UserName="ann")["Certificates"],
             IAM.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"],
             IAM.list_server_certificates()["ServerCertificateMetadataList"],
             IAM.list_saml_providers()["SAMLProviderList"]]
    case("features without data are empty lists", lists == [[]] * 7, lists)
    refused("a login profile", lambda: IAM.delete_login_profile(UserName="ann"), "NoSuchEntity",
            "Login Profile for User ann cannot be found.")


def reported_in_pages():
    """Users and roles that used the permissions of a policy, one of them through its group."""
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    IAM.create_group(GroupName="pages")
    IAM.attach_group_policy(GroupName="pages", PolicyArn=arn)
    IAM.create_user(UserName="page")
    IAM.add_user_to_group(GroupName="pages", UserName="page")
    client("iam", IAM.create_access_key(UserName="page")["AccessKey"]).list_users()
    IAM.create_role(RoleName="Page", AssumeRolePolicyDocument=trust({
        "AWS": f"arn:aws:iam::{TARGET}:user/administrator"}))
    IAM.attach_role_policy(RoleName="Page", PolicyArn=arn)
    session = AUTHORITY.client("sts", TARGET).assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/Page", RoleSessionName="page")["Credentials"]
    AUTHORITY.client("iam", credentials=session).list_users()
    asked = {"JobId": IAM.generate_service_last_accessed_details(Arn=arn)["JobId"], "ServiceNamespace": "iam", "MaxItems": 1}
    names, more = [], {}
    while more is not None:
        page = IAM.get_service_last_accessed_details_with_entities(**asked, **more)
        names += [own["EntityInfo"]["Name"] for own in page["EntityDetailsList"]]
        more = {"Marker": page["Marker"]} if page["IsTruncated"] else None
    case("the users and roles of a report are listed in pages", names == ["Page", "page"], names)


def account(ann, keys):
    used = IAM.get_access_key_last_used(AccessKeyId=keys["AccessKeyId"])
    case("a key's last use", (used["UserName"], used["AccessKeyLastUsed"]["ServiceName"]) == ("ann", "sts"), used)
    job = IAM.generate_service_last_accessed_details(Arn=ann["Arn"], Granularity="ACTION_LEVEL")["JobId"]
    got = IAM.get_service_last_accessed_details(JobId=job)
    iam = next(s for s in got["ServicesLastAccessed"] if s["ServiceNamespace"] == "iam")
    case("a used service is reported", (got["JobStatus"], iam["LastAuthenticatedEntity"], "ListRoles" in
                                       [a["ActionName"] for a in iam["TrackedActionsLastAccessed"]])
         == ("COMPLETED", ann["Arn"], True), iam)
    unused = next(s for s in got["ServicesLastAccessed"] if s["ServiceNamespace"] not in ("ec2", "iam", "sqs", "sts"))
    case("an unused service is not", unused["TotalAuthenticatedEntities"] == 0 and "LastAuthenticated" not in unused, unused)
    IAM.create_account_alias(AccountAlias="the-lab")
    refused("an alias of another account", lambda: AUTHORITY.client("iam", SOURCE).create_account_alias(
        AccountAlias="the-lab"), "EntityAlreadyExists", "The account alias the-lab already exists.")
    case("the alias", IAM.list_account_aliases()["AccountAliases"] == ["the-lab"])
    summary = IAM.get_account_summary()["SummaryMap"]
    case("the summary counts", (summary["Users"], summary["Groups"], summary["Roles"], summary["UsersQuota"])
         == (3, 1, 1, 5000), summary)
    IAM.create_instance_profile(InstanceProfileName="web")
    IAM.add_role_to_instance_profile(InstanceProfileName="web", RoleName="forEve")
    refused("deleting a role in an instance profile", lambda: IAM.delete_role(RoleName="forEve"), "DeleteConflict",
            "Cannot delete entity, must remove roles from instance profile first.")
    refused("a second role in an instance profile", lambda: IAM.add_role_to_instance_profile(
        InstanceProfileName="web", RoleName="forEve"), "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
    linked = IAM.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    case("a service-linked role", linked["Arn"] == f"arn:aws:iam::{TARGET}:role/aws-service-role/ecs.amazonaws.com/"
         "AWSServiceRoleForECS", linked)
    refused("a service-linked role cannot be deleted with DeleteRole", lambda: IAM.delete_role(RoleName="AWSServiceRoleForECS"),
            "UnmodifiableEntity", "Cannot perform the operation on the protected role 'AWSServiceRoleForECS' - this "
            "role is only modifiable by AWS")
    task = IAM.delete_service_linked_role(RoleName="AWSServiceRoleForECS")["DeletionTaskId"]
    case("it is deleted with DeleteServiceLinkedRole", IAM.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED")


def details():
    pages = list(IAM.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2}))
    names = {kind: [item[name] for page in pages for item in page[kind]] for kind, name in [
        ("UserDetailList", "UserName"), ("GroupDetailList", "GroupName"), ("RoleDetailList", "RoleName"),
        ("Policies", "PolicyName")]}
    case("all details in pages of two", names == {
        "UserDetailList": ["administrator", "ann", "eva"], "GroupDetailList": ["readers"], "RoleDetailList": ["forEve"],
        "Policies": ["edge", "AdministratorAccess", "SecurityAudit"]}, names)
    users = {u["UserName"]: u for page in pages for u in page["UserDetailList"]}
    case("a user's details", (users["ann"]["GroupList"], [p["PolicyName"] for p in users["ann"]["UserPolicyList"]],
                              users["ann"]["AttachedManagedPolicies"][0]["PolicyName"])
         == (["readers"], ["lend", "no"], "SecurityAudit"), users["ann"])
    only = IAM.get_account_authorization_details(Filter=["Group"])
    case("only groups", [len(only[k]) for k in ("GroupDetailList", "UserDetailList", "RoleDetailList", "Policies")]
         == [1, 0, 0, 0])


def survives(ann, keys):
    AUTHORITY.kill()
    AUTHORITY.start()
    again = AUTHORITY.client("iam", TARGET)
    used = again.get_access_key_last_used(AccessKeyId=keys["AccessKeyId"])
    case("keys, groups and their use survive a restart",
         client("sts", keys).get_caller_identity()["Arn"] == ann["Arn"]
         and [g["GroupName"] for g in again.list_groups_for_user(UserName="ann")["Groups"]] == ["readers"]
         and used["AccessKeyLastUsed"]["ServiceName"] == "sts", used)


ANN, KEYS = users()
permissions(ANN, KEYS)
trusted(ANN, KEYS)
sessions(ANN, KEYS)
encoded(ANN, KEYS)
simulations(ANN)
what_nobody_has()
account(ANN, KEYS)
details()
reported_in_pages()
survives(ANN, KEYS)
finish()
