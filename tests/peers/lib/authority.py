"""An `attache authority` process, its clients, and the tokens of a cluster."""

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ISSUER = "https://oidc.eks.region-code.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
SUBJECT = "system:serviceaccount:causely:causely-mediator"
STS = "sts.amazonaws.com"
SOURCE, TARGET = "111111111111", "222222222222"
FAILED = []


def case(name, good, detail=""):
    """Prints the result of a case; `finish` ends the script with the number of failures."""
    print(f"{'ok  ' if good else 'FAIL'} {name}" + (f": {detail}" if not good else ""), flush=True)
    if not good:
        FAILED.append(name)


def finish():
    print(f"{len(FAILED)} failed" if FAILED else "all cases passed")
    raise SystemExit(1 if FAILED else 0)


def run(rules):
    """Runs the functions, or those with the second argument in their name, and ends the script."""
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    for rule in rules:
        if part in rule.__name__:
            print(f"-- {rule.__name__}", flush=True)
            rule()
    finish()


def federation(issuer, *targets, source=SOURCE):
    """The text of the federation of the workload of SUBJECT; a target is a mapping in YAML."""
    lines = "".join(f"    - {target}\n" for target in targets)
    return f"""apiVersion: attache/v1
kind: Federation
metadata: {{ name: causely }}
spec:
  issuer: {issuer}
  workload: {{ namespace: causely, serviceAccount: causely-mediator }}
  source: {{ account: "{source}", role: CauselyMediation }}
  targets:
{lines}"""


def refusal(call):
    """The code and the message of a call's refusal; no code and the result if it is not refused."""
    try:
        return None, call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"].get("Message", "")


def refused(name, call, code, message=None):
    """A call that must be refused with exactly this code and, if it is given, this message."""
    got = refusal(call)
    case(name, got[0] == code and message in (None, got[1]), got)


class Issuer:
    """The issuer of a cluster: a key, its key set, and tokens."""

    def __init__(self, attache, folder, url=ISSUER):
        self.attache, self.url = attache, url
        self.key, self.jwks = Path(folder) / "issuer.key", Path(folder) / "jwks.json"
        self.rotate()

    def rotate(self):
        """Replaces the key with a new one."""
        subprocess.run([self.attache, "token", "keygen", "--force", "--out", self.key],
                       check=True, capture_output=True)
        keys = subprocess.run([self.attache, "token", "jwks", "--key", self.key],
                              check=True, capture_output=True, text=True).stdout
        beside = self.jwks.with_suffix(".new")
        beside.write_text(keys)
        beside.rename(self.jwks)

    def token(self, subject=SUBJECT, audience=STS, *claims):
        given = [part for claim in claims for part in ("--claim", claim)]
        audience = audience if isinstance(audience, list) else [audience]
        given += [part for one in audience for part in ("--audience", one)]
        done = subprocess.run([self.attache, "token", "mint", "--issuer", self.url, "--key", self.key,
                               "--subject", subject, *given],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()


class Authority:
    """The authority as a separate process, on a free port, with a new data directory."""

    def __init__(self, attache, accounts=(SOURCE, TARGET), arguments=(), data=None):
        self.attache, self.accounts, self.arguments = attache, accounts, [str(a) for a in arguments]
        self.scratch = tempfile.TemporaryDirectory(prefix="attache-authority-")
        self.data = Path(data or Path(self.scratch.name) / "data")
        self.process = None
        self.start()
        atexit.register(self.kill)

    def start(self):
        accounts = [part for account in self.accounts for part in ("--account", account)]
        self.process = subprocess.Popen(
            [self.attache, "authority", "--listen", "127.0.0.1:0", "--data", self.data, "--output", "json", "--quiet",
             *accounts, *self.arguments], stdout=subprocess.PIPE, text=True)
        text = ""
        while not text.rstrip().endswith("}") or text.count("{") != text.count("}"):
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the authority did not start")
            text += line
        told = json.loads(text)
        self.url, self.credentials = told["url"], Path(told["credentials_file"]).resolve()

    def kill(self):
        """Ends the process with SIGKILL, like a power failure."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """Ends the process with SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def restart(self, accounts=()):
        """Kills the process and starts it again. The data directory remembers its accounts."""
        self.kill()
        self.accounts = accounts
        self.start()

    def client(self, service, account=None, credentials=None, region="us-east-1", **more):
        """A boto3 client with the credentials of an account's administrator or a session, or without credentials."""
        config = Config(retries={"max_attempts": 0}, **more)
        keys = {}
        if credentials:
            keys = {"aws_access_key_id": credentials["AccessKeyId"],
                    "aws_secret_access_key": credentials["SecretAccessKey"],
                    "aws_session_token": credentials["SessionToken"]}
        elif account:
            keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), self.keys(account)))
        else:
            config = config.merge(Config(signature_version=UNSIGNED))
        return boto3.session.Session(region_name=region).client(
            service, endpoint_url=self.url, config=config, **keys)

    def keys(self, account):
        lines = self.credentials.read_text().splitlines()
        at = lines.index(f"[{account}]")
        return [line.split(" = ")[1] for line in lines[at + 1:at + 3]]

    def assume(self, role, token, account=TARGET, session="peer", **more):
        return self.client("sts").assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName=session,
            WebIdentityToken=token, **more)

    def environment(self, **more):
        """The environment for the `aws` command line: the administrators' profiles, without the caller's settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return kept | {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
                       "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials), "AWS_CONFIG_FILE": "/dev/null",
                       "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""} | more


def events(authority):
    """The events of the journal, read with SQLite."""
    import sqlite3
    with sqlite3.connect(f"file:{authority.data / 'journal.sqlite'}?mode=ro", uri=True) as journal:
        return [json.loads(body) for body, in journal.execute("SELECT body FROM events ORDER BY seq")]


def wait_for_events(authority, wanted, seconds=5):
    """Events without a change are written to the disk shortly after the response."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [event for event in events(authority) if wanted(event)]
        if found:
            return found
        time.sleep(0.05)
    return []
