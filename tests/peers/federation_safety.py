"""What plan, apply, verify and destroy must never do, with `attache authority`; boto3 prepares the accounts.

One function for each rule. The last ones use a small server that truncates responses.

Usage: federation_safety.py ATTACHE
"""

import http.server
import json
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from pathlib import Path

from lib.authority import SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-safety-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
HOST = ISSUER.removeprefix("https://")
READ_ONLY, ADMIN = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "AdministratorAccess"))
PROVIDER = f"arn:aws:iam::{TARGET}:oidc-provider/{HOST}"
ROLE = "CauselyAccess"


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, action, resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def trust(sub=SUBJECT, aud=STS, operator="StringEquals", provider=PROVIDER):
    keys = {f"{HOST}:sub": sub} | ({f"{HOST}:aud": aud} if aud else {})
    return {"Effect": "Allow", "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {operator: keys}}


def federation(more="", policies="[ReadOnlyAccess]", name="causely"):
    path = FOLDER / f"{name}.yaml"
    path.write_text(f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: {name} }}
spec:
  issuer: {ISSUER}
  workload: {{ namespace: causely, serviceAccount: causely-mediator }}
  source: {{ account: "{SOURCE}", role: CauselyMediation }}
  targets:
    - account: "{TARGET}"
      role: {ROLE}
      region: us-east-1
      policies: {policies}
{more}
""")
    return str(path)


class World:
    """Two new accounts, and the attache commands in them."""

    def __init__(self):
        self.issuer = Issuer(ATTACHE, FOLDER, ISSUER)
        self.authority = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER}={self.issuer.jwks}"])
        self.iam = self.authority.client("iam", TARGET)
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)

    def run(self, *words, environment=None):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, env=environment or self.environment)

    def json(self, *words):
        done = self.run(*words, "--output", "json")
        try:
            return json.loads(done.stdout)
        except ValueError:
            return {"stderr": done.stderr}

    def applied(self, file=None):
        done = self.run("apply", "-f", file or federation(), "--yes")
        assert done.returncode == 0, done
        return self

    def state(self):
        """All roles and providers of the target account."""
        iam, found = self.iam, {}
        for role in iam.list_roles()["Roles"]:
            name = role["RoleName"]
            role = iam.get_role(RoleName=name)["Role"]
            inline = {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]
                      for one in iam.list_role_policies(RoleName=name)["PolicyNames"]}
            attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
            found[name] = [role["AssumeRolePolicyDocument"], role.get("PermissionsBoundary"),
                           role["MaxSessionDuration"], role.get("Description"), inline,
                           sorted(one["PolicyArn"] for one in attached),
                           sorted((tag["Key"], tag["Value"]) for tag in role.get("Tags", []))]
        for one in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
            provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=one["Arn"])
            found[one["Arn"]] = sorted(provider["ClientIDList"])
        return json.loads(json.dumps(found))

    def steps(self, file):
        plan = self.json("plan", "-f", file)
        return [step for account in plan["accounts"] for change in account["changes"]
                for step in change.get("steps", [])]


def asks(name, prepare, file, *parts, answer="--allow-widening"):
    """Without the flag nothing changes, with it everything does."""
    world = World().applied()
    prepare(world)
    file = file()
    before = world.state()
    for words in (["--yes"], []):
        done = world.run("apply", "-f", file, *words)
        # Long lines are wrapped in the output for people.
        told = "".join(done.stderr.replace("│", " ").split())
        case(f"{name}: refused with {words or 'nothing'}", done.returncode == 2 and answer in told, done)
        case(f"{name}: the witness is shown", all(part.replace(" ", "") in told for part in parts), told)
    case(f"{name}: nothing was changed", world.state() == before, world.state())
    wide = [step for step in world.steps(file) if step["class"] in ("widens", "unknown")]
    case(f"{name}: the plan as JSON has the reason", wide and all(step.get("reason") for step in wide), wide)
    done = world.run("apply", "-f", file, "--yes", answer)
    case(f"{name}: with the flag it is done", done.returncode == 0 and not world.json("plan", "-f", file)["summary"]["update"], done)


def apply_asks_before_it_widens():
    def attach(world):
        world.iam.detach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)

    asks("a policy comes to a role that exists", attach, federation, "attach " + READ_ONLY)
    asks("AdministratorAccess comes", lambda world: None,
         lambda: federation(policies="[ReadOnlyAccess, AdministratorAccess]"), ADMIN)

    def narrow(world):
        more = trust()
        more["Condition"]["IpAddress"] = {"aws:SourceIp": "192.0.2.0/24"}
        world.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(more))

    asks("a condition of the trust policy goes", narrow, federation, "set the trust policy", SUBJECT)

    def guard(world):
        world.iam.put_role_policy(RoleName=ROLE, PolicyName="guard", PolicyDocument=policy(
            statement("Deny", "s3:GetObject")))

    asks("an inline Deny goes", guard, federation, "guard", "s3:GetObject")

    def managed_guard(world):
        arn = world.iam.create_policy(PolicyName="Guard", PolicyDocument=policy(
            statement("Deny", ["s3:GetObject"])))["Policy"]["Arn"]
        world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)

    asks("a managed Deny goes", managed_guard, federation, "detach", "Guard")

    def bound(world):
        world.iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=READ_ONLY)

    asks("a boundary goes", bound, lambda: federation("      permissionsBoundary: null"),
         "permissions boundary")

    def other_bound(world):
        bound(world)

    asks("a boundary becomes wider", other_bound,
         lambda: federation("      permissionsBoundary: AdministratorAccess"), "permissions boundary")
    asks("longer sessions", lambda world: None,
         lambda: federation("      maxSessionDuration: 7200"), "session")

    def inline(world):
        file = federation("      inlinePolicies: { x: { Version: '2012-10-17', Statement: "
                          "{ Effect: Allow, Action: 'sqs:ReceiveMessage', Resource: '*' } } }")
        done = world.run("apply", "-f", file, "--yes", "--allow-widening")
        assert done.returncode == 0, done

    asks("an inline policy becomes wider", inline,
         lambda: federation("      inlinePolicies: { x: { Version: '2012-10-17', Statement: "
                            "{ Effect: Allow, Action: 'sqs:*', Resource: '*' } } }"),
         "inline policy x", "sqs:")

    def other_client(world):
        world.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID="vault")
        world.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, ClientID=STS)

    asks("a client id comes to a provider", other_client, federation, "client id " + STS)


def apply_never_changes_unasked():
    world = World()
    done = world.run("apply", "-f", federation())
    case("without --yes and a terminal nothing is created", done.returncode == 2 and "--yes" in done.stderr
         and world.state() == {}, done)
    world.applied()
    done = world.run("apply", "-f", federation())
    case("an empty plan needs no confirmation", done.returncode == 0, done)
    case("creating needs no --allow-widening", {s["class"] for s in World().steps(federation())} == {"creates"})


def apply_leaves_what_the_file_does_not_mention():
    world = World().applied()
    world.iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=READ_ONLY)
    world.iam.update_role(RoleName=ROLE, Description="by hand", MaxSessionDuration=7200)
    before = world.state()
    done = world.run("apply", "-f", federation(), "--yes")
    case("boundary, description and session duration stay unchanged", done.returncode == 0 and world.state() == before, done)
    file = federation("      permissionsBoundary: null\n      description: null\n      maxSessionDuration: null")
    done = world.run("apply", "-f", file, "--yes", "--allow-widening")
    role = world.iam.get_role(RoleName=ROLE)["Role"]
    case("null removes a value", done.returncode == 0 and "PermissionsBoundary" not in role
         and not role.get("Description") and role["MaxSessionDuration"] == 3600, role)


def narrowing_needs_yes_alone():
    world = World().applied()
    world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMIN)
    world.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(
        trust("system:serviceaccount:*", None, "StringLike")))
    done = world.run("apply", "-f", federation(), "--yes")
    case("a narrowing step needs only --yes", done.returncode == 0 and world.state()[ROLE][5] == [READ_ONLY], done)


def destroy_keeps_a_provider_that_another_role_could_use():
    escaped = json.dumps({"Version": "2012-10-17", "Statement": [trust()]})
    users = {
        "escaped slashes": escaped.replace("/", "\\/"),
        "a unicode escape": escaped.replace("oidc-provider", "\\u006fidc-provider"),
        "in a list": policy(trust(provider=[PROVIDER.replace(HOST, "other.example"), PROVIDER])),
        "a chained session": policy({"Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole",
                                     "Condition": {"StringLike": {"aws:FederatedProvider": f"*{HOST}"}}}),
    }
    for name, document in users.items():
        world = World().applied()
        world.iam.create_role(RoleName="Other", AssumeRolePolicyDocument=document)
        done = world.run("destroy", "-f", federation(), "--yes")
        left = world.state()
        case(f"the provider is kept for a trust policy with {name}",
             done.returncode == 0 and PROVIDER in left and "Other" in left and ROLE not in left, done)
    world = World().applied()
    world.iam.create_role(RoleName="Other", AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}))
    world.run("destroy", "-f", federation(), "--yes")
    case("a provider without other users is deleted", PROVIDER not in world.state(), world.state())


def destroy_leaves_what_was_adopted():
    world = World()
    by_hand = policy({"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"})
    world.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=by_hand, Description="by hand")
    sqs = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
    file = federation(policies="[ReadOnlyAccess, AmazonSQSReadOnlyAccess]")
    world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=sqs)
    world.iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["vault"])
    world.iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER, Tags=[{"Key": "team", "Value": "a"}])
    done = world.run("apply", "-f", file, "--adopt", "--yes", "--allow-widening")
    case("a role and a provider are adopted", done.returncode == 0, done)
    tags = dict(world.state()[ROLE][6])
    case("the role has the tag attache:adopted", tags.get("attache:adopted", "").startswith("attached "), tags)
    case("after the adoption the plan is empty", world.run("plan", "-f", file, "--check").returncode == 0)
    world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMIN)
    done = world.run("destroy", "-f", file, "--yes")
    left = world.state()
    case("destroy keeps the role and the policies that it did not attach", done.returncode == 0 and ROLE in left
         and left[ROLE][5] == sorted([ADMIN, sqs]) and left[ROLE][6] == [], (done, left))
    case("the workload has no access", SUBJECT not in json.dumps(left[ROLE][0]), left[ROLE][0])
    case("destroy keeps the provider, without the added client ID", left.get(PROVIDER) == ["vault"], left)
    tags = world.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)["Tags"]
    case("the provider keeps its other tags", tags == [{"Key": "team", "Value": "a"}], tags)
    case("a second destroy has nothing to do", world.run("destroy", "-f", file, "--yes").returncode == 0
         and world.state() == left)


def destroy_knows_a_half_done_adoption():
    world = World()
    world.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(
        {"Effect": "Allow", "Principal": {"AWS": TARGET}, "Action": "sts:AssumeRole"}))
    world.iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMIN)
    # The administrator has permission to tag only: the adoption stops after its first step.
    file = federation()
    steps = [s["what"] for s in world.json("plan", "-f", file, "--adopt")["accounts"][1]["changes"][1]["steps"]]
    case("the tag is set first", steps[0].startswith("tag the role"), steps)
    user = world.iam.create_user(UserName="half")["User"]
    world.iam.put_user_policy(UserName="half", PolicyName="p", PolicyDocument=policy(
        statement("Allow", "*"), statement("Deny", "iam:UpdateAssumeRolePolicy")))
    key = world.iam.create_access_key(UserName="half")["AccessKey"]
    half = FOLDER / "half"
    half.write_text(f"[half]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
                    + world.authority.credentials.read_text())
    environment = world.environment | {"AWS_SHARED_CREDENTIALS_FILE": str(half)}
    done = world.run("apply", "-f", file, "--adopt", "--yes", "--allow-widening", "--profile", f"{TARGET}=half",
                     environment=environment)
    case("apply stopped after its first step", done.returncode == 3 and user["UserName"] == "half", done)
    world.run("destroy", "-f", file, "--yes")
    case("the role exists with its policy", world.state().get(ROLE, [[]] * 6)[5] == [ADMIN], world.state())


def verify_finds_who_else_and_what_else():
    world = World().applied()
    token = FOLDER / "token"
    token.write_text(world.issuer.token())

    def checks(*words, file=federation()):
        report = world.json("verify", "-f", file, "--token", str(token), *words)
        return {(one["name"], one.get("account")): one for one in report["checks"]}

    good = checks("--strict")
    case("a correct chain is ok", {one["status"] for one in good.values()} == {"ok"}, good)

    def wider(name, change, check, part, status="fail"):
        world = World().applied()
        change(world.iam)
        token.write_text(world.issuer.token())
        report = world.json("verify", "-f", federation(), "--token", str(token))
        found = [one for one in report["checks"] if one["name"] == check and one.get("account") == TARGET]
        case(f"verify: {name}", len(found) == 1 and found[0]["status"] == status and part in found[0]["detail"], found)
        strict = world.run("verify", "-f", federation(), "--token", str(token), "--strict")
        case(f"verify --strict: {name}", strict.returncode == 1, strict)

    def trusting(*statements):
        return lambda iam: iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(*statements))

    wider("any service account", trusting(trust("system:serviceaccount:*", operator="StringLike")), "who else", "system:serviceaccount:")
    wider("any audience", trusting(trust(aud=None)), "who else", SUBJECT)
    wider("a second statement for an account",
          trusting(trust(), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}), "who else", "sts:AssumeRole")
    wider("a service", trusting(trust(), {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                                          "Action": "sts:AssumeRole"}), "who else", "ec2.amazonaws.com")
    wider("another client id", lambda iam: iam.add_client_id_to_open_id_connect_provider(
        OpenIDConnectProviderArn=PROVIDER, ClientID="vault"), "other audiences", "vault", "warn")
    wider("AdministratorAccess", lambda iam: iam.attach_role_policy(RoleName=ROLE, PolicyArn=ADMIN), "what else", ADMIN)
    wider("an inline policy", lambda iam: iam.put_role_policy(RoleName=ROLE, PolicyName="x", PolicyDocument=policy(
        statement("Allow", "*"))), "what else", "x")

    token.write_text(world.issuer.token())
    rendered = FOLDER / "rendered"
    world.run("render", "-f", federation(), "--out", str(rendered))
    values = ["--values", str(rendered / "causely-values.yaml"), "--secrets", str(rendered / "aws-secret.yaml")]
    report = world.json("verify", *values, "--token", str(token))
    status = {(one["name"], one.get("account")): one["status"] for one in report["checks"]}
    case("verify --values: 'what else' warns", status.get(("what else", TARGET)) == "warn", status)
    world.iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(trust("system:serviceaccount:*", operator="StringLike")))
    report = world.json("verify", *values, "--token", str(token))
    status = {(one["name"], one.get("account")): one["status"] for one in report["checks"]}
    case("verify --values: 'who else' warns", status.get(("who else", TARGET)) == "warn", status)

    blind = world.environment | {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    world.iam.detach_role_policy(RoleName=ROLE, PolicyArn=READ_ONLY)
    done = world.run("verify", "-f", federation(), "--token", str(token), "--output", "json", environment=blind)
    found = {one["name"]: one for one in json.loads(done.stdout)["checks"] if one.get("account") == TARGET}
    case("a check without read permission is not ok", all(
        found[name]["status"] == "unknown" and "not checked" in found[name]["detail"] for name in ("who else", "what else")), found)


class Cut(http.server.BaseHTTPRequestHandler):
    """Forwards to the authority, and changes the responses of one operation."""

    target, operation, alter = "", "", staticmethod(lambda body: body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = dict(urllib.parse.parse_qsl(body.decode())).get("Action")
        import http.client
        upstream = http.client.HTTPConnection(urllib.parse.urlparse(self.target).netloc)
        upstream.request("POST", self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        sent = answer.read()
        if asked == self.operation and answer.status == 200:
            sent = self.alter(sent.decode()).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        try:
            self.wfile.write(sent)
        except BrokenPipeError:
            pass  # The response of another account has ended the command.

    def log_message(self, *_):
        pass


def a_list_that_ends_early_is_no_shorter_list():
    world = World().applied()
    world.iam.create_role(RoleName="Other", AssumeRolePolicyDocument=policy(trust()))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Cut)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Cut.target = world.authority.url
    proxied = world.environment | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_MAX_ATTEMPTS": "1"}
    before = world.state()
    lists = {
        "destroy": (["destroy", "-f", federation(), "--yes"], "GetAccountAuthorizationDetails"),
        "plan": (["plan", "-f", federation(), "--check"], "ListAttachedRolePolicies"),
        "apply": (["apply", "-f", federation(), "--yes"], "ListRolePolicies"),
        "reach": (["reach", "--live", "--account", TARGET], "GetAccountAuthorizationDetails"),
    }
    alterations = {
        "cut in the middle": lambda body: body[:len(body) // 2],
        "cut before its end": lambda body: re.sub(r"</\w+Result>.*", "", body, flags=re.S),
        "empty": lambda body: "",
        "JSON": lambda body: '{"message":"maintenance"}',
        "without IsTruncated": lambda body: re.sub(r"<IsTruncated>\w+</IsTruncated>", "", body),
        "truncated without a marker": lambda body: body.replace("<IsTruncated>false", "<IsTruncated>true"),
        "without its result": lambda body: re.sub(r"<(\w+)Result>.*</\w+Result>", "", body, flags=re.S),
        "the same marker for ever": lambda body: body.replace(
            "<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
    }
    Cut.operation = ""
    control = world.run(*lists["plan"][0], environment=proxied)
    case("through the server without changes, everything succeeds", control.returncode == 0, control)
    for command, (words, Cut.operation) in lists.items():
        for name, alter in alterations.items():
            Cut.alter = staticmethod(alter)
            done = world.run(*words, environment=proxied)
            case(f"{command}: {Cut.operation} {name} is an error", done.returncode == 3, done)
    Cut.operation, Cut.alter = "ListAttachedRolePolicies", staticmethod(lambda body: re.sub(r"</\w+Result>.*", "", body, flags=re.S))
    token = FOLDER / "token"
    token.write_text(world.issuer.token())
    done = world.run("verify", "-f", federation(), "--token", str(token), "--output", "json", environment=proxied)
    found = {one["name"]: one for one in json.loads(done.stdout)["checks"] if one.get("account") == TARGET}
    case("verify: a truncated list is unknown", found["what else"]["status"] == "unknown", found)
    case("nothing was changed", world.state() == before)
    server.shutdown()


run([apply_asks_before_it_widens, apply_never_changes_unasked, apply_leaves_what_the_file_does_not_mention,
     narrowing_needs_yes_alone, destroy_keeps_a_provider_that_another_role_could_use,
     destroy_leaves_what_was_adopted, destroy_knows_a_half_done_adoption,
     verify_finds_who_else_and_what_else, a_list_that_ends_early_is_no_shorter_list])
