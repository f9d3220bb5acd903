//! Instance profiles: how EC2 gets a role.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::tags::Tags;

/// An instance profile, with the one role that it can hold.
#[derive(Debug, Serialize, Deserialize)]
pub struct InstanceProfile {
    /// Its name.
    pub name: String,
    /// With both slashes.
    pub path: String,
    /// `AIPA…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// The role's name.
    pub role: Option<String>,
    /// Its tags.
    pub tags: Tags,
}
