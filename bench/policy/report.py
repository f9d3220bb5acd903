"""Prints the measurements as a table; fails if two engines decide differently."""
import datetime
import json
import platform
import subprocess
import sys

rust, node, into = sys.argv[1:]
rust, node = json.load(open(rust)), {case["name"]: case for case in json.load(open(node))}


def machine():
    said = subprocess.run(["lscpu"], capture_output=True, text=True).stdout
    facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    return f"{facts.get('Model name', platform.processor()).strip()}, {facts.get('CPU(s)', '?').strip()} cores"


# iam-simulate drops an issuer's condition keys before it decides, so it allows no web identity.
KNOWN = {("the seed's trust policy, a token", "iam-simulate")}

rows, wrong = [], []
for case in rust:
    name, ours, cedar, simulate = case["name"], case["attache"], case["cedar"], node[case["name"]]
    for engine, result in (("attache", ours), ("cedar", cedar), ("iam-simulate", simulate)):
        if result["allowed"] != case["wanted"] and (name, engine) not in KNOWN:
            wrong.append(f"{name}: {engine} says {result['allowed']}")
    rows.append({
        "case": name,
        "attache_ns": round(ours["nanoseconds"], 1),
        "iam_simulate_ns": round(simulate["nanoseconds"]),
        "iam_simulate_ratio": round(simulate["nanoseconds"] / ours["nanoseconds"]),
        "cedar_ns": round(cedar["nanoseconds"]),
        "cedar_ratio": round(cedar["nanoseconds"] / ours["nanoseconds"], 1),
    })
print(f"{datetime.date.today()}, {machine()}")
print("| case | attache | iam-simulate | ratio | cedar-policy | ratio |")
print("| --- | ---: | ---: | ---: | ---: | ---: |")
for row in rows:
    print("| {case} | {attache_ns} ns | {iam_simulate_ns:,} ns | {iam_simulate_ratio:,} "
          "| {cedar_ns:,} ns | {cedar_ratio} |".format(**row))
json.dump({"date": str(datetime.date.today()), "machine": machine(), "cases": rows}, open(into, "w"), indent=2)
if wrong:
    sys.exit("engines that decide differently:\n  " + "\n  ".join(wrong))
