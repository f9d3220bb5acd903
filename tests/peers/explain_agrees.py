"""`attache explain` and the authority on the same requests: what `explain` allows is answered, what it refuses is
refused, and a missing document makes it incomplete.

Usage: explain_agrees.py ATTACHE
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import ISSUER as URL  # noqa: E402
from authority import SOURCE, SUBJECT, TARGET, Authority, Issuer, case, finish  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = tempfile.TemporaryDirectory(prefix="attache-explain-")
ROOM = Path(FOLDER.name)
ISSUER = Issuer(ATTACHE, ROOM)
CLUSTER = "prod"
CLUSTER_ARN = f"arn:aws:eks:us-east-1:{SOURCE}:cluster/{CLUSTER}"
AUTHORITY = Authority(ATTACHE, arguments=[
    "--issuer", f"{URL}={ISSUER.jwks}", "--cluster", f"{SOURCE}/us-east-1/{CLUSTER}={URL}"])
HOST = URL.removeprefix("https://")
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/{HOST}"
DEPLOYER = f"arn:aws:iam::{SOURCE}:role/team/x/Deployer"
IAM = {account: AUTHORITY.client("iam", account) for account in (SOURCE, TARGET)}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(*actions, **more):
    return {"Effect": "Allow", "Action": list(actions), **more}


def deny(*actions, **more):
    return {**allow(*actions, **more), "Effect": "Deny"}


ALL = document(allow("*", Resource="*"))
DELEGATES = allow("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", Principal={"AWS": SOURCE})
ANYONE = {"AWS": "*"}


def file(name, content):
    (ROOM / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return str(ROOM / name)


def explain(*arguments):
    done = subprocess.run([ATTACHE, "explain", "--output", "json", *arguments], capture_output=True, text=True)
    return json.loads(done.stdout)["decision"] if done.returncode in (0, 1) else f"exit {done.returncode}: {done.stderr}"


def answered(call):
    try:
        return call()["ResponseMetadata"]["HTTPStatusCode"] == 200
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException", "InvalidIdentityToken"):
            raise
        return False


def agree(name, arguments, call, wanted):
    """`incomplete` does not predict the authority's answer."""
    said, got = explain(*arguments), answered(call)
    right = said == wanted and (said == "incomplete" or (said == "allowed") == got)
    case(f"{name}: {wanted}", right, f"explain says {said}; answered: {got}")


def role(name, trust, account=SOURCE, path="/", own=None):
    IAM[account].create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    if own:
        IAM[account].put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(own))
    return f"arn:aws:iam::{account}:role{path}{name}"


def trust_of(arn, trust):
    account, name = arn.split(":")[4], arn.rsplit("/", 1)[1]
    IAM[account].update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return file("trust.json", trust)


def sessions():
    """A session of a role with a path: the ARN of the session does not contain the path."""
    begun = AUTHORITY.client("sts", SOURCE).assume_role(
        RoleArn=role("Deployer", document(DELEGATES), path="/team/x/", own=ALL), RoleSessionName="me")
    sts = AUTHORITY.client("sts", credentials=begun["Credentials"])
    own = begun["AssumedRoleUser"]["Arn"]
    target = role("Guarded", document(DELEGATES))
    other = role("Other", document(DELEGATES), path="/team/x/")
    policy = file("all.json", ALL)

    def try_it(name, statement, wanted, *more, **call):
        trust = trust_of(target, document(DELEGATES, *([statement] if statement else [])))
        agree(name, ["--trust", trust, "--policy", policy, "--principal", own, "--resource", target, *more],
              lambda: sts.assume_role(RoleArn=target, RoleSessionName="next", **call), wanted)

    arn_is = lambda operator, value: {"Principal": ANYONE, "Condition": {operator: {"aws:PrincipalArn": value}}}  # noqa: E731
    try_it("a session", None, "allowed")
    try_it("a session denied by its role", deny("sts:AssumeRole", Principal={"AWS": DEPLOYER}), "denied")
    try_it("another role is denied", deny("sts:AssumeRole", Principal={"AWS": other}), "allowed")
    try_it("denied by a condition", deny("sts:AssumeRole", **arn_is("ArnEquals", DEPLOYER)), "denied")
    pattern = deny("sts:AssumeRole", **arn_is("ArnLike", "arn:aws:iam::*:role/team/*"))
    try_it("a pattern of paths", pattern, "incomplete")
    try_it("the same, with the path", pattern, "denied", "--role-arn", DEPLOYER)
    away = deny("sts:AssumeRole", **arn_is("ArnLike", "arn:aws:iam::*:role/ops/*"))
    try_it("another path, with the path", away, "allowed", "--role-arn", DEPLOYER)
    only = document(allow("sts:AssumeRole", Principal={"AWS": DEPLOYER}))
    trust = trust_of(target, only)
    arguments = ["--principal", own, "--resource", target]
    assume = lambda: sts.assume_role(RoleArn=target, RoleSessionName="next")  # noqa: E731
    agree("let in by its role", ["--trust", trust, *arguments], assume, "allowed")
    agree("no trust policy was given", ["--policy", policy, "--action", "sts:AssumeRole", *arguments], assume, "incomplete")
    agree("nor the role's ARN", ["--trust", trust, "--principal", own], assume, "incomplete")
    tags = {"Tags": [{"Key": "team", "Value": "a"}]}
    bare = document(allow("sts:AssumeRole", Principal={"AWS": SOURCE}))
    for name, trust, more, call, wanted in [
        ("without tags", bare, [], {}, "allowed"),
        ("with a tag", bare, ["--context", "aws:RequestTag/team=a", "--context", "aws:TagKeys=team"], tags, "denied"),
        ("with a tag that may be", document(DELEGATES), ["--context", "aws:RequestTag/team=a"], tags, "allowed"),
        ("with a source identity", bare, ["--context", "sts:SourceIdentity=ann"], {"SourceIdentity": "ann"}, "denied"),
        ("with one that may be", document(DELEGATES), ["--context", "sts:SourceIdentity=ann"], {"SourceIdentity": "ann"}, "allowed"),
    ]:
        trust = trust_of(target, trust)
        agree(name, ["--trust", trust, "--policy", policy, *arguments, *more],
              lambda call=call: sts.assume_role(RoleArn=target, RoleSessionName="next", **call), wanted)
    # Across accounts, both sides must allow.
    far = role("Far", document(allow("sts:AssumeRole", Principal={"AWS": SOURCE})), TARGET)
    trust = trust_of(far, document(allow("sts:AssumeRole", Principal={"AWS": DEPLOYER})))
    across = lambda: sts.assume_role(RoleArn=far, RoleSessionName="next")  # noqa: E731
    known = ["--trust", trust, "--principal", own, "--resource", far]
    agree("across accounts", [*known, "--policy", policy], across, "allowed")
    agree("across accounts, without the caller's policies", known, across, "incomplete")
    IAM[SOURCE].put_role_policy(RoleName="Deployer", PolicyName="own", PolicyDocument=json.dumps(document(allow("s3:*", Resource="*"))))
    none = file("s3.json", document(allow("s3:*", Resource="*")))
    agree("across accounts, with policies that do not allow", [*known, "--policy", none], across, "denied")


