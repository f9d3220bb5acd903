//! The changes that the state is built from.
//!
//! These types are on users' disks: members are added with a default, never renamed.

mod admin;
mod eks;
mod identity;
mod identity_propagation;
mod organization;

use serde::{Deserialize, Serialize};

use crate::tags::{Tag, TagKeys};

pub use admin::AdminChange;
pub use eks::{AssociationSettings, ClusterChange, EksChange, NewAssociation, WorkloadIdentity};
pub use identity::{IdentityChange, NewNamed, OwnPolicyChange, PasswordPolicy, Renamed};
pub use identity_propagation::{ContextProvider, IdentityPropagation, KeyDefinition};
pub use organization::{NewAccount, OrganizationChange, PolicyType};

/// One change of one account, which is the event's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// The account is there from now on, with its administrator.
    AccountOpened {
        /// The administrator's unique id.
        user_id: String,
        /// The id of the administrator's access key.
        access_key: String,
    },
    /// An OIDC provider is created.
    ProviderCreated {
        /// The issuer's URL without `https://`.
        url: String,
        /// The audiences that it accepts.
        client_ids: Vec<String>,
        /// The thumbprints of the issuer's certificates.
        thumbprints: Vec<String>,
        /// Its tags.
        tags: Vec<Tag>,
        /// How it takes part in trusted identity propagation.
        #[serde(default)]
        propagation: IdentityPropagation,
    },
    /// An OIDC provider is deleted.
    ProviderDeleted {
        /// The issuer's URL without `https://`.
        url: String,
    },
    /// An OIDC provider accepts another audience.
    ClientIdAdded {
        /// The issuer's URL without `https://`.
        url: String,
        /// The audience.
        client_id: String,
    },
    /// An OIDC provider accepts an audience no longer.
    ClientIdRemoved {
        /// The issuer's URL without `https://`.
        url: String,
        /// The audience.
        client_id: String,
    },
    /// An OIDC provider's thumbprints are replaced.
    ThumbprintsSet {
        /// The issuer's URL without `https://`.
        url: String,
        /// The thumbprints that take the place of the others.
        thumbprints: Vec<String>,
    },
    /// It is set how an OIDC provider takes part in trusted identity propagation.
    IdentityPropagationSet {
        /// The issuer's URL without `https://`.
        url: String,
        /// What takes the place of what there was.
        propagation: IdentityPropagation,
    },
    /// A role is created.
    RoleCreated(NewRole),
    /// A role's description or longest session changes; what is none stays.
    RoleUpdated {
        /// The role's name.
        role: String,
        /// Its new description.
        description: Option<String>,
        /// The most seconds of its sessions from now on.
        max_session: Option<i64>,
    },
    /// A role's trust policy is replaced.
    TrustSet {
        /// The role's name.
        role: String,
        /// The text of the trust policy.
        document: String,
    },
    /// A role is deleted.
    RoleDeleted {
        /// The role's name.
        role: String,
        /// The id of the task that deleted it, of a service-linked role alone.
        #[serde(default)]
        task: Option<String>,
    },
    /// An inline policy of a role is set.
    InlinePolicySet {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
        /// The policy document's text.
        document: String,
    },
    /// An inline policy of a role is deleted.
    InlinePolicyDeleted {
        /// The role's name.
        role: String,
        /// The policy's name.
        name: String,
    },
    /// A policy is attached.
    PolicyAttached {
        /// The role's name.
        role: String,
        /// The policy's ARN.
        arn: String,
    },
    /// A policy is detached.
    PolicyDetached {
        /// The role's name.
        role: String,
        /// The policy's ARN.
        arn: String,
    },
    /// A role gets a permissions boundary.
    BoundarySet {
        /// The role's name.
        role: String,
        /// The ARN of the managed policy.
        arn: String,
    },
    /// A role's permissions boundary is removed.
    BoundaryRemoved {
        /// The role's name.
        role: String,
    },
    /// A policy is created.
    PolicyCreated(NewPolicy),
    /// A managed policy gets another version.
    PolicyVersionCreated {
        /// The policy's ARN.
        arn: String,
        /// The policy document's text.
        document: String,
        /// Whether it becomes the version that counts.
        default: bool,
    },
    /// A version of a managed policy is deleted.
    PolicyVersionDeleted {
        /// The policy's ARN.
        arn: String,
        /// The version's number.
        version: u32,
    },
    /// Another version of a managed policy counts.
    PolicyDefaultSet {
        /// The policy's ARN.
        arn: String,
        /// The version's number.
        version: u32,
    },
    /// A policy is deleted.
    PolicyDeleted {
        /// The policy's ARN.
        arn: String,
    },
    /// Tags are set, in place of those with the same keys.
    Tagged {
        /// What carries the tags.
        on: Tagged,
        /// The tags that are set.
        tags: Vec<Tag>,
        /// Which keys are one.
        #[serde(default)]
        compared: TagKeys,
    },
    /// Tags are removed.
    Untagged {
        /// What carries the tags.
        on: Tagged,
        /// The keys of the tags that go.
        keys: Vec<String>,
        /// Which keys are one.
        #[serde(default)]
        compared: TagKeys,
    },
    /// Of its users, groups, access keys and instance profiles.
    Identity(IdentityChange),
    /// Of one of the account's clusters.
    Eks(EksChange),
    /// Of all accounts at once.
    Whole(AdminChange),
    /// Of the organization that the account is in.
    Organization(OrganizationChange),
}

