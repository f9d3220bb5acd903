"""EKS Pod Identity of the authority: associations with boto3 and both `aws`, then tokens of pods."""

import datetime
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, Issuer, case, events, finish, refused, wait_for_events  # noqa: E402

ATTACHE = sys.argv[1]
FOLDER = tempfile.TemporaryDirectory(prefix="attache-pods-")
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
ISSUER = Issuer(ATTACHE, FOLDER.name, URL)
CLUSTER = "prod"
AUTHORITY = Authority(ATTACHE, arguments=[
    "--issuer", f"{URL}={ISSUER.jwks}", "--cluster", f"{SOURCE}/us-east-1/{CLUSTER}={URL}",
    "--cluster", f"{SOURCE}/us-east-1/other={URL}x"])
CLUSTER_ARN = f"arn:aws:eks:us-east-1:{SOURCE}:cluster/{CLUSTER}"
EKS = AUTHORITY.client("eks", SOURCE)
IAM = AUTHORITY.client("iam", SOURCE)
NO = "Unauthorized Exception! EKS does not have permissions to assume the associated role."

TRUST = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession"]}]}


def allow(*actions, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}]})


def role(name, trust, policy=None, account=SOURCE):
    iam = AUTHORITY.client("iam", account)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if policy:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy)
    return arn


def trust_if(**conditions):
    trust = json.loads(json.dumps(TRUST))
    trust["Statement"][0]["Condition"] = conditions
    return trust


def token(service_account="mediator", namespace="causely", pod="mediator-0", audience="pods.eks.amazonaws.com", issuer=ISSUER, *more):
    bound = {"namespace": namespace, "serviceaccount": {"name": service_account, "uid": "s-1"}, "pod": {"name": pod, "uid": "p-1"}}
    return issuer.token(f"system:serviceaccount:{namespace}:{service_account}", audience, f"kubernetes.io={json.dumps(bound)}", *more)


def associated(service_account, role_arn, **more):
    return EKS.create_pod_identity_association(
        clusterName=CLUSTER, namespace="causely", serviceAccount=service_account, roleArn=role_arn, **more)["association"]


def node(actions=("eks-auth:AssumeRoleForPodIdentity",), resource=CLUSTER_ARN):
    """The credentials of a node, as the EKS Pod Identity Agent uses them."""
    name = "Node" if resource == CLUSTER_ARN else "Elsewhere"
    arn = role(name, {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]},
               allow(*actions, resource=resource))
    return AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=arn, RoleSessionName="i-0123456789abcdef0")["Credentials"]


def clusters():
    case("the names of the clusters", EKS.list_clusters()["clusters"] == ["other", CLUSTER])
    pages = EKS.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 1})
    case("clusters in pages of one", [name for page in pages for name in page["clusters"]] == ["other", CLUSTER])
    told = EKS.describe_cluster(name=CLUSTER)["cluster"]
    case("a cluster has its issuer", (told["arn"], told["identity"]["oidc"]["issuer"], told["status"]) == (CLUSTER_ARN, URL, "ACTIVE"), told)
    refused("a missing cluster", lambda: EKS.describe_cluster(name="x"), "ResourceNotFoundException", "No cluster found for name: x.")
    case("no cluster in another region", AUTHORITY.client("eks", SOURCE, region="eu-west-1").list_clusters()["clusters"] == [])
    case("no cluster in another account", AUTHORITY.client("eks", TARGET).list_clusters()["clusters"] == [])


