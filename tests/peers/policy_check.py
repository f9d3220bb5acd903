"""The SARIF output of `attache policy check`, read by sarif-tools from PyPI.

Usage: policy_check.py ATTACHE
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ATTACHE = str(pathlib.Path(sys.argv[1]).resolve())
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="policy-check-"))
ROOT = pathlib.Path(__file__).resolve().parents[2]

(FOLDER / "wide.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Allow", "Action": "s3:GetObjct", "Resource": "*"}]}, indent=2))
(FOLDER / "bad.json").write_text('{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}')
seed = sorted(str(path) for path in (ROOT / "examples" / "seed").glob("*trust*.json"))
done = subprocess.run([ATTACHE, "policy", "check", "--output", "sarif", "wide.json", "bad.json", *seed],
                      cwd=FOLDER, capture_output=True, text=True)
assert done.returncode == 1, (done.returncode, done.stderr)
(FOLDER / "log.sarif").write_text(done.stdout)

sarif = pathlib.Path(sys.executable).parent / "sarif"
read = subprocess.run([str(sarif), "summary", "log.sarif"], cwd=FOLDER, capture_output=True, text=True)
assert read.returncode == 0, read
print(read.stdout)
for wanted in ("error: 1", "warning: 2", "invalid", "allows-everything", "unknown-action"):
    assert wanted in read.stdout, wanted
listed = subprocess.run([str(sarif), "csv", "-o", "log.csv", "log.sarif"], cwd=FOLDER, capture_output=True, text=True)
assert listed.returncode == 0, listed
rows = (FOLDER / "log.csv").read_text()
assert "wide.json" in rows and "bad.json" in rows and "examples" not in rows, rows
print("all cases passed")
