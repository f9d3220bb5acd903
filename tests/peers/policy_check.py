"""`attache policy check` over AWS's managed policies, which moto carries, and its SARIF read by sarif-tools.

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
# AWS's own policies: none is invalid, and no key that they compare is called missing.
managed = FOLDER / "managed"
managed.mkdir()
from moto.iam.aws_managed_policies import aws_managed_policies_data  # noqa: E402

policies = aws_managed_policies_data
policies = json.loads(policies) if isinstance(policies, str) else policies
for name, policy in policies.items():
    (managed / f"{name}.json").write_text(json.dumps(policy["Document"], indent=1))
assert len(policies) > 1_500, len(policies)
silence = ROOT / "tests" / "peers" / "lib" / "managed_policies.toml"
checked = subprocess.run([ATTACHE, "policy", "check", "--output", "json", "--silence", str(silence),
                          *sorted(str(path) for path in managed.glob("*.json"))], capture_output=True, text=True)
assert checked.returncode == 0, (checked.returncode, checked.stderr)
assert "nothing was found" not in checked.stderr, checked.stderr
found = [(pathlib.Path(own["file"]).stem, one) for own in json.loads(checked.stdout) for one in own["findings"]]
for rule in ("invalid", "key-never-present", "resource-never-matches", "unknown-service", "unknown-global-key",
             "unknown-key-service", "missing-qualifier"):
    wrong = [(name, one["message"]) for name, one in found if one["rule"] == rule]
    assert not wrong, (rule, wrong)
long = [one["level"] for _, one in found if one["rule"] == "too-long"]
assert long and set(long) == {"note"}, set(long)
print(f"{len(policies)} managed policies, none invalid")
print("all cases passed")
