"""The servers of the comparison, each as strict as it can be made: how it starts, and who administers an account."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import boto3

BESIDE = Path(sys.executable).parent
CLOCK = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
MANAGEMENT, MEMBER = "111111111111", "222222222222"
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def client_of(url, service, keys):
    """A client of a server with these keys."""
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)


def profile(credentials, account):
    """The keys of an account's administrator in a credentials file of `attache authority`."""
    lines = Path(credentials).read_text().splitlines()
    at = lines.index(f"[{account}]")
    id, secret = (line.split(" = ")[1] for line in lines[at + 1:at + 3])
    return {"aws_access_key_id": id, "aws_secret_access_key": secret}


class Server:
    """A process on a port of loopback, with a clock of its own."""

    def __init__(self, name, port, command, **environment):
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        self.folder = tempfile.TemporaryDirectory(prefix="attache-bench-")
        self.clock = Path(self.folder.name) / "clock"
        self.clock.write_text("+0\n")
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        if CLOCK.exists():
            kept |= {"LD_PRELOAD": str(CLOCK), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                     "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"}
        self.log = Path(self.folder.name) / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=kept | environment | {"HOME": self.folder.name},
                                            stdout=log, stderr=log)
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url, timeout=5)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
            if self.process.poll() is not None:
                break
        sys.exit(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")

    def advance(self, seconds):
        """Sets the server's clock forward."""
        self.clock.write_text(f"+{seconds}\n")
        time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def client(self, service, keys):
        return client_of(self.url, service, keys)

    def enforce(self):
        """Called after the preparations, which the administrator makes."""


class Attache(Server):
    def __init__(self, binary, port, jwks, issuer):
        self.data = tempfile.TemporaryDirectory(prefix="attache-bench-")
        super().__init__("Attaché", port, [
            binary, "authority", "--listen", f"127.0.0.1:{port}", "--data", self.data.name, "--quiet",
            "--account", MANAGEMENT, "--account", MEMBER, "--issuer", f"{issuer}={jwks}"])
        shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout.split()
        self.version = shown[-1]

    def administrator(self, account=MEMBER):
        return profile(Path(self.data.name) / "credentials", account)

    def management(self):
        return self.administrator(MANAGEMENT)

    def member(self, organizations):
        organizations.enable_policy_type(RootId=organizations.list_roots()["Roots"][0]["Id"],
                                         PolicyType="SERVICE_CONTROL_POLICY")
        return MEMBER, self.administrator()


class Moto(Server):
    """`enforcing` is INITIAL_NO_AUTH_ACTION_COUNT: authentication and authorization after the preparations."""

    def __init__(self, port, enforcing):
        super().__init__("moto with IAM," if enforcing else "moto", port,
                         [BESIDE / "moto_server", "-H", "127.0.0.1", "-p", str(port)])
        self.version, self.enforcing = version("moto"), enforcing

    def administrator(self):
        return {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}

    def management(self):
        return self.administrator()

    def member(self, organizations):
        organizations.create_organization(FeatureSet="ALL")
        made = organizations.create_account(AccountName="member", Email="member@example.com")
        account = made["CreateAccountStatus"]["AccountId"]
        organizations.enable_policy_type(RootId=organizations.list_roots()["Roots"][0]["Id"],
                                         PolicyType="SERVICE_CONTROL_POLICY")
        got = self.client("sts", self.administrator()).assume_role(
            RoleArn=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", RoleSessionName="bench")["Credentials"]
        return account, {"aws_access_key_id": got["AccessKeyId"], "aws_secret_access_key": got["SecretAccessKey"],
                         "aws_session_token": got["SessionToken"]}

    def enforce(self):
        if self.enforcing:
            urllib.request.urlopen(urllib.request.Request(
                f"{self.url}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"}), timeout=10)


class MiniStack(Server):
    """With AUTH=true. A key ID of twelve digits is the root user of that account; its signature is not checked."""

    def __init__(self, port):
        super().__init__("MiniStack", port, [BESIDE / "ministack"], AUTH="true", GATEWAY_PORT=str(port),
                         BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", SFTP_ENABLED="0")
        self.version = version("ministack")

    def administrator(self, account=MEMBER):
        return {"aws_access_key_id": account, "aws_secret_access_key": "secret"}

    def management(self):
        return self.administrator(MANAGEMENT)

    def member(self, organizations):
        made = organizations.create_account(AccountName="member", Email="member@example.com")
        account = made["CreateAccountStatus"]["AccountId"]
        return account, self.administrator(account)
