"""`verify` tries the session with one smallest call a service: what no readable policy says is seen before the mediator
meets it, with its cause. With `attache authority`.

Usage: federation_calls.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import Authority, Issuer, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-calls-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
MANAGEMENT, SOURCE, TARGET = "111111111111", "222222222222", "333333333333"


def policy(effect, actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": actions, "Resource": "*"}]})


class World:
    """New accounts, a federation that was applied, and a token of its workload."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.issuer = Issuer(ATTACHE, self.folder, ISSUER)
        self.authority = Authority(ATTACHE, (MANAGEMENT, SOURCE, TARGET), ["--issuer", f"{ISSUER}={self.issuer.jwks}"])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        self.iam = self.authority.client("iam", TARGET)
        self.organization = self.authority.client("organizations", MANAGEMENT)
        (self.folder / "token").write_text(self.issuer.token())
        (self.folder / "federation.yaml").write_text(json.dumps({
            "apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": "causely"},
            "spec": {"issuer": ISSUER, "workload": {"namespace": "causely", "serviceAccount": "causely-mediator"},
                     "source": {"account": SOURCE, "role": "CauselyMediation"},
                     "targets": [{"account": TARGET, "role": "CauselyAccess", "region": "us-east-1",
                                  "policies": ["ReadOnlyAccess"]}]}}))
        done = self.run("apply", "-f", "federation.yaml", "--yes")
        assert done.returncode == 0, done

    def run(self, *words, **more):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=self.environment | more)

    def verify(self, **more):
        done = self.run("verify", "-f", "federation.yaml", "--token", "token", "--output", "json", **more)
        return [one for one in json.loads(done.stdout)["checks"] if one["name"] == "calls"]

    def deny(self, kind, actions):
        content = json.loads(policy("Deny", actions))
        if kind == "RESOURCE_CONTROL_POLICY":
            content["Statement"][0]["Principal"] = "*"
        root = self.organization.list_roots()["Roots"][0]
        if kind not in [one["Type"] for one in root["PolicyTypes"]]:
            self.organization.enable_policy_type(RootId=root["Id"], PolicyType=kind)
        made = self.organization.create_policy(Name="p", Description="d", Type=kind, Content=json.dumps(content))
        self.organization.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=TARGET)


def a_session_that_may_list_is_ok():
    world = World()
    found = world.verify()
    case("the target is tried, the source is not", [one["account"] for one in found] == [TARGET], found)
    case("all services answer", found[0]["status"] == "ok" and all(action in found[0]["detail"] for action in (
        "ec2:Describe", "rds:DescribeDBInstances", "sqs:ListQueues", "s3:ListAllMyBuckets",
        "lambda:ListFunctions", "dynamodb:ListTables", "elasticloadbalancing:DescribeLoadBalancers")), found)
    blind = world.verify(AWS_SHARED_CREDENTIALS_FILE="/dev/null")
    case("also without an administrator's credentials", blind[0]["status"] == "ok", blind)
    done = world.run("verify", "-f", "federation.yaml", "--output", "json")
    case("without a token nothing is tried", all(one["name"] != "calls" for one in json.loads(done.stdout)["checks"]), done.stdout)


def what_denies_is_named():
    world = World()
    world.deny("SERVICE_CONTROL_POLICY", ["sqs:*", "lambda:*"])
    found = world.verify()[0]
    case("a service control policy", found["status"] == "fail" and "sqs:ListQueues" in found["detail"]
         and "lambda:ListFunctions" in found["detail"] and "2 of 7" in found["detail"]
         and "service control policy" in found["remedy"], found)
    world = World()
    world.iam.create_policy(PolicyName="Limit", PolicyDocument=policy("Allow", ["ec2:*", "sts:*", "iam:*"]))
    world.iam.put_role_permissions_boundary(RoleName="CauselyAccess", PermissionsBoundary=f"arn:aws:iam::{TARGET}:policy/Limit")
    found = world.verify()[0]
    case("a boundary", found["status"] == "fail" and "6 of 7" in found["detail"] and "boundary" in found["remedy"], found)
    world = World()
    world.iam.put_role_policy(RoleName="CauselyAccess", PolicyName="guard", PolicyDocument=policy("Deny", "dynamodb:ListTables"))
    found = world.verify()[0]
    case("a Deny of the role's own", found["status"] == "fail" and "dynamodb:ListTables" in found["detail"]
         and "denies it" in found["remedy"], found)
    world = World()
    world.iam.detach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    found = world.verify()[0]
    case("no policy", found["status"] == "fail" and "7 of 7" in found["detail"], found)
    world = World()
    world.deny("RESOURCE_CONTROL_POLICY", ["s3:*", "sqs:*", "dynamodb:*"])
    found = world.verify()[0]
    case("a resource control policy", found["status"] == "fail" and "resource control policy" in found["remedy"], found)


run([a_session_that_may_list_is_ok, what_denies_is_named])
