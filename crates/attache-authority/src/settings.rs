//! What an authority is opened with.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use attache_identifiers::{AccountId, Issuer, Region};
use attache_ledger::Data;
use attache_oidc::Jwks;
use attache_services::service::Service;

use crate::{DiscoverySettings, FixedKey, Quotas};

/// The region of what names none: where AWS's global endpoints are, what a call that nobody signed is
/// taken to be meant for, and what clients of an authority are given for their own.
pub const HOME_REGION: &str = "us-east-1";

/// What an authority is opened with.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where the journal is stored.
    pub data: Data,
    /// The accounts that exist, beside those that the journal already has. The first one ever
    /// given is the organization's management account, the others are its members.
    pub accounts: Vec<AccountId>,
    /// Issuers whose keys are known and do not change.
    pub issuers: Vec<(Issuer, Jwks)>,
    /// Issuers whose key set is a file. It is read again whenever it changes, so that keys rotate.
    pub issuer_files: Vec<(Issuer, PathBuf)>,
    /// How the keys of other issuers are fetched; none where nothing is to be fetched.
    pub discovery: Option<DiscoverySettings>,
    /// EKS clusters that exist, beside those that the journal already has. One that it has gets the
    /// issuer that is given here.
    pub clusters: Vec<KnownCluster>,
    /// A directory of AWS-managed policies as AWS publishes them, one JSON file each with `Arn`,
    /// `PolicyName`, `DefaultVersionId` and `Document`; each takes the place of the built-in
    /// abridgement with its ARN.
    pub managed_policies: Option<PathBuf>,
    /// Whether the newest decisions are stored with their explanations, for
    /// `GET /_attache/decisions/{request id}`.
    pub explain: bool,
    /// The quotas of each account.
    pub quotas: Quotas,
    /// How long a change takes to be seen by decisions; IAM's answers have it at once.
    pub propagation_delay: Duration,
    /// Access keys of administrators that are known beforehand.
    pub fixed_keys: Vec<FixedKey>,
    /// Services beside those that every authority has; of two of one name and protocol the first counts.
    pub services: Vec<Arc<dyn Service>>,
}

/// An EKS cluster, as far as its identity goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownCluster {
    /// The account that it is in, which must exist.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its name: letters, digits, hyphens and underscores, at most 100.
    pub name: String,
    /// The `iss` of its tokens.
    pub issuer: Issuer,
}

impl Settings {
    /// These accounts, with nothing else.
    #[must_use]
    pub fn new(data: Data, accounts: Vec<AccountId>) -> Self {
        Self { data, accounts, ..Self::default() }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services: Vec<_> = self.services.iter().map(|service| service.name()).collect();
        f.debug_struct("Settings")
            .field("data", &self.data)
            .field("accounts", &self.accounts)
            .field("services", &services)
            .finish_non_exhaustive()
    }
}