def associations(reader):
    own = associated("mediator", reader, tags={"team": "sre", "Team": "x"})
    again = EKS.describe_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"])["association"]
    case("an association is returned as it was created", again == own, (again, own))
    case("an association has an ARN", own["associationArn"] == f"arn:aws:eks:us-east-1:{SOURCE}:podidentityassociation/{CLUSTER}/{own['associationId']}", own)
    case("an association has timestamps", isinstance(own["createdAt"], datetime.datetime) and own["createdAt"] == own["modifiedAt"], own)
    refused("a duplicate association", lambda: associated("mediator", reader),
            "ResourceInUseException", f"Association already exists: {own['associationId']}")
    same = [associated("twice", reader, clientRequestToken="one")["associationId"] for _ in range(2)]
    case("a repeated request token returns the same association", same[0] == same[1], same)
    for number in range(5):
        associated(f"many-{number}", reader)
    pages = EKS.get_paginator("list_pod_identity_associations").paginate(clusterName=CLUSTER, PaginationConfig={"PageSize": 2})
    paged = [one["associationId"] for page in pages for one in page["associations"]]
    whole = [one["associationId"] for one in EKS.list_pod_identity_associations(clusterName=CLUSTER)["associations"]]
    case("pages of two make the whole list", paged == whole and len(whole) == 7, (paged, whole))
    one = EKS.list_pod_identity_associations(clusterName=CLUSTER, namespace="causely", serviceAccount="mediator")["associations"]
    case("associations by namespace and service account", [o["associationId"] for o in one] == [own["associationId"]], one)
    case("tag keys that differ in case", EKS.list_tags_for_resource(resourceArn=own["associationArn"])["tags"] == {"team": "sre", "Team": "x"})
    EKS.tag_resource(resourceArn=own["associationArn"], tags={"a": "b"})
    EKS.untag_resource(resourceArn=own["associationArn"], tagKeys=["Team", "team"])
    case("tags are set and removed", EKS.list_tags_for_resource(resourceArn=own["associationArn"])["tags"] == {"a": "b"})
    gone = EKS.delete_pod_identity_association(clusterName=CLUSTER, associationId=same[0])["association"]
    refused("a deleted association", lambda: EKS.describe_pod_identity_association(clusterName=CLUSTER, associationId=gone["associationId"]),
            "ResourceNotFoundException", f"No pod identity association found for ID: {gone['associationId']}.")
    refused("a missing role", lambda: associated("new", f"arn:aws:iam::{SOURCE}:role/None"),
            "InvalidParameterException", "Role provided in the request does not exist.")
    refused("another account's role", lambda: associated("new", f"arn:aws:iam::{TARGET}:role/Reader"),
            "AccessDeniedException", "Cross-account pass role is not allowed.")
    refused("a policy with session tags", lambda: associated("new", reader, policy=allow("s3:*")),
            "InvalidParameterException", "A policy can be used only when disableSessionTags is true.")
    refused("an invalid policy", lambda: associated("new", reader, policy="{}", disableSessionTags=True),
            "InvalidParameterException", "Syntax errors in policy.")


def workload_identity(reader):
    """A member that botocore's model does not have yet: the calls are signed by hand."""
    def send(path, body):
        url = f"{AUTHORITY.url}/clusters/{CLUSTER}/pod-identity-associations{path}"
        request = AWSRequest(method="POST", url=url, data=json.dumps(body), headers={"Content-Type": "application/json"})
        keys = Credentials(*AUTHORITY.keys(SOURCE))
        SigV4Auth(keys, "eks", "us-east-1").add_auth(request)
        sent = urllib.request.Request(url, request.data.encode(), dict(request.headers), method="POST")
        with urllib.request.urlopen(sent) as answer:
            return json.loads(answer.read())["association"]
    config = {"enabled": True, "providerArn": f"arn:aws:acm-pca:us-east-1:{SOURCE}:certificate-authority/1"}
    own = send("", {"namespace": "causely", "serviceAccount": "spiffe", "roleArn": reader, "workloadIdentityConfig": config})
    case("a workload identity is kept", own["workloadIdentityConfig"] == config, own)
    path = "/" + own["associationId"]
    kept = send(path, {"disableSessionTags": True})
    case("an update without it leaves it", kept["workloadIdentityConfig"] == config, kept)
    off = send(path, {"workloadIdentityConfig": {"enabled": False}})
    case("it is disabled, and its ARNs stay", off["workloadIdentityConfig"] == config | {"enabled": False}, off)
    inline = send(path, {"policy": allow("ec2:DescribeInstances")})
    case("an update of the policy leaves it", inline["workloadIdentityConfig"] == off["workloadIdentityConfig"] and "policy" in inline, inline)
    for name, body in [("a number", {"workloadIdentityConfig": 1}), ("no member", {"workloadIdentityConfig": {}})]:
        try:
            send(path, body)
            case(f"a workload identity that is {name}", False)
        except urllib.error.HTTPError as error:
            code = json.loads(error.read())["__type"]
            case(f"a workload identity that is {name}", (error.code, code) in [
                (400, "SerializationException"), (400, "InvalidParameterException")], (error.code, code))
    EKS.delete_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"])


