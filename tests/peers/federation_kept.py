"""Statements of one's own in a trust policy (`trustStatements`), and what others put on a role and the file accepts
(`keep`): planned, applied, verified, rendered and removed. With `attache authority`, seen with boto3.

Usage: federation_kept.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import Authority, Issuer, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-kept-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
SOURCE, TARGET, BREAK_GLASS = "111111111111", "222222222222", "333333333333"
AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OWN = {"Sid": "BreakGlass", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{BREAK_GLASS}:root"},
       "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "glass"}}}
DENY = {"Sid": "NotFromThere", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
GUARD = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]}


class World:
    """New accounts, a federation, and a token of its workload."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.issuer = Issuer(ATTACHE, self.folder, ISSUER)
        self.authority = Authority(ATTACHE, (SOURCE, TARGET, BREAK_GLASS), ["--issuer", f"{ISSUER}={self.issuer.jwks}"])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        self.iam = self.authority.client("iam", TARGET)
        (self.folder / "token").write_text(self.issuer.token())

    def write(self, **more):
        (self.folder / "federation.yaml").write_text(json.dumps({
            "apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": "causely"},
            "spec": {"issuer": ISSUER, "workload": {"namespace": "causely", "serviceAccount": "causely-mediator"},
                     "source": {"account": SOURCE, "role": "CauselyMediation"},
                     "targets": [{"account": TARGET, "role": "CauselyAccess", "region": "us-east-1",
                                  "policies": ["ReadOnlyAccess"]} | more]}}))
        return self

    def run(self, *words):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=self.environment)

    def apply(self, *words):
        return self.run("apply", "-f", "federation.yaml", "--yes", *words)

    def check(self):
        return self.run("plan", "-f", "federation.yaml", "--check")

    def verify(self):
        done = self.run("verify", "-f", "federation.yaml", "--token", "token", "--output", "json")
        return {one["name"]: one for one in json.loads(done.stdout)["checks"] if one.get("account") == TARGET}

    def trust(self):
        return self.iam.get_role(RoleName="CauselyAccess")["Role"]["AssumeRolePolicyDocument"]

    def put_trust(self, document):
        self.iam.update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=json.dumps(document))


def statements_of_ones_own():
    world = World().write(trustStatements=[OWN])
    plan = world.run("plan", "-f", "federation.yaml").stdout
    case("plan shows the statement", "trust statement: " in plan and "BreakGlass" in plan, plan)
    done = world.apply()
    trust = world.trust()
    case("apply writes it beside the workload's", done.returncode == 0 and OWN in trust["Statement"]
         and len(trust["Statement"]) == 2, (done, trust))
    case("then the plan is empty", world.check().returncode == 0)
    found = world.verify()
    case("verify: who else is ok", found["who else"]["status"] == "ok" and "trustStatements" in found["who else"]["detail"], found)
    session = world.authority.client("sts", BREAK_GLASS).assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/CauselyAccess", RoleSessionName="glass", ExternalId="glass")
    case("it lets in whom it names", session["AssumedRoleUser"]["Arn"].endswith("CauselyAccess/glass"))
    world.run("render", "-f", "federation.yaml", "--out", "rendered")
    rendered = json.loads((world.folder / "rendered" / "target-trust.json").read_text())
    case("render writes it", OWN in rendered["Statement"], rendered)
    world.write()
    plan = json.loads(world.run("plan", "-f", "federation.yaml", "--output", "json").stdout)
    steps = [step for one in plan["accounts"] for change in one["changes"] for step in change.get("steps", [])]
    case("without it in the file it goes, which widens nothing", [step["class"] for step in steps] == ["no-wider"], steps)
    world.apply()
    case("and apply takes it away", len(world.trust()["Statement"]) == 1)
    done = world.write(trustStatements=[OWN]).run("apply", "-f", "federation.yaml", "--yes")
    case("for a role that exists it needs --allow-widening, with a witness", done.returncode == 2
         and "widens" in done.stderr and BREAK_GLASS in done.stderr, done)
    done = world.apply("--allow-widening")
    case("with it, it comes", done.returncode == 0 and OWN in world.trust()["Statement"], done)
    done = world.run("destroy", "-f", "federation.yaml", "--yes")
    case("destroy removes the role", done.returncode == 0 and world.iam.list_roles()["Roles"] == [], done)


