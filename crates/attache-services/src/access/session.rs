//! A session of a role: what its token carries.

use attache_identifiers::{AccountId, RoleArn, Secret};
use attache_ledger::{LedgerError, MasterKey, Tag};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::scope::{self, SessionToken};

/// A session of a role, from the moment it is assumed until it expires.
///
/// It is kept nowhere but in its own token, encrypted. The names are short because every call
/// carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The access key's id: `ASIA…`.
    #[serde(rename = "k")]
    pub access_key: String,
    /// Makes the secret another for each session.
    #[serde(rename = "s")]
    pub salt: String,
    /// The role.
    #[serde(rename = "r")]
    pub role: RoleArn,
    /// The role's unique id: a role that was deleted and created again is another.
    #[serde(rename = "i")]
    pub role_id: String,
    /// The session's name.
    #[serde(rename = "n")]
    pub name: String,
    /// When it began.
    #[serde(rename = "b", with = "time::serde::timestamp")]
    pub began: OffsetDateTime,
    /// When it ends.
    #[serde(rename = "e", with = "time::serde::timestamp")]
    pub expires: OffsetDateTime,
    /// The inline session policy's text, if any.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// ARNs of managed session policies.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub policy_arns: Vec<String>,
    /// The session's tags.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// Keys of the tags that pass on to the sessions that this one begins.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub transitive: Vec<String>,
    /// The source identity, if it has one.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub source_identity: Option<String>,
    /// The provider whose token began it; none where a caller assumed the role.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// What is known of the token that began it; none where a caller assumed the role, and in sessions that
    /// began before it was kept.
    #[serde(rename = "j", default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SessionToken>,
    /// The policies that narrowed it since, in order: each must allow.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub scope_down: Vec<String>,
    /// Whether it is valid only in the regions that are enabled by default, as a session that was issued at
    /// the global endpoint is.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub region_scoped: bool,
}

impl Session {
    /// The account that the session acts in.
    pub fn account(&self) -> AccountId {
        self.role.account()
    }

    /// `arn:aws:sts::…:assumed-role/Name/session`.
    pub fn arn(&self) -> String {
        self.role.session(&self.name).to_string()
    }

    /// `AROA…:session`.
    pub fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.name)
    }

    /// The session's secret access key.
    pub fn secret(&self, key: &MasterKey) -> Secret {
        key.secret(&self.access_key, &self.salt)
    }

    /// The session token.
    pub fn seal(&self, key: &MasterKey) -> Result<Secret, LedgerError> {
        self.seal_at_least(key, 0)
    }

    /// The session token, of at least so many characters.
    pub fn seal_at_least(&self, key: &MasterKey, minimum: usize) -> Result<Secret, LedgerError> {
        scope::seal(self, key, minimum)
    }
}
