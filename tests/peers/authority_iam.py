#!/usr/bin/env python3
"""The authority's IAM, STS and Organizations with boto3: resources can be created, read, changed and deleted,
and what AWS refuses is refused with AWS's code and message.

    authority_iam.py PATH_OF_ATTACHE

Needs: pip install boto3.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, STS, TARGET, Authority, Issuer, case, finish, refused

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-iam-")
ISSUER = Issuer(ATTACHE, SCRATCH.name, "https://issuer.example/a")
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER.url}={ISSUER.jwks}"])
IAM = AUTHORITY.client("iam", TARGET)
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/issuer.example/a"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def trust(principal, action="sts:AssumeRole", **condition):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(*actions, resource="*"):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": list(actions), "Resource": resource}]})


WEB = trust({"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity")


def providers():
    made = IAM.create_open_id_connect_provider(Url=ISSUER.url, ClientIDList=[STS], ThumbprintList=["a" * 40],
                                               Tags=[{"Key": "team", "Value": "x"}])
    case("a provider's ARN", made["OpenIDConnectProviderArn"] == PROVIDER, made)
    refused("a duplicate provider", lambda: IAM.create_open_id_connect_provider(Url=ISSUER.url),
            "EntityAlreadyExists", f"Provider with url {ISSUER.url} already exists.")
    refused("a provider over http", lambda: IAM.create_open_id_connect_provider(Url="http://issuer.example"),
            "ValidationError", "Invalid Open ID Connect Provider URL")
    refused("a short thumbprint", lambda: AUTHORITY.client("iam", TARGET, parameter_validation=False)
            .create_open_id_connect_provider(Url="https://b.example", ThumbprintList=["abc"]),
            "ValidationError", "1 validation error detected: Value 'abc' at 'thumbprintList.1.member' failed to "
            "satisfy constraint: Member must have length greater than or equal to 40")
    IAM.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="second")
    IAM.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="second")
    IAM.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=PROVIDER, ThumbprintList=["b" * 40])
    IAM.tag_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, Tags=[{"Key": "TEAM", "Value": "y"},
                                                                           {"Key": "env", "Value": ""}])
    got = IAM.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    case("a provider is returned as it was created",
         (got["Url"], got["ClientIDList"], got["ThumbprintList"], len(got["Tags"]))
         == ("issuer.example/a", [STS, "second"], ["b" * 40], 3), got)
    IAM.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="second")
    IAM.untag_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, TagKeys=["env"])
    tags = IAM.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=PROVIDER)["Tags"]
    case("tag keys of a provider that differ in case are two",
         tags == [{"Key": "TEAM", "Value": "y"}, {"Key": "team", "Value": "x"}], tags)
    listed = IAM.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    case("providers are listed", listed == [{"Arn": PROVIDER}], listed)
    other = AUTHORITY.client("iam", SOURCE)
    case("another account has no provider", other.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [])
    refused("another account's provider", lambda: other.get_open_id_connect_provider(
        OpenIDConnectProviderArn=PROVIDER), "AccessDenied",
        # Both sides must allow, and a provider has no resource policy.
        f"User: arn:aws:iam::{SOURCE}:user/administrator is not authorized to perform: "
        f"iam:GetOpenIDConnectProvider on resource: {PROVIDER} because no resource-based policy "
        "allows the iam:GetOpenIDConnectProvider action")
    nobody = f"arn:aws:iam::{TARGET}:oidc-provider/nobody.example"
    refused("a missing provider", lambda: IAM.delete_open_id_connect_provider(
        OpenIDConnectProviderArn=nobody), "NoSuchEntity", f"OpenId connect Provider {nobody} cannot be found.")
    refused("a provider without a thumbprint", lambda: IAM.update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=PROVIDER, ThumbprintList=[]), "InvalidInput",
        "Thumbprint list must contain at least one entry.")
    refused("a provider's URL with a query", lambda: IAM.create_open_id_connect_provider(Url="https://q.example/?a=b"),
            "InvalidInput", "Unknown")
    IAM.update_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ContextProvider={"SubjectSourceKey": "sub"})
    got = IAM.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    case("a context provider is kept", got["ContextProvider"] == {"SubjectSourceKey": "sub"}, got)
    IAM.update_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, RemoveContextProvider=True)


def roles():
    made = IAM.create_role(RoleName="Reader", AssumeRolePolicyDocument=WEB, Path="/team/", Description="reads",
                           MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "x"}])["Role"]
    case("a role's ARN has its path", made["Arn"] == f"arn:aws:iam::{TARGET}:role/team/Reader", made)
    case("its document is returned unchanged", made["AssumeRolePolicyDocument"] == json.loads(WEB))
    got = IAM.get_role(RoleName="Reader")["Role"]
    case("a role is returned as it was created", (got["Description"], got["MaxSessionDuration"], got["Tags"], got["RoleId"])
         == ("reads", 7200, [{"Key": "team", "Value": "x"}], made["RoleId"]), got)
    refused("a duplicate role name in another case",
            lambda: IAM.create_role(RoleName="READER", AssumeRolePolicyDocument=WEB),
            "EntityAlreadyExists", "Role with name READER already exists.")
    for name, document, message in [
        ("no JSON", "{", "This policy contains invalid Json"),
        ("a resource", json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Resource": "*"}]}),
         "Has prohibited field Resource"),
    ]:
        refused(f"a trust policy with {name}",
                lambda: IAM.create_role(RoleName="Bad", AssumeRolePolicyDocument=document),
                "MalformedPolicyDocument", message)
    long = trust({"AWS": [f"arn:aws:iam::{SOURCE}:role/{'r' * 50}{n}" for n in range(40)]})
    refused("a trust policy over its quota", lambda: IAM.create_role(RoleName="Bad", AssumeRolePolicyDocument=long),
            "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
    lax = AUTHORITY.client("iam", TARGET, parameter_validation=False)
    refused("two violated constraints", lambda: lax.create_role(
        RoleName="a b", AssumeRolePolicyDocument=WEB, MaxSessionDuration=60), "ValidationError",
        "2 validation errors detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy "
        "regular expression pattern: [\\w+=,.@-]+; Value '60' at 'maxSessionDuration' failed to satisfy "
        "constraint: Member must have value greater than or equal to 3600")
    refused("a missing role name", lambda: lax.get_role(), "ValidationError", "1 validation error detected: Value null at "
            "'roleName' failed to satisfy constraint: Member must not be null")
    IAM.update_role(RoleName="Reader", Description="reads more", MaxSessionDuration=3600)
    IAM.update_assume_role_policy(RoleName="Reader", PolicyDocument=WEB)
    IAM.tag_role(RoleName="Reader", Tags=[{"Key": "env", "Value": "prod"}])
    IAM.untag_role(RoleName="Reader", TagKeys=["team", "nothing"])
    got = IAM.get_role(RoleName="Reader")["Role"]
    case("a role is updated", (got["Description"], got["MaxSessionDuration"], got["Tags"])
         == ("reads more", 3600, [{"Key": "env", "Value": "prod"}]), got)
    got = IAM.get_role(RoleName="READER")["Role"]
    case("a role is found in any letters", (got["RoleName"], got["Path"]) == ("Reader", "/team/"), got)
    refused("a missing role", lambda: IAM.get_role(RoleName="Nobody"), "NoSuchEntity",
            "The role with name Nobody cannot be found.")
    for n in range(7):
        IAM.create_role(RoleName=f"Many{n}", AssumeRolePolicyDocument=WEB)
    pages = list(IAM.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 3}))
    names = [role["RoleName"] for page in pages for role in page["Roles"]]
    case("roles are listed in pages", len(pages) == 3 and names == sorted(names) and len(names) == 8, names)
    listed = [role["RoleName"] for role in IAM.list_roles(PathPrefix="/team/")["Roles"]]
    case("roles under a path", listed == ["Reader"], listed)


def policies():
    IAM.put_role_policy(RoleName="Reader", PolicyName="queues", PolicyDocument=allow("sqs:ListQueues"))
    got = IAM.get_role_policy(RoleName="Reader", PolicyName="queues")
    case("an inline policy is returned unchanged", got["PolicyDocument"] == json.loads(allow("sqs:ListQueues")))
    got = IAM.get_role_policy(RoleName="reader", PolicyName="QUEUES")
    case("an inline policy is found in any letters, and named as it was asked for",
         (got["RoleName"], got["PolicyName"]) == ("Reader", "QUEUES"), got)
    case("inline policies are listed", IAM.list_role_policies(RoleName="Reader")["PolicyNames"] == ["queues"])
    refused("an inline policy with a principal", lambda: IAM.put_role_policy(
        RoleName="Reader", PolicyName="bad", PolicyDocument=allow("*").replace('"Action"', '"Principal": "*", "Action"')),
        "MalformedPolicyDocument",
        "Policy document should not specify a principal.")
    refused("a missing inline policy", lambda: IAM.get_role_policy(RoleName="Reader", PolicyName="no"),
            "NoSuchEntity", "The role policy with name no cannot be found.")
    own = IAM.create_policy(PolicyName="Own", Path="/team/", PolicyDocument=allow("ec2:Describe*"))["Policy"]["Arn"]
    case("a managed policy's ARN", own == f"arn:aws:iam::{TARGET}:policy/team/Own", own)
    refused("a duplicate managed policy", lambda: IAM.create_policy(PolicyName="Own", PolicyDocument=allow("*")),
            "EntityAlreadyExists", "A policy called Own already exists. Duplicate names are not allowed.")
    IAM.attach_role_policy(RoleName="Reader", PolicyArn=own)
    IAM.attach_role_policy(RoleName="Reader", PolicyArn=own)
    IAM.attach_role_policy(RoleName="Reader", PolicyArn=READ_ONLY)
    attached = IAM.list_attached_role_policies(RoleName="Reader")["AttachedPolicies"]
    case("attached policies are listed", sorted(p["PolicyName"] for p in attached) == ["Own", "ReadOnlyAccess"], attached)
    missing = "arn:aws:iam::aws:policy/NoSuchPolicy"
    refused("attaching a missing policy", lambda: IAM.attach_role_policy(RoleName="Reader", PolicyArn=missing),
            "NoSuchEntity", f"Policy {missing} does not exist or is not attachable.")
    refused("attaching an invalid ARN", lambda: IAM.attach_role_policy(RoleName="Reader", PolicyArn="x" * 20),
            "ValidationError", "Invalid ARN:  Could not be parsed!")
    refused("detaching a policy that is not attached", lambda: IAM.detach_role_policy(RoleName="Reader", PolicyArn=missing),
            "NoSuchEntity", f"Policy {missing} was not found.")
    refused("a missing policy", lambda: IAM.get_policy(PolicyArn=missing), "NoSuchEntity",
            f"Policy {missing} was not found.")
    got = IAM.get_policy(PolicyArn=own)["Policy"]
    case("an untagged policy has an empty list of tags", got["Tags"] == [], got)
    got = IAM.get_policy(PolicyArn=READ_ONLY)["Policy"]
    case("an AWS-managed policy has AWS's dates", got["CreateDate"].year == 2015, got)
    case("the description of an abridged policy says so", "abridgement" in got["Description"] and got["AttachmentCount"] == 1, got)
    document = IAM.get_policy_version(PolicyArn=READ_ONLY, VersionId="v1")["PolicyVersion"]["Document"]
    case("an abridged policy has a document", "ec2:Describe*" in document["Statement"][0]["Action"], document)
    IAM.create_policy_version(PolicyArn=own, PolicyDocument=allow("ec2:*"), SetAsDefault=True)
    versions = IAM.list_policy_versions(PolicyArn=own)["Versions"]
    case("a new version becomes the default", [(v["VersionId"], v["IsDefaultVersion"]) for v in versions]
         == [("v2", True), ("v1", False)], versions)
    refused("deleting an attached policy", lambda: IAM.delete_policy(PolicyArn=own), "DeleteConflict",
            "Cannot delete a policy attached to entities.")
    for _ in range(3):
        IAM.create_policy_version(PolicyArn=own, PolicyDocument=allow("ec2:*"))
    refused("a sixth version", lambda: IAM.create_policy_version(PolicyArn=own, PolicyDocument=allow("ec2:*")),
            "LimitExceeded", "A managed policy can have up to 5 versions. Before you create a new version, you must "
            "delete an existing version.")
    refused("deleting the default version", lambda: IAM.delete_policy_version(PolicyArn=own, VersionId="v2"),
            "DeleteConflict", "Cannot delete the default version of a policy.")
    used = IAM.list_entities_for_policy(PolicyArn=own)["PolicyRoles"]
    case("the entities of a policy", [role["RoleName"] for role in used] == ["Reader"], used)
    local = [policy["Arn"] for policy in IAM.list_policies(Scope="Local")["Policies"]]
    case("the customer managed policies", local == [own], local)
    for n in range(8):
        arn = IAM.create_policy(PolicyName=f"P{n}", PolicyDocument=allow("*"))["Policy"]["Arn"]
        IAM.attach_role_policy(RoleName="Many0", PolicyArn=arn)
    for arn in [own, READ_ONLY]:
        IAM.attach_role_policy(RoleName="Many0", PolicyArn=arn)
    refused("an eleventh policy on a role", lambda: IAM.attach_role_policy(
        RoleName="Many0", PolicyArn="arn:aws:iam::aws:policy/SecurityAudit"),
        "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
    refused("deleting a role with policies", lambda: IAM.delete_role(RoleName="Reader"), "DeleteConflict",
            "Cannot delete entity, must detach all policies first.")


def sessions():
    """A session has the permissions of its role's current policies."""
    IAM.create_role(RoleName="Worker", AssumeRolePolicyDocument=WEB)
    session = AUTHORITY.assume("Worker", ISSUER.token())
    credentials, arn = session["Credentials"], session["AssumedRoleUser"]["Arn"]
    vpcs = AUTHORITY.client("ec2", credentials=credentials)
    sentence = (f"You are not authorized to perform this operation. User: {arn} is not authorized to perform: "
                "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action")
    refused("a role without policies is denied", vpcs.describe_vpcs, "UnauthorizedOperation", sentence)
    IAM.put_role_policy(RoleName="Worker", PolicyName="p", PolicyDocument=allow("ec2:DescribeVpcs"))
    case("a new policy allows at once", len(vpcs.describe_vpcs()["Vpcs"]) > 0)
    tables = AUTHORITY.client("dynamodb", credentials=credentials)
    refused("other actions are denied, in the JSON protocol", tables.list_tables, "AccessDeniedException",
            f"User: {arn} is not authorized to perform: dynamodb:ListTables on resource: "
            f"arn:aws:dynamodb:us-east-1:{TARGET}:table/* because no identity-based policy allows the dynamodb:ListTables action")
    IAM.put_role_permissions_boundary(RoleName="Worker", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
    refused("a boundary limits the role", vpcs.describe_vpcs, "UnauthorizedOperation",
            sentence.replace("identity-based policy", "permissions boundary"))
    IAM.delete_role_permissions_boundary(RoleName="Worker")
    narrow = AUTHORITY.assume("Worker", ISSUER.token(), Policy=allow("s3:*"))
    case("session policies increase PackedPolicySize", narrow["PackedPolicySize"] > session["PackedPolicySize"])
    refused("a session policy limits the session",
            AUTHORITY.client("ec2", credentials=narrow["Credentials"]).describe_vpcs, "UnauthorizedOperation",
            sentence.replace("identity-based policy", "session policy"))
    refused("an invalid session policy", lambda: AUTHORITY.assume("Worker", ISSUER.token(), Policy="{"),
            "MalformedPolicyDocument", "This policy contains invalid Json")
    IAM.put_role_policy(RoleName="Worker", PolicyName="d", PolicyDocument=allow("ec2:*").replace("Allow", "Deny"))
    refused("a deny takes precedence", vpcs.describe_vpcs, "UnauthorizedOperation", sentence.replace(
        "because no identity-based policy allows the ec2:DescribeVpcs action",
        "with an explicit deny in an identity-based policy"))
    refused("a session longer than the role allows", lambda: AUTHORITY.assume("Worker", ISSUER.token(), DurationSeconds=7200),
            "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    IAM.delete_role_policy(RoleName="Worker", PolicyName="p")
    IAM.delete_role_policy(RoleName="Worker", PolicyName="d")
    IAM.delete_role(RoleName="Worker")
    sts = AUTHORITY.client("sts", credentials=credentials)
    invalid = "The security token included in the request is invalid."
    refused("deleting the role ends the session", sts.get_caller_identity, "InvalidClientTokenId", invalid)
    IAM.create_role(RoleName="Worker", AssumeRolePolicyDocument=WEB)
    refused("a new role with the same name does not revive the session", sts.get_caller_identity, "InvalidClientTokenId", invalid)


def assume_role():
    IAM.create_role(RoleName="Hub", AssumeRolePolicyDocument=WEB)
    hub = AUTHORITY.assume("Hub", ISSUER.token())
    role_arn = f"arn:aws:iam::{SOURCE}:role/Spoke"
    source = AUTHORITY.client("iam", SOURCE)
    sts = AUTHORITY.client("sts", credentials=hub["Credentials"])
    arn = hub["AssumedRoleUser"]["Arn"]
    sentence = f"User: {arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"

    def spoke(**more):
        return sts.assume_role(RoleArn=role_arn, RoleSessionName="spoke", **more)

    refused("a missing role", spoke, "AccessDenied", sentence)
    by_id = {"StringEquals": {"sts:ExternalId": "secret-id"}}
    source.create_role(RoleName="Spoke", MaxSessionDuration=43200, AssumeRolePolicyDocument=trust(
        {"AWS": f"arn:aws:iam::{TARGET}:role/Hub"}, **by_id))
    refused("across accounts, the caller's policies must allow", lambda: spoke(ExternalId="secret-id"),
            "AccessDenied", sentence)
    IAM.put_role_policy(RoleName="Hub", PolicyName="p", PolicyDocument=allow("sts:AssumeRole", resource=role_arn))
    refused("without the external ID", spoke, "AccessDenied", sentence)
    refused("with a wrong external ID", lambda: spoke(ExternalId="another"), "AccessDenied", sentence)
    got = spoke(ExternalId="secret-id")
    identity = AUTHORITY.client("sts", credentials=got["Credentials"]).get_caller_identity()
    case("both sides allow", identity["Arn"] == f"arn:aws:sts::{SOURCE}:assumed-role/Spoke/spoke", identity)
    refused("a chained session lasts at most an hour", lambda: spoke(ExternalId="secret-id", DurationSeconds=7200),
            "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining")
    tags = [{"Key": "team", "Value": "x"}]
    refused("tags need sts:TagSession", lambda: spoke(ExternalId="secret-id", Tags=tags), "AccessDenied",
            sentence.replace("sts:AssumeRole", "sts:TagSession"))
    refused("tag keys that differ only in case", lambda: spoke(Tags=tags + [{"Key": "TEAM", "Value": "y"}]),
            "InvalidParameterValue", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    refused("a transitive key that is not a tag", lambda: spoke(Tags=tags, TransitiveTagKeys=["other"]),
            "InvalidParameterValue", "The specified transitive tag key must be included in the requested tags.")
    source.update_assume_role_policy(RoleName="Spoke", PolicyDocument=trust(
        {"AWS": f"arn:aws:iam::{TARGET}:root"}, ["sts:AssumeRole", "sts:TagSession"]))
    IAM.put_role_policy(RoleName="Hub", PolicyName="p", PolicyDocument=allow(
        "sts:AssumeRole", "sts:TagSession", resource=role_arn))
    tagged = spoke(Tags=tags, TransitiveTagKeys=["team"])
    case("tags increase PackedPolicySize", tagged["PackedPolicySize"] >= 1, tagged.get("PackedPolicySize"))
    source.put_role_policy(RoleName="Spoke", PolicyName="p", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}}]}))
    queues = AUTHORITY.client("sqs", credentials=tagged["Credentials"]).list_queues()
    case("policies use the session's tags", "QueueUrls" in queues, queues)
    refused("a session without the tag is denied", AUTHORITY.client("sqs", credentials=spoke()["Credentials"]).list_queues,
            "AccessDeniedException", f"User: arn:aws:sts::{SOURCE}:assumed-role/Spoke/spoke is not authorized to "
            f"perform: sqs:listqueues on resource: arn:aws:sqs:us-east-1:{SOURCE}: because no identity-based policy "
            "allows the sqs:listqueues action")
    # Within an account, a trust policy that names the role is enough.
    IAM.create_role(RoleName="Next", AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{TARGET}:role/Hub"}))
    got = sts.assume_role(RoleArn=f"arn:aws:iam::{TARGET}:role/Next", RoleSessionName="next")
    case("a role that the trust policy of the same account names needs no policy", "Credentials" in got)
    key = got["Credentials"]["AccessKeyId"]
    refused("GetAccessKeyInfo without permission", lambda: sts.get_access_key_info(AccessKeyId=key), "AccessDenied",
            f"User: arn:aws:sts::{TARGET}:assumed-role/Hub/peer is not authorized to perform: sts:GetAccessKeyInfo "
            "because no identity-based policy allows the sts:GetAccessKeyInfo action")
    named = AUTHORITY.client("sts", SOURCE).get_access_key_info(AccessKeyId=key)
    case("GetAccessKeyInfo returns the account of a key", named["Account"] == TARGET, named)
    refused("a role ARN that is invalid", lambda: sts.assume_role(RoleArn="nothing-valid-in-here", RoleSessionName="spoke"),
            "ValidationError", "nothing-valid-in-here is invalid")


def tokens():
    """The claims of a token other than subject and audience."""
    IAM.create_role(RoleName="Claims", AssumeRolePolicyDocument=trust(
        {"Federated": PROVIDER}, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"],
        StringEquals={"issuer.example/a:email": "ops@example.com"}))
    refused("a claim that the trust policy requires is missing", lambda: AUTHORITY.assume("Claims", ISSUER.token()),
            "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    IAM.create_role(RoleName="NoKey", AssumeRolePolicyDocument=trust(
        {"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", StringEquals={"issuer.example/a:groups": "ops"}))
    refused("a claim that is not a condition key", lambda: AUTHORITY.assume("NoKey", ISSUER.token("s", STS, 'groups="ops"')),
            "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    groups = 'email="ops@example.com"'
    got = AUTHORITY.assume("Claims", ISSUER.token("s", STS, groups,
                                                  'https://aws.amazon.com/source_identity="ann"'))
    case("a claim is a condition key, and the source identity is kept", got["SourceIdentity"] == "ann", got)
    refused("malformed tags", lambda: AUTHORITY.assume("Claims", ISSUER.token(
        "s", STS, groups, 'https://aws.amazon.com/tags={"principal_tags":{"team":"x"}}')),
        "InvalidIdentityToken", "principal_tags passed in claim is not in correct format.")
    got = AUTHORITY.assume("Claims", ISSUER.token(
        "s", STS, groups, 'https://aws.amazon.com/tags={"principal_tags":{"team":["x"]}}'))
    case("tags in a token", "Credentials" in got)
    got = AUTHORITY.assume("Claims", ISSUER.token("s", ["one", "two"], groups, f'azp="{STS}"'))
    case("an authorized party is the audience", got["Audience"] == STS, got)
    refused("fractional times", lambda: AUTHORITY.assume("Claims", ISSUER.token("s", STS, "iat=1.5")),
            "InvalidIdentityToken", "Invalid timestamp in token claims.")


def organizations():
    management, member = (AUTHORITY.client("organizations", account) for account in (SOURCE, TARGET))
    accounts = management.list_accounts()["Accounts"]
    case("the organization's accounts", [a["Id"] for a in accounts] == [SOURCE, TARGET], accounts)
    pages = list(management.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1}))
    case("accounts are listed in pages", [len(page["Accounts"]) for page in pages] == [1, 1], pages)
    organization = member.describe_organization()["Organization"]
    case("a member account can describe its organization", organization["MasterAccountId"] == SOURCE, organization)
    account = management.describe_account(AccountId=TARGET)["Account"]
    case("an account's ARN is under the management account",
         account["Arn"] == f"arn:aws:organizations::{SOURCE}:account/{organization['Id']}/{TARGET}", account)
    root = management.list_roots()["Roots"][0]["Id"]
    parents = management.list_parents(ChildId=TARGET)["Parents"]
    case("every account is below the root", parents == [{"Id": root, "Type": "ROOT"}], parents)
    refused("a member account cannot list accounts", member.list_accounts, "AccessDeniedException",
            "You don't have permissions to access this resource.")
    refused("a missing account", lambda: management.describe_account(AccountId="999999999999"),
            "AccountNotFoundException", "You specified an account that doesn't exist.")


for section in [providers, roles, policies, sessions, assume_role, tokens, organizations]:
    section()
finish()
