"""Start time and memory of an authority with a large journal. Writes journals, chained as the authority does.

    large.py PATH_OF_ATTACHE FOLDER
"""

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ATTACHE, FOLDER = sys.argv[1], Path(sys.argv[2])
URL = "http://127.0.0.1:4709"


def serve(data, *arguments):
    """Starts the authority; returns the process and the seconds until it responded."""
    begun = time.monotonic()
    process = subprocess.Popen([ATTACHE, "authority", "--listen", "127.0.0.1:4709", "--data", data, "--quiet",
                                *arguments], stdout=subprocess.DEVNULL)
    while True:
        try:
            urllib.request.urlopen(URL + "/healthz").read()
            return process, time.monotonic() - begun
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the authority did not start")
            time.sleep(0.005)


def memory(process):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def end(process):
    process.terminate()
    process.wait()


def fresh(name):
    data = FOLDER / name
    shutil.rmtree(data, ignore_errors=True)
    process, _ = serve(data, "--account", "111111111111")
    end(process)
    return data


def append(data, bodies):
    """Appends events after the last one, each chained to the one before."""
    database = sqlite3.connect(data / "journal.sqlite")
    seq, link = database.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()

    def rows():
        nonlocal seq, link
        for body in bodies:
            seq += 1
            link = hashlib.sha256(link + seq.to_bytes(8, "big") + body.encode()).digest()
            yield seq, body, link
    with database:
        database.executemany("INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)", rows())
    database.close()


def event(account, action, change=None):
    told = {"at": "2026-11-24T00:00:00Z", "account": account, "principal": f"arn:aws:iam::{account}:user/administrator",
            "action": action, "resource": "*", "region": "us-east-1", "source": "127.0.0.1", "outcome": "allowed",
            "reason": "it is allowed", "request_id": "00000000-0000-4000-8000-000000000000"}
    return json.dumps(told | ({"change": change} if change else {}))


def million():
    data = fresh("million")
    append(data, (event("111111111111", "iam:GetRole") for _ in range(1_000_000)))
    process, slow = serve(data)
    end(process)
    process, quick = serve(data)
    end(process)
    print(f"1,000,000 events: started in {slow:.1f} s without a snapshot, in {quick:.2f} s with one")


def organisation(accounts=10_000, roles=20):
    data = fresh("organisation")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111111111111:oidc-provider/issuer.example/a"},
        "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
            "issuer.example/a:sub": "system:serviceaccount:causely:causely-mediator",
            "issuer.example/a:aud": "sts.amazonaws.com"}}}]})

    def bodies():
        for number in range(accounts):
            account = f"2{number:011d}"
            yield event(account, "attache:OpenAccount", {
                "change": "account-opened", "user_id": "AIDAAAAAAAAAAAAAAAAAA", "access_key": f"AKIA{number:016d}"})
            for role in range(roles):
                yield event(account, "iam:CreateRole", {
                    "change": "role-created", "name": f"role-{role}", "path": "/", "id": f"AROA{number:08d}{role:09d}",
                    "document": trust, "description": None, "max_session": 3600, "boundary": None, "tags": []})
                yield event(account, "iam:AttachRolePolicy", {
                    "change": "policy-attached", "role": f"role-{role}", "arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
    append(data, bodies())
    process, slow = serve(data)
    first = memory(process)
    end(process)
    process, quick = serve(data)
    print(f"{accounts:,} accounts with {roles} roles each: {first:.0f} MB, started in {slow:.1f} s; "
          f"with a snapshot {memory(process):.0f} MB in {quick:.1f} s")
    end(process)


million()
organisation()