def statements_that_are_none():
    for name, statement, part in [("no object", "text", "not JSON"), ("a list", [OWN], "one statement"),
                                  ("a Resource", OWN | {"Resource": "*"}, "trust statement"),
                                  ("no Effect", {"Principal": "*", "Action": "sts:AssumeRole"}, "Effect")]:
        done = World().write(trustStatements=[statement]).run("plan", "-f", "federation.yaml")
        case(f"{name} is an error of the file", done.returncode == 2 and part in done.stderr, done)
    done = World().write(keep={"trustCondition": ["aws:SourceIp"]}).run("plan", "-f", "federation.yaml")
    case("an unknown key of keep", done.returncode == 2 and "trustConditions" in done.stderr, done)
    done = World().write(keep={"trustConditions": ["SourceIp"]}).run("plan", "-f", "federation.yaml")
    case("a key that is none", done.returncode == 2 and "aws:SourceIp" in done.stderr, done)


def what_the_security_team_puts_on_a_role_is_kept():
    keep = {"policies": ["SecurityAudit"], "inlinePolicies": ["guard"], "permissionsBoundary": f"arn:aws:iam::{TARGET}:policy/Limit",
            "trustConditions": ["aws:sourceip"], "trustDenies": True}
    world = World().write()
    world.apply()
    world.iam.create_policy(PolicyName="Limit", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    trust = world.trust()
    narrowed = json.loads(json.dumps(trust))
    narrowed["Statement"][0]["Condition"]["IpAddress"] = {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}
    narrowed["Statement"].append(DENY)
    world.put_trust(narrowed)
    world.iam.attach_role_policy(RoleName="CauselyAccess", PolicyArn=AUDIT)
    world.iam.put_role_policy(RoleName="CauselyAccess", PolicyName="Guard", PolicyDocument=json.dumps(GUARD))
    world.iam.put_role_permissions_boundary(RoleName="CauselyAccess", PermissionsBoundary=f"arn:aws:iam::{TARGET}:policy/Limit")
    case("without keep all of it differs", world.check().returncode == 1)
    found = world.verify()
    case("and verify warns", found["narrower"]["status"] == "warn" and found["what else"]["status"] != "ok", found)
    world.write(keep=keep)
    done = world.check()
    case("with keep nothing does", done.returncode == 0, done)
    case("plan says what is kept", "kept, as the file says" in done.stdout and "SecurityAudit" in done.stdout
         and "Guard" in done.stdout and "aws:SourceIp" in done.stdout and "NotFromThere" in done.stdout
         and "policy/Limit" in done.stdout, done.stdout)
    found = world.verify()
    case("verify is ok (kept)", found["narrower"]["status"] == "ok" and len(found["narrower"]["kept"]) == 5
         and found["what else"]["status"] == "ok" and found["what else"]["kept"] == [AUDIT, "Guard"], found)
    text = world.run("verify", "-f", "federation.yaml", "--token", "token").stdout
    case("as text too", text.count("ok (kept)") == 2, text)
    world.iam.attach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")
    broken = json.loads(json.dumps(narrowed).replace("causely-mediator", "default"))
    world.put_trust(broken)
    done = world.apply("--allow-widening")
    attached = sorted(one["PolicyArn"] for one in world.iam.list_attached_role_policies(RoleName="CauselyAccess")["AttachedPolicies"])
    case("apply takes away what is not kept, and leaves what is", done.returncode == 0 and attached == sorted([AUDIT, READ_ONLY]), attached)
    mended = world.trust()
    case("it mends the trust policy and leaves the condition and the Deny", DENY in mended["Statement"]
         and mended["Statement"][0]["Condition"] == narrowed["Statement"][0]["Condition"], mended)
    case("then the plan is empty", world.check().returncode == 0)
    world.write(keep=keep, permissionsBoundary=None)
    case("a boundary that is kept stays where the file has null", world.check().returncode == 0)
    done = world.run("destroy", "-f", "federation.yaml", "--yes")
    case("destroy removes the role with all of it", done.returncode == 0 and world.iam.list_roles()["Roles"] == [], done)


def only_what_narrows_is_kept_of_a_trust_policy():
    world = World().write(keep={"trustConditions": ["aws:SourceIp"], "trustDenies": True})
    world.apply()
    trust = world.trust()
    world.put_trust(trust | {"Statement": trust["Statement"] + [OWN]})
    case("an Allow of others is a difference", world.check().returncode == 1)
    other = json.loads(json.dumps(trust))
    other["Statement"][0]["Condition"]["StringLike"] = {"sts:RoleSessionName": "a*"}
    world.put_trust(other)
    case("a condition on a key that is not named is one too", world.check().returncode == 1)
    wide = json.loads(json.dumps(trust))
    wide["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    world.put_trust(wide)
    world.apply("--allow-widening")
    condition = world.trust()["Statement"][0]["Condition"]
    case("the workload's own conditions come back beside it", "aws:SourceIp" in condition.get("IpAddress", {})
         and condition["StringEquals"] == trust["Statement"][0]["Condition"]["StringEquals"], condition)


run([statements_of_ones_own, statements_that_are_none, what_the_security_team_puts_on_a_role_is_kept,
     only_what_narrows_is_kept_of_a_trust_policy])
