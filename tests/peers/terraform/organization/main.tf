# A landing zone, made from the management account: the organization, its units, an account, and the policies that
# limit it.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.39.0"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "allowed_regions" {
  type    = list(string)
  default = ["us-east-1", "eu-west-1"]
}

provider "aws" {
  region                  = "us-east-1"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true

  endpoints {
    eks           = var.endpoint
    iam           = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
  }
}

data "aws_caller_identity" "current" {}

# A cluster that exists, and a token for its API server.
data "aws_eks_cluster" "platform" {
  name = "platform"
}

data "aws_eks_cluster_auth" "platform" {
  name = data.aws_eks_cluster.platform.name
}

resource "aws_organizations_organization" "this" {
  aws_service_access_principals = ["cloudtrail.amazonaws.com", "sso.amazonaws.com"]
  enabled_policy_types          = ["SERVICE_CONTROL_POLICY"]
  feature_set                   = "ALL"
}

resource "aws_organizations_organizational_unit" "workloads" {
  name      = "Workloads"
  parent_id = aws_organizations_organization.this.roots[0].id
  tags      = { owner = "platform" }
}

resource "aws_organizations_organizational_unit" "production" {
  name      = "Production"
  parent_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_account" "shop" {
  name      = "shop"
  email     = "shop@example.com"
  parent_id = aws_organizations_organizational_unit.production.id
  role_name = "OrganizationAccountAccessRole"
  tags      = { team = "shop", stage = "production" }

  # AWS does not return it.
  lifecycle {
    ignore_changes = [role_name]
  }
}

data "aws_iam_policy_document" "regions" {
  statement {
    sid         = "OnlyOurRegions"
    effect      = "Deny"
    not_actions = ["iam:*", "organizations:*", "sts:*"]
    resources   = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = var.allowed_regions
    }
  }
}

resource "aws_organizations_policy" "regions" {
  name        = "only-our-regions"
  description = "Nothing outside of our regions"
  type        = "SERVICE_CONTROL_POLICY"
  content     = data.aws_iam_policy_document.regions.json
  tags        = { owner = "security" }

  # A policy needs its type to be enabled.
  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy" "no_users" {
  name = "no-users"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "NoUsers"
      Effect   = "Deny"
      Action   = ["iam:CreateUser", "iam:CreateAccessKey"]
      Resource = "*"
      Condition = {
        ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/OrganizationAccountAccessRole" }
      }
    }]
  })

  depends_on = [aws_organizations_organization.this]
}

resource "aws_organizations_policy_attachment" "regions" {
  policy_id = aws_organizations_policy.regions.id
  target_id = aws_organizations_organizational_unit.workloads.id
}

resource "aws_organizations_policy_attachment" "no_users" {
  policy_id = aws_organizations_policy.no_users.id
  target_id = aws_organizations_account.shop.id
}

output "organization" {
  value = aws_organizations_organization.this.id
}

output "issuer" {
  value = data.aws_eks_cluster.platform.identity[0].oidc[0].issuer
}

output "account" {
  value = aws_organizations_account.shop.id
}

output "ids" {
  # What `terraform import` needs, by resource address.
  value = {
    "aws_organizations_organization.this"              = aws_organizations_organization.this.id
    "aws_organizations_organizational_unit.workloads"  = aws_organizations_organizational_unit.workloads.id
    "aws_organizations_organizational_unit.production" = aws_organizations_organizational_unit.production.id
    "aws_organizations_account.shop"                   = aws_organizations_account.shop.id
    "aws_organizations_policy.regions"                 = aws_organizations_policy.regions.id
    "aws_organizations_policy.no_users"                = aws_organizations_policy.no_users.id
    "aws_organizations_policy_attachment.regions"      = "${aws_organizations_organizational_unit.workloads.id}:${aws_organizations_policy.regions.id}"
    "aws_organizations_policy_attachment.no_users"     = "${aws_organizations_account.shop.id}:${aws_organizations_policy.no_users.id}"
  }
}
