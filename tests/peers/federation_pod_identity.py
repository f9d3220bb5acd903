"""A federation of the mode podIdentity from the file to a pod's session: with `attache authority`, seen with boto3.

Usage: federation_pod_identity.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import configparser
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lib.authority import SOURCE, TARGET, Authority, Issuer, case, refused, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-pods-"))
ANOTHER = "333333333333"
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
ISSUER = Issuer(ATTACHE, FOLDER, URL)
CLUSTER, WORKLOAD = "prod", {"namespace": "causely", "serviceAccount": "reader"}
NO = "Unauthorized Exception! EKS does not have permissions to assume the associated role."
SOURCE_ROLE = f"arn:aws:iam::{SOURCE}:role/CauselyMediation"


def trust(**principal):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession"]}]})


class World:
    """Three accounts, one with a cluster, whose administrators have a profile each."""

    def __init__(self, *arguments):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.authority = Authority(ATTACHE, (SOURCE, TARGET, ANOTHER), [
            "--issuer", f"{URL}={ISSUER.jwks}", "--cluster", f"{SOURCE}/us-east-1/{CLUSTER}={URL}", *arguments])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        self.eks, self.iam = self.authority.client("eks", SOURCE), self.authority.client("iam", SOURCE)

    def write(self, targets=(TARGET,), service_account="reader", mode="podIdentity", cluster=CLUSTER, name="causely"):
        lines = "\n".join(f'    - {{ account: "{account}", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess] }}'
                          for account in targets)
        way = f"mode: podIdentity\n  cluster: {{ name: {cluster}, region: us-east-1 }}" if mode == "podIdentity" else f"issuer: {URL}"
        (self.folder / "federation.yaml").write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: {name} }}
spec:
  {way}
  workload: {{ namespace: causely, serviceAccount: {service_account} }}
  source: {{ account: "{SOURCE}", role: CauselyMediation }}
  targets:
{lines}
""")

    def run(self, verb, *words):
        return subprocess.run([ATTACHE, verb, "-f", "federation.yaml", *words], capture_output=True, text=True, timeout=300,
                              cwd=self.folder, stdin=subprocess.DEVNULL, env=self.environment)

    def do(self, name, verb, *words, code=0):
        """Runs a command that must end with this exit code."""
        done = self.run(verb, *words)
        case(name, done.returncode == code, (done.returncode, done.stdout, done.stderr))
        return done

    def changes(self, *words):
        """(account, action, kind, name) of all that a plan does."""
        plan = json.loads(self.run("plan", "--output", "json", *words).stdout)
        return [(account["account"], change["action"], change["kind"], change["name"]) for account in plan["accounts"]
                for change in account["changes"] if change["action"] not in ("unchanged", "kept")]

    def is_in_sync(self, name):
        done = self.run("plan", "--check")
        case(name, done.returncode == 0 and "No changes." in done.stdout, done.stdout + done.stderr)

    def associations(self):
        listed = self.eks.list_pod_identity_associations(clusterName=CLUSTER)["associations"]
        return [self.eks.describe_pod_identity_association(clusterName=CLUSTER, associationId=one["associationId"])["association"]
                for one in listed]

    def association(self):
        return next((one for one in self.associations() if one["serviceAccount"] == "reader"), None)

    def verify(self, code=0):
        """The checks by (link, account, name)."""
        done = self.run("verify", "--output", "json")
        case(f"verify ends with {code}", done.returncode == code, (done.returncode, done.stdout, done.stderr))
        return {(one["link"], one["account"], one["name"]): one for one in json.loads(done.stdout)["checks"]}

    def paste(self, commands):
        """Runs printed commands as they stand."""
        commands = [command.replace("attache ", f"{ATTACHE} ", 1) if command.startswith("attache ") else command for command in commands]
        environment = self.environment | {"PATH": f"{Path(sys.executable).parent}:{self.environment['PATH']}"}
        done = subprocess.run(["bash", "-euc", "\n".join(commands)], capture_output=True, text=True, timeout=300,
                              cwd=self.folder, stdin=subprocess.DEVNULL, env=environment)
        case(f"the printed command works: {commands[0].split(' --')[0] if commands else 'none'}", bool(commands) and done.returncode == 0,
             (commands, done.stderr))

    def pod(self, service_account="reader", namespace="causely"):
        """What EKS Auth answers a pod's token."""
        bound = {"namespace": namespace, "serviceaccount": {"name": service_account, "uid": "s-1"}, "pod": {"name": "reader-0", "uid": "p-1"}}
        token = ISSUER.token(f"system:serviceaccount:{namespace}:{service_account}", "pods.eks.amazonaws.com", f"kubernetes.io={json.dumps(bound)}")
        auth = self.authority.client("eks-auth", SOURCE)
        return auth.assume_role_for_pod_identity(clusterName=CLUSTER, token=token)

    def session(self, answer):
        keys = answer["credentials"]
        return {"AccessKeyId": keys["accessKeyId"], "SecretAccessKey": keys["secretAccessKey"], "SessionToken": keys["sessionToken"]}

    def as_pod(self, answer, command, **more):
        """Runs a command with an agent that gives this answer, as a pod has it."""
        keys = answer["credentials"]
        body = json.dumps({"AccessKeyId": keys["accessKeyId"], "SecretAccessKey": keys["secretAccessKey"], "Token": keys["sessionToken"],
                           "Expiration": keys["expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")}).encode()

        class Agent(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        agent = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Agent)
        threading.Thread(target=agent.serve_forever, daemon=True).start()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_REGION": "us-east-1",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{agent.server_port}/v1/credentials",
            "AWS_ENDPOINT_URL": self.authority.url, "AWS_EC2_METADATA_DISABLED": "true"} | more
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, cwd=self.folder)
        agent.shutdown()
        return done

    def in_a_pod(self, answer, profile):
        """Who boto3 is with a profile of the rendered file."""
        script = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
        done = self.as_pod(answer, [sys.executable, "-c", script], AWS_CONFIG_FILE=str(self.folder / "out" / "aws-config"), AWS_PROFILE=profile)
        return done.stdout.strip() or done.stderr

    def mediator(self, answer):
        """What the mediator lists with the rendered values and Secrets."""
        secrets = sorted(str(path) for path in (self.folder / "out").glob("aws-secret*.yaml"))
        values = str(self.folder / "out" / "causely-values.yaml")
        done = self.as_pod(answer, [ATTACHE, "mediator", "--values", values, "--secrets", *secrets, "--once", "--output", "json"])
        return json.loads(done.stdout)["accounts"] if done.stdout.startswith("{") else done.stderr

    def nothing_is_left(self, name):
        roles = [role["RoleName"] for account in (SOURCE, TARGET, ANOTHER)
                 for role in self.authority.client("iam", account).list_roles()["Roles"] if role["RoleName"].startswith("Causely")]
        providers = [one for account in (SOURCE, TARGET, ANOTHER)
                     for one in self.authority.client("iam", account).list_open_id_connect_providers()["OpenIDConnectProviderList"]]
        case(name, not roles and not providers and not self.associations(), (roles, providers, self.associations()))


