//! Instance profiles: how EC2 is told a role.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::tags::Tags;

/// An instance profile, with the one role that it can hold.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    pub(crate) name: String,
    /// With both slashes.
    pub(crate) path: String,
    /// `AIPA…`.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: OffsetDateTime,
    /// The role's name.
    pub(crate) role: Option<String>,
    pub(crate) tags: Tags,
}
