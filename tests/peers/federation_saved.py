"""A plan that is saved, reviewed and carried out: exactly it, or nothing where the accounts have moved. Exit codes, and what
many accounts that are alike look like. With `attache authority`, seen with boto3.

Usage: federation_saved.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import SOURCE, TARGET, Authority, case, federation, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-saved-"))
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
MANY = [f"{number:012}" for number in range(300000000001, 300000000021)]
AUTHORITY = Authority(ATTACHE, accounts=[SOURCE, TARGET, *MANY])
ENVIRONMENT = AUTHORITY.environment(AWS_ENDPOINT_URL=AUTHORITY.url)
PLAN = FOLDER / "plan.json"


def attache(*words):
    return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, env=ENVIRONMENT)


def write(accounts=(TARGET,), policy="ReadOnlyAccess"):
    targets = [f'{{ account: "{account}", role: CauselyAccess, region: us-east-1, policies: [{policy}] }}' for account in accounts]
    (FOLDER / "federation.yaml").write_text(federation(URL, *targets))


def roles(account=TARGET):
    return [role["RoleName"] for role in AUTHORITY.client("iam", account).list_roles()["Roles"]]


def saved():
    done = attache("plan", "--out", "plan.json")
    case("plan --out", done.returncode == 0 and "attache apply plan.json" in done.stderr, done.stderr)
    return json.loads(PLAN.read_text())


def exactly_it_is_done():
    write()
    plan = saved()
    calls = [call for account in plan["plan"]["accounts"] for change in account["changes"] for call in change["calls"]]
    case("the file has the whole of each call", any("sts:AssumeRoleWithWebIdentity" in json.dumps(call) for call in calls), calls)
    case("it is its owner's alone", PLAN.stat().st_mode & 0o077 == 0, oct(PLAN.stat().st_mode))
    write(policy="SecurityAudit")
    done = attache("apply", "plan.json")
    case("apply PLAN needs no --yes and no file", done.returncode == 0, done.stderr)
    attached = AUTHORITY.client("iam", TARGET).list_attached_role_policies(RoleName="CauselyAccess")["AttachedPolicies"]
    case("it did what was reviewed, not what the file says now", [own["PolicyName"] for own in attached] == ["ReadOnlyAccess"], attached)
    done = attache("apply", "plan.json")
    told = " ".join(done.stderr.replace("│", "").split())
    case("a second time it is refused", done.returncode == 1 and "nothing was changed" in told
         and "attache plan -f federation.yaml --out plan.json" in told, told)


def nothing_where_the_accounts_moved():
    write()
    iam = AUTHORITY.client("iam", TARGET)
    iam.update_role(RoleName="CauselyAccess", Description="drift", MaxSessionDuration=7200)
    iam.detach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    saved()
    iam.attach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    done = attache("apply", "plan.json", "--allow-widening", "--output", "json")
    case("a policy came meanwhile", done.returncode == 1 and "IAMFullAccess" in done.stderr, (done.returncode, done.stderr))
    case("with JSON too", "nothing was changed" in json.loads(done.stdout)["error"]["message"], done.stdout)
    attached = iam.list_attached_role_policies(RoleName="CauselyAccess")["AttachedPolicies"]
    case("nothing was changed", len(attached) == 1, attached)
    saved()
    done = attache("apply", "plan.json")
    case("what widens is asked about all the same", done.returncode == 2 and "--allow-widening" in done.stderr, done.stderr)
    done = attache("apply", "plan.json", "--allow-widening")
    case("and done with consent", done.returncode == 0, done.stderr)


def files_that_are_no_plans():
    for text, words in (("{}", "not a saved plan"), ("x", "not a saved plan"), ('{"apiVersion": "attache/v2", "kind": "Plan", "file": "f", '
                        '"federation": "", "options": {"adopt": false, "also": [], "noOrganization": false}, "plan": {}}', "attache/v2")):
        (FOLDER / "other.json").write_text(text)
        done = attache("apply", "other.json")
        case(f"refused: {text[:30]}", done.returncode == 2 and words in done.stderr, (done.returncode, done.stderr))
    done = attache("plan", "--out", "federation.yaml")
    case("the federation's file is not written over", done.returncode == 2 and "kind: Federation" in (FOLDER / "federation.yaml").read_text(), done.stderr)
    done = attache("apply", "plan.json", "-f", "federation.yaml")
    case("not with a file", done.returncode == 2, done.stderr)


def exit_codes():
    write()
    done = attache("plan", "--detailed-exitcode")
    case("nothing to do is 0", done.returncode == 0, (done.returncode, done.stdout))
    write(policy="SecurityAudit")
    done = attache("plan", "--detailed-exitcode")
    case("something to do is 2", done.returncode == 2, (done.returncode, done.stdout))
    write(policy="NoSuchPolicy")
    done = attache("plan", "--detailed-exitcode")
    case("what is blocked is 1", done.returncode == 1, (done.returncode, done.stdout))
    (FOLDER / "federation.yaml").write_text("kind: Nothing\n")
    done = attache("plan", "--detailed-exitcode")
    case("a wrong file is 1", done.returncode == 1, (done.returncode, done.stderr))


def many_that_are_alike_are_one_block():
    write(MANY)
    done = attache("apply", "--yes", "--allow-widening", "--delete-elsewhere")
    case("apply", done.returncode == 0, done.stderr)
    for account in MANY[17:]:
        AUTHORITY.client("iam", account).detach_role_policy(RoleName="CauselyAccess", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    AUTHORITY.client("iam", MANY[0]).update_role(RoleName="CauselyAccess", MaxSessionDuration=7200)
    write(MANY)
    done = attache("plan")
    case("three alike", f"3 accounts alike: {MANY[17]}, {MANY[18]} and {MANY[19]}" in done.stdout, done.stdout)
    case("what is as the file says is counted", "18 accounts are as the file says" in done.stdout, done.stdout)
    case("--all shows it", all(f"account {account}" in attache("plan", "--all").stdout for account in MANY))
    write(MANY, policy="SecurityAudit")
    done = attache("plan", "--output", "markdown")
    case("Markdown", done.stdout.startswith("## Federation causely") and "```diff\n+ attach" in done.stdout
         and "These steps widen existing access" in done.stdout, done.stdout)
    done = attache("apply", "--output", "markdown")
    case("of plan alone", done.returncode == 2, done.stderr)


run([exactly_it_is_done, nothing_where_the_accounts_moved, files_that_are_no_plans, exit_codes, many_that_are_alike_are_one_block])