def one_target():
    """EKS makes both steps: the pod gets a session of the target's role."""
    world = World()
    world.write()
    planned = world.changes()
    case("the plan has roles, their policies and the association, and no provider", [kind for _, _, kind, _ in planned] == [
        "role", "inline-policy", "association", "role", "managed-policy"], planned)
    case("the association comes after the role that it names", planned.index((SOURCE, "create", "role", "CauselyMediation"))
         < planned.index((SOURCE, "create", "association", "prod/causely/reader")), planned)
    world.do("apply", "apply", "--yes")
    world.is_in_sync("the second plan is empty")
    own = world.association()
    case("boto3 describes the association", (own["roleArn"], own["targetRoleArn"], own["disableSessionTags"], own["tags"]) == (
        SOURCE_ROLE, f"arn:aws:iam::{TARGET}:role/CauselyAccess", False, {"attache:federation": "causely"}), own)
    answer = world.pod()
    case("the pod's session is of the target's role", answer["assumedRoleUser"]["arn"].startswith(
        f"arn:aws:sts::{TARGET}:assumed-role/CauselyAccess/"), answer["assumedRoleUser"])
    reads = world.authority.client("ec2", credentials=world.session(answer)).describe_instances()
    case("and it reads the target's account", len(reads["Reservations"]) > 0)
    world.eks.create_pod_identity_association(clusterName=CLUSTER, namespace="causely", serviceAccount="other", roleArn=SOURCE_ROLE)
    refused("another service account gets nothing by the same role", lambda: world.pod("other"), "AccessDeniedException", NO)
    theirs = next(one for one in world.associations() if one["serviceAccount"] == "other")
    world.do("destroy leaves the association of another", "destroy", "--yes")
    case("which boto3 still lists", [one["associationId"] for one in world.associations()] == [theirs["associationId"]])
    world.eks.delete_pod_identity_association(clusterName=CLUSTER, associationId=theirs["associationId"])
    world.nothing_is_left("destroy leaves nothing")
    world.do("a second destroy does nothing", "destroy", "--yes")


