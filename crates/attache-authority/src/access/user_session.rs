//! A session of a user: what `GetSessionToken` and `GetFederationToken` begin.

use attache_identifiers::{AccountId, Secret};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::Session;
use super::regions::is_opt_in;
use attache_ledger::LedgerError;
use attache_ledger::MasterKey;
use attache_ledger::Tag;

/// A user's own permissions for a while, or those of a federated user who has some of them.
///
/// Kept in its own token alone, as a role's [`Session`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct UserSession {
    #[serde(rename = "k")]
    pub(crate) access_key: String,
    /// Makes the secret another for each session.
    #[serde(rename = "s")]
    pub(crate) salt: String,
    #[serde(rename = "a")]
    pub(crate) account: AccountId,
    /// The user's unique id: it keeps it when it is renamed.
    #[serde(rename = "w")]
    pub(crate) user_id: String,
    #[serde(rename = "b", with = "time::serde::timestamp")]
    pub(crate) began: OffsetDateTime,
    #[serde(rename = "e", with = "time::serde::timestamp")]
    pub(crate) expires: OffsetDateTime,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) federated: Option<FederatedUser>,
    /// Whether it is not valid in regions that an account has to ask for, as of one that was begun at
    /// the endpoint for all regions.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) narrow: bool,
}

/// Who acts for the user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FederatedUser {
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// The inline session policy's text, if any.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// ARNs of managed session policies.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) policy_arns: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
}

impl UserSession {
    /// The session's secret access key.
    pub(crate) fn secret(&self, key: &MasterKey) -> Secret {
        key.secret(&self.access_key, &self.salt)
    }

    /// The session token.
    pub(crate) fn seal(&self, key: &MasterKey) -> Result<Secret, LedgerError> {
        let plain = serde_json::to_vec(self).map_err(|_| LedgerError::Randomness)?;
        key.seal(&plain)
    }
}

impl FederatedUser {
    /// `arn:aws:sts::…:federated-user/Name`.
    pub(crate) fn arn(&self, account: AccountId) -> String {
        format!("arn:aws:sts::{account}:federated-user/{}", self.name)
    }
}

/// What a session token carries.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Sealed {
    Role(Box<Session>),
    User(Box<UserSession>),
}

impl Sealed {
    /// Reads a session token; none where it is not one of ours.
    pub(super) fn open(token: &Secret, key: &MasterKey) -> Option<Self> {
        serde_json::from_slice(&key.open(token)?).ok()
    }

    pub(super) fn access_key(&self) -> &str {
        match self {
            Self::Role(session) => &session.access_key,
            Self::User(session) => &session.access_key,
        }
    }

    pub(super) fn began(&self) -> OffsetDateTime {
        match self {
            Self::Role(session) => session.began,
            Self::User(session) => session.began,
        }
    }

    pub(super) fn expires(&self) -> OffsetDateTime {
        match self {
            Self::Role(session) => session.expires,
            Self::User(session) => session.expires,
        }
    }

    /// Whether it counts in a region.
    pub(super) fn is_valid_in(&self, region: &str) -> bool {
        let narrow = match self {
            Self::Role(session) => session.narrow,
            Self::User(session) => session.narrow,
        };
        !(narrow && is_opt_in(region))
    }

    pub(super) fn secret(&self, key: &MasterKey) -> Secret {
        match self {
            Self::Role(session) => session.secret(key),
            Self::User(session) => session.secret(key),
        }
    }
}
