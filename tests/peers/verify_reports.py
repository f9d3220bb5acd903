"""What `attache verify` prints of many accounts, as a JUnit report, and while it watches. With `attache authority`.

Usage: verify_reports.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

from lib.authority import SOURCE, Authority, Issuer, case, federation, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="verify-reports-"))
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
TARGETS = [f"{number:012}" for number in range(300000000001, 300000000008)]
ISSUER = Issuer(ATTACHE, FOLDER, URL)
AUTHORITY = Authority(ATTACHE, accounts=[SOURCE, *TARGETS], arguments=["--issuer", f"{URL}={ISSUER.jwks}"])
ENVIRONMENT = AUTHORITY.environment(AWS_ENDPOINT_URL=AUTHORITY.url)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
(FOLDER / "federation.yaml").write_text(federation(URL, *(
    f'{{ account: "{account}", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess] }}' for account in TARGETS)))
(FOLDER / "token").write_text(ISSUER.token())


def attache(*words):
    return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=FOLDER,
                          stdin=subprocess.DEVNULL, env=ENVIRONMENT)


def iam(account):
    return AUTHORITY.client("iam", account)


def one_line_an_account_the_worst_first():
    done = attache("apply", "--yes")
    case("apply", done.returncode == 0, done.stderr)
    done = attache("verify", "--token", "token")
    lines = done.stdout.splitlines()
    case("the file is federation.yaml", done.returncode == 0, done.stdout + done.stderr)
    case("a line an account", all(sum(account in line for line in lines) == 1 for account in TARGETS), done.stdout)
    iam(TARGETS[4]).detach_role_policy(RoleName="CauselyAccess", PolicyArn=READ_ONLY)
    done = attache("verify", "--token", "token")
    first = done.stdout.splitlines()[1:3]
    case("the worst is first", done.returncode == 1 and any("fail" in line and TARGETS[4] in line for line in first), done.stdout)
    case("what fails is told in full", "not attached" in done.stdout and "fix: aws iam attach-role-policy" in done.stdout, done.stdout)
    done = attache("verify", "--token", "token", "--all")
    case("--all has every check", sum(TARGETS[0] in line for line in done.stdout.splitlines()) > 5, done.stdout)


def a_junit_report():
    done = attache("verify", "--token", "token", "--junit", "report.xml")
    suite = xml.parse(FOLDER / "report.xml").getroot().find("testsuite")
    cases = suite.findall("testcase")
    case("every check is a test", len(cases) == int(suite.get("tests")) > 50, suite.attrib)
    failed = [(own.get("classname"), own.get("name")) for own in cases if own.find("failure") is not None]
    case("what fails", (f"{TARGETS[4]}.role", "policies") in failed and len(failed) == int(suite.get("failures")), failed)
    text = next(own.find("failure").text for own in cases if own.find("failure") is not None)
    case("with its fix", done.returncode == 1 and "fix: " in text, text)


def it_watches():
    process = subprocess.Popen([ATTACHE, "verify", "--token", "token", "--watch", "1"], cwd=FOLDER, env=ENVIRONMENT, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    for line in process.stdout:
        if "unknown." in line:
            break
    iam(TARGETS[4]).attach_role_policy(RoleName="CauselyAccess", PolicyArn=READ_ONLY)
    end, seen = time.monotonic() + 60, ""
    while time.monotonic() < end and "policies: fail -> ok" not in seen:
        seen += process.stdout.readline()
    case("what is mended is told", f"{TARGETS[4]} role policies: fail -> ok" in seen, seen)
    process.send_signal(signal.SIGINT)
    case("Ctrl-C ends it", process.wait(30) == 130)


run([one_line_an_account_the_worst_first, a_junit_report, it_watches])
