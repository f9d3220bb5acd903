#!/usr/bin/env python3
"""STS of the authority with boto3 and both `aws`: web identities, narrowed sessions, what is not served."""

import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import ISSUER, STS, SUBJECT, TARGET, Authority, Issuer, case, finish, refusal, refused  # noqa: E402

ATTACHE = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory(prefix="attache-sts-")
CLUSTER = Issuer(ATTACHE, FOLDER.name)
AUTHORITY = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER}={CLUSTER.jwks}"])
IAM = AUTHORITY.client("iam", TARGET)
TAIL = ISSUER.removeprefix("https://")
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/{TAIL}"
NOT_VALIDATED = ("The web identity token provided could not be validated. See the AssumeRoleWithWebIdentity "
                 "documentation for requirements.")
ROLES = "https://aws.amazon.com/roles"


def policy(*actions, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}]})


def role(name, permissions):
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{TAIL}:aud": STS}}}]}
    IAM.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    IAM.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=permissions)


def web_identity():
    def assume(*claims, audience=STS, **more):
        return lambda: AUTHORITY.assume("Reader", CLUSTER.token(SUBJECT, audience, *claims), **more)
    bad = "InvalidIdentityToken"
    future = int(time.time()) + 1000
    arn = f"arn:aws:iam::{TARGET}:role"
    for name, call, code, message in [
        ("another audience", assume(audience="other"), bad, NOT_VALIDATED),
        ("no audience", assume("aud=[]"), bad, "Claim is not allowed to be empty: aud"),
        ("issued in the future", assume(f"iat={future}"), bad, f"Token issued in the future: {future}"),
        ("iat: null", assume("iat=null"), bad, "Invalid timestamp in token claims."),
        ("sub: null", assume("sub=null"), "InternalFailure", "Unknown error validating third-party token"),
        ("another role in the roles claim", assume(f'{ROLES}=["{arn}/Other"]'), bad,
         "The target role ARN is not present in the roles claim of the identity token"),
        ("a number for the roles claim", assume(f"{ROLES}=1"), bad, "The roles claim is not in a supported format"),
        ("no role in the roles claim", assume(f'{ROLES}=["x"]'), bad, "The roles claim contains no valid role ARNs"),
        ("a ProviderId", assume(ProviderId="accounts.google.com"), "AccessDenied",
         "Unrecognized OAuth provider. Do not include a provider parameter when submitting OpenIDConnect ID tokens"),
        ("Amazon's ProviderId", assume(ProviderId="www.amazon.com"), bad, "Provided Token is not a Login With Amazon token"),
    ]:
        refused(name, call, code, message)
    case("the roles claim lists the role", "Credentials" in assume(f'{ROLES}="x;{arn}/Reader"')())
    IAM.put_role_policy(RoleName="Reader", PolicyName="own", PolicyDocument=policy(
        "iam:GetRole", Condition={"StringEquals": {f"{TAIL}:sub": SUBJECT, f"{TAIL}:aud": STS}}))
    session = AUTHORITY.client("iam", credentials=assume()()["Credentials"])
    case("subject and audience are in the session's requests", session.get_role(RoleName="Reader")["Role"]["RoleName"] == "Reader")


