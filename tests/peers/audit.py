"""What `audit` says, with `attache authority`: its own calls and boto3's against the authority's journal.

    audit.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, events, federation, refusal, run  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve())
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
HOST = ISSUER.removeprefix("https://")
ROLE, ARN = "CauselyAccess", f"arn:aws:iam::{TARGET}:role/CauselyAccess"
OTHER = "system:serviceaccount:causely:other"
COMMAND = "sts:AssumeRoleWithWebIdentity"


class World:
    """Two new accounts with a federation."""

    def __init__(self, arguments=()):
        self.scratch = tempfile.TemporaryDirectory(prefix="audit-")
        self.folder = Path(self.scratch.name)
        self.issuer = Issuer(ATTACHE, self.folder, ISSUER)
        self.authority = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER}={self.issuer.jwks}", *arguments])
        self.iam, self.sts = self.authority.client("iam", TARGET), self.authority.client("sts")
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        target = f'{{ account: "{TARGET}", role: {ROLE}, region: us-east-1, policies: [AmazonEC2ReadOnlyAccess] }}'
        (self.folder / "federation.yaml").write_text(federation(ISSUER, target))
        done = self.run("apply", "-f", "federation.yaml", "--yes")
        assert done.returncode == 0, done

    def run(self, *words, environment=None):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=180, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment or self.environment)

    def audit(self, *words, environment=None):
        done = self.run("audit", "-f", "federation.yaml", *words, "--output", "json", environment=environment)
        return json.loads(done.stdout) | {"exit": done.returncode}

    def role(self, *words, name=ROLE, **more):
        return next(one for one in self.audit(*words, **more)["roles"] if one["role"].endswith(f"/{name}"))

    def assume(self, session="mediator", subject=SUBJECT, audience=STS, **more):
        return self.authority.assume(ROLE, self.issuer.token(subject, audience), session=session, **more)["Credentials"]

    def let_in(self, *statements):
        trust = self.iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
        trust["Statement"] += statements
        self.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(trust))


def whoever_assumed_the_role_is_listed():
    world = World()
    for _ in range(3):
        world.assume()
    alone = world.role("--check")
    case("the workload alone", [(one["isWorkload"], one["count"]) for one in alone["sessions"]] == [(True, 3)], alone["sessions"])
    one = alone["sessions"][0]
    case("it is named by cluster, namespace and service account",
         one["by"]["subject"] == SUBJECT and one["by"]["provider"].endswith(HOST) and one["by"]["audience"] == STS, one)
    case("with its session names and addresses", one["sessionNames"] == ["mediator"] and one["from"] == ["127.0.0.1"], one)
    case("--check is content", world.audit("--check")["exit"] == 0)
    provider = f"arn:aws:iam::{TARGET}:oidc-provider/{HOST}"
    world.let_in({"Effect": "Allow", "Principal": {"Federated": provider}, "Action": COMMAND,
                  "Condition": {"StringEquals": {f"{HOST}:sub": OTHER, f"{HOST}:aud": STS}}},
                 {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"},
                 {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{TARGET}:root"}, "Action": "sts:AssumeRole"})
    world.assume(session="=1+1", subject=OTHER)
    for account in (SOURCE, TARGET):
        world.authority.client("sts", account).assume_role(RoleArn=ARN, RoleSessionName="by-hand")
    found = world.role()
    others = [one["by"] for one in found["sessions"] if not one["isWorkload"]]
    case("another service account", any(one.get("subject") == OTHER for one in others), others)
    case("a user of the account", any(one.get("arn", "").endswith(":user/administrator") for one in others), others)
    case("another account", any(one.get("id") == SOURCE for one in others), others)
    case("and the change that let them in", [one["call"] for one in found["changes"]][:1] == ["iam:UpdateAssumeRolePolicy"]
         and found["changes"][0]["by"].endswith(":user/administrator"), found["changes"])
    case("--check is not content", world.audit("--check")["exit"] == 1)
    allowed = [one for one in events(world.authority) if one["resource"] == ARN and one["outcome"] == "allowed"
               and one["action"].startswith("sts:AssumeRole")]
    case("as many sessions as the journal has", sum(one["count"] for one in found["sessions"]) == len(allowed), (found["sessions"], len(allowed)))
    rows = list(csv.DictReader(io.StringIO(world.run("audit", "-f", "federation.yaml", "--output", "csv").stdout)))
    case("CSV has a row for each", sum(int(one["count"]) for one in rows if one["fact"] == "sessions of others") == 3
         and [one["count"] for one in rows if one["fact"] == "sessions"] == ["3"], rows)
    case("no cell is a formula", all(not cell.startswith(("=", "+", "-", "@")) for one in rows for cell in one.values()), rows)
    table = world.run("audit", "-f", "federation.yaml").stdout
    case("the table says it in words", "service account causely/causely-mediator of" in table and "(the workload)" in table and "3 by others" in table, table)


def what_was_refused_has_its_cause():
    world = World()
    session = world.assume()
    for service, call in (("s3", "list_buckets"), ("lambda", "list_functions"), ("lambda", "list_functions")):
        refusal(getattr(world.authority.client(service, credentials=session), call))
    world.authority.client("ec2", credentials=session).describe_vpcs()
    for _ in range(2):
        refusal(lambda: world.assume(subject=OTHER))
    refusal(lambda: world.assume(audience="another"))
    role = world.iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]
    provider = f"arn:aws:iam::{TARGET}:oidc-provider/{HOST}"
    denying = {"Effect": "Deny", "Principal": {"Federated": provider}, "Action": COMMAND, "Condition": {"StringEquals": {f"{HOST}:sub": SUBJECT}}}
    changed = dict(role, Statement=[*role["Statement"], denying])
    world.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(changed))
    refusal(lambda: world.assume(session="denied"))
    found = {(one["call"], one["by"].get("subject", "")): one for one in world.role()["refused"]}
    by_subject = found.get((COMMAND, OTHER), {})
    case("another subject: what the trust policy wants and what the token has",
         by_subject.get("count") == 2 and SUBJECT in by_subject["cause"] and OTHER in by_subject["cause"] and ":sub" in by_subject["cause"], by_subject)
    denied = found.get((COMMAND, SUBJECT), {})
    case("a Deny of the trust policy", "statement 2 of the trust policy denies it" in denied.get("cause", ""), found)
    audience = [one for one in world.role()["refused"] if one["code"].startswith("InvalidIdentityToken")]
    case("another audience", [("its audience is none of the client IDs" in one["cause"], one["by"]["kind"]) for one in audience] == [(True, "unknown")], audience)
    calls = {one["call"]: one for one in world.role()["refused"]}
    case("a call of the session", calls.get("lambda:ListFunctions", {}).get("count") == 2
         and "no identity-based policy allows" in calls["lambda:ListFunctions"]["cause"], calls.get("lambda:ListFunctions"))
    world.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(role))
    found = {(one["call"], one["by"].get("subject", "")): one for one in world.role()["refused"]}
    case("what would be let in now", "allows this token now" in found[(COMMAND, SUBJECT)]["cause"], found[(COMMAND, SUBJECT)])
    refused = [one for one in events(world.authority) if one["resource"] == ARN and one["outcome"] != "allowed" and one["action"] == COMMAND]
    listed = sum(one["count"] for (call, _), one in found.items() if call == COMMAND)
    case("as many as the journal has, whichever could be told", listed <= len(refused) and len(refused) == 4, (listed, len(refused)))


def services_called_stand_beside_services_granted():
    world = World()
    before = world.role()
    case("never used", before["lastUse"]["state"] == "never" and before["unused"] is False, before["lastUse"])
    session = world.assume()
    ec2 = world.authority.client("ec2", credentials=session)
    ec2.describe_vpcs(), ec2.describe_subnets()
    refusal(world.authority.client("s3", credentials=session).list_buckets)
    found = world.role()
    services = {one["service"]: one for one in found["services"]}
    case("what was called and granted", services["ec2"]["calls"] == 2 and services["ec2"]["granted"] and services["ec2"]["lastUsed"], services)
    case("what was called and not granted", services["s3"]["granted"] is False and services["s3"]["refused"] == 1, services)
    idle = [name for name, one in services.items() if one["granted"] and not one["calls"] and not one["lastUsed"]]
    case("what is granted and never used", "cloudwatch" in idle and "elasticloadbalancing" in idle, services)
    case("when it was used last", found["lastUse"]["state"] == "used" and found["unused"] is False, found["lastUse"])
    case("a refused call is no use", " 1 of 3" in world.run("audit", "-f", "federation.yaml").stdout)
    source = world.role(name="CauselyMediation")
    case("a role on nobody's way", source["sessions"] == [] and source["lastUse"]["state"] == "never", source)


def what_was_not_read_is_named():
    world = World()
    session = world.assume()
    reader = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}]}
    world.iam.create_user(UserName="reader")
    world.iam.put_user_policy(UserName="reader", PolicyName="own", PolicyDocument=json.dumps(reader))
    key = world.iam.create_access_key(UserName="reader")["AccessKey"]
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"], "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    environment = world.environment | keys
    report = world.audit(environment=environment)
    found = report["roles"][0] if report["roles"] else {}
    case("without cloudtrail:LookupEvents nothing is said of sessions", any("cloudtrail:LookupEvents" in one for one in found.get("notRead", [])), report)
    case("nor of services", found.get("services") is None and any("services" in one for one in found["notRead"]), found)
    case("the account without credentials is named", [one["account"] for one in report["unread"]] == [SOURCE] and report["exit"] in (2, 3), report["unread"])
    cut = world.role("--max-events", "1")
    for _ in range(60):
        world.assume()
    cut = world.role("--max-events", "1")
    case("a lookup that was cut says so", any("only the newest" in one for one in cut["notRead"]), cut["notRead"])
    case("and a whole one does not", world.role()["notRead"] == [], world.role()["notRead"])
    world.iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
    world.iam.delete_role(RoleName=ROLE)
    case("a role that is gone", world.role()["lastUse"]["state"] == "noRole", world.role()["lastUse"])
    del session
    for words in (["--since", "91d"], ["--since", "x"], ["--max-events", "0"], ["--unused", "0"]):
        done = world.run("audit", "-f", "federation.yaml", *words)
        case(f"{' '.join(words)} is refused", done.returncode == 2 and done.stderr, done)
    done = world.run("plan", "-f", "federation.yaml", "--output", "csv")
    case("CSV is of audit alone", done.returncode == 2 and "only `attache audit` writes CSV" in done.stderr, done.stderr)


def throttling_ends_no_audit():
    world = World(arguments=["--rates", "aws"])
    for _ in range(5):
        world.assume()
    found = world.role()
    case("every session is there at AWS's rates", sum(one["count"] for one in found["sessions"]) == 5 and found["notRead"] == [], found)


if __name__ == "__main__":
    run([whoever_assumed_the_role_is_listed, what_was_refused_has_its_cause, services_called_stand_beside_services_granted,
         what_was_not_read_is_named, throttling_ends_no_audit])
