//! A role.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Document, OwnPolicies};
use crate::tags::Tags;

/// A role, with all that decides what its sessions may do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// With both slashes.
    pub path: String,
    /// `AROA…`: another after it was deleted and created again.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// Its description.
    pub description: Option<String>,
    /// Seconds.
    pub max_session: i64,
    /// Its trust policy.
    pub trust: Document,
    /// Its inline and attached policies.
    pub policies: OwnPolicies,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}