impl From<IdentityChange> for Change {
    fn from(change: IdentityChange) -> Self {
        Self::Identity(change)
    }
}

impl From<EksChange> for Change {
    fn from(change: EksChange) -> Self {
        Self::Eks(change)
    }
}

impl From<OrganizationChange> for Change {
    fn from(change: OrganizationChange) -> Self {
        Self::Organization(change)
    }
}

/// A role as it is created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRole {
    /// Its name.
    pub name: String,
    /// Its path, with both slashes.
    pub path: String,
    /// Its id.
    pub id: String,
    /// The text of its trust policy.
    pub document: String,
    /// Its description.
    pub description: Option<String>,
    /// Seconds.
    pub max_session: i64,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// The ARNs of the managed policies that it has from the first, as a service's own role.
    #[serde(default)]
    pub attached: Vec<String>,
}

/// A customer's managed policy as it is created, with its first version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewPolicy {
    /// Its name.
    pub name: String,
    /// Its path, with both slashes.
    pub path: String,
    /// Its id.
    pub id: String,
    /// The text of its first version.
    pub document: String,
    /// Its description.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

/// What carries tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tagged {
    /// An OIDC provider, by its issuer's URL without `https://`.
    Provider(String),
    /// A role, by name.
    Role(String),
    /// A user, by name.
    User(String),
    /// An instance profile, by name.
    Profile(String),
    /// By ARN.
    Policy(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_an_earlier_version_is_what_it_was() {
        let url = || "issuer.example".to_owned();
        for (text, wanted) in [
            (
                r#"{"change":"role-deleted","role":"R"}"#,
                Change::RoleDeleted { role: "R".to_owned(), task: None },
            ),
            (
                r#"{"change":"tagged","on":{"provider":"issuer.example"},"tags":[]}"#,
                Change::Tagged {
                    on: Tagged::Provider(url()),
                    tags: Vec::new(),
                    compared: TagKeys::AnyCase,
                },
            ),
            (
                r#"{"change":"untagged","on":{"provider":"issuer.example"},"keys":[]}"#,
                Change::Untagged {
                    on: Tagged::Provider(url()),
                    keys: Vec::new(),
                    compared: TagKeys::AnyCase,
                },
            ),
            (
                r#"{"change":"provider-created","url":"issuer.example","client_ids":[],
                    "thumbprints":[],"tags":[]}"#,
                Change::ProviderCreated {
                    url: url(),
                    client_ids: Vec::new(),
                    thumbprints: Vec::new(),
                    tags: Vec::new(),
                    propagation: IdentityPropagation::default(),
                },
            ),
        ] {
            assert_eq!(serde_json::from_str::<Change>(text).unwrap(), wanted, "{text}");
        }
    }
}
