//! The changes of an organisation: of its tree, its policies and what is attached where.
//!
//! What stands here is on users' disks, as in [`crate::change`].

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};

use crate::change::NewRole;
use crate::tags::Tag;

/// One change of the organisation that the event's account is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub(crate) enum OrganizationChange {
    /// The event's account, which is in none, makes one.
    Created {
        id: String,
        root_id: String,
    },
    Deleted,
    PolicyTypeEnabled {
        kind: PolicyType,
    },
    PolicyTypeDisabled {
        kind: PolicyType,
    },
    UnitCreated {
        id: String,
        parent: String,
        name: String,
        tags: Vec<Tag>,
    },
    UnitRenamed {
        id: String,
        name: String,
    },
    UnitDeleted {
        id: String,
    },
    AccountCreated(Box<NewAccount>),
    /// A request that made no account, with AWS's reason.
    AccountRefused {
        request: String,
        name: String,
        reason: String,
    },
    AccountMoved {
        account: AccountId,
        to: String,
    },
    AccountClosed {
        account: AccountId,
    },
    AccountRemoved {
        account: AccountId,
    },
    PolicyCreated {
        id: String,
        kind: PolicyType,
        name: String,
        description: String,
        content: String,
        tags: Vec<Tag>,
    },
    /// What is none stays as it is.
    PolicyUpdated {
        id: String,
        name: Option<String>,
        description: Option<String>,
        content: Option<String>,
    },
    PolicyDeleted {
        id: String,
    },
    PolicyAttached {
        policy: String,
        target: String,
    },
    PolicyDetached {
        policy: String,
        target: String,
    },
    ServiceEnabled {
        service: String,
    },
    ServiceDisabled {
        service: String,
    },
    Delegated {
        account: AccountId,
        service: String,
    },
    Undelegated {
        account: AccountId,
        service: String,
    },
    Tagged {
        resource: String,
        tags: Vec<Tag>,
    },
    Untagged {
        resource: String,
        keys: Vec<String>,
    },
}

/// An account as `CreateAccount` makes it, with its first role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewAccount {
    pub(crate) id: AccountId,
    /// `car-…`: the id of the request that made it.
    pub(crate) request: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) tags: Vec<Tag>,
    /// The administrator's unique id.
    pub(crate) user_id: String,
    pub(crate) access_key: String,
    /// The role by which the management account enters.
    pub(crate) role: NewRole,
    /// That role's inline policy.
    pub(crate) role_policy: (String, String),
}

/// The policy types that bind requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum PolicyType {
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}
