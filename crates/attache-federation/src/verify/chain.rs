//! The chain from a workload to its roles, as files declare it. A federation's file declares all of it;
//! the mediator's values and Secrets declare what the mediator needs.

use std::collections::BTreeSet;

use attache_identifiers::{AccountId, Issuer, Region, RoleArn};
use attache_manifests::{Account, Configuration};

use crate::desired::{self, DesiredAssociation};
use crate::document::{DEFAULT_AUDIENCE, Federation, Identity};
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
    /// The providers and this role alone as the federation's file has them, where there is one.
    pub(super) desired: Option<desired::Account>,
    /// What is asked with it, where the file says so; else all that the mediator asks.
    pub(super) actions: Option<Vec<String>>,
    /// Whom else the file lets assume the role by tokens.
    pub(super) others: Vec<OtherWorkload>,
}

/// A workload in a cluster of the file beside the one that the chain begins at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OtherWorkload {
    /// `NAMESPACE/NAME in CLUSTER`.
    pub(super) name: String,
    pub(super) issuer: Issuer,
    pub(super) subject: String,
    pub(super) audience: String,
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
    /// The chain that a federation file declares for one of its workloads in one of its clusters: to the source role
    /// and to the targets that are for the workload.
    #[must_use]
    pub fn of(federation: &Federation, identity: &Identity<'_>) -> Self {
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
            actions: None,
            others: others(federation, identity, |_| true),
        }];
        let targets = mediator_accounts(federation, identity.workload).into_iter();
        hops.extend(targets.map(|target| RoleHop {
            desired: desired(&target.role),
            others: others(federation, identity, |index| target.workloads.contains(&index)),
            declared: Some(DeclaredAccount {
                arn: target.arn,
                account: target.role.account(),
                secret: target.secret,
                warnings: Vec::new(),
            }),
            role: target.role,
            region: Some(target.region),
            actions: target.actions,
        }));
        Self {
            federation: Some(federation.name.clone()),
            issuer: identity.issuer.cloned(),
            subject: Some(identity.workload.subject()),
            namespace: Some(identity.workload.namespace.clone()),
            audiences: match identity.audiences {
                [] => vec![identity.audience().to_owned()],
                audiences => audiences.to_vec(),
            },
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
            actions: None,
            others: Vec::new(),
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

/// The others that may assume a role by their tokens.
fn others(
    federation: &Federation,
    identity: &Identity<'_>,
    is_for: impl Fn(usize) -> bool,
) -> Vec<OtherWorkload> {
    let others = federation.identities().filter(|other| other != identity && is_for(other.index));
    let of = |other: Identity<'_>| {
        Some(OtherWorkload {
            name: other.to_string(),
            issuer: other.issuer?.clone(),
            subject: other.workload.subject(),
            audience: other.audience().to_owned(),
        })
    };
    others.filter_map(of).collect()
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
        actions: None,
        others: Vec::new(),
    }
}
