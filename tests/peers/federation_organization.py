"""Targets that are the accounts of an organization: by unit, id and tag; new accounts come, closed ones leave, and
nothing is taken away where the organization cannot be listed. With `attache authority` and with moto, which does not say
in which units its accounts are, seen with boto3.

Usage: federation_organization.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3

from lib.authority import Authority, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-organization-"))
ACCOUNTS = [str(digit) * 12 for digit in range(1, 7)]
MANAGEMENT, SOURCE, PROD, STAGE, SANDBOX, NEW = ACCOUNTS
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
AUTHORITY = Authority(ATTACHE, ACCOUNTS)
ENVIRONMENT = AUTHORITY.environment(AWS_ENDPOINT_URL=AUTHORITY.url, AWS_PROFILE=MANAGEMENT)
ORG = AUTHORITY.client("organizations", MANAGEMENT)
ROOT = ORG.list_roots()["Roots"][0]["Id"]
ID = ORG.describe_organization()["Organization"]["Id"]


def unit(name, parent=ROOT):
    return ORG.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]


WORKLOADS = unit("Workloads")
PRODUCTION, STAGING = unit("Production", WORKLOADS), unit("Staging", WORKLOADS)
for ACCOUNT, UNIT in ((PROD, PRODUCTION), (STAGE, STAGING)):
    ORG.move_account(AccountId=ACCOUNT, SourceParentId=ROOT, DestinationParentId=UNIT)
ORG.tag_resource(ResourceId=SANDBOX, Tags=[{"Key": "team", "Value": "data"}])


def write(organization, more="", file="federation.yaml"):
    (FOLDER / file).write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: fleet }}
spec:
  issuer: {ISSUER}
  organization: {{ id: {ID}, management: "{MANAGEMENT}" }}
  workload: {{ namespace: causely, serviceAccount: reader }}
  source: {{ account: "{SOURCE}", role: FleetSource }}
  targets:
{more}    - organization: {organization}
      role: FleetAccess
      region: us-east-1
      access: {{ catalog: all }}
""")


def attache(verb, *words, environment=None):
    return subprocess.run([ATTACHE, verb, "-f", "federation.yaml", *words], capture_output=True, text=True, timeout=300, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, env=environment or ENVIRONMENT)


def roles():
    """The accounts that have the target's role."""
    found = []
    closed = [own["Id"] for own in ORG.list_accounts()["Accounts"] if own["State"] != "ACTIVE"]
    for account in ACCOUNTS:
        if account in closed:
            continue
        names = [role["RoleName"] for role in AUTHORITY.client("iam", account).list_roles()["Roles"]]
        found += [account] if "FleetAccess" in names else []
    return found


def planned():
    done = attache("plan", "--output", "json")
    if done.returncode:
        return done
    accounts = json.loads(done.stdout)["accounts"]
    return [own["account"] for own in accounts if any(
        change["kind"] == "role" and change["name"] == "FleetAccess" and change["action"] == "create" for change in own["changes"])]


def accounts_are_selected():
    for organization, expected in (
        ("{}", [SOURCE, PROD, STAGE, SANDBOX, NEW]),
        (f"{{ include: {{ units: [{WORKLOADS}] }} }}", [PROD, STAGE]),
        (f"{{ include: {{ units: [{ROOT}] }}, exclude: {{ units: [{STAGING}] }} }}", [SOURCE, PROD, SANDBOX, NEW]),
        (f"{{ include: {{ units: [{PRODUCTION}], accounts: [\"{NEW}\"] }} }}", [PROD, NEW]),
        ("{ include: { tags: { team: data } } }", [SANDBOX]),
        (f"{{ exclude: {{ tags: {{ team: data }}, accounts: [\"{SOURCE}\"] }} }}", [PROD, STAGE, NEW]),
        (f"{{ include: {{ accounts: [\"{MANAGEMENT}\"] }} }}", [MANAGEMENT]),
    ):
        write(organization)
        found = planned()
        case(f"organization: {organization}", isinstance(found, list) and sorted(found) == sorted(expected),
             found if isinstance(found, list) else found.stdout + found.stderr)


def what_is_misspelt_selects_nothing():
    for organization, words in (
        ("{ exclude: { units: [ou-abcd-99999999] } }", "ou-abcd-99999999"),
        ("{ exclude: { accounts: [\"999999999999\"] } }", "999999999999"),
        ("{ include: { tags: { team: nobody } } }", "no active account"),
        ("{ include: { unit: [x] } }", "unknown"),
        ("{ include: { units: [Production] } }", "organizational unit"),
    ):
        write(organization)
        done = attache("plan")
        case(f"refused: {organization}", done.returncode == 2 and words in done.stderr, (done.returncode, done.stderr))


def an_account_of_the_file_counts_more():
    write(f"{{ include: {{ units: [{WORKLOADS}] }} }}",
          f'    - {{ account: "{PROD}", role: FleetProduction, region: us-east-1, policies: [ReadOnlyAccess] }}\n')
    found = planned()
    case("the organization's role is not planned there", found == [STAGE], getattr(found, "stderr", found))


