//! The versions that the configuration needs, its variables, and a provider for each account.

use attache_federation::Federation;
use attache_federation::desired::Account;
use attache_identifiers::{AccountId, Arn, Partition, Region};

use super::alias;
use super::hcl::{Block, Expression};

/// What the configuration was tried with; `association.tf` needs another.
const AWS: &str = ">= 3.39";

/// The first with `target_role_arn` in `aws_eks_pod_identity_association`.
/// Source: <https://github.com/hashicorp/terraform-provider-aws/blob/main/CHANGELOG.md>.
const AWS_WITH_TARGET: &str = ">= 6.2";

const VARIABLES: &str = r#"variable "profiles" {
  type        = map(string)
  default     = {}
  description = "The AWS profile of an account, by its twelve digits, where its name is another; \"\" for the default credentials."
}

variable "assume_role" {
  type        = string
  default     = ""
  description = "The name of a role that the default credentials assume in every account, instead of profiles."
}
"#;

pub(super) fn text(federation: &Federation, accounts: &[Account]) -> String {
    let version = if federation.cluster().is_some() { AWS_WITH_TARGET } else { AWS };
    let aws = format!("{{ source = \"hashicorp/aws\", version = \"{version}\" }}");
    let providers = Block::new("required_providers").with("aws", Expression::Bare(aws));
    let terraform = Block::new("terraform")
        .with("required_version", Expression::text_of(">= 0.15"))
        .block(providers);
    let mut parts = vec![terraform.text(), VARIABLES.to_owned()];
    for account in accounts {
        let region =
            federation.region(account.id).map_or_else(|| federation.home(), Region::as_str);
        let partition = federation.source().partition().clone();
        parts.push(provider(&alias(account.id), account.id, region, partition).text());
    }
    parts.join("\n")
}

/// The provider's configuration for an account.
pub(super) fn provider(
    alias: &str,
    account: AccountId,
    region: &str,
    partition: Partition,
) -> Block {
    let profile = format!(
        "var.assume_role == \"\" ? lookup(var.profiles, \"{account}\", \"{account}\") : null"
    );
    let role =
        Arn::new(partition, "iam", "", Some(account), "role/${assume_role.value}".to_owned());
    let role = format!("\"{role}\"");
    let assume_role = Block::new("dynamic \"assume_role\"")
        .with(
            "for_each",
            Expression::Bare("var.assume_role == \"\" ? [] : [var.assume_role]".to_owned()),
        )
        .block(Block::new("content").with("role_arn", Expression::Bare(role)));
    Block::new("provider \"aws\"")
        .with("alias", Expression::text_of(alias))
        .with("region", Expression::text_of(region))
        .with("allowed_account_ids", Expression::List(vec![account.to_string()]))
        .with("profile", Expression::Bare(profile))
        .block(assume_role)
}
