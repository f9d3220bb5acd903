#!/usr/bin/env python3
"""Steps 1 to 6 of examples/seed with its files, with the `aws` command line and with boto3.

    seed_steps.py PATH_OF_ATTACHE [PATH_OF_AWS [DIRECTORY_OF_THE_SEED]]

Needs: pip install boto3, and an `aws`. Then tokens: the valid one gets a session that works, and each invalid
one is refused with AWS's code and message. Then kill -9: nothing is lost.
"""

import json
import shutil
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import (ISSUER, SOURCE, STS, SUBJECT, TARGET, Authority, Issuer, case, finish,
                       wait_for_events)
from botocore.exceptions import ClientError

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
# By its path: a wrapper of the same name stands before it on the PATH.
AWS = shutil.which(sys.argv[2] if len(sys.argv) > 2 else "aws") or sys.exit("aws is missing: pip install awscli")
SEED = Path(sys.argv[3] if len(sys.argv) > 3 else Path(__file__).parents[2] / "examples/seed").resolve()
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-seed-")
WORK = Path(SCRATCH.name)
PROVIDER = "oidc-provider/" + ISSUER.removeprefix("https://")
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"

NOT_AUTHORIZED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
NOT_VALIDATED = ("InvalidIdentityToken", "The web identity token provided could not be validated. See the "
                 "AssumeRoleWithWebIdentity documentation for requirements.")
NO_KEY = ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please "
          "reference AssumeRoleWithWebIdentity documentation for requirements")
UNREACHED = ("IDPCommunicationError", "The identity provider could not be reached.")
NO_PROVIDER = ("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {ISSUER}")


class CommandLine:
    """The steps on the command line."""

    name = "aws"

    def __init__(self, authority):
        self.authority = authority
        # The script calls `aws` without an endpoint, and older versions do not read it from the environment:
        # this wrapper adds it.
        shim = WORK / "bin" / "aws"
        shim.parent.mkdir(exist_ok=True)
        shim.write_text(f'#!/bin/sh\nexec "{AWS}" --endpoint-url {authority.url} "$@"\n')
        shim.chmod(0o755)
        self.path = f"{shim.parent}:/usr/bin:/bin"

    def run(self, command, account=None, credentials=None):
        more = {"PATH": self.path}
        if account:
            more["AWS_PROFILE"] = account
        if credentials:
            more |= {"AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                     "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                     "AWS_SESSION_TOKEN": credentials["SessionToken"]}
        done = subprocess.run(command, env=self.authority.environment(**more), capture_output=True,
                              text=True, timeout=60)
        if done.returncode == 0:
            return json.loads(done.stdout) if done.stdout.strip() else {}
        text = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no error was told"
        # Version 2 adds the number of retries if they are limited.
        told = re.fullmatch(r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)", text)
        return told.groups() if told else (None, text)

    def create_role(self, account, name, trust):
        return self.run(["aws", "iam", "create-role", "--role-name", name,
                         "--assume-role-policy-document", f"file://{trust}"], account)

    def create_provider(self, account):
        return self.run(["bash", str(SEED / "create-provider.sh")], account)

    def attach(self, account, role, arn):
        return self.run(["aws", "iam", "attach-role-policy", "--role-name", role, "--policy-arn", arn],
                        account)

    def assume(self, role, token):
        (WORK / "token").write_text(token)
        return self.run(["aws", "sts", "assume-role-with-web-identity", "--role-arn", role,
                         "--role-session-name", "seed", "--web-identity-token", f"file://{WORK}/token"])

    def identity(self, credentials):
        return self.run(["aws", "sts", "get-caller-identity"], credentials=credentials)

    def delete_role(self, credentials):
        return self.run(["aws", "iam", "delete-role", "--role-name", "CauselyAccess"],
                        credentials=credentials)


class Boto:
    """The same with boto3."""

    name = "boto3"

    def __init__(self, authority):
        self.authority = authority

    def run(self, call, **members):
        try:
            return call(**members)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]

    def create_role(self, account, name, trust):
        return self.run(self.authority.client("iam", account).create_role, RoleName=name,
                        AssumeRolePolicyDocument=Path(trust).read_text())

    def create_provider(self, account):
        return self.run(self.authority.client("iam", account).create_open_id_connect_provider, Url=ISSUER,
                        ClientIDList=[STS], ThumbprintList=["AABBCCDDEEFFGGHHIIJJKKLLMMNNOOPPQQRRSSTT"])

    def attach(self, account, role, arn):
        made = self.run(self.authority.client("iam", account).attach_role_policy, RoleName=role, PolicyArn=arn)
        return made if isinstance(made, tuple) else {}

    def assume(self, role, token):
        return self.run(self.authority.client("sts").assume_role_with_web_identity, RoleArn=role,
                        RoleSessionName="seed", WebIdentityToken=token)

    def identity(self, credentials):
        return self.run(self.authority.client("sts", credentials=credentials).get_caller_identity)

    def delete_role(self, credentials):
        return self.run(self.authority.client("iam", credentials=credentials).delete_role,
                        RoleName="CauselyAccess")


