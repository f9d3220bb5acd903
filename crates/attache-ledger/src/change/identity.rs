//! The changes of users, groups, access keys, instance profiles and the account's alias.
//!
//! These types are on users' disks: members are added with a default, never renamed.

use serde::{Deserialize, Serialize};

use crate::tags::Tag;

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "identity", rename_all = "kebab-case")]
pub enum IdentityChange {
    /// A user is created.
    UserCreated(NewNamed),
    /// A user gets another name or path.
    UserRenamed(Renamed),
    /// A user is deleted.
    UserDeleted {
        /// The user's name.
        user: String,
    },
    /// A user gets a permissions boundary.
    UserBoundarySet {
        /// The user's name.
        user: String,
        /// The ARN of the managed policy.
        arn: String,
    },
    /// A user's permissions boundary is removed.
    UserBoundaryRemoved {
        /// The user's name.
        user: String,
    },
    /// A group is created.
    GroupCreated(NewNamed),
    /// A group gets another name or path.
    GroupRenamed(Renamed),
    /// A group is deleted.
    GroupDeleted {
        /// The group's name.
        group: String,
    },
    /// A user joins a group.
    MemberAdded {
        /// The group's name.
        group: String,
        /// The user's name.
        user: String,
    },
    /// A user leaves a group.
    MemberRemoved {
        /// The group's name.
        group: String,
        /// The user's name.
        user: String,
    },
    /// An access key is created.
    KeyCreated {
        /// The user's name.
        user: String,
        /// The access key's id.
        access_key: String,
    },
    /// An access key is switched on or off.
    KeySet {
        /// The access key's id.
        access_key: String,
        /// Whether it can be used.
        active: bool,
    },
    /// An access key is deleted.
    KeyDeleted {
        /// The access key's id.
        access_key: String,
    },
    /// A user's own policies change.
    UserPolicies {
        /// The user's name.
        user: String,
        /// What changes.
        what: OwnPolicyChange,
    },
    /// A group's own policies change.
    GroupPolicies {
        /// The group's name.
        group: String,
        /// What changes.
        what: OwnPolicyChange,
    },
    /// An instance profile is created.
    ProfileCreated(NewNamed),
    /// An instance profile is deleted.
    ProfileDeleted {
        /// The instance profile's name.
        profile: String,
    },
    /// An instance profile gets a role, or loses it.
    ProfileRoleSet {
        /// The instance profile's name.
        profile: String,
        /// The role's name; none where it is taken out.
        role: Option<String>,
    },
    /// The account's alias is set or deleted.
    AliasSet {
        /// The alias; none where it is deleted.
        alias: Option<String>,
    },
    /// The account's password policy is set or deleted.
    PasswordPolicySet {
        /// The policy; none where it is deleted.
        policy: Option<PasswordPolicy>,
    },
    /// It is set where the tokens of STS's global endpoint are valid.
    TokensWidened {
        /// Whether they are valid in all regions.
        all_regions: bool,
    },
}

/// What an account asks of its users' passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    /// The fewest characters.
    pub minimum_length: i64,
    /// Whether one must be a symbol.
    pub symbols: bool,
    /// Whether one must be a digit.
    pub numbers: bool,
    /// Whether one must be an uppercase letter.
    pub uppercase: bool,
    /// Whether one must be a lowercase letter.
    pub lowercase: bool,
    /// Whether users may change their own.
    pub users_may_change: bool,
    /// The days after which one expires; none where none does.
    pub max_age: Option<i64>,
    /// How many of the ones before may not be used again.
    pub reuse_prevention: Option<i64>,
    /// Whether an administrator has to set a new one after that.
    pub hard_expiry: bool,
}

/// A change of the policies that a user, a group or a role has of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "policies", rename_all = "kebab-case")]
pub enum OwnPolicyChange {
    /// An inline policy is set.
    InlineSet {
        /// The policy's name.
        name: String,
        /// The policy document's text.
        document: String,
    },
    /// An inline policy is deleted.
    InlineDeleted {
        /// The policy's name.
        name: String,
    },
    /// A managed policy is attached.
    Attached {
        /// The ARN of the managed policy.
        arn: String,
    },
    /// A managed policy is detached.
    Detached {
        /// The ARN of the managed policy.
        arn: String,
    },
}

/// A user, a group or an instance profile as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewNamed {
    /// Its name.
    pub name: String,
    /// Its path, with both slashes.
    pub path: String,
    /// Its id.
    pub id: String,
    /// The ARN of its permissions boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

/// Another name and path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Renamed {
    /// The name that it had.
    pub from: String,
    /// The name that it gets.
    pub name: String,
    /// The path that it gets, with both slashes.
    pub path: String,
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
            IdentityChange::PasswordPolicySet { policy: Some(password_policy()) },
            IdentityChange::PasswordPolicySet { policy: None },
        ];
        for change in users.chain(groups).chain(others).map(Change::Identity) {
            let text = serde_json::to_string(&change).unwrap();
            assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change, "{text}");
        }
    }
    fn password_policy() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 12,
            symbols: true,
            numbers: false,
            uppercase: false,
            lowercase: true,
            users_may_change: true,
            max_age: Some(90),
            reuse_prevention: None,
            hard_expiry: false,
        }
    }
}
