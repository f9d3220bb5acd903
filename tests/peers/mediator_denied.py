"""A type that a role has no permission to list is `denied` in coverage: everything else is scraped, and nothing
that was found before is deleted. Also the quickstart's accounts with boto3, with the same access as the
mediator: web identity provider, projected token and role.

Usage: mediator_denied.py ATTACHE
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

attache = sys.argv[1]
ACCOUNT, ROLE = "222222222222", "CauselyAccess"
ALL_BUT_RDS = {
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Action": ["ec2:Describe*", "elasticloadbalancing:Describe*", "sqs:List*", "lambda:List*",
                   "dynamodb:List*", "s3:ListAllMyBuckets"],
        "Resource": "*",
    }],
}


def start(*words):
    return subprocess.Popen([attache, *words], stdout=subprocess.PIPE, text=True)


def report(process):
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("}"):
            return json.loads(text)
    raise SystemExit("ended without a report")


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def lines(value, name):
    return value if isinstance(value, list) else value[name]


def until(what, probe):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.3)
    raise AssertionError(f"waited a minute for {what}")


folder = tempfile.TemporaryDirectory()
lab = pathlib.Path(folder.name, "lab")
os.environ["AWS_CONFIG_FILE"] = "/dev/null"
os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(lab / "authority" / "credentials")
quickstart = start("quickstart", "--listen", "127.0.0.1:0", "--authority-listen", "127.0.0.1:0",
                   "--data", str(lab), "--output", "json", "--accounts", "1", "-v")
mediator = None
try:
    page = report(quickstart)["page_url"]
    endpoint = (lab / "endpoint").read_text().strip()

    # As in a pod: boto3's web identity provider, without any key.
    pod = {
        "AWS_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/{ROLE}",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(lab / "token" / "token"),
        "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "PATH": os.environ["PATH"],
    }
    script = ("import boto3; print(boto3.client('sts').get_caller_identity()['Arn']);"
              "print(len(boto3.client('ec2').describe_instances()['Reservations']))")
    seen = subprocess.run([sys.executable, "-c", script], env=pod, capture_output=True, text=True,
                          timeout=60, check=False)
    assert seen.returncode == 0, seen.stderr
    arn, count = seen.stdout.split()
    assert arn.startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/"), arn
    assert int(count) > 0
    print(f"ok  boto3 with the pod's credentials is {arn} and lists {count} instances")

    values = next(lab.glob("*-values.yaml"))
    mediator = start("mediator", "--values", str(values), "--secrets", str(lab / "aws-secret.yaml"),
                     "--token-file", str(lab / "token" / "token"), "--endpoint-url", endpoint,
                     "--data", str(lab / "inventory"), "--interval", "1s",
                     "--listen", "127.0.0.1:18871")
    api = "http://127.0.0.1:18871/api/v1"

    def coverage():
        try:
            return {line["type"]: line for line in lines(get(f"{api}/coverage"), "coverage")}
        except OSError:
            return {}

    def complete():
        now = coverage()
        return now if len(now) >= 10 and all(l["status"] == "ok" for l in now.values()) else None

    before = until("a complete scrape", complete)
    found = lines(get(f"{api}/resources?type=rds:db"), "resources")
    assert found, "there are databases to lose"

    iam = boto3.Session(profile_name=ACCOUNT, region_name="us-east-1").client(
        "iam", endpoint_url=endpoint)
    iam.put_role_policy(RoleName=ROLE, PolicyName="all-but-rds",
                        PolicyDocument=json.dumps(ALL_BUT_RDS))
    iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    after = until("RDS to be denied",
                  lambda: (now := coverage()).get("rds:db", {}).get("status") == "denied" and now)
    others = {kind: line["status"] for kind, line in after.items() if kind != "rds:db"}
    assert set(others.values()) == {"ok"}, others
    kept = lines(get(f"{api}/resources?type=rds:db"), "resources")
    assert [r["arn"] for r in kept] == [r["arn"] for r in found], "something was deleted"
    print(f"ok  rds:db is denied, {len(others)} other types are ok, {len(kept)} databases are kept")
    print(f"    {after['rds:db']['message']}")

    session = subprocess.run(
        [sys.executable, "-c", "import boto3; boto3.client('rds').describe_db_instances()"],
        env=pod, capture_output=True, text=True, timeout=60, check=False)
    assert "AccessDenied" in session.stderr and "rds:DescribeDBInstances" in session.stderr
    assert "because no identity-based policy allows" in session.stderr, session.stderr
    print("ok  boto3 gets AWS's message")
    try:
        iam.delete_role(RoleName=ROLE)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "DeleteConflict"
        print("ok  a role with policies is not deleted")
    else:
        raise AssertionError("a role with policies was deleted")
finally:
    for process in (mediator, quickstart):
        if process:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
    folder.cleanup()
