#!/usr/bin/env python3
"""The output of `attache render aws-cli` with the real `aws`, twice, and of `attache render cloudformation` with cfn-lint
and with moto's CloudFormation.

    render_tools.py PATH_OF_ATTACHE [PART_OF_A_FUNCTION'S_NAME]

Needs: pip install boto3 awscli cfn-lint moto. The `aws` of version 2 at /usr/bin/aws is tried too where it is.
"""

import ast
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
from moto import mock_aws

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, case, run
from rendered import DOCUMENT, TEXT, World, federation

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-render-tools-")
FOLDER = Path(SCRATCH.name)
BESIDE = Path(sys.executable).parent
AWS = str(BESIDE / "aws")
# Debian's is of 2023: it wants thumbprints, reads no endpoint from the environment and does not know Pod Identity.
AWS_2 = "/usr/bin/aws"
LINT = shutil.which("cfn-lint", path=f"{BESIDE}:{os.environ['PATH']}") or sys.exit("cfn-lint is missing: pip install cfn-lint")


def script(world, aws):
    """Runs the script with this command."""
    out = world.folder / "script"
    if not out.exists():
        done = world.run("render", "aws-cli", "--out", str(out))
        assert done.returncode == 0, done.stderr
    bin_ = world.folder / "bin"
    bin_.mkdir(exist_ok=True)
    (bin_ / "aws").write_text(f'#!/bin/sh\nexec "{aws}" --endpoint-url {world.authority.url} "$@"\n')
    (bin_ / "aws").chmod(0o755)
    # No region but the script's, and a pager that fails.
    away = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PAGER")
    environment = {name: value for name, value in world.environment.items() if name not in away}
    return subprocess.run(["bash", str(out / "setup.sh")], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env=environment | {"PATH": f"{bin_}:{os.environ['PATH']}", "PAGER": "false"}, timeout=300)


def by_hand(mode, aws, content, document=DOCUMENT):
    who = f"{mode}, {aws}"
    world = World(ATTACHE, content)
    done = script(world, aws)
    case(f"{who}: the script", done.returncode == 0, done.stdout + done.stderr)
    first = world.documents()
    done = script(world, aws)
    case(f"{who}: a second run", done.returncode == 0, done.stdout + done.stderr)
    case(f"{who}: it changes nothing", world.documents() == first, (first, world.documents()))
    done = world.run("plan", "--check")
    case(f"{who}: attache plan --check ends with 0", done.returncode == 0, done.stdout + done.stderr)
    role = world.authority.client("iam", TARGET).get_role_policy(RoleName="CauselyAccess", PolicyName="own.documents")
    case(f"{who}: the policy's characters come through", role["PolicyDocument"] == document, role)
    drift(world, aws, who)


def drift(world, aws, who):
    """What was changed behind the script's back is mended by the next run."""
    iam = world.authority.client("iam", TARGET)
    iam.update_role(RoleName="CauselyAccess", Description="x", MaxSessionDuration=3600)
    iam.delete_role_permissions_boundary(RoleName="CauselyAccess")
    iam.detach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    done = script(world, aws)
    case(f"{who}: another run mends what drifted", done.returncode == 0 and world.changes() == [], (done.stderr, world.changes()))


def direct():
    # Characters that IAM takes by JSON's escapes alone.
    own = copy.deepcopy(DOCUMENT)
    own["Statement"][1]["Condition"]["StringEquals"]["aws:RequestTag/x"] = "e\u0301 \U0001f600"
    by_hand("direct", AWS, federation(inlinePolicies={"own.documents": own}), own)
    if Path(AWS_2).exists():
        content = federation()
        content["spec"]["thumbprints"] = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
        by_hand("direct", AWS_2, content)


def pod_identity():
    by_hand("podIdentity", AWS, federation("podIdentity"))


