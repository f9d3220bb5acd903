//! An organization: its tree, its policies and what is attached where.

mod apply;
mod attach;
mod index;
mod levels;
mod policy;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use attache_identifiers::{AccountId, OrganizationArns};
use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::PARTITION;
use crate::change::PolicyType;
use crate::tags::Tags;

pub(super) use index::Organizations;
pub use levels::Attached;
pub use policy::{ControlPolicy, RCP_FULL_ACCESS};
pub use tree::{Joined, Member, Place, Unit};

/// An organization.
#[derive(Debug, Serialize, Deserialize)]
pub struct Organization {
    /// The account that manages it.
    pub management: AccountId,
    /// `o-` and ten letters or digits.
    pub id: String,
    /// `r-` and four letters or digits.
    pub root_id: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// The policy types that bind.
    pub enabled: BTreeSet<PolicyType>,
    /// What is attached to the root.
    pub root: Attached,
    /// By id.
    pub units: BTreeMap<String, Unit>,
    /// The accounts in it.
    pub members: BTreeMap<AccountId, Member>,
    /// By id, those that AWS manages among them.
    pub policies: BTreeMap<String, ControlPolicy>,
    /// Services that may act in the organization, since when.
    pub services: BTreeMap<String, OffsetDateTime>,
    /// Delegated administrators: for which services, since when.
    pub delegates: BTreeMap<AccountId, BTreeMap<String, OffsetDateTime>>,
    /// By the id of what carries them.
    pub tags: BTreeMap<String, Tags>,
    /// What `CreateAccount` made, by its request.
    pub requests: BTreeMap<String, AccountRequest>,
}

/// A call of `CreateAccount`, which the embedded Organizations completes at once.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccountRequest {
    /// The account's name.
    pub name: String,
    /// When it was.
    pub at: OffsetDateTime,
    /// The account, or AWS's reason that there is none.
    pub outcome: AccountOutcome,
}

/// What became of a call of `CreateAccount`. Snapshots have it as a `Result`.
#[derive(Debug, Serialize, Deserialize)]
pub enum AccountOutcome {
    /// The account was created.
    #[serde(rename = "Ok")]
    Created(AccountId),
    /// None was created, for AWS's reason: `EMAIL_ALREADY_EXISTS`.
    #[serde(rename = "Err")]
    Failed(String),
}

impl Organization {
    /// The organization that the first account manages. Its ids follow from the account's number,
    /// so that a set-up which is made again has the same ARNs.
    fn managed_by(management: AccountId, created: OffsetDateTime) -> Self {
        let hash = digest(&SHA256, format!("organization of {management}").as_bytes());
        let letters: String = hash.as_ref().iter().map(|byte| letter(*byte)).collect();
        let (id, root) = letters.split_at(10);
        let root = root.get(..4).unwrap_or_default();
        Self::new(management, format!("o-{id}"), format!("r-{root}"), created)
    }

    /// An organization whose only member manages it.
    pub fn new(
        management: AccountId,
        id: String,
        root_id: String,
        created: OffsetDateTime,
    ) -> Self {
        let mut new = Self {
            management,
            id,
            root_id,
            created,
            enabled: BTreeSet::new(),
            root: Attached::default(),
            units: BTreeMap::new(),
            members: BTreeMap::new(),
            policies: policy::managed_by_aws(),
            services: BTreeMap::new(),
            delegates: BTreeMap::new(),
            tags: BTreeMap::new(),
            requests: BTreeMap::new(),
        };
        new.join(management, Joined::Invited, None);
        new
    }

    /// The organization's ARN.
    pub fn arn(&self) -> String {
        self.arns().organization().to_string()
    }

    /// The ARN of the root of its tree.
    pub fn root_arn(&self) -> String {
        self.arns().root(&self.root_id).to_string()
    }

    /// The ARN of an account in it.
    pub fn account_arn(&self, account: AccountId) -> String {
        self.arns().account(account).to_string()
    }

    /// The ARN of an organizational unit in it.
    pub fn unit_arn(&self, unit: &str) -> String {
        self.arns().unit(unit).to_string()
    }

    /// The ARN of a policy, of the organization or managed by AWS.
    pub fn policy_arn(&self, policy: &ControlPolicy) -> String {
        if policy.aws_managed {
            return policy::aws_managed_arn(policy.kind, &policy.id);
        }
        self.own_policy_arn(policy.kind, &policy.id)
    }

    fn own_policy_arn(&self, kind: PolicyType, id: &str) -> String {
        self.arns().policy(kind.in_arn(), id).to_string()
    }

    fn arns(&self) -> OrganizationArns<'_> {
        OrganizationArns::new(PARTITION, self.management, &self.id)
    }
}

fn letter(byte: u8) -> char {
    char::from_digit(u32::from(byte) % 36, 36).unwrap_or('0')
}
