//! An OIDC provider.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::change::IdentityPropagation;
use crate::tags::Tags;

/// An OIDC provider: an issuer that an account believes, for some audiences.
#[derive(Debug, Serialize, Deserialize)]
pub struct Provider {
    /// Its ARN.
    pub arn: String,
    /// The issuer's URL without `https://`.
    pub url: String,
    /// The audiences that its tokens may be for.
    pub client_ids: Vec<String>,
    /// The thumbprints of the issuer's certificates.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: OffsetDateTime,
    /// Its tags.
    pub tags: Tags,
    /// How it takes part in trusted identity propagation.
    #[serde(default)]
    pub propagation: IdentityPropagation,
}