def narrowed():
    """GetScopedCredentials: each policy narrows, and nothing widens."""
    whole = AUTHORITY.assume("Operator", CLUSTER.token())["Credentials"]
    sts = AUTHORITY.client("sts", credentials=whole)
    if not hasattr(sts, "get_scoped_credentials"):
        return case("this boto3 knows GetScopedCredentials", False)
    got = sts.get_scoped_credentials(Policy=policy("iam:GetRole", "sts:*"), DurationSeconds=900)
    case("a narrowed session has the same ARN", got["SessionInfo"]["Arn"] == sts.get_caller_identity()["Arn"], got["SessionInfo"])
    case("it counts its policies", got["ScopedPoliciesCount"] == 1, got)
    case("it says how large it is", got["SessionTokenSize"] == len(got["Credentials"]["SessionToken"]) and
         0 < got["SessionTokenUtilization"] <= 100, got)
    keys = got["Credentials"]
    iam = AUTHORITY.client("iam", credentials=keys)
    case("it may what both allow", iam.get_role(RoleName="Reader")["Role"]["RoleName"] == "Reader")
    refused("it may no more", lambda: iam.list_roles(), "AccessDenied",
            f"User: arn:aws:sts::{TARGET}:assumed-role/Operator/peer is not authorized to perform: iam:ListRoles on resource: "
            f"arn:aws:iam::{TARGET}:role/ because no session policy allows the iam:ListRoles action")
    sts = AUTHORITY.client("sts", credentials=keys)
    refused("it lasts no longer than it was given", lambda: sts.get_scoped_credentials(DurationSeconds=3600),
            "InsufficientSessionLifetime")
    for count in (2, 3):
        got = AUTHORITY.client("sts", credentials=keys).get_scoped_credentials(Policy=policy("*"))
        keys = got["Credentials"]
        case(f"{count} policies", got["ScopedPoliciesCount"] == count, got)
    sts, iam = AUTHORITY.client("sts", credentials=keys), AUTHORITY.client("iam", credentials=keys)
    refused("a fourth policy", lambda: sts.get_scoped_credentials(Policy=policy("*")), "AccessDenied")
    refused("wide policies on top widen nothing", iam.list_roles, "AccessDenied")
    large = AUTHORITY.assume("Operator", CLUSTER.token(), MinimumSessionTokenSize=4096)
    case("a token of the largest size", (large["SessionTokenSize"], large["SessionTokenUtilization"]) == (4096, 100), large)
    caller = AUTHORITY.client("sts", credentials=large["Credentials"]).get_caller_identity()
    case("which works", caller["Account"] == TARGET, caller)


def unserved():
    """What AWS has and this does not: decided first, then named."""
    role("ReadOnly", policy("s3:Get*", "s3:List*", "lambda:Get*", "lambda:List*"))
    reader = AUTHORITY.assume("ReadOnly", CLUSTER.token())["Credentials"]
    for service, operation, arguments, denied, unserved_code, action in [
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x"}, "AccessDenied", "NotImplemented", "s3:PutObject"),
        ("s3", "delete_bucket", {"Bucket": "b"}, "AccessDenied", "NotImplemented", "s3:DeleteBucket"),
        ("s3", "put_bucket_policy", {"Bucket": "b", "Policy": "{}"}, "AccessDenied", "NotImplemented", "s3:PutBucketPolicy"),
        ("s3", "create_multipart_upload", {"Bucket": "b", "Key": "k"}, "AccessDenied", "NotImplemented", "s3:PutObject"),
        ("lambda", "delete_function", {"FunctionName": "f"}, "AccessDeniedException", "UnknownOperationException", "lambda:DeleteFunction"),
        ("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException", "UnknownOperationException", "lambda:InvokeFunction"),
        ("lambda", "add_permission", {"FunctionName": "f", "StatementId": "s", "Action": "a", "Principal": "p"},
         "AccessDeniedException", "UnknownOperationException", "lambda:AddPermission"),
        ("eks", "list_nodegroups", {"clusterName": "c"}, "AccessDeniedException", "UnknownOperationException", "eks:ListNodegroups"),
        ("account", "enable_region", {"RegionName": "eu-south-2"}, "AccessDeniedException", "UnknownOperationException", "account:EnableRegion"),
        ("dynamodb", "delete_table", {"TableName": "t"}, "AccessDeniedException", "UnknownOperationException", "dynamodb:DeleteTable"),
        ("cloudtrail", "describe_trails", {}, "AccessDeniedException", "UnknownOperationException", "cloudtrail:DescribeTrails"),
        ("sts", "get_web_identity_token", {"Audience": ["a"], "SigningAlgorithm": "ES384"}, "AccessDenied", "InvalidAction", "sts:GetWebIdentityToken"),
        ("rds", "delete_db_instance", {"DBInstanceIdentifier": "d"}, "AccessDenied", "InvalidAction", "rds:DeleteDBInstance"),
        ("ec2", "run_instances", {"MinCount": 1, "MaxCount": 1}, "UnauthorizedOperation", "InvalidAction", "ec2:RunInstances"),
    ]:
        for caller, keys_of, expected, part in [("a reader", {"credentials": reader}, denied, action),
                                                ("the administrator", {"account": TARGET}, unserved_code,
                                                 f"does not serve {service}:")]:
            call = getattr(AUTHORITY.client(service, **keys_of), operation)
            code, message = refusal(lambda: call(**arguments))
            case(f"{caller}: {service} {operation}", code == expected and part in message, (code, message))


