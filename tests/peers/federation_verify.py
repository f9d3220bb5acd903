"""What `verify` says, with `attache authority`; boto3 prepares the accounts, and the commands that are printed are run
as they stand with the `aws` command line. One function for each promise.

Usage: federation_verify.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lib.authority import SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, federation, run

ATTACHE = str(Path(sys.argv[1]).resolve())
AWS = shutil.which("aws", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or sys.exit("aws is missing: pip install awscli")
FOLDER = Path(tempfile.mkdtemp(prefix="federation-verify-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
HOST = ISSUER.removeprefix("https://")
READ_ONLY, ADMIN = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/{HOST}"
ROLE = "CauselyAccess"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, action, resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def trust(sub=SUBJECT, aud=STS, more=None, provider=PROVIDER, host=HOST):
    condition = {"StringEquals": {f"{host}:sub": sub, f"{host}:aud": aud}}
    for operator, keys in (more or {}).items():
        condition.setdefault(operator, {}).update(keys)
    return {"Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}


class World:
    """Two new accounts, and the attache commands in them."""

    def __init__(self, more="", arguments=(), applied=True):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.issuer = Issuer(ATTACHE, self.folder, ISSUER)
        self.authority = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER}={self.issuer.jwks}", *arguments])
        self.iam = self.authority.client("iam", TARGET)
        # What is printed is run in a shell: `attache` and `aws` are those under test.
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "attache").symlink_to(ATTACHE)
        (bin_folder / "aws").write_text(f'#!/bin/sh\nexec "{AWS}" --endpoint-url {self.authority.url} "$@"\n')
        (bin_folder / "aws").chmod(0o755)
        self.environment = self.authority.environment(
            AWS_ENDPOINT_URL=self.authority.url, PATH=f"{bin_folder}:/usr/bin:/bin")
        target = f'account: "{TARGET}"\n      role: {ROLE}\n      region: us-east-1\n      policies: [ReadOnlyAccess]\n{more}'
        (self.folder / "federation.yaml").write_text(federation(ISSUER, target))
        self.token()
        if applied:
            done = self.run("apply", "-f", "federation.yaml", "--yes")
            assert done.returncode == 0, done

    def token(self, *words, **more):
        (self.folder / "token").write_text(self.issuer.token(*words, **more))

    def run(self, *words, environment=None):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=180, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment or self.environment)

    def report(self, *words, token=True, environment=None):
        words = ["verify", "-f", "federation.yaml", *(["--token", "token"] if token else []), *words]
        done = self.run(*words, "--output", "json", environment=environment)
        return json.loads(done.stdout) | {"exit": done.returncode}

    def checks(self, *words, account=TARGET, **more):
        return {one["name"]: one for one in self.report(*words, **more)["checks"] if one.get("account") in (account, None)}

    def set_trust(self, *statements):
        self.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(*statements))

    def shell(self, command):
        """Runs a printed command as it stands."""
        return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=180, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=self.environment)


def commands(checks):
    return [command for one in checks.values() for command in one.get("commands", [])]


def offers_apply(checks):
    return [one for one in checks.values() if "attache apply" in one.get("remedy", "")]


def what_cannot_be_known_is_unknown_and_never_a_failure():
    for name, more in {
        "a session name": {"StringLike": {"sts:RoleSessionName": "mediator-*"}},
        "an address": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
        "a VPC": {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
        "a VPC endpoint": {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        "not an address": {"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}},
        "a session length": {"NumericLessThanEquals": {"sts:DurationSeconds": "900"}},
        "a user agent": {"StringLike": {"aws:UserAgent": "mediator*"}},
        "a variable of the session name": {"StringEquals": {"aws:PrincipalAccount": "${sts:RoleSessionName}"}},
    }.items():
        world = World()
        world.set_trust(trust(more=more))
        for token in (False, True):
            found = world.checks(token=token)
            one = found["trust policy"]
            case(f"{name}, token {token}: the trust policy does not fail", one["status"] in ("unknown", "ok"), one)
            if not token:
                key = list(list(more.values())[0])[0]
                case(f"{name}: unknown names the key", one["status"] == "unknown" and key in one["detail"], one)
            narrower = found["narrower"]
            case(f"{name}: narrower than the file is said", narrower["status"] == "warn"
                 and list(list(more.values())[0])[0] in narrower["detail"], narrower)
            case(f"{name}: apply is not offered", not offers_apply(found), offers_apply(found))
            case(f"{name}: no command sets the trust policy",
                 not [one for one in commands(found) if "update-assume-role-policy" in one], commands(found))
    world = World()
    world.set_trust(trust(), {"Effect": "Deny", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity",
                              "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})
    found = world.checks(token=False)
    case("a Deny by an address is unknown", found["trust policy"]["status"] == "unknown"
         and "aws:SourceIp" in found["trust policy"]["detail"], found["trust policy"])
    case("a Deny: narrower is said", "Deny" in found["narrower"]["detail"], found["narrower"])


def what_every_call_has_is_known():
    for name, more in {
        "any session name": {"StringLike": {"sts:RoleSessionName": "*"}},
        "a session name at all": {"Null": {"sts:RoleSessionName": "false"}},
        "TLS": {"Bool": {"aws:SecureTransport": "true"}},
        "the role's account": {"StringEquals": {"aws:ResourceAccount": TARGET}},
        "a date to come": {"DateLessThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}},
        "the region": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
        "the token's own audience": {"StringEquals": {f"{HOST}:oaud": STS}},
    }.items():
        world = World()
        world.set_trust(trust(more=more))
        for token in (False, True):
            one = world.checks(token=token)["trust policy"]
            case(f"{name}, token {token}: ok", one["status"] == "ok", one)
    for name, more in {
        "a date that is over": {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
        "an organization, which a token's holder has none of": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        "a session name that is none": {"StringEquals": {"sts:RoleSessionName": "a:b"}},
        "another claim": {"StringEquals": {f"{HOST}:namespace": "causely"}},
    }.items():
        world = World()
        world.set_trust(trust(more=more))
        found = world.checks(token=False)
        case(f"{name}: fails", found["trust policy"]["status"] == "fail", found["trust policy"])
        case(f"{name}: apply is not offered", not offers_apply(found), offers_apply(found))


def a_role_that_was_assumed_does_not_fail_its_trust_check():
    world = World()
    world.set_trust(trust(more={"StringLike": {"sts:RoleSessionName": "attache-*"}}))
    found = world.checks()
    case("the session is made", found["assume the role"]["status"] == "ok", found["assume the role"])
    case("the trust check is ok", found["trust policy"]["status"] == "ok", found["trust policy"])


def what_is_narrower_is_named_and_apply_is_not_offered():
    def inline_deny(world):
        world.iam.put_role_policy(RoleName=ROLE, PolicyName="guard", PolicyDocument=policy(statement("Deny", "s3:*")))

    def managed_deny(world):
        arn = world.iam.create_policy(PolicyName="Guard", PolicyDocument=policy(statement("Deny", "sqs:*")))["Policy"]["Arn"]
        world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)

    def bound(world):
        world.iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=READ_ONLY)

    for name, change, part, more in [
        ("an inline Deny", inline_deny, "guard", ""),
        ("a managed Deny", managed_deny, "Guard", ""),
        ("a boundary where the file has null", bound, "ReadOnlyAccess", "      permissionsBoundary: null"),
    ]:
        world = World(more)
        change(world)
        # Something that apply would mend: its command must not take the other away.
        world.iam.untag_role(RoleName=ROLE, TagKeys=["attache:federation"])
        found = world.checks()
        case(f"{name}: is named", found["narrower"]["status"] == "warn" and part in found["narrower"]["detail"], found["narrower"])
        case(f"{name}: apply is not offered", not offers_apply(found), offers_apply(found))
        for command in commands(found):
            world.shell(command)
        again = world.checks()
        case(f"{name}: stands after every printed command", part in again["narrower"]["detail"], again["narrower"])
        case(f"{name}: what is missing is mended", again["settings"]["status"] == "ok", again)


def all_that_plan_compares_is_compared():
    inline = ("      inlinePolicies: { queues: { Version: '2012-10-17', Statement: "
              "{ Effect: Allow, Action: 'sqs:*', Resource: '*' } } }\n")

    def drift(world):
        world.iam.put_role_policy(RoleName=ROLE, PolicyName="queues", PolicyDocument=policy(statement("Allow", "sqs:ListQueues")))

    def gone(world):
        world.iam.delete_role_policy(RoleName=ROLE, PolicyName="queues")

    def detach(world):
        world.iam.detach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)

    def longer(world):
        world.iam.update_role(RoleName=ROLE, MaxSessionDuration=43200)

    def unbound(world):
        world.iam.delete_role_permissions_boundary(RoleName=ROLE)

    def untag(world):
        world.iam.untag_role(RoleName=ROLE, TagKeys=["team"])

    def describe(world):
        world.iam.update_role_description(RoleName=ROLE, Description="other")

    def client(world):
        world.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="vault")
        world.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID=STS)

    file = (inline + f"      maxSessionDuration: 3600\n      permissionsBoundary: AdministratorAccess\n"
            "      description: ours\n      tags: { team: a }\n")
    for name, change, check, status in [
        ("an inline policy drifted", drift, "policies", "fail"), ("an inline policy is gone", gone, "policies", "fail"),
        ("a policy is detached", detach, "policies", "fail"), ("longer sessions", longer, "session length", "fail"),
        ("no boundary", unbound, "permissions boundary", "fail"), ("a tag is gone", untag, "tags", "warn"),
        ("another description", describe, "description", "warn"), ("no client id", client, "client id", "fail"),
    ]:
        world = World(file)
        good = world.report("--strict")
        if good["exit"]:
            case("as applied all is ok", False, [one for one in good["checks"] if one["status"] != "ok"])
        change(world)
        found = world.checks()
        case(f"{name}: {check} is {status}", found.get(check, {}).get("status") == status, found.get(check, found.keys()))
        mends_itself(world, name, found, check)


def mends_itself(world, name, found, check):
    """The printed commands, run as they stand, mend the check."""
    printed = found[check].get("commands", [])
    case(f"{name}: a command is printed", printed, found[check])
    for command in printed:
        done = world.shell(command)
        case(f"{name}: {command[:60]}... works", done.returncode == 0, (command, done))
    again = world.checks().get(check, {"status": "ok"})
    case(f"{name}: afterwards {check} is ok", again["status"] == "ok", again)


def what_the_mediator_asks_is_evaluated():
    def deny(world):
        world.iam.put_role_policy(RoleName=ROLE, PolicyName="guard", PolicyDocument=policy(
            statement("Deny", "sqs:List*", Sid="NoQueues")))

    def bound(world):
        arn = world.iam.create_policy(PolicyName="Bound", PolicyDocument=policy(
            statement("Allow", ["ec2:*", "iam:*", "s3:*"])))["Policy"]["Arn"]
        world.iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)

    def missing(world):
        world.iam.detach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)

    def by_address(world):
        world.iam.put_role_policy(RoleName=ROLE, PolicyName="guard", PolicyDocument=policy(
            statement("Deny", "sqs:List*", Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})))

    for name, change, status, parts in [
        ("a Deny", deny, "fail", ["sqs:ListQueues", "NoQueues", "guard"]),
        ("a boundary", bound, "fail", ["lambda:ListFunctions", "boundary", "Bound"]),
        ("a missing action", missing, "fail", ["ec2:DescribeInstances", "identity"]),
        ("a Deny by an address", by_address, "unknown", ["sqs:ListQueues", "aws:SourceIp"]),
    ]:
        world = World()
        case(f"{name}: ok before", world.checks()["permissions"]["status"] == "ok", world.checks()["permissions"])
        change(world)
        one = world.checks()["permissions"]
        case(f"{name}: {status} names {', '.join(parts)}", one["status"] == status
             and all(part in one["detail"] for part in parts), one)
    world = World()
    organizations = world.authority.client("organizations", SOURCE)
    root = organizations.list_roots()["Roots"][0]["Id"]
    try:
        organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    except organizations.exceptions.PolicyTypeAlreadyEnabledException:
        pass
    made = organizations.create_policy(Name="NoQueues", Description="-", Type="SERVICE_CONTROL_POLICY",
                                       Content=policy(statement("Deny", "sqs:*")))["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=made, TargetId=TARGET)
    one = world.checks()["organization"]
    case("an SCP: named with the action", one["status"] == "fail" and "sqs:ListQueues" in one["detail"], one)
    # An administrator who may not simulate: unknown, never ok.
    world = World()
    world.iam.create_user(UserName="reader")
    world.iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=policy(
        statement("Allow", "*"), statement("Deny", "iam:Simulate*")))
    key = world.iam.create_access_key(UserName="reader")["AccessKey"]
    profiles = world.folder / "profiles"
    profiles.write_text(f"[reader]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
                        + world.authority.credentials.read_text())
    environment = world.environment | {"AWS_SHARED_CREDENTIALS_FILE": str(profiles)}
    one = world.checks("--profile", f"{TARGET}=reader", environment=environment)["organization"]
    case("an SCP that cannot be read is unknown", one["status"] == "unknown" and "AccessDenied" in one["detail"], one)


def a_session_name_that_the_trust_policy_wants_is_tried():
    world = World()
    world.set_trust(trust(more={"StringLike": {"sts:RoleSessionName": "mediator-*"}}))
    found = world.checks()
    case("the session is made with such a name", found["assume the role"]["status"] == "ok"
         and "mediator-" in found["assume the role"]["detail"], found["assume the role"])
    case("the identity is that session's", found["identity"]["status"] == "ok", found["identity"])
    world.set_trust(trust(more={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}))
    found = world.checks()
    case("a session refused for where it is called from is unknown", found["assume the role"]["status"] == "unknown"
         and "aws:SourceIp" in found["assume the role"]["detail"], found["assume the role"])


def near_names_are_found():
    def other_role(name, path="/"):
        def change(world):
            made = world.iam.get_role(RoleName=ROLE)["Role"]
            world.iam.detach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)
            world.iam.delete_role(RoleName=ROLE)
            world.iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(made["AssumeRolePolicyDocument"]))
        return change

    def other_provider(url):
        def change(world):
            world.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
            world.iam.create_open_id_connect_provider(Url=url, ClientIDList=[STS])
        return change

    def trusting(*args, **more):
        return lambda world: world.set_trust(trust(*args, **more))

    other_region = HOST.replace("us-east-1", "eu-west-1")
    other_cluster = HOST.replace("EXAMPLED", "EXAMPLEB")
    for name, change, check, parts in [
        ("a letter", other_role("CauselyAccess2"), "exists", ["CauselyAccess2"]),
        ("the case of a name", other_role("causelyaccess"), "exists", ["causelyaccess"]),
        ("a path", other_role(ROLE, "/team/"), "exists", ["/team/"]),
        ("another name that trusts the issuer", other_role("Scraper"), "exists", ["Scraper", "trusts the issuer"]),
        ("a slash", other_provider(ISSUER + "/"), "registered", ["slash"]),
        ("another cluster", other_provider("https://" + other_cluster), "registered", ["another cluster"]),
        ("another region", other_provider("https://" + other_region), "registered", ["another region"]),
        ("the case of an issuer", other_provider(ISSUER.replace("EXAMPLED", "exampled")), "registered", ["case"]),
        ("another namespace", trusting(SUBJECT.replace("causely:", "other:", 1)), "trust policy", ["another namespace, other"]),
        ("another service account", trusting(SUBJECT.replace("mediator", "agent")), "trust policy", ["another service account", "causely-agent"]),
        ("another case of the subject", trusting(SUBJECT.replace("causely:", "Causely:", 1)), "trust policy", ["case"]),
        ("another audience", trusting(aud="vault"), "trust policy", ["the audience vault"]),
        ("the provider of another account", trusting(provider=PROVIDER.replace(TARGET, SOURCE)), "trust policy", [SOURCE]),
        ("another cluster's provider", trusting(provider=PROVIDER.replace(HOST, other_cluster), host=other_cluster),
         "trust policy", ["another cluster"]),
    ]:
        world = World()
        change(world)
        found = world.checks()
        one = found[check]
        case(f"{name} is told", one["status"] == "fail" and all(part in one["detail"] for part in parts), one)
        case(f"{name}: the session's check blames nothing else", found["assume the role"]["status"] == "fail"
             and "register" not in found["assume the role"].get("remedy", ""), found["assume the role"])


def the_api_servers_own_token_is_never_registered():
    for audience in ["https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local", ISSUER]:
        world = World()
        world.token(audience=audience)
        found = world.checks()
        one = found["audience"]
        case(f"{audience}: use the projected token", one["status"] == "fail" and "projected token" in one["remedy"], one)
        case(f"{audience}: no command registers it", not [c for c in commands(found) if audience in c and "client-id" in c], commands(found))
        one = found["assume the role"]
        case(f"{audience}: the session's cause", "API server" in one["detail"] and "projected token" in one["remedy"], one)
    world = World()
    file = world.folder / "federation.yaml"
    file.write_text(file.read_text().replace("  workload:", "  audience: https://kubernetes.default.svc\n  workload:"))
    found = world.checks(token=False)
    case("an audience of the file that is the API server's is not registered", "projected token" in found["client id"]["remedy"]
         and not commands({"": found["client id"]}), found["client id"])


def what_was_made_seconds_ago_is_not_blamed():
    # A change takes effect after 6 seconds, as on AWS.
    world = World(arguments=["--propagation-delay", "6"])
    found = world.checks()
    one = found["assume the role"]
    case("not yet propagated is the cause", one["status"] == "fail" and "not yet propagated" in one["detail"]
         and "--wait" in one["remedy"], one)
    done = world.shell(one["commands"][0])
    case("the printed command waits for it", done.returncode == 0, done)
    # Each refusal that propagation can cause.
    world = World(arguments=["--propagation-delay", "4"])
    world.run("verify", "-f", "federation.yaml", "--token", "token", "--wait", "30")
    world.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID=STS)
    time.sleep(5)
    world.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID=STS)
    one = world.checks()["assume the role"]
    case("a new client id refuses at first", one["status"] == "fail", one)
    one = world.checks("--wait", "30")["assume the role"]
    case("--wait covers a new client id", one["status"] == "ok", one)
    world = World(arguments=["--propagation-delay", "4"], applied=False)
    process = subprocess.Popen([ATTACHE, "verify", "-f", "federation.yaml", "--token", "token", "--wait", "60"],
                               cwd=world.folder, env=world.environment, stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    world.run("apply", "-f", "federation.yaml", "--yes")
    told, _ = process.communicate(timeout=120)
    case("--wait covers a role and a provider that are not there yet", process.returncode == 0, told)


def a_signature_is_looked_at():
    world = World()
    stranger = Issuer(ATTACHE, tempfile.mkdtemp(dir=FOLDER), ISSUER)
    (world.folder / "token").write_text(stranger.token())
    one = world.checks()["assume the role"]
    case("another key: the audience is not blamed", one["status"] == "fail" and "audience is a client id" in one["detail"]
         or "key" in one["detail"], one)


def printed_commands_work_as_they_stand():
    def empty(world):
        return {}

    def client(world):
        world.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="vault")
        world.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID=STS)

    def subject(world):
        world.set_trust(trust("system:serviceaccount:other:other"))

    def by_hand(world):
        world.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"}))

    def attached(world):
        world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMIN)

    for name, applied, change in [
        ("nothing is there", False, empty), ("no client id", True, client), ("another subject", True, subject),
        ("a role made by hand", False, by_hand), ("a policy too many", True, attached),
    ]:
        for options in ([], ["--profile", f"{TARGET}={TARGET}"], ["--values"]):
            if options == ["--values"] and name not in ("no client id",):
                continue
            world = World(applied=applied)
            change(world)
            words = options
            if options == ["--values"]:
                world.run("render", "-f", "federation.yaml", "--out", "out")
                done = world.run("verify", "--values", "out/causely-values.yaml", "--secrets", "out/aws-secret.yaml",
                                 "--token", "token", "--output", "json")
                report = json.loads(done.stdout)
            else:
                report = world.report(*words)
            printed = []
            for one in report["checks"]:
                printed += [c for c in one.get("commands", []) if c not in printed and one["status"] == "fail"]
            case(f"{name} {options}: commands are printed", printed, report)
            for command in printed:
                done = world.shell(command)
                case(f"{name} {options}: works: {command[:70]}", done.returncode == 0, (command, done))
            again = world.report(*([] if options == ["--values"] else words))
            bad = [one for one in again["checks"] if one["status"] == "fail"]
            case(f"{name} {options}: verified again: ok", not bad, bad)


def without_iam_rights_the_administrators_two_commands_are_printed():
    world = World()
    world.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
    blind = world.environment | {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    one = world.checks(environment=blind)["assume the role"]
    printed = one.get("commands", [])
    case("two commands with account, role and provider", len(printed) == 2 and ROLE in printed[0] and PROVIDER in printed[1]
         and all(TARGET in command for command in printed), one)
    told = [world.shell(command) for command in printed]
    case("the first shows the trust policy", "AssumeRolePolicyDocument" in told[0].stdout, told[0])
    case("the second shows that the provider is not there", "NoSuchEntity" in told[1].stderr, told[1])


RULES = [what_cannot_be_known_is_unknown_and_never_a_failure, what_every_call_has_is_known,
         a_role_that_was_assumed_does_not_fail_its_trust_check, what_is_narrower_is_named_and_apply_is_not_offered,
         all_that_plan_compares_is_compared, what_the_mediator_asks_is_evaluated,
         a_session_name_that_the_trust_policy_wants_is_tried, near_names_are_found,
         the_api_servers_own_token_is_never_registered, what_was_made_seconds_ago_is_not_blamed, a_signature_is_looked_at,
         printed_commands_work_as_they_stand, without_iam_rights_the_administrators_two_commands_are_printed]

if __name__ == "__main__":
    run(RULES)
