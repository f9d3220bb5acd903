"""A federation with everything that a file may say of a role, and new accounts to set it up in."""

import json
import subprocess
import tempfile
from pathlib import Path

from authority import SOURCE, TARGET, Authority, Issuer

URL = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
# Templates of Terraform's language, of IAM's and of none.
TEXT = "it's \"quoted\" ${x} %{y} $${z} %%{w} $(id)"
DOCUMENT = {"Version": "2012-10-17", "Statement": [
    {"Sid": "Own", "Effect": "Allow", "Action": "s3:GetObject",
     "Resource": ["arn:aws:s3:::home/${aws:username}/*", "arn:aws:s3:::${*}/$${x}/%{y}/%%{z}"]},
    {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*",
     "Condition": {"StringEquals": {"aws:RequestTag/x": "\u00e9 <&> \\ \" \t JSON EOT"}}}]}


def federation(mode="direct", **target):
    """The file's content; JSON is YAML."""
    way = {"issuer": URL} if mode == "direct" else {"mode": mode, "cluster": {"name": "prod", "region": "us-east-1"}}
    return {
        "apiVersion": "attache/v1", "kind": "Federation", "metadata": {"name": "team/causely"},
        "spec": way | {
            "workload": {"namespace": "causely", "serviceAccount": "causely-mediator"},
            "source": {"account": SOURCE, "role": "CauselyMediation", "tags": {"team": "site reliability"}},
            "targets": [
                {"account": TARGET, "role": "CauselyAccess", "region": "us-east-1", "path": "/team/x/",
                 "description": TEXT, "maxSessionDuration": 7200,
                 "permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess",
                 "policies": ["ReadOnlyAccess", "ViewOnlyAccess"], "inlinePolicies": {"own.documents": DOCUMENT},
                 "tags": {"cost center": "a:b/c=d+e-@"}} | target],
        },
    }


class World:
    """New accounts with a cluster, and a folder with the federation's file."""

    def __init__(self, attache, content):
        self.attache = attache
        self.scratch = tempfile.TemporaryDirectory(prefix="attache-rendered-")
        self.folder = Path(self.scratch.name)
        self.issuer = Issuer(attache, self.folder, URL)
        self.authority = Authority(attache, (SOURCE, TARGET), [
            "--issuer", f"{URL}={self.issuer.jwks}", "--cluster", f"{SOURCE}/us-east-1/prod={URL}"])
        self.environment = self.authority.environment(AWS_ENDPOINT_URL=self.authority.url)
        (self.folder / "federation.yaml").write_text(json.dumps(content))

    def run(self, *words):
        return subprocess.run([self.attache, *words, "-f", "federation.yaml"], capture_output=True, text=True, timeout=300,
                              cwd=self.folder, stdin=subprocess.DEVNULL, env=self.environment)

    def changes(self):
        """(action, kind) of all that a plan does."""
        plan = json.loads(self.run("plan", "--output", "json").stdout)
        return [(change["action"], change["kind"]) for account in plan["accounts"] for change in account["changes"]
                if change["action"] not in ("unchanged", "kept")]

    def documents(self):
        """What stands in the accounts, without ids and times."""
        found = []
        for account in (SOURCE, TARGET):
            iam = self.authority.client("iam", account)
            for role in iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]:
                if role["RoleName"].startswith("Causely"):
                    whole = iam.get_role(RoleName=role["RoleName"])["Role"]
                    found.append({
                        "arn": role["Arn"], "trust": role["AssumeRolePolicyDocument"], "inline": role["RolePolicyList"],
                        "policies": sorted(policy["PolicyArn"] for policy in role["AttachedManagedPolicies"]),
                        "boundary": role.get("PermissionsBoundary"), "description": whole.get("Description"),
                        "session": whole["MaxSessionDuration"],
                        "tags": sorted((tag["Key"], tag["Value"]) for tag in role["Tags"])})
            for listed in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
                provider = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=listed["Arn"])
                found.append({"arn": listed["Arn"], "clients": provider["ClientIDList"], "tags": provider["Tags"]})
        return found
