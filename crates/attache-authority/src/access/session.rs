//! A session of a role: what its token carries.

use attache_identifiers::{AccountId, RoleArn, Secret};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use attache_ledger::LedgerError;
use attache_ledger::MasterKey;
use attache_ledger::Tag;

/// A session of a role, from the moment it is assumed until it expires.
///
/// It is kept nowhere but in its own token, encrypted. The names are short because every call
/// carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    #[serde(rename = "k")]
    pub(crate) access_key: String,
    /// Makes the secret another for each session.
    #[serde(rename = "s")]
    pub(crate) salt: String,
    #[serde(rename = "r")]
    pub(crate) role: RoleArn,
    /// The role's unique id: a role that was deleted and created again is another.
    #[serde(rename = "i")]
    pub(crate) role_id: String,
    #[serde(rename = "n")]
    pub(crate) name: String,
    #[serde(rename = "b", with = "time::serde::timestamp")]
    pub(crate) began: OffsetDateTime,
    #[serde(rename = "e", with = "time::serde::timestamp")]
    pub(crate) expires: OffsetDateTime,
    /// The inline session policy's text, if any.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// ARNs of managed session policies.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) policy_arns: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<Tag>,
    /// Keys of the tags that pass on to the sessions that this one begins.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) transitive: Vec<String>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(crate) source_identity: Option<String>,
    /// The provider whose token began it; none where a caller assumed the role.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// Whether it is not valid in regions that an account has to ask for, as of one that was begun at
    /// the endpoint for all regions.
    #[serde(rename = "g", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) narrow: bool,
}

impl Session {
    /// The account that the session acts in.
    pub(crate) fn account(&self) -> AccountId {
        self.role.account()
    }

    /// `arn:aws:sts::…:assumed-role/Name/session`.
    pub(crate) fn arn(&self) -> String {
        self.role.session(&self.name)
    }

    /// `AROA…:session`.
    pub(crate) fn user_id(&self) -> String {
        format!("{}:{}", self.role_id, self.name)
    }

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
