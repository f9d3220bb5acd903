//! What is to hold, as far as somebody says it: a federation file says all of it, the seed's files
//! only what the mediator needs.

use attache_identifiers::{AccountId, Issuer, Region, RoleArn};

use crate::document::{Federation, Role};
use crate::render::{account_arn, secret_name};

/// A chain from one workload to its accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    pub(super) issuer: Option<Issuer>,
    pub(super) subject: Option<String>,
    /// Of the mediator; known where the subject is not.
    pub(super) namespace: Option<String>,
    pub(super) audience: String,
    pub(super) legs: Vec<Leg>,
}

/// One role on the chain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leg {
    pub(super) role: RoleArn,
    pub(super) region: Option<Region>,
    /// What the values claim the account to be; none for the source.
    pub(super) claim: Option<Claim>,
    /// The role as the federation's file has it, where there is one.
    pub(super) wanted: Option<Role>,
}

/// An account as the Helm values name it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    pub(super) arn: String,
    pub(super) account: AccountId,
    pub(super) secret: String,
}

impl Chain {
    /// The chain that a federation file declares.
    #[must_use]
    pub fn of(federation: &Federation) -> Self {
        let source = &federation.source;
        let mut legs = vec![Leg {
            role: source.arn.clone(),
            region: federation.region(source.arn.account()).cloned(),
            claim: None,
            wanted: Some(source.clone()),
        }];
        legs.extend(federation.targets.iter().map(|target| Leg {
            role: target.role.arn.clone(),
            region: Some(target.region.clone()),
            claim: Some(Claim {
                arn: account_arn(federation, target),
                account: target.role.arn.account(),
                secret: secret_name(federation, target),
            }),
            wanted: Some(target.role.clone()),
        }));
        Self {
            issuer: Some(federation.issuer.clone()),
            subject: Some(federation.workload.subject()),
            namespace: Some(federation.workload.namespace.clone()),
            audience: federation.audience.clone(),
            legs,
        }
    }

    /// The first role's region.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.legs.iter().find_map(|leg| leg.region.as_ref())
    }

    /// Every account that a role of the chain is in, without repetition.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut accounts = Vec::new();
        for leg in &self.legs {
            if !accounts.contains(&leg.role.account()) {
                accounts.push(leg.role.account());
            }
        }
        accounts
    }
}