def addons():
    """The agent is the one add-on of a cluster."""
    agent = "eks-pod-identity-agent"
    case("the add-ons of a cluster", EKS.list_addons(clusterName=CLUSTER)["addons"] == [agent])
    told = EKS.describe_addon(clusterName=CLUSTER, addonName=agent)["addon"]
    case("the agent is active", (told["addonName"], told["status"], told["health"]["issues"]) == (agent, "ACTIVE", []), told)
    case("the agent has an ARN", told["addonArn"].startswith(f"arn:aws:eks:us-east-1:{SOURCE}:addon/{CLUSTER}/{agent}/"), told)
    EKS.get_waiter("addon_active").wait(clusterName=CLUSTER, addonName=agent, WaiterConfig={"MaxAttempts": 1})
    refused("another add-on", lambda: EKS.describe_addon(clusterName=CLUSTER, addonName="coredns"),
            "ResourceNotFoundException", f"No addon: coredns found in cluster: {CLUSTER}")
    refused("the add-ons of a missing cluster", lambda: EKS.list_addons(clusterName="x"),
            "ResourceNotFoundException", "No cluster found for name: x.")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]}
    arn = role("Looker", trust, allow("eks:DescribeAddon", resource=f"arn:aws:eks:*:{SOURCE}:addon/{CLUSTER}/{agent}/*"))
    keys = AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
    eks = AUTHORITY.client("eks", credentials=keys)
    case("describe-addon is permitted on the add-on's ARN", "addon" in eks.describe_addon(clusterName=CLUSTER, addonName=agent))
    refused("list-addons is permitted on the cluster", lambda: eks.list_addons(clusterName=CLUSTER), "AccessDeniedException",
            f"User: arn:aws:sts::{SOURCE}:assumed-role/Looker/ci is not authorized to perform: eks:ListAddons on resource: "
            f"{CLUSTER_ARN} because no identity-based policy allows the eks:ListAddons action")
    refused("an operation that is not served is decided first", lambda: eks.list_nodegroups(clusterName=CLUSTER), "AccessDeniedException",
            f"User: arn:aws:sts::{SOURCE}:assumed-role/Looker/ci is not authorized to perform: eks:ListNodegroups on resource: "
            f"{CLUSTER_ARN} because no identity-based policy allows the eks:ListNodegroups action")
    refused("then it is not served", lambda: EKS.list_nodegroups(clusterName=CLUSTER), "UnknownOperationException",
            "The embedded AWS does not serve eks:ListNodegroups. docs/authority.md lists the operations that it serves.")


def transitive(auth):
    """All six tags pass on to the roles that the pod assumes."""
    first = role("Chain", TRUST, allow("sts:AssumeRole", "sts:TagSession"))
    associated("chain", first)
    conditions = {f"aws:RequestTag/{key}": "*" for key in (
        "eks-cluster-arn", "eks-cluster-name", "kubernetes-namespace", "kubernetes-service-account", "kubernetes-pod-name", "kubernetes-pod-uid")}
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": first}, "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringLike": conditions}}]}
    second = role("ChainNext", trust)
    keys = session(auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("chain")))
    sts = AUTHORITY.client("sts", credentials=keys)
    case("all six tags are transitive", "Credentials" in sts.assume_role(RoleArn=second, RoleSessionName="next"))
    other = [{"Key": "kubernetes-namespace", "Value": "x"}]
    refused("none of them can be set anew", lambda: sts.assume_role(RoleArn=second, RoleSessionName="next", Tags=other), "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")