def at_once():
    """Two runs at once both converge, and an association has one maker."""
    world = World()
    world.write()
    for verb in ("apply", "destroy"):
        both = [subprocess.Popen([ATTACHE, verb, "-f", "federation.yaml", "--yes"], cwd=world.folder, env=world.environment,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for _ in range(2)]
        told = [(one.communicate(timeout=300)[0], one.returncode) for one in both]
        case(f"two at once: {verb}", [code for _, code in told] == [0, 0], told)
        if verb == "apply":
            world.is_in_sync("and it is in sync")
            case("with one association", len(world.associations()) == 1, world.associations())
    world.nothing_is_left("destroy leaves nothing")


def several_targets():
    """A service account has one association: the pod gets a session of the source role, and assumes the others."""
    world = World()
    world.write((TARGET, ANOTHER))
    world.do("apply", "apply", "--yes")
    world.is_in_sync("the second plan is empty")
    own = world.association()
    case("the association has no target role", own["roleArn"] == SOURCE_ROLE and "targetRoleArn" not in own, own)
    answer = world.pod()
    case("the pod's session is of the source role", answer["assumedRoleUser"]["arn"].startswith(
        f"arn:aws:sts::{SOURCE}:assumed-role/CauselyMediation/"), answer["assumedRoleUser"])
    sts = world.authority.client("sts", credentials=world.session(answer))
    for account in (TARGET, ANOTHER):
        keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/CauselyAccess", RoleSessionName="pod")["Credentials"]
        reads = world.authority.client("ec2", credentials=keys).describe_instances()
        case(f"with which it assumes the role of {account}", len(reads["Reservations"]) > 0)
    admin = world.authority.client("sts", SOURCE)
    refused("an administrator of the source account does not", lambda: admin.assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/CauselyAccess", RoleSessionName="admin"), "AccessDenied")
    world.do("render", "render", "--out", "out")
    profiles = configparser.ConfigParser()
    profiles.read(world.folder / "out" / "aws-config")
    case("the rendered profiles have both roles", [profiles[f"profile {account}"]["role_arn"] for account in (TARGET, ANOTHER)] == [
        f"arn:aws:iam::{account}:role/CauselyAccess" for account in (TARGET, ANOTHER)])
    listed = world.mediator(answer)
    case("and the mediator lists both", sorted(str(one.get("identity_arn")).split(":")[4] for one in listed if one["resources"] > 0) == [TARGET, ANOTHER], listed)
    for account in (TARGET, ANOTHER):
        arn = world.in_a_pod(answer, account)
        case(f"with them boto3 in a pod has a session of the role of {account}", arn.startswith(
            f"arn:aws:sts::{account}:assumed-role/CauselyAccess/"), arn)
    world.write((TARGET,))
    found = world.changes()
    case("with one target left the association changes and the other role goes", (SOURCE, "update", "association", "prod/causely/reader") in found, found)
    done = world.do("that another role is given is asked about", "apply", "--yes", code=2)
    case("with the reason", "the pods get a session of another role" in done.stdout + done.stderr, done.stderr)
    world.do("apply with consent", "apply", "--yes", "--allow-widening", "--also", ANOTHER, "--delete-elsewhere")
    world.is_in_sync("it is in sync")
    case("the pod's session is of the target's role now", f":{TARGET}:" not in answer["assumedRoleUser"]["arn"]
         and f"::{TARGET}:assumed-role/CauselyAccess/" in world.pod()["assumedRoleUser"]["arn"])
    world.do("destroy", "destroy", "--yes", "--also", ANOTHER, "--delete-elsewhere")
    world.nothing_is_left("destroy leaves nothing")


def changed_by_hand():
    """What somebody changed is a planned difference; what the plan does not manage stays."""
    world = World()
    world.write()
    world.do("apply", "apply", "--yes")
    own = world.association()
    world.eks.tag_resource(resourceArn=own["associationArn"], tags={"team": "sre"})
    world.is_in_sync("a tag of others is no difference")
    other = world.iam.create_role(RoleName="Other", AssumeRolePolicyDocument=trust(Service="pods.eks.amazonaws.com"))["Role"]["Arn"]
    for name, change, fields in [
        ("another role", {"roleArn": other}, ["role"]),
        ("no target role", {"targetRoleArn": ""}, ["target role"]),
        ("no session tags", {"disableSessionTags": True}, ["session tags"]),
    ]:
        world.eks.update_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"], **change)
        plan = json.loads(world.run("plan", "--output", "json").stdout)
        found = [change for account in plan["accounts"] for change in account["changes"] if change["kind"] == "association"]
        case(f"{name}: a planned difference", [one["field"] for one in found[0]["differences"]] == fields and found[0]["action"] == "update", found)
        case(f"{name}: which needs consent", found[0]["steps"][0]["class"] in ("widens", "unknown"), found)
        checks = world.verify(1)
        row = checks["association", SOURCE, fields[0]]
        case(f"{name}: verify fails", row["status"] == "fail", row)
        world.paste(row["commands"])
        world.is_in_sync(f"{name}: in sync after the printed command")
    again = world.association()
    case("the id and the other tags are what they were", (again["associationId"], again["tags"]) == (
        own["associationId"], {"attache:federation": "causely", "team": "sre"}), again)
    world.eks.update_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"], disableSessionTags=True, policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}))
    done = world.do("a session policy is not taken away", "plan", code=1)
    case("and the plan says so", "session policy" in done.stdout, done.stdout)
    world.eks.update_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"], disableSessionTags=False, policy="")
    world.eks.delete_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"])
    case("an association that was deleted is created", (SOURCE, "create", "association", "prod/causely/reader") in world.changes(), world.changes())
    checks = world.verify(1)
    row = checks["association", SOURCE, "exists"]
    case("verify: there is none", row["status"] == "fail" and "has no association" in row["detail"], row)
    world.paste(row["commands"])
    world.is_in_sync("in sync after the printed command")
    world.write(service_account="writer")
    found = world.changes()
    case("another service account: a new association, and the old one goes", [one for one in found if one[2] == "association"] == [
        (SOURCE, "create", "association", "prod/causely/writer"), (SOURCE, "delete", "association", "prod/causely/reader")], found)


def not_ours():
    """An association that was there before is taken over only with --adopt, and kept by destroy."""
    world = World()
    world.write()
    other = world.iam.create_role(RoleName="Other", AssumeRolePolicyDocument=trust(Service="pods.eks.amazonaws.com"))["Role"]["Arn"]
    world.eks.create_pod_identity_association(clusterName=CLUSTER, namespace="causely", serviceAccount="reader", roleArn=other)
    done = world.do("it blocks the plan", "plan", code=1)
    case("with the way out", "--adopt takes it over" in done.stdout, done.stdout)
    world.do("nothing is applied", "apply", "--yes", code=1)
    case("and it is as it was", world.association()["roleArn"] == other)
    world.do("--adopt", "apply", "--yes", "--adopt", "--allow-widening")
    case("takes it over", world.association()["roleArn"] == SOURCE_ROLE, world.association())
    world.is_in_sync("it is in sync")
    world.do("destroy", "destroy", "--yes")
    own = world.association()
    case("it is kept, without our tags", own is not None and own["tags"] == {}, own)


def verified():
    world = World()
    world.write()
    checks = world.verify(1)
    case("before apply: no association", checks["association", SOURCE, "exists"]["status"] == "fail")
    world.do("apply", "apply", "--yes")
    checks = world.verify()
    bad = [one for one in checks.values() if one["status"] not in ("ok", "unknown")]
    case("after apply nothing fails", not bad, bad)
    for row in [("association", SOURCE, "exists"), ("association", SOURCE, "agent"), ("role", SOURCE, "trust policy"), ("role", TARGET, "trust policy"),
                ("role", SOURCE, "who else"), ("role", TARGET, "who else"), ("role", TARGET, "policies"), ("role", SOURCE, "policies")]:
        case(f"ok: {row[2]} in {row[1]}", checks[row]["status"] == "ok", checks[row])
    case("the session was not tried", checks["session", TARGET, "assume the role"]["status"] == "unknown", checks["session", TARGET, "assume the role"])
    for account, role, principal in [(SOURCE, "CauselyMediation", {"Service": "pods.eks.amazonaws.com"}), (TARGET, "CauselyAccess", {"AWS": SOURCE_ROLE})]:
        iam = world.authority.client("iam", account)
        now = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(**principal))
        row = world.verify(1)["role", account, "who else"]
        case(f"{role} lets in more: verify fails", row["status"] == "fail", row)
        only_assume = json.loads(json.dumps(now))
        only_assume["Statement"][0]["Action"] = "sts:AssumeRole"
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(only_assume))
        row = world.verify(1)["role", account, "trust policy"]
        case(f"{role} without sts:TagSession: verify fails", row["status"] == "fail" and "sts:TagSession" in row["detail"], row)
        refused(f"{role} without sts:TagSession: and the pod gets nothing", world.pod, "AccessDeniedException", NO)
        world.paste(row["commands"])
        case(f"{role} after the printed command: the pod gets a session", "credentials" in world.pod())
    own = world.association()
    world.eks.delete_pod_identity_association(clusterName=CLUSTER, associationId=own["associationId"])
    world.eks.create_pod_identity_association(clusterName=CLUSTER, namespace="Causely", serviceAccount="reader", roleArn=SOURCE_ROLE)
    row = world.verify(1)["association", SOURCE, "exists"]
    case("a near name is told", "there is one of" in row["detail"] and "Causely" in row["detail"], row)
    world.write(cluster="pord")
    row = world.verify(1)["association", SOURCE, "exists"]
    case("a cluster that is not there", row["status"] == "fail" and "has no EKS cluster pord" in row["detail"], row)
    world.paste(row["commands"])
    done = world.do("blocks the plan", "plan", code=1)
    case("with the command that lists the clusters", "aws eks list-clusters --region us-east-1" in done.stdout, done.stdout)


