//! The changes of users, groups, access keys, instance profiles and the account's alias.
//!
//! What stands here is on users' disks: members are added with a default, never renamed.

use serde::{Deserialize, Serialize};

use crate::state::OwnPolicyChange;
use crate::tags::Tag;

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "identity", rename_all = "kebab-case")]
pub(crate) enum IdentityChange {
    UserCreated(NewNamed),
    UserRenamed(Renamed),
    UserDeleted { user: String },
    UserBoundarySet { user: String, arn: String },
    UserBoundaryRemoved { user: String },
    GroupCreated(NewNamed),
    GroupRenamed(Renamed),
    GroupDeleted { group: String },
    MemberAdded { group: String, user: String },
    MemberRemoved { group: String, user: String },
    KeyCreated { user: String, access_key: String },
    KeySet { access_key: String, active: bool },
    KeyDeleted { access_key: String },
    UserPolicies { user: String, change: OwnPolicyChange },
    GroupPolicies { group: String, change: OwnPolicyChange },
    ProfileCreated(NewNamed),
    ProfileDeleted { profile: String },
    ProfileRoleSet { profile: String, role: Option<String> },
    AliasSet { alias: Option<String> },
}

/// A user, a group or an instance profile as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct NewNamed {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) boundary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
}

/// Another name and path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Renamed {
    pub(crate) from: String,
    pub(crate) name: String,
    pub(crate) path: String,
}
