"""What is a federation's is found by its tag wherever it is: renamed roles, a trust policy that was changed, the
provider of an earlier issuer, accounts that the file names no longer; and what others need stays. With
`attache authority`, seen with boto3.

Usage: federation_owned.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lib.authority import Authority, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-owned-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
OTHER_ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/FFFFFFFF39D4633E53DE1B71FFFFFFFF"
ACCOUNTS = [str(digit) * 12 for digit in range(1, 5)]
MANAGEMENT, SOURCE, TARGET, ANOTHER = ACCOUNTS
EC2 = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class World:
    """New accounts of an organization, whose administrators have a profile each."""

    def __init__(self, accounts=ACCOUNTS):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.authority = Authority(ATTACHE, accounts)
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)

    def write(self, name="causely", issuer=ISSUER, role="CauselyAccess", targets=(TARGET,), file="federation.yaml", **more):
        extra = "".join(f", {key}: {value}" for key, value in more.items())
        targets = "\n".join(f'    - {{ account: "{account}", role: {role}, region: us-east-1, policies: [ReadOnlyAccess]{extra} }}'
                            for account in targets)
        (self.folder / file).write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: {name} }}
spec:
  issuer: {issuer}
  workload: {{ namespace: causely, serviceAccount: causely-mediator }}
  source: {{ account: "{SOURCE}", role: {name}-mediation }}
  targets:
{targets}
""")
        return file

    def run(self, *words, environment=None):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment or self.environment)

    def apply(self, file="federation.yaml", *words):
        return self.run("apply", "-f", file, "--yes", *words)

    def destroy(self, file="federation.yaml", *words):
        return self.run("destroy", "-f", file, "--yes", *words)

    def plan(self, file="federation.yaml", *words):
        return json.loads(self.run("plan", "-f", file, "--output", "json", *words).stdout)

    def iam(self, account=TARGET):
        return self.authority.client("iam", account)

    def roles(self, account=TARGET):
        return sorted(role["RoleName"] for role in self.iam(account).list_roles()["Roles"])

    def providers(self, account=TARGET):
        listed = self.iam(account).list_open_id_connect_providers()["OpenIDConnectProviderList"]
        return sorted("https://" + one["Arn"].split("/", 1)[1] for one in listed)


def changes(plan, account=TARGET):
    """(action, kind, name) of what a plan does in an account."""
    found = [one for one in plan["accounts"] if one["account"] == account]
    return [(change["action"], change["kind"], change["name"]) for one in found for change in one["changes"]
            if change["action"] != "unchanged"]


def plain(text):
    return " ".join(text.replace("│", " ").split())


def a_renamed_role_whose_trust_was_changed_goes():
    world = World()
    world.write()
    world.apply()
    world.iam().update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=EC2)
    world.write(role="CauselyReads")
    plan = world.plan()
    case("plan shows the old role", ("delete", "role", "CauselyAccess") in changes(plan), changes(plan))
    done = world.apply()
    case("apply removes it", done.returncode == 0 and world.roles() == ["CauselyReads"], (world.roles(), done))
    case("apply told it before", "in 222222222222" not in done.stderr and "delete the role CauselyAccess" in plain(done.stderr), done.stderr)


def a_role_at_another_path_and_in_other_letters_is_found():
    world = World()
    world.write(path="/team/")
    world.apply()
    world.iam().update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=EC2)
    world.write()
    done = world.destroy()
    case("destroy finds it at another path", done.returncode == 0 and world.roles() == [], (world.roles(), done))
    world.write()
    world.apply()
    world.write(role="causelyACCESS")
    done = world.destroy()
    case("destroy finds it in other letters", done.returncode == 0 and world.roles() == [], (world.roles(), done))


def destroy_finds_a_role_whose_trust_was_changed():
    world = World()
    world.write()
    world.apply()
    world.iam().update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=EC2)
    world.write(role="AnotherName")
    done = world.destroy()
    case("nothing is left", done.returncode == 0 and world.roles() == [] and world.providers() == [],
         (world.roles(), world.providers(), done))


