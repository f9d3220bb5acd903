"""`apply` and `destroy` that are killed: run again, both end where one undisturbed run ends, with nothing left over. In the
modes direct and podIdentity, with `attache authority`, seen with boto3.

The moments are spread over the steps of an undisturbed run; a fraction of a step's time is added, so that calls are cut
off on their way too. Five of each in CI; MOMENTS=50 is the soak test of bench/soak.

Usage: [MOMENTS=N] federation_killed.py ATTACHE [PART_OF_A_FUNCTION'S_NAME]
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lib.authority import SOURCE, Authority, case, federation, run

ATTACHE = str(Path(sys.argv[1]).resolve())
FOLDER = Path(tempfile.mkdtemp(prefix="federation-killed-"))
MOMENTS = int(os.environ.get("MOMENTS", "5"))
URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
TARGETS = [f"{number:012}" for number in range(300000000001, 300000000005)]
ACCOUNTS = [SOURCE, *TARGETS]
CHANCE = random.Random(20261128)
INLINE = '{ Version: "2012-10-17", Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::déjà-ʒ-😀/*" }] }'


def text(mode):
    targets = [f'{{ account: "{account}", role: CauselyAccess, region: us-east-1, policies: [ReadOnlyAccess, SecurityAudit], '
               f'inlinePolicies: {{ own: {INLINE} }}, tags: {{ team: data }}, maxSessionDuration: 7200 }}' for account in TARGETS]
    if mode == "direct":
        return federation(URL, *targets)
    issuer = f"  issuer: {URL}\n"
    return federation(URL, *targets).replace(issuer, "  mode: podIdentity\n  cluster: { name: prod, region: us-east-1 }\n")


class World:
    """New accounts with a cluster, and a federation's file."""

    def __init__(self, mode):
        self.folder = Path(tempfile.mkdtemp(dir=FOLDER))
        self.authority = Authority(ATTACHE, accounts=ACCOUNTS, arguments=["--cluster", f"{SOURCE}/us-east-1/prod={URL}"])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        (self.folder / "federation.yaml").write_text(text(mode))

    def start(self, *words):
        return subprocess.Popen([ATTACHE, *words, "-f", "federation.yaml"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)

    def run(self, *words):
        process = self.start(*words)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def killed_at(self, step, *words):
        """Kills the run after that many steps, and a moment."""
        process = self.start(*words)
        seen = 0
        while seen < step:
            line = process.stderr.readline()
            if not line:
                break
            seen += ": " in line and "/" in line.split(" ")[0]
        time.sleep(CHANCE.random() * 0.003)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        return process.returncode == -signal.SIGKILL

    def all(self):
        """Everything of IAM and EKS, without what differs from run to run."""
        found = []
        for account in ACCOUNTS:
            iam = self.authority.client("iam", account)
            details = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
            for role in details:
                found.append([account, role["RoleName"], role["AssumeRolePolicyDocument"], sorted(map(str, role["AttachedManagedPolicies"])),
                              role["RolePolicyList"], sorted(map(str, role["Tags"])),
                              iam.get_role(RoleName=role["RoleName"])["Role"]["MaxSessionDuration"]])
            for provider in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
                own = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider["Arn"])
                found.append([account, provider["Arn"], own["ClientIDList"], own["Tags"]])
        eks = self.authority.client("eks", SOURCE)
        for one in eks.list_pod_identity_associations(clusterName="prod")["associations"]:
            own = eks.describe_pod_identity_association(clusterName="prod", associationId=one["associationId"])["association"]
            found.append([own["namespace"], own["serviceAccount"], own["roleArn"], own.get("targetRoleArn"), own["tags"]])
        return json.dumps(found, sort_keys=True, default=str)


def steps(stderr):
    return sum(": " in line and "/" in line.split(" ")[0] for line in stderr.splitlines())


def moments(count):
    """Spread over the steps, each with its share by chance."""
    return [1 + int((index + CHANCE.random()) * count / MOMENTS) for index in range(MOMENTS)]


def killed(mode):
    undisturbed = World(mode)
    empty = undisturbed.all()
    code, _, err = undisturbed.run("apply", "--yes")
    whole, count = undisturbed.all(), steps(err)
    case("an undisturbed run", code == 0 and count > 15, (code, count, err))
    code, _, err = undisturbed.run("destroy", "--yes")
    removal = steps(err)
    case("and its removal", code == 0 and undisturbed.all() == empty, err)
    undisturbed.authority.kill()
    for step, of in zip(moments(count), moments(removal)):
        world = World(mode)
        was_killed = world.killed_at(step, "apply", "--yes")
        code, _, err = world.run("apply", "--yes", "--allow-widening")
        same = world.all() == whole
        case(f"apply killed after {step} of {count} steps: the next one ends at the same", code == 0 and same, (was_killed, code, err))
        code, out, err = world.run("plan", "--check")
        case("and nothing is left to do", code == 0, out + err)
        was_killed = world.killed_at(of, "destroy", "--yes")
        code, _, err = world.run("destroy", "--yes")
        case(f"destroy killed after {of} of {removal} steps: nothing is left over", code == 0 and world.all() == empty, (was_killed, code, err, world.all()))
        world.authority.kill()


def direct():
    killed("direct")


def pod_identity():
    killed("podIdentity")


run([direct, pod_identity])
