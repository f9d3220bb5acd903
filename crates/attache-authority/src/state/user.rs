//! Users, their groups and their access keys.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::OwnPolicies;
use crate::tags::Tags;

/// A user.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    /// With both slashes.
    pub(crate) path: String,
    /// `AIDA…`: another after it was deleted and created again.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) policies: OwnPolicies,
    pub(crate) boundary: Option<String>,
    /// Names of its groups.
    pub(crate) groups: BTreeSet<String>,
    pub(crate) tags: Tags,
}

/// A group of users.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    /// With both slashes.
    pub(crate) path: String,
    /// `AGPA…`.
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) created: OffsetDateTime,
    pub(crate) policies: OwnPolicies,
}

/// A user's access key. Its secret is derived when it is needed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    /// The user's name.
    pub(crate) user: String,
    pub(crate) active: bool,
    pub(crate) created: OffsetDateTime,
}
