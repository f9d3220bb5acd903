"""`attache reach` on accounts in moto, from a snapshot that `aws` wrote and from IAM directly.

Usage: reach_moto.py ATTACHE
"""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import boto3

ATTACHE = str(pathlib.Path(sys.argv[1]).resolve())
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="reach-moto-"))
SOURCE, TARGET = "123456789012", "222222222222"
HOST = "oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
FAILED = []


def case(name, good, detail=""):
    print(f"{'ok  ' if good else 'FAIL'} {name}" + (f": {detail}" if not good else ""), flush=True)
    if not good:
        FAILED.append(name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


PORT = free_port()
URL = f"http://127.0.0.1:{PORT}"
MOTO = subprocess.Popen([str(pathlib.Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(PORT)],
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null",
                   "AWS_SHARED_CREDENTIALS_FILE": str(FOLDER / "credentials"), "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "", "NO_COLOR": "1"} | more


def wait():
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", PORT), 1).close()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("moto did not start")


def session(account):
    """An administrator of the account in moto: a session of a role that need not exist."""
    if account == SOURCE:
        return {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    sts = boto3.client("sts", endpoint_url=URL, region_name="us-east-1", **session(SOURCE))
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/admin", RoleSessionName="admin")["Credentials"]
    return {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"]}


def iam(account):
    return boto3.client("iam", endpoint_url=URL, region_name="us-east-1", **session(account))


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def accounts():
    """A pod's role in one account, a target role and an administrator in the other."""
    for account in (SOURCE, TARGET):
        iam(account).create_open_id_connect_provider(
            Url=f"https://{HOST}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])
    trust = {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{SOURCE}:oidc-provider/{HOST}"},
             "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
                 f"{HOST}:sub": "system:serviceaccount:causely:mediator", f"{HOST}:aud": "sts.amazonaws.com"}}}
    iam(SOURCE).create_role(RoleName="Mediation", AssumeRolePolicyDocument=document(trust))
    iam(SOURCE).put_role_policy(RoleName="Mediation", PolicyName="go", PolicyDocument=document(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{TARGET}:role/Access*"}))
    named = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:role/Mediation"}, "Action": "sts:AssumeRole"}
    for name in ("Access", "AccessAdmin", "Other"):
        iam(TARGET).create_role(RoleName=name, AssumeRolePolicyDocument=document(named))


def attache(*arguments):
    done = subprocess.run([ATTACHE, "reach", *arguments], capture_output=True, text=True, env=environment())
    return done.returncode, done.stdout, done.stderr


def routes(text):
    """The starting principals and the roles of each path in the JSON output."""
    return sorted((path["from"].get("subject", path["from"].get("arn", path["from"]["kind"])),
                   *(step["to"] for step in path["steps"])) for path in json.loads(text)["paths"])


wait()
try:
    accounts()
    lines = []
    for account in (SOURCE, TARGET):
        keys = session(account)
        lines += [f"[{account}]"] + [f"{name} = {value}" for name, value in keys.items()]
    (FOLDER / "credentials").write_text("\n".join(lines) + "\n")

    pod = "system:serviceaccount:causely:mediator"
    first = f"arn:aws:iam::{SOURCE}:role/Mediation"
    wanted = sorted([(pod, first), (pod, first, f"arn:aws:iam::{TARGET}:role/Access"),
                     (pod, first, f"arn:aws:iam::{TARGET}:role/AccessAdmin")])
    saved = FOLDER / "saved.json"
    live = ["--live", "--account", SOURCE, "--account", TARGET, "--endpoint-url", URL]
    code, told, why = attache(*live, "--save", str(saved), "--output", "json", "--quiet")
    case("live: the paths of the pod", code == 0 and routes(told) == wanted, (code, told[:2000], why))
    code, again, why = attache("--snapshot", str(saved), "--output", "json", "--quiet")
    case("the saved snapshot gives the same paths", code == 0 and json.loads(again)["paths"] and routes(again) == routes(told), why)

    files = []
    for aws in (str(pathlib.Path(sys.executable).parent / "aws"), "/usr/bin/aws"):
        files = []
        for account in (SOURCE, TARGET):
            done = subprocess.run([aws, "--endpoint-url", URL, "--profile", account, "--output", "json",
                                   "iam", "get-account-authorization-details"],
                                  capture_output=True, text=True, env=environment())
            path = FOLDER / f"{account}.json"
            path.write_text(done.stdout)
            files += ["--snapshot", str(path)]
        code, told, why = attache(*files, "--output", "json", "--quiet")
        case(f"snapshots by {aws}", code == 0 and routes(told) == wanted, (code, told[:2000], why))

    rules = FOLDER / "rules.toml"
    rules.write_text("[[deny]]\nfrom = '*/causely/*'\nto = 'arn:aws:iam::*:role/*Admin'\nreason = 'pods never administer'\n")
    code, told, _ = attache(*files, "--deny-path", str(rules))
    case("a violated rule has exit code 1 and the path", code == 1 and "pods never administer" in told and "role/AccessAdmin" in told, (code, told))
    iam(TARGET).delete_role(RoleName="AccessAdmin")
    code, told, why = attache(*live, "--deny-path", str(rules))
    case("a rule that holds has exit code 0", code == 0 and "all of 1 rules hold" in told, (code, told, why))
    code, _, why = attache("--live", "--account", "999999999999", "--endpoint-url", URL)
    case("missing credentials are reported", code == 2 and "999999999999" in why, (code, why))
finally:
    MOTO.kill()
    MOTO.wait()
print(f"{len(FAILED)} failed" if FAILED else "all cases passed")
raise SystemExit(1 if FAILED else 0)
