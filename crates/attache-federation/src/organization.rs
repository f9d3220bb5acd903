//! The accounts of an organization, of which a file's targets are some.
//!
//! What cannot be listed is an error, never a shorter list: an account that is left out loses its role. So is a unit
//! or an account that the file names and the organization does not have.

use std::collections::{BTreeMap, BTreeSet};

use attache_aws_accounts::{OrganizationAccount, OrganizationClient, OrganizationError};
use attache_identifiers::AccountId;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::document::check::{is_same, shared};
use crate::document::organization::{OrganizationTargets, Selection};
use crate::document::{Federation, FederationFile, Target};
use crate::scope::OrganizationListing;

/// Ours: accounts whose tags are read at once.
const READS_AT_ONCE: usize = 8;

/// Why the targets in an organization are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrganizationTargetsError {
    /// Nobody could list the accounts.
    #[error("{file}: the accounts of the organization could not be listed: {why}")]
    NotListed {
        /// The file.
        file: String,
        /// In words.
        why: String,
    },
    /// A call failed.
    #[error("{file}: the accounts of the organization are not known: {source}")]
    Call {
        /// The file.
        file: String,
        /// Which, and why.
        source: OrganizationError,
    },
    /// An account or a unit that the file names is not in the organization.
    #[error("{file}: the organization has no {what}")]
    Unknown {
        /// The file.
        file: String,
        /// `account 222222222222`, `unit ou-…`.
        what: String,
    },
    /// They are another organization's.
    #[error("{file}: the organization of the credentials is {found}, the file's {expected}")]
    Other {
        /// The file.
        file: String,
        /// Its organization.
        expected: String,
        /// Whose accounts were listed.
        found: String,
    },
    /// No account is selected.
    #[error("{file}: no active account of the organization is a target")]
    None {
        /// The file.
        file: String,
    },
    /// An account would have two roles for one workload, or one role twice.
    #[error("{file}: the account {account} is selected twice: {why}")]
    Twice {
        /// The file.
        file: String,
        /// The account.
        account: AccountId,
        /// In words.
        why: String,
    },
}

impl OrganizationTargetsError {
    /// Whether AWS or the network failed, and not the file.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::NotListed { .. } | Self::Call { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotListed { .. } | Self::Call { .. } | Self::Other { .. } => {
                "use credentials of the management account or of a delegated administrator of \
                 organizations:ListAccounts: the default ones, a profile named by the account of \
                 `spec.organization.management`, or those of the source account"
            }
            Self::Unknown { .. } => {
                "correct the file: a name that selects nothing by mistake would take roles away, or leave \
                 them; `aws organizations list-accounts` lists the accounts"
            }
            Self::None { .. } => "see `include` and `exclude` of the targets with `organization`",
            Self::Twice { .. } => {
                "exclude it from one of the targets, or give each its own `workloads` and `role`"
            }
        }
    }
}

/// What is known of the accounts.
#[derive(Debug, Default)]
struct Known {
    active: Vec<AccountId>,
    all: BTreeSet<AccountId>,
    /// The roots and units that each is in.
    parents: BTreeMap<AccountId, BTreeSet<String>>,
    tags: BTreeMap<AccountId, BTreeMap<String, String>>,
    organization: Option<String>,
    management: Option<AccountId>,
}

impl FederationFile {
    /// The federation with its targets in the organization: one in each active account that is selected, beside those
    /// that the file names. The management account is selected only by its id, for the organization's policies do not
    /// bind it. A file without such targets needs no listing.
    ///
    /// # Errors
    /// [`OrganizationTargetsError`].
    pub async fn complete(
        self,
        listing: Option<&OrganizationListing>,
    ) -> Result<Federation, OrganizationTargetsError> {
        if !self.needs_organization() {
            return Ok(self.federation);
        }
        let file = self.file.clone();
        let Some((client, accounts)) =
            listing.and_then(|own| Some((own.client.as_ref()?, own.accounts.as_slice())))
        else {
            let why = listing.and_then(|own| own.refusal.clone());
            let why =
                why.unwrap_or_else(|| "there are no credentials to list them with".to_owned());
            return Err(OrganizationTargetsError::NotListed { file, why });
        };
        let call = |source| OrganizationTargetsError::Call { file: file.clone(), source };
        let mut known = Known::of(accounts);
        if let (Some(own), Some(found)) = (&self.federation.organization, &known.organization)
            && own.id != *found
        {
            let (expected, found) = (own.id.clone(), found.clone());
            return Err(OrganizationTargetsError::Other { file, expected, found });
        }
        let selections: Vec<&Selection> =
            self.organization_targets.iter().flat_map(|own| [&own.include, &own.exclude]).collect();
        for account in selections.iter().flat_map(|own| &own.accounts) {
            if !known.all.contains(account) {
                let what = format!("account {account}");
                return Err(OrganizationTargetsError::Unknown { file, what });
            }
        }
        let is_complete = accounts.iter().all(|account| account.parents.is_some());
        let units: BTreeSet<&String> = selections.iter().flat_map(|own| &own.units).collect();
        for unit in units {
            let is_seen = known.parents.values().any(|parents| parents.contains(unit));
            if is_complete && is_seen {
                continue;
            }
            match known.add_below(client, unit).await {
                Err(error) if error.code() == Some("ParentNotFoundException") => {
                    let what = format!("unit {unit}");
                    return Err(OrganizationTargetsError::Unknown { file, what });
                }
                other => other.map_err(&call)?,
            }
        }
        if selections.iter().any(|own| !own.tags.is_empty()) {
            known.add_tags(client).await.map_err(&call)?;
        }
        self.with(&known)
    }

