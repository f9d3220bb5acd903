//! The resources of the embedded accounts, served over AWS's own protocols.
//!
//! Knows: what each account holds, made from a seed and the same forever, and how EC2, RDS, Elastic
//! Load Balancing, SQS, Lambda, DynamoDB and S3 list and page it.
//!
//! Does not know: who may call. It is handed calls that have been allowed, and says beforehand what
//! each of them needs ([`attache_aws_protocol::serve::Routed::permissions`]). Start at [`SampleResources`].

mod model;
mod page;
mod serve;

use std::collections::BTreeMap;

use attache_aws_protocol::call::{Answer, Inbound};
use attache_aws_protocol::serve::{Backend, Caller, Routed};
use attache_aws_protocol::{Protocol, ServiceError};
use attache_identifiers::{AccountId, Region};

use model::Account;

/// The regions that hold something.
pub const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// What all embedded accounts hold.
#[derive(Debug)]
pub struct SampleResources {
    accounts: BTreeMap<AccountId, Account>,
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
        Self { accounts: made.collect() }
    }

    /// How many resources of each type an account holds, over all regions.
    #[must_use]
    pub fn census(&self, account: AccountId) -> Vec<(&'static str, usize)> {
        self.accounts.get(&account).map(Account::census).unwrap_or_default()
    }
}

impl Backend for SampleResources {
    fn services(&self) -> &[&'static str] {
        &["ec2", "rds", "elasticloadbalancing", "sqs", "lambda", "dynamodb", "s3", "account"]
    }

    fn protocol(&self, service: &str, inbound: &Inbound) -> Protocol {
        serve::protocol(service, inbound)
    }

    fn route(
        &self,
        account: AccountId,
        region: &Region,
        service: &str,
        inbound: &Inbound,
    ) -> Result<Routed, ServiceError> {
        serve::route(account, region, service, inbound)
    }

    fn answer(
        &self,
        caller: &Caller,
        routed: &Routed,
        request_id: &str,
    ) -> Result<Answer, ServiceError> {
        let empty = Account::empty(caller.account);
        let account = self.accounts.get(&caller.account).unwrap_or(&empty);
        serve::answer(account, caller.region.as_str(), routed, request_id)
    }
}