def the_provider_of_an_earlier_issuer_goes():
    world = World()
    world.write()
    world.apply()
    world.write(issuer=OTHER_ISSUER)
    plan = world.plan()
    case("plan shows the old provider", ("delete", "provider", ISSUER[8:]) in changes(plan), changes(plan))
    done = world.apply("federation.yaml", "--allow-widening")
    case("apply removes it, after the roles trust the new one", done.returncode == 0 and world.providers() == [OTHER_ISSUER],
         (world.providers(), done))
    world.iam().create_role(RoleName="Theirs", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{TARGET}:oidc-provider/{OTHER_ISSUER[8:]}"},
         "Action": "sts:AssumeRoleWithWebIdentity"}]}))
    world.write()
    done = world.apply("federation.yaml", "--allow-widening")
    case("one that another role trusts stays", done.returncode == 0 and world.providers() == sorted([ISSUER, OTHER_ISSUER]), done)
    case("and the plan says who", any("Theirs" in change.get("note", "") for one in world.plan()["accounts"]
         for change in one["changes"] if change["name"] == OTHER_ISSUER[8:]), world.plan())
    world.iam().delete_role(RoleName="Theirs")
    done = world.destroy()
    case("destroy removes both issuers' providers", done.returncode == 0 and world.providers() == [], (world.providers(), done))


def accounts_of_the_organization_that_the_file_names_no_longer():
    world = World()
    world.write(targets=[TARGET, ANOTHER])
    world.apply()
    case("both accounts have the role", world.roles(TARGET) == world.roles(ANOTHER) == ["CauselyAccess"])
    world.write()
    keys = world.authority.keys(MANAGEMENT)
    default = world.environment | {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1]}
    plan = json.loads(world.run("plan", "-f", "federation.yaml", "--output", "json", environment=default).stdout)
    case("plan finds the role and the provider", [change[:2] for change in changes(plan, ANOTHER)] == [
        ("delete", "role"), ("delete", "provider")], plan)
    text = world.run("plan", "-f", "federation.yaml", environment=default).stdout
    case("and says that the account is not in the file", f"account {ANOTHER} (not in the file)" in text
         and "the file does not name this account" in text, text)
    done = world.run("plan", "-f", "federation.yaml", "--no-organization", "--output", "json", environment=default)
    case("--no-organization does not look", changes(json.loads(done.stdout), ANOTHER) == [], done.stdout)
    done = world.run("apply", "-f", "federation.yaml", "--yes", environment=default)
    case("--yes does not cover accounts that the file does not name", done.returncode == 2 and world.roles(ANOTHER) == ["CauselyAccess"]
         and "--delete-elsewhere" in done.stderr and f"in {ANOTHER}, delete the role CauselyAccess" in done.stderr, done)
    done = world.run("apply", "-f", "federation.yaml", "--yes", "--delete-elsewhere", environment=default)
    case("apply removes them", done.returncode == 0 and world.roles(ANOTHER) == [] and world.providers(ANOTHER) == [], done)
    case("and nothing of the file's account", world.roles(TARGET) == ["CauselyAccess"])


