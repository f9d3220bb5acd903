#!/usr/bin/env python3
"""The annotation `attache.dev/chain`: the pod that the webhook makes of it, with clients of five kinds inside, at the authority.

    NODE_PATH=FOLDER/node_modules webhook_chain.py PATH_OF_ATTACHE

The SDK for Rust is that of crates/attache-webhook/examples, as `cargo test --workspace` builds it, or as this builds it. Needs: pip install
boto3 awscli cryptography; npm install @aws-sdk/client-sts, in FOLDER; Debian's golang-go and golang-github-aws-aws-sdk-go-v2-dev.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster/lib"), str(ROOT / "tests/peers/lib")]
from authority import SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, finish  # noqa: E402
from https_site import certificate  # noqa: E402
from service_accounts import ServiceAccounts  # noqa: E402
from webhook_process import Webhook  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
MOUNT = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
EXTERNAL = "ext-1"
IDENTITY = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"

JAVASCRIPT = """const { STSClient, GetCallerIdentityCommand } = require("@aws-sdk/client-sts");
new STSClient({}).send(new GetCallerIdentityCommand({})).then(one => console.log(one.Arn), error => { console.error(error); process.exit(1); });"""

EXAMPLE = ROOT / "target/debug/examples/caller_identity"


def rust():
    """The program of the SDK for Rust."""
    if not EXAMPLE.exists():
        subprocess.run(["cargo", "build", "-q", "--locked", "-p", "attache-webhook", "--example", EXAMPLE.name], check=True, cwd=ROOT)
    return EXAMPLE


def go(folder):
    """The program of the SDK for Go, by Debian's packages alone."""
    program = folder / "identity"
    offline = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    subprocess.run(["go", "build", "-o", program, ROOT / "tests/peers/sdk/identity.go"], check=True, env=os.environ | offline)
    return program


def programs(folder):
    """A program that prints the ARN of who it is, by the name of its SDK."""
    return {"boto3": [sys.executable, "-c", IDENTITY],
            "the AWS CLI": [Path(sys.executable).parent / "aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
            "the SDK for JavaScript": ["node", "-e", JAVASCRIPT],
            "the SDK for Rust": [rust()],
            "the SDK for Go": [go(folder)]}


def roles(authority, issuer):
    """A role that the service account's token may have, and one in another account that only it may have."""
    iam = authority.client("iam", SOURCE)
    host = issuer.url.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=issuer.url, ClientIDList=[STS])["OpenIDConnectProviderArn"]
    trust = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
             "Condition": {"StringEquals": {f"{host}:sub": SUBJECT, f"{host}:aud": STS}}}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    first = iam.create_role(RoleName="Mediation", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    iam.put_role_policy(RoleName="Mediation", PolicyName="chain", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{TARGET}:role/Reader"}]}))
    trust = {"Effect": "Allow", "Principal": {"AWS": first}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL}}}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    second = authority.client("iam", TARGET).create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    return first, second


def injected(folder, annotations):
    """The steps of the webhook for a pod of this service account."""
    leaf = certificate("localhost", certificate("an authority"))
    (folder / "tls.crt").write_bytes(leaf[0].public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(leaf[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    server = ServiceAccounts([("causely", "causely-mediator", annotations)])
    webhook = Webhook(ATTACHE, ["--region=us-east-1", "--tls-cert", str(folder / "tls.crt"), "--tls-key", str(folder / "tls.key")],
                      server.kubeconfig(folder / "kubeconfig"), folder)
    try:
        webhook.ready()
        _, text = webhook.ask("/mutate", (ROOT / "crates/attache-admission/tests/reviews/1.36.json").read_bytes())
    finally:
        webhook.stop()
    response = json.loads(text)["response"]
    return json.loads(base64.b64decode(response["patch"])), response.get("warnings", [])


def inside(folder, steps, token, authority):
    """The pod's environment, with its mounts in a folder of ours."""
    mount = folder / "mount"
    mount.mkdir(exist_ok=True)
    (mount / "token").write_text(token)
    config = next(step["value"] for step in steps if step["path"] == "/metadata/annotations")["attache.dev/aws-config"]
    (mount / "config").write_text(config.replace(MOUNT, str(mount)))
    variables = {one["name"]: one["value"].replace(MOUNT, str(mount))
                 for step in steps if step["path"] == "/spec/containers/0/env" for one in step["value"]}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return variables, clean | variables | {"AWS_ENDPOINT_URL": authority.url, "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "",
                                           # The CLI keeps the sessions of a chain in a folder of its user.
                                           "HOME": tempfile.mkdtemp(dir=folder), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


def run(command, environment):
    done = subprocess.run(command, text=True, capture_output=True, env=environment, timeout=120)
    return done.stdout.strip() or done.stderr[-3000:]


def main():
    with tempfile.TemporaryDirectory(prefix="attache-chain-") as scratch:
        folder = Path(scratch)
        issuer = Issuer(ATTACHE, folder)
        authority = Authority(ATTACHE, arguments=["--issuer", f"{issuer.url}={issuer.jwks}"])
        first, second = roles(authority, issuer)
        steps, warnings = injected(folder, {"eks.amazonaws.com/role-arn": first, "attache.dev/chain": f"{second},{EXTERNAL}"})
        variables, environment = inside(folder, steps, issuer.token(), authority)
        case("no role in the environment", set(variables) == {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SDK_LOAD_CONFIG"}, variables)
        case("no warnings", not warnings, warnings)
        volume = next(step["value"][0] for step in steps if step["path"] == "/spec/volumes")
        paths = [one.get("serviceAccountToken", {}).get("path") or one["downwardAPI"]["items"][0]["path"] for one in volume["projected"]["sources"]]
        case("token and configuration are one volume", paths == ["token", "config"], volume)
        wanted = f"arn:aws:sts::{TARGET}:assumed-role/Reader/"
        clients = programs(folder)
        for name, command in clients.items():
            found = run(command, environment)
            case(f"{name} is the second role", found.startswith(wanted), found)
        steps, _ = injected(folder, {"eks.amazonaws.com/role-arn": first, "attache.dev/chain": second})
        _, environment = inside(folder, steps, issuer.token(), authority)
        for name, command in clients.items():
            found = run(command, environment)
            case(f"{name}: without the external ID it is denied", "AccessDenied" in found, found)
        case("the authority stops", authority.stop() == 0)
    finish()


main()
