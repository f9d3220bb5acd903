//! An OIDC provider.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::tags::Tags;

/// An OIDC provider: an issuer that an account believes, for some audiences.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Provider {
    pub(crate) arn: String,
    /// The issuer's URL without `https://`.
    pub(crate) url: String,
    /// The audiences that its tokens may be for.
    pub(crate) client_ids: Vec<String>,
    pub(crate) thumbprints: Vec<String>,
    pub(crate) created: OffsetDateTime,
    pub(crate) tags: Tags,
}
