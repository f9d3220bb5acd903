//! The resources of the embedded accounts, served over AWS's own protocols.
//!
//! Knows: what each account holds, made from a seed and the same forever, and how EC2, RDS, Elastic
//! Load Balancing, SQS, Lambda, DynamoDB and S3 list and page it.
//!
//! Does not know: who may call. The authority's loop authenticates and authorises; each operation says
//! what it needs permission for.
//!
//! Start at [`SampleResources`], then at `serve`, where each AWS service is one module.

mod count;
mod model;
mod page;
mod serve;
mod service;

use std::collections::BTreeMap;
use std::sync::Arc;

use attache_identifiers::AccountId;
use attache_services::service::Service;

pub use count::{CountError, ResourceCount};
use model::Account;
use service::SampleService;

/// The regions that hold something.
pub const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// What all embedded accounts hold.
#[derive(Debug)]
pub struct SampleResources {
    accounts: Arc<BTreeMap<AccountId, Account>>,
}

impl SampleResources {
    /// Of ordinary size: about a hundred resources an account.
    #[must_use]
    pub fn new(seed: u64, accounts: &[AccountId]) -> Self {
        Self::scaled(seed, accounts, 1)
    }

    /// `factor` times the resources. The same seed and account give the same
    /// resources forever.
    #[must_use]
    pub fn scaled(seed: u64, accounts: &[AccountId], factor: u32) -> Self {
        let made = accounts.iter().map(|id| (*id, Account::make(seed, *id, factor)));
        Self { accounts: Arc::new(made.collect()) }
    }

    /// So many resources in all, in equal parts in the accounts, exactly. None is held in memory: each
    /// is made when it is asked for, and the same seed, accounts and number give the same ones.
    #[must_use]
    pub fn spread(seed: u64, accounts: &[AccountId], count: ResourceCount) -> Self {
        let shares = model::shares(count.get(), accounts.len());
        let made =
            accounts.iter().zip(shares).map(|(id, share)| (*id, Account::spread(seed, *id, share)));
        Self { accounts: Arc::new(made.collect()) }
    }

    /// How many resources of each type an account holds, over all regions.
    #[must_use]
    pub fn census(&self, account: AccountId) -> Vec<(&'static str, usize)> {
        self.accounts.get(&account).map(Account::census).unwrap_or_default()
    }

    /// The services that answer with these resources.
    #[must_use]
    pub fn services(&self) -> Vec<Arc<dyn Service>> {
        let service = |spec| Arc::new(SampleService::new(spec, &self.accounts)) as Arc<dyn Service>;
        serve::SERVICES.iter().map(service).collect()
    }
}
