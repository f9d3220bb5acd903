#!/usr/bin/env python3
"""Tokens that a real API server signed for pods, traded by `attache agent` at `attache authority`: off EKS by web
identity, and as on EKS.

    agent.py PATH_OF_ATTACHE

Uses the cluster of KUBECONFIG, or starts an API server of its own. Needs: pip install boto3.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent / "lib"), str(Path(__file__).parents[1] / "peers" / "lib")]
from agent import AUDIENCE, Agent, leaks  # noqa: E402
from authority import SOURCE, STS, Authority, case, finish  # noqa: E402
from cluster import cluster  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-agent-")
FOLDER = Path(SCRATCH.name)
NAMESPACE, ACCOUNT, CLUSTER = f"attache-{int(time.time())}", "mediator", "prod"


def pod(server, name, account=ACCOUNT):
    made = server.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
                          "spec": {"serviceAccountName": account, "containers": [{"name": "app", "image": "app"}]}})
    return made["metadata"]["uid"]


def token(server, name, uid, account=ACCOUNT, audience=AUDIENCE):
    """As the kubelet asks for one that it projects into the pod."""
    return server.token(NAMESPACE, account, audience, "--bound-object-kind", "Pod", "--bound-object-name", name, "--bound-object-uid", uid)


def trust(provider, issuer):
    host = issuer.removeprefix("https://")
    subject = f"system:serviceaccount:{NAMESPACE}:{ACCOUNT}"
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
        {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringEquals": {f"{host}:aud": AUDIENCE, f"{host}:sub": subject}}}]})


def traded(server, name, agent, authority):
    one, two, other = pod(server, f"{name}-0"), pod(server, f"{name}-1"), pod(server, f"{name}-2", "other")
    first, second = token(server, f"{name}-0", one), token(server, f"{name}-1", two)

    def identity(token):
        given = agent.credentials(token)
        keys = {"AccessKeyId": given["AccessKeyId"], "SecretAccessKey": given["SecretAccessKey"], "SessionToken": given["Token"]}
        return authority.client("sts", credentials=keys).get_caller_identity()["Arn"]
    wanted = f"arn:aws:sts::{SOURCE}:assumed-role/Mediator/eks-{CLUSTER}-{name}-0"[:64]
    case(f"{name}: a pod's token is traded", identity(first).startswith(wanted), identity(first))
    case(f"{name}: each pod has its own session", identity(first) != identity(second), identity(second))
    case(f"{name}: cached by the token", agent.credentials(first) == agent.credentials(first))
    for what, given, status in (
            ("a service account without an association", token(server, f"{name}-2", other, "other"), 404),
            ("a token for STS itself", token(server, f"{name}-0", one, audience=STS), 400),
            ("a token of no pod", server.token(NAMESPACE, ACCOUNT, AUDIENCE), 400),
            ("a token with two audiences", server.token(NAMESPACE, ACCOUNT, AUDIENCE, "--audience", STS), 400)):
        got = agent.ask(given)
        case(f"{name}: {what} is refused", got[0] == status, got)
    head, payload, _ = first.split(".")
    got = agent.ask(f"{head}.{payload}.{second.split('.')[2]}")
    case(f"{name}: another token's signature is refused", got[0] == 400, got)
    case(f"{name}: ends at SIGTERM", agent.stop() == 0)


def main():
    with cluster() as server:
        print(f"Kubernetes {'.'.join(str(part) for part in server.version())}", flush=True)
        jwks, issuer, rows = FOLDER / "jwks.json", server.issuer(), FOLDER / "associations.yaml"
        jwks.write_text(server.keys())
        authority = Authority(ATTACHE, arguments=["--issuer", f"{issuer}={jwks}", "--cluster", f"{SOURCE}/us-east-1/{CLUSTER}={issuer}"])
        iam = authority.client("iam", SOURCE)
        provider = iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
        role = iam.create_role(RoleName="Mediator", AssumeRolePolicyDocument=trust(provider, issuer))["Role"]["Arn"]
        authority.client("eks", SOURCE).create_pod_identity_association(
            clusterName=CLUSTER, namespace=NAMESPACE, serviceAccount=ACCOUNT, roleArn=role)
        rows.write_text(f"associations:\n- namespace: {NAMESPACE}\n  serviceAccount: {ACCOUNT}\n  roleArn: {role}\n")
        keys = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), authority.keys(SOURCE)))
        common = ("--cluster-name", CLUSTER, "--endpoint-url", authority.url, "--region", "us-east-1")
        server.kubectl("create", "namespace", NAMESPACE)
        try:
            for account in (ACCOUNT, "other"):
                server.kubectl("create", "serviceaccount", account, "-n", NAMESPACE)
            traded(server, "off", Agent(ATTACHE, *common, "--associations", rows, "--issuer", issuer, "--jwks", jwks), authority)
            traded(server, "on", Agent(ATTACHE, *common, environment=keys), authority)
        finally:
            server.run("delete", "namespace", NAMESPACE, "--wait=false")
        case("no secret is in a log", leaks() == [], leaks())
        case("the authority stops", authority.stop() == 0)
    finish()


main()
