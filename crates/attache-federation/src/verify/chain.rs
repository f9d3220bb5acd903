//! The chain from a workload to its roles, as files declare it. A federation's file declares all of it;
//! the mediator's values and Secrets declare what the mediator needs.

use std::collections::BTreeSet;

use attache_identifiers::{AccountId, Issuer, Region, RoleArn};
use attache_manifests::{Account, Configuration};

use crate::desired::{self, DesiredAssociation};
use crate::document::{DEFAULT_AUDIENCE, Federation};
use crate::mediator_accounts::mediator_accounts;

/// A chain from one workload to its accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The federation's name, where its file declares the chain.
    pub(super) federation: Option<String>,
    pub(super) issuer: Option<Issuer>,
    pub(super) subject: Option<String>,
    /// Of the mediator; known where the subject is not.
    pub(super) namespace: Option<String>,
    /// What the token may be for; at least one, the workload's first.
    pub(super) audiences: Vec<String>,
    /// In the mode `podIdentity`: then the workload has no token for STS.
    pub(super) association: Option<DesiredAssociation>,
    pub(super) hops: Vec<RoleHop>,
}

/// One role of the chain.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RoleHop {
    pub(super) role: RoleArn,
    pub(super) region: Option<Region>,
    /// The account as the values declare it; none for the source.
    pub(super) declared: Option<DeclaredAccount>,
    /// The provider and this role alone as the federation's file has them, where there is one.
    pub(super) desired: Option<desired::Account>,
}

/// An account as the Helm values name it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DeclaredAccount {
    pub(super) arn: String,
    pub(super) account: AccountId,
    pub(super) secret: String,
    /// What works but should be fixed: each with its remedy.
    pub(super) warnings: Vec<(String, String)>,
}

/// The Secret by which the mediator learns a target's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetSecret<'c> {
    /// Its name.
    pub name: &'c str,
    /// How the Helm values name the account.
    pub declared: &'c str,
    /// The role that it has to have.
    pub role: &'c RoleArn,
    /// The region that it has to have, where one is known.
    pub region: Option<&'c Region>,
}

impl Chain {
    /// The chain that a federation file declares.
    #[must_use]
    pub fn of(federation: &Federation) -> Self {
        let source = &federation.source;
        let accounts = desired::accounts(federation);
        let desired = |role: &RoleArn| {
            let account = accounts.iter().find(|account| account.id == role.account())?;
            let roles = account.roles.iter().filter(|own| own.arn == *role).cloned().collect();
            Some(desired::Account { roles, ..account.clone() })
        };
        let mut hops = vec![RoleHop {
            role: source.arn.clone(),
            region: federation.region(source.arn.account()).cloned(),
            declared: None,
            desired: desired(&source.arn),
        }];
        hops.extend(mediator_accounts(federation).into_iter().map(|target| RoleHop {
            desired: desired(&target.role),
            declared: Some(DeclaredAccount {
                arn: target.arn,
                account: target.role.account(),
                secret: target.secret,
                warnings: Vec::new(),
            }),
            role: target.role,
            region: Some(target.region),
        }));
        Self {
            federation: Some(federation.name.clone()),
            issuer: federation.issuer().cloned(),
            subject: Some(federation.workload.subject()),
            namespace: Some(federation.workload.namespace.clone()),
            audiences: audiences(federation),
            association: accounts.iter().find_map(|account| account.association.clone()),
            hops,
        }
    }

    /// The chain that the mediator's values and Secrets declare. They do not name the workload: the
    /// token does.
    #[must_use]
    pub fn of_mediator(configuration: &Configuration) -> Self {
        let (service_account, accounts) = (&configuration.service_account, &configuration.accounts);
        let source = service_account.role.clone().map(|role| RoleHop {
            role,
            // The values name no region for it: the first account's is used.
            region: accounts.first().map(|account| account.home.clone()),
            declared: None,
            desired: None,
        });
        let audience = service_account.audience.clone();
        Self {
            federation: None,
            issuer: None,
            subject: None,
            namespace: accounts.iter().find_map(|account| account.namespace.clone()),
            audiences: vec![audience.unwrap_or_else(|| DEFAULT_AUDIENCE.to_owned())],
            association: None,
            hops: source.into_iter().chain(accounts.iter().map(hop)).collect(),
        }
    }

    /// The audience of the workload's token.
    pub(super) fn audience(&self) -> &str {
        self.audiences.first().map_or(DEFAULT_AUDIENCE, String::as_str)
    }

    /// The first role's region.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.hops.iter().find_map(|hop| hop.region.as_ref())
    }

    /// The Secret of each target.
    pub fn secrets(&self) -> impl Iterator<Item = TargetSecret<'_>> {
        self.hops.iter().filter_map(|hop| {
            let DeclaredAccount { arn, secret, .. } = hop.declared.as_ref()?;
            let (role, region) = (&hop.role, hop.region.as_ref());
            Some(TargetSecret { name: secret, declared: arn, role, region })
        })
    }

    /// Every account that a role of the chain is in, without repetition.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountId> {
        let mut seen = BTreeSet::new();
        let accounts = self.hops.iter().map(|hop| hop.role.account());
        accounts.filter(|account| seen.insert(*account)).collect()
    }
}

fn audiences(federation: &Federation) -> Vec<String> {
    let oidc = federation.oidc().map(|oidc| oidc.audiences.clone());
    oidc.unwrap_or_else(|| vec![federation.audience().to_owned()])
}

fn hop(account: &Account) -> RoleHop {
    let warnings = account.warnings.iter();
    RoleHop {
        role: account.role.clone(),
        region: Some(account.home.clone()),
        declared: Some(DeclaredAccount {
            arn: account.declared.arn.clone(),
            account: account.declared.account,
            secret: account.secret.clone(),
            warnings: warnings.map(|w| (w.message.clone(), w.remedy.clone())).collect(),
        }),
        desired: None,
    }
}