def an_account_that_is_seen_by_assuming_a_role():
    world = World()
    world.write(targets=[TARGET, ANOTHER])
    world.apply()
    world.write()
    trust = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}, "Action": "sts:AssumeRole"}]})
    for account in (SOURCE, TARGET, ANOTHER):
        iam = world.iam(account)
        iam.create_role(RoleName="Deploys", AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName="Deploys", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    keys = world.authority.keys(MANAGEMENT)
    default = world.environment | {"AWS_ACCESS_KEY_ID": keys[0], "AWS_SECRET_ACCESS_KEY": keys[1],
                                   "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    done = world.run("destroy", "-f", "federation.yaml", "--yes", "--delete-elsewhere", "--assume-role", "Deploys", environment=default)
    case("destroy removes it there too", done.returncode == 0 and world.roles(ANOTHER) == world.roles(TARGET) == ["Deploys"], done)


def also_names_an_account_by_its_profile():
    world = World()
    world.write(targets=[TARGET, ANOTHER])
    world.apply()
    world.write()
    keys = world.authority.keys(ANOTHER)
    with open(world.folder / "credentials", "w") as file:
        file.write(f"[{SOURCE}]\n" + "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*world.authority.keys(SOURCE)))
        file.write(f"[{TARGET}]\n" + "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*world.authority.keys(TARGET)))
        file.write("[staging]\n" + "aws_access_key_id = {}\naws_secret_access_key = {}\n".format(*keys))
    world.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(world.folder / "credentials")
    case("without it nothing is found there", changes(world.plan(), ANOTHER) == [])
    plan = world.plan("federation.yaml", "--also", "staging")
    case("plan --also finds it", ("delete", "role", "CauselyAccess") in changes(plan, ANOTHER), plan)
    done = world.destroy("federation.yaml", "--also", "staging")
    case("destroy --also asks about it apart", done.returncode == 2 and world.roles(ANOTHER) == ["CauselyAccess"], done)
    done = world.destroy("federation.yaml", "--also", "staging", "--delete-elsewhere")
    case("destroy --also removes it", done.returncode == 0 and world.roles(ANOTHER) == [] and world.providers(ANOTHER) == [], done)
    done = world.run("plan", "-f", "federation.yaml", "--also", "stagign")
    case("a profile that is not there is named", done.returncode == 2 and "stagign" in done.stderr, done)


def a_role_in_an_instance_profile_is_told_before_anything():
    world = World()
    world.write()
    world.apply()
    iam = world.iam()
    iam.create_instance_profile(InstanceProfileName="Bastion")
    iam.add_role_to_instance_profile(InstanceProfileName="Bastion", RoleName="CauselyAccess")
    done = world.destroy()
    attached = iam.list_attached_role_policies(RoleName="CauselyAccess")["AttachedPolicies"]
    case("nothing of it is touched", [one["PolicyName"] for one in attached] == ["ReadOnlyAccess"], attached)
    case("it is told with the command, exit code 1", done.returncode == 1 and "aws iam remove-role-from-instance-profile"
         " --instance-profile-name Bastion --role-name CauselyAccess" in plain(done.stderr), done)
    case("the provider that it trusts stays", world.providers() == [ISSUER], world.providers())
    case("the others are removed", world.roles(SOURCE) == [] and world.providers(SOURCE) == [])
    world.write(role="CauselyReads")
    done = world.apply()
    case("the same where the file has another role", done.returncode == 1 and world.roles() == ["CauselyAccess", "CauselyReads"]
         and "Bastion" in done.stderr, done)
    iam.remove_role_from_instance_profile(InstanceProfileName="Bastion", RoleName="CauselyAccess")
    done = world.destroy()
    case("after the command destroy ends it", done.returncode == 0 and world.roles() == [] and world.providers() == [], done)


def the_last_federation_out_removes_the_shared_provider():
    world = World()
    first = world.write()
    second = world.write(name="second", role="SecondAccess", file="second.yaml")
    world.apply(first)
    world.apply(second)
    done = world.destroy(first)
    case("the first leaves it to the second", done.returncode == 0 and world.providers() == [ISSUER]
         and world.roles() == ["SecondAccess"], done)
    done = world.destroy(second)
    case("the last one removes it", done.returncode == 0 and world.providers() == [] and world.roles() == [], done)
    world.apply(first)
    world.apply(second)
    done = world.destroy(second)
    case("in the other order it stays with its maker", done.returncode == 0 and world.providers() == [ISSUER], done)
    world.iam().update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=EC2)
    world.apply(second)
    done = world.destroy(second)
    case("also where the maker's trust was changed", done.returncode == 0 and world.providers() == [ISSUER], done)
    done = world.destroy(first)
    case("until the maker goes", done.returncode == 0 and world.providers() == [], done)
    provider = world.iam().create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    world.apply(first)
    done = world.destroy(first)
    case("one without a federation's tag stays", done.returncode == 0 and world.providers() == [ISSUER], (provider, done))


def narrow_rights_find_the_same():
    world = World()
    world.write()
    world.apply()
    world.iam().update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=EC2)
    iam = world.iam()
    iam.create_user(UserName="narrow")
    iam.attach_user_policy(UserName="narrow", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.put_user_policy(UserName="narrow", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Action": "iam:GetAccountAuthorizationDetails", "Resource": "*"}}))
    key = iam.create_access_key(UserName="narrow")["AccessKey"]
    source = world.authority.keys(SOURCE)
    (world.folder / "credentials").write_text(
        f"[{SOURCE}]\naws_access_key_id = {source[0]}\naws_secret_access_key = {source[1]}\n"
        f"[{TARGET}]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n")
    world.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(world.folder / "credentials")
    world.write(role="CauselyReads")
    plan = world.plan()
    case("by each role's own tags", ("delete", "role", "CauselyAccess") in changes(plan), plan)
    iam.put_user_policy(UserName="narrow", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Deny", "Action": ["iam:GetAccountAuthorizationDetails", "iam:ListOpenIDConnectProviders",
                                     "iam:ListInstanceProfilesForRole"], "Resource": "*"}}))
    plan = world.plan()
    case("what could not be searched is told", any("iam:ListOpenIDConnectProviders" in note for note in plan["notes"])
         and any("iam:ListInstanceProfilesForRole" in note for note in plan["notes"]), plan)


run([a_renamed_role_whose_trust_was_changed_goes, a_role_at_another_path_and_in_other_letters_is_found,
     destroy_finds_a_role_whose_trust_was_changed, the_provider_of_an_earlier_issuer_goes,
     accounts_of_the_organization_that_the_file_names_no_longer,
     an_account_that_is_seen_by_assuming_a_role, also_names_an_account_by_its_profile,
     a_role_in_an_instance_profile_is_told_before_anything,
     the_last_federation_out_removes_the_shared_provider, narrow_rights_find_the_same])
