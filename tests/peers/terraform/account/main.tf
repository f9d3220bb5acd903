# A workload account, made through the role that the organization has in it: access without keys for a workload of a
# cluster and for a repository's CI, and what people and machines need.

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

variable "account" {
  type = string
}

variable "organization" {
  type = string
}

variable "issuer" {
  type = string
}

provider "aws" {
  region                  = "us-east-1"
  skip_get_ec2_platforms  = true
  skip_metadata_api_check = true

  assume_role {
    role_arn     = "arn:aws:iam::${var.account}:role/OrganizationAccountAccessRole"
    session_name = "terraform"
  }

  endpoints {
    iam           = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

data "aws_iam_policy" "view" {
  arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/job-function/ViewOnlyAccess"
}

resource "aws_iam_openid_connect_provider" "cluster" {
  url             = var.issuer
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
  tags            = { cluster = "production" }
}

resource "aws_iam_openid_connect_provider" "github" {
  url             = "https://token.actions.githubusercontent.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["6938fd4d98bab03faadb97b34396831e3780aea1", "1c58a3a8518e8759bf075b76b750d4f2df264fcd"]
}

data "aws_iam_policy_document" "mediator_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.cluster.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${aws_iam_openid_connect_provider.cluster.url}:sub"
      values   = ["system:serviceaccount:causely:causely-mediator"]
    }

    condition {
      test     = "StringEquals"
      variable = "${aws_iam_openid_connect_provider.cluster.url}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "mediator" {
  name                 = "mediator"
  path                 = "/observability/"
  description          = "Reads the account's inventory"
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy   = data.aws_iam_policy_document.mediator_trust.json
  tags                 = { team = "platform", "kubernetes/namespace" = "causely" }
}

resource "aws_iam_role_policy" "inventory" {
  name   = "inventory"
  role   = aws_iam_role.mediator.id
  policy = data.aws_iam_policy_document.inventory.json
}

data "aws_iam_policy_document" "inventory" {
  statement {
    sid       = "Inventory"
    actions   = ["iam:GetRole", "iam:ListRoles", "iam:CreateUser", "ec2:DescribeInstances", "sqs:ListQueues"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy_attachment" "view" {
  role       = aws_iam_role.mediator.name
  policy_arn = data.aws_iam_policy.view.arn
}

resource "aws_iam_policy" "boundary" {
  name        = "workload-boundary"
  path        = "/boundaries/"
  description = "The most that a workload may do"
  tags        = { owner = "security" }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      { Effect = "Deny", Action = "iam:DeleteRole", Resource = "*" },
    ]
  })
}

resource "aws_iam_policy" "deploy" {
  name = "deploy"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "iam:ListRoles", Resource = "*" },
      { Effect = "Allow", Action = "iam:PassRole", Resource = aws_iam_role.node.arn },
    ]
  })
}

resource "aws_iam_role" "deploy" {
  name                = "deploy"
  managed_policy_arns = [aws_iam_policy.deploy.arn]

  inline_policy {
    name = "who"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "iam:ListUsers", Resource = "*" }]
    })
  }

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = "repo:example/shop:*" }
      }
    }]
  })
}

# Lists of two, an account by its number: IAM returns what it makes of them.
resource "aws_iam_role" "node" {
  name = "node"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = ["sts:AssumeRole"]
        Principal = { Service = ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"] }
      },
      {
        Sid       = "Operators"
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = [aws_iam_user.operator.arn, data.aws_caller_identity.current.account_id] }
        Condition = { StringEquals = { "aws:PrincipalOrgID" = [var.organization] } }
      },
    ]
  })
}

resource "aws_iam_instance_profile" "node" {
  name = "node"
  path = "/machines/"
  role = aws_iam_role.node.name
  tags = { machine = "node" }
}

resource "aws_iam_service_linked_role" "scaling" {
  aws_service_name = "autoscaling.amazonaws.com"
  description      = "For the node groups"
}

resource "aws_iam_group" "operators" {
  name = "operators"
  path = "/people/"
}

resource "aws_iam_group_policy" "operators" {
  name  = "assume"
  group = aws_iam_group.operators.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::${var.account}:role/node" }]
  })
}

resource "aws_iam_group_policy_attachment" "operators" {
  group      = aws_iam_group.operators.name
  policy_arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
}

resource "aws_iam_user" "operator" {
  name = "operator"
  path = "/people/"
  tags = { team = "platform" }
}

resource "aws_iam_user_group_membership" "operator" {
  user   = aws_iam_user.operator.name
  groups = [aws_iam_group.operators.name]
}

resource "aws_iam_user_policy" "operator" {
  name = "who"
  user = aws_iam_user.operator.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "iam:GetUser", Resource = "*" }]
  })
}

resource "aws_iam_user_policy_attachment" "operator" {
  user       = aws_iam_user.operator.name
  policy_arn = "arn:aws:iam::aws:policy/SecurityAudit"
}

resource "aws_iam_access_key" "operator" {
  user = aws_iam_user.operator.name
}

resource "aws_iam_account_alias" "this" {
  account_alias = "shop-production"
}

output "mediator" {
  value = aws_iam_role.mediator.arn
}

output "operator" {
  value     = { id = aws_iam_access_key.operator.id, secret = aws_iam_access_key.operator.secret }
  sensitive = true
}

output "ids" {
  # What `terraform import` needs, by resource address.
  value = {
    "aws_iam_openid_connect_provider.cluster"   = aws_iam_openid_connect_provider.cluster.arn
    "aws_iam_openid_connect_provider.github"    = aws_iam_openid_connect_provider.github.arn
    "aws_iam_role.mediator"                     = "mediator"
    "aws_iam_role.deploy"                       = "deploy"
    "aws_iam_role.node"                         = "node"
    "aws_iam_role_policy.inventory"             = "mediator:inventory"
    "aws_iam_role_policy_attachment.view"       = "mediator/${data.aws_iam_policy.view.arn}"
    "aws_iam_policy.boundary"                   = aws_iam_policy.boundary.arn
    "aws_iam_policy.deploy"                     = aws_iam_policy.deploy.arn
    "aws_iam_instance_profile.node"             = "node"
    "aws_iam_service_linked_role.scaling"       = aws_iam_service_linked_role.scaling.arn
    "aws_iam_group.operators"                   = "operators"
    "aws_iam_group_policy.operators"            = "operators:assume"
    "aws_iam_group_policy_attachment.operators" = "operators/arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    "aws_iam_user.operator"                     = "operator"
    "aws_iam_user_group_membership.operator"    = "operator/operators"
    "aws_iam_user_policy.operator"              = "operator:who"
    "aws_iam_user_policy_attachment.operator"   = "operator/arn:aws:iam::aws:policy/SecurityAudit"
    "aws_iam_account_alias.this"                = "shop-production"
  }
}
