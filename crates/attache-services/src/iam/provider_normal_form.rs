//! The normal form of an OIDC provider: of its URL and its thumbprints.

use attache_aws_protocol::ServiceError;
use attache_identifiers::Issuer;

use super::limits;
use crate::refusal::{invalid_input, validation};

/// The issuer of a provider's URL, in IAM's normal form: without the port that https has anyway.
///
/// IAM refuses what is no URL of an issuer at all with one sentence, and what one must not have, such as
/// a query, with another.
pub(super) fn issuer(url: &str) -> Result<Issuer, ServiceError> {
    let none = || validation("Invalid Open ID Connect Provider URL");
    let rest = url.strip_prefix("https://").ok_or_else(none)?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = host.strip_suffix(":443").unwrap_or(host);
    if host.contains([':', '@']) || path.contains(['?', '#']) {
        return Err(invalid_input("Unknown"));
    }
    Issuer::parse(&format!("https://{host}{path}")).map_err(|_| none())
}

/// Thumbprints in IAM's normal form: small letters. One that is there twice stays so.
pub(super) fn thumbprints(thumbprints: Vec<String>) -> Result<Vec<String>, ServiceError> {
    if thumbprints.len() > limits::THUMBPRINTS {
        return Err(invalid_input("Thumbprint list must contain fewer than 5 entries."));
    }
    Ok(thumbprints.into_iter().map(|thumbprint| thumbprint.to_ascii_lowercase()).collect())
}
