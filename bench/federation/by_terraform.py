"""Terraform with a provider for each account, which is how it reaches several."""

import json

from by_boto3 import HOST, POLICY, ROLE, trust
from terraform_module import Module, packages, unpack_provider

HEAD = """
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
"""

ACCOUNT = """
provider "aws" {
  alias                   = "a%(account)s"
  profile                 = "%(account)s"
  region                  = "us-east-1"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true
  endpoints {
    iam = "%(url)s"
    sts = "%(url)s"
  }
}

resource "aws_iam_openid_connect_provider" "a%(account)s" {
  provider        = aws.a%(account)s
  url             = "https://%(host)s"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
}

resource "aws_iam_role" "a%(account)s" {
  provider           = aws.a%(account)s
  name               = "%(role)s"
  assume_role_policy = %(trust)s
  depends_on         = [aws_iam_openid_connect_provider.a%(account)s]
}

resource "aws_iam_role_policy_attachment" "a%(account)s" {
  provider   = aws.a%(account)s
  role       = aws_iam_role.a%(account)s.name
  policy_arn = "%(policy)s"
}
"""


def measure(authority, accounts, folder, timed):
    """Applies, plans without changes and destroys."""
    source = folder / "terraform-source"
    source.mkdir()
    text = HEAD + "".join(ACCOUNT % {"account": account, "url": authority.url, "host": HOST, "role": ROLE,
                                     "policy": POLICY, "trust": json.dumps(trust(account))} for account in accounts)
    (source / "main.tf").write_text(text)
    module = Module(source, folder / "terraform", unpack_provider(folder / "plugins"), authority.environment())
    terraform = str(packages() / "terraform_0_15" / "terraform")
    name = f"Terraform, {len(accounts)} accounts:"
    for verb, arguments in (("apply", ["apply", "-auto-approve"]), ("plan", ["plan", "-detailed-exitcode"]),
                            ("destroy", ["destroy", "-auto-approve"])):
        timed(f"{name} {verb}", [terraform, *arguments, "-no-color"], module.environment, module.folder)
