"""One bad account stops nobody: `plan`, `apply`, `destroy` and `verify` over several accounts of which some cannot be
read, throttle, or are changed by two runs at once; with `attache authority` and its laboratory.

Usage: federation_accounts.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from lib.authority import Authority, Issuer, case, federation, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-accounts-"))
ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
ACCOUNTS = [str(digit) * 12 for digit in range(1, 6)]
ROLE = "CauselyAccess"


class World:
    """Five new accounts, a federation over them, and the attache commands."""

    def __init__(self, without=()):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.issuer = Issuer(ATTACHE, self.folder, ISSUER)
        self.authority = Authority(ATTACHE, ACCOUNTS, ["--issuer", f"{ISSUER}={self.issuer.jwks}"])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        if without:
            sections = self.authority.credentials.read_text().split("[")
            kept = [one for one in sections if not any(one.startswith(account) for account in without)]
            (self.folder / "credentials").write_text("[".join(kept))
            self.environment["AWS_SHARED_CREDENTIALS_FILE"] = str(self.folder / "credentials")
        targets = [f'{{ account: "{account}", role: {ROLE}, region: us-east-1, policies: [ReadOnlyAccess] }}'
                   for account in ACCOUNTS[1:]]
        (self.folder / "federation.yaml").write_text(federation(ISSUER, *targets, source=ACCOUNTS[0]))
        (self.folder / "token").write_text(self.issuer.token())

    def start(self, *words):
        return subprocess.Popen([ATTACHE, *words], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, *words, environment=None):
        return subprocess.run([ATTACHE, *words], capture_output=True, text=True, timeout=300, cwd=self.folder,
                              stdin=subprocess.DEVNULL, env=environment or self.environment)

    def json(self, *words):
        done = self.run(*words, "--output", "json")
        try:
            return json.loads(done.stdout) | {"exit": done.returncode}
        except ValueError:
            return {"exit": done.returncode, "not JSON": done.stdout, "stderr": done.stderr}

    def lab(self, **settings):
        request = urllib.request.Request(f"{self.authority.url}/_attache/lab", data=json.dumps(settings).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def has_role(self, account):
        roles = self.authority.client("iam", account).list_roles()["Roles"]
        return ROLE in [role["RoleName"] for role in roles]

    def cannot_read_iam(self, account):
        """The account's administrator may no longer read IAM."""
        iam = self.authority.client("iam", account)
        iam.create_user(UserName="blind")
        iam.put_user_policy(UserName="blind", PolicyName="p", PolicyDocument=json.dumps({
            "Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}}))
        key = iam.create_access_key(UserName="blind")["AccessKey"]
        with open(self.folder / "credentials", "a") as file:
            file.write(f"\n[blind{account}]\naws_access_key_id = {key['AccessKeyId']}\n"
                       f"aws_secret_access_key = {key['SecretAccessKey']}\n")
        return ["--profile", f"{account}=blind{account}"]


FILE = ["-f", "federation.yaml"]


def plain(text):
    return "".join(text.replace("│", " ").split())


def accounts_that_cannot_be_read_are_listed_together():
    bad = [ACCOUNTS[1], ACCOUNTS[3]]
    world = World(without=bad)
    done = world.run("plan", *FILE)
    case("plan: all of them are named", done.returncode == 2 and all(account in plain(done.stderr) for account in bad), done)
    case("plan: the others are planned", all(f"account {account}" in done.stdout for account in ACCOUNTS if account not in bad), done)
    report = world.json("plan", *FILE)
    case("plan as JSON: unread and planned", [one["account"] for one in report["unread"]] == bad
         and len(report["accounts"]) == 3 and all(one["error"] for one in report["unread"]), report)
    done = world.run("apply", *FILE, "--yes")
    case("apply: the others are done", done.returncode == 2 and all(world.has_role(account) for account in ACCOUNTS[1:]
         if account not in bad), done)
    case("apply: all of them are named", all(account in plain(done.stderr) for account in bad), done)
    report = world.json("verify", *FILE, "--token", "token")
    case("verify: every account has its lines", {one.get("account") for one in report["checks"]} >= set(ACCOUNTS), report)


def an_account_that_may_not_read_iam_stops_nobody():
    world = World(without=["none"])
    options = world.cannot_read_iam(ACCOUNTS[2])
    report = world.json("apply", *FILE, "--yes", *options)
    case("exit code 3 with the others done", report["exit"] == 3 and all(
        world.has_role(account) for account in ACCOUNTS[1:] if account != ACCOUNTS[2]), report)
    case("JSON has what was done and what was not read", len(report.get("applied", [])) == 2 + 3 * 3
         and [one["account"] for one in report["unread"]] == [ACCOUNTS[2]] and report["error"]["message"], report)


def a_step_that_fails_stops_its_account_alone():
    world = World()
    world.lab(faults=[{"kind": "internal-error", "service": "iam", "operation": "AttachRolePolicy", "account": ACCOUNTS[1]}])
    report = world.json("apply", *FILE, "--yes")
    case("the failing account is named", report["exit"] == 3 and [one["account"] for one in report["error"]["stops"]] == [ACCOUNTS[1]], report)
    done = {step["account"] for step in report["applied"] if step["what"].startswith("attach")}
    case("the accounts after it are done", done == set(ACCOUNTS[2:]), done)
    world.lab()
    done = world.run("apply", *FILE, "--yes", "--allow-widening")
    case("a second run ends it", done.returncode == 0 and world.run("plan", *FILE, "--check").returncode == 0, done)


def throttling_never_ends_a_run():
    world = World()
    world.lab(seed=3, faults=[{"kind": "throttling", "service": "*", "probability": 0.5}])
    begun = time.monotonic()
    for words in (["plan", *FILE], ["apply", *FILE, "--yes", "--allow-widening"], ["verify", *FILE, "--token", "token"]):
        done = world.run(*words, "--timeout", "240")
        case(f"{words[0]} in a storm: done in {time.monotonic() - begun:.0f} s", done.returncode == 0, done)
    world.lab(faults=[{"kind": "throttling", "service": "iam", "account": ACCOUNTS[4]}])
    report = world.json("plan", *FILE, "--timeout", "3")
    case("without end: not read after the time is over", report["exit"] == 3
         and [(one["account"], "not read" in one["error"]) for one in report["unread"]] == [(ACCOUNTS[4], True)], report)
    case("without end: the others are planned", len(report["accounts"]) == 4, report)
    world.lab(faults=[{"kind": "throttling", "service": "sts", "account": ACCOUNTS[4]}])
    report = world.json("plan", *FILE, "--timeout", "3")
    case("STS too", [one["account"] for one in report.get("unread", [])] == [ACCOUNTS[4]], report)


def json_is_on_standard_output_also_on_failure():
    world = World(without=ACCOUNTS)
    for name, words in {
        "plan, no credentials": ["plan", *FILE], "apply, no credentials": ["apply", *FILE, "--yes"],
        "destroy, no credentials": ["destroy", *FILE, "--yes"], "plan, no file": ["plan", "-f", "nowhere.yaml"],
        "verify, no file": ["verify", "-f", "nowhere.yaml"],
    }.items():
        report = world.json(*words)
        said = report.get("error", {}).get("message") or report.get("unread")
        case(f"{name}: JSON with the reason", report["exit"] == 2 and said, report)
    world = World()
    report = world.json("apply", *FILE)
    case("apply without an answer: JSON", report["exit"] == 2 and "nothing was changed" in report["error"]["message"], report)
    world.authority.client("iam", ACCOUNTS[1]).create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNTS[1]}, "Action": "sts:AssumeRole"}}))
    report = world.json("apply", *FILE, "--yes")
    case("a blocked plan: JSON", report["exit"] == 1 and "--adopt" in report["error"]["message"], report)


