//! What the mediator reads of each target: how its Helm values name the account, and the Secret with the role.

use attache_identifiers::{Arn, OrganizationArns, Region, RoleArn};

use crate::document::{Federation, Organization, Target, Workload};

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
    /// `aws-secret-ACCOUNT` where there are several. Where the file has another role in this account for a workload
    /// of the same namespace, the service account's name comes after it.
    pub secret: String,
    /// The places of the role's workloads among the file's.
    pub(crate) workloads: Vec<usize>,
    /// What is asked with it, where the file says so by resource types.
    pub(crate) actions: Option<Vec<String>>,
}

/// The targets of a workload, in the file's order.
#[must_use]
pub fn mediator_accounts(federation: &Federation, workload: &Workload) -> Vec<MediatorAccount> {
    let index = federation.workloads().position(|own| own == workload);
    let is_its = |target: &&Target| index.is_some_and(|index| target.workloads.contains(&index));
    let account = |target: &Target| MediatorAccount {
        role: target.role.arn.clone(),
        region: target.region.clone(),
        arn: account_arn(federation, target),
        secret: secret_name(federation, target, workload),
        workloads: target.workloads.clone(),
        actions: target.actions.clone(),
    };
    federation.targets.iter().filter(is_its).map(account).collect()
}

fn secret_name(federation: &Federation, target: &Target, workload: &Workload) -> String {
    let account = target.role.arn.account();
    let is_beside = |other: &&Target| {
        let namespaces =
            || federation.workloads_of(other).into_iter().map(|own| &own.workload.namespace);
        other.role.arn.account() == account
            && other.role.arn != target.role.arn
            && namespaces().any(|namespace| *namespace == workload.namespace)
    };
    match federation.targets.len() {
        1 => "aws-secret".to_owned(),
        _ if federation.targets.iter().any(|other| is_beside(&other)) => {
            format!("aws-secret-{account}-{}", workload.service_account)
        }
        _ => format!("aws-secret-{account}"),
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
