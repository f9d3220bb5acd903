//! A session of a user: what `GetSessionToken` and `GetFederationToken` begin.

use attache_identifiers::{AccountId, Arn, Secret};
use attache_ledger::{LedgerError, MasterKey, PARTITION, Tag};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::scope;

/// A user's own permissions for a while, or those of a federated user who has some of them.
///
/// Kept in its own token alone, as a role's [`Session`](super::Session).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserSession {
    /// The access key's id: `ASIA…`.
    #[serde(rename = "k")]
    pub access_key: String,
    /// Makes the secret another for each session.
    #[serde(rename = "s")]
    pub salt: String,
    /// The user's account.
    #[serde(rename = "a")]
    pub account: AccountId,
    /// The user's unique id: it keeps it when it is renamed.
    #[serde(rename = "w")]
    pub user_id: String,
    /// When it began.
    #[serde(rename = "b", with = "time::serde::timestamp")]
    pub began: OffsetDateTime,
    /// When it ends.
    #[serde(rename = "e", with = "time::serde::timestamp")]
    pub expires: OffsetDateTime,
    /// The federated user, if it is a session of one.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub federated: Option<FederatedUser>,
    /// The policies that narrowed it since, in order: each must allow.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub scope_down: Vec<String>,
    /// Whether it is valid only in the regions that are enabled by default, as a session that was issued at
    /// the global endpoint is.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub region_scoped: bool,
}

/// A federated user, who acts with the permissions of an IAM user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FederatedUser {
    /// Its name.
    #[serde(rename = "n")]
    pub name: String,
    /// The inline session policy's text, if any.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// Its tags.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
}

impl UserSession {
    /// The session's secret access key.
    pub fn secret(&self, key: &MasterKey) -> Secret {
        key.secret(&self.access_key, &self.salt)
    }

    /// The session token, of at least so many characters.
    pub fn seal_at_least(&self, key: &MasterKey, minimum: usize) -> Result<Secret, LedgerError> {
        scope::seal(self, key, minimum)
    }
}

impl FederatedUser {
    /// `arn:aws:sts::…:federated-user/Name`.
    pub fn arn(&self, account: AccountId) -> Arn {
        Arn::federated_user(PARTITION, account, &self.name)
    }
}