def ctrl_c_says_where_it_stopped():
    world = World()
    world.lab(latency="300ms")
    for name, words, wait, parts in [
        ("apply", ["apply", *FILE, "--yes", "--output", "json"], "progress", ["stopped at step", "of 14", "run it again"]),
        ("plan", ["plan", *FILE, "--output", "json"], 0.5, ["nothing was changed"]),
        ("verify", ["verify", *FILE, "--token", "token", "--output", "json"], 0.5, ["nothing was changed"]),
    ]:
        process = world.start(*words)
        if wait == "progress":
            for _ in range(3):
                process.stderr.readline()
        else:
            time.sleep(wait)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        case(f"{name}: exit code 130", process.returncode == 130, (process.returncode, err))
        case(f"{name}: says where", all(plain(part) in plain(err) for part in parts), err)
        try:
            message = json.loads(out)["error"]["message"]
        except (ValueError, KeyError):
            message = None
        case(f"{name}: and as JSON", message, out)
    world.lab()
    done = world.run("apply", *FILE, "--yes", "--allow-widening")
    case("a second run converges", done.returncode == 0 and world.run("plan", *FILE, "--check").returncode == 0, done)


def two_applies_at_once_both_converge():
    for attempt, delay in enumerate((0, 0.05, 0.2, 0.4, 0.8)):
        world = World()
        world.lab(latency="20ms")
        first = world.start("apply", *FILE, "--yes")
        time.sleep(delay)
        second = world.start("apply", *FILE, "--yes")
        told = [process.communicate(timeout=120) for process in (first, second)]
        case(f"{delay} s apart: both end with 0", (first.returncode, second.returncode) == (0, 0), told)
        case(f"{delay} s apart: the plan is empty", world.run("plan", *FILE, "--check").returncode == 0)
        first, second = (world.start("destroy", *FILE, "--yes") for _ in range(2))
        told = [process.communicate(timeout=120) for process in (first, second)]
        case(f"{attempt}: two destroys end with 0", (first.returncode, second.returncode) == (0, 0), told)


run([accounts_that_cannot_be_read_are_listed_together, an_account_that_may_not_read_iam_stops_nobody,
     a_step_that_fails_stops_its_account_alone, throttling_never_ends_a_run,
     json_is_on_standard_output_also_on_failure, ctrl_c_says_where_it_stopped, two_applies_at_once_both_converge])
