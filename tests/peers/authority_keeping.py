#!/usr/bin/env python3
"""What the authority stores: saved states and reset for test suites, check and export of a journal without
serving it, and damage, which is reported with its position.

    authority_keeping.py PATH_OF_ATTACHE

Needs: pip install boto3.
"""

import hashlib
import json
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, Authority, case, finish

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
AUTHORITY = Authority(ATTACHE, arguments=[
    "--cluster", f"{TARGET}/us-east-1/prod=https://issuer.example/a"])
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": SOURCE}, "Action": "sts:AssumeRole"}]})


def ask(method, path, **headers):
    request = urllib.request.Request(AUTHORITY.url + path, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def roles():
    return [role["RoleName"] for role in AUTHORITY.client("iam", TARGET).list_roles()["Roles"]]


def create(name):
    AUTHORITY.client("iam", TARGET).create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def attache(*arguments):
    return subprocess.run([ATTACHE, "authority", *arguments], capture_output=True, text=True)


def snapshots():
    create("first")
    case("a state is saved", ask("POST", "/_attache/snapshots/one") == (200, {"done": True}))
    create("second")
    case("saved states are listed", ask("GET", "/_attache/snapshots") == (200, {"snapshots": ["one"]}))
    session = AUTHORITY.client("sts", SOURCE).assume_role(
        RoleArn=f"arn:aws:iam::{TARGET}:role/second", RoleSessionName="it")["Credentials"]
    case("a state is restored", ask("POST", "/_attache/snapshots/one/restore")[0] == 200 and roles() == ["first"], roles())
    try:
        AUTHORITY.client("sts", credentials=session).get_caller_identity()
        case("the session of a role that no longer exists ends", False)
    except Exception as error:
        case("the session of a role that no longer exists ends", error.response["Error"]["Code"] == "InvalidClientTokenId")
    AUTHORITY.kill()
    AUTHORITY.start()
    case("the restored state survives kill -9", roles() == ["first"], roles())
    case("the saved state survives kill -9", ask("GET", "/_attache/snapshots")[1] == {"snapshots": ["one"]})
    case("a missing saved state", ask("POST", "/_attache/snapshots/two/restore")
         == (404, {"error": "there is no snapshot two"}))
    case("an invalid name", ask("POST", "/_attache/snapshots/a%20b")[0] == 400)
    case("refused for a page of another site", ask("POST", "/_attache/reset", Origin="https://evil.example")[0] == 403)
    case("reset", ask("POST", "/_attache/reset")[0] == 200 and roles() == [], roles())
    clusters = AUTHORITY.client("eks", TARGET).list_clusters()["clusters"]
    case("the clusters exist again, and the keys are the same", clusters == ["prod"], clusters)
    org = AUTHORITY.client("organizations", SOURCE).list_accounts()["Accounts"]
    case("the organization exists again", sorted(a["Id"] for a in org) == [SOURCE, TARGET], org)
    ask("POST", "/_attache/snapshots/one/restore")
    case("a saved state survives a reset", roles() == ["first"], roles())
    case("a saved state is deleted", ask("DELETE", "/_attache/snapshots/one")[0] == 200
         and ask("GET", "/_attache/snapshots")[1] == {"snapshots": []})


def looked_at():
    done = attache("check", str(AUTHORITY.data), "--output", "json")
    told = json.loads(done.stdout)
    case("check works while the authority runs", done.returncode == 0 and told["whole"] and told["accounts"] == 2, done)
    done = attache("export", str(AUTHORITY.data), "--changes", "--account", TARGET)
    actions = [json.loads(line)["event"]["action"] for line in done.stdout.splitlines()]
    case("export --changes", actions == ["attache:OpenAccount", "attache:KnowCluster", "iam:CreateRole",
                                                 "iam:CreateRole"], actions)
    last = told["lastGood"]
    done = attache("export", str(AUTHORITY.data), "--after", str(last - 1))
    case("export --after", [json.loads(line)["seq"] for line in done.stdout.splitlines()][0] == last)
    done = attache("check", "nowhere")
    case("a directory without a journal", done.returncode == 2 and "no journal" in done.stderr, done)


def grow(events):
    """Appends events, each chained to the one before with plain SHA-256."""
    database = sqlite3.connect(AUTHORITY.data / "journal.sqlite")
    seq, body, link = database.execute("SELECT seq, body, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    event = json.loads(body)
    event.pop("change", None)
    text = json.dumps(event)

    def rows():
        nonlocal seq, link
        for _ in range(events):
            seq += 1
            link = hashlib.sha256(link + seq.to_bytes(8, "big") + text.encode()).digest()
            yield seq, text, link
    with database:
        database.executemany("INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)", rows())
    database.close()
    return seq


def started():
    begun = time.monotonic()
    AUTHORITY.start()
    return time.monotonic() - begun


def long_journal():
    AUTHORITY.stop()
    grow(100_000)
    slow = started()
    AUTHORITY.stop()
    quick = started()
    print(f"     started on 100,000 events in {slow:.2f} s without a snapshot and in {quick:.2f} s with one")
    case("a start does not replay the events before a snapshot", quick < slow and roles() == ["first"], (slow, quick))
    AUTHORITY.stop()
    database = sqlite3.connect(AUTHORITY.data / "journal.sqlite")
    with database:
        database.execute("UPDATE snapshots SET text = replace(text, 'first', 'thief')")
    database.close()
    AUTHORITY.start()
    case("a modified snapshot is not used", roles() == ["first"], roles())
    AUTHORITY.stop()


def cut():
    """Missing events at the end are found by the head file, not by the chain."""
    AUTHORITY.start()
    create("last")
    AUTHORITY.kill()
    with sqlite3.connect(f"file:{AUTHORITY.data / 'journal.sqlite'}?mode=ro", uri=True) as database:
        last, = database.execute("SELECT max(seq) FROM events").fetchone()
    database.close()
    log = AUTHORITY.data / "journal.sqlite-wal"
    whole = log.read_bytes()
    log.write_bytes(b"")
    done = attache("check", str(AUTHORITY.data))
    case("a truncated log is reported", done.returncode == 1 and f"events up to {last} were written" in done.stdout, done)
    done = subprocess.run([ATTACHE, "authority", "--listen", "127.0.0.1:0", "--data", str(AUTHORITY.data)],
                          capture_output=True, text=True, timeout=20)
    case("nothing is served", done.returncode == 2 and "is corrupt" in done.stderr, done)
    for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
        (AUTHORITY.data / name).unlink(missing_ok=True)
    log.write_bytes(whole)
    done = attache("check", str(AUTHORITY.data))
    case("with the complete log everything is there", done.returncode == 0, done)


def damaged():
    database = sqlite3.connect(AUTHORITY.data / "journal.sqlite")
    with database:
        database.execute("UPDATE events SET body = replace(body, 'first', 'thief') WHERE seq = 4")
    database.close()
    done = attache("check", str(AUTHORITY.data))
    case("a modified event is reported with the last good one", done.returncode == 1
         and "is damaged after event 3: the hash of event 4 does not match" in done.stdout, done)
    done = attache("export", str(AUTHORITY.data))
    case("the events before it are exported", done.returncode == 1 and len(done.stdout.splitlines()) == 3, done.stderr)


def delayed():
    """A new role cannot be assumed yet, although IAM returns it."""
    own = Authority(ATTACHE, arguments=["--propagation-delay", "1.5"])
    iam, sts = own.client("iam", TARGET), own.client("sts", SOURCE)
    iam.create_role(RoleName="late", AssumeRolePolicyDocument=TRUST)
    arn = iam.get_role(RoleName="late")["Role"]["Arn"]
    begun, refusals = time.monotonic(), 0
    while True:
        try:
            session = sts.assume_role(RoleArn=arn, RoleSessionName="it")["Credentials"]
            break
        except sts.exceptions.ClientError as error:
            refusals += error.response["Error"]["Code"] == "AccessDenied"
            time.sleep(0.1)
    took = time.monotonic() - begun
    case("a new role can be assumed after the delay", refusals > 3 and 1.2 < took < 4, (refusals, took))
    iam.delete_role(RoleName="late")
    reader = own.client("sts", credentials=session)
    case("the sessions of a deleted role last for the same delay", "late" in reader.get_caller_identity()["Arn"])
    time.sleep(1.7)
    try:
        reader.get_caller_identity()
        case("and not longer", False)
    except reader.exceptions.ClientError as error:
        case("and not longer", error.response["Error"]["Code"] == "InvalidClientTokenId")
    own.stop()


snapshots()
looked_at()
delayed()
long_journal()
cut()
damaged()
finish()
