//! One account and all that is in it.

use std::collections::BTreeMap;

use names::AccountId;
use time::OffsetDateTime;

use super::{Cluster, ManagedPolicy, Provider, Role};

/// One account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) opened: OffsetDateTime,
    /// Whether it was given when the authority was started; `CreateAccount` made the others.
    pub(crate) given: bool,
    /// When it was closed: nobody of it may call since.
    pub(crate) closed: Option<OffsetDateTime>,
    pub(crate) administrator: Administrator,
    /// By host and path of the issuer.
    pub(crate) providers: BTreeMap<String, Provider>,
    /// By name.
    pub(crate) roles: BTreeMap<String, Role>,
    /// The account's own managed policies, by ARN.
    pub(crate) policies: BTreeMap<String, ManagedPolicy>,
    /// EKS clusters by region and name.
    pub(crate) clusters: BTreeMap<(String, String), Cluster>,
}

/// The user who may do everything, and who is there from the beginning.
#[derive(Debug, Clone)]
pub(crate) struct Administrator {
    pub(crate) user_id: String,
    pub(crate) access_key: String,
}

/// The administrator's user name.
pub(crate) const ADMINISTRATOR: &str = "administrator";

impl Account {
    pub(super) fn new(id: AccountId, opened: OffsetDateTime, administrator: Administrator) -> Self {
        let (providers, roles, policies) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (given, clusters) = (true, BTreeMap::new());
        Self {
            id,
            opened,
            given,
            closed: None,
            administrator,
            providers,
            roles,
            policies,
            clusters,
        }
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    /// The administrator's ARN.
    pub(crate) fn administrator_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{ADMINISTRATOR}", self.id)
    }

    /// How many roles a managed policy is attached to, and how many it is the boundary of.
    pub(crate) fn usage(&self, arn: &str) -> (usize, usize) {
        let attached = self.roles.values().filter(|role| role.attached.iter().any(|a| a == arn));
        let bounded = self.roles.values().filter(|role| role.boundary.as_deref() == Some(arn));
        (attached.count(), bounded.count())
    }
}