def rendered():
    """The script makes what apply makes: a plan after it is empty."""
    world = World()
    world.write()
    world.do("render", "render", "--out", "out")
    files = sorted(path.name for path in (world.folder / "out").iterdir())
    case("its files", files == ["aws-secret.yaml", "causely-values.yaml", "setup.sh", "source-trust.json", "target-trust.json"], files)
    script = (world.folder / "out" / "setup.sh").read_text()
    case("no provider and no annotation", "open-id-connect" not in script and "eks.amazonaws.com/role-arn" not in script, script)
    bin_ = world.folder / "bin"
    bin_.mkdir()
    (bin_ / "kubectl").write_text('#!/bin/sh\ncat "$3"\n')
    (bin_ / "kubectl").chmod(0o755)
    environment = world.environment | {"PATH": f"{bin_}:{Path(sys.executable).parent}:{world.environment['PATH']}"}
    done = subprocess.run(["bash", "out/setup.sh"], capture_output=True, text=True, cwd=world.folder, env=environment, timeout=300)
    case("the script runs", done.returncode == 0, done.stderr)
    world.is_in_sync("the plan after it is empty")
    case("the pod gets a session", "credentials" in world.pod())
    done = world.run("render", "--out", "again")
    kubernetes = subprocess.run([ATTACHE, "render", "kubernetes", "-f", "federation.yaml"], capture_output=True, text=True, cwd=world.folder)
    case("the Secret", kubernetes.returncode == 0 and "role/CauselyAccess" in kubernetes.stdout, (kubernetes.returncode, kubernetes.stderr))
    listed = world.mediator(world.pod())
    case("the mediator lists the account as the pod", [(str(one.get("identity_arn")).split(":")[4], one["resources"] > 0) for one in listed] == [(TARGET, True)], listed)


