//! Why a change does not fit the state, and why a snapshot cannot be written or read.

use std::fmt;

use attache_identifiers::AccountId;
use attache_policy::Invalid;

/// Why a change could not be applied to the state. Changes are checked before they become events, so
/// only a journal that was tampered with, or a fault of this program, brings one of these about.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The event has a change and names no account.
    #[error("it names no account to change")]
    NoAccountNamed,
    /// The account to change does not exist.
    #[error("there is no account {0}")]
    NoAccount(AccountId),
    /// An account that exists is opened or created.
    #[error("the account {0} exists already")]
    AccountExists(AccountId),
    /// An account that is in an organization makes one.
    #[error("the account {0} is in an organization already")]
    InOrganization(AccountId),
    /// A change of an organization comes from an account that is in none.
    #[error("the account {0} is in no organization")]
    InNoOrganization(AccountId),
    /// What is to be changed or deleted does not exist.
    #[error("there is no {kind} {name}")]
    Missing {
        /// What it is.
        kind: ResourceKind,
        /// Its name, id or ARN.
        name: String,
    },
    /// What is to be created exists.
    #[error("the {kind} {name} exists already")]
    Exists {
        /// What it is.
        kind: ResourceKind,
        /// Its name.
        name: String,
    },
    /// A change that is no change of what it was handed to.
    #[error("the change is not one that {0} can have")]
    Misdirected(ResourceKind),
    /// A policy document is not valid.
    #[error("the policy document of {of} is not valid")]
    Document {
        /// The ARN that the document belongs to, with the name of an inline policy.
        of: String,
        /// Why not.
        source: Invalid,
    },
    /// The state could not be saved, or a saved one not restored.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

/// What a change is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// An IAM role.
    Role,
    /// An IAM user.
    User,
    /// An IAM group.
    Group,
    /// An access key.
    AccessKey,
    /// An instance profile.
    InstanceProfile,
    /// An OIDC provider.
    Provider,
    /// A managed policy, or one of an organization.
    Policy,
    /// An inline policy.
    InlinePolicy,
    /// An EKS cluster.
    Cluster,
    /// A pod identity association.
    Association,
    /// An organizational unit.
    Unit,
    /// A member of an organization.
    Member,
    /// A root, unit or account that policies are attached to.
    Target,
    /// A state that was saved by name.
    Snapshot,
    /// An account as a whole.
    Account,
    /// An organization as a whole.
    Organization,
}

/// Why the state could not be written as JSON, or not be read from it.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It could not be written.
    #[error("the state could not be written as JSON")]
    Write(#[source] serde_json::Error),
    /// It could not be read.
    #[error("the snapshot could not be read")]
    Read(#[source] serde_json::Error),
}

impl ResourceKind {
    /// The error of a change to one that does not exist.
    pub(super) fn missing(self, name: &str) -> ApplyError {
        ApplyError::Missing { kind: self, name: name.to_owned() }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
            Self::AccessKey => "access key",
            Self::InstanceProfile => "instance profile",
            Self::Provider => "OIDC provider",
            Self::Policy => "policy",
            Self::InlinePolicy => "inline policy",
            Self::Cluster => "cluster",
            Self::Association => "pod identity association",
            Self::Unit => "organizational unit",
            Self::Member => "member account",
            Self::Target => "root, organizational unit or account",
            Self::Snapshot => "snapshot",
            Self::Account => "account",
            Self::Organization => "organization",
        })
    }
}
