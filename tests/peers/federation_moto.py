"""plan, apply, verify and destroy with moto's IAM and STS, an independent implementation.

Three accounts in one moto: the source, a target, and a target that already has a role with that name. boto3
checks the results and creates the drift.

Usage: federation_moto.py ATTACHE
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import boto3

ATTACHE = str(pathlib.Path(sys.argv[1]).resolve())
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="federation-moto-"))
SOURCE, TARGET, OTHER = "111111111111", "222222222222", "333333333333"
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
HOST = ISSUER.removeprefix("https://")
SUBJECT = "system:serviceaccount:causely:causely-mediator"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def federation(targets, name="causely"):
    """Writes a federation with these targets; returns its path."""
    lines = "\n".join(
        f'    - {{ account: "{account}", role: CauselyAccess, region: us-east-1,'
        f" policies: [ReadOnlyAccess] }}"
        for account in targets
    )
    path = FOLDER / f"{name}-{'-'.join(targets)}.yaml"
    path.write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: {name} }}
spec:
  issuer: {ISSUER}
  workload: {{ namespace: causely, serviceAccount: causely-mediator }}
  source: {{ account: "{SOURCE}", role: CauselyMediation }}
  targets:
{lines}
""")
    return str(path)


class Account:
    """The administrator of an account, for boto3 and as a profile."""

    def __init__(self, endpoint, number):
        sts = boto3.client("sts", endpoint_url=endpoint, region_name="us-east-1",
                           aws_access_key_id="root", aws_secret_access_key="root")
        role = f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole"
        keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        self.number = number
        self.keys = {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }
        self.iam = boto3.client("iam", endpoint_url=endpoint, region_name="us-east-1", **self.keys)
        self.provider = f"arn:aws:iam::{number}:oidc-provider/{HOST}"

    def profile(self):
        lines = "\n".join(f"{key} = {value}" for key, value in self.keys.items())
        return f"[{self.number}]\n{lines}\n"

    def roles(self):
        return {role["RoleName"] for role in self.iam.list_roles()["Roles"]}

    def attached(self, role):
        found = self.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
        return {policy["PolicyArn"] for policy in found}

    def providers(self):
        found = self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
        return {provider["Arn"] for provider in found}


def attache(*words, exits=0, env=None):
    """Runs attache and checks the exit code."""
    done = subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=60,
                          env={**ENV, **(env or {})}, stdin=subprocess.DEVNULL)
    shown = f"attache {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == exits, f"exit code {done.returncode}, wanted {exits}: {shown}"
    return done


def report(*words, exits=0):
    return json.loads(attache(*words, "--output", "json", exits=exits).stdout)


def actions(plan):
    """{(account, kind, name): action}, without unchanged resources."""
    return {
        (part["account"], change["kind"], change["name"]): change["action"]
        for part in plan["accounts"]
        for change in part["changes"]
        if change["action"] != "unchanged"
    }


def plain(report):
    """A report without its box drawing."""
    return " ".join(report.replace("│", "").split())


def ok(what):
    print(f"ok  {what}", flush=True)


def empty_accounts_are_set_up(source, target):
    file = federation([TARGET])
    wanted = {
        (SOURCE, "provider", HOST): "create", (SOURCE, "role", "CauselyMediation"): "create",
        (TARGET, "provider", HOST): "create", (TARGET, "role", "CauselyAccess"): "create",
        (TARGET, "managed-policy", READ_ONLY): "attach",
    }
    assert actions(report("plan", "-f", file)) == wanted
    assert source.roles() == target.roles() == set(), "plan changes nothing"
    ok("plan creates everything, and changes nothing")

    steps = report("apply", "-f", file, "--yes")["applied"]
    assert [step["account"] for step in steps] == [SOURCE] * 2 + [TARGET] * 3, steps
    seed = json.loads(pathlib.Path("examples/seed/target-trust.json").read_text()
                      .replace("region-code", "us-east-1"))
    role = target.iam.get_role(RoleName="CauselyAccess")["Role"]
    assert role["AssumeRolePolicyDocument"] == seed, role
    assert {"Key": "attache:federation", "Value": "causely"} in role["Tags"]
    assert target.attached("CauselyAccess") == {READ_ONLY}
    found = target.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=target.provider)
    assert found["ClientIDList"] == ["sts.amazonaws.com"]
    ok("apply creates the roles and providers of examples/seed")

    assert "No changes." in attache("plan", "-f", file, "--check").stdout
    assert report("apply", "-f", file)["applied"] == []
    ok("a second plan and a second apply do nothing")