def tokens():
    IAM[TARGET].create_open_id_connect_provider(Url=URL, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
    actions = ["sts:AssumeRoleWithWebIdentity"]

    def trust(*more, provider=PROVIDER, key="sub", value=SUBJECT):
        condition = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com", f"{HOST}:{key}": value}}
        return document(allow(*actions, *more, Principal={"Federated": provider}, Condition=condition))

    access = role("Access", trust(), TARGET)

    def try_it(name, given, wanted, *claims, known=("--resource", access)):
        token = ISSUER.token(SUBJECT, "sts.amazonaws.com", *claims)
        by = ["--trust", trust_of(access, given), "--token", file("token", token), "--jwks", str(ISSUER.jwks)]
        agree(name, [*by, *known], lambda: AUTHORITY.assume("Access", token), wanted)

    tags = 'https://aws.amazon.com/tags={"principal_tags": {"team": ["a"]}}'
    identity = 'https://aws.amazon.com/source_identity="ann"'
    listed = lambda name: f'https://aws.amazon.com/roles=["arn:aws:iam::{TARGET}:role/{name}"]'  # noqa: E731
    try_it("a token", trust(), "allowed")
    try_it("a token for a role that is not given", trust(), "incomplete", known=())
    try_it("a token of another", trust(value="system:serviceaccount:a:b"), "denied")
    # The provider of another account, as in a copied template.
    theirs = trust(provider=f"arn:aws:iam::{SOURCE}:oidc-provider/{HOST}")
    try_it("another account's provider", theirs, "denied")
    try_it("another account's provider, for a role that is not given", theirs, "incomplete", known=())
    try_it("a token with tags", trust(), "denied", tags)
    try_it("a token with tags that may be", trust("sts:TagSession"), "allowed", tags)
    try_it("a token with a source identity", trust(), "denied", identity)
    try_it("a token with one that may be", trust("sts:SetSourceIdentity"), "allowed", identity)
    try_it("a token for this role", trust(), "allowed", listed("Access"))
    try_it("a token for another role", trust(), "denied", listed("Other"))
    said = explain("--principal", f"arn:aws:iam::{TARGET}:user/ann", "--policy", file("all.json", ALL),
                   "--action", "sts:AssumeRoleWithWebIdentity", "--resource", access)
    case("a user without a token: incomplete", said == "incomplete", said)


def pods():
    eks = AUTHORITY.client("eks", SOURCE)
    by_pods = lambda *actions: document(allow(*actions, Principal={"Service": "pods.eks.amazonaws.com"}))  # noqa: E731
    own = role("Pods", by_pods("sts:AssumeRole", "sts:TagSession"))
    node = role("Node", document(DELEGATES), own=document(allow("eks-auth:AssumeRoleForPodIdentity", Resource=CLUSTER_ARN)))
    keys = AUTHORITY.client("sts", SOURCE).assume_role(RoleArn=node, RoleSessionName="i-0123456789abcdef0")["Credentials"]
    auth = AUTHORITY.client("eks-auth", credentials=keys)
    for account, more in (("tagged", {}), ("untagged", {"disableSessionTags": True})):
        eks.create_pod_identity_association(clusterName=CLUSTER, namespace="causely", serviceAccount=account, roleArn=own, **more)

    def try_it(name, account, actions, wanted, *more):
        bound = {"namespace": "causely", "serviceaccount": {"name": account, "uid": "s"}, "pod": {"name": "p", "uid": "p"}}
        token = ISSUER.token(f"system:serviceaccount:causely:{account}", "pods.eks.amazonaws.com", f"kubernetes.io={json.dumps(bound)}")
        trust = trust_of(own, by_pods(*actions))
        agree(name, ["--trust", trust, "--principal", "pods.eks.amazonaws.com", "--resource", own, *more],
              lambda: auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token), wanted)

    both = ("sts:AssumeRole", "sts:TagSession")
    try_it("a pod", "tagged", both, "allowed")
    try_it("a pod whose role may not be tagged", "tagged", both[:1], "denied")
    try_it("a pod without session tags", "untagged", both[:1], "allowed", "--disable-session-tags")


sessions()
tokens()
pods()
case("SIGTERM ends the authority with exit code 0", AUTHORITY.stop() == 0)
finish()
