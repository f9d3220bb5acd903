"""`plan` tells what `apply` would meet, before anything is changed: policies that do not exist, quotas, regions,
accounts that are not active, issuers that AWS cannot reach; and does not tell of documents that mean the same. With
`attache authority`.

Usage: federation_obstacles.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import Authority, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-obstacles-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/D539D4633E53DE1B716D3041ED539D46"
SOURCE, TARGET, THIRD = "111111111111", "222222222222", "333333333333"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*actions, resource="*"):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource}]}


class World:
    """New accounts, and a federation over them."""

    def __init__(self, *arguments):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.authority = Authority(ATTACHE, (SOURCE, TARGET, THIRD), arguments)
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        self.iam = self.authority.client("iam", TARGET)

    def write(self, issuer=ISSUER, policies="[ReadOnlyAccess]", region="us-east-1", accounts=(TARGET,), more=None):
        targets = [{"account": account, "role": "CauselyAccess", "region": region, "policies": policies} | (more or {})
                   for account in accounts]
        if isinstance(policies, str):
            for target in targets:
                target["policies"] = [name.strip() for name in policies.strip("[]").split(",") if name.strip()]
        (self.folder / "federation.yaml").write_text(json.dumps({
            "apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": "causely"},
            "spec": {"issuer": issuer, "workload": {"namespace": "causely", "serviceAccount": "causely-mediator"},
                     "source": {"account": SOURCE, "role": "CauselyMediation"}, "targets": targets}}))
        return self

    def run(self, *words):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=self.environment)

    def plan(self, *words):
        done = self.run("plan", "-f", "federation.yaml", "--output", "json", *words)
        return json.loads(done.stdout) | {"exit": done.returncode}

    def apply(self, *words):
        return self.run("apply", "-f", "federation.yaml", "--yes", *words)

    def roles(self):
        return [role["RoleName"] for role in self.iam.list_roles()["Roles"]]


def changes(plan, account=TARGET, action=None):
    return [change for one in plan["accounts"] if one["account"] == account for change in one["changes"]
            if action in (None, change["action"])]


def findings(plan, account=TARGET):
    return [(one["level"], one["message"]) for change in changes(plan, account) for one in change.get("findings", [])]


def blocked(world, name, *parts):
    """The plan is blocked, tells why, and apply changes nothing."""
    plan = world.plan()
    notes = " ".join(change["note"] for change in changes(plan, action="blocked"))
    case(f"{name}: plan tells it", plan["exit"] == 1 and all(part in notes for part in parts), (plan["exit"], notes or plan))
    before = world.roles()
    done = world.apply("--allow-widening")
    case(f"{name}: apply changes nothing", done.returncode == 1 and world.roles() == before, done)


def warned(world, name, *parts, account=TARGET):
    plan = world.plan()
    told = " ".join(message for _, message in findings(plan, account))
    case(f"{name}: plan tells it", all(part in told for part in parts), told or plan)
    return plan


def policies_that_do_not_exist():
    for wanted, near in [("ReadOnlyAcess", "ReadOnlyAccess"), ("ReadOnly", "ReadOnlyAccess"),
                         ("SecurityAduit", "SecurityAudit")]:
        blocked(World().write(policies=f"[{wanted}]"), wanted, f"policy/{wanted} does not exist", near)
    world = World()
    world.iam.create_policy(PolicyName="CauselyReads", Path="/team/", PolicyDocument=json.dumps(document("s3:Get*")))
    world.write(policies="[CauselyReads]")
    blocked(world, "the account's own policy by its name", f"did you mean arn:aws:iam::{TARGET}:policy/team/CauselyReads?")
    blocked(World().write(policies=[f"arn:aws:iam::{TARGET}:policy/Nothing"]), "the account's own policy", "Nothing does not exist")
    blocked(World().write(more={"permissionsBoundary": f"arn:aws:iam::{TARGET}:policy/Limit"}), "a boundary",
            "permissions boundary", "policy/Limit does not exist")
    world = World().write()
    world.apply()
    world.write(more={"permissionsBoundary": f"arn:aws:iam::{TARGET}:policy/Limit"})
    blocked(world, "a boundary for a role that exists", "policy/Limit does not exist")
    blocked(World().write(policies=["aws-service-role/AmazonEKSServiceRolePolicy"]),
            "a policy of a service-linked role", "AmazonEKSServiceRolePolicy")


def a_policy_in_other_letters_is_the_same():
    world = World().write(policies="[ReadonlyAccess]")
    done = world.apply()
    plan = world.plan("--check")
    case("applied, the plan is empty", done.returncode == 0 and plan["exit"] == 0, (done, plan))
    done = world.write(policies="[ReadOnlyAccess, ReadonlyAccess]").run("plan", "-f", "federation.yaml")
    case("twice in a file is an error", done.returncode == 2 and "duplicate policy" in done.stderr, done)
    done = world.write(more={"inlinePolicies": {"Queues": document("sqs:*"), "queues": document("sns:*")}}).run(
        "plan", "-f", "federation.yaml")
    case("inline policies too", done.returncode == 2 and "duplicate inline policy" in done.stderr, done)


def quotas():
    world = World()
    names = []
    for number in range(26):
        world.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(document("s3:Get*")))
        names.append(f"arn:aws:iam::{TARGET}:policy/p{number}")
    world.write(policies=names[:12])
    blocked(world, "12 policies", "12 managed policies", "quota is 10", "reference_iam-quotas")
    world.write(policies=names[:10])
    case("10 policies are applied", world.apply().returncode == 0)
    world.write(policies=names[10:20])
    plan = world.plan()
    case("10 others: those that go, go first", [change["action"] for change in changes(plan) if change["kind"] == "managed-policy"]
         == ["detach"] * 10 + ["attach"] * 10, plan)
    done = world.apply("--allow-widening")
    case("and are applied", done.returncode == 0 and world.plan("--check")["exit"] == 0, done)

    raised = World("--quota", "PoliciesPerRole=15")
    for number in range(12):
        raised.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(document("s3:Get*")))
    raised.write(policies=names[:12])
    done = raised.apply()
    case("a quota that was raised", done.returncode == 0, done)

    world = World().write(more={"inlinePolicies": {f"p{number}": document("s3:GetObject", resource=[
        f"arn:aws:s3:::{'b' * 40}{number}-{part}/*" for part in range(60)]) for number in range(3)}})
    blocked(world, "inline policies", "characters of a role's inline policies", "quota is 10240")
    world = World().write(more={"inlinePolicies": {"first": document("s3:GetObject", resource=[
        f"arn:aws:s3:::{'b' * 40}-{part}/*" for part in range(90)])}})
    case("nearly all of it is applied", world.apply().returncode == 0)
    world.write(more={"inlinePolicies": {"other": document("s3:GetObject", resource=[
        f"arn:aws:s3:::{'c' * 40}-{part}/*" for part in range(90)])}})
    done = world.apply("--allow-widening")
    case("another as long: the first goes first", done.returncode == 0 and world.plan("--check")["exit"] == 0, done)

    world = World().write(more={"tags": {f"k{number}": "v" for number in range(50)}})
    blocked(world, "tags", "51 tags on a role", "at most 50")

    world = World().write()
    for number in range(100):
        world.iam.create_open_id_connect_provider(Url=f"https://issuer{number}.example", ClientIDList=["a"])
    warned(world, "100 providers", "101 OIDC providers in an account", "more than 100")

    world = World("--quota", "RolesPerAccount=3").write()
    for number in range(3):
        world.iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                                                    "Action": "sts:AssumeRole"}]}))
    blocked(world, "roles", "4 roles in an account", "quota is 3")
    world = World("--quota", "ACLSizePerRole=100").write()
    blocked(world, "a long trust policy", "characters of a role's trust policy", "quota is 100")


def regions():
    world = World().write(region="us-esat-1")
    plan = world.plan()
    told = " ".join(one["error"] for one in plan.get("unread", []))
    case("a region that does not exist: plan tells it", plan["exit"] != 0 and "us-esat-1" in told and "did you mean us-east-1?" in told, plan)


def accounts_that_are_not_active():
    world = World().write(accounts=(TARGET, THIRD))
    world.authority.client("organizations", SOURCE).close_account(AccountId=THIRD)
    plan = world.plan()
    told = [(one["account"], one["error"]) for one in plan.get("unread", [])]
    case("the state is told", [account for account, _ in told] == [THIRD] and "CLOSED" in told[0][1], plan)
    case("the others are planned", changes(plan, TARGET, "create") != [], plan)
    done = world.apply()
    case("the others are applied", "CauselyAccess" in world.roles() and done.returncode == 2, done)


def issuers():
    for issuer, part in [("https://kubernetes.default.svc", "inside the cluster"), ("https://10.96.0.1", "private address"),
                         ("https://kubernetes.default.svc.cluster.local", "inside the cluster"),
                         ("https://minikube.local", ".local"), ("https://localhost", "without a domain")]:
        warned(World().write(issuer=issuer), issuer, "AWS cannot reach the issuer", part)
    for issuer in ("http://issuer.example", "https://issuer.example:6443"):
        done = World().write(issuer=issuer).run("plan", "-f", "federation.yaml")
        case(f"{issuer} is an error of the file", done.returncode == 2 and "issuer" in done.stderr, done)
    warned(World().write(issuer=ISSUER + "/"), "a slash that EKS does not have", "ends with a slash")
    warned(World().write(issuer=ISSUER.lower()), "small letters that EKS does not have", "small letters")
    world = World()
    world.iam.create_open_id_connect_provider(Url="https://issuer.example/a", ClientIDList=["sts.amazonaws.com"])
    warned(world.write(issuer="https://issuer.example/a/"), "a slash that makes a second provider",
           "https://issuer.example/a, which differs in the slash", "second one")
    warned(world.write(issuer="https://issuer.example/A"), "letters that make a second provider", "differs in the case")
    plan = World().write().plan()
    case("a usual issuer has no findings", findings(plan) == [], plan)


def a_boundary_that_leaves_nothing():
    world = World()
    world.iam.create_policy(PolicyName="Limit", PolicyDocument=json.dumps(document("ec2:*")))
    limit = f"arn:aws:iam::{TARGET}:policy/Limit"
    warned(world.write(policies="[AmazonSQSReadOnlyAccess]", more={"permissionsBoundary": limit}), "a boundary of another service",
           "allows nothing of what the policies of CauselyAccess allow")
    plan = world.write(more={"permissionsBoundary": limit}).plan()
    case("one that leaves something is no finding", findings(plan) == [], plan)


def what_means_the_same_is_no_difference():
    world = World().write(more={"inlinePolicies": {"reads": document("s3:GetObject", "s3:ListBucket")}})
    world.apply()
    role = world.iam.get_role(RoleName="CauselyAccess")["Role"]
    trust = role["AssumeRolePolicyDocument"]
    statement = trust["Statement"][0]
    written = {
        "Terraform's empty Sid": trust | {"Statement": [statement | {"Sid": ""}]},
        "another Sid": trust | {"Id": "x", "Statement": [statement | {"Sid": "Workload"}]},
        "the statement twice": trust | {"Statement": [statement, statement]},
        "a pattern without wildcards": json.loads(json.dumps(trust).replace("StringEquals", "StringLike")),
    }
    for name, other in written.items():
        world.iam.update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=json.dumps(other))
        plan = world.plan("--check")
        case(f"trust policy: {name}", plan["exit"] == 0, [change for change in changes(plan) if change["action"] != "unchanged"])
    inline = {
        "statements apart": {"Version": "2012-10-17", "Statement": [
            {"Sid": "", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
            {"Sid": "B", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]},
        "a statement that another one has": {"Version": "2012-10-17", "Statement": [
            document("s3:GetObject", "s3:ListBucket")["Statement"][0],
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}]},
    }
    for name, other in inline.items():
        world.iam.put_role_policy(RoleName="CauselyAccess", PolicyName="reads", PolicyDocument=json.dumps(other))
        plan = world.plan("--check")
        case(f"inline policy: {name}", plan["exit"] == 0, [change for change in changes(plan) if change["action"] != "unchanged"])
    for name, other in {"another subject": json.loads(json.dumps(trust).replace("causely-mediator", "default")),
                        "a condition more": trust | {"Statement": [statement | {"Condition": statement["Condition"] | {
                            "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}]}}.items():
        world.iam.update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=json.dumps(other))
        case(f"{name} is a difference", world.plan("--check")["exit"] == 1)


run([policies_that_do_not_exist, a_policy_in_other_letters_is_the_same, quotas, regions, accounts_that_are_not_active,
     issuers, a_boundary_that_leaves_nothing, what_means_the_same_is_no_difference])