def drift_is_found_and_mended(target):
    file = federation([TARGET])
    trust = json.dumps(target.iam.get_role(RoleName="CauselyAccess")["Role"]
                       ["AssumeRolePolicyDocument"])
    iam = target.iam
    iam.update_assume_role_policy(RoleName="CauselyAccess",
                                  PolicyDocument=trust.replace("causely-mediator", "default"))
    iam.attach_role_policy(RoleName="CauselyAccess", PolicyArn=ADMIN)
    iam.detach_role_policy(RoleName="CauselyAccess", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="CauselyAccess", PolicyName="by-hand", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    plan = report("plan", "-f", file, "--check", exits=1)
    assert actions(plan) == {
        (TARGET, "role", "CauselyAccess"): "update",
        (TARGET, "managed-policy", ADMIN): "detach",
        (TARGET, "managed-policy", READ_ONLY): "attach",
        (TARGET, "inline-policy", "by-hand"): "delete",
    }, actions(plan)
    text = attache("plan", "-f", file).stdout
    assert f'"{HOST}:sub": "system:serviceaccount:causely:default" -> "{SUBJECT}"' in text, text
    assert "no terminal" in attache("apply", "-f", file, exits=2).stderr
    assert ADMIN in target.attached("CauselyAccess"), "nothing was done without --yes"
    assert "--allow-widening" in attache("apply", "-f", file, "--yes", exits=2).stderr
    assert ADMIN in target.attached("CauselyAccess"), "nothing was done without --allow-widening"
    attache("apply", "-f", file, "--yes", "--allow-widening")
    attache("plan", "-f", file, "--check")
    assert target.attached("CauselyAccess") == {READ_ONLY}
    ok("drift is planned with its differences, and corrected")

    reordered = json.loads(trust)
    statement = reordered["Statement"][0]
    statement["Action"] = [statement["Action"]]
    reordered["Statement"] = dict(reversed(statement.items()))
    iam.update_assume_role_policy(RoleName="CauselyAccess", PolicyDocument=json.dumps(reordered))
    attache("plan", "-f", file, "--check")
    ok("an equivalent trust policy is not drift")


def others_are_left_alone(other):
    file = federation([TARGET, OTHER])
    other.iam.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sigstore"], ThumbprintList=["ab" * 20])
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]}
    other.iam.create_role(RoleName="CauselyAccess", AssumeRolePolicyDocument=json.dumps(trust))
    plan = report("plan", "-f", file, exits=1)
    assert actions(plan) == {
        (OTHER, "provider", HOST): "update", (OTHER, "role", "CauselyAccess"): "blocked"}, plan
    stopped = attache("apply", "-f", file, exits=1)
    assert "--adopt" in stopped.stderr, stopped.stderr
    found = other.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=other.provider)
    assert found["ClientIDList"] == ["sigstore"], "a blocked plan does nothing at all"
    ok("an untagged role blocks the plan, and nothing is changed")

    # moto has no AddClientIDToOpenIDConnectProvider: apply must stop there, and continue from there once
    # the client ID is registered.
    answers = ["--yes", "--allow-widening"]
    stopped = attache("apply", "-f", file, "--adopt", *answers, exits=3).stderr
    assert "stopped at step 2 of 5: could not add the client id" in plain(stopped), stopped
    other.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=other.provider)
    other.iam.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sigstore", "sts.amazonaws.com"], ThumbprintList=["ab" * 20])
    assert len(report("apply", "-f", file, "--adopt", *answers)["applied"]) == 3
    found = other.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=other.provider)
    assert set(found["ClientIDList"]) == {"sigstore", "sts.amazonaws.com"}
    attache("plan", "-f", file, "--check")
    ok("--adopt takes it over; a shared provider keeps its client ids")


def wrong_credentials_change_nothing(target):
    file = federation([TARGET])
    target.iam.detach_role_policy(RoleName="CauselyAccess", PolicyArn=READ_ONLY)
    refused = attache("apply", "-f", file, "--profile", f"{TARGET}={SOURCE}", exits=2)
    assert "nothing was changed" in plain(refused.stderr), refused.stderr
    assert target.attached("CauselyAccess") == set()
    attache("apply", "-f", file, "--yes", "--allow-widening")
    ok("another account's credentials are refused before anything is changed")

    bare = {"AWS_SHARED_CREDENTIALS_FILE": str(FOLDER / "none"),
            "AWS_ACCESS_KEY_ID": "root", "AWS_SECRET_ACCESS_KEY": "root"}
    attache("plan", "-f", file, "--check", "--assume-role", "OrganizationAccountAccessRole",
            env=bare)
    ok("--assume-role reaches accounts that have no profile")
    attache("plan", "-f", file, exits=2, env={"AWS_SHARED_CREDENTIALS_FILE": str(FOLDER / "none"),
                                              "AWS_EC2_METADATA_DISABLED": "true"})
    ok("an account without credentials is named")