def a_role_of_another():
    """A role without the federation's tag is not taken over; the printed command takes it over."""
    world = World(ATTACHE, federation())
    iam = world.authority.client("iam", TARGET)
    trust = json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}})
    iam.create_role(RoleName="CauselyAccess", Path="/team/x/", AssumeRolePolicyDocument=trust)
    done = script(world, AWS)
    attached = iam.list_attached_role_policies(RoleName="CauselyAccess")["AttachedPolicies"]
    case("another's role ends the script, and gets nothing", done.returncode == 1 and attached == [], (done, attached))
    command = done.stderr[done.stderr.index("aws --profile"):].replace("\n", " ")
    took = subprocess.run(["bash", "-c", command], capture_output=True, text=True,
                          env=world.environment | {"PATH": f"{world.folder / 'bin'}:{os.environ['PATH']}"})
    case("the printed command", took.returncode == 0, (command, took.stderr))
    done = script(world, AWS)
    done_plan = world.run("plan", "--check")
    case("then the script takes it over", (done.returncode, done_plan.returncode) == (0, 0), (done.stderr, done_plan.stdout))


def templates(content):
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    (folder / "federation.yaml").write_text(json.dumps(content))
    done = subprocess.run([ATTACHE, "render", "cloudformation", "-f", "federation.yaml", "--out", "out"], cwd=folder,
                          capture_output=True, text=True)
    return done, sorted((folder / "out").glob("*.json"))


def cloudformation():
    for mode in ("direct", "podIdentity"):
        done, files = templates(federation(mode))
        case(f"{mode}: a template for each account", [file.name for file in files] == [
            f"cloudformation-{SOURCE}.json", f"cloudformation-{TARGET}.json"], done.stderr)
        for file in files:
            linted = subprocess.run([LINT, str(file)], capture_output=True, text=True)
            case(f"{mode}: cfn-lint takes {file.name}", linted.returncode == 0, linted.stdout)
        template = json.loads(files[0].read_text())
        for kind, wanted in [("AWS::IAM::OIDCProvider", "Url"), ("AWS::EKS::PodIdentityAssociation", "ClusterName")]:
            for resource in template["Resources"].values():
                if resource["Type"] == kind:
                    resource["Properties"]["X" + wanted] = resource["Properties"].pop(wanted)
                    files[0].write_text(json.dumps(template))
                    linted = subprocess.run([LINT, str(files[0])], capture_output=True, text=True)
                    case(f"{mode}: and finds a misspelt {wanted}", "X" + wanted in linted.stdout, linted.stdout)


def stacks():
    """The target's role as moto's CloudFormation makes it. It knows neither the other resources nor managed policies."""
    _, files = templates(federation("podIdentity"))
    with mock_aws():
        keys = {"region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
        boto3.client("cloudformation", **keys).create_stack(
            StackName="attache", TemplateBody=files[1].read_text(), Capabilities=["CAPABILITY_NAMED_IAM"])
        iam = boto3.client("iam", **keys)
        role = iam.get_role(RoleName="CauselyAccess")["Role"]
        case("a stack's role", (role["Path"], role["Description"], role["MaxSessionDuration"]) == ("/team/x/", TEXT, 7200), role)
        found = iam.get_role_policy(RoleName="CauselyAccess", PolicyName="own.documents")["PolicyDocument"]
        # moto keeps a Python literal of it.
        found = ast.literal_eval(found) if isinstance(found, str) else found
        case("a stack's policy is not substituted", found == DOCUMENT, (found, DOCUMENT))


def a_function_is_refused():
    """`{"Ref": …}` is a condition's key to IAM, and a function to CloudFormation."""
    document = {"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"Ref": "AWS::AccountId"}}}}
    done, files = templates(federation(inlinePolicies={"own": document}))
    case("a policy that has one is refused with exit code 2", done.returncode == 2 and not files, (done.returncode, done.stderr))


run([direct, pod_identity, a_role_of_another, cloudformation, stacks, a_function_is_refused])