def unserved_services():
    """Services of which nothing is served, in each protocol: authenticated, decided where the operation is known."""
    reader = AUTHORITY.assume("ReadOnly", CLUSTER.token())["Credentials"]
    query, json = "InvalidClientTokenId", "UnrecognizedClientException"
    unknown = "UnknownOperationException"
    arn = "arn:aws:{}:us-east-1:222222222222:{}"
    for service, operation, arguments, bad_key, denied, code, action in [
        ("sns", "publish", {"TopicArn": arn.format("sns", "t"), "Message": "m"}, query, "AccessDenied", "InvalidAction", "sns:Publish"),
        ("cloudformation", "list_stacks", {}, query, "AccessDenied", "InvalidAction", "cloudformation:ListStacks"),
        ("elb", "describe_load_balancers", {}, query, "AccessDenied", "InvalidAction", "elasticloadbalancing:DescribeLoadBalancers"),
        ("ses", "list_identities", {}, query, "AccessDenied", "InvalidAction", "ses:ListIdentities"),
        ("kms", "list_keys", {}, json, "AccessDeniedException", unknown, "kms:ListKeys"),
        ("glue", "get_tables", {"DatabaseName": "d"}, json, "AccessDeniedException", unknown, "glue:GetTables"),
        ("stepfunctions", "list_state_machines", {}, json, "AccessDeniedException", unknown, "states:ListStateMachines"),
        ("cloudwatch", "list_metrics", {}, json, "AccessDeniedException", unknown, "cloudwatch:ListMetrics"),
        ("codebuild", "list_projects", {}, json, "AccessDeniedException", unknown, "codebuild:ListProjects"),
        ("apigateway", "get_rest_apis", {}, json, "AccessDeniedException", unknown, "apigateway:GET"),
        ("batch", "describe_job_queues", {}, json, "AccessDeniedException", unknown, "batch:DescribeJobQueues"),
        ("sesv2", "list_email_identities", {}, json, "AccessDeniedException", unknown, "ses:ListEmailIdentities"),
        ("route53", "list_hosted_zones", {}, query, "AccessDenied", "InvalidAction", "route53:ListHostedZones"),
        ("route53", "get_hosted_zone", {"Id": "Z1"}, query, "AccessDenied", "InvalidAction", "route53:GetHostedZone"),
        ("cloudfront", "list_distributions", {}, query, "AccessDenied", "InvalidAction", "cloudfront:ListDistributions"),
        ("guardduty", "list_detectors", {}, json, "AccessDeniedException", unknown, "guardduty:ListDetectors"),
        ("workspaces-web", "associate_user_settings", {"portalArn": arn.format("workspaces-web", "portal/p"), "userSettingsArn": arn.format("workspaces-web", "userSettings/u")},
         json, "AccessDeniedException", unknown, "workspaces-web:AssociateUserSettings"),
    ]:
        def call(**keys_of):
            return refusal(lambda: getattr(AUTHORITY.client(service, **keys_of), operation)(**arguments))

        nobody = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x" * 40, "SessionToken": None}
        got = call(credentials=nobody)
        case(f"a key of nobody: {service}", got[0] == bad_key, got)
        got = call(credentials=reader)
        wanted = (denied, f"not authorized to perform: {action} ") if denied else (code, "was not decided")
        case(f"a reader: {service}", got[0] == wanted[0] and wanted[1] in got[1], got)
        got = call(account=TARGET)
        case(f"the administrator: {service}", got[0] == code and "The embedded AWS does not serve " in got[1], got)


def command_line():
    """A region that does not exist, and another partition's, by both programs."""
    for aws in (str(Path(sys.executable).parent / "aws"), "/usr/bin/aws"):
        if not Path(aws).exists():
            continue
        for region, part in [("us-esat-1", "Credential should be scoped to a valid region, not 'us-esat-1'."),
                             ("cn-north-1", "InvalidClientTokenId")]:
            done = subprocess.run([aws, "--endpoint-url", AUTHORITY.url, "--profile", TARGET, "--region", region,
                                   "sts", "get-caller-identity"], env=AUTHORITY.environment(), capture_output=True, text=True)
            case(f"{aws}: {region}", done.returncode != 0 and part in done.stderr, done.stderr)


def decoded():
    """A session token is sealed: nothing of the web identity can be read in it."""
    token = AUTHORITY.assume("Operator", CLUSTER.token())["Credentials"]["SessionToken"]
    case("a session token shows no subject", SUBJECT.encode() not in base64.b64decode(token))


IAM.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[STS])
role("Reader", policy("iam:GetRole"))
role("Operator", policy("iam:*", "sts:*"))
web_identity()
narrowed()
unserved()
unserved_services()
command_line()
decoded()
finish()