def scopes():
    """Credential scopes of regions that there are not, for a service with JSON."""
    refused("a region that does not exist", lambda: AUTHORITY.client("eks", SOURCE, region="us-esat-1").list_clusters(),
            "InvalidSignatureException", "Credential should be scoped to a valid region, not 'us-esat-1'. ")
    refused("another partition's region", lambda: AUTHORITY.client("eks", SOURCE, region="cn-north-1").list_clusters(),
            "UnrecognizedClientException", "The security token included in the request is invalid.")


def handing_on(reader):
    """Creating an association needs iam:PassRole on its role."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]}
    arn = role("Deployer", trust, allow("eks:*", "iam:GetRole"))
    keys = AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=arn, RoleSessionName="ci")["Credentials"]
    eks = AUTHORITY.client("eks", credentials=keys)

    def create():
        return eks.create_pod_identity_association(clusterName=CLUSTER, namespace="a", serviceAccount="b", roleArn=reader)
    refused("an association without iam:PassRole", create, "AccessDeniedException",
            f"User: arn:aws:sts::{SOURCE}:assumed-role/Deployer/ci is not authorized to perform: iam:PassRole on resource: {reader} "
            "because no identity-based policy allows the iam:PassRole action")
    IAM.put_role_policy(RoleName="Deployer", PolicyName="pass", PolicyDocument=allow(
        "iam:PassRole", resource=reader, Condition={"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}))
    case("an association with iam:PassRole to this service", create()["association"]["roleArn"] == reader)


def pods(auth, reader):
    answer = auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token())
    case("the response has the service account", (answer["subject"], answer["audience"]) == ({"namespace": "causely", "serviceAccount": "mediator"}, "pods.eks.amazonaws.com"), answer)
    name = answer["assumedRoleUser"]["arn"].rsplit("/", 1)[1]
    case("the session name has cluster and pod", name.startswith("eks-prod-mediator-0-") and len(name) <= 64, name)
    left = answer["credentials"]["expiration"] - datetime.datetime.now(datetime.timezone.utc)
    case("the session lasts six hours", 5.9 < left.total_seconds() / 3600 <= 6, left)
    keys = session(answer)
    case("the credentials work", AUTHORITY.client("sts", credentials=keys).get_caller_identity()["Arn"] == answer["assumedRoleUser"]["arn"])
    case("they have the permissions of the role, with its tags", len(AUTHORITY.client("ec2", credentials=keys).describe_instances()["Reservations"]) > 0)
    elsewhere = session(auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("many-1")))
    try:
        AUTHORITY.client("ec2", credentials=elsewhere).describe_instances()
        case("another service account has other tags", False)
    except ClientError as error:
        case("another service account has other tags", error.response["Error"]["Code"] == "UnauthorizedOperation", error)
    long = auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token(pod="p" * 200))["assumedRoleUser"]["arn"].rsplit("/", 1)[1]
    case("a long pod name is cut", len(long) == 64, long)


def session(answer):
    keys = answer["credentials"]
    return {"AccessKeyId": keys["accessKeyId"], "SecretAccessKey": keys["secretAccessKey"], "SessionToken": keys["sessionToken"]}


def refusals(auth):
    def ask(given, cluster=CLUSTER):
        return lambda: auth.assume_role_for_pod_identity(clusterName=cluster, token=given)
    bad = "InvalidTokenException"
    refused("a service account without an association", ask(token("nobody")), "ResourceNotFoundException",
            f"No pod identity association found for service account nobody in namespace causely of cluster {CLUSTER}.")
    refused("a token with the audience of STS", ask(token(audience="sts.amazonaws.com")), bad, "The token's audience is not pods.eks.amazonaws.com.")
    subject = "system:serviceaccount:causely:mediator"
    good = {"namespace": "causely", "serviceaccount": {"name": "mediator"}, "pod": {"name": "p", "uid": "u"}}
    for name, said, claim in [
        ("another namespace in sub", "system:serviceaccount:other:mediator", good),
        ("another service account in sub", "system:serviceaccount:causely:other", good),
        ("another namespace in the claim", subject, good | {"namespace": "other"}),
        ("another service account in the claim", subject, good | {"serviceaccount": {"name": "other"}}),
        ("a user in sub", "admin", good),
        ("a sub that only begins so", subject + ":more", good),
        ("other letters in sub", subject.upper(), good),
    ]:
        given = ISSUER.token(said, "pods.eks.amazonaws.com", f"kubernetes.io={json.dumps(claim)}")
        refused(name, ask(given), bad, "The token is not a service account token.")
    for name, claim in [
        ("no namespace", {key: value for key, value in good.items() if key != "namespace"}),
        ("no pod", {key: value for key, value in good.items() if key != "pod"}),
        ("no service account", {key: value for key, value in good.items() if key != "serviceaccount"}),
        ("a list for a namespace", good | {"namespace": ["causely"]}),
        ("a number for a pod", good | {"pod": {"name": 1, "uid": "u"}}),
        ("an empty pod", good | {"pod": {"name": "", "uid": "u"}}),
        ("a text for the claim", "causely"),
    ]:
        given = ISSUER.token(subject, "pods.eks.amazonaws.com", f"kubernetes.io={json.dumps(claim)}")
        refused(name, ask(given), bad, "The token is not bound to a pod.")
    refused("another cluster's token", ask(token(), "other"), "AccessDeniedException",
            f"User: arn:aws:sts::{SOURCE}:assumed-role/Node/i-0123456789abcdef0 is not authorized to perform: eks-auth:AssumeRoleForPodIdentity "
            f"on resource: arn:aws:eks:us-east-1:{SOURCE}:cluster/other because no identity-based policy allows the eks-auth:AssumeRoleForPodIdentity action")
    try:
        ask(token(), "other")()
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        case("a denial has the status of EKS Auth's model", status == 400, status)
    admin = AUTHORITY.client("eks-auth", SOURCE)
    refused("a missing cluster for a caller with permission", lambda: admin.assume_role_for_pod_identity(clusterName="other", token=token()), bad,
            "The token's issuer is not the cluster's.")
    refused("a missing cluster", lambda: admin.assume_role_for_pod_identity(clusterName="none", token=token()),
            "ResourceNotFoundException", "No cluster found for name: none.")
    signed = token()
    refused("a tampered token", ask(signed[:-4] + ("AAAA" if signed[-4:] != "AAAA" else "BBBB")), bad, "The token's signature could not be verified.")
    forger = Issuer(ATTACHE, tempfile.mkdtemp(dir=FOLDER.name), URL)
    refused("a forged token", ask(token(issuer=forger)), bad, "The token's signature could not be verified.")
    refused("a token that is not bound to a pod", ask(ISSUER.token("system:serviceaccount:causely:mediator", "pods.eks.amazonaws.com", "kubernetes.io={}")), bad, "The token is not bound to a pod.")
    old = token("mediator", "causely", "mediator-0", "pods.eks.amazonaws.com", ISSUER, "exp=1700000000", "iat=1699990000", "nbf=1699990000")
    refused("an expired token", ask(old), "ExpiredTokenException", "The token has expired.")


def trusts(auth):
    """Conditions in the trust policy of a role."""
    def asks(name, conditions, good):
        arn = role(name, trust_if(**conditions))
        own = associated(name.lower(), arn)
        call = lambda: auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token(name.lower()))  # noqa: E731
        if good:
            case(f"trusted: {name}", call()["podIdentityAssociation"]["associationId"] == own["associationId"])
        else:
            refused(f"not trusted: {name}", call, "AccessDeniedException", NO)
    asks("ByTags", {"StringEquals": {"aws:RequestTag/eks-cluster-arn": CLUSTER_ARN, "aws:RequestTag/kubernetes-namespace": "causely",
                                     "aws:RequestTag/kubernetes-service-account": "bytags"}}, True)
    asks("ByOtherTags", {"StringEquals": {"aws:RequestTag/kubernetes-namespace": "other"}}, False)
    asks("BySource", {"StringEquals": {"aws:SourceAccount": SOURCE}, "ArnEquals": {"aws:SourceArn": CLUSTER_ARN}}, True)
    asks("ByAssociation", {"ArnLike": {"aws:SourceArn": f"arn:aws:eks:*:{SOURCE}:podidentityassociation/{CLUSTER}/*"}}, False)
    untagged = json.loads(json.dumps(TRUST))
    untagged["Statement"][0]["Action"] = "sts:AssumeRole"
    arn = role("NoTags", untagged)
    own = associated("notags", arn)
    refused("not trusted: tags without sts:TagSession", lambda: auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("notags")), "AccessDeniedException", NO)
    why = wait_for_events(AUTHORITY, lambda e: e["action"].startswith("eks-auth") and "TagSession" in e.get("reason", ""))
    case("the journal has the reason", bool(why), why)
    EKS.update_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"], disableSessionTags=True)
    case("trusted: no tags, no sts:TagSession", "credentials" in auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("notags")))
    irsa = role("Irsa", {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]})
    associated("irsa", irsa)
    refused("not trusted: a role for others", lambda: auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("irsa")), "AccessDeniedException", NO)


def targets(auth):
    """A target role in another account."""
    first = role("First", TRUST, allow("sts:AssumeRole", "sts:TagSession", resource=f"arn:aws:iam::{TARGET}:role/*"))
    by_tags = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": first}, "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {"aws:RequestTag/eks-cluster-arn": CLUSTER_ARN, "aws:RequestTag/kubernetes-service-account": "far"},
                      "ArnEquals": {"aws:PrincipalArn": first}}}]}
    target = role("Far", by_tags, allow("ec2:Describe*", "rds:Describe*"), TARGET)
    own = associated("far", first, targetRoleArn=target)
    case("an association has an external ID", own["externalId"] == f"us-east-1/{SOURCE}/{CLUSTER}/causely/far", own)
    answer = auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("far"))
    case("the pod gets a session of the target role", answer["assumedRoleUser"]["arn"].startswith(f"arn:aws:sts::{TARGET}:assumed-role/Far/"), answer)
    left = answer["credentials"]["expiration"] - datetime.datetime.now(datetime.timezone.utc)
    case("the session lasts an hour", left.total_seconds() <= 3600, left)
    case("the session reads the other account", len(AUTHORITY.client("ec2", credentials=session(answer)).describe_instances()["Reservations"]) > 0)
    by_id = json.loads(json.dumps(by_tags))
    by_id["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": own["externalId"]}}
    by_id["Statement"][0]["Action"] = "sts:AssumeRole"
    AUTHORITY.client("iam", TARGET).update_assume_role_policy(RoleName="Far", PolicyDocument=json.dumps(by_id))
    refused("with tags no external ID is sent", lambda: auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("far")), "AccessDeniedException", NO)
    EKS.update_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"], disableSessionTags=True, policy=allow("rds:*"))
    answer = auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token("far"))
    keys = session(answer)
    case("without tags the external ID is sent", answer["assumedRoleUser"]["arn"].startswith(f"arn:aws:sts::{TARGET}:"), answer)
    case("the session policy allows", "DBInstances" in AUTHORITY.client("rds", credentials=keys).describe_db_instances())
    try:
        AUTHORITY.client("ec2", credentials=keys).describe_instances()
        case("the session policy denies other calls", False)
    except ClientError as error:
        case("the session policy denies other calls", "session policy" in error.response["Error"]["Message"], error)


def command_line(reader):
    for aws in (str(Path(sys.executable).parent / "aws"), "/usr/bin/aws"):
        def run(*arguments):
            done = subprocess.run([aws, "--endpoint-url", AUTHORITY.url, "--profile", SOURCE, "--output", "json", *arguments],
                                  env=AUTHORITY.environment(), capture_output=True, text=True)
            return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else done.stderr
        case(f"{aws}: describe-cluster", run("eks", "describe-cluster", "--name", CLUSTER)["cluster"]["identity"]["oidc"]["issuer"] == URL)
        made = run("eks", "create-pod-identity-association", "--cluster-name", CLUSTER, "--namespace", "cli", "--service-account", "sa", "--role-arn", reader)
        if isinstance(made, str):
            case(f"{aws}: has no pod identity commands", "Invalid choice" in made or "invalid choice" in made, made)
            continue
        listed = run("eks", "list-pod-identity-associations", "--cluster-name", CLUSTER, "--namespace", "cli")
        case(f"{aws}: an association", [a["associationId"] for a in listed["associations"]] == [made["association"]["associationId"]], listed)
        got = run("eks-auth", "assume-role-for-pod-identity", "--cluster-name", CLUSTER, "--token", token("sa", "cli"))
        case(f"{aws}: a pod's credentials", "credentials" in got, got)
        gone = run("eks", "delete-pod-identity-association", "--cluster-name", CLUSTER, "--association-id", made["association"]["associationId"])
        case(f"{aws}: deleted", "association" in gone, gone)


def container_provider(auth):
    """boto3's container provider, as in a pod: it sends the token to the node's agent, which calls EKS Auth."""
    class Agent(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            got = auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=self.headers["Authorization"])
            keys = got["credentials"]
            body = json.dumps({
                "AccessKeyId": keys["accessKeyId"], "SecretAccessKey": keys["secretAccessKey"],
                "Token": keys["sessionToken"], "AccountId": SOURCE,
                "Expiration": keys["expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    agent = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Agent)
    threading.Thread(target=agent.serve_forever, daemon=True).start()
    path = Path(FOLDER.name) / "pod-token"
    path.write_text(token())
    kept = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{agent.server_port}/v1/credentials",
                   "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(path), "AWS_CONFIG_FILE": "/dev/null",
                   "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
    sts = boto3.session.Session(region_name="us-east-1").client("sts", endpoint_url=AUTHORITY.url)
    arn = sts.get_caller_identity()["Arn"]
    case("boto3's container provider", arn.startswith(f"arn:aws:sts::{SOURCE}:assumed-role/Reader/eks-{CLUSTER}-mediator-0-"), arn)
    os.environ.clear()
    os.environ |= kept
    agent.shutdown()


def keeping():
    """Everything that was answered survives kill -9, including the clusters without their flags."""
    def snapshot():
        listed = EKS.list_pod_identity_associations(clusterName=CLUSTER)["associations"]
        return [EKS.describe_pod_identity_association(clusterName=CLUSTER, associationId=one["associationId"])["association"] for one in listed]
    global EKS
    before = snapshot()
    AUTHORITY.arguments = ["--issuer", f"{URL}={ISSUER.jwks}"]
    AUTHORITY.restart()
    EKS = AUTHORITY.client("eks", SOURCE)
    case("the associations are unchanged", snapshot() == before)
    kept = json.dumps(events(AUTHORITY))
    case("no token is in the journal", "eyJ" not in kept)


READER = role("Reader", TRUST, allow("ec2:Describe*", Condition={"StringEquals": {"aws:PrincipalTag/kubernetes-service-account": "mediator"}}))
clusters()
associations(READER)
workload_identity(READER)
addons()
scopes()
handing_on(READER)
AUTH = AUTHORITY.client("eks-auth", credentials=node())
pods(AUTH, READER)
transitive(AUTH)
container_provider(AUTH)
refusals(AUTH)
trusts(AUTH)
targets(AUTH)
command_line(READER)
keeping()
finish()
