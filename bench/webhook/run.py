#!/usr/bin/env python3
"""Measures the webhook: its memory with 100,000 service accounts, each with a role, and the time to an answer over TLS.

    bench/webhook/run.py PATH_OF_ATTACHE [SECONDS] [SERVICE_ACCOUNTS]

The reviews are one that a real API server sent, for a different service account each. Needs wrk; pip install cryptography.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/cluster/lib"), str(ROOT / "tests/peers/lib")]
from https_site import certificate  # noqa: E402
from service_accounts import ServiceAccounts  # noqa: E402
from webhook_process import Webhook, until  # noqa: E402

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
ACCOUNTS = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000


def memory(process):
    """The resident memory now and at its highest, and what of it is pages of the program, in MB."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    of = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines if line.startswith(("VmRSS", "VmHWM", "RssFile"))}
    return of["VmRSS"], of["VmHWM"], of["RssFile"]


def write_certificate(folder):
    top = certificate("an authority")
    leaf = certificate("localhost", top)
    (folder / "tls.crt").write_bytes(leaf[0].public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(leaf[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return ["--tls-cert", str(folder / "tls.crt"), "--tls-key", str(folder / "tls.key")]


SCRIPT = """
local template, count, wrong = %s, 0, 0
request = function()
  count = (count + 7919) %% %d
  local body = template:gsub("NAMESPACE", "team-" .. count %% 1000):gsub("ACCOUNT", "workload-" .. count)
  return wrk.format("POST", "/mutate?timeout=10s", {["Content-Type"] = "application/json"}, body)
end
response = function(status, headers, body)
  if status ~= 200 or not body:find('"patch"') then wrong = wrong + 1 end
end
done = function(summary, latency)
  io.write(string.format("%%d reviews, %%.0f/s: median %%.2f ms, p99 %%.2f ms, p99.9 %%.2f ms; errors %%d\\n", summary.requests,
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency:percentile(99.9) / 1000,
    summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""


def load(webhook, folder, connections):
    """wrk sends one review after the other on each connection: more of them a second than 500, where the machine allows."""
    review = json.loads((ROOT / "crates/attache-admission/tests/reviews/1.36.json").read_text())
    review["request"]["namespace"] = "NAMESPACE"
    review["request"]["object"]["spec"]["serviceAccountName"] = "ACCOUNT"
    script = folder / "load.lua"
    script.write_text(SCRIPT % (f"[==[{json.dumps(review)}]==]", ACCOUNTS))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", str(script), webhook.url]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout.splitlines()[-1]


def main():
    role = "arn:aws:iam::222222222222:role/team/Workload"
    server = ServiceAccounts([(f"team-{number % 1000}", f"workload-{number}", {"eks.amazonaws.com/role-arn": role}) for number in range(ACCOUNTS)])
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        begun = time.monotonic()
        webhook = Webhook(ATTACHE, write_certificate(folder), server.kubeconfig(folder / "kubeconfig"), folder, log="warn")
        try:
            if not until(lambda: webhook.ask("/readyz")[0] == 200, 300):
                sys.exit(webhook.log.read_text())
            now, most, file = memory(webhook.process)
            print(f"{webhook.metric('attache_webhook_annotated_service_accounts')} service accounts after {time.monotonic() - begun:.1f} s: "
                  f"{now:.1f} MB resident ({file:.1f} MB of it the program itself), {most:.1f} MB at most")
            for connections in (1, 4):
                print(f"{connections} at once: {load(webhook, folder, connections)}")
            now, most, file = memory(webhook.process)
            print(f"after that {now:.1f} MB resident, {most:.1f} MB at most")
            for line in webhook.ask("/metrics")[1].splitlines():
                if line.startswith("http_request_latencies_bucket") and "/mutate" in line:
                    print(f"  the webhook itself: {line}")
        finally:
            webhook.stop()


main()
