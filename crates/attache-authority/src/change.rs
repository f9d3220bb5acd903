//! The changes that the state is the fold of.
//!
//! What stands here is on users' disks: members are added with a default, never renamed.

use serde::{Deserialize, Serialize};

use crate::eks_change::EksChange;
use crate::identity_change::IdentityChange;
use crate::organization_change::OrganizationChange;
use crate::state::WholeChange;
use crate::tags::Tag;

/// One change of one account, which is the event's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub(crate) enum Change {
    AccountOpened {
        user_id: String,
        access_key: String,
    },
    ProviderCreated {
        url: String,
        client_ids: Vec<String>,
        thumbprints: Vec<String>,
        tags: Vec<Tag>,
    },
    ProviderDeleted {
        url: String,
    },
    ClientIdAdded {
        url: String,
        client_id: String,
    },
    ClientIdRemoved {
        url: String,
        client_id: String,
    },
    ThumbprintsSet {
        url: String,
        thumbprints: Vec<String>,
    },
    RoleCreated(NewRole),
    RoleUpdated {
        role: String,
        description: Option<String>,
        max_session: Option<i64>,
    },
    TrustSet {
        role: String,
        document: String,
    },
    RoleDeleted {
        role: String,
    },
    InlinePolicySet {
        role: String,
        name: String,
        document: String,
    },
    InlinePolicyDeleted {
        role: String,
        name: String,
    },
    PolicyAttached {
        role: String,
        arn: String,
    },
    PolicyDetached {
        role: String,
        arn: String,
    },
    BoundarySet {
        role: String,
        arn: String,
    },
    BoundaryRemoved {
        role: String,
    },
    PolicyCreated(NewPolicy),
    PolicyVersionCreated {
        arn: String,
        document: String,
        default: bool,
    },
    PolicyVersionDeleted {
        arn: String,
        version: u32,
    },
    PolicyDefaultSet {
        arn: String,
        version: u32,
    },
    PolicyDeleted {
        arn: String,
    },
    Tagged {
        on: Tagged,
        tags: Vec<Tag>,
    },
    Untagged {
        on: Tagged,
        keys: Vec<String>,
    },
    /// Of its users, groups, access keys and instance profiles.
    Identity(IdentityChange),
    /// Of one of the account's clusters.
    Eks(EksChange),
    /// Of all accounts at once.
    Whole(WholeChange),
    /// Of the organisation that the account is in.
    Organization(OrganizationChange),
}

/// A role as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewRole {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) description: Option<String>,
    /// Seconds.
    pub(crate) max_session: i64,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Vec<Tag>,
}

/// A customer's managed policy as it is created, with its first version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewPolicy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<Tag>,
}

/// What carries tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tagged {
    Provider(String),
    Role(String),
    User(String),
    Profile(String),
    /// By ARN.
    Policy(String),
}