    fn with(self, known: &Known) -> Result<Federation, OrganizationTargetsError> {
        let Self { mut federation, organization_targets, file } = self;
        let named = federation.targets.len();
        for own in &organization_targets {
            for account in known.active.iter().filter(|account| known.selects(own, **account)) {
                let target = own.target(*account);
                // What the file says of the account itself counts.
                if federation.targets[..named].iter().any(|other| shared(other, &target).is_some())
                {
                    continue;
                }
                if let Some(why) = conflict(&federation, named, &target) {
                    return Err(OrganizationTargetsError::Twice { file, account: *account, why });
                }
                federation.targets.push(target);
            }
        }
        match federation.targets.is_empty() {
            true => Err(OrganizationTargetsError::None { file }),
            false => Ok(federation),
        }
    }
}

fn conflict(federation: &Federation, named: usize, target: &Target) -> Option<String> {
    let role = &target.role;
    if is_same(role, &federation.source) {
        return Some(format!("{} is the source's role", role.arn));
    }
    // Those that are selected come in the order of their accounts for each of the file's entries.
    let account = role.arn.account();
    let others = federation.targets.iter().enumerate();
    let mut others = others.filter(|(_, other)| other.role.arn.account() == account);
    others.find_map(|(index, other)| {
        if is_same(&other.role, role) {
            return Some(format!("two targets have the role {}", role.arn));
        }
        let workload = shared(other, target).filter(|_| index >= named)?.1;
        let workload = federation.workloads.get(workload)?;
        let (one, two) = (other.role.arn.name(), role.arn.name());
        Some(format!("{} would have the roles {one} and {two}", workload.workload.name()))
    })
}

impl Known {
    fn of(accounts: &[OrganizationAccount]) -> Self {
        let mut known = Self::default();
        for account in accounts {
            known.all.insert(account.id);
            if let Some((organization, management)) = &account.organization {
                known.organization = Some(organization.clone());
                known.management = Some(*management);
            }
            if account.is_active() {
                known.active.push(account.id);
            }
            let parents = account.parents.iter().flatten().cloned();
            known.parents.entry(account.id).or_default().extend(parents);
        }
        known
    }

    /// Walks a unit, where the list of the accounts does not say what they are in.
    async fn add_below(
        &mut self,
        client: &OrganizationClient,
        unit: &str,
    ) -> Result<(), OrganizationError> {
        let (mut left, mut seen) = (vec![unit.to_owned()], BTreeSet::new());
        while let Some(next) = left.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            for account in client.accounts_in(&next).await? {
                self.parents.entry(account).or_default().insert(unit.to_owned());
            }
            left.extend(client.units_in(&next).await?);
        }
        Ok(())
    }

    async fn add_tags(&mut self, client: &OrganizationClient) -> Result<(), OrganizationError> {
        let accounts = self.active.clone();
        let read = accounts
            .into_iter()
            .map(|account| async move { client.tags(account).await.map(|tags| (account, tags)) });
        self.tags = stream::iter(read).buffered(READS_AT_ONCE).try_collect().await?;
        Ok(())
    }

    fn selects(&self, own: &OrganizationTargets, account: AccountId) -> bool {
        let OrganizationTargets { include, exclude, .. } = own;
        let is_named = include.accounts.contains(&account);
        let everywhere = include.units.is_empty() && include.accounts.is_empty();
        let is_here = everywhere || is_named || self.is_in(account, &include.units);
        let has_tags = include.tags.iter().all(|tag| self.has(account, tag));
        let is_excluded = exclude.accounts.contains(&account)
            || self.is_in(account, &exclude.units)
            || exclude.tags.iter().any(|tag| self.has(account, tag));
        let is_management = self.management == Some(account) && !is_named;
        is_here && has_tags && !is_excluded && !is_management
    }

    fn is_in(&self, account: AccountId, units: &[String]) -> bool {
        let parents = self.parents.get(&account);
        parents.is_some_and(|parents| units.iter().any(|unit| parents.contains(unit)))
    }

    fn has(&self, account: AccountId, (key, value): (&String, &String)) -> bool {
        self.tags.get(&account).is_some_and(|tags| tags.get(key) == Some(value))
    }
}
