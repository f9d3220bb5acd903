//! What a session token carries.

use attache_identifiers::{Region, Secret};
use attache_ledger::MasterKey;
use attache_services::access::{Session, UserSession};
use serde::Deserialize;
use time::OffsetDateTime;

/// The session of a role or of a user.
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

    /// Whether it counts in a region. The name that clients have for a global endpoint is none.
    pub(super) fn is_valid_in(&self, region: &str) -> bool {
        let region_scoped = match self {
            Self::Role(session) => session.region_scoped,
            Self::User(session) => session.region_scoped,
        };
        !(region_scoped && Region::parse(region).is_ok_and(|region| region.is_opt_in()))
    }

    pub(super) fn secret(&self, key: &MasterKey) -> Secret {
        match self {
            Self::Role(session) => session.secret(key),
            Self::User(session) => session.secret(key),
        }
    }
}
