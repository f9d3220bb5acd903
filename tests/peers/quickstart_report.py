"""The quickstart's JSON report, read by a program: every step is ok, and every account is scraped with a session of
its own role.

Usage: quickstart_report.py REPORT.json
"""

import json
import sys

report = json.load(open(sys.argv[1], encoding="utf-8"))

assert set(report) == {"steps", "accounts", "resources_total", "duration_ms", "page_url"}, set(report)
assert len(report["steps"]) >= 8, "the document has eight steps"
for step in report["steps"]:
    assert set(step) == {"name", "status", "detail"}, step
    assert step["status"] == "ok", step
    print(f"ok  {step['name']}: {step['detail']}")

assert len(report["accounts"]) == 2, "the default is two target accounts"
for account in report["accounts"]:
    arn = f"arn:aws:sts::{account['id']}:assumed-role/"
    assert account["identity_arn"].startswith(arn), account["identity_arn"]
    assert account["resources"] > 0
    types = {line["type"] for line in account["coverage"]}
    assert len(types) >= 9, f"nine resource types were wanted, got {sorted(types)}"
    assert all(line["status"] == "ok" for line in account["coverage"]), account["coverage"]
    print(f"ok  {account['id']}: {account['resources']} resources as {account['identity_arn']}")

assert report["resources_total"] == sum(a["resources"] for a in report["accounts"])
assert isinstance(report["duration_ms"], int)
