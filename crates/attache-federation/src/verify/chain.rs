//! What is to hold, as far as somebody says it: a federation file says all of it, the mediator's
//! values and Secrets only what the mediator needs.

use std::collections::BTreeSet;

use attache_identifiers::{AccountId, Issuer, Region, RoleArn};
use attache_manifests::{Account, Configuration};

use crate::document::{DEFAULT_AUDIENCE, Federation, Role};
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
    /// What works but should be mended: each with its remedy.
    pub(super) warnings: Vec<(String, String)>,
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
                warnings: Vec::new(),
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

    /// The chain that the mediator's values and Secrets declare. They do not say who the workload
    /// is: that is the token's to say.
    #[must_use]
    pub fn of_mediator(configuration: &Configuration) -> Self {
        let (service_account, accounts) = (&configuration.service_account, &configuration.accounts);
        let source = service_account.role.clone().map(|role| Leg {
            role,
            // The values name no region for it: it is asked where the first account is.
            region: accounts.first().map(|account| account.home.clone()),
            claim: None,
            wanted: None,
        });
        let audience = service_account.audience.clone();
        Self {
            issuer: None,
            subject: None,
            namespace: accounts.iter().find_map(|account| account.namespace.clone()),
            audience: audience.unwrap_or_else(|| DEFAULT_AUDIENCE.to_owned()),
            legs: source.into_iter().chain(accounts.iter().map(leg)).collect(),
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
        let mut seen = BTreeSet::new();
        let accounts = self.legs.iter().map(|leg| leg.role.account());
        accounts.filter(|account| seen.insert(*account)).collect()
    }
}

fn leg(account: &Account) -> Leg {
    let warnings = account.warnings.iter();
    Leg {
        role: account.role.clone(),
        region: Some(account.home.clone()),
        claim: Some(Claim {
            arn: account.declared.arn.clone(),
            account: account.declared.account,
            secret: account.secret.clone(),
            warnings: warnings.map(|w| (w.message.clone(), w.remedy.clone())).collect(),
        }),
        wanted: None,
    }
}
