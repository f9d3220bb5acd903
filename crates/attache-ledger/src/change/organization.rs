//! The changes of an organization: of its tree, its policies and what is attached where.
//!
//! These types are on users' disks, as in [`crate::change`].

use attache_identifiers::AccountId;
use serde::{Deserialize, Serialize};

use crate::change::NewRole;
use crate::tags::Tag;

/// One change of the organization that the event's account is in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum OrganizationChange {
    /// The event's account, which is in none, makes one.
    Created {
        /// Its id.
        id: String,
        /// The id of the root of its tree.
        root_id: String,
    },
    /// It is deleted; its members are in none.
    Deleted,
    /// A type of policies binds from now on.
    PolicyTypeEnabled {
        /// The type of policy.
        kind: PolicyType,
    },
    /// A type of policies binds no longer, and none of them stays attached.
    PolicyTypeDisabled {
        /// The type of policy.
        kind: PolicyType,
    },
    /// An organizational unit is created.
    UnitCreated {
        /// Its id.
        id: String,
        /// The id of the unit or root above it.
        parent: String,
        /// Its name.
        name: String,
        /// Its tags.
        tags: Vec<Tag>,
    },
    /// A unit gets another name.
    UnitRenamed {
        /// Its id.
        id: String,
        /// The name that it gets.
        name: String,
    },
    /// A unit is deleted.
    UnitDeleted {
        /// Its id.
        id: String,
    },
    /// `CreateAccount` makes an account.
    AccountCreated(Box<NewAccount>),
    /// A request that made no account, with AWS's reason.
    AccountRefused {
        /// The id of the request.
        request: String,
        /// The name that the account was to have.
        name: String,
        /// AWS's reason.
        reason: String,
    },
    /// An account moves in the tree.
    AccountMoved {
        /// The account.
        account: AccountId,
        /// The id of the unit or root that it moves to.
        to: String,
    },
    /// An account is closed.
    AccountClosed {
        /// The account.
        account: AccountId,
    },
    /// An account leaves.
    AccountRemoved {
        /// The account.
        account: AccountId,
    },
    /// A policy is created.
    PolicyCreated {
        /// Its id.
        id: String,
        /// The type of policy.
        kind: PolicyType,
        /// Its name.
        name: String,
        /// Its description.
        description: String,
        /// The policy document's text.
        content: String,
        /// Its tags.
        tags: Vec<Tag>,
    },
    /// What is none stays as it is.
    PolicyUpdated {
        /// Its id.
        id: String,
        /// Its new name.
        name: Option<String>,
        /// Its new description.
        description: Option<String>,
        /// Its new document's text.
        content: Option<String>,
    },
    /// A policy is deleted.
    PolicyDeleted {
        /// Its id.
        id: String,
    },
    /// A policy is attached.
    PolicyAttached {
        /// The policy's id.
        policy: String,
        /// The id of the root, unit or account.
        target: String,
    },
    /// A policy is detached.
    PolicyDetached {
        /// The policy's id.
        policy: String,
        /// The id of the root, unit or account.
        target: String,
    },
    /// A service may act in the organization.
    ServiceEnabled {
        /// The service's principal.
        service: String,
    },
    /// A service may act in the organization no longer.
    ServiceDisabled {
        /// The service's principal.
        service: String,
    },
    /// An account administers for a service.
    Delegated {
        /// The account.
        account: AccountId,
        /// The service's principal.
        service: String,
    },
    /// An account administers for a service no longer.
    Undelegated {
        /// The account.
        account: AccountId,
        /// The service's principal.
        service: String,
    },
    /// Tags are set, in place of those with the same keys.
    Tagged {
        /// The id of what carries the tags.
        resource: String,
        /// The tags that are set.
        tags: Vec<Tag>,
    },
    /// Tags are removed.
    Untagged {
        /// The id of what carries the tags.
        resource: String,
        /// The keys of the tags that go.
        keys: Vec<String>,
    },
}

/// An account as `CreateAccount` makes it, with its first role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewAccount {
    /// The account's number.
    pub id: AccountId,
    /// `car-…`: the id of the request that made it.
    pub request: String,
    /// The address of its owner.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The administrator's unique id.
    pub user_id: String,
    /// The id of the administrator's access key.
    pub access_key: String,
    /// The role by which the management account enters.
    pub role: NewRole,
    /// That role's inline policy.
    pub role_policy: (String, String),
}

/// The policy types that bind requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PolicyType {
    /// Service control policies bind principals.
    #[serde(rename = "SERVICE_CONTROL_POLICY")]
    ServiceControl,
    /// Resource control policies bind resources.
    #[serde(rename = "RESOURCE_CONTROL_POLICY")]
    ResourceControl,
}