def steps(client, who):
    made = client.create_role(SOURCE, "CauselyMediation", SEED / "source-trust.json")
    arn = made["Role"]["Arn"] if isinstance(made, dict) else made
    case(f"{who}: steps 1 and 2, the role in the source account",
         arn == f"arn:aws:iam::{SOURCE}:role/CauselyMediation", made)
    made = client.create_provider(TARGET)
    case(f"{who}: step 3, the provider in the target account",
         isinstance(made, dict) and made["OpenIDConnectProviderArn"] == f"arn:aws:iam::{TARGET}:{PROVIDER}", made)
    made = client.create_role(TARGET, "CauselyAccess", SEED / "target-trust.json")
    trust = made["Role"]["AssumeRolePolicyDocument"] if isinstance(made, dict) else made
    case(f"{who}: steps 4 and 5, the role in the target account",
         trust == json.loads((SEED / "target-trust.json").read_text()), made)
    made = client.attach(TARGET, "CauselyAccess", READ_ONLY)
    case(f"{who}: step 6, the managed policy on the role", made == {}, made)
    again = client.create_role(TARGET, "CauselyAccess", SEED / "target-trust.json")
    case(f"{who}: a repeated step is refused",
         again == ("EntityAlreadyExists", "Role with name CauselyAccess already exists."), again)


def good_token(client, who, issuer):
    got = client.assume(f"arn:aws:iam::{TARGET}:role/CauselyAccess", issuer.token())
    if not isinstance(got, dict):
        case(f"{who}: a valid token gets credentials", False, got)
        return None
    told = (got["SubjectFromWebIdentityToken"], got["Audience"], got["Provider"], got["AssumedRoleUser"]["Arn"])
    arn = f"arn:aws:sts::{TARGET}:assumed-role/CauselyAccess/seed"
    case(f"{who}: a valid token gets credentials",
         told == (SUBJECT, STS, f"arn:aws:iam::{TARGET}:{PROVIDER}", arn), told)
    credentials = got["Credentials"]
    identity = client.identity(credentials)
    case(f"{who}: the credentials are a session of that role",
         isinstance(identity, dict) and (identity["Account"], identity["Arn"]) == (TARGET, arn), identity)
    case(f"{who}: the ID has the role's ID and the session name",
         isinstance(identity, dict) and identity["UserId"] == got["AssumedRoleUser"]["AssumedRoleId"], identity)
    got = client.delete_role(credentials)
    sentence = (f"User: {arn} is not authorized to perform: iam:DeleteRole on resource: "
                f"arn:aws:iam::{TARGET}:role/CauselyAccess because no identity-based policy allows the "
                "iam:DeleteRole action")
    case(f"{who}: the session is read-only", got == ("AccessDenied", sentence), got)
    return credentials


def bad_tokens(client, who, issuer, stranger):
    role = f"arn:aws:iam::{TARGET}:role/CauselyAccess"
    good = issuer.token()
    header, payload, signature = good.split(".")
    tampered = f"{header}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    then = int(time.time()) - 3600
    expired = issuer.token(SUBJECT, STS, f"exp={then}")
    for name, role_arn, token, wanted in [
        ("wrong audience", role, issuer.token(audience="somebody.else"),
         NOT_VALIDATED),
        ("wrong subject", role, issuer.token("system:serviceaccount:causely:other"), NOT_AUTHORIZED),
        ("provider not registered", role, stranger.token(),
         ("InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {stranger.url}")),
        ("other account's provider", f"arn:aws:iam::{SOURCE}:role/CauselyMediation", good, NO_PROVIDER),
        ("tampered signature", role, tampered, NOT_VALIDATED),
        ("role missing", f"arn:aws:iam::{TARGET}:role/Nobody", good, NOT_AUTHORIZED),
        ("account missing", "arn:aws:iam::999999999999:role/CauselyAccess", good, NO_PROVIDER),
        ("two audiences", role, issuer.token(SUBJECT, [STS, "b"]),
         ("InvalidIdentityToken",
          "Token audience contains more than one audience while authorized party is not present")),
        ("not a token", role, "not-a-jwt-token",
         ("InvalidIdentityToken",
          "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")),
        ("a subject of null", role, issuer.token(SUBJECT, STS, "sub=null"),
         ("InternalFailure", "Unknown error validating third-party token")),
    ]:
        got = client.assume(role_arn, token)
        case(f"{who}: refused: {name}", got == wanted, got)
    got = client.assume(role, expired)
    now = int(time.time()) - 300
    sentence = "Token expired: current date/time {} must be before the expiration date/time " + str(then)
    near = [("ExpiredTokenException", sentence.format(now - late)) for late in range(10)]
    case(f"{who}: refused: expired token", got in near, got)