def from_direct():
    """A federation of the mode direct becomes one of podIdentity: the providers go."""
    world = World()
    world.write(mode="direct")
    world.do("apply direct", "apply", "--yes")
    world.write()
    found = world.changes()
    case("the providers go, the association comes", {("delete", "provider"), ("create", "association")} <= {(action, kind) for _, action, kind, _ in found}, found)
    world.do("apply podIdentity", "apply", "--yes", "--allow-widening")
    world.is_in_sync("it is in sync")
    case("the pod gets a session", "credentials" in world.pod())
    world.do("destroy", "destroy", "--yes")
    world.nothing_is_left("destroy leaves nothing")


def refused_calls():
    """Who may not read EKS learns it, and nothing is taken for absent."""
    world = World()
    world.write()
    world.do("apply", "apply", "--yes")
    deny = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "eks:ListPodIdentityAssociations", "Resource": "*"}]}
    world.iam.create_role(RoleName="Admin", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]}))
    world.iam.put_role_policy(RoleName="Admin", PolicyName="p", PolicyDocument=json.dumps(deny))
    config = world.folder / "config"
    config.write_text(f"[profile limited]\nrole_arn = arn:aws:iam::{SOURCE}:role/Admin\nsource_profile = {SOURCE}\n")
    world.environment |= {"AWS_CONFIG_FILE": str(config)}
    done = world.do("plan", "plan", "--profile", f"{SOURCE}=limited", code=3)
    case("says which call was refused", "list the Pod Identity associations of the cluster prod" in done.stderr
         and "eks:ListPodIdentityAssociations" in done.stderr, done.stderr)
    done = world.run("verify", "--output", "json", "--profile", f"{SOURCE}=limited")
    rows = [one for one in json.loads(done.stdout)["checks"] if one["link"] == "association"]
    case("verify says unknown", rows and all(one["status"] == "unknown" for one in rows), rows)


run([one_target, at_once, several_targets, changed_by_hand, not_ours, verified, rendered, from_direct, refused_calls])
