//! Users, their groups and their access keys.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::OwnPolicies;
use crate::tags::Tags;

/// A user.
#[derive(Debug, Serialize, Deserialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// With both slashes.
    pub path: String,
    /// `AIDA…`: another after it was deleted and created again.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// Its inline and attached policies.
    pub policies: OwnPolicies,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
    /// Names of its groups.
    pub groups: BTreeSet<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A group of users.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// With both slashes.
    pub path: String,
    /// `AGPA…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: OffsetDateTime,
    /// Its inline and attached policies.
    pub policies: OwnPolicies,
}

/// A user's access key. Its secret is derived when it is needed.
#[derive(Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// The user's name.
    pub user: String,
    /// Whether it can be used.
    pub active: bool,
    /// When it was made.
    pub created: OffsetDateTime,
}
