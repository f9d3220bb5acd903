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
    UserPolicies { user: String, what: OwnPolicyChange },
    GroupPolicies { group: String, what: OwnPolicyChange },
    ProfileCreated(NewNamed),
    ProfileDeleted { profile: String },
    ProfileRoleSet { profile: String, role: Option<String> },
    AliasSet { alias: Option<String> },
    TokensWidened { all_regions: bool },
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Change;

    /// Tags and members share one object in the journal: no two of them may have one name.
    #[test]
    fn every_change_reads_back_as_it_was_written() {
        let name = || "x".to_owned();
        let new = || NewNamed {
            name: name(),
            path: "/".to_owned(),
            id: name(),
            boundary: Some(name()),
            tags: vec![Tag { key: name(), value: name() }],
        };
        let renamed = || Renamed { from: name(), name: name(), path: name() };
        let policies = [
            OwnPolicyChange::InlineSet { name: name(), document: name() },
            OwnPolicyChange::InlineDeleted { name: name() },
            OwnPolicyChange::Attached { arn: name() },
            OwnPolicyChange::Detached { arn: name() },
        ];
        let users = policies.iter().cloned();
        let users = users.map(|what| IdentityChange::UserPolicies { user: name(), what });
        let groups = policies.iter().cloned();
        let groups = groups.map(|what| IdentityChange::GroupPolicies { group: name(), what });
        let others = [
            IdentityChange::UserCreated(new()),
            IdentityChange::UserRenamed(renamed()),
            IdentityChange::UserDeleted { user: name() },
            IdentityChange::UserBoundarySet { user: name(), arn: name() },
            IdentityChange::UserBoundaryRemoved { user: name() },
            IdentityChange::GroupCreated(new()),
            IdentityChange::GroupRenamed(renamed()),
            IdentityChange::GroupDeleted { group: name() },
            IdentityChange::MemberAdded { group: name(), user: name() },
            IdentityChange::MemberRemoved { group: name(), user: name() },
            IdentityChange::KeyCreated { user: name(), access_key: name() },
            IdentityChange::KeySet { access_key: name(), active: false },
            IdentityChange::KeyDeleted { access_key: name() },
            IdentityChange::ProfileCreated(new()),
            IdentityChange::ProfileDeleted { profile: name() },
            IdentityChange::ProfileRoleSet { profile: name(), role: Some(name()) },
            IdentityChange::AliasSet { alias: Some(name()) },
        ];
        for change in users.chain(groups).chain(others).map(Change::Identity) {
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change, "{text}");
        }
    }
}