def accounts_come_and_leave():
    write(f"{{ include: {{ units: [{WORKLOADS}] }} }}")
    done = attache("apply", "--yes")
    case("apply", done.returncode == 0, done.stderr)
    case("the roles are there", roles() == [PROD, STAGE], roles())
    done = attache("plan", "--check")
    case("the second plan is empty", done.returncode == 0, done.stdout + done.stderr)
    ORG.move_account(AccountId=NEW, SourceParentId=ROOT, DestinationParentId=STAGING)
    done = attache("apply", "--yes")
    case("a new account gets its role", done.returncode == 0 and roles() == [PROD, STAGE, NEW], (done.stderr, roles()))
    without = ENVIRONMENT | {"AWS_PROFILE": STAGE}
    (FOLDER / "credentials").write_text("".join(
        block for block in AUTHORITY.credentials.read_text().split("\n\n") if MANAGEMENT not in block and SOURCE not in block))
    done = attache("apply", "--yes", environment=without | {"AWS_SHARED_CREDENTIALS_FILE": str(FOLDER / "credentials"), "AWS_PROFILE": ""})
    case("an organization that cannot be listed is no empty one",
         done.returncode == 3 and "could not be listed" in done.stderr and roles() == [PROD, STAGE, NEW], (done.returncode, done.stderr))
    ORG.close_account(AccountId=NEW)
    done = attache("plan", "--check")
    case("a closed account leaves, and stops nothing", done.returncode == 0, done.stdout + done.stderr)
    ORG.move_account(AccountId=STAGE, SourceParentId=STAGING, DestinationParentId=ROOT)
    done = attache("apply", "--yes")
    case("one that leaves its unit is asked about", done.returncode == 2 and "--delete-elsewhere" in done.stderr, done.stderr)
    done = attache("apply", "--yes", "--delete-elsewhere")
    case("and loses its role", done.returncode == 0 and STAGE not in roles(), (done.stderr, roles()))


def units_are_walked_where_the_list_does_not_have_them():
    """moto's ListAccounts has no Paths: an account two units down is found all the same, and no other."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    moto = subprocess.Popen([str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url, keys = f"http://127.0.0.1:{port}", {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        org = boto3.client("organizations", endpoint_url=url, region_name="us-east-1", **keys)
        org.create_organization(FeatureSet="ALL")
        root = org.list_roots()["Roots"][0]["Id"]
        upper = org.create_organizational_unit(ParentId=root, Name="upper")["OrganizationalUnit"]["Id"]
        lower = org.create_organizational_unit(ParentId=upper, Name="lower")["OrganizationalUnit"]["Id"]
        ids = []
        for name, parent in (("one", upper), ("two", lower), ("three", None)):
            made = org.create_account(Email=f"{name}@accounts.example", AccountName=name)
            ids.append(made["CreateAccountStatus"]["AccountId"])
            if parent:
                org.move_account(AccountId=ids[-1], SourceParentId=root, DestinationParentId=parent)
        case("moto has no Paths", all("Paths" not in own for own in org.list_accounts()["Accounts"]))
        (FOLDER / "walked.yaml").write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: fleet }}
spec:
  issuer: {ISSUER}
  workload: {{ namespace: causely, serviceAccount: reader }}
  source: {{ account: "123456789012", role: FleetSource }}
  targets:
    - {{ organization: {{ include: {{ units: [{upper}] }} }}, role: FleetAccess, region: us-east-1, access: {{ catalog: all }} }}
""")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = kept | {name.upper(): value for name, value in keys.items()} | {
            "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([ATTACHE, "plan", "-f", "walked.yaml", "--assume-role", "OrganizationAccountAccessRole", "--output", "json"],
                              cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=300)
        found = sorted(own["account"] for own in json.loads(done.stdout)["accounts"])
        case("the accounts of the unit and below it", done.returncode == 0 and found == sorted(["123456789012", *ids[:2]]), (found, done.stderr))
    finally:
        moto.kill()
        moto.wait()


def everything_else_knows_them():
    for command in (("verify", "--output", "json"), ("audit", "--since", "1h")):
        done = attache(*command)
        case(f"{command[0]} looks at them", PROD in done.stdout, done.stdout + done.stderr)
    done = attache("render", "--out", "out")
    case("render writes their Secrets", done.returncode == 0 and (FOLDER / "out" / "aws-secret.yaml").exists(), done.stderr)
    done = attache("destroy", "--yes")
    case("destroy", done.returncode == 0 and PROD not in roles(), done.stderr)


run([accounts_are_selected, what_is_misspelt_selects_nothing, an_account_of_the_file_counts_more, accounts_come_and_leave,
     units_are_walked_where_the_list_does_not_have_them, everything_else_knows_them])
