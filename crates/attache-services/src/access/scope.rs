//! What narrows a session after it began, and what its token is made of.

use attache_identifiers::Secret;
use attache_ledger::{LedgerError, MasterKey};
use serde::{Deserialize, Serialize};

/// What is known of the token that began a web identity's session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionToken {
    /// Its subject.
    #[serde(rename = "s")]
    pub subject: String,
    /// The audience that counted.
    #[serde(rename = "a")]
    pub audience: String,
    /// Its `amr`.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}

/// Seals what a session token carries, in at least so many characters: it is filled with white space, which
/// its reader passes over.
pub(super) fn seal(
    carried: &impl Serialize,
    key: &MasterKey,
    minimum: usize,
) -> Result<Secret, LedgerError> {
    let mut plain = serde_json::to_vec(carried).map_err(|_| LedgerError::Randomness)?;
    let token = key.seal(&plain)?;
    // Base64 writes three bytes in four characters.
    let missing = minimum.div_ceil(4).saturating_sub(token.expose().len() / 4);
    if missing == 0 {
        return Ok(token);
    }
    plain.resize(plain.len() + 3 * missing, b' ');
    key.seal(&plain)
}
