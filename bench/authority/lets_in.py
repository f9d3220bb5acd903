"""Prints what Attaché, moto and MiniStack let in of that which AWS refuses, as a table.

    lets_in.py PATH_OF_ATTACHE [FIRST_PORT]

Needs: pip install boto3 'moto[server]' ministack; Debian's libfaketime for sessions that expire. The servers listen on
loopback and are stopped at the end.
"""

import base64
import datetime
import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from servers import CLOCK, EVERYTHING, Attache, MiniStack, Moto

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 4711
ISSUER, AUDIENCE = "https://issuer.example/bench", "sts.amazonaws.com"
SUBJECT = "system:serviceaccount:causely:causely-mediator"
HOUR = 3600


def policy(effect, actions, resource="*", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": actions, "Resource": resource} | more]})


def trust(principal, action="sts:AssumeRole", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": principal, "Action": action} | more]})


class Tokens:
    """The tokens of an issuer, made by `attache token`."""

    def __init__(self, folder):
        self.key, self.forger, self.jwks = (Path(folder) / name for name in ("key", "forger", "jwks"))
        for key in (self.key, self.forger):
            self.run("keygen", "--out", key)
        self.jwks.write_text(self.run("jwks", "--key", self.key))

    def run(self, *arguments):
        done = subprocess.run([ATTACHE, "token", *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else sys.exit(f"attache token: {done.stderr}")

    def token(self, *more, key=None, issuer=ISSUER, subject=SUBJECT, audience=AUDIENCE):
        """The audience is text, as in GitHub's tokens, because not every server reads a list."""
        return self.run("mint", "--issuer", issuer, "--key", key or self.key, "--subject", subject,
                        "--claim", f"aud={json.dumps(audience)}", *more)

    def unsigned(self):
        claims = self.token().split(".")[1]
        header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        return f"{header}.{claims}."

    def ago(self, seconds):
        then = int(datetime.datetime.now().timestamp()) - seconds
        return self.token("--claim", f"iat={then}", "--claim", f"nbf={then}", "--claim", f"exp={then + 600}")


class World:
    """An account of a server with what the trials need, and the calls."""

    def __init__(self, server):
        self.server = server
        iam = server.client("iam", server.administrator())
        self.account = server.client("sts", server.administrator()).get_caller_identity()["Account"]
        self.dev = self.user(iam, "dev", EVERYTHING)
        iam.put_user_policy(UserName="dev", PolicyName="deny", PolicyDocument=policy("Deny", "iam:ListPolicies"))
        self.limited = self.user(iam, "limited", policy("Allow", ["iam:ListUsers", "sts:AssumeRole"]))
        iam.put_user_policy(UserName="limited", PolicyName="one", PolicyDocument=policy(
            "Allow", "iam:GetRole", f"arn:aws:iam::{self.account}:role/Worker"))
        iam.put_user_policy(UserName="limited", PolicyName="elsewhere", PolicyDocument=policy(
            "Allow", "iam:ListGroups", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
        self.prepare_roles(iam)
        self.member = self.prepare_member()
        self.session = self.assume("Worker")
        self.narrow = self.assume("Worker", Policy=policy("Allow", "iam:Get*"))
        self.bounded = self.assume("Bounded")
        self.orphan = self.assume("Gone")
        iam.delete_role_policy(RoleName="Gone", PolicyName="all")
        iam.delete_role(RoleName="Gone")
        server.enforce()

    def prepare_roles(self, iam):
        host = ISSUER.removeprefix("https://")
        provider = iam.create_open_id_connect_provider(
            Url=ISSUER, ClientIDList=[AUDIENCE], ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
        iam.create_role(RoleName="Web", AssumeRolePolicyDocument=trust(
            {"Federated": provider}, "sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {f"{host}:sub": SUBJECT, f"{host}:aud": AUDIENCE}}))
        for name in ("Worker", "Bounded", "Gone"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust({"AWS": f"arn:aws:iam::{self.account}:root"}))
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=EVERYTHING)
        boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=policy("Allow", "iam:Get*"))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName="Bounded", PermissionsBoundary=boundary)
        iam.create_role(RoleName="Theirs", AssumeRolePolicyDocument=trust(
            {"AWS": f"arn:aws:iam::{self.account}:user/dev"}))

    def user(self, iam, name, document):
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return Credentials(key["AccessKeyId"], key["SecretAccessKey"])

    def prepare_member(self):
        """A user of a member account with full access, and a service control policy that denies one action."""
        organizations = self.server.client("organizations", self.server.management())
        account, keys = self.server.member(organizations)
        made = organizations.create_policy(Name="no-groups", Description="", Type="SERVICE_CONTROL_POLICY",
                                           Content=policy("Deny", "iam:ListGroups"))["Policy"]["PolicySummary"]["Id"]
        organizations.attach_policy(PolicyId=made, TargetId=account)
        return self.user(self.server.client("iam", keys), "member", EVERYTHING)

    def assume(self, role, **more):
        keys = {"aws_access_key_id": self.dev.access_key, "aws_secret_access_key": self.dev.secret_key}
        got = self.server.client("sts", keys).assume_role(
            RoleArn=f"arn:aws:iam::{self.account}:role/{role}", RoleSessionName="bench", **more)["Credentials"]
        return Credentials(got["AccessKeyId"], got["SecretAccessKey"], got["SessionToken"])

    def assume_role(self, role, keys):
        return self.call("sts", {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{self.account}:role/{role}",
                                 "RoleSessionName": "bench"}, keys)

    def web(self, token):
        return self.call("sts", {"Action": "AssumeRoleWithWebIdentity", "RoleSessionName": "bench",
                                 "RoleArn": f"arn:aws:iam::{self.account}:role/Web", "WebIdentityToken": token})

    def iam(self, action, keys, **more):
        parameters = {name: more.pop(name) for name in list(more) if name[0].isupper()}
        return self.call("iam", {"Action": action} | parameters, keys, **more)

    def call(self, service, form, keys=None, seconds=0, changed=None):
        """The error code of a call, or None. It is signed as of so many seconds from now; `changed` replaces
        parameters afterwards."""
        form = {"Version": "2011-06-15" if service == "sts" else "2010-05-08"} | form
        request = AWSRequest("POST", self.server.url + "/", data=urllib.parse.urlencode(form), headers={
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        if keys:
            now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
            moment = now + datetime.timedelta(seconds=seconds)
            with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: moment):
                SigV4Auth(keys, service, "us-east-1").add_auth(request)
        body = urllib.parse.urlencode(form | (changed or {})).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(
                    self.server.url + "/", body, dict(request.headers.items())), timeout=30):
                return None
        except urllib.error.HTTPError as error:
            told = error.read().decode()
            found = re.search(r"<Code>([^<]+)</Code>|\"__type\": ?\"([^\"]+)\"", told)
            return (found.group(1) or found.group(2)) if found else f"HTTP {error.code}"


def altered(keys, **changed):
    return Credentials(changed.get("id", keys.access_key), changed.get("secret", keys.secret_key), changed.get("token"))


def expired(world):
    if not CLOCK.exists():
        return "not tried: no libfaketime"
    world.server.advance(2 * HOUR)
    try:
        if world.iam("ListUsers", world.dev, seconds=2 * HOUR):
            return "not tried: its clock does not follow"
        return world.iam("ListUsers", world.session, seconds=2 * HOUR)
    finally:
        world.server.advance(0)


def limited_by_the_organization(world):
    if code := world.iam("ListUsers", world.member):
        return f"not tried: an allowed call fails ({code})"
    return world.iam("ListGroups", world.member)


@dataclass
class Trial:
    """`right`: a call that AWS lets in."""
    name: str
    call: Callable
    right: bool = False


def trials(tokens):
    """Groups of trials. The first of each is a control: where it fails, the rest would say nothing."""
    return {
        "web identity": [
            Trial("the right token", lambda w: w.web(tokens.token()), right=True),
            Trial("its audience as a list, as Kubernetes writes it",
                  lambda w: w.web(tokens.token(audience=[AUDIENCE])), right=True),
            Trial("forged: signed with another key", lambda w: w.web(tokens.token(key=tokens.forger))),
            Trial("not signed (`alg: none`)", lambda w: w.web(tokens.unsigned())),
            Trial("expired an hour ago", lambda w: w.web(tokens.ago(HOUR + 600))),
            Trial("wrong subject", lambda w: w.web(tokens.token(subject="system:serviceaccount:other:one"))),
            Trial("wrong audience", lambda w: w.web(tokens.token(audience="other.example"))),
            Trial("unknown issuer", lambda w: w.web(tokens.token(issuer="https://other.example/bench"))),
            Trial("text that is no token", lambda w: w.web("text"))],
        "signature": [
            Trial("a signed call", lambda w: w.iam("ListUsers", w.dev), right=True),
            Trial("unsigned", lambda w: w.iam("ListUsers", None)),
            Trial("unknown access key", lambda w: w.iam("ListUsers", altered(w.dev, id="AKIAIOSFODNN7EXAMPLE"))),
            Trial("wrong secret", lambda w: w.iam("ListUsers", altered(w.dev, secret="wrong"))),
            Trial("changed after it was signed", lambda w: w.iam(
                "GetUser", w.dev, UserName="dev", changed={"UserName": "limited"})),
            Trial("signed an hour ago", lambda w: w.iam("ListUsers", w.dev, seconds=-HOUR))],
        "session": [
            Trial("a call of a role's session", lambda w: w.iam("ListUsers", w.session), right=True),
            Trial("without its session token", lambda w: w.iam("ListUsers", altered(w.session))),
            Trial("with another session's token", lambda w: w.iam("ListUsers", altered(w.session, token=w.narrow.token))),
            Trial("of a role that was deleted", lambda w: w.iam("ListUsers", w.orphan)),
            Trial("expired an hour ago", expired)],
        "policy": [
            Trial("an allowed call", lambda w: w.iam("ListUsers", w.limited), right=True),
            Trial("no policy allows it", lambda w: w.iam("ListRoles", w.limited)),
            Trial("an explicit deny", lambda w: w.iam("ListPolicies", w.dev)),
            Trial("allowed on another resource only", lambda w: w.iam("GetRole", w.limited, RoleName="Web")),
            Trial("allowed from another address only", lambda w: w.iam("ListGroups", w.limited)),
            Trial("outside of a permissions boundary", lambda w: w.iam("ListUsers", w.bounded)),
            Trial("outside of a session policy", lambda w: w.iam("ListUsers", w.narrow)),
            Trial("denied by a service control policy", limited_by_the_organization),
            Trial("AssumeRole of a role that trusts the account", lambda w: w.assume_role("Worker", w.dev), right=True),
            Trial("AssumeRole of a role that trusts another user", lambda w: w.assume_role("Theirs", w.limited))],
    }


def cell(trial, code):
    """What differs from AWS is bold. `HTTP 500` and the like is a failure of the server, not a decision."""
    if code and code.startswith("not tried"):
        return code
    if code and code.startswith("HTTP"):
        return f"**fails** ({code})"
    told = "let in" if code is None else "refused"
    return told if trial.right == (code is None) else f"**{told}**"


def tried(server, groups):
    """The cells of a server: one for each trial."""
    cells = []
    try:
        world = World(server)
        for control, *rest in groups.values():
            failure = control.call(world)
            cells.append(cell(control, failure))
            cells += [cell(trial, "not tried" if failure else trial.call(world)) for trial in rest]
    finally:
        server.stop()
    return cells


def main():
    with tempfile.TemporaryDirectory(prefix="attache-bench-") as folder:
        tokens = Tokens(folder)
        groups, columns = trials(tokens), []
        for make in (lambda: Attache(ATTACHE, PORT, tokens.jwks, ISSUER), lambda: Moto(PORT + 1, enforcing=False),
                     lambda: Moto(PORT + 2, enforcing=True), lambda: MiniStack(PORT + 3)):
            server = make()
            columns.append([f"{server.name} {server.version}", *tried(server, groups)])
    names = [(group, trial.name) for group, found in groups.items() for trial in found]
    print(f"{datetime.date.today()}; bold: not as AWS answers\n")
    print("| | | " + " | ".join(column[0] for column in columns) + " |")
    print("| --- | --- |" + " --- |" * len(columns))
    for at, (group, name) in enumerate(names):
        first = at == 0 or names[at - 1][0] != group
        print(f"| {group if first else ''} | {name} | " + " | ".join(column[at + 1] for column in columns) + " |")


main()
