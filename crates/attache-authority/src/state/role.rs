//! A role.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Document, OwnPolicies};
use crate::tags::Tags;

/// A role, with all that decides what its sessions may do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    /// With both slashes.
    pub(crate) path: String,
    /// `AROA…`: another after it was deleted and created again.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) description: Option<String>,
    /// Seconds.
    pub(crate) max_session: i64,
    pub(crate) trust: Document,
    pub(crate) policies: OwnPolicies,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Tags,
}
