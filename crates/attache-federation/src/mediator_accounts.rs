//! What the mediator reads of each target: how its Helm values name the account, and the Secret with the role.

use attache_identifiers::{Arn, OrganizationArns, Region, RoleArn};

use crate::document::{Federation, Organization, Target};

/// A target, as the mediator's files name it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediatorAccount {
    /// The role to scrape with.
    pub role: RoleArn,
    /// The region to scrape first.
    pub region: Region,
    /// The ARN that the values name the account by: the member's, where the file says which
    /// organization it is in; else the account's root, which needs no organization.
    pub arn: String,
    /// The name of its Secret: `aws-secret` where there is one target, as in the documented manual steps;
    /// `aws-secret-ACCOUNT` where there are several.
    pub secret: String,
}

/// Every target, in the file's order.
#[must_use]
pub fn mediator_accounts(federation: &Federation) -> Vec<MediatorAccount> {
    let account = |target: &Target| MediatorAccount {
        role: target.role.arn.clone(),
        region: target.region.clone(),
        arn: account_arn(federation, target),
        secret: secret_name(federation, target),
    };
    federation.targets.iter().map(account).collect()
}

fn secret_name(federation: &Federation, target: &Target) -> String {
    if federation.targets.len() == 1 {
        "aws-secret".to_owned()
    } else {
        format!("aws-secret-{}", target.role.arn.account())
    }
}

fn account_arn(federation: &Federation, target: &Target) -> String {
    let (partition, account) = (&federation.partition, target.role.arn.account());
    let arn = match &federation.organization {
        Some(Organization { id, management }) => {
            OrganizationArns::new(partition.clone(), *management, id).account(account)
        }
        None => Arn::account_root(partition.clone(), account),
    };
    arn.to_string()
}
