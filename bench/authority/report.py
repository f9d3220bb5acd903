"""Prints the measurements of `run` as a table: report.py FOLDER"""

import datetime
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

RUN = Path(sys.argv[1])
PEERS = {"moto": "moto", "ministack": "MiniStack", "ministack-auth": "MiniStack, AUTH=true"}


def read(server, name):
    path = RUN / server / f"{name}.json"
    if not path.exists() or not path.read_text().strip():
        return None
    told = json.loads(path.read_text().strip().splitlines()[-1])
    told["rate"] = told["requests"] / told["us"] * 1e6
    return told


def cpu():
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].split(":")[1].strip()


verify = float((RUN / "verify").read_text())
print(f"{datetime.date.today()}, {cpu()}, {os.cpu_count()} cores; wrk on the same machine, 64 callers; "
      f"moto {version('moto')}, MiniStack {version('ministack')}")
print("| request | attache | p99 at 2 callers | " + " | ".join(f"{name} | ratio" for name in PEERS.values()) + " |")
print("| --- | ---: | ---: |" + " ---: | ---: |" * len(PEERS))
for operation in ["AssumeRoleWithWebIdentity", "GetCallerIdentity", "TagRole"]:
    own, half = read("attache", operation), read("attache", f"{operation}.half")
    cells = [f"{own['rate']:,.0f}/s", f"{half['p99'] / 1000:.2f} ms"]
    for peer in PEERS:
        other = read(peer, operation)
        good = other and other["requests"] and not other["failed"]
        cells += [f"{other['rate']:,.0f}/s", f"{own['rate'] / other['rate']:,.0f}"] if good else ["refused", ""]
    failed = own["failed"] or half["failed"]
    print(f"| {operation} | {' | '.join(cells)} |" + (f" {failed} failed" if failed else ""))
rate = read("attache", "AssumeRoleWithWebIdentity")["rate"]
print(f"\nopenssl verifies {verify:,.0f} RS256 signatures a second on one core; "
      f"AssumeRoleWithWebIdentity is {rate / verify:.0%} of that.")
print(f"Started in {(RUN / 'start').read_text().strip()} ms; resident with 10 accounts: "
      f"{int((RUN / 'idle').read_text()) / 1024:.0f} MB at the start, "
      f"{int((RUN / 'attache' / 'rss').read_text()) / 1024:.0f} MB after the load.")
