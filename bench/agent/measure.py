"""Starts an authority and an agent, gives the agent the tokens of a hundred pods, and measures it with wrk."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/peers/lib"))
from agent import AUDIENCE, Agent  # noqa: E402
from authority import SOURCE, Authority, Issuer  # noqa: E402

ATTACHE, SECONDS, OUT = sys.argv[1], sys.argv[2], Path(sys.argv[3])
PODS, URL = 100, "https://issuer.example/bench"
# Each connection waits so many milliseconds between an answer and its next request: 50 of them make about 5,000 a second.
PACED = """function delay() return 9 end
"""
SCRIPT = """local tokens = {%s}
local next = 0
request = function()
  next = next %% #tokens + 1
  return wrk.format("GET", "/v1/credentials", { ["Host"] = "%s", ["Authorization"] = tokens[next] })
end
"""


def token(issuer, number):
    bound = {"namespace": "bench", "serviceaccount": {"name": "pod", "uid": "s"}, "pod": {"name": f"pod-{number}", "uid": f"p-{number}"}}
    return issuer.token("system:serviceaccount:bench:pod", AUDIENCE, f"kubernetes.io={json.dumps(bound)}")


def measured(name, agent, script, connections):
    path = OUT / f"{name}.lua"
    path.write_text(script)
    url = agent.url.rsplit("/v1/", 1)[0]
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", path, url], capture_output=True, text=True, check=True)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])
    shares = dict(re.findall(r"(\d+)%\s+([\d.]+\w+)", done.stdout))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    print(f"{name}: {rate:,.0f} answers/s, p50 {shares['50']}, p99 {shares['99']}, {bad[1] if bad else 0} refused")


def main():
    issuer = Issuer(ATTACHE, OUT, URL)
    authority = Authority(ATTACHE, arguments=["--issuer", f"{URL}={issuer.jwks}"])
    iam = authority.client("iam", SOURCE)
    provider = iam.create_open_id_connect_provider(Url=URL, ClientIDList=[AUDIENCE])["OpenIDConnectProviderArn"]
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"issuer.example/bench:sub": "system:serviceaccount:bench:pod"}}}]}
    role = iam.create_role(RoleName="Bench", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    rows = OUT / "associations.json"
    rows.write_text(json.dumps({"associations": [{"namespace": "bench", "serviceAccount": "pod", "roleArn": role}]}))
    agent = Agent(ATTACHE, "--associations", rows, "--issuer", URL, "--jwks", issuer.jwks, "--region", "us-east-1",
                  "--endpoint-url", authority.url, "--requests-per-second", "0", logs="warn")
    tokens = [token(issuer, number) for number in range(PODS)]
    for one in tokens:
        agent.credentials(one)
    host = agent.url.split("/")[2]
    script = SCRIPT % (", ".join(f'"{one}"' for one in tokens), host)
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    print(f"{os.cpu_count()} cores, {model}; {PODS} pods; load average {os.getloadavg()[0]:.1f}")
    measured("paced", agent, PACED + script, 50)
    measured("unpaced", agent, script, 50)
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{agent.process.pid}/status").read_text())[1]
    print(f"memory: {int(peak) // 1024} MB at most")
    agent.stop()
    authority.kill()


main()