def the_chain_is_proved():
    key, token = str(FOLDER / "issuer.key"), FOLDER / "token"
    attache("token", "keygen", "--out", key)

    def mint(subject, audience="sts.amazonaws.com"):
        minted = attache("token", "mint", "--issuer", ISSUER, "--key", key,
                         "--subject", subject, "--audience", audience)
        token.write_text(minted.stdout)

    def verify(*words, exits):
        checks = report("verify", *words, "--token", str(token), exits=exits)["checks"]
        return {(c["link"], c.get("account"), c["name"]): c for c in checks}

    file = federation([TARGET])
    mint(SUBJECT)
    checks = verify("-f", file, exits=0)
    identity = checks["session", TARGET, "identity"]["detail"]
    assert identity == f"arn:aws:sts::{TARGET}:assumed-role/CauselyAccess/attache-verify", identity
    # moto's Lambda answers an empty list as text/html, which is no answer of Lambda's.
    calls = checks.pop(("session", TARGET, "calls"))
    assert calls["status"] == "unknown" and calls["detail"].startswith("1 of ") and "lambda:ListFunctions" in calls["detail"], calls
    assert {c["status"] for c in checks.values()} == {"ok"}, checks
    ok(f"verify: {len(checks)} checks of a good chain are ok, and an answer that cannot be read is unknown")

    mint("system:serviceaccount:default:default")
    checks = verify("-f", file, exits=1)
    assert checks["token", None, "subject"]["status"] == "fail"
    trust = checks["role", TARGET, "trust policy"]
    assert trust["status"] == "fail" and f"{HOST}:sub" in trust["detail"], trust
    print(attache("verify", "-f", file, "--token", str(token), exits=1).stdout)
    ok("verify: another workload's token fails, with the failed condition")

    mint(SUBJECT, audience="vault")
    checks = verify("-f", file, exits=1)
    assert checks["token", None, "audience"]["status"] == "fail"
    ok("verify: another audience fails")

    mint(SUBJECT)
    values, secret = FOLDER / "values.yaml", FOLDER / "secret.yaml"
    values.write_text(pathlib.Path("examples/seed/causely-values.yaml").read_text())
    seed = pathlib.Path("examples/seed/aws-secret.yaml")
    files = ["--values", str(values), "--secrets", str(secret)]
    refused = attache("verify", "--values", str(values), "--secrets", str(seed), exits=2)
    assert "region-code" in refused.stderr and "placeholder" in refused.stderr, refused.stderr
    secret.write_text(seed.read_text().replace("region-code", "us-east-1"))
    checks = verify(*files, exits=0)
    account = checks["values", TARGET, "account"]
    assert account["status"] == "warn" and "123456789012" in account["detail"], account
    verify(*files, "--strict", exits=1)
    ok("verify: the seed's values claim another account: a warning, and with --strict a failure")


def what_is_ours_is_removed(source, target, other):
    file = federation([TARGET, OTHER])
    other.iam.create_role(RoleName="Sigstore", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": source.provider},
            "Action": "sts:AssumeRoleWithWebIdentity"}]}))
    attache("destroy", "-f", file, exits=2)
    assert "CauselyAccess" in target.roles(), "nothing is destroyed unasked"
    attache("destroy", "-f", file, "--yes")
    assert source.roles() == target.roles() == set()
    assert source.providers() == target.providers() == set()
    assert other.roles() == {"Sigstore", "CauselyAccess"} and other.providers() == {other.provider}
    assert other.attached("CauselyAccess") == set(), "what the federation attached is gone"
    assert "nothing of this federation" in attache("destroy", "-f", file, "--yes").stdout
    ok("destroy deletes what the federation created, and keeps the adopted role and provider")


def hands_do_the_same(target):
    """After the rendered script has run with the real aws command, nothing is left to plan."""
    file, folder = federation([TARGET]), FOLDER / "rendered"
    attache("render", "-f", file, "--out", str(folder))
    bin_ = FOLDER / "bin"
    bin_.mkdir()
    (bin_ / "kubectl").write_text('#!/bin/sh\ncat "$3"\n')
    (bin_ / "kubectl").chmod(0o755)
    path = f"{bin_}:{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", str(folder / "setup.sh")], capture_output=True, text=True,
                          env={**ENV, "PATH": path, "AWS_DEFAULT_REGION": "us-east-1"}, timeout=100)
    assert done.returncode == 0, done
    assert "AWS_ROLE_ARN: arn:aws:iam::222222222222:role/CauselyAccess" in done.stdout
    attache("plan", "-f", file, "--check")
    assert target.attached("CauselyAccess") == {READ_ONLY}
    assert "differs" in attache("render", "-f", federation([TARGET, OTHER]), "--out", str(folder),
                                exits=2).stderr
    attache("destroy", "-f", file, "--yes")
    ok("render: the script's aws commands do what apply does")


port = free_port()
endpoint = f"http://127.0.0.1:{port}"
moto = subprocess.Popen(
    [str(pathlib.Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)],
    env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    accounts = [Account(endpoint, number) for number in (SOURCE, TARGET, OTHER)]
    credentials = FOLDER / "credentials"
    credentials.write_text("\n".join(account.profile() for account in accounts))
    (FOLDER / "config").touch()
    (FOLDER / "none").touch()
    ENV = {"PATH": os.environ["PATH"], "HOME": str(FOLDER), "AWS_ENDPOINT_URL": endpoint,
           "AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_CONFIG_FILE": str(FOLDER / "config"),
           "AWS_EC2_METADATA_DISABLED": "true"}
    source, target, other = accounts
    empty_accounts_are_set_up(source, target)
    drift_is_found_and_mended(target)
    others_are_left_alone(other)
    wrong_credentials_change_nothing(target)
    the_chain_is_proved()
    what_is_ours_is_removed(source, target, other)
    hands_do_the_same(target)
finally:
    moto.terminate()
    moto.wait(timeout=10)
    shutil.rmtree(FOLDER)