def given_keys(client, who, authority, issuer):
    """The file of a key set is read again when it changes; the keys of other issuers are fetched."""
    role = f"arn:aws:iam::{TARGET}:role/CauselyAccess"
    before = issuer.token()
    issuer.rotate()
    case(f"{who}: after a rotation the new key is accepted", isinstance(client.assume(role, issuer.token()), dict))
    got = client.assume(role, before)
    case(f"{who}: after a rotation the old key is unknown", got == NO_KEY, got)
    authority.client("iam", TARGET).create_open_id_connect_provider(
        Url="https://keyless.example", ClientIDList=[STS])
    keyless = Issuer(ATTACHE, tempfile.mkdtemp(dir=WORK), "https://keyless.example")
    got = client.assume(role, keyless.token())
    case(f"{who}: refused: an unreachable issuer without --issuer", got == UNREACHED, got)


def survives(client, who, authority, credentials):
    """kill -9 after each answered change: no change is lost, no session ends."""
    iam = authority.client("iam", TARGET)
    for n in range(5):
        iam.create_role(RoleName=f"Kept{n}", AssumeRolePolicyDocument=(SEED / "target-trust.json").read_text())
        iam.put_role_policy(RoleName=f"Kept{n}", PolicyName="p", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}))
        authority.restart()
        iam = authority.client("iam", TARGET)
        kept = iam.get_role_policy(RoleName=f"Kept{n}", PolicyName="p")["PolicyDocument"]["Statement"]["Action"]
        case(f"{who}: kill -9, {n + 1}: the answered change is kept", kept == "sqs:*")
    client = type(client)(authority)
    identity = client.identity(credentials)
    case(f"{who}: an earlier session stays valid", isinstance(identity, dict), identity)
    changes = [event["action"] for event in wait_for_events(authority, lambda event: "change" in event)]
    case(f"{who}: the journal has every change",
         changes.count("iam:CreateRole") == 7 and changes.count("iam:PutRolePolicy") == 5, changes)
    case(f"{who}: SIGTERM ends it with exit code 0", authority.stop() == 0)


def journal(who, authority, issuer):
    refused = wait_for_events(authority, lambda event: "refused" in event["outcome"]
                              and event["action"] == "sts:AssumeRoleWithWebIdentity"
                              and "other" in event["principal"])
    principal = f"arn:aws:iam::{TARGET}:{PROVIDER}:{STS}:system:serviceaccount:causely:other"
    case(f"{who}: a denial is one event, with principal and reason",
         len(refused) == 1 and refused[0]["principal"] == principal and ":sub" in refused[0]["reason"], refused)
    text = (authority.data / "journal.sqlite").read_bytes()
    text += (authority.data / "journal.sqlite-wal").read_bytes()
    signature = issuer.token().split(".")[0].encode()
    secret = authority.keys(TARGET)[1].encode()
    case(f"{who}: no event holds a token or a secret", signature not in text and secret not in text)


for Client in [CommandLine, Boto]:
    folder = Path(tempfile.mkdtemp(dir=WORK))
    issuer = Issuer(ATTACHE, folder)
    (folder / "stranger").mkdir()
    stranger = Issuer(ATTACHE, folder / "stranger", "https://stranger.example")
    authority = Authority(ATTACHE, arguments=["--issuer", f"{ISSUER}={issuer.jwks}",
                                              "--issuer", f"{stranger.url}={stranger.jwks}"])
    client = Client(authority)
    steps(client, client.name)
    credentials = good_token(client, client.name, issuer)
    bad_tokens(client, client.name, issuer, stranger)
    journal(client.name, authority, issuer)
    given_keys(client, client.name, authority, issuer)
    if credentials:
        survives(client, client.name, authority, credentials)
finish()
